import { writeFileSync } from "node:fs";
import module from "node:module";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { readContent } from "@mailonce/content";
import type { ContentSettings } from "../account/settings.ts";
import { keepCompiledCode } from "../system/compiled-code.ts";
import { factsOf } from "./facts.ts";
import { HeaderBeginning } from "./header-beginning.ts";
import type { Piece, ReaderAnswer } from "./reader-messages.ts";

// The process of a ContentReader: it is given one message after the other, in pieces, and answers with what is in it.
keepCompiledCode(process.env);
endWithParent();
offerToBeKilled();
// It is told in another way when it is to end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

const settings = JSON.parse(process.argv[2] ?? "") as ContentSettings;
let take: (piece: Piece) => void = () => {};
process.on("message", (piece: Piece) => take(piece));

function answer(message: ReaderAnswer): void {
  process.send?.(message);
}

/** The next message. Each piece is asked for, so none arrives before it is waited for. */
async function* pieces(header: HeaderBeginning): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { octets, isLast } = await new Promise<Piece>((resolve) => {
      take = resolve;
    });
    header.add(octets);
    yield octets;
    if (isLast) return;
    answer({ kind: "more" });
  }
}

async function read(): Promise<ReaderAnswer> {
  try {
    const header = new HeaderBeginning();
    const content = await readContent(pieces(header));
    return { kind: "facts", facts: factsOf(content, header.block, settings) };
  } catch (error) {
    // It never throws because of what is in a message. If it does all the same, this message alone is given up.
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

async function serve(): Promise<never> {
  answer({ kind: "ready" });
  answer(await read());
  keepNow();
  for (;;) answer(await read());
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
