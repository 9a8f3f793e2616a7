import { expect, test } from "vitest";
import { giveBack, Slabs } from "../src/session/slabs.ts";
import { loggedIn } from "./client.ts";
import { serve } from "./server.ts";

/** Fills the slab that is read into, in two reads. */
function fillSlab(slabs: Slabs): readonly [Buffer, Buffer] {
  const read = (octets: number): Buffer => {
    const slice = slabs.room().subarray(0, octets);
    slabs.use(slice.length);
    return slice;
  };
  return [read(100), read(Number.POSITIVE_INFINITY)];
}

/** Memory to read into, past the first slab, which is small. */
function slabsPastTheFirst(): Slabs {
  const slabs = new Slabs();
  fillSlab(slabs);
  return slabs;
}

test("a slab is read into again once all that was read into it was given back", () => {
  const slabs = slabsPastTheFirst();
  const early = fillSlab(slabs);
  for (const slice of early) giveBack(slice);
  const late = fillSlab(slabs);
  expect(late[0].buffer).toBe(early[0].buffer);
  expect(slabs.room().buffer).not.toBe(early[0].buffer);
  for (const slice of late) giveBack(slice);
  fillSlab(slabs);
  expect(slabs.room().buffer).toBe(early[0].buffer);
});

test("a slab of which a slice is still in use is not read into again", () => {
  const slabs = slabsPastTheFirst();
  const [kept, used] = fillSlab(slabs);
  giveBack(used);
  for (let count = 0; count < 20; count++) expect(fillSlab(slabs)[0].buffer).not.toBe(kept.buffer);
});

test("other memory cannot be given back", () => {
  expect(() => giveBack(Buffer.alloc(10))).not.toThrow();
});

const line = (number: number): string => `${`${number}`.padStart(8, "0")} ${"x".repeat(60)}\r\n`;
const large = Array.from({ length: 40_000 }, (_, number) => line(number)).join("");

async function retrieved(lent: boolean) {
  await using server = await serve({
    answer: (command) => (command === "RETR 1" ? `+OK\r\n${large}.\r\n` : undefined),
  });
  await using client = await loggedIn(server);
  const copies: Buffer[] = [];
  const kept = new Set<ArrayBufferLike>();
  for await (const reply of client.retrMany([{ messageNumber: 1 }])) {
    if (reply.kind !== "message") throw new Error("no message");
    for await (const chunk of lent ? reply.content.lent() : reply.content) {
      copies.push(Buffer.from(chunk));
      kept.add(chunk.buffer);
    }
  }
  return { text: Buffer.concat(copies).toString(), slabs: kept.size };
}

test("a message whose chunks are lent comes octet by octet through few slabs", async () => {
  const { text, slabs } = await retrieved(true);
  expect(text === large).toBe(true);
  expect(slabs).toBeLessThan((await retrieved(false)).slabs);
});
