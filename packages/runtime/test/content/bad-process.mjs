// A reader that does badly what a message's subject says; with "parts" in it, only when its parts are wanted. A message with
// "file" in it is a file as a whole.
import { createHash } from "node:crypto";
import process from "node:process";

let wantsParts = false;
process.on("message", (/** @type {any} */ { kind, octets }) => {
  if (kind === "parts") {
    wantsParts = true;
    process.send?.({ kind: "more" });
    return;
  }
  const text = Buffer.from(octets).toString("latin1");
  const isPart = wantsParts;
  wantsParts = false;
  if (text.includes("parts") !== isPart) return answer(text, octets, isPart);
  if (text.includes("throw")) throw new Error("thrown on purpose");
  if (text.includes("exit")) process.exit(3);
  if (text.includes("hang")) for (;;);
  if (text.includes("much at once")) for (const heap = []; ; ) heap.push(new Array(2e7).fill(heap.length));
  if (text.includes("memory")) for (const heap = []; ; ) heap.push(new Array(1000).fill(heap.length));
  answer(text, octets, isPart);
});

/** @param {string} text @param {Uint8Array} octets @param {boolean} isPart */
function answer(text, octets, isPart) {
  if (isPart) {
    const given = text.includes("less")
      ? octets.subarray(1)
      : text.includes("other")
        ? octets.fill(1)
        : octets;
    process.send?.({ kind: "octets", pieces: [{ index: 0, octets: given }], isLast: true });
    return;
  }
  const sha256 = createHash("sha256").update(octets).digest();
  const file = { number: "1", fileIndex: 0, octets: octets.length, sha256 };
  const facts = { text, textCut: false, html: null, preview: null, hasAttachment: false, inReplyTo: null };
  process.send?.({
    kind: "facts",
    facts: {
      ...{ ...facts, references: [], faults: [], parts: [], addresses: [], tokens: [] },
      files: text.includes("file") ? [file] : [],
    },
  });
}
process.send?.({ kind: "ready" });
