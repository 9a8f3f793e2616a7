import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { renameCommand } from "../../src/ledger/rename-maildrop.ts";

it("the command that renames a maildrop is what a shell takes for these two names", () => {
  expect(renameCommand("joe@mail.example.org:1110", "work")).toBe(
    "mailonce maildrop rename joe@mail.example.org:1110 work",
  );
  for (const [from, to] of [
    ["joe's mail; rm -rf ~@b", "work"],
    ['a"$(id)`id`\\@b', "*"],
    ["-x", "--y"],
    ["jo\u00e9 \u8acb@b", ""],
  ] as const) {
    const words = execFileSync(
      "sh",
      ["-c", `mailonce() { printf '%s\\n' "$@"; }; ${renameCommand(from, to)}`],
      {
        encoding: "utf8",
      },
    );
    expect(words.split("\n").filter((word) => word !== "--")).toEqual(["maildrop", "rename", from, to, ""]);
  }
});
