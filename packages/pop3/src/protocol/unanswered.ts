import { WrongStateError } from "../errors/usage.ts";
import type { Command } from "./command.ts";
import { type Expected, expectedOf } from "./expected.ts";
import { Queue } from "./queue.ts";
import { type Sent, sendSecret } from "./sent.ts";
import type { State } from "./verbs.ts";

/** The commands whose reply has not begun, in order; and the secrets that the server may still repeat. */
export class Unanswered {
  readonly #expected = new Queue<Expected>();
  #answered = 0;
  /** Those of the last login. */
  #secrets: readonly string[] = [];

  constructor() {
    this.#expected.push(expectedOf("GREETING", null));
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

  /** The oldest, if it was among the first `sent` commands. */
  oldest(sent: number): Expected | undefined {
    return this.#answered < sent ? this.#expected.peek() : undefined;
  }

  /** What its reply must not repeat; where none is due (undefined), what nobody has asked for. */
  secretsOf(oldest: Expected | undefined): readonly string[] {
    return oldest === undefined ? this.#secrets : oldest.secrets;
  }

  /** The reply to the oldest has begun. */
  answer(): void {
    this.#expected.shift();
    this.#answered++;
  }

  /** Adds one, where the state allows it. Throws WrongStateError. */
  send(command: Command, state: State): Sent {
    const expected = expectedOf(command.verb, command.argument);
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

  #sendSecret(command: Command, usual: Expected, shownWords: number): Sent {
    // In the middle of a SASL exchange also what went before.
    const earlier = usual.rule.bare === true ? this.#secrets : [];
    const { sent, expected } = sendSecret(command, usual, shownWords, earlier);
    this.#expected.push(expected);
    this.#secrets = expected.secrets;
    return sent;
  }
}
