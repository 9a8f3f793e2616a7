import type { Disposition } from "@mailonce/core";

/** The disposition in a column. It is the same string for all rows: a million copies of "stored" would be kept otherwise. */
export function readDisposition(value: unknown): Disposition {
  switch (value) {
    case "stored":
      return "stored";
    case "skipped":
      return "skipped";
    case "baseline":
      return "baseline";
    case "waiting":
      return "waiting";
    default:
      return "deferred";
  }
}
