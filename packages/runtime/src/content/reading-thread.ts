import { parentPort, workerData } from "node:worker_threads";
import { readContent } from "@mailonce/content";
import type { ContentSettings } from "../account/settings.ts";
import { keepCompiledCode } from "../system/compiled-code.ts";
import { factsOf } from "./facts.ts";
import { HeaderBeginning } from "./header-beginning.ts";
import type { Piece, ThreadAnswer } from "./thread-messages.ts";

// The thread of a ContentReader: it is given one message after the other, in pieces, and answers with what is in it.
keepCompiledCode(process.env);

const settings = workerData as ContentSettings;
let take: (piece: Piece) => void = () => {};
parentPort?.on("message", (piece: Piece) => take(piece));

function answer(message: ThreadAnswer): void {
  parentPort?.postMessage(message);
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

async function read(): Promise<ThreadAnswer> {
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
  for (;;) answer(await read());
}

void serve();
