// Installs the Debian packages that tests and demos start servers from, and starts no system service by it.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The program that proves that a package is there, and the services that its installation would start.
 * @type {Readonly<Record<string, { readonly program: string, readonly services: readonly string[] }>>}
 */
const packages = {
  "dovecot-pop3d": { program: "/usr/lib/dovecot/pop3-login", services: ["dovecot"] },
  "mariadb-server": { program: "mariadbd", services: ["mariadb"] },
  "mariadb-client": { program: "mariadb", services: [] },
  "redis-server": { program: "redis-server", services: ["redis-server"] },
  mutt: { program: "mutt", services: [] },
  microsocks: { program: "microsocks", services: ["microsocks"] },
  tinyproxy: { program: "tinyproxy", services: ["tinyproxy"] },
  zsh: { program: "zsh", services: [] },
  fish: { program: "fish", services: [] },
  // systemd-notify and systemd-analyze.
  systemd: { program: "systemd-analyze", services: [] },
  openssl: { program: "openssl", services: [] },
  fetchmail: { program: "fetchmail", services: ["fetchmail"] },
  // gencat is of libc-dev-bin, which comes with it.
  "libc6-dev": { program: "gencat", services: [] },
};

const searchPath = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const policyFile = "/usr/sbin/policy-rc.d";
/** As printf reads it in single quotes. */
const ourPolicy =
  "#!/bin/sh\\n# Written by scripts/debian.mjs of Mailonce for one installation.\\nexit 101\\n";

/**
 * Installs those of the named Debian packages whose program is missing, with apt-get, as root or through a sudo
 * that asks no password. No system service runs because of it.
 * @param {readonly string[]} names package names
 * @returns {readonly string[]} the packages that had to be installed
 * @throws {Error} naming the missing packages and the command that installs them, when this process may not
 */
export function ensureDebianPackages(names) {
  const missing = missingDebianPackages(names);
  if (missing.length === 0) return [];
  const command = `apt-get install --no-install-recommends ${missing.join(" ")}`;
  if (findProgram("apt-get") === undefined) {
    throw new Error(`Missing: ${missing.join(", ")}. This is not Debian; on Debian: sudo ${command}`);
  }
  const prefix = asRoot();
  if (prefix === undefined) {
    throw new Error(
      `Missing: ${missing.join(", ")}. Neither root nor passwordless sudo; run: sudo ${command}`,
    );
  }
  const running = runningServices(missing);
  withoutServiceStarts(prefix, () => {
    if (install(prefix, missing).status !== 0) {
      run(prefix, ["apt-get", "update", "-qq"]);
      const second = install(prefix, missing);
      if (second.status !== 0) {
        throw new Error(`Failed: sudo ${command}\n${second.stdout}${second.stderr}`);
      }
    }
  });
  const left = missingDebianPackages(names);
  if (left.length > 0) throw new Error(`Installed, but the program is not found: ${left.join(", ")}`);
  // Where a policy was not obeyed (a package that calls systemctl itself): what was not running before stops again.
  for (const service of runningServices(missing)) {
    if (!running.includes(service)) run(prefix, ["systemctl", "stop", service]);
  }
  const started = runningServices(missing).filter((service) => !running.includes(service));
  if (started.length > 0) throw new Error(`The installation started ${started.join(", ")}; stop it by hand`);
  return missing;
}

/**
 * Those of the named packages whose program is not on this machine.
 * @param {readonly string[]} names
 * @returns {string[]}
 */
export function missingDebianPackages(names) {
  return names.filter((name) => findProgram(packages[name]?.program ?? name) === undefined);
}

/** @param {string} program */
function findProgram(program) {
  const candidates = program.includes("/") ? [program] : searchPath.map((folder) => join(folder, program));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * What stands before a command that needs root, or undefined if this process cannot become root.
 * @returns {readonly string[] | undefined}
 */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  if (findProgram("sudo") === undefined) return undefined;
  return spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : undefined;
}

/**
 * @param {readonly string[]} prefix
 * @param {readonly string[]} names
 */
function install(prefix, names) {
  return run(prefix, [
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "install",
    "--yes",
    "--no-install-recommends",
    "-o",
    "DPkg::Lock::Timeout=120",
    ...names,
  ]);
}

/**
 * @param {readonly string[]} prefix
 * @param {readonly string[]} command
 */
function run(prefix, command) {
  const [program = "", ...parameters] = [...prefix, ...command];
  return spawnSync(program, parameters, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}

/**
 * Debian's invoke-rc.d asks policy-rc.d whether it may start a service; 101 means no. A policy that is there
 * already and forbids it stays untouched; any other is put back afterwards.
 * @param {readonly string[]} prefix
 * @param {() => void} action
 */
function withoutServiceStarts(prefix, action) {
  if (existsSync(policyFile) && run(prefix, [policyFile, "dovecot", "start"]).status === 101) {
    action();
    return;
  }
  const aside = `${policyFile}.before-mailonce`;
  const existed = existsSync(policyFile);
  const restore = () => {
    run(prefix, existed ? ["mv", "-f", aside, policyFile] : ["rm", "-f", policyFile]);
  };
  // Ctrl+C reaches apt-get, too, which then fails; without a listener this process would die before `restore`.
  const interrupted = () => {};
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  try {
    if (existed) run(prefix, ["mv", "-f", policyFile, aside]);
    const write = run(prefix, [
      "sh",
      "-c",
      `printf '${ourPolicy}' > ${policyFile} && chmod 755 ${policyFile}`,
    ]);
    if (write.status !== 0) throw new Error(`Cannot write ${policyFile}: ${write.stderr}`);
    action();
  } finally {
    restore();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}

/**
 * The services of these packages that systemd has running now; none where systemd is not the init process.
 * @param {readonly string[]} names
 * @returns {string[]}
 */
function runningServices(names) {
  if (!existsSync("/run/systemd/system")) return [];
  return names
    .flatMap((name) => packages[name]?.services ?? [])
    .filter((service) => spawnSync("systemctl", ["is-active", "--quiet", service]).status === 0);
}
