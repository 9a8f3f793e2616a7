import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { DatabaseUrlError, openExistingStore, openStore, parseDatabaseUrl } from "../src/index.ts";

describe("a database URL", () => {
  it.each([
    ["sqlite:mail.db", `${process.cwd()}/mail.db`],
    ["sqlite:./a/../mail.db", `${process.cwd()}/mail.db`],
    ["SQLite:/var/lib/mail.db", "/var/lib/mail.db"],
    ["sqlite:///var/lib/my%20mail%3F.db", "/var/lib/my mail?.db"],
  ])("names a file: %s", (url, file) => {
    expect(parseDatabaseUrl(url)).toEqual({ kind: "sqlite", file });
  });

  it.each([
    [
      "mysql://mail:p%40ss%2Fw%25@db.example.org/mail",
      { host: "db.example.org", port: 3306, user: "mail", password: "p@ss/w%", database: "mail" },
    ],
    [
      "mariadb://a%40b@[::1]:3307/m%20m",
      { host: "::1", port: 3307, user: "a@b", password: null, database: "m m" },
    ],
  ])("names a server: %s", (url, server) => {
    expect(parseDatabaseUrl(url)).toEqual({ kind: "server", ...server });
  });

  it.each([
    ["tls=none", undefined],
    ["", undefined],
    ["tls=required", { mode: "required", ca: null, client: null }],
    ["tls=verify", { mode: "verify", ca: null, client: null }],
    ["tls=verify&ca=/my%20ca%26.pem", { mode: "verify", ca: "/my ca&.pem", client: null }],
    ["ca=ca+1.pem&tls=verify-ca", { mode: "verify-ca", ca: `${process.cwd()}/ca+1.pem`, client: null }],
    [
      "tls=required&cert=c.pem&key=/k.pem",
      { mode: "required", ca: null, client: { cert: `${process.cwd()}/c.pem`, key: "/k.pem" } },
    ],
  ])("says how the connection is protected: %s", (query, tls) => {
    for (const scheme of ["mysql", "mariadb"])
      expect(parseDatabaseUrl(`${scheme}://u@h/d?${query}`)).toEqual({
        ...{ kind: "server", host: "h", port: 3306, user: "u", password: null, database: "d" },
        ...(tls === undefined ? {} : { tls }),
      });
  });

  it.each([
    "",
    "mail.db",
    "postgres://u:secret@h/d",
    "sqlite:",
    "sqlite:///",
    "sqlite://host/file",
    "sqlite::memory:",
    "sqlite:a.db?mode=ro",
    "sqlite:100%.db",
    "mysql://u:secret@h",
    "mysql://u:secret@h/",
    "mysql://u:secret@h/a/b",
    "mysql://u:secret@h/a?ssl=1",
    "mysql://u:secret@h/a?tls",
    "mysql://u:secret@h/a?tls=",
    "mysql://u:secret@h/a?tls=true",
    "mysql://u:secret@h/a?tls=VERIFY",
    "mysql://u:secret@h/a?tls=preferred",
    "mysql://u:secret@h/a?tls=verify&tls=none",
    "mysql://u:secret@h/a?ssl-mode=REQUIRED",
    "mysql://u:secret@h/a?sslmode=verify-full",
    "mysql://u:secret@h/a?TLS=verify",
    "mysql://u:secret@h/a?ca=a.pem",
    "mysql://u:secret@h/a?tls=none&ca=a.pem",
    "mysql://u:secret@h/a?tls=required&ca=a.pem",
    "mysql://u:secret@h/a?tls=verify-ca",
    "mysql://u:secret@h/a?tls=verify&ca=",
    "mysql://u:secret@h/a?tls=verify&ca=%zz",
    "mysql://u:secret@h/a?tls=verify&cert=a.pem",
    "mysql://u:secret@h/a?tls=verify&key=a.pem",
    "mysql://u:secret?tls=verify@h/a",
    "mysql://u:1?secret@h/a",
    "sqlite:a.db?tls=verify",
    "mysql://u:secret#1@h/a",
    "mysql://u:secret%@h/a",
    "mysql://h/a",
    "mysql://:secret@h/a",
    "mysql://u:secret@h:port/a",
    "mysql:u:secret@h/a",
  ])("is refused with a sentence that tells no secret: %s", async (url) => {
    for (const opening of [openStore({ url }), openExistingStore({ url })]) {
      const error: unknown = await opening.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(DatabaseUrlError);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain("secret");
      expect((error as Error).message).toMatch(/^[A-Z].*\.$/);
    }
  });
});
