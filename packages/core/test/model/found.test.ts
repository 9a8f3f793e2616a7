import { expect, test } from "vitest";
import { found } from "./found.ts";
import { newTally, play } from "./play.ts";

for (const { name, history } of found)
  test(name, async () => {
    expect(await play(history, newTally())).toBeNull();
  });
