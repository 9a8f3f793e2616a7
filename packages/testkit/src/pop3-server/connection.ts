import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { carryOut } from "./commands.ts";
import { type Fault, type FaultCounter, prevents } from "./faults.ts";
import { LineInput } from "./line-input.ts";
import { ConnectionGone, Output } from "./output.ts";
import { type Reply, statusLine } from "./reply.ts";
import { behaviourOf, type Outcome, type SessionState } from "./session-state.ts";
import type { upgradeToTls } from "./tls.ts";
import { type SessionRecord, type Transcript, verbOf, withoutSecret } from "./transcript.ts";

const blockOctets = 64 * 1024;
const dripMs = 50;

/** What a connection needs of its server. */
export interface ConnectionOptions {
  readonly socket: Socket;
  /** Sets up TLS over the socket. */
  readonly upgrade: (socket: Socket) => ReturnType<typeof upgradeToTls>;
  /** TLS from the first octet. */
  readonly implicitTls: boolean;
  readonly greeting: string;
  readonly faults: FaultCounter;
  readonly session: SessionState;
  readonly record: SessionRecord;
  readonly transcript: Transcript;
  readonly trickle: (() => number) | undefined;
  /** Told the stream that replies go out on, first and after each change. */
  readonly speaksOn: (stream: Duplex) => void;
}

/** Serves one client from greeting to end; never rejects. */
export async function serve(options: ConnectionOptions): Promise<void> {
  const connection = new Connection(options);
  try {
    await connection.serve();
  } catch (error) {
    if (!(error instanceof ConnectionGone)) throw error;
  } finally {
    connection.ended();
  }
}

