import { z } from "zod";
import { FieldError } from "../text/field-error.ts";
import { duration, field, integer, mapping, truth, url } from "./fields.ts";

const TEN_YEARS_MS = 3650 * 86_400_000;

/** What concerns the worker, as a file has it. */
export const workerSchema = mapping({
  queue: url("Spread the runs over many workers through this Redis.", ["redis:", "rediss:"]).optional(),
  listen: field(
    "Where /healthz, /readyz and /metrics are served.",
    { type: ["string", "integer"], examples: ["127.0.0.1:9090"] },
    readListen,
  ).optional(),
  metrics: mapping({
    names: truth("false: no metric names a maildrop (default true).").optional(),
  })
    .meta({ description: "What /metrics says." })
    .optional(),
  perHost: integer("Sessions with one server at the same time (default 4).", 1, 1000).optional(),
  shutdown: duration("How long SIGTERM waits for the runs under way (default 30s).").optional(),
  keepDelivered: z
    .union([z.literal("always"), duration("A duration.", TEN_YEARS_MS)])
    .meta({
      description: "How long the outbox keeps deliveries that were made (default 14d); always: for ever.",
    })
    .optional(),
});

function readListen(value: unknown): { readonly host: string; readonly port: number } {
  const text = typeof value === "number" || typeof value === "string" ? String(value) : "";
  const [, host = "127.0.0.1", digits = ""] = /^(?:(\[[^\]]+\]|[^:\s]+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535)
    throw new FieldError("must be a port or HOST:PORT, such as 127.0.0.1:9090");
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port };
}
