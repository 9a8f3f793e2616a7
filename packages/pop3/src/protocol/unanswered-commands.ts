import { WrongStateError } from "../errors/usage.ts";
import type { Command } from "./command.ts";
import { type EncodedCommand, encodeSecret } from "./encoded-command.ts";
import { type ExpectedReply, expectedReply } from "./expected-reply.ts";
import { Queue } from "./queue.ts";
import type { State } from "./verbs.ts";

/** The commands whose reply has not begun, in order, and the secrets that the server may still repeat. */
export class UnansweredCommands {
  readonly #expected = new Queue<ExpectedReply>();
  #answered = 0;
  /** The secrets of the last login. */
  #secrets: readonly string[] = [];

  constructor() {
    this.#expected.push(expectedReply("GREETING", null));
  }

  get length(): number {
    return this.#expected.length;
  }

  /** Replies that have begun, the greeting among them. */
  get answered(): number {
    return this.#answered;
  }

  /** All commands so far, answered or not; the greeting counts as one's answer. */
  get sent(): number {
    return this.#answered + this.#expected.length;
  }

  /** The reply that the oldest unanswered command will have, if that is one of the first `sent` commands. */
  oldest(sent: number): ExpectedReply | undefined {
    return this.#answered < sent ? this.#expected.peek() : undefined;
  }

  /** The secrets that are masked in this reply, or, if none is due, in what the server says unasked. */
  secretsOf(oldest: ExpectedReply | undefined): readonly string[] {
    return oldest === undefined ? this.#secrets : oldest.secrets;
  }

  /** To be called when the reply to the oldest command has begun. */
  answer(): void {
    this.#expected.shift();
    this.#answered++;
  }

  /** Adds a command and encodes it. Throws WrongStateError where it has no place in this state of the session. */
  send(command: Command, state: State): EncodedCommand {
    const expected = expectedReply(command.verb, command.argument);
    const { verb, rule } = expected;
    const oldest = this.#expected.peek();
    if (!rule.states.includes(state)) throw new WrongStateError(`${verb} has no place in ${state}`);
    if (oldest !== undefined && (rule.alone === true || oldest.rule.alone === true))
      throw new WrongStateError(`${verb} is not sent while ${oldest.verb} is unanswered`);
    if (rule.shownWords !== null) return this.#sendSecret(command, expected, rule.shownWords);
    this.#expected.push(expected);
    const octets = command.argument === null ? `${verb}\r\n` : `${verb} ${command.argument}\r\n`;
    return { octets, shown: octets };
  }

  #sendSecret(command: Command, usual: ExpectedReply, shownWords: number): EncodedCommand {
    // In the middle of a SASL exchange the server may also repeat what went before.
    const earlier = usual.rule.bare === true ? this.#secrets : [];
    const { encoded, expected } = encodeSecret(command, usual, shownWords, earlier);
    this.#expected.push(expected);
    this.#secrets = expected.secrets;
    return encoded;
  }
}
