import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const urlOf = ({ port }: { readonly port: number }): string => `pop3://alice@127.0.0.1:${port}?tls=none`;

describe("an SQLite file that somebody has named", () => {
  it("is told of when it is made, and not again", async () => {
    await using server = await startPop3Server();
    await using user = new User();
    const file = join(user.home, "mail.sqlite");
    const fetch = ["fetch", "--json", "--database", "sqlite:mail.sqlite", urlOf(server)];
    const first = await user.run(fetch);
    expect(first).toMatchObject({ code: 0, stderr: `mailonce: new database ${file}\n` });
    expect(first.json[0]).toEqual({ type: "new-database", file });
    const second = await user.run(fetch);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(second.json.map(({ type }) => type)).toEqual(["summary"]);
  });

  it("is told of whatever names it, and whichever command makes it", async () => {
    await using server = await startPop3Server();
    await using user = new User();
    await mkdir(join(user.home, "conf"));
    const config = join(user.home, "conf", "mailonce.yaml");
    await writeFile(
      config,
      `database: sqlite:three.sqlite\naccounts: { work: { url: "${urlOf(server)}", password: { env: MAILONCE_PASSWORD } } }\n`,
      { mode: 0o600 },
    );
    const one = { env: { MAILONCE_DATABASE: "sqlite:one.sqlite" } };
    const runs = [
      ["one.sqlite", await user.run(["fetch", urlOf(server)], one)],
      ["two.sqlite", await user.run(["baseline", "--database", "sqlite:two.sqlite", urlOf(server)])],
      ["conf/three.sqlite", await user.run(["fetch", "--config", config])],
      [
        "four.sqlite",
        await user.run([
          "accounts",
          "add",
          "--database",
          "sqlite:four.sqlite",
          "--name",
          "work",
          urlOf(server),
        ]),
      ],
    ] as const;
    for (const [file, { stderr }] of runs)
      expect(stderr).toContain(`mailonce: new database ${join(user.home, file)}\n`);
  });

  it("is not made in a folder that is missing: the folder may be misspelt, and is not made either", async () => {
    await using server = await startPop3Server();
    await using user = new User();
    for (const database of ["sqlite:typo/x.db", "sqlite:typo/deep/x.db", `sqlite:${user.home}/typo/x.db`]) {
      const { code, stderr } = await user.run(["fetch", "--database", database, urlOf(server)]);
      expect(code).toBe(69);
      const folder = join(user.home, database.includes("deep") ? "typo/deep" : "typo");
      expect(stderr).toContain(`there is no folder ${folder}. Create it, or check the path.`);
      expect(existsSync(join(user.home, "typo"))).toBe(false);
    }
    expect(server.count("RETR")).toBe(0);
  });

  it("is unlike the one in the data directory, which is nobody's spelling: that is made with its folder, silently", async () => {
    await using server = await startPop3Server();
    await using user = new User();
    expect(await user.run(["fetch", "--json", urlOf(server)])).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(user.database)).toBe(true);
  });
});

it("is not what a command that only reads takes a misspelt path for", async () => {
  await using user = new User();
  const commands = [["list"], ["deferred", "list"], ["export", "--to", "out"], ["show", "0a"]];
  for (const command of [...commands, ["index"], ["index", "--status"]]) {
    const { code, stdout, stderr } = await user.run([...command, "--database", "sqlite:typo/mail.sqlite"]);
    expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
    expect(stderr).toContain("there is no database in typo/mail.sqlite: check the path");
  }
});
