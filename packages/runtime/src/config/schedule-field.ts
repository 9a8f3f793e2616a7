import { Cron } from "croner";
import type { z } from "zod";
import type { Schedule } from "../account/settings.ts";
import { FieldError } from "../text/field-error.ts";
import { parseDuration } from "../text/units.ts";
import { field } from "./fields.ts";
import { readAll } from "./values.ts";

/** `5m`, `{ cron: "0 7 * * *", timeZone: Europe/Berlin }` or `never`. */
export function schedule(description: string): z.ZodType<Schedule | "never"> {
  const form = 'must be an interval such as 5m, or { cron: "0 7 * * *", timeZone: Europe/Berlin }, or never';
  const json = {
    anyOf: [
      { type: "string", pattern: "^(never|(\\d+(ms|s|m|h|d) ?)+)$" },
      {
        type: "object",
        properties: { cron: { type: "string" }, timeZone: { type: "string" } },
        required: ["cron"],
        additionalProperties: false,
      },
    ],
  };
  return field(description, json, (value) => {
    if (value === "never") return value;
    if (typeof value === "string") {
      const ms = parseDuration(value);
      if (ms === null || ms < 1000) throw new FieldError(form);
      return { kind: "interval", ms };
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new FieldError(form);
    const { cron, timeZone, ...rest } = value as Record<string, unknown>;
    if (typeof cron !== "string" || Object.keys(rest).length > 0) throw new FieldError(form);
    const [expression, zone] = readAll<string | null>([
      ["", () => readCron(cron)],
      ["", () => readTimeZone(timeZone)],
    ]);
    return { kind: "cron", expression: expression ?? "", timeZone: zone ?? null };
  });
}

function readCron(expression: string): string {
  try {
    new Cron(expression, { paused: true }).stop();
    return expression;
  } catch {
    throw new FieldError(
      'must be a cron expression of five fields: minute, hour, day of the month, month, day of the week, such as "30 7 * * 1-5"',
    );
  }
}

function readTimeZone(value: unknown): string | null {
  if (value === undefined) return null;
  try {
    if (typeof value !== "string") throw new RangeError();
    new Intl.DateTimeFormat("en", { timeZone: value });
    return value;
  } catch {
    throw new FieldError("timeZone must be a name of the time zone database, such as Europe/Berlin or UTC");
  }
}