class Connection {
  readonly #options: ConnectionOptions;
  readonly #session: SessionState;
  readonly #record: SessionRecord;
  readonly #input = new LineInput();
  readonly #output: Output;
  #stream: Duplex;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#session = options.session;
    this.#record = options.record;
    this.#stream = options.socket;
    this.#output = new Output(options.socket, options.trickle);
    options.speaksOn(options.socket);
  }

  async serve(): Promise<void> {
    const { faults, greeting, implicitTls, transcript } = this.#options;
    if (implicitTls) await this.#startTls();
    else this.#input.attach(this.#stream);
    await this.#send(statusLine(greeting, behaviourOf(this.#session).lineEnd), faults.next("GREETING"));
    for (;;) {
      if (this.#input.waiting === 0) await this.#output.flush();
      const line = await this.#input.next();
      if (line === undefined) return;
      const waiting = this.#input.waiting + 1;
      if (waiting > this.#record.deepestPipeline) this.#record.deepestPipeline = waiting;
      await this.#command(line);
      transcript.changed();
      if (this.#record.ended !== "open") return;
    }
  }

  /** To be called once when `serve` has settled. */
  ended(): void {
    const { socket, transcript } = this.#options;
    const { account, inUse } = this.#session;
    const index = account === undefined ? -1 : inUse.indexOf(account.maildrop);
    if (index >= 0) inUse.splice(index, 1);
    if (this.#record.ended === "open") this.#record.ended = "by client";
    if (this.#record.ended === "by client") socket.destroy();
    transcript.changed();
  }

  async #command(line: string): Promise<void> {
    const verb = verbOf(line);
    const space = line.indexOf(" ");
    const text = space < 0 ? "" : line.slice(space + 1);
    this.#record.commands.push(withoutSecret(line));
    if (verb === "QUIT") this.#record.quit = true;
    this.#options.transcript.changed();
    this.#dropPipelined(verb);
    const fault = this.#options.faults.next(verb, /^\d+/.test(text) ? Number.parseInt(text, 10) : undefined);
    if (fault !== undefined && prevents(fault)) {
      await this.#send([], fault);
      return;
    }
    let outcome = carryOut(this.#session, verb, text);
    this.#note();
    await this.#finish(outcome, fault);
    while (outcome.continueWith !== undefined && this.#record.ended === "open") {
      await this.#output.flush();
      const answer = await this.#input.next();
      if (answer === undefined) return;
      this.#record.commands.push("***");
      outcome = outcome.continueWith(answer);
      this.#note();
      await this.#finish(outcome, undefined);
    }
  }

  #note(): void {
    this.#record.user = this.#session.user ?? this.#record.user;
    this.#record.loggedIn = this.#session.state === "transaction";
  }

  #dropPipelined(verb: string): void {
    const { pipelining } = behaviourOf(this.#session);
    if (pipelining === "broken" || (pipelining === "broken after PASS" && verb === "PASS"))
      this.#input.drop();
  }

  async #finish(outcome: Outcome, fault: Fault | undefined): Promise<void> {
    const whole = await this.#send(outcome.reply, fault);
    if (outcome.retrieves !== undefined && whole) {
      const { message, messageNumber } = outcome.retrieves;
      message.retrievals += 1;
      this.#session.retrieved.add(message);
      this.#record.retrieved.push(messageNumber);
      this.#record.retrievedMessages.push(message);
    }
    if (this.#record.ended !== "open") return;
    if (outcome.after === "tls") {
      await this.#output.flush();
      this.#record.plaintextAfterStls = this.#input.detach();
      await this.#startTls();
    }
    if (outcome.after === "end") await this.#close("quit");
  }

  async #startTls(): Promise<void> {
    const secured = await this.#options.upgrade(this.#options.socket);
    this.#stream = secured;
    this.#options.speaksOn(secured);
    this.#output.attach(secured);
    this.#input.attach(secured);
    this.#session.tls = true;
    this.#record.tls = true;
  }

  /** @returns whether the whole reply was sent. */
  async #send(reply: Reply, fault: Fault | undefined): Promise<boolean> {
    let room =
      fault === undefined ? Infinity : (fault.at.afterOctets ?? (fault.do === "insert" ? Infinity : 0));
    let pending = fault;
    let overwritten = 0;
    for (const piece of reply) {
      const octets = piece.subarray(overwritten);
      overwritten -= piece.length - octets.length;
      if (pending === undefined || octets.length <= room) {
        room -= octets.length;
        await this.#put(octets);
        continue;
      }
      await this.#put(octets.subarray(0, room));
      const goesOn = await this.#strike(pending);
      if (pending.do === "overwrite") overwritten = pending.octets.length;
      pending = undefined;
      if (!goesOn) return false;
      const rest = octets.subarray(room);
      await this.#put(rest.subarray(overwritten));
      overwritten = Math.max(0, overwritten - rest.length);
    }
    if (pending !== undefined) await this.#strike(pending);
    return true;
  }

  async #put(octets: Uint8Array): Promise<void> {
    this.#record.octetsSent += octets.length;
    await this.#output.write(octets);
  }

  /** @returns whether the reply goes on. */
  async #strike(fault: Fault): Promise<boolean> {
    switch (fault.do) {
      case "truncate":
        return false;
      case "reply":
        await this.#put(
          Buffer.from(`${fault.text}${behaviourOf(this.#session).lineEnd ?? "\r\n"}`, "latin1"),
        );
        return false;
      case "garble":
      case "overwrite":
      case "insert":
        await this.#put(
          typeof fault.octets === "string" ? Buffer.from(fault.octets, "latin1") : fault.octets,
        );
        return fault.do !== "garble";
      case "endless": {
        const text = fault.octets ?? `${"x".repeat(78)}\r\n`;
        const block = Buffer.from(text.repeat(Math.ceil(blockOctets / text.length)), "latin1");
        // Ends when there is nobody left to write to.
        for (;;) await this.#put(block);
      }
      case "drip":
        for (;;) {
          await this.#put(Buffer.from("x"));
          await this.#output.flush();
          await delay(dripMs);
        }
      case "hold":
        await this.#output.flush();
        await fault.until();
        return true;
      case "stall":
        await this.#output.flush();
        this.#options.transcript.changed();
        await new Promise<void>((resolve) => this.#options.socket.once("close", resolve));
        throw new ConnectionGone();
      case "close":
        await this.#close("by fault");
        return false;
      case "reset":
        await this.#output.flush();
        this.#record.ended = "by fault";
        this.#options.socket.resetAndDestroy();
        throw new ConnectionGone();
    }
  }

  /** Ends this side and reads on, because closing with unread input would turn the end into a reset. */
  async #close(how: "quit" | "by fault"): Promise<void> {
    await this.#output.flush();
    this.#record.ended = how;
    this.#input.detach();
    this.#stream.end();
    this.#stream.resume();
  }
}
