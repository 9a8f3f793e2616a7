// What was to be reached, and whether it was.

/** @typedef {import("./compare.mjs").Result} Result */

/**
 * One line of the table of targets. `met` is null where nothing could be measured.
 * @typedef {{ readonly work: string, readonly measured: string, readonly target: string, readonly met: boolean | null }} Target
 */

/**
 * A time as a multiple of another.
 * @param {string} work
 * @param {{ readonly of: number, readonly to: number, readonly most: number, readonly against: string }} ratio
 * @returns {Target}
 */
export function ratioTarget(work, { of, to, most, against }) {
  // A difference of two times may come out below nothing.
  return target(work, Math.max(0, of) / to, most, (value) => `${value.toFixed(2)} x`, against);
}

/**
 * Memory, in MB of 10^6 octets.
 * @param {string} work @param {number} octets @param {number} mostMegabytes
 * @returns {Target}
 */
export function memoryTarget(work, octets, mostMegabytes) {
  const megabytes = octets > 0 ? octets / 1e6 : Number.NaN;
  return target(`${work}: memory`, megabytes, mostMegabytes, (value) => `${value.toFixed(0)} MB`, "");
}

/** @param {string} work @param {number} seconds @param {number} most @param {string} against @returns {Target} */
export function secondsTarget(work, seconds, most, against) {
  return target(work, seconds, most, (value) => `${value.toFixed(2)} s`, against);
}

/**
 * @param {string} work @param {number} value @param {number} most
 * @param {(value: number) => string} show @param {string} against
 * @returns {Target}
 */
function target(work, value, most, show, against) {
  const measured = Number.isFinite(value);
  return {
    work,
    measured: measured ? show(value) : "failed",
    target: `≤ ${show(most)} ${against}`.trimEnd(),
    met: measured ? value <= most : null,
  };
}

/** @param {readonly Result[]} results @param {string} name @returns {Result} */
export function resultOf(results, name) {
  const found = results.find((result) => result.name === name);
  if (found === undefined) throw new Error(`no contender ${name}`);
  return found;
}
