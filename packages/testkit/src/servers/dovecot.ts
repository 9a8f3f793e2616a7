import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { chown, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCertificate } from "../system/certificate.ts";
import { findProgram, type RunningProcess, startProcess } from "../system/child.ts";
import { freePort } from "../system/free-port.ts";
import { waitForPort } from "../system/port.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";
import { dovecotConfig, mailOwner } from "./dovecot-config.ts";

/** How Dovecot is set up. */
export interface DovecotOptions {
  /** Users that exist from the start, each with the password `secret`. Default alice. */
  readonly users?: readonly string[];
  /** Configuration lines that win over the harness's own, in the syntax of Dovecot 2.3. */
  readonly settings?: string;
}

/** A real Dovecot on two free ports of 127.0.0.1, with its mail in a temporary folder. */
export interface Dovecot extends AsyncDisposable {
  readonly host: "127.0.0.1";
  /** POP3, with STLS on offer and passwords allowed without it. */
  readonly pop3Port: number;
  /** POP3 with implicit TLS. */
  readonly pop3sPort: number;
  /** The CA's certificate; the server's own stands for localhost and 127.0.0.1. */
  readonly caFile: string;
  /** Of the master; changes with `restart`. */
  readonly pid: number;
  /** Adds a user with an empty maildrop. Default password: `secret`; it may not hold a colon. */
  addUser(user: string, password?: string): void;
  /** `pop3s://alice:secret@localhost:port` (security `tls`), or `pop3:` (default). */
  url(user: string, options?: { readonly security?: "none" | "tls" }): string;
  /** Puts messages into the user's Maildir, so that Dovecot lists them in this order, after all earlier ones. */
  deliver(user: string, messages: Iterable<Uint8Array>): Promise<void>;
  /** The Maildir's files in the order of their names, as they are on disk. */
  messagesOnDisk(user: string): readonly Uint8Array[];
  /** The user's Maildir. */
  maildir(user: string): string;
  /** What Dovecot has logged so far. */
  log(): string;
  /** Runs `doveadm` with this server's configuration. @returns its standard output */
  doveadm(...parameters: readonly string[]): string;
  /** Stops and starts it on the same ports with the same mail. */
  restart(): Promise<void>;
  /** Stops it and removes all its files. */
  stop(): Promise<void>;
}

/**
 * Starts Dovecot 2.3 (Debian 12: dovecot-pop3d); resolves when both ports answer.
 * @throws Error if it is missing, of another version, or does not come up, with its log
 */
export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  const program = findProgram("dovecot");
  if (program === undefined) throw new Error("Dovecot is missing: apt-get install dovecot-pop3d");
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  if (!version.startsWith("2.3.")) {
    throw new Error(
      `Dovecot ${version} is installed; its configuration differs from that of 2.3 (Debian 12)`,
    );
  }
  const server = new DovecotServer(program, options, await freePort(), await freePort());
  for (const user of options.users ?? ["alice"]) server.addUser(user);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class DovecotServer implements Dovecot {
  readonly host = "127.0.0.1";
  readonly pop3Port: number;
  readonly pop3sPort: number;
  readonly #folder = temporaryFolder("mailonce-dovecot-");
  readonly #certificate = makeCertificate();
  readonly #program: string;
  readonly #passwords = new Map<string, string>();
  #delivered = 0;
  #process: RunningProcess | undefined;

  constructor(program: string, options: DovecotOptions, pop3Port: number, pop3sPort: number) {
    this.#program = program;
    this.pop3Port = pop3Port;
    this.pop3sPort = pop3sPort;
    const folder = this.#folder.path;
    const owner = mailOwner();
    mkdirSync(join(folder, "mail"));
    chownSync(join(folder, "mail"), owner.uid, owner.gid);
    mkdirSync(join(folder, "state"));
    mkdirSync(join(folder, "users"));
    const settings = options.settings ?? "";
    const config = dovecotConfig({ folder, pop3Port, pop3sPort, certificate: this.#certificate, settings });
    writeFileSync(this.#configFile, config);
  }

  get caFile(): string {
    return this.#certificate.caFile;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get #configFile(): string {
    return join(this.#folder.path, "dovecot.conf");
  }

  async start(): Promise<void> {
    // SIGTERM when this process dies: the master then stops its children, which SIGKILL would leave behind a while.
    const process = await startProcess(this.#program, ["-F", "-c", this.#configFile], {
      signalOnParentDeath: "SIGTERM",
    });
    this.#process = process;
    const abandon = (): string | undefined =>
      process.running ? undefined : `Dovecot did not start:\n${process.output()}${this.log()}`;
    await waitForPort(this.pop3Port, { greeting: /^\+OK/, abandon });
    await waitForPort(this.pop3sPort, { abandon });
  }

  addUser(user: string, password = "secret"): void {
    this.#passwords.set(user, password);
    writeFileSync(join(this.#folder.path, "users", user), `${user}:${password}\n`);
    const owner = mailOwner();
    for (const folder of ["", "cur", "new", "tmp"]) {
      mkdirSync(join(this.maildir(user), folder), { recursive: true });
      chownSync(join(this.maildir(user), folder), owner.uid, owner.gid);
    }
  }

  url(user: string, options: { readonly security?: "none" | "tls" } = {}): string {
    const [scheme, port] = options.security === "tls" ? ["pop3s", this.pop3sPort] : ["pop3", this.pop3Port];
    const password = encodeURIComponent(this.#passwords.get(user) ?? "");
    return `${scheme}://${encodeURIComponent(user)}:${password}@localhost:${port}`;
  }

  async deliver(user: string, messages: Iterable<Uint8Array>): Promise<void> {
    const owner = mailOwner();
    for (const bytes of messages) {
      this.#delivered += 1;
      const name = `1700000000.M${String(this.#delivered).padStart(9, "0")}P1.testkit`;
      const file = join(this.maildir(user), "tmp", name);
      await writeFile(file, bytes);
      await chown(file, owner.uid, owner.gid);
      await rename(file, join(this.maildir(user), "new", name));
    }
  }

  messagesOnDisk(user: string): readonly Uint8Array[] {
    return ["cur", "new"]
      .flatMap((folder) => readdirSync(join(this.maildir(user), folder)).map((name) => ({ folder, name })))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ folder, name }) => readFileSync(join(this.maildir(user), folder, name)));
  }

  maildir(user: string): string {
    return join(this.#folder.path, "mail", user);
  }

  log(): string {
    const file = join(this.#folder.path, "dovecot.log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  doveadm(...parameters: readonly string[]): string {
    return execFileSync("doveadm", ["-c", this.#configFile, ...parameters], { encoding: "utf8" });
  }

  async restart(): Promise<void> {
    await this.#process?.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    // Its orderly end takes a second, and there is nothing to be kept.
    await this.#process?.stopAtOnce();
    await this.#folder.remove();
    await this.#certificate[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
