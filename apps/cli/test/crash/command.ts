import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Pop3Server, type RunningProcess, startProcess, temporaryFolder } from "@mailonce/testkit";
import { BIN } from "../mailonce.ts";

/** The maildrop's name, so that a ledger outlives the server's port. */
export const MAILDROP = "crash";

const TYPEORM = fileURLToPath(new URL("../../../../packages/typeorm/package.json", import.meta.url));
const KILLER = fileURLToPath(new URL("sqlite-killer.mjs", import.meta.url));

/** What the command loads to be killed at an SQLite statement, or to write its statements down. */
export interface KillerPlan {
  readonly log?: string;
  readonly number?: number;
  readonly moment?: "before" | "during" | "after";
  readonly delayMs?: number;
}

/** How a command ended. */
export interface CommandEnd {
  /** Null after a signal. */
  readonly exitCode: number | null;
  readonly output: string;
  /** The summary's counts, null if there was no summary. */
  readonly counts: Readonly<Record<string, number>> | null;
  /** Diagnostics: what is no JSON. */
  readonly notes: readonly string[];
}

const home = temporaryFolder("mailonce-crash-home-");

/** Starts `mailonce fetch --json` in a process of its own. */
export function startFetch(
  server: Pop3Server,
  database: string,
  killer?: KillerPlan,
  through?: readonly string[],
): Promise<RunningProcess> {
  const url = `pop3://${server.user}@127.0.0.1:${server.port}?tls=none`;
  const command = ["fetch", "--json", "--maildrop", MAILDROP, "--database", database, url];
  return start([...(through ?? []), process.execPath, BIN, ...command], server.password, killer);
}

const STORED = {
  content: { attachments: "stored" },
  accounts: { nobody: { url: "pop3s://nobody@pop.example.org" } },
};

/** Starts `mailonce index`, which keeps attachments, in a process of its own. */
export function startIndex(
  database: string,
  options: readonly string[],
  killer?: KillerPlan,
): Promise<RunningProcess> {
  const config = join(home.path, "stored.yaml");
  writeFileSync(config, JSON.stringify(STORED));
  return start(
    [process.execPath, BIN, "index", "--config", config, "--database", database, ...options],
    "",
    killer,
  );
}

function start(
  [program = process.execPath, ...parameters]: readonly string[],
  password: string,
  killer?: KillerPlan,
): Promise<RunningProcess> {
  return startProcess(program, parameters, {
    cwd: home.path,
    env: {
      HOME: home.path,
      TMPDIR: home.path,
      MAILONCE_PASSWORD: password,
      NODE_OPTIONS: killer === undefined ? "" : `--import=${KILLER}`,
      MAILONCE_TEST_KILLER: killer === undefined ? "{}" : JSON.stringify({ from: TYPEORM, ...killer }),
    },
  });
}

/** Waits for its end. */
export async function endOf(command: RunningProcess): Promise<CommandEnd> {
  const exitCode = await command.ended;
  const output = command.output();
  const lines = output.split("\n").filter((line) => line !== "");
  const summary = lines.findLast((line) => line.startsWith('{"type":"summary"'));
  const counts =
    summary === undefined ? null : (JSON.parse(summary) as { counts: Record<string, number> }).counts;
  return { exitCode, output, counts, notes: lines.filter((line) => !line.startsWith("{")) };
}

/** Starts and waits. */
export async function fetchOnce(server: Pop3Server, database: string): Promise<CommandEnd> {
  return endOf(await startFetch(server, database));
}

/**
 * Runs the command as often as a person would until it says that all is done.
 * @returns its ends; the last one has exit code `wanted`, unless five were not enough
 */
export async function fetchUntilDone(
  server: Pop3Server,
  database: string,
  wanted = 0,
): Promise<readonly CommandEnd[]> {
  const ends: CommandEnd[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const end = await fetchOnce(server, database);
    ends.push(end);
    if (end.exitCode === wanted) break;
  }
  return ends;
}

/** Where a plan's statements are written down. */
export function statementLog(name: string): string {
  return join(home.path, `${name}.log`);
}
