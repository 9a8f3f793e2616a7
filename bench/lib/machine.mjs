// What the numbers were measured on, without names that identify it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** @typedef {{ readonly cpu: string, readonly memory: string, readonly system: string, readonly software: string }} Machine */

/** @param {readonly import("./setups.mjs").Build[]} builds @returns {Machine} */
export function describeMachine(builds) {
  const [first] = cpus();
  const nodes = new Set(builds.map(({ node }) => version(node, ["--version"], /^v(\S+)/)));
  const software = [
    ...[...nodes].map((node) => `Node ${node}`),
    `Dovecot ${version("dovecot", ["--version"], /^(\S+)/)}`,
    `MariaDB ${version("mariadbd", ["--version"], /Ver (\d[\d.]*)/)}`,
    `mpop ${version("mpop", ["--version"], /version (\S+)/)}`,
    `fetchmail ${version("fetchmail", ["--version"], /release (\d[\d.]*)/)}`,
  ];
  return {
    cpu: `${first?.model.replace(/\s+/g, " ").trim() ?? "unknown processor"}, ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${distribution()}, Linux ${release().split("-")[0]}`,
    software: software.join(", "),
  };
}

/** @param {string} program @param {readonly string[]} parameters @param {RegExp} pattern */
function version(program, parameters, pattern) {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
  try {
    return (
      pattern.exec(
        execFileSync(program, parameters, { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] }),
      )?.[1] ?? "?"
    );
  } catch {
    return "?";
  }
}

function distribution() {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  } catch {
    return "Linux";
  }
}
