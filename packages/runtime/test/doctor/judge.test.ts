import type { StoreInspection } from "@mailonce/typeorm";
import { expect, it } from "vitest";
import type { DoctorFacts, TlsFacts } from "../../src/doctor/facts.ts";
import { type Judgement, judge } from "../../src/doctor/judge.ts";

const now = new Date("2026-06-01T12:00:00Z");

const tls: TlsFacts = {
  protocol: "TLSv1.3",
  cipher: "TLS_AES_256_GCM_SHA384",
  distrust: null,
  subject: "CN=mail.example.org",
  issuer: "C=US, O=Example CA, CN=R1",
  names: ["mail.example.org"],
  validFrom: new Date("2026-05-01T00:00:00Z"),
  validTo: new Date("2026-08-01T00:00:00Z"),
  certificatePin: "c".repeat(43),
  publicKeyPin: "p".repeat(43),
};

const healthy: DoctorFacts = {
  server: {
    maildrop: "work",
    host: "mail.example.org",
    port: 995,
    tls: "implicit",
    proxy: null,
    profile: "generic",
  },
  lookUp: { addresses: ["192.0.2.1", "2001:db8::1"], ms: 3 },
  tls,
  greeting: { text: "ready", ms: 40, hasApopTimestamp: false },
  login: {
    mechanism: "SCRAM-SHA-256",
    reveals: false,
    offered: ["SCRAM-SHA-256"],
    roundTripMs: 20,
    utf8: true,
  },
  capabilities: {
    beforeLogin: ["SASL SCRAM-SHA-256", "UTF8", "PIPELINING"],
    afterLogin: ["UIDL", "PIPELINING"],
    implementation: "Example",
    expireDays: "never",
    loginDelaySeconds: null,
    pipelining: true,
  },
  listing: {
    count: 2,
    octets: 300,
    listed: 2,
    listedOctets: 300,
    ms: 20,
    malformedLines: 0,
    uniqueIds: { lines: 2, missing: 0, shared: 0, long: 0, odd: 0, shortest: 8, longest: 9 },
  },
  trials: {
    top: "works",
    pipelining: "works",
    retrieved: [{ listedOctets: 150, octets: 150 }],
    refusals: [],
  },
  database: {
    kind: "there",
    place: "mail.sqlite",
    former: null,
    ledger: {
      lastRun: new Date("2026-05-31T00:00:00.123Z"),
      lastCount: 2,
      endedCleanly: true,
      uniqueIdsTrusted: true,
      topProven: true,
      sequential: false,
      pauseReason: null,
      deferred: 0,
      heldBy: null,
      sample: { asked: 2, known: 2 },
    },
  },
  fetch: {
    counts: { new: 0, stored: 0, known: 2, skipped: 0, waiting: 0, rebound: 0, deferred: 0, failed: 0 },
    warnings: [],
  },
  failure: null,
};

function judged(change: Partial<DoctorFacts>): Judgement {
  return judge({ ...healthy, ...change }, { now, advice: [] });
}

const line = ({ findings }: Judgement, topic: string): string =>
  findings
    .filter((finding) => finding.topic === topic)
    .map(({ verdict, message, advice }) => `${verdict} ${message} ${advice ?? ""}`)
    .join("\n");

