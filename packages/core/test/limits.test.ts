// Shows what becomes of mail in the cases that no client can decide (RULES.md, last section).
import { expect, test } from "vitest";
import { mail, World, weakMail } from "../src/conformance/world.ts";
import { InMemoryStore } from "../src/memory/index.ts";

const [a, b] = [weakMail("same", "body A"), weakMail("same", "body B")];

test("U1: a message is not noticed that takes another's place with its unique-id and its octets", async () => {
  const world = new World(new InMemoryStore());
  world.maildrop.deliver(a, "u1");
  await world.fetchAll();
  world.maildrop.mails.length = 0;
  world.maildrop.deliver(b, "u1");
  await world.fetchAll();
  expect(await world.stored()).toEqual([a]);
});

test("U1: the one whose place was taken is stored once more, never once too few, when it comes back", async () => {
  const world = new World(new InMemoryStore());
  const first = world.maildrop.deliver(a, "u1");
  first.listedOctets = first.octets.length + 1;
  await world.fetchAll();
  world.maildrop.mails.length = 0;
  world.maildrop.deliver(b, "u1");
  world.maildrop.deliver(a, "u2");
  await world.fetchAll();
  expect(await world.stored()).toEqual([a, a]);
  expect((await world.fetch()).retrieved).toEqual([]);
});

test("U1: two copies with unique-ids of their own look the same to a client, and both are stored", async () => {
  const world = new World(new InMemoryStore());
  const first = world.maildrop.deliver(a, "u1");
  first.listedOctets = first.octets.length + 1;
  await world.fetchAll();
  first.listedOctets = first.octets.length;
  world.maildrop.deliver(a, "u2");
  await world.fetchAll();
  expect(await world.stored()).toEqual([a, a]);
});

test("U3: a message is not noticed that takes another's place with its unique-id and its whole header, Received fields too", async () => {
  const world = new World(new InMemoryStore());
  const one = mail("same", "body A");
  world.maildrop.deliver(one, "u1");
  await world.fetchAll();
  world.maildrop.mails.length = 0;
  world.maildrop.deliver(mail("same", "another body"), "u1");
  await world.fetchAll();
  expect(await world.stored()).toEqual([one]);
});

test("a message that differs from the stored one in volatile fields alone is no other message, whatever its octets", async () => {
  const world = new World(new InMemoryStore());
  world.maildrop.deliver(a, "u1");
  await world.fetchAll();
  for (const fields of ["Status: RO\r\n", "X-UIDL: u1\r\nX-Keywords: later\r\n"]) {
    world.maildrop.mails.length = 0;
    world.maildrop.deliver(`${fields}${a}`, "u1");
    await world.fetchAll();
  }
  expect(await world.stored()).toEqual([a]);
});
