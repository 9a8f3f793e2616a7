// What the loops of the Node peers have in common: which unique-ids are known, and where messages go.
import { readFileSync } from "node:fs";

/**
 * @param {string} knownFile a line for each known unique-id; "-" for none
 */
export async function openInbox(knownFile) {
  const known = new Set(knownFile === "-" ? [] : readFileSync(knownFile, "utf8").split("\n"));
  const uri = process.env["BENCH_DATABASE"];
  const connection = uri === undefined ? null : await (await import("mysql2/promise")).createConnection(uri);
  return {
    /** @param {string} uniqueId */
    knows: (uniqueId) => known.has(uniqueId),
    /** @param {string} uniqueId @param {string} mail */
    async store(uniqueId, mail) {
      known.add(uniqueId);
      await connection?.query("INSERT INTO mail (unique_id, content) VALUES (?, ?)", [uniqueId, mail]);
    },
    async close() {
      await connection?.end();
    },
  };
}
