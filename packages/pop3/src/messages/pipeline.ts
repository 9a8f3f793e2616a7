import type { StatusLine } from "../protocol/reply.ts";
import type { Session } from "../session/pop3-session.ts";
import { end, SerialIterator, type Step } from "../session/serial-iterator.ts";
import type { MessageContent } from "./content.ts";
import { checkMany } from "./requests.ts";
import { type InFlight, iteratorOf, type PipelineOptions, type RequestPlan, Window } from "./window.ts";

/** How one kind of request is asked and answered. */
export interface ReplyPlan<Request, Reply> extends RequestPlan<Request> {
  /** The reply that begins with this status line. */
  answer(request: Request, status: StatusLine): Reply | Promise<Reply>;
  /** The part of a reply that is read later, if there is one. What of it was not read is drained before the next reply. */
  content?(reply: Reply): MessageContent | null;
}

/**
 * Gives one reply for each request, in the order of the requests, with several commands in flight. If the iteration is
 * left early, the session is closed without QUIT where replies are outstanding; otherwise it stays usable.
 */
export class Pipeline<Request, Reply> extends SerialIterator<Reply> {
  readonly #session: Session;
  readonly #requests: Iterable<Request> | AsyncIterable<Request>;
  readonly #plan: ReplyPlan<Request, Reply>;
  readonly #options: PipelineOptions;
  #window: Window<Request> | null = null;
  /** The command whose reply was given last, until the next reply is asked for: its content may not have been read. */
  #given: InFlight<Request> | null = null;
  #content: MessageContent | null = null;
  #replied: boolean = false;

  constructor(
    session: Session,
    requests: Iterable<Request> | AsyncIterable<Request>,
    plan: ReplyPlan<Request, Reply>,
    options: PipelineOptions,
  ) {
    super();
    this.#session = session;
    this.#requests = requests;
    this.#plan = plan;
    this.#options = options;
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
    await this.#window?.leave(this.#content?.ended === true ? 1 : 0);
  }

  async #slowStep(): Promise<Step<Reply>> {
    this.#window ??= await this.#begin();
    const window = this.#window;
    if (this.#content?.ended === false) await this.#content.drain();
    this.#release(window);
    const sent = window.shift() ?? (await window.next());
    if (sent === null) return end;
    const flowing = this.#replied && window.isPipelined;
    return this.#give(window, sent, await this.#session.replies.readStatus(flowing));
  }

  async #begin(): Promise<Window<Request>> {
    checkMany(this.#requests, this.#options);
    return Window.open(this.#session, () => iteratorOf(this.#requests), this.#plan, this.#options);
  }

  #give(
    window: Window<Request>,
    sent: InFlight<Request>,
    status: StatusLine,
  ): Step<Reply> | Promise<Step<Reply>> {
    const reply = this.#plan.answer(sent.request, status);
    return reply instanceof Promise
      ? reply.then((late) => this.#stepTo(window, sent, late))
      : this.#stepTo(window, sent, reply);
  }

  #stepTo(window: Window<Request>, sent: InFlight<Request>, reply: Reply): Step<Reply> {
    this.#replied = true;
    this.#content = this.#plan.content?.(reply) ?? null;
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
