import { expect, test } from "vitest";
import { AIMS } from "./arbitrary.ts";
import { newTally } from "./play.ts";
import { search } from "./search.ts";

/** A short form of npm run test:model, with the same histories each time. */
const HISTORIES = 300;

for (const aim of AIMS)
  test(`stores every message once, whatever servers, crashes and other runs do: ${HISTORIES} histories, aim ${aim}`, async () => {
    const tally = newTally();
    const found = await search(aim, 2026, HISTORIES, tally);
    expect(found).toBeNull();
    expect(tally.histories).toBe(HISTORIES);
  });
