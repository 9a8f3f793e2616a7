// The first fetch as a picture, drawn without a browser.
import * as echarts from "echarts";

/** @typedef {import("./results.mjs").RowResult} RowResult */

const DELAYS = [0, 20, 50];
/** Readable on white and on dark grey. */
const INK = "#8a8f98";
const COLOURS = ["#3b8eea", "#e2813b", "#9a6ee0"];

/**
 * Grouped bars on a logarithmic axis, one group for each contender. Null if a first fetch was not measured.
 * @param {readonly RowResult[]} rows
 */
export function firstFetchPlot(rows) {
  const measured = DELAYS.map((delay) => rows.find(({ name }) => name === `first-${delay}`));
  if (measured.some((row) => row === undefined || row.results.length === 0)) return null;
  // Bottom to top, as the axis runs: the fastest stands at the top.
  const names = (measured[1]?.results ?? []).map(({ name }) => name).reverse();
  const fastest = Math.min(
    ...measured.flatMap((row) => row?.results ?? []).map(({ seconds }) => seconds || 1),
  );
  const start = 10 ** Math.floor(Math.log10(fastest));
  const chart = echarts.init(null, null, {
    renderer: "svg",
    ssr: true,
    width: 860,
    height: 90 + 62 * names.length,
  });
  chart.setOption({
    animation: false,
    color: COLOURS,
    textStyle: { fontFamily: "system-ui, sans-serif", color: INK },
    legend: { top: 8, itemGap: 24, textStyle: { color: INK, fontSize: 13 } },
    grid: { left: 170, right: 64, top: 44, bottom: 32 },
    xAxis: {
      type: "log",
      // Bars begin at the axis, not at 1.
      min: start,
      startValue: start,
      axisLabel: { color: INK, formatter: "{value} s" },
      splitLine: { lineStyle: { color: INK, opacity: 0.25 } },
    },
    yAxis: {
      type: "category",
      data: names,
      axisLabel: { color: INK, fontSize: 13 },
      axisLine: { lineStyle: { color: INK } },
      axisTick: { show: false },
    },
    // Reversed, so that 0 ms stands above 50 ms, as in the legend.
    series: DELAYS.map((delay, index) => ({ delay, row: measured[index] })).map(({ delay, row }) => ({
      name: `${delay} ms round trip`,
      type: "bar",
      barGap: "12%",
      data: names.map((name) => {
        const result = row?.results.find((each) => each.name === name);
        return result !== undefined && result.samples.length > 0 ? result.seconds : null;
      }),
      label: {
        show: true,
        position: "right",
        color: INK,
        fontSize: 11,
        formatter: (/** @type {{ readonly dataIndex: number }} */ { dataIndex }) =>
          label(row, names[dataIndex] ?? ""),
      },
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

/** @param {RowResult | undefined} row @param {string} name */
function label(row, name) {
  const result = row?.results.find((each) => each.name === name);
  if (result === undefined || result.samples.length === 0) return "";
  const { seconds } = result;
  return `${result.approximate ? "~" : ""}${seconds >= 100 ? seconds.toFixed(0) : seconds >= 10 ? seconds.toFixed(1) : seconds.toFixed(2)} s`;
}
