// A reader that does badly what a message's subject says.
import process from "node:process";

process.on("message", (/** @type {any} */ { octets }) => {
  const text = Buffer.from(octets).toString("latin1");
  if (text.includes("throw")) throw new Error("thrown on purpose");
  if (text.includes("exit")) process.exit(3);
  if (text.includes("hang")) for (;;);
  if (text.includes("much at once")) for (const heap = []; ; ) heap.push(new Array(2e7).fill(heap.length));
  if (text.includes("memory")) for (const heap = []; ; ) heap.push(new Array(1000).fill(heap.length));
  const facts = { text, textCut: false, html: null, preview: null, hasAttachment: false, inReplyTo: null };
  process.send?.({
    kind: "facts",
    facts: { ...facts, references: [], faults: [], parts: [], addresses: [], tokens: [] },
  });
});
process.send?.({ kind: "ready" });
