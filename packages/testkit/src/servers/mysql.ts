import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type RunningProcess, startProcess } from "../system/child.ts";
import { freePort } from "../system/free-port.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";

/** A real MySQL on a free port of 127.0.0.1, with its data in a temporary folder and its default durability. */
export interface MySql extends AsyncDisposable {
  /** A database in it and a user who may do and grant anything: `mysql://user:password@127.0.0.1:port/name`. */
  readonly url: string;
  /** Where it keeps its data, and the certificates that it has made for itself: `ca.pem`, `client-cert.pem`, … */
  readonly dataFolder: string;
}

/** How MySQL is set up. */
export interface MySqlOptions {
  /** More parameters of mysqld. */
  readonly parameters?: readonly string[];
}

/**
 * Starts MySQL; resolves when it accepts connections.
 * @param program mysqld
 * @throws Error if it does not come up, with its log
 */
export async function startMySql(program: string, { parameters = [] }: MySqlOptions = {}): Promise<MySql> {
  const folder = temporaryFolder("mailonce-mysql-");
  let server: RunningProcess | undefined;
  const stop = async (): Promise<void> => {
    // The data goes away: no need for an orderly end.
    server?.kill("SIGKILL");
    await server?.ended;
    await folder.remove();
  };
  try {
    const temporary = join(folder.path, "tmp");
    mkdirSync(temporary);
    const env = { TMPDIR: temporary };
    const dataFolder = join(folder.path, "data");
    const common = ["--no-defaults", `--user=${userInfo().username}`, `--datadir=${dataFolder}`];
    await promisify(execFile)(program, [...common, "--initialize-insecure"], {
      env: { ...process.env, ...env },
    });
    const password = randomBytes(9).toString("hex");
    const setUp = join(folder.path, "set-up.sql");
    const statements = [
      "CREATE DATABASE mailonce CHARACTER SET utf8mb4",
      `CREATE USER 'mailonce'@'127.0.0.1' IDENTIFIED BY '${password}'`,
      "GRANT ALL ON *.* TO 'mailonce'@'127.0.0.1' WITH GRANT OPTION",
    ];
    writeFileSync(setUp, statements.map((statement) => `${statement};\n`).join(""));
    const port = await freePort();
    server = await startProcess(
      program,
      [
        ...[
          ...common,
          `--socket=${join(folder.path, "socket")}`,
          `--port=${port}`,
          "--bind-address=127.0.0.1",
        ],
        ...["--mysqlx=OFF", "--secure-file-priv=NULL", "--disable-log-bin", `--init-file=${setUp}`],
        // Nobody reads its figures, and it costs each start and each table.
        ...["--performance-schema=OFF", `--pid-file=${join(folder.path, "pid")}`],
        ...parameters,
      ],
      { env },
    );
    await server.waitForLine(/ready for connections/);
    const url = `mysql://mailonce:${password}@127.0.0.1:${port}/mailonce`;
    return { url, dataFolder, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
