// A million messages that nobody wrote, the same ones each time: what the row `search` looks through.
import { randomNumbers } from "../lib/random.mjs";

/**
 * @typedef {object} SampleMail
 * @property {Buffer} id a UUID of version 7
 * @property {string} from an address
 * @property {string} to
 * @property {Date} date
 * @property {string} subject
 * @property {readonly string[]} words its text
 * @property {string | null} fileName
 */

const SENDERS = 2000;
const TOPICS = 20;
/** Words that all write, words of one topic, and numbers, names and slips that hardly anybody writes twice. */
const GENERAL = 6000;
const OF_A_TOPIC = 4000;
const SELDOM = 3_000_000;
const FIRST = Date.UTC(2020, 0, 1);
/** Between two messages: a million take six years. */
const APART_MS = 189_000;
/** How fast they were fetched. */
const STORED = Date.UTC(2026, 0, 1);

/** Message number `k`, from 0. @param {number} k @returns {SampleMail} */
export function sampleMail(k) {
  const random = randomNumbers(k * 2654435761);
  const sender = rank(random(), SENDERS, 20);
  // Who writes, writes of one thing mostly.
  const topic = random() < 0.9 ? sender % TOPICS : Math.floor(random() * TOPICS);
  const words = [];
  for (let length = 60 + Math.floor(random() * 150); words.length < length; ) {
    const kind = random();
    if (kind < 0.6) words.push(general(rank(random(), GENERAL, 8)));
    else if (kind < 0.95) words.push(ofTopic(topic, rank(random(), OF_A_TOPIC, 8)));
    else words.push(seldom(Math.floor(random() * SELDOM)));
  }
  const id = Buffer.alloc(16);
  id.writeUIntBE(STORED + k * 20, 0, 6);
  for (let at = 6; at < 16; at += 2) id.writeUInt16BE(Math.floor(random() * 65_536), at);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x70;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  const isOld = random() < 0.05;
  const at = isOld ? Math.floor(random() * (k + 1)) : k;
  return {
    id,
    from: addressOf(sender),
    to: `box${rank(random(), 50, 2)}@example.net`,
    date: new Date(FIRST + at * APART_MS),
    subject: words.slice(0, 3 + Math.floor(random() * 5)).join(" "),
    words,
    fileName: random() < 0.15 ? `${ofTopic(topic, rank(random(), OF_A_TOPIC, 8))}-${k}.pdf` : null,
  };
}

/** @param {number} sender */
export function addressOf(sender) {
  return `${word(sender)}@${word(100_000 + (sender % 300))}.example.com`;
}

/** The header block. @param {SampleMail} mail */
export function headerOf({ id, from, to, date, subject, fileName }) {
  const type = fileName === null ? "text/plain" : "multipart/mixed; boundary=b";
  return [
    `Received: from mail.example.com by mx.example.net; ${date.toUTCString().replace("GMT", "+0000")}`,
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${id.toString("hex")}@example.com>`,
    `Content-Type: ${type}`,
    ...["", ""],
  ].join("\r\n");
}

/** The text as a person reads it. @param {SampleMail} mail */
export function textOf({ words }) {
  const lines = [];
  for (let at = 0; at < words.length; at += 10) lines.push(words.slice(at, at + 10).join(" "));
  return `${lines.join("\n")}\n`;
}

/** A number below `count`: the more seldom the higher (Zipf's law, flattened at the beginning). @param {number} part @param {number} count @param {number} flat */
function rank(part, count, flat) {
  return Math.floor(flat * ((count + flat) / flat) ** part - flat);
}

/** @param {number} rank */
const general = (rank) => word(rank);
/** @param {number} topic @param {number} rank */
const ofTopic = (topic, rank) => word(200_000 + topic * OF_A_TOPIC + rank);
/** @param {number} number */
const seldom = (number) => (number % 3 === 0 ? `${number}` : word(1_000_000 + number));

const SYLLABLES = "bdfghklmnprstvwz".split("").flatMap((one) => "aeiou".split("").map((two) => one + two));

/** Another word for each number; those that are often used are short. @param {number} number */
function word(number) {
  const syllables = number < 400_000 ? 3 : 4;
  let rest = (number * 7_368_787) % SYLLABLES.length ** syllables;
  let text = "";
  for (let at = 0; at < syllables; at++) {
    text += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return text;
}
