import { checkRequests, checkWindow } from "../options/check-options.ts";
import type { StatusLine } from "../protocol/reply.ts";
import { end, type Step, Steps } from "../session/serial-iterator.ts";
import type { Session } from "../session/session.ts";
import type { MessageContent } from "./content.ts";
import { type Plan, type Sent, Window, type WindowOptions } from "./window.ts";

/** How one kind of request is asked and answered. */
export interface ReplyPlan<Request, Reply> extends Plan<Request> {
  answer(request: Request, status: StatusLine): Reply | Promise<Reply>;
  /** What of a reply is still to come; it is drained before the next reply. */
  content(reply: Reply): MessageContent | null;
}

const defaultOctets = 32 * 1024 * 1024;
const defaultCommands = 4096;

/**
 * One reply for each request, in their order. Left early, the session is closed without QUIT if replies are
 * outstanding; otherwise it stays usable.
 */
export class Pipeline<Request, Reply> extends Steps<Reply> {
  readonly #session: Session;
  readonly #requests: Iterable<Request> | AsyncIterable<Request>;
  readonly #plan: ReplyPlan<Request, Reply>;
  readonly #options: WindowOptions;
  readonly #room: { readonly octets: number; readonly commands: number };
  #window: Window<Request> | null = null;
  /** The message that was given last, until the next reply is asked for. */
  #given: Sent<Request> | null = null;
  #content: MessageContent | null = null;
  #replied: boolean = false;

  constructor(
    session: Session,
    requests: Iterable<Request> | AsyncIterable<Request>,
    plan: ReplyPlan<Request, Reply>,
    options: WindowOptions & { readonly pipelining: boolean },
  ) {
    super();
    this.#session = session;
    this.#requests = requests;
    this.#plan = plan;
    this.#options = options;
    const { windowOctets = defaultOctets, windowCommands = defaultCommands } = options;
    this.#room = { octets: windowOctets, commands: options.pipelining ? windowCommands : 1 };
  }

  protected step(): Step<Reply> | Promise<Step<Reply>> {
    const window = this.#window;
    if (window === null || this.#content?.ended === false) return this.#slowStep();
    this.#release(window);
    const status = this.#session.replies.takeStatus();
    const sent = status === null ? undefined : window.shift();
    return status === null || sent === undefined ? this.#slowStep() : this.#give(window, sent, status);
  }

  protected async leave(): Promise<void> {
    if (this.#window === null) return;
    this.#window.stop();
    const outstanding = this.#window.commandsInFlight - (this.#content?.ended === true ? 1 : 0);
    if (outstanding > 0) await this.#session.close();
    this.#session.endStream();
  }

  async #slowStep(): Promise<Step<Reply>> {
    this.#window ??= await this.#begin();
    const window = this.#window;
    if (this.#content?.ended === false) await this.#content.drain();
    this.#release(window);
    const sent = window.shift() ?? (await window.next());
    if (sent === null) return end;
    const flowing = this.#replied && this.#room.commands > 1;
    return this.#give(window, sent, await this.#session.replies.readStatus(flowing));
  }

  async #begin(): Promise<Window<Request>> {
    checkWindow(this.#options);
    checkRequests(this.#requests);
    return this.#session.exclusive(async () => {
      const window = new Window(this.#session, this.#requests, this.#plan, this.#room);
      this.#session.beginStream();
      return window;
    });
  }

  #give(
    window: Window<Request>,
    sent: Sent<Request>,
    status: StatusLine,
  ): Step<Reply> | Promise<Step<Reply>> {
    const reply = this.#plan.answer(sent.request, status);
    return reply instanceof Promise
      ? reply.then((late) => this.#stepTo(window, sent, late))
      : this.#stepTo(window, sent, reply);
  }

  #stepTo(window: Window<Request>, sent: Sent<Request>, reply: Reply): Step<Reply> {
    this.#replied = true;
    this.#content = this.#plan.content(reply);
    if (this.#content === null) window.release(sent);
    else this.#given = sent;
    return { done: false, value: reply };
  }

  #release(window: Window<Request>): void {
    if (this.#given !== null) window.release(this.#given);
    this.#given = null;
    this.#content = null;
  }
}
