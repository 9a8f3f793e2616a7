import { expect, test } from "vitest";
import { type Event, type Habits, PLAIN_HABITS, PLAIN_RUN, type RunPlan } from "./history.ts";
import { play, type Tally } from "./play.ts";

/** A history that once broke a promise, as short as shrinking made it. */
interface Found {
  readonly name: string;
  readonly habits?: Partial<Habits>;
  readonly criteria?: 0 | 1;
  readonly events: readonly Event[];
}

const strong: Event = { do: "deliver", kind: 0, first: false };
const weak = (body: 0 | 1 | 2): Event => ({ do: "deliver", kind: 4 + body, first: false });
const run = (plan: Partial<RunPlan> = {}): Event => ({ do: "run", plan: { ...PLAIN_RUN, ...plan } });
const deleteFirst: Event = { do: "delete", at: 0 };

const found: readonly Found[] = [
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
    name: "does not retrieve a copy for ever because a reused unique-id was its message's once",
    habits: { ids: "reused" },
    events: [weak(1), run(), deleteFirst, weak(2), weak(1)],
  },
  {
    name: "does not retrieve mail again that was stored while UIDL was refused",
    events: [strong, run({ flap: "no-uidl" })],
  },
];

for (const { name, habits, criteria = null, events } of found)
  test(name, async () => {
    const tally: Tally = { histories: 0, runs: 0, crashes: 0, retrieved: 0, excused: 0 };
    const history = { habits: { ...PLAIN_HABITS, ...habits }, criteria, events };
    expect(await play(history, tally)).toBeNull();
  });
