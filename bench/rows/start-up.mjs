// How long the program takes before it does anything.
import { compare } from "../lib/compare.mjs";
import { mailonce } from "../lib/mailonce.mjs";
import { measure } from "../lib/measure.mjs";
import { ratioTarget, resultOf } from "../lib/targets.mjs";

/** @type {import("./row.mjs").Row} */
export const startUp = {
  name: "start-up",
  title: "Start-up",
  async measure(bench) {
    const results = await compare(
      bench,
      [
        { name: "node -e 0", run: () => measure([process.execPath, "-e", "0"]) },
        { name: "mailonce --version", run: () => measure([...mailonce, "--version"]) },
        { name: "mailonce --help", run: () => measure([...mailonce, "--help"]) },
      ],
      bench.size(15, 3),
    );
    const to = resultOf(results, "node -e 0").seconds;
    const of = resultOf(results, "mailonce --version").seconds;
    return {
      note: "medians of many starts",
      results,
      reference: "node -e 0",
      targets: [ratioTarget("mailonce --version", { of, to, most: 2, against: "node -e 0" })],
    };
  },
};
