import { type Event, type Habits, type History, PLAIN_HABITS, PLAIN_RUN, type RunPlan } from "./history.ts";

/** A history that once broke a promise, shortened, and what the core does in it now. */
export interface Found {
  readonly name: string;
  readonly history: History;
}

interface Told {
  readonly name: string;
  readonly habits?: Partial<Habits>;
  readonly criteria?: 0 | 1;
  readonly events: readonly Event[];
}

const strong: Event = { do: "deliver", kind: 0, first: false };
const weak = (body: 0 | 1 | 2): Event => ({ do: "deliver", kind: 4 + body, first: false });
const run = (plan: Partial<RunPlan> = {}): Event => ({ do: "run", plan: { ...PLAIN_RUN, ...plan } });
const deleteFirst: Event = { do: "delete", at: 0 };

const told: readonly Told[] = [
  {
    name: "says no QUIT when the message that proved TOP was not asked for",
    events: [strong, run({ only: "retries" })],
  },
  {
    name: "records the message that proved TOP although it failed before and is not due",
    habits: { ids: "empty", top: "lies" },
    events: [strong, { do: "fault", at: 0, fault: "forge" }],
  },
  {
    name: "does not take a message that vanished after RETR for a server without TOP",
    habits: { ids: "reused" },
    events: [strong, run({ deleteAt: 8 }), strong],
  },
  {
    name: "the same without UIDL, while two runs are under way",
    habits: { ids: "none" },
    events: [strong, { do: "two", order: 0, ahead: 0, flap: "none", deleteAt: 8, deliverAt: null }, strong],
  },
  {
    name: "does not retrieve a copy for ever because a reused unique-id was its message's once",
    habits: { ids: "reused" },
    events: [weak(1), run(), deleteFirst, weak(2), weak(1)],
  },
  {
    name: "does not retrieve mail again that was stored while UIDL was refused",
    events: [strong, run({ flap: "no-uidl" })],
  },
  {
    name: "does not trust the mark where shared unique-ids of its tail stand in the ledger",
    habits: { ids: "of-header" },
    events: [weak(0), run(), weak(0), weak(0), strong, { do: "deliver", kind: 0, first: true }],
  },
  {
    name: "gets past a message without unique-id that kills the process before TOP is proven",
    habits: { ids: "none" },
    events: [strong, strong, { do: "fault", at: 0, fault: "kill" }],
  },
  {
    name: "stores a copy of marked mail although another run, which saw only the copy, has just bound it",
    events: [
      strong,
      { do: "baseline", plan: PLAIN_RUN },
      { do: "copy", of: 0 },
      { do: "two", order: 9251, ahead: 0, flap: "newer", deleteAt: 0, deliverAt: 0 },
    ],
  },
  {
    name: "stores what is new although skipped mail, asked again under other criteria, kills the process",
    criteria: 0,
    events: [weak(0), run(), { do: "criteria", parity: null }, { do: "fault", at: 0, fault: "kill" }, strong],
  },
  {
    name: "trusts unique-ids no more once unlike messages stand under one, though there is no TOP",
    habits: { ids: "of-header", top: "refused" },
    events: [
      strong,
      weak(0),
      strong,
      strong,
      run(),
      { do: "delete", at: 3 },
      { do: "deliver", kind: 8, first: false },
    ],
  },
  {
    name: "stores what proved TOP although its look-alike vanished and its class is settled",
    habits: { ids: "of-header" },
    events: [
      weak(0),
      weak(1),
      { do: "two", order: 6831, ahead: 0, flap: "newer", deleteAt: 3, deliverAt: null },
    ],
  },
  {
    name: "stores a copy although another run has refreshed the octets of an entry that the mark covers",
    habits: { top: "lies", marks: true, sizes: "late" },
    events: [
      strong,
      { do: "two", order: 0, ahead: 0, flap: "none", deleteAt: null, deliverAt: null },
      { do: "renumber", at: null },
      { do: "two", order: 5401, ahead: 3, flap: "none", deleteAt: null, deliverAt: null },
      { do: "copy", of: 0 },
    ],
  },
  {
    name: "stores a third look-alike where two were counted and one is gone, although a mark spares the ledger",
    habits: { ids: "empty" },
    events: [
      strong,
      { do: "deliver", kind: 0, first: true },
      { do: "delete", at: 1 },
      run(),
      weak(0),
      strong,
      { do: "delete", at: 2 },
      weak(1),
      run(),
      { do: "delete", at: 2 },
      run(),
      strong,
      { do: "delete", at: 2 },
      { do: "deliver", kind: 7, first: false },
    ],
  },
  {
    name: "binds two copies whose listed octets differ to one message only once",
    habits: { ids: "of-content", window: 3, marks: true, sizes: "late", pipelining: false },
    events: [
      strong,
      strong,
      { do: "copy", of: 0 },
      { do: "two", order: 8886, ahead: 4, flap: "none", deleteAt: 0, deliverAt: null },
      { do: "copy", of: 0 },
      { do: "renumber", at: null },
    ],
  },
  {
    name: "stores what is new although skipped mail whose octets changed breaks the session",
    habits: { marks: true },
    criteria: 1,
    events: [strong, run(), { do: "fault", at: 0, fault: "cut" }, strong, { do: "criteria", parity: null }],
  },
  {
    name: "stores no second copy although LIST, which flickers, has let a look-alike take its unique-id unseen",
    habits: { ids: "reused", marks: true, sizes: "flaky", pipelining: false },
    events: [
      weak(0),
      run(),
      deleteFirst,
      run({ crashAt: 3 }),
      { do: "deliver", kind: 7, first: false },
      { do: "two", order: 0, ahead: 0, flap: "none", deleteAt: null, deliverAt: null },
      weak(0),
    ],
  },
  {
    name: "says no QUIT over mail that has taken the unique-id of marked mail without TOP",
    habits: { ids: "of-header", hides: "told", top: "refused", pipelining: false },
    events: [weak(0), { do: "baseline", plan: { ...PLAIN_RUN, crashAt: 7 } }, run(), strong, strong],
  },
  {
    name: "moves a window on that is full of mail without usable unique-ids which the criteria reject",
    habits: { ids: "of-header", window: -2, hides: "told" },
    criteria: 0,
    events: [strong, { do: "deliver", kind: 4, first: true }, { do: "deliver", kind: 0, first: true }],
  },
  {
    name: "marks mail under a reused unique-id as known although TOP lies",
    habits: { ids: "of-header", top: "lies" },
    events: [
      weak(2),
      { do: "two", order: 0, ahead: 0, flap: "none", deleteAt: 8, deliverAt: null },
      weak(0),
      { do: "baseline", plan: PLAIN_RUN },
    ],
  },
  {
    name: "marks a copy as known although it was bound to its twin's message while that was not listed",
    events: [
      strong,
      run(),
      { do: "copy", of: 0 },
      run({ flap: "newer" }),
      { do: "baseline", plan: PLAIN_RUN },
    ],
  },
  {
    name: "the same where its octets have changed since",
    habits: { marks: true, pipelining: false },
    events: [
      strong,
      run({ crashAt: 9 }),
      { do: "copy", of: 0 },
      run({ flap: "newer", crashAt: 18 }),
      { do: "baseline", plan: PLAIN_RUN },
    ],
  },
  {
    name: "retrieves for its proof mail of the octets of marked mail under the same unique-id, and stores it",
    habits: { ids: "reused" },
    events: [
      weak(0),
      { do: "baseline", plan: { ...PLAIN_RUN, crashAt: 7 } },
      deleteFirst,
      { do: "deliver", kind: 8, first: false },
      { do: "baseline", plan: PLAIN_RUN },
      deleteFirst,
      strong,
    ],
  },
  {
    name: "gives each of a class its turn, though one forges the end of its reply, without unique-ids and TOP",
    habits: { ids: "none", top: "lies", pipelining: false },
    events: [
      strong,
      { do: "fault", at: 0, fault: "forge" },
      { do: "deliver", kind: 8, first: true },
      strong,
      strong,
    ],
  },
  {
    name: "stores one class although another holds mail that the criteria reject and mail that breaks the session",
    habits: { ids: "none" },
    criteria: 1,
    events: [
      strong,
      strong,
      { do: "fault", at: 1, fault: "cut" },
      strong,
      strong,
      { do: "fault", at: 0, fault: "cut" },
    ],
  },
  {
    name: "lets TOP prove itself by mail that was retrieved although an attempt had failed before",
    habits: { marks: true, pipelining: false },
    events: [strong, run({ store: { at: 3, how: "away" } }), strong, run({ crashAt: 8 })],
  },
  {
    name: "binds mail that other criteria rejected, once it was stored while UIDL was refused",
    criteria: 1,
    events: [strong, run({ flap: "list-gap" }), { do: "criteria", parity: null }, run({ flap: "no-uidl" })],
  },
];

export const found: readonly Found[] = told.map(({ name, habits, criteria = null, events }) => ({
  name,
  history: { habits: { ...PLAIN_HABITS, ...habits }, criteria, events },
}));
