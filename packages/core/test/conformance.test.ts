import {
  counterexamples,
  fetchConformance,
  sessionConformance,
  storeConformance,
} from "@mailonce/core/conformance";
import { InMemoryMaildrop, InMemoryStore } from "@mailonce/core/memory";
import { describe, test } from "vitest";

describe("the store in memory", () => {
  const open = async () => new InMemoryStore();
  for (const { name, run } of storeConformance) test(name, () => run({ open }));
});

describe("a fetch into the store in memory", () => {
  const open = async () => new InMemoryStore();
  for (const { name, run } of fetchConformance) test(name, () => run({ open }));
});

describe("the counterexamples on the store in memory", () => {
  const open = async () => new InMemoryStore();
  for (const { name, run } of counterexamples) test(name, () => run({ open }));
});

describe("the session in memory", () => {
  for (const { name, run } of sessionConformance)
    test(name, () =>
      run({
        async open(mails) {
          const maildrop = new InMemoryMaildrop();
          for (const { octets, uniqueId } of mails) maildrop.deliver(octets, uniqueId);
          return maildrop.connect();
        },
      }),
    );
});
