import { InMemoryStore } from "@mailonce/core/memory";
import { type Fault, type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { describe, expect, test } from "vitest";
import { fetched } from "./odd-servers.ts";

/** So many messages that only their octets tell apart: every reply to RETR has the same length. */
async function serverOf(count: number, fault: Fault): Promise<Pop3Server> {
  const server = await startPop3Server({ faults: [fault] });
  for (let n = 1; n <= count; n++) server.maildrop.deliver(mailOf(n));
  return server;
}

function mailOf(n: number): Buffer {
  const number = String(n).padStart(4, "0");
  return Buffer.from(
    `Received: by example.org; ${number}\r\nSubject: ${number}\r\n\r\nThis is ${number}.\r\n`,
  );
}

/** The contents in the store, sorted. */
async function contents(store: InMemoryStore): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const { id } of store.messages()) {
    let text = "";
    for await (const chunk of store.content(id)) text += Buffer.from(chunk).toString("latin1");
    texts.push(text);
  }
  return texts.sort((a, b) => (a < b ? -1 : 1));
}

describe("a server whose replies get out of step", () => {
  const cases: readonly (readonly [string, number, Fault])[] = [
    ["leaves out the reply with one of few messages", 5, leaveOut(2, 0)],
    ["breaks off a reply and goes on with the next", 5, leaveOut(2, 40)],
    ["leaves out a reply in the first block of several", 250, leaveOut(30, 0)],
    ["leaves out a reply in a later block", 250, leaveOut(130, 0)],
    ["leaves out the very last reply", 250, leaveOut(250, 0)],
  ];
  for (const [name, count, fault] of cases)
    test(`that ${name} gets every message stored once, and under its own unique-id`, async () => {
      const server = await serverOf(count, fault);
      const store = new InMemoryStore();
      try {
        const { report } = await fetched(server, { store, timeouts: { replyMs: 1000, idleMs: 1000 } });
        expect(report.error).toBeNull();
        expect(report.counts.stored + report.counts.known).toBe(count);
        const all = Array.from({ length: count }, (_, n) => mailOf(n + 1).toString("latin1"));
        expect(await contents(store)).toEqual(all);
        const again = await fetched(server, { store });
        expect(again.report.counts).toMatchObject({ stored: 0, known: count });
      } finally {
        await server.close();
      }
    });
});

function leaveOut(messageNumber: number, afterOctets: number): Fault {
  return { at: { verb: "RETR", messageNumber, afterOctets, times: 1 }, do: "truncate" };
}
