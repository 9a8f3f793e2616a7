import { Writable } from "node:stream";
import type { Outcome } from "@mailonce/core";
import { expect, it } from "vitest";
import { FetchReporter } from "../src/commands/fetch/fetch-reporter.ts";
import { JsonReporter } from "../src/output/json-reporter.ts";
import { Terminal } from "../src/output/terminal.ts";

/** Two streams that keep each chunk that is written to them, in the order of both. */
function streams(isTTY: boolean) {
  const chunks: string[] = [];
  const stream = (mark: string): NodeJS.WriteStream =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          chunks.push(`${mark}${chunk}`);
          done();
        },
      }),
      { isTTY },
    ) as unknown as NodeJS.WriteStream;
  return { terminal: new Terminal(stream(""), stream("note: "), { TERM: "dumb" }), chunks };
}

function stored(messageNumber: number): Outcome {
  return {
    kind: "stored",
    messageNumber,
    uniqueId: null,
    octets: 1000,
    id: `00000000-0000-7000-8000-${String(messageNumber).padStart(12, "0")}`,
    header: {
      subject: `Number ${messageNumber}`,
      from: "ann@example.org",
      to: null,
      messageId: null,
      date: null,
      dateKind: null,
      attachments: false,
    },
  };
}

const all = (from: number, to: number): readonly Outcome[] =>
  Array.from({ length: to - from + 1 }, (_, n) => stored(from + n));

const numbersIn = (chunk: string | undefined): readonly number[] =>
  [...(chunk ?? "").matchAll(/Number (\d+)/g)].map(([, number]) => Number(number));

it("writes the lines of one commit at once", async () => {
  const { terminal, chunks } = streams(false);
  const reporter = new FetchReporter(terminal);
  await reporter.outcomes("ann", all(1, 200));
  await reporter.outcomes("ann", all(201, 203));
  await reporter.outcomes("ann", [{ kind: "skipped", messageNumber: 204, uniqueId: null, octets: 1 }]);
  expect(chunks).toHaveLength(2);
  expect(chunks[0]?.split("\n")).toHaveLength(200 + 1);
  expect(numbersIn(chunks[1])).toEqual([201, 202, 203]);
});

it("writes the lines of one commit at once for programs, too", async () => {
  const { terminal, chunks } = streams(false);
  const reporter = new JsonReporter(terminal);
  await reporter.outcomes("ann", all(1, 200));
  expect(chunks).toHaveLength(1);
  const lines = chunks[0]
    ?.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines?.map(({ messageNumber }) => messageNumber)).toEqual(
    all(1, 200).map(({ messageNumber }) => messageNumber),
  );
});

it("what is told on standard error of a message stands in its place between the lines", async () => {
  const { terminal, chunks } = streams(true);
  const reporter = new FetchReporter(terminal);
  const reason = { code: "too-large", message: "too large" };
  const deferred = { kind: "deferred", messageNumber: 3, uniqueId: null, octets: 5, reason } as const;
  await reporter.outcomes("ann", [...all(1, 2), deferred, ...all(4, 5)]);
  expect(chunks.map(numbersIn)).toEqual([[1, 2], [], [4, 5]]);
  expect(chunks[1]).toBe("note: mailonce: ann: message 3 deferred: too large\n");
});

it("on a terminal writes the first lines, holds the others back, and shows the last of them at the end", async () => {
  const { terminal, chunks } = streams(true);
  const reporter = new FetchReporter(terminal, false);
  await reporter.outcomes("ann", all(1, 15));
  await reporter.outcomes("ann", all(16, 30));
  await reporter.outcomes("ann", all(31, 32));
  expect(chunks.map(numbersIn)).toEqual(
    [all(1, 15), all(16, 20)].map((some) => some.map((one) => one.messageNumber)),
  );
  expect(numbersIn(reporter.heldBack("ann").join("\n"))).toEqual([30, 31, 32]);
});
