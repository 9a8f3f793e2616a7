import type { AccountSettings } from "@mailonce/runtime/config";
import { formatDuration } from "@mailonce/runtime/units";

/** When the worker fetches an account, as a part of a sentence: `every 5m`. */
export function scheduleInWords({ schedule }: AccountSettings): string {
  if (schedule === undefined) return "without a schedule";
  if (schedule.kind === "interval") return `every ${formatDuration(schedule.ms)}`;
  return `at ${schedule.expression}${schedule.timeZone === null ? "" : ` (${schedule.timeZone})`}`;
}
