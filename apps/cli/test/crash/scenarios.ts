import { InMemorySpool } from "@mailonce/core/memory";
import { fetchAccount, openDatabase } from "@mailonce/runtime";
import { accountOf, parseAccountUrl } from "@mailonce/runtime/config";
import { type Pop3Server, sampleMail, simpleMail, specialMail, startPop3Server } from "@mailonce/testkit";
import { MAILDROP } from "./command.ts";
import { type CrashDatabase, MARK, refuseMarked, refuseNothing } from "./crash-database.ts";

/** What is going on when the command is killed. */
export interface Scenario {
  readonly name: string;
  /** A server, and the database as it is before the command that is killed. */
  readonly prepare: (database: CrashDatabase) => Promise<Pop3Server>;
  /** The message with {@link MARK} cannot be stored until `heal` was called. */
  readonly heal?: (database: CrashDatabase) => Promise<void>;
  /** Only at places of this name. */
  readonly only?: RegExp;
}

/** Hostile and ordinary mail, one of it too large for memory. */
function mixedMail(): readonly Uint8Array[] {
  const names = [
    "every octet",
    "NUL octets",
    "dots at line starts",
    "no final line end",
    "identical copy, the first",
    "identical copy, the second",
    "LF line ends only",
    "zero octets",
    "weak header",
    "weak header, another body",
    "volatile fields",
  ];
  return [
    ...names.map((name) => specialMail[name]?.() ?? new Uint8Array(0)),
    ...sampleMail(4, 7, { special: false, largeAttachment: 1_200_000 }),
    ...sampleMail(3, 8, { special: false, largeAttachment: 0 }),
  ];
}

function smallMail(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => note(`note ${index}`));
}

function note(subject: string): Uint8Array {
  return simpleMail({
    from: "Bob Baker <bob@example.com>",
    to: "alice@example.org",
    subject,
    date: new Date("2026-05-01T12:34:56Z"),
    body: `This is ${subject}.`,
  });
}

/** A first fetch, in this process: quicker than the command, and the same code. */
async function fetchBefore(server: Pop3Server, { url }: CrashDatabase): Promise<void> {
  await using store = await openDatabase(url, {});
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`), MAILDROP);
  const run = fetchAccount({
    account,
    credentials: { user: account.user, password: server.password },
    store,
    spool: new InMemorySpool(),
  });
  for await (const _ of run);
  if (run.report.ending !== "done") throw new Error(`The first fetch failed: ${JSON.stringify(run.report)}`);
}

/** The database is there, and the last run of the maildrop was killed: the next one is careful. */
async function afterKill(database: CrashDatabase): Promise<void> {
  await using store = await openDatabase(database.url, {});
  const { id } = await store.openMaildrop(MAILDROP);
  await store.transact(id, { generation: 0, leaseToken: null }, (tx) =>
    tx.updateMaildrop({ endedCleanly: false }),
  );
}

export const scenarios: readonly Scenario[] = [
  {
    name: "migration",
    only: /^(migration|opening)/,
    prepare: async () => {
      const server = await startPop3Server();
      server.maildrop.deliverAll(smallMail(2));
      return server;
    },
  },
  {
    name: "first fetch, empty database",
    prepare: async () => {
      const server = await startPop3Server();
      server.maildrop.deliverAll(mixedMail());
      return server;
    },
  },
  {
    name: "several batches",
    prepare: async (database) => {
      const server = await startPop3Server();
      server.maildrop.deliver(note("the first of all"));
      await fetchBefore(server, database);
      server.maildrop.deliverAll(smallMail(430));
      return server;
    },
  },
  {
    name: "after a crash, one by one",
    prepare: async (database) => {
      const server = await startPop3Server();
      server.maildrop.deliverAll(mixedMail());
      await afterKill(database);
      return server;
    },
  },
  {
    name: "retrieval hides",
    prepare: async (database) => {
      const server = await startPop3Server({ maildrop: { hidesRetrieved: true } });
      server.maildrop.deliverAll(smallMail(3));
      await fetchBefore(server, database);
      server.maildrop.deliverAll(mixedMail());
      return server;
    },
  },
  {
    name: "renumbered, rebinding",
    prepare: async (database) => {
      const server = await startPop3Server();
      server.maildrop.deliverAll(mixedMail());
      await fetchBefore(server, database);
      server.maildrop.renumber();
      server.maildrop.deliverAll(smallMail(3));
      return server;
    },
  },
  {
    name: "no unique-ids",
    prepare: async (database) => {
      const server = await startPop3Server({ maildrop: { without: ["UIDL"] } });
      server.maildrop.deliverAll(smallMail(3));
      await fetchBefore(server, database);
      server.maildrop.deliverAll(sampleMail(8, 9, { special: false, largeAttachment: 0 }));
      return server;
    },
  },
  refusing("one cannot be stored", false),
  refusing("one cannot be stored, retrieval hides", true),
];

function refusing(name: string, hidesRetrieved: boolean): Scenario {
  return {
    name,
    prepare: async (database) => {
      await refuseMarked(database);
      const server = await startPop3Server({ maildrop: { hidesRetrieved } });
      server.maildrop.deliverAll([...smallMail(4), note(`an ${MARK} one`), ...mixedMail().slice(0, 4)]);
      return server;
    },
    heal: refuseNothing,
  };
}
