import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram, type RunningProcess, startProcess } from "../system/child.ts";
import { DataServer, type RestartableServer } from "../system/data-server.ts";
import { freePort } from "../system/free-port.ts";
import { type TemporaryFolder, temporaryFolder } from "../system/temporary-folder.ts";

const execute = promisify(execFile);

/** A database of its own, empty, utf8mb4, with a user who may do anything in it and nothing elsewhere. */
export interface MariaDatabase {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  /** `mysql://user:password@127.0.0.1:port/name` */
  readonly url: string;
  /** The same with the scheme `mariadb:`. */
  readonly mariadbUrl: string;
}

/** How to reach a MariaDB server that the testkit started, possibly from another process of the same user. */
export interface MariaDbAddress {
  readonly port: number;
  readonly socket: string;
}

/** A server that databases can be made on. */
export interface MariaDbAccess extends MariaDbAddress {
  /** Makes a fresh database. */
  createDatabase(): Promise<MariaDatabase>;
  /** Runs SQL as the administrator with the `mariadb` program. @returns its rows, columns parted by tabs */
  sql(statements: string): Promise<string>;
}

/** A real MariaDB on a free port of 127.0.0.1, with its data in a temporary folder and its default durability. */
export interface MariaDb extends MariaDbAccess, RestartableServer {}

/** How MariaDB is set up. */
export interface MariaDbOptions {
  /** More parameters of mariadbd, such as `--max-allowed-packet=1M`. */
  readonly parameters?: readonly string[];
  /** Where its data is, and stays, for the next one that is started there. Absent: in a temporary folder, and removed. */
  readonly folder?: string;
}

/**
 * Starts MariaDB (Debian: mariadb-server); resolves when it accepts connections.
 * @throws Error if it is missing or does not come up, with its log
 */
export async function startMariaDb(options: MariaDbOptions = {}): Promise<MariaDb> {
  const program = findProgram("mariadbd");
  const install = findProgram("mariadb-install-db");
  if (program === undefined || install === undefined) {
    throw new Error("MariaDB is missing: apt-get install mariadb-server");
  }
  const folder =
    options.folder === undefined ? temporaryFolder("mailonce-mariadb-") : lasting(options.folder);
  const server = new MariaDbServer(program, folder, await freePort(), options.parameters ?? []);
  try {
    if (!server.isInstalled) await server.install(install);
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Access to a server that another process of the same user started. */
export function connectMariaDb(address: MariaDbAddress): MariaDbAccess {
  const sql = (statements: string): Promise<string> => runSql(address.socket, statements);
  return { ...address, sql, createDatabase: () => createDatabase(address) };
}

/** A folder that is not removed. */
function lasting(path: string): TemporaryFolder {
  mkdirSync(path, { recursive: true });
  const remove = (): Promise<void> => Promise.resolve();
  return { path, remove, [Symbol.asyncDispose]: remove };
}

class MariaDbServer extends DataServer implements MariaDb {
  protected readonly ready = /ready for connections/;

  get socket(): string {
    return join(this.folder.path, "socket");
  }

  get #data(): string {
    return join(this.folder.path, "data");
  }

  get isInstalled(): boolean {
    return existsSync(this.#data);
  }

  get #temporary(): string {
    return join(this.folder.path, "tmp");
  }

  /** A starting server removes the temporary tables that it finds in its folder, those of other servers, too. */
  get #environment(): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", TMPDIR: this.#temporary };
  }

  sql(statements: string): Promise<string> {
    return runSql(this.socket, statements);
  }

  createDatabase(): Promise<MariaDatabase> {
    return createDatabase(this);
  }

  /** Makes the system tables. The administrator is this process's user, and only over the socket. */
  async install(program: string): Promise<void> {
    const { username } = userInfo();
    mkdirSync(this.#temporary, { recursive: true });
    await execute(
      program,
      [
        ...["--no-defaults", `--datadir=${this.#data}`, `--user=${username}`, "--skip-test-db"],
        ...["--auth-root-authentication-method=socket", `--auth-root-socket-user=${username}`],
      ],
      { env: this.#environment },
    );
  }

  protected launch(program: string): Promise<RunningProcess> {
    const parameters = [
      ...["--no-defaults", `--user=${userInfo().username}`, `--datadir=${this.#data}`],
      ...[`--socket=${this.socket}`, `--port=${this.port}`, "--bind-address=127.0.0.1", "--skip-log-bin"],
      ...[`--pid-file=${join(this.folder.path, "pid")}`, "--skip-name-resolve"],
      ...["--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci", ...this.parameters],
    ];
    return startProcess(program, parameters, { env: this.#environment });
  }
}

async function createDatabase(address: MariaDbAddress): Promise<MariaDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const password = randomBytes(9).toString("hex");
  await runSql(
    address.socket,
    `CREATE DATABASE ${name} CHARACTER SET utf8mb4;
     CREATE USER '${name}'@'127.0.0.1' IDENTIFIED BY '${password}';
     GRANT ALL ON ${name}.* TO '${name}'@'127.0.0.1';`,
  );
  const rest = `//${name}:${password}@127.0.0.1:${address.port}/${name}`;
  return { name, user: name, password, url: `mysql:${rest}`, mariadbUrl: `mariadb:${rest}` };
}

async function runSql(socket: string, statements: string): Promise<string> {
  const program = findProgram("mariadb");
  if (program === undefined)
    throw new Error("The program mariadb is missing: apt-get install mariadb-client");
  if (!existsSync(socket)) throw new Error(`No MariaDB server at ${socket}`);
  const { stdout } = await execute(
    program,
    ["--no-defaults", `--socket=${socket}`, "--batch", "--skip-column-names", "--execute", statements],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}
