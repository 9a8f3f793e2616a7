import { afterAll, beforeAll, expect, it } from "vitest";
import { inspectStore } from "../src/index.ts";
import { lackingPrivileges } from "../src/mysql/grants.ts";
import { onEachServer, type TestServer } from "./test-server.ts";

const NEEDED = ["SELECT", "INSERT", "UPDATE", "DELETE"];

it.each<[string, readonly string[], readonly string[] | null]>([
  [
    "all in the database",
    ["GRANT USAGE ON *.* TO `u`@`h`", "GRANT ALL PRIVILEGES ON `mail`.* TO `u`@`h`"],
    [],
  ],
  [
    "all everywhere",
    ["GRANT ALL PRIVILEGES ON *.* TO `u`@`h` IDENTIFIED BY PASSWORD '*0F' WITH GRANT OPTION"],
    [],
  ],
  ["some", ["GRANT SELECT, INSERT ON `mail`.* TO `u`@`h`"], ["UPDATE", "DELETE"]],
  [
    "in pieces",
    ["GRANT SELECT, INSERT ON *.* TO `u`@`h`", "GRANT UPDATE, DELETE ON `mail`.* TO `u`@`h`"],
    [],
  ],
  ["a pattern", ["GRANT SELECT, INSERT, UPDATE, DELETE ON `m_i%`.* TO `u`@`h`"], []],
  ["a pattern that is escaped", ["GRANT SELECT, INSERT ON `m\\_il`.* TO `u`@`h`"], NEEDED],
  ["another database", ["GRANT ALL PRIVILEGES ON `mail2`.* TO `u`@`h`"], NEEDED],
  ["another one, with signs", ["GRANT ALL PRIVILEGES ON `ma.l`.* TO `u`@`h`"], NEEDED],
  ["a role", ["GRANT SELECT ON `mail`.* TO `u`@`h`", "GRANT `writers`@`%` TO `u`@`h`"], null],
  ["a table", ["GRANT SELECT ON `mail`.* TO `u`@`h`", "GRANT INSERT ON `mail`.`x` TO `u`@`h`"], null],
  [
    "what is taken back",
    ["GRANT ALL PRIVILEGES ON *.* TO `u`@`h`", "REVOKE INSERT ON `mail`.* FROM `u`@`h`"],
    null,
  ],
])("of %s is known what is lacking", (_what, lines, lacking) => {
  expect(lackingPrivileges(lines, "mail", NEEDED)).toEqual(lacking);
});

onEachServer("what an account may do", (start, product) => {
  let server: TestServer;
  let database: string;
  beforeAll(async () => {
    server = await start();
    database = await server.createDatabase();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it.each<[string, readonly string[]]>([
    ["ALL", []],
    ["SELECT, INSERT, UPDATE, DELETE", ["CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"]],
    ["SELECT, CREATE, ALTER, DROP, INDEX, REFERENCES", ["INSERT", "UPDATE", "DELETE"]],
  ])("with %s granted is told from what it lacks", async (granted, lacking) => {
    const url = await server.account(database, { granted });
    const { schema, server: found, place } = await inspectStore({ url });
    expect(schema.state).toBe("missing");
    expect(found).toMatchObject({
      lacking,
      product: product.toLowerCase(),
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      isOld: false,
      isLoopback: true,
      isReadOnly: false,
      encryption: null,
    });
    expect(place).toMatch(new RegExp(`^${product} \\d+\\.\\d+ at 127\\.0\\.0\\.1:\\d+/${database}$`));
  });
});
