import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { freePort, type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, type Running, User } from "./mailonce.ts";

beforeAll(build, 180_000);

/** A database server that accepts connections, and says nothing. */
class SilentDatabase implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#sockets.add(socket.on("error", () => undefined)));

  static async start(): Promise<SilentDatabase> {
    const database = new SilentDatabase();
    database.#server.listen(0, "127.0.0.1");
    await once(database.#server, "listening");
    return database;
  }

  get url(): string {
    return databaseAt((this.#server.address() as AddressInfo).port);
  }

  /** From now on it has no connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const databaseAt = (port: number): string => `mariadb://me:x@127.0.0.1:${port}/mail`;

const urlOf = ({ port }: { readonly port: number }): string => `pop3://alice@127.0.0.1:${port}?tls=none`;

/** A fetch that waits for its database, and has connected to its mail server. */
async function startFetch(user: User, server: Pop3Server, database: SilentDatabase): Promise<Running> {
  const running = user.start(["fetch", "--json", "--database", database.url, urlOf(server)]);
  await server.waitFor(({ sessions }) => (sessions[0]?.commands.length ?? 0) > 0);
  return running;
}

it("a fetch connects to the mail server while it waits for its database, and does not log in before", async () => {
  await using server = await startPop3Server();
  await using user = new User();
  const database = await SilentDatabase.start();
  const running = await startFetch(user, server, database);
  await database[Symbol.asyncDispose]();
  const { code, json } = await running.ended;
  expect(code).toBe(69);
  expect(json.at(-1)).toMatchObject({ error: { code: "store-unavailable" } });
  await server.waitFor(({ sessions }) => sessions[0]?.ended === "by client");
  expect(server.sessions.map(({ commands }) => commands)).toEqual([["CAPA"]]);
});

it("where neither database nor mail server is there, it is the database that a fetch tells of", async () => {
  await using server = await startPop3Server();
  await using user = new User();
  const database = ["--database", databaseAt(await freePort())];
  const expected = await user.run(["fetch", ...database, urlOf(server)]);
  expect(expected).toMatchObject({ code: 69, stderr: expect.stringContaining("database") });
  const nowhere = { port: await freePort() };
  const { code, stderr } = await user.run(["fetch", ...database, urlOf(nowhere)]);
  expect({ code, stderr }).toEqual({ code: expected.code, stderr: expected.stderr });
});

it("Ctrl-C ends the connection that a fetch has begun while it waits for its database", async () => {
  await using server = await startPop3Server();
  await using user = new User();
  const database = await SilentDatabase.start();
  const running = await startFetch(user, server, database);
  running.child.kill("SIGINT");
  await server.waitFor(({ sessions }) => sessions[0]?.ended === "by client");
  await database[Symbol.asyncDispose]();
  await running.ended;
  expect(server.sessions.map(({ commands }) => commands)).toEqual([["CAPA"]]);
});

it("no mail server is connected to before a command has given the password, which is when the database is open", async () => {
  await using server = await startPop3Server();
  await using user = new User();
  const database = await SilentDatabase.start();
  user.write(
    "mailonce.yaml",
    `accounts:
  one: { url: "${urlOf(server)}", password: { command: echo secret } }
  two: { url: "${urlOf(server).replace("alice", "bob")}", password: { env: MAILONCE_PASSWORD } }
`,
  );
  const running = user.start(["fetch", "--json", "--database", database.url]);
  await server.waitFor(({ sessions }) => (sessions[0]?.commands.length ?? 0) > 0);
  await database[Symbol.asyncDispose]();
  expect((await running.ended).code).toBe(69);
  expect(server.sessions).toHaveLength(1);
});
