import { writeFileSync } from "node:fs";
import module from "node:module";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { type PartName, type PartPiece, partContents, readContent } from "@mailonce/content";
import type { ContentSettings } from "../account/settings.ts";
import { keepCompiledCode } from "../system/compiled-code.ts";
import { factsOf } from "./facts.ts";
import { HeaderBeginning } from "./header-beginning.ts";
import type { Piece, ReaderAnswer, ReaderRequest } from "./reader-messages.ts";

// The process of a ContentReader: it is given one message after the other, in pieces, and answers with what is in it.
keepCompiledCode(process.env);
endWithParent();
offerToBeKilled();
// It is told in another way when it is to end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

const settings = JSON.parse(process.argv[2] ?? "") as ContentSettings;
let take: (request: ReaderRequest) => void = () => {};
process.on("message", (request: ReaderRequest) => take(request));

function answer(message: ReaderAnswer): void {
  process.send?.(message);
}

/** The next request. Each is asked for, so none arrives before it is waited for. */
function next(): Promise<ReaderRequest> {
  return new Promise((resolve) => {
    take = resolve;
  });
}

async function nextPiece(): Promise<Piece> {
  const request = await next();
  if (request.kind === "piece") return request;
  throw new RangeError("another message was begun in the middle of one");
}

/** The octets of a message. `more` asks for the next piece. */
async function* octetsFrom(first: Piece, more: () => void): AsyncGenerator<Uint8Array> {
  for (let piece = first; ; piece = await nextPiece()) {
    yield piece.octets;
    if (piece.isLast) return;
    more();
  }
}

async function read(first: Piece): Promise<void> {
  const header = new HeaderBeginning();
  const octets = octetsFrom(first, () => answer({ kind: "more" }));
  const content = await readContent(header.passing(octets));
  answer({ kind: "facts", facts: factsOf(content, header.block, settings) });
}

/** Hands over the decoded octets of parts: after each piece of the message what has come of them with it, no earlier. */
async function handOver(wanted: readonly PartName[]): Promise<void> {
  let pieces: PartPiece[] = [];
  const tell = (isLast: boolean): void => {
    answer({ kind: "octets", pieces, isLast });
    pieces = [];
  };
  answer({ kind: "more" });
  const octets = octetsFrom(await nextPiece(), () => tell(false));
  for await (const piece of partContents(octets, wanted)) pieces.push(piece);
  tell(true);
}

async function serve(): Promise<never> {
  answer({ kind: "ready" });
  for (let isFirst = true; ; isFirst = false) {
    const request = await next();
    try {
      await (request.kind === "parts" ? handOver(request.wanted) : read(request));
    } catch (error) {
      // It never throws because of what is in a message. If it does all the same, this message alone is given up.
      answer({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
    if (isFirst) keepNow();
  }
}

/** What was compiled is kept now: at its end there is no time. */
function keepNow(): void {
  (module as { readonly flushCompileCache?: () => void }).flushCompileCache?.();
}

/**
 * Ends this process when the one that started it has ended, in whatever way, and whatever is done here at that moment: it
 * may never end. Standard input ends then.
 */
function endWithParent(): void {
  const watch = `
    const { Socket } = require("node:net");
    new Socket({ fd: 0 }).on("error", () => {}).on("close", () => process.kill(process.pid, "SIGKILL")).resume();`;
  new Worker(watch, { eval: true });
}

/** Where the machine runs out of memory Linux ends this process, and not the one that stores mail. */
function offerToBeKilled(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Another system.
  }
}

void serve();
