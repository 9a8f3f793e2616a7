// A reader that does badly what a message's subject says.
import { parentPort } from "node:worker_threads";

parentPort?.on("message", ({ octets }) => {
  const text = Buffer.from(octets).toString("latin1");
  if (text.includes("throw")) throw new Error("thrown on purpose");
  if (text.includes("exit")) process.exit(3);
  if (text.includes("hang")) for (;;);
  if (text.includes("memory")) for (const heap = []; ; ) heap.push(new Array(1000).fill(heap.length));
  const facts = { text, textCut: false, html: null, preview: null, hasAttachment: false, inReplyTo: null };
  parentPort?.postMessage({
    kind: "facts",
    facts: { ...facts, references: [], faults: [], parts: [], addresses: [], tokens: [] },
  });
});
parentPort?.postMessage({ kind: "ready" });
