// What a process that still runs has taken so far.
import { readFileSync } from "node:fs";

/** proc_pid_stat(5): fields 14 and 15, in hundredths of a second. @param {number} pid */
export function cpuSecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The highest resident set. @param {number} pid */
export function peakOctetsOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
