import { compileCriteria } from "@mailonce/core";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const TOPICS = ["exit-codes", "configuration", "criteria", "searching", "oauth2", "databases", "environment"];

it.each(TOPICS)("helps with %s, in lines that fit", async (topic) => {
  await using user = new User();
  const { code, stdout, stderr } = await user.run(["help", topic]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.split("\n");
  expect(lines.length).toBeGreaterThan(8);
  expect(lines.filter((line) => line.length > 120 || line !== line.trimEnd())).toEqual([]);
});

it("helps with each command, and with the commands below it", async () => {
  await using user = new User();
  const main = await user.run(["help"]);
  expect(main).toMatchObject({ code: 0, stderr: "" });
  const own = await user.run(["--help"]);
  expect(main.stdout).toBe(own.stdout);
  for (const topic of TOPICS) expect(own.stdout).toContain(topic);
  expect(own.stdout).not.toContain("complete-words");
  const list = await user.run(["help", "deferred", "list"]);
  expect(list.stdout).toBe((await user.run(["deferred", "list", "--help"])).stdout);
});

it("says of each command how it may end", async () => {
  await using user = new User();
  const main = (await user.run(["--help"])).stdout;
  const names = (help: string): string[] =>
    [...(help.split("Commands:\n")[1]?.split("\n\n")[0] ?? "").matchAll(/^ {2}(\S+)/gm)].map(
      ([, name = ""]) => name,
    );
  expect(names(main).length).toBeGreaterThan(15);
  for (const name of names(main)) {
    const help = (await user.run([name, "--help"])).stdout;
    expect(help, name).toMatch(/\nExit codes:\n {3}0 {2}done\n/);
    for (const below of names(help))
      expect((await user.run([name, below, "--help"])).stdout, `${name} ${below}`).toMatch(/\nExit codes:\n/);
  }
}, 120_000);

it("says what there is, where it is asked for something else", async () => {
  await using user = new User();
  const near = await user.run(["help", "exit-code"]);
  expect(near).toMatchObject({ code: 2, stdout: "" });
  expect(near.stderr).toContain("did you mean exit-codes?");
  const far = await user.run(["help", "xyzzy\u001b[2J"]);
  expect(far.code).toBe(2);
  expect(far.stderr).toContain("oauth2");
  expect(far.stderr).not.toContain("\u001b");
});

it("shows criteria that are criteria", async () => {
  await using user = new User();
  const { stdout } = await user.run(["help", "criteria"]);
  const examples = stdout
    .split("\n")
    .flatMap((line) => /^ {2}(\S.*?) {2,}\S/.exec(line)?.[1] ?? [])
    .filter((text) => !text.startsWith("mailonce"));
  expect(examples.length).toBeGreaterThan(8);
  for (const example of examples) expect(() => compileCriteria(example), example).not.toThrow();
});

it("has no colours where NO_COLOR is set, or output is no terminal", async () => {
  await using user = new User();
  for (const env of [{}, { NO_COLOR: "1" }, { FORCE_COLOR: "1", NO_COLOR: "1" }]) {
    const { stdout, stderr } = await user.run(["--help"], { env });
    expect(stdout + stderr).not.toContain("\u001b");
  }
});
