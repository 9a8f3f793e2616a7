// The results as tables.
import { inSeconds } from "./seconds.mjs";

/** @typedef {import("./results.mjs").RowResult} RowResult */
/** @typedef {import("./compare.mjs").Result} Result */

/**
 * @param {import("./results.mjs").RunInfo} run
 * @param {readonly RowResult[]} rows
 * @param {string | null} [plot] a picture to show
 */
export function markdown(run, rows, plot = null) {
  const { machine, quick } = run;
  const targets = rows.flatMap((row) => row.targets);
  const failed = rows.filter(({ error }) => error !== null);
  const met = targets.filter((target) => target.met === true || target.met === "stretch").length;
  return [
    "# Measured",
    "",
    `By \`npm run bench${quick ? " -- --quick" : ""}\`: medians${quick ? " of small numbers, which say nothing" : ""}.`,
    `${machine.cpu}, ${machine.memory}; ${machine.system}; ${machine.software}.`,
    "What is measured and how to read it: [bench](../README.md).",
    "",
    "## Targets",
    "",
    `${met} of ${targets.length + failed.length} met.`,
    "",
    ...table(
      ["work", "measured", "target", "stretch", "met"],
      [
        ...targets.map(({ work, measured, target, stretch = "", met }) => [
          work,
          measured,
          target,
          stretch,
          met === null ? "–" : met === "stretch" ? "yes, stretch" : met ? "yes" : "**no**",
        ]),
        ...failed.map(({ title, error }) => [title, `failed: ${cell(error ?? "")}`, "", "", "–"]),
      ],
    ),
    ...(plot === null ? [] : ["", `![First fetch](${plot})`]),
    ...rows.filter(({ results }) => results.length > 0).flatMap(section),
  ].join("\n");
}

/** @param {RowResult} row */
function section({ name, title, measuredAt, rounds, note, results, reference }) {
  const to = results.find((result) => result.name === reference)?.seconds ?? Number.NaN;
  const more = [...new Set(results.flatMap((result) => Object.keys(result.more ?? {})))];
  return [
    "",
    `## ${title}`,
    "",
    `\`npm run bench -- ${name}\` on ${measuredAt.slice(0, 10)}, ${rounds} round${rounds === 1 ? "" : "s"}: ${note}.`,
    "",
    ...table(
      ["", "time", ...(reference === null ? [] : [`× ${reference}`]), "CPU", "memory", ...more],
      results.map((result) => {
        if (result.samples.length === 0) return [result.name, `failed: ${cell(result.error ?? "")}`];
        const about = result.approximate ? "~" : "";
        return [
          result.name + (result.error === null ? "" : ` (a later round failed: ${cell(result.error)})`),
          `${about}${inSeconds(result.seconds)}`,
          ...(reference === null ? [] : [`${about}${multiple(result.seconds / to)}`]),
          `${about}${inSeconds(result.cpuSeconds)}`,
          `${(result.peakOctets / 1e6).toFixed(0)} MB`,
          ...more.map((heading) => result.more?.[heading] ?? ""),
        ];
      }),
    ),
  ];
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} lines */
function table(head, lines) {
  return [
    `| ${head.join(" | ")} |`,
    `|${head.map((_, column) => (column === 0 ? " --- " : " ---: ")).join("|")}|`,
    ...lines.map((cells) => `| ${head.map((_, column) => cells[column] ?? "").join(" | ")} |`),
  ];
}

/** @param {number} value */
function multiple(value) {
  return value >= 20 ? value.toFixed(0) : value >= 5 ? value.toFixed(1) : value.toFixed(2);
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ").slice(0, 200);
}
