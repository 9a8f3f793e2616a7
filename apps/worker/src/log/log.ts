import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** Takes one line of text, without its end. */
export type WriteLine = (line: string) => void;

/**
 * Makes a structured log: one JSON object a line, or the same in words where a person reads along. Nothing is redacted:
 * whoever writes to it gives it no secret, because no list of fields to redact would ever be complete.
 */
export function makeLog(write: WriteLine, format: "json" | "text", level: string): Logger {
  const stream = {
    write: (line: string) => write(format === "json" ? line.trimEnd() : inWords(line)),
  };
  return pino(
    {
      level,
      base: format === "json" ? { pid: process.pid } : null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
}

function inWords(line: string): string {
  const { time, level, maildrop, msg } = JSON.parse(line) as Readonly<Record<string, string>>;
  const mark = level === "info" ? "" : `${level}: `;
  const text = `${maildrop === undefined ? "" : `${maildrop}: `}${mark}${msg}`;
  // What people and servers have written must neither look like a line of its own nor control a terminal.
  return `${time} ${text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")}`;
}
