import { InMemoryMaildrop, type InMemorySession, type MemoryMail } from "../memory/server.ts";
import { InMemorySpool } from "../memory/spool.ts";
import type { MessageStore } from "../ports/store.ts";
import type { Outcome, RunSummary } from "../report/outcome.ts";
import type { CheckOptions, FetchOptions } from "../run/options.ts";
import { baselineMaildrop, checkMaildrop, fetchMaildrop, type Run } from "../run/run.ts";
import type { ConformanceCase, Opens } from "./case.ts";
import { contentOf } from "./sample.ts";
import { strictStore } from "./strict-store.ts";

/** The result of one run. */
export interface Fetched {
  readonly outcomes: readonly Outcome[];
  readonly summary: RunSummary;
  /** The error that ended the run, null if it ended by itself. */
  readonly error: unknown;
  readonly commands: readonly string[];
  /** The message numbers that were retrieved. */
  readonly retrieved: readonly number[];
  readonly quit: boolean;
}

/** The store that is tested, and a maildrop in memory to fetch from. */
export class World {
  readonly store: MessageStore;
  readonly maildrop = new InMemoryMaildrop();
  readonly name = "ben@mail.example.org";

  constructor(store: MessageStore) {
    this.store = strictStore(store);
  }

  async fetch(options: Partial<FetchOptions> = {}): Promise<Fetched> {
    const session = this.maildrop.connect();
    const { store, name: maildrop } = this;
    return this.#see(
      fetchMaildrop({ session, store, maildrop, spool: new InMemorySpool(), ...options }),
      session,
    );
  }

  async check(options: Partial<CheckOptions> = {}): Promise<Fetched> {
    const session = this.maildrop.connect();
    const { store, name: maildrop } = this;
    return this.#see(checkMaildrop({ session, store, maildrop, ...options }), session);
  }

  async #see(run: Run, session: InMemorySession): Promise<Fetched> {
    const outcomes: Outcome[] = [];
    let error: unknown = null;
    try {
      for await (const outcome of run) outcomes.push(outcome);
    } catch (thrown) {
      error = thrown;
    }
    const { commands, retrieved } = session;
    return { outcomes, summary: run.summary, error, commands, retrieved, quit: commands.includes("QUIT") };
  }

  async baseline(): Promise<RunSummary> {
    const session = this.maildrop.connect();
    const { store, name: maildrop } = this;
    const run = baselineMaildrop({ session, store, maildrop, spool: new InMemorySpool() });
    for await (const _outcome of run);
    return run.summary;
  }

  /** Fetches until nothing is new or due any more, at most 6 times. Gives the result of the last run. */
  async fetchAll(options: Partial<FetchOptions> = {}): Promise<Fetched> {
    for (let runs = 1; ; runs++) {
      const fetched = await this.fetch(options);
      if (runs >= 6 || (fetched.error === null && fetched.retrieved.length === 0)) return fetched;
    }
  }

  /** Begins a run whose process is killed when it retrieves this message: from then on the run does nothing more. */
  async killedBy(poison: MemoryMail): Promise<void> {
    const killed = new Promise<void>((resolve) => {
      this.maildrop.beforeRetr = (mail) => {
        if (mail !== poison) return Promise.resolve();
        resolve();
        return new Promise(() => {});
      };
    });
    await Promise.race([killed, this.fetch()]);
    this.maildrop.beforeRetr = null;
  }

  /** Has the next sessions list only these messages. The function that it gives ends that. */
  listOnly(...mails: readonly MemoryMail[]): () => void {
    const { maildrop } = this;
    const all = maildrop.mails.splice(0);
    maildrop.mails.push(...mails);
    return () => {
      const late = maildrop.mails.splice(0).filter((mail) => !all.includes(mail));
      maildrop.mails.push(...all, ...late);
    };
  }

  /** The contents of all stored messages as text (ISO 8859-1), in alphabetical order. */
  async stored(): Promise<readonly string[]> {
    const texts: string[] = [];
    for await (const { id } of this.store.messages())
      texts.push(Buffer.from(await contentOf(this.store, id)).toString("latin1"));
    return texts.sort(byText);
  }

  /** The contents of all messages in the maildrop as text, in alphabetical order. */
  listed(): readonly string[] {
    return this.maildrop.mails.map(({ octets }) => Buffer.from(octets).toString("latin1")).sort(byText);
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** A message with a strong header: it has a Received field, as mail servers add it. */
export function mail(subject: string, body = "Hello.", fields: readonly string[] = []): string {
  return [
    "Received: from mx.example.org by mail.example.org; Mon, 2 Nov 2026 10:00:00 +0000",
    ...fields,
    "From: Ann <ann@example.org>",
    "To: Ben <ben@example.org>",
    `Subject: ${subject}`,
    `Message-ID: <${subject.replaceAll(" ", "-")}@example.org>`,
    "Date: Mon, 2 Nov 2026 10:00:00 +0000",
    "",
    body,
    "",
  ].join("\r\n");
}

/** A message with a weak header: it has no Received field. */
export function weakMail(subject: string, body = "Hello."): string {
  return [`Subject: ${subject}`, "From: ann@example.org", "", body, ""].join("\r\n");
}

/** Makes a case that needs one new maildrop and store, which `run` gets. */
export function inWorld(
  name: string,
  run: (world: World) => Promise<void>,
): ConformanceCase<Opens<MessageStore>> {
  return { name, run: async ({ open }) => run(new World(await open())) };
}
