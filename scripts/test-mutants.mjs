// npm run test:mutants: see USAGE.
import { spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { compileModel } from "./model.mjs";
import { readOptions, wholeNumber } from "./options.mjs";

/** A mutant that hangs is seen as well. */
const PATIENCE_MS = 600_000;

/** Rule, file of packages/core/src, what stands in its JavaScript on one line, and what stands there instead. */
// biome-ignore format: a table
const MUTANTS = [
  ["1 volatile fields count", "message/digest.js", "volatileOctets += end - start;", "volatileOctets += 0;"],
  ["5 shared ids are usable", "listing/unique-ids.js", "this.#shared[index] === 0 &&", ""],
  ["6 octets do not count", "detect/detect.js", "octets === this.#listing.octets(index)", "true"],
  ["6a twins are known", "detect/detect.js", "if (first.has(message))", "if (false)"],
  ["6a twins of marked mail are known", "select/twins.js", "if (sources.has(source)) {", "if (false) {"],
  ["7 c does not count", "select/changed.js", "return evidence.strong || row.coreOctets ===", "return true || row.coreOctets ==="],
  ["7 H does not count", "select/changed.js", "!equalOctets(row.headerDigest, evidence.headerDigest)", "false"],
  ["8 classes are not counted", "select/classes.js", "members.length <= occurrences", "occurrences > 0"],
  ["9 weak classes keep their maximum", "record/finish.js", "updates.push({ ...row, occurrences: 0 })", "void 0"],
  ["9 a mark beside weak classes", "record/finish.js", "groups.some(({ strong }) => !strong)", "false"],
  ["10 ids stay trusted", "record/settle.js", "if (this.#distrust)", "if (false)"],
  ["11 TOP is believed unproven", "select/ask-headers.js", "run.facts.topProven === true", "run.facts.topProven !== false"],
  ["11 TOP is never disproved", "run/prove.js", "if (!topProven)", "if (false)"],
  ["12 other criteria do not ask again", "ports/ledger-entry.js", "return sameOctets(a, b);", "return true;"],
  ["12 a row that is rejected again keeps its header", "record/reject.js", "sameOctets(row.headerDigest, entry.headerDigest)", "true"],
  ["13 look-alikes are bound", "select/select.js", "candidate.evidence?.strong && isSingle", "isSingle"],
  ["13 copies of what is listed are bound", "record/bind.js", "[...rows, ...others].some(isListed)", "false"],
  ["15 what failed comes before what is new", "run/fetch.js", "(first.length + queue.length === 0 && retries.length > 0)", "retries.length > 0"],
  ["16 any copy is free", "record/settle.js", "!this.#view.isTaken(messageId, identity)", "true"],
  ["16 no copy is free", "record/settle.js", "!this.#view.isTaken(messageId, identity)", "false"],
  ["16 another message is known", "record/settle.js", "this.#addClassRow(arrival, row, messageId);", "void 0;"],
  ["16 a duplicate key is the end", "report/run-state.js", "error instanceof DuplicateKeyError ||", ""],
  ["17 the generation stays", "report/run-state.js", "generation: this.#before.generation + 1", "generation: this.#before.generation"],
  ["18 QUIT whatever is committed", "run/fetch.js", "this.#recorder.unrecorded > 0", "false"],
  ["18 QUIT whatever was thrown away", "run/fetch.js", "|| this.#run.hasUnrecordedProof", ""],
  ["19 no window is moved on", "run/fetch.js", "if (!facts.retrievalHides)", "if (true)"],
  ["20 nothing is tried again", "detect/detect.js", "isDue(due, this.#options.now) ? RETRY : NOT_DUE", "NOT_DUE"],
  ["20 a class begins with the same member", "select/classes.js", "(row?.attempts ?? 0) % members.length", "0"],
  ["20 a due time is believed however far ahead", "ports/due.js", "ahead <= longestMs", "true"],
  ["20 each session is an attempt", "report/attempts.js", "this.#counted.get(key) ?? before + 1", "before + 1"],
  ["20 what failed has turn after turn", "report/attempts.js", "return this.#retried.has(latin1(identity));", "return false;"],
  ["21 attempts are not noted", "run/download.js", "await noteAttempt(run, candidate, retries);", ""],
  ["21 who ends a fetch blames a message", "run/fetch.js", "await takeBackAttempt(run);", ""],
  ["21 a run that breaks has ended by itself", "run/fetch.js", "endedCleanly: false, utf8", "utf8"],
  ["21 a lease that is taken over tells nothing", "memory/store.js", "if (isOther)", "if (false)"],
  ["22 the mark covers what is open", "listing/entries.js", "index < this.length && this.isCovered(index)", "index < this.length"],
  ["23 the tail is believed", "detect/inspect.js", 'if (rows.length !== entries.in("waiting").length)', "if (false)"],
  ["24 marks are not kept", "record/settle.js", "if (row !== null && !isTwin && isMarkedKnown(row, arrival))", "if (false)"],
  ["25 what waits is never looked at again", "detect/detect.js", "!isDue(due, this.#options.now, LONGEST_WAIT_MS)", "true"],
  ["25 what waits is asked for at every run", "detect/detect.js", "if (isMine &&", "if (false &&"],
  ["25 what waits under other criteria waits on", "detect/detect.js", "sameOctets && sameCriteria(criteriaDigest, this.#options.criteriaDigest)", "sameOctets"],
  ["25 what waits with other octets waits on", "detect/detect.js", "sameOctets && sameCriteria(", "sameCriteria("],
  ["25 not yet is never", "record/reject.js", "candidate.ripe === null", "true"],
  ["25 not yet is now", "select/select.js", "decision === true", "decision !== false"],
  ["25 what waits without a unique-id is retrieved", "select/classes.js", "decision !== true", "false"],
  ["25 what failed goes on waiting", "record/defer.js", 'row.disposition === "waiting"', "false"],
  ["25 the mark covers what waits", "report/findings.js", 'kind !== "waiting"', "true"],
  ["25 what waits voids the mark", "detect/inspect.js", 'entries.in("waiting").length', "0"],
  ["26 what was retrieved and is not wanted yet is skipped", "record/record.js", "digests.header, null) !== false", "digests.header, null) === true"],
  ["26 what proved TOP waits", "run/fetch.js", 'state === "early"', "false"],
  ["27 each look is a first sight", "select/selection.js", "firstSeen: firstSeen ?? now", "firstSeen: now"],
  ["27 a first sight to come is kept", "record/reject.js", "row.firstSeen > now", "false"],
  ["27 a first sight to come of what is settled is believed", "select/selection.js", "row.firstSeen > run.now()", "false"],
  ["27 a time is believed however far ahead", "detect/detect.js", "LONGEST_WAIT_MS)", "Number.POSITIVE_INFINITY)"],
  ["a call of the store has no bound", "ports/unbounded.js", "items.length <= ITEMS_A_CALL", "true"],
  ["20 what a person wants tried waits", "record/deferred.js", "return change(ledger, maildrop, identities, forgotten);", "return change(ledger, maildrop, identities, (entry) => entry);"],
  ["20 what is dropped is tried again", "record/deferred.js", 'disposition: "baseline", ', ""],
  ["20 what cannot be told from others is dropped", "record/deferred.js", "|| headerDigest !== null", "|| true"],
  ["20 a message that never ends is asked for again in one fetch", "run/fetch.js", "run.attempts.noteRetry(keyOf(candidate));", ""],
  ["a large message is believed before its block", "retrieve/exchange.js", "this.#streamed.push(received);", "return { done: false, value: [received] };"],
  ["a server whose TOPs are out of step is asked many at a time", "run/fetch.js", "|| isOutOfStep(error)", ""],
  ["a cut header is believed", "retrieve/headers.js", "block.length < listedOctets", "false"],
  ["a server on which a header is cut is asked many at a time", "run/remember-server.js", 'code === "garbled-reply" || code === "suspect-reply"', 'code === "garbled-reply"'],
  ["TOP is asked for ever although it ends the session", "run/remember-server.js", 'command === "TOP"', "false"],
  ["a short reply is believed", "retrieve/exchange.js", "digests.octets < candidate.listedOctets", "false"],
];

const USAGE = `npm run test:mutants [-- OPTION…]

Breaks the dedup rules one by one, in copies of the compiled core, and shows what sees it: the conformance cases and the
histories that broke a promise once, and random histories of the model test. Exit code 1 if one goes unseen.

  --histories N  of the model, for each rule (1500)
  --only RULE    only rules whose names begin so
  --parallel N   rules at a time (as many as there are processors)`;

const { values } = readOptions(USAGE, {
  histories: { type: "string", default: "1500" },
  only: { type: "string" },
  parallel: { type: "string", default: String(availableParallelism()) },
});
const histories = wholeNumber(USAGE, "--histories", values.histories, 1);
const parallel = wholeNumber(USAGE, "--parallel", values.parallel, 1);
const compiled = compileModel();
const copies = join(compiled, "..", "mutants");
const open = MUTANTS.filter(([rule = ""]) => rule.startsWith(values.only ?? "")).map((mutant, n) => ({
  mutant,
  n,
}));
const misfits = open.filter(
  ({ mutant: [, file = "", from = ""] }) => !readFileSync(join(compiled, "src", file), "utf8").includes(from),
);
for (const { mutant } of misfits) console.log(`does not fit the source any more: ${mutant.join(", ")}`);
if (misfits.length > 0) process.exit(1);
let unseen = 0;
await Promise.all(Array.from({ length: parallel }, work));
rmSync(copies, { recursive: true, force: true });
console.log(unseen === 0 ? "every mutant was seen" : `${unseen} mutants went unseen`);
process.exitCode = unseen === 0 ? 0 : 1;

async function work() {
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [rule = "", file = "", from = "", to = ""] = next.mutant;
    const seen = await examine(mutate(join(copies, String(next.n)), file, from, to));
    if (seen.byCases === null && seen.byModel === null) unseen++;
    console.log(
      `${rule}\n    cases: ${seen.byCases ?? "-"}\n    model: ${seen.byModel?.slice(0, 110) ?? "-"}`,
    );
  }
}

/**
 * @param {string} copy
 * @param {string} file
 * @param {string} from
 * @param {string} to
 */
function mutate(copy, file, from, to) {
  cpSync(compiled, copy, { recursive: true });
  const path = join(copy, "src", file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, source.replaceAll(from, to));
  return copy;
}

/** @param {string} copy */
async function examine(copy) {
  const child = spawn(process.execPath, [join(copy, "test/model/mutant.js"), String(histories)], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE_MS,
  });
  let told = "";
  let complaint = "";
  child.stdout.on("data", (chunk) => (told += chunk));
  child.stderr.on("data", (chunk) => (complaint += chunk));
  const code = await new Promise((resolve) => child.once("close", resolve));
  rmSync(copy, { recursive: true, force: true });
  if (code === 0) return JSON.parse(told);
  const end = code === null ? "does not end" : `ends with ${code}: ${complaint.trim().split("\n").at(-1)}`;
  return { byCases: end, byModel: null };
}