it("finds nothing wrong where nothing is", () => {
  const judgement = judged({});
  expect(judgement.findings.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  expect(judgement).toMatchObject({ verdict: "ok", ending: "done" });
  expect(line(judgement, "name")).toContain("192.0.2.1, and 1 more");
  expect(line(judgement, "certificate")).toContain(
    "issued by Example CA, is trusted and valid until 2026-08-01 (60 days left)",
  );
  expect(line(judgement, "capabilities")).toMatch(/before the login: SASL[\s\S]*after the login: UIDL/);
  expect(line(judgement, "unique-ids")).toContain("8 to 9 octets");
  expect(line(judgement, "ledger")).toContain("2026-05-31T00:00:00Z");
});

it("says the same of the same facts", () => {
  expect(judged({})).toEqual(judged({}));
});

it.each<[what: string, change: Partial<DoctorFacts>, topic: string, text: RegExp]>([
  [
    "a certificate that begins tomorrow",
    { tls: { ...tls, distrust: "CERT_NOT_YET_VALID" } },
    "certificate",
    /^bad .*is not valid yet.*clock/,
  ],
  [
    "a certificate that Node does not trust for a reason of its own",
    { tls: { ...tls, distrust: "CERT_REVOKED" } },
    "certificate",
    /^bad .*is not trusted \(CERT_REVOKED\).*--ca FILE/,
  ],
  [
    "a certificate that ended in this very minute",
    { tls: { ...tls, distrust: "CERT_HAS_EXPIRED", validTo: now } },
    "certificate",
    /^bad .*has expired; valid until 2026-06-01/,
  ],
  ["an issuer without a name", { tls: { ...tls, issuer: "" } }, "certificate", /^ok .*issued by nobody/],
  [
    "a long way to a server that takes one command at a time",
    {
      login: { ...(healthy.login as NonNullable<DoctorFacts["login"]>), roundTripMs: 200 },
      capabilities: {
        ...(healthy.capabilities as NonNullable<DoctorFacts["capabilities"]>),
        pipelining: false,
      },
    },
    "pipelining",
    /^look .*each takes 200 ms.*every 300 messages/,
  ],
  [
    "UTF8 that is offered and refused",
    { login: { ...(healthy.login as NonNullable<DoctorFacts["login"]>), utf8: false } },
    "utf8",
    /^look .*refuses it/,
  ],
  [
    "a listing that has shrunk",
    { listing: { ...(healthy.listing as NonNullable<DoctorFacts["listing"]>), count: 0, listed: 0 } },
    "listing",
    /^look .*only 0 messages are listed; the last time it was 2/,
  ],
  [
    "tables of an older version",
    {
      database: {
        kind: "failed",
        place: "x",
        failure: { code: "store-outdated", message: "old", kind: "config" },
      },
    },
    "database",
    /^look old .*brings it up to date/,
  ],
])("%s", (_what, change, topic, text) => {
  expect(line(judged(change), topic)).toMatch(text);
});

/** A database on a server that is as it should be, with this change. */
function onServer(
  change: Partial<NonNullable<StoreInspection["server"]>> = {},
  state: StoreInspection["schema"]["state"] = "current",
): Partial<DoctorFacts> {
  const server: StoreInspection["server"] = {
    product: "mariadb",
    version: "11.4.2",
    isOld: false,
    isLoopback: false,
    encryption: { protocol: "TLSv1.3", cipher: "X", verified: "host" },
    isReadOnly: false,
    lacking: [],
    ...change,
  };
  const inspection = { place: "x", schema: { state, done: [], due: [], unknown: [] }, server };
  return { database: { kind: "there", place: "x", inspection, ledger: null, former: null } };
}

it.each<[string, Partial<DoctorFacts>, string, RegExp, string]>([
  ["is as it should be", onServer(), "database", /^ok x is reached and up to date/, "done"],
  [
    "is reached over TLS",
    onServer(),
    "database-tls",
    /^ok .*TLSv1\.3 \(X\), and the server has proved who it is/,
    "done",
  ],
  [
    "has shown its authority",
    onServer({ encryption: { protocol: "TLSv1.3", cipher: "X", verified: "authority" } }),
    "database-tls",
    /^ok .*from the authority that was given/,
    "done",
  ],
  [
    "has not proved who it is",
    onServer({ encryption: { protocol: "TLSv1.3", cipher: "X", verified: "nothing" } }),
    "database-tls",
    /^look .*can pose as the server.*tls=verify/,
    "done",
  ],
  [
    "is far away, in plain text",
    onServer({ encryption: null }),
    "database-tls",
    /^look .*\?tls=verify/,
    "done",
  ],
  [
    "is on this machine, in plain text",
    onServer({ encryption: null, isLoopback: true }),
    "database-tls",
    /^ok .*does not leave this machine/,
    "done",
  ],
  [
    "is very old",
    onServer({ isOld: true, version: "10.1.48" }),
    "database-age",
    /^look MariaDB 10\.1\.48 is older/,
    "done",
  ],
  ["is read-only", onServer({ isReadOnly: true }), "read-only", /^look .*replica/, "done"],
  [
    "grants too little",
    onServer({ lacking: ["INSERT", "DELETE"] }),
    "database-user",
    /^bad .*INSERT, DELETE/,
    "unavailable",
  ],
  ["does not tell what it grants", onServer({ lacking: null }), "database-user", /^$/, "done"],
  ["has an older version's tables", onServer({}, "outdated"), "database", /^look .*database migrate/, "done"],
  ["has a later version's tables", onServer({}, "newer"), "database", /^bad .*use that version/, "config"],
])("a database server that %s", (_what, change, topic, text, ending) => {
  const judgement = judged(change);
  expect(line(judgement, topic)).toMatch(text);
  expect(judgement.ending).toBe(ending);
});

it("ends as the worst of what is bad", () => {
  const judgement = judged({
    login: null,
    failure: { stage: "login", failure: { code: "in-use", message: "in use", kind: "busy" } },
    database: {
      kind: "failed",
      place: "x",
      failure: { code: "store-unavailable", message: "gone", kind: "unavailable" },
    },
  });
  expect(judgement).toMatchObject({ verdict: "bad", ending: "unavailable" });
});

it("warns of mail that would be fetched again under the account's new name", () => {
  const database = { kind: "there", place: "x", ledger: null, former: "joe@mail.example.org" } as const;
  const judgement = judged({ database });
  expect(judgement.ending).toBe("config");
  expect(line(judgement, "ledger")).toMatch(/^bad .*rename joe@mail.example.org work/);
});

it("tells who cannot get in what the provider wants", () => {
  const advice = [{ code: "pop3-off", message: "turn it on" }];
  const failure = {
    stage: "login",
    failure: { code: "login-refused", message: "no", kind: "denied" },
  } as const;
  const outside = judge({ ...healthy, login: null, failure }, { now, advice });
  expect(line(outside, "pop3-off")).toMatch(/^look turn it on/);
  expect(line(judge(healthy, { now, advice }), "pop3-off")).toBe("");
});
