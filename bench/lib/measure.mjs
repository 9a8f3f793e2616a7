// Runs one program and tells what it took.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeProgram } from "./native.mjs";

/**
 * What one run took. `approximate`: scaled from fewer messages.
 * @typedef {{ readonly seconds: number, readonly cpuSeconds: number, readonly peakOctets: number,
 *   readonly approximate?: true }} Sample
 * @typedef {Sample & { readonly output: string }} Measured
 */

const PATIENCE_MS = 300_000;

/**
 * Runs a program with its standard output in a file, and standard error kept. What earlier runs have left to be written
 * is on disk before it starts.
 * @param {readonly string[]} command
 * @param {{ readonly env?: Readonly<Record<string, string>>, readonly cwd?: string, readonly exitCodes?: readonly number[] }} [options]
 *   the whole environment; exit codes that mean success (default 0)
 * @returns {Promise<Measured>}
 * @throws {Error} with the end of its output, if it fails or takes more than five minutes
 */
export async function measure(command, { env = {}, cwd, exitCodes = [0] } = {}) {
  const base = join(tmpdir(), `mailonce-bench-${randomBytes(6).toString("hex")}`);
  const files = { result: `${base}.json`, output: `${base}.out`, errors: `${base}.err` };
  const [output, errors] = [openSync(files.output, "w", 0o600), openSync(files.errors, "w", 0o600)];
  try {
    spawnSync("sync");
    const child = spawn(nativeProgram("measure"), [files.result, ...command], {
      stdio: ["ignore", output, errors],
      env: { PATH: process.env["PATH"] ?? "", ...env },
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
      ...(cwd === undefined ? {} : { cwd }),
    });
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    const text = readFileSync(files.output, "utf8");
    if (code !== 0) throw new Error(`${shown(command)} took more than ${PATIENCE_MS / 1000} s`);
    const result = JSON.parse(readFileSync(files.result, "utf8"));
    if (!exitCodes.includes(result.exitCode)) {
      const said = `${text.slice(-300)}${readFileSync(files.errors, "utf8").slice(-700)}`.trim();
      throw new Error(`${shown(command)} ended with ${ended(result)}: ${withoutFolders(said)}`);
    }
    return {
      seconds: result.ms / 1000,
      cpuSeconds: result.userSeconds + result.systemSeconds,
      peakOctets: result.peakKiB * 1024,
      output: text,
    };
  } finally {
    closeSync(output);
    closeSync(errors);
    for (const file of Object.values(files)) rmSync(file, { force: true });
  }
}

/** @param {{ readonly exitCode: number, readonly signal: number }} result */
function ended({ exitCode, signal }) {
  return signal === 0 ? `exit code ${exitCode}` : `signal ${signal}`;
}

/** Results are published: they name no folder of this machine. @param {string} text */
function withoutFolders(text) {
  return text.replace(/\/(?:[^\s/]+\/)+/g, "");
}

/** @param {readonly string[]} command */
function shown(command) {
  const words = command.slice(0, 3).map((word) => word.split("/").at(-1));
  return words.join(" ");
}
