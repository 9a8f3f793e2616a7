import { writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import {
  type Dovecot,
  type MariaDb,
  type OAuthProvider,
  type OAuthProviderOptions,
  sampleMail,
  startMariaDb,
  startOAuthDovecot,
  startOAuthProvider,
} from "@mailonce/testkit";
import { type Ended, type Running, type RunOptions, User } from "./mailonce.ts";

/** A mail server that takes access tokens only, the provider that gives them, and databases. */
export interface OAuth2Servers extends AsyncDisposable {
  readonly provider: OAuthProvider;
  readonly dovecot: Dovecot;
  readonly mariadb: MariaDb;
}

/** Starts them; alice has so many messages. */
export async function startOAuth2Servers(
  messages: number,
  options?: OAuthProviderOptions,
): Promise<OAuth2Servers> {
  const provider = await startOAuthProvider(options);
  const dovecot = await startOAuthDovecot(provider);
  await dovecot.deliver("alice", sampleMail(messages));
  const mariadb = await startMariaDb();
  return {
    provider,
    dovecot,
    mariadb,
    async [Symbol.asyncDispose]() {
      await mariadb.stop();
      await dovecot.stop();
      await provider[Symbol.asyncDispose]();
    },
  };
}

/** Kinds of databases. */
export type DatabaseKind = "SQLite" | "MariaDB";

/** What the account's `oauth2` says besides the defaults. */
export interface AccountWish {
  readonly clientId?: string;
  readonly issuer?: string;
  readonly more?: readonly string[];
  readonly port?: number;
  readonly profile?: string;
}

/** A user whose accounts file has one account, `work`, that logs in by OAuth 2. */
export class OAuth2User implements AsyncDisposable {
  readonly user = new User();
  readonly servers: OAuth2Servers;
  readonly env: Record<string, string | undefined> = { MAILONCE_PASSWORD: undefined };

  private constructor(servers: OAuth2Servers) {
    this.servers = servers;
  }

  static async create(
    servers: OAuth2Servers,
    kind: DatabaseKind,
    wish: AccountWish = {},
  ): Promise<OAuth2User> {
    const made = new OAuth2User(servers);
    if (kind === "MariaDB")
      made.env["MAILONCE_DATABASE"] = (await servers.mariadb.createDatabase()).mariadbUrl;
    made.configure(wish);
    return made;
  }

  /** Writes the accounts file. */
  configure({ clientId, issuer, more = [], port, profile = "generic" }: AccountWish): void {
    const { provider, dovecot } = this.servers;
    const lines = [
      "accounts:",
      "  work:",
      `    url: pop3s://alice@localhost:${port ?? dovecot.pop3sPort}`,
      `    ca: ${dovecot.caFile}`,
      `    profile: ${profile}`,
      "    oauth2:",
      `      issuer: ${issuer ?? provider.issuer}`,
      `      clientId: ${clientId ?? provider.clientId}`,
      "      scopes: [openid, offline_access, mail]",
      ...more.map((line) => `      ${line}`),
    ];
    writeFileSync(join(this.user.home, "mailonce.yaml"), `${lines.join("\n")}\n`);
  }

  start(parameters: readonly string[], options: RunOptions = {}): Watched {
    const running = this.user.start(parameters, { ...options, env: { ...this.env, ...options.env } });
    let text = "";
    running.child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    return { ...running, text: () => text };
  }

  run(...parameters: readonly string[]): Promise<Ended> {
    return this.start(parameters).ended;
  }

  /** `mailonce login work` by device code; somebody enters it. */
  async logIn(person = "alice"): Promise<Ended> {
    const running = this.start(["login", "work", "--json"]);
    await running.shown("login-prompt");
    const prompt = promptIn(running);
    await this.servers.provider.enterCode(
      String(prompt["verificationUri"]),
      String(prompt["userCode"]),
      person,
    );
    return running.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.user[Symbol.asyncDispose]();
  }
}

/** A command that is running, and what it has written to standard output so far. */
export interface Watched extends Running {
  readonly text: () => string;
}

/** The line with which `login --json` says what to do. */
export function promptIn({ text }: Watched): Record<string, unknown> {
  return JSON.parse(text().split("\n")[0] ?? "");
}

/** A line to a port that breaks once the server has sent so many octets; only the first connection does. */
export interface BreakingLine extends AsyncDisposable {
  readonly port: number;
}

/** @param onBreak called before the line breaks */
export async function startBreakingLine(
  port: number,
  octets: number,
  onBreak: () => void,
): Promise<BreakingLine> {
  let isFirst = true;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const breaks = isFirst;
    isFirst = false;
    const upstream = connect(port, "127.0.0.1");
    let sent = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on("data", (chunk: Buffer) => {
      sent += chunk.length;
      if (breaks && sent > octets) {
        onBreak();
        client.destroy();
      } else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
