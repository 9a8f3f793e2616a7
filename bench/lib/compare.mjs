// Contenders for one piece of work, in turns.
import { median } from "./statistics.mjs";

/** @typedef {import("./measure.mjs").Sample} Sample */

/**
 * Someone who does the work. `prepare` is not measured. `most`: of slow ones fewer rounds. `build`: it is Mailonce.
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => Promise<unknown>} [prepare]
 * @property {() => Promise<Sample>} run
 * @property {number} [most]
 * @property {import("./setups.mjs").Build} [build]
 */

/**
 * The samples of one contender and their medians; or why there are none.
 * @typedef {object} Result
 * @property {string} name
 * @property {readonly Sample[]} samples
 * @property {number} seconds
 * @property {number} cpuSeconds
 * @property {number} peakOctets the highest of all rounds
 * @property {boolean} approximate
 * @property {string | null} error
 * @property {Readonly<Record<string, string>>} [more] columns that only its row has, by their headings
 */

/**
 * Every contender once a round, in the same order, so that what disturbs the machine disturbs all of them. One that
 * fails is not asked again, and the others go on.
 * @param {import("./bench.mjs").Bench} bench
 * @param {readonly Contender[]} contenders
 * @param {number} [rounds]
 * @returns {Promise<Result[]>}
 */
export async function compare(bench, contenders, rounds = bench.rounds) {
  /** @type {Map<string, Sample[]>} */
  const samples = new Map(contenders.map(({ name }) => [name, []]));
  /** @type {Map<string, string>} */
  const errors = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, prepare, run, build, most = rounds } of contenders) {
      if (round >= most || errors.has(name) || (bench.alone && build === undefined)) continue;
      try {
        await prepare?.();
        const { seconds, cpuSeconds, peakOctets, approximate } = await run();
        samples.get(name)?.push({ seconds, cpuSeconds, peakOctets, ...(approximate ? { approximate } : {}) });
        const peak = (peakOctets / 1e6).toFixed(0);
        bench.say(
          `  ${round + 1}  ${name}: ${seconds.toFixed(3)} s, CPU ${cpuSeconds.toFixed(2)} s, ${peak} MB`,
        );
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        errors.set(name, message);
        bench.say(`  ${round + 1}  ${name} FAILED: ${message}`);
      }
    }
  }
  return contenders.map(({ name }) => summarise(name, samples.get(name) ?? [], errors.get(name) ?? null));
}

/** @param {string} name @param {readonly Sample[]} samples @param {string | null} error @returns {Result} */
function summarise(name, samples, error) {
  return {
    name,
    samples,
    seconds: median(samples.map(({ seconds }) => seconds)),
    cpuSeconds: median(samples.map(({ cpuSeconds }) => cpuSeconds)),
    peakOctets: Math.max(0, ...samples.map(({ peakOctets }) => peakOctets)),
    approximate: samples.some(({ approximate }) => approximate === true),
    error,
  };
}
