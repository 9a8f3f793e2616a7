import { Buffer } from "node:buffer";
import { Random } from "./random.ts";
import { base64Lines, mailDate, simpleMail } from "./simple-mail.ts";
import { specialMail } from "./special-mail.ts";

/** What sample mail has in it. */
export interface SampleMailOptions {
  /** Octets of the one large attachment before its base64; 0 leaves that message out. Default 20 MiB. */
  readonly largeAttachment?: number;
  /** Whether the hostile messages are among it. Default true. */
  readonly special?: boolean;
}

/**
 * So many messages, the same octets for the same arguments. The hostile ones of `specialMail` and one with a large
 * attachment are strewn among ordinary ones of mostly 4 KB (log-normal); with a small count some of them are missing.
 */
export function sampleMail(count = 200, seed = 1, options: SampleMailOptions = {}): Uint8Array[] {
  const { largeAttachment = 20 * 1024 * 1024, special = true } = options;
  const random = new Random(seed);
  const makers: (() => Uint8Array)[] = special ? Object.values(specialMail) : [];
  if (largeAttachment > 0) makers.push(() => largeMail(largeAttachment, seed));
  for (let number = makers.length; number < count; number += 1) {
    const own = new Random(seed * 1_000_003 + number);
    makers.push(() => ordinaryMail(number, own));
  }
  return random
    .shuffled(makers)
    .slice(0, count)
    .map((make) => make());
}

const people = [
  "Ada Lovelace <ada@example.org>",
  "Jürgen Groß <jg@example.de>",
  "noreply@shop.example.com",
  "山田太郎 <taro@example.jp>",
  '"O\'Neill, Pat" <pat@example.ie>',
] as const;
const subjects = [
  "Minutes",
  "Your order",
  "Re: Lunch?",
  "Größe 42 ist da",
  "Invoice",
  "Привет",
  "[list] patch 3/7",
] as const;
const words =
  "the mail of a maildrop is kept there and read here line by line until nothing new is left to read über naïve 東京".split(
    " ",
  );

function ordinaryMail(number: number, random: Random): Uint8Array {
  const date = new Date(Date.UTC(2023, 0, 1) + random.below(700 * 86_400_000));
  const body = textOf(random.logNormal(3500, 0.8), random);
  const kind = random.below(10);
  return simpleMail({
    from: random.pick(people),
    to: "alice@example.org",
    subject: `${random.pick(subjects)} ${number}`,
    date: new Date(Math.floor(date.getTime() / 1000) * 1000),
    body,
    // A number in it: no two ordinary messages are alike.
    messageId: `<${number}.${random.below(2 ** 31)}@sample.example.org>`,
    ...(kind === 0 ? { receivedBy: null } : {}),
    ...(kind === 1 || kind === 2
      ? { html: `<html><body><p>${body.replaceAll("\n", "<br>\n")}</p></body></html>` }
      : {}),
    ...(kind === 3
      ? { attachments: [{ name: "data.bin", bytes: noise(1 + random.below(6000), random) }] }
      : {}),
    ...(kind === 4 ? { headers: ["List-Id: <list.example.org>", "X-Status: A"] } : {}),
  });
}

function textOf(octets: number, random: Random): string {
  const lines: string[] = [];
  let length = 0;
  while (length < octets) {
    let line = random.below(30) === 0 ? "." : "";
    while (line.length < 66) line += `${words[random.below(words.length)] ?? ""} `;
    lines.push(line);
    length += line.length + 2;
  }
  return lines.join("\n");
}

function noise(octets: number, random: Random): Uint8Array {
  const bytes = Buffer.alloc(octets);
  for (let at = 0; at < octets; at += 1) bytes[at] = random.below(256);
  return bytes;
}

function largeMail(octets: number, seed: number): Uint8Array {
  const block = noise(57 * 1024, new Random(seed));
  const whole = base64Lines(block)
    .map((line) => `${line}\r\n`)
    .join("");
  const copies = Math.floor(octets / block.length);
  const rest = base64Lines(block.subarray(0, octets % block.length))
    .map((line) => `${line}\r\n`)
    .join("");
  const head = [
    "Received: from relay.example.net by mx.example.org;",
    `\t${mailDate(new Date(Date.UTC(2024, 1, 2, 3, 4, 5)))}`,
    `Date: ${mailDate(new Date(Date.UTC(2024, 1, 2, 3, 4, 5)))}`,
    "From: Big Sender <big@example.net>",
    "To: alice@example.org",
    `Message-ID: <large-${octets}-${seed}@example.net>`,
    "Subject: A large attachment",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="large"',
    "",
    "--large",
    'Content-Type: application/octet-stream; name="large.bin"',
    "Content-Transfer-Encoding: base64",
    "",
    "",
  ].join("\r\n");
  return Buffer.from(`${head}${whole.repeat(copies)}${rest}--large--\r\n`, "latin1");
}
