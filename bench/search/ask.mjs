// Asks a store for the first page of many queries, all of them twice, and writes what each took: node ask.mjs URL COUNT QUERIES
import { questions } from "./questions.mjs";

const { openStore } = await import(new URL("../../packages/typeorm/dist/index.js", import.meta.url).href);

const [url = "", count = "", queries = ""] = process.argv.slice(2);
const store = await openStore({ url });
/** @type {Record<string, { readonly ms: readonly number[], readonly cpuMs: readonly number[], readonly found: number }>} */
const results = {};
const all = Object.entries(questions(Number(count), Number(queries)));
// What is compiled, and connected, is so.
for (const [, list] of all) await store.search({ query: list[0], limit: 50 });
for (const { kind, list } of [
  ...all.map(([kind, list]) => ({ kind: `${kind}, first time`, list })),
  ...all.map(([kind, list]) => ({ kind, list })),
]) {
  const ms = [];
  const cpuMs = [];
  let found = 0;
  for (const query of list) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const page = await store.search({ query, limit: 50, order: kind.startsWith("best") ? "best" : "newest" });
    ms.push(performance.now() - start);
    const { user, system } = process.cpuUsage(cpu);
    cpuMs.push((user + system) / 1000);
    found += page.messages.length;
  }
  results[kind] = { ms, cpuMs, found };
}
await store[Symbol.asyncDispose]();
process.stdout.write(`${JSON.stringify(results)}\n`);
