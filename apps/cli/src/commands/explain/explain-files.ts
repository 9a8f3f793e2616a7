import { createReadStream } from "node:fs";
import {
  type HeaderAndOctets,
  headerEnd,
  MAX_HEADER_OCTETS,
  type QueryCriteria,
  readHeader,
} from "@mailonce/core";
import { usageError } from "../../input/usage-error.ts";
import { safeLine } from "../../output/safe-text.ts";
import type { Explanations } from "./explanations.ts";

/** Says of files, a message each, whether they are wanted. @throws FailureError (`usage`) if one cannot be read */
export async function explainFiles(
  files: readonly string[],
  criteria: QueryCriteria,
  explanations: Explanations,
): Promise<void> {
  for (const file of files) {
    let mail: HeaderAndOctets;
    try {
      mail = await readMail(file);
    } catch (error) {
      const { code = "unknown error" } = error as NodeJS.ErrnoException;
      throw usageError("no-file", `the file cannot be read: ${file} (${code})`);
    }
    await explanations.message({
      place: { file },
      label: safeLine(file),
      key: {},
      octets: mail.octets,
      subject: readHeader(mail.block).subject,
      explanation: criteria.explain(mail),
    });
  }
}

/** Reads the header of a file, and counts its octets. It may be any file, so no more than a header is kept in memory. */
async function readMail(file: string): Promise<HeaderAndOctets> {
  let start: Uint8Array = new Uint8Array(0);
  let octets = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Uint8Array>) {
    octets += chunk.length;
    if (start.length < MAX_HEADER_OCTETS) start = Buffer.concat([start, chunk]);
  }
  return { block: start.subarray(0, headerEnd(start)), octets };
}
