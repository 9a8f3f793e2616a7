import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse-configuration.ts";

const text = readFileSync(new URL("../../../../docs/oauth2.md", import.meta.url), "utf8");
const examples = [...text.matchAll(/```yaml\n([^`]*)```/g)].map(([, example = ""]) => example);

test("there are examples", () => expect(examples).toHaveLength(4));

test.each(examples)("this accounts file of docs/oauth2.md is one:\n%s", (example) => {
  const { accounts } = parseConfiguration("/etc/mailonce.yaml", example);
  expect(accounts).toMatchObject([
    { login: { kind: "oauth2", oauth2: { issuer: expect.stringMatching(/^https:/) } } },
  ]);
});
