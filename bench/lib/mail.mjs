// Messages that are the same on every machine and in every run.
import { Buffer } from "node:buffer";
import { randomNumbers } from "./random.mjs";

const LINE = 76;
const POOL_LINES = 4096;
const LARGEST = 2_000_000;

/** Lines of words to cut bodies from. */
const pool = makePool();

/** So many messages of 4 KB in the median and 12.6 KB in the mean (log-normal, sigma 1.5). @param {number} count */
export function* ordinaryMail(count) {
  const random = randomNumbers(1);
  for (let number = 1; number <= count; number += 1) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    yield mail(number, Math.min(LARGEST, Math.round(4000 * Math.exp(1.5 * normal))), random);
  }
}

/** So many messages of about these octets. @param {number} count @param {number} octets */
export function* equalMail(count, octets) {
  const random = randomNumbers(2);
  for (let number = 1; number <= count; number += 1) yield mail(number, octets, random);
}

/** @param {number} number @param {number} octets @param {() => number} random */
function mail(number, octets, random) {
  const date = new Date(Date.UTC(2023, 0, 1) + Math.floor(random() * 700 * 86_400) * 1000)
    .toUTCString()
    .replace("GMT", "+0000");
  const token = Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
  // One in ten with an encoded word, as mail has them.
  const subject =
    number % 10 === 0
      ? `=?utf-8?B?${Buffer.from(`Größe ${number}`).toString("base64")}?=`
      : `Message ${number}`;
  const header = Buffer.from(
    [
      `Return-Path: <sender${number % 97}@example.net>`,
      `Received: from relay.example.net (relay.example.net [192.0.2.25])`,
      `\tby mx.example.org (Postfix) with ESMTPS id ${token.toUpperCase()}`,
      `\tfor <alice@example.org>; ${date}`,
      `Received: from [198.51.100.${number % 251}] by relay.example.net with ESMTPSA; ${date}`,
      `Date: ${date}`,
      `From: Sender ${number % 97} <sender${number % 97}@example.net>`,
      `To: Alice <alice@example.org>`,
      `Message-ID: <${token}.${number}@example.net>`,
      `Subject: ${subject}`,
      `MIME-Version: 1.0`,
      `Content-Type: text/plain; charset=utf-8`,
      `Content-Transfer-Encoding: 8bit`,
      ``,
      ``,
    ].join("\r\n"),
  );
  const parts = [header];
  for (let left = octets - header.length; left > 0; ) {
    const from = Math.floor(random() * POOL_LINES) * LINE;
    const part = pool.subarray(from, from + Math.ceil(left / LINE) * LINE);
    parts.push(part);
    left -= part.length;
  }
  return Buffer.concat(parts);
}

function makePool() {
  const words =
    "the mail of a maildrop is kept there and read here line by line until nothing is left to read".split(
      " ",
    );
  const random = randomNumbers(3);
  const lines = Array.from({ length: POOL_LINES }, () => {
    let line = "";
    while (line.length < LINE) line += `${words[Math.floor(random() * words.length)]} `;
    return `${line.slice(0, LINE - 3)}.\r\n`;
  });
  return Buffer.from(lines.join(""), "latin1");
}
