import type { MessageContent } from "./content.ts";
import { InvalidArgumentError } from "./errors.ts";
import type { StatusEvent } from "./protocol/engine.ts";
import type { Session } from "./session.ts";
import { type Plan, Window, type WindowOptions } from "./window.ts";

/** What a reply becomes; `content`, if any, is drained before the next reply. */
export interface Answer<Reply> {
  readonly reply: Reply;
  readonly content?: MessageContent;
}

const defaultOctets = 16 * 1024 * 1024;
const defaultCommands = 2000;

/**
 * One reply for each request, in their order. Left early, the session is closed without QUIT if replies are
 * outstanding; otherwise it stays usable.
 */
export async function* pipeline<Request, Reply>(
  session: Session,
  requests: Iterable<Request> | AsyncIterable<Request>,
  plan: Plan<Request> & {
    answer(request: Request, status: StatusEvent): Answer<Reply> | Promise<Answer<Reply>>;
  },
  options: WindowOptions & { readonly pipelining: boolean },
): AsyncGenerator<Reply, void, void> {
  const { windowOctets: octets = defaultOctets, windowCommands = defaultCommands } = options;
  const commands = options.pipelining ? windowCommands : 1;
  if (!(octets >= 1 && commands >= 1))
    throw new InvalidArgumentError("a window holds at least one octet and command");
  const window = await session.exclusive(async () => {
    const made = new Window(session, requests, plan, { octets, commands });
    session.beginStream();
    return made;
  });
  let content: MessageContent | undefined;
  try {
    for (let request = await window.next(); request !== null; request = await window.next()) {
      const answer = await plan.answer(request, await session.readStatus());
      content = answer.content;
      if (content === undefined) window.release(request);
      yield answer.reply;
      if (content !== undefined) {
        if (!content.ended) await content.drain();
        content = undefined;
        window.release(request);
      }
    }
  } finally {
    window.stop();
    const outstanding = window.commandsInFlight - (content?.ended === true ? 1 : 0);
    if (outstanding > 0) await session.close();
    session.endStream();
  }
}
