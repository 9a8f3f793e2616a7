// Fills a database with sample mail as fetching and reading it would have left it: node fill.mjs URL COUNT
import { createHash } from "node:crypto";
import { bulkWriter } from "./bulk-writer.mjs";
import { headerOf, sampleMail, textOf } from "./sample-mail.mjs";

const dist = (/** @type {string} */ path) => import(new URL(`../../packages/${path}`, import.meta.url).href);
const { messageTokens } = await dist("core/dist/search/index.js");
const { DECODER_VERSION } = await dist("core/dist/index.js");
const { dateToken, WORDS_VERSION } = await dist("core/dist/words/index.js");
const { FACTS_VERSION } = await dist("runtime/dist/content/facts.js");
const { openStore } = await dist("typeorm/dist/index.js");

const [url = "", number = ""] = process.argv.slice(2);
const count = Number(number);
const BATCH = 2048;
const MAILDROP = "joe@example.net";
const STORED = "2026-01-01 00:00:00.000";

const store = await openStore({ url });
const { id: maildrop } = await store.openMaildrop(MAILDROP);
// One that broke off is filled further.
const { messages: already } = await store.searchStatus();
await store[Symbol.asyncDispose]();

const writer = await bulkWriter(url);
const start = performance.now();
for (let from = already; from < count; from += BATCH) {
  const mails = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => sampleMail(from + at));
  await writer.begin();
  await insertMessages(mails);
  await writer.words(
    mails.map((mail) => ({
      key: mail.id,
      tokens: tokensOf(mail),
    })),
    WORDS_VERSION,
  );
  await writer.commit();
  if ((from / BATCH) % 25 === 24) {
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stderr.write(`    ${(from + mails.length).toLocaleString("en")} after ${seconds} s\n`);
  }
}
await writer.end(mark());

/**
 * What `messageTokens` gives for the whole, and the month: the words of the sample are in ASCII, and to make their tokens here takes a tenth of the time.
 * @param {import("./sample-mail.mjs").SampleMail} mail
 */
function tokensOf(mail) {
  const fileNames = mail.fileName === null ? [] : [mail.fileName];
  /** @type {Set<string>} */
  const tokens = new Set(messageTokens({ block: Buffer.from(headerOf(mail)), text: "", fileNames }));
  for (const word of mail.words) tokens.add(word.length < 3 ? `a${word}`.padEnd(4, "0") : `a${word}`);
  return [...tokens, dateToken(mail.date)];
}

/** @param {readonly import("./sample-mail.mjs").SampleMail[]} mails */
async function insertMessages(mails) {
  /** @type {unknown[][][]} */
  const [messages, chunks, contents, parts, addresses, states] = [[], [], [], [], [], []];
  for (const mail of mails) {
    const { id, from, to, date, subject, fileName } = mail;
    const text = textOf(mail);
    const octets = Buffer.from(headerOf(mail) + text);
    const digest = createHash("sha256").update(octets).digest();
    const dateHeader = date.toISOString().slice(0, 23).replace("T", " ");
    messages?.push([
      ...[
        id,
        maildrop,
        digest,
        1,
        digest,
        octets.length,
        `<${id.toString("hex")}@example.com>`,
        subject,
        from,
        to,
      ],
      ...[dateHeader, "stated", fileName === null ? 0 : 1, DECODER_VERSION, STORED],
    ]);
    chunks?.push([id, 0, octets]);
    contents?.push([id, FACTS_VERSION, STORED, fileName === null ? 0 : 1, 0, text.slice(0, 200), text]);
    const part = [id, 0, "1", "text/plain", "us-ascii", null, null, text.length, digest, "text"];
    parts?.push(part);
    if (fileName !== null)
      parts?.push([id, 1, "2", "application/pdf", null, fileName, "attachment", 1, digest, "attachment"]);
    addresses?.push([id, 0, "from", from], [id, 1, "to", to]);
    states?.push([id, "made", FACTS_VERSION, STORED, 0]);
  }
  await writer.insert(
    "message",
    "id,maildrop_id,digest,copy_number,sha256,octets,message_id_header,subject,from_header,to_header,date_header,date_kind,attachments,decoder,stored_at",
    messages ?? [],
  );
  await writer.insert("message_chunk", "message_id,seq,content", chunks ?? []);
  await writer.insert(
    "message_content",
    "message_id,parser,made_at,has_attachment,text_cut,preview,text",
    contents ?? [],
  );
  await writer.insert(
    "message_part",
    "message_id,seq,part_number,mime_type,charset,file_name,disposition,octets,sha256,part_use",
    parts ?? [],
  );
  await writer.insert("message_address", "message_id,seq,role,address", addresses ?? []);
  await writer.insert("content_state", "message_id,state,parser,changed_at,attempts", states ?? []);
}

/** All were looked at: the id up to which, and when. */
function mark() {
  return { upTo: sampleMail(count - 1).id, at: STORED };
}
