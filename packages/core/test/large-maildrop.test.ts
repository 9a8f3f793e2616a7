import { fetchMaildrop } from "@mailonce/core";
import { InMemoryMaildrop, InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { expect, test } from "vitest";

test("a first fetch begins with the first of 200,000 messages and leaves the others", async () => {
  const maildrop = new InMemoryMaildrop();
  for (let n = 0; n < 200_000; n++) maildrop.deliver("Subject: one of many\r\n\r\n");
  const run = fetchMaildrop({
    session: maildrop.connect(),
    store: new InMemoryStore(),
    maildrop: "joe@example.org",
    spool: new InMemorySpool(),
    limit: 1,
  });
  const kinds: string[] = [];
  for await (const outcome of run) kinds.push(outcome.kind);
  expect(kinds).toEqual(["stored"]);
  expect(run.summary).toMatchObject({ complete: true, left: 199_999 });
});
