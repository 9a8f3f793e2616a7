import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What distinguishes a process from all others, on this machine and elsewhere, as far as the system says it. */
export interface ProcessIdentity {
  readonly host: string;
  /** Names the machine whatever its host name; null where the system does not tell. */
  readonly machine: string | null;
  /** Names the time since the machine was started last. */
  readonly boot: string | null;
  /** Names the set of processes among which a process id means one process. */
  readonly pidNamespace: string | null;
  readonly pid: number;
  /** When the process began, in ticks since the boot: tells apart two processes that had the same id. */
  readonly startTime: string | null;
}

/** The process that has an id now: none, or one with its start time, null if that is not known. */
export type ProcessLookUp =
  | { readonly kind: "none" }
  | { readonly kind: "some"; readonly startTime: string | null };

/** This process, and how to look for others: by that it is decided whether another process is dead. */
export interface ProcessFacts {
  readonly self: ProcessIdentity;
  /** Looks for a process in this process's pid namespace. */
  lookUp(pid: number): ProcessLookUp;
}

let self: ProcessIdentity | undefined;

/** The facts of this process. Only Linux tells more than host and process id; elsewhere no process is known to be dead. */
export function processFacts(): ProcessFacts {
  // It never changes, and every run of every account asks for it.
  self ??= identity();
  return { self, lookUp };
}

function identity(): ProcessIdentity {
  // Where /proc shows another pid namespace than this process's own, it tells nothing of the processes around it.
  const isOwnProc = readLink("/proc/self") === String(process.pid);
  const own = <T>(value: T): T | null => (isOwnProc ? value : null);
  return {
    host: hostname(),
    machine: own(machineDigest()),
    boot: own(readText("/proc/sys/kernel/random/boot_id")),
    pidNamespace: own(readLink("/proc/self/ns/pid")?.replace(/\D/g, "") || null),
    pid: process.pid,
    startTime: own(readStat(process.pid)?.startTime ?? null),
  };
}

function lookUp(pid: number): ProcessLookUp {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return { kind: "none" };
  }
  // Without a stat file it is hidden from this user (hidepid), or has ended this moment: not known.
  const stat = readStat(pid);
  // A zombie runs no more; in containers whose first process does not wait for its children it stays for ever.
  if (stat !== null && "ZXx".includes(stat.state)) return { kind: "none" };
  return { kind: "some", startTime: stat?.startTime ?? null };
}

/** proc_pid_stat(5): fields 3 and 22. Field 2, the name, may hold blanks and parentheses. */
function readStat(pid: number): { readonly state: string; readonly startTime: string } | null {
  const text = readText(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  const [state, startTime] = [fields[0], fields[19]];
  return state === undefined || startTime === undefined ? null : { state, startTime };
}

/** A digest of machine-id(5), which itself must not be shown to others. */
function machineDigest(): string | null {
  const id = readText("/etc/machine-id");
  return id === null || !/^[0-9a-f]{32}$/.test(id)
    ? null
    : createHash("sha256").update(`mailonce ${id}`).digest("hex").slice(0, 16);
}

function readText(path: string): string | null {
  return orNull(() => readFileSync(path, "utf8").trim());
}

function readLink(path: string): string | null {
  return orNull(() => readlinkSync(path));
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
