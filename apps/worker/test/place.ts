import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Pop3Server, simpleMail, type TemporaryFolder } from "@mailonce/testkit";
import { startWorker, type WorkerProcess } from "./worker-process.ts";

const mailonce = join(import.meta.dirname, "../../cli/bin/mailonce.js");
let places = 0;

/** A message of this subject. */
export function mail(subject: string): Uint8Array {
  const people = { from: "Ann <ann@example.org>", to: "Ben <ben@example.org>" };
  return simpleMail({ ...people, subject, date: new Date("2026-11-02T10:00:00Z"), body: "Hello." });
}

export const urlOf = (server: Pop3Server): string =>
  `pop3://${server.user}@127.0.0.1:${server.port}?tls=none`;

const defaults = { schedule: "1s", password: { env: "MAILONCE_PASSWORD" } };

/** An accounts file and a database of their own. */
export function place(folder: TemporaryFolder) {
  const name = join(folder.path, String(++places));
  const file = `${name}.json`;
  const database = `sqlite:${name}.sqlite`;
  return {
    file,
    database,
    write(accounts: Readonly<Record<string, object>>, more: object = {}) {
      // Written anew, as editors do.
      rmSync(file, { force: true });
      writeFileSync(file, JSON.stringify({ database, ...more, defaults, accounts }), { mode: 0o600 });
    },
    start: (env: Readonly<Record<string, string>> = {}) => startWorker(env, ["--config", file]),
    /** Runs the command line on the same file. */
    mailonce: async (...parameters: readonly string[]) => {
      const env = { PATH: process.env["PATH"], HOME: folder.path, MAILONCE_CONFIG: file };
      return (await promisify(execFile)(process.execPath, [mailonce, ...parameters], { env })).stdout;
    },
  };
}

/** What a worker says over HTTP. */
export async function statusOf(worker: WorkerProcess) {
  const address = /http:\S+/.exec(await worker.line(/^listening on/))?.[0] ?? "";
  const get = async (path: string) => {
    const response = await fetch(address + path);
    return { status: response.status, text: await response.text() };
  };
  /** The values of a metric by their labels, which may be none. */
  const metric = async (name: string): Promise<Readonly<Record<string, number>>> => {
    const { text } = await get("/metrics");
    const lines = text.split("\n").flatMap((line) => {
      const [, found, labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      return found === name ? [[labels.replaceAll('"', ""), Number(value)] as const] : [];
    });
    return Object.fromEntries(lines);
  };
  return { address, get, metric };
}
