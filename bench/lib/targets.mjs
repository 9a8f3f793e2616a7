// What was to be reached, and whether it was.
import { inSeconds } from "./seconds.mjs";

/** @typedef {import("./compare.mjs").Result} Result */

/**
 * One line of the table of targets. `stretch` is what would be better still. `met` is null where nothing could be measured.
 * @typedef {{ readonly work: string, readonly measured: string, readonly target: string, readonly stretch?: string,
 *   readonly met: boolean | "stretch" | null }} Target
 */

/** @typedef {{ readonly most: number, readonly stretch?: number }} Bounds */

/**
 * A time as a multiple of another.
 * @param {string} work
 * @param {Bounds & { readonly of: number, readonly to: number, readonly against: string }} ratio
 * @returns {Target}
 */
export function ratioTarget(work, { of, to, against, ...bounds }) {
  // A difference of two times may come out below nothing.
  return target(work, Math.max(0, of) / to, bounds, (value) => `${value.toFixed(2)} x`, against);
}

/**
 * Memory, in MB of 10^6 octets.
 * @param {string} work @param {number} octets @param {Bounds} bounds in MB
 * @returns {Target}
 */
export function memoryTarget(work, octets, bounds) {
  const megabytes = octets > 0 ? octets / 1e6 : Number.NaN;
  return target(`${work}: memory`, megabytes, bounds, (value) => `${value.toFixed(0)} MB`, "");
}

/** @param {string} work @param {number} seconds @param {number} most @param {string} against @returns {Target} */
export function secondsTarget(work, seconds, most, against) {
  return target(work, seconds, { most }, inSeconds, against);
}

/** A plain number. @param {string} work @param {number} count @param {Bounds} bounds @returns {Target} */
export function countTarget(work, count, bounds) {
  return target(work, count, bounds, (value) => value.toFixed(2), "");
}

/**
 * @param {string} work @param {number} value @param {Bounds} bounds
 * @param {(value: number) => string} show @param {string} against
 * @returns {Target}
 */
function target(work, value, { most, stretch }, show, against) {
  const measured = Number.isFinite(value);
  const met = stretch !== undefined && value <= stretch ? "stretch" : value <= most;
  return {
    work,
    measured: measured ? show(value) : "failed",
    target: `≤ ${show(most)} ${against}`.trimEnd(),
    ...(stretch === undefined ? {} : { stretch: `≤ ${show(stretch)}` }),
    met: measured ? met : null,
  };
}

/** @param {readonly Result[]} results @param {string} name @returns {Result} */
export function resultOf(results, name) {
  const found = results.find((result) => result.name === name);
  if (found === undefined) throw new Error(`no contender ${name}`);
  return found;
}
