import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@mailonce/testkit";
import { expect, it } from "vitest";
import { readConfigurationFile } from "../../src/config/configuration-file.ts";

const root = new URL("../../../../", import.meta.url);

/** The examples of whole accounts files in a page. */
function examples(page: string): readonly string[] {
  return [...readFileSync(new URL(page, root), "utf8").matchAll(/```ya?ml\n([\s\S]*?)```/g)]
    .map(([, text = ""]) => text)
    .filter((text) => /^accounts:/m.test(text));
}

it.each(["README.md", "docs/accounts.md", "docs/oauth2.md", "docs/profiles.md"])(
  "what %s shows is an accounts file",
  async (page) => {
    await using folder = temporaryFolder();
    const file = join(folder.path, "mailonce.yaml");
    const found = examples(page);
    expect(found.length).toBeGreaterThan(0);
    for (const text of found) {
      writeFileSync(file, text, { mode: 0o600 });
      expect((await readConfigurationFile(file)).accounts.length).toBeGreaterThan(0);
    }
  },
);
