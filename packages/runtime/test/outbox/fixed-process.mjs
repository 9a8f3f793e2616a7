// A reader that finds the same in every message.
import process from "node:process";

const parts = Array.from({ length: 30 }, (_, n) => ({
  ...{ number: `${n + 1}`, fileIndex: 0, mimeType: "application/pdf", charset: null, fileName: `${n} €.pdf` },
  ...{ disposition: "attachment", contentId: null, octets: 3000 + n, use: "attachment" },
  sha256: new Uint8Array(32).fill(n),
}));

process.on("message", (/** @type {any} */ { isLast }) => {
  const facts = {
    ...{ text: "ü".repeat(600), textCut: false, html: `<b>${"é".repeat(600)}`, parts },
    ...{ preview: null, hasAttachment: true, messageId: null, inReplyTo: null, references: [] },
    ...{ faults: [], addresses: [], tokens: [] },
  };
  process.send?.(isLast ? { kind: "facts", facts } : { kind: "more" });
});
process.send?.({ kind: "ready" });
