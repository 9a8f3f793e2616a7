// Times as people read them.

/** Three significant digits or so; below a tenth of a second in milliseconds. @param {number} value */
export function inSeconds(value) {
  if (value < 0.1) return `${(value * 1000).toFixed(value < 0.01 ? 1 : 0)} ms`;
  return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} s`;
}
