import { createHash } from "node:crypto";
import { type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CorpusMail, corpus } from "../../../packages/content/test/corpus/corpus.ts";
import { build, User } from "./mailonce.ts";

/** A mail of the table as it lies in the maildrop. */
interface Delivered extends CorpusMail {
  readonly sent: Buffer;
  readonly sha256: string;
}

const MAILS: readonly Delivered[] = corpus().map((mail) => {
  const sent = Buffer.concat([mail.octets, Buffer.from("\r\n")]);
  return { ...mail, sent, sha256: createHash("sha256").update(sent).digest("hex") };
});
const TITLES = MAILS.map(({ language, habit }) => `${language}: ${habit}`);
const SHOWN = 30;
/** Every so many: of all parts of the table, and of those whose characters a terminal must not get. */
const SAMPLE = MAILS.filter(
  (mail, at) => at % Math.ceil(MAILS.length / SHOWN) === 0 || mail.shown.text !== mail.expected.text,
);
const MARKS = { stated: "", doubtful: "?", received: "*" };

let server: Pop3Server;
let user: User;
/** The messages by the hash of their octets, as `list --json` has them. */
let listed: ReadonlyMap<string, Record<string, unknown>>;

beforeAll(async () => {
  build();
  server = await startPop3Server();
  server.maildrop.deliverAll(MAILS.map(({ sent }) => sent));
  user = new User();
  const fetched = await user.run(["fetch", url()]);
  if (fetched.code !== 0) throw new Error(fetched.stderr);
  const { json } = await user.run(["list", "--json"]);
  listed = new Map(json.map((message) => [String(message["sha256"]), message]));
}, 300_000);

afterAll(async () => {
  await user[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const url = (): string => `pop3://alice@127.0.0.1:${server.port}?tls=none`;
const idOf = ({ sha256 }: Delivered): string => String(listed.get(sha256)?.["id"]);
/** A line of a terminal has no tabs, and not two blanks after each other. */
const line = (text: string | null): string => (text ?? "").replace(/[^\S\ufeff]+/g, " ").trim();

describe("every mail of the corpus", () => {
  it("is listed with the subject, sender and date of the table", () => {
    const rows = MAILS.map(({ sha256 }) => listed.get(sha256) ?? {});
    expect(
      rows.map(({ subject, from, date, dateKind }, at) => ({
        of: TITLES[at],
        subject,
        from,
        date,
        dateKind,
      })),
    ).toEqual(
      MAILS.map(({ expected: { subject, from, date, dateKind } }, at) => ({
        of: TITLES[at],
        subject,
        from,
        date,
        dateKind,
      })),
    );
  });

  it("is listed in a line for people", async () => {
    const { stdout } = await user.run(["list"]);
    const lines = new Map(stdout.split("\n").map((text) => [text.slice(0, 12), text]));
    const wrong = MAILS.flatMap((mail, at) => {
      const text = lines.get(idOf(mail).slice(-12)) ?? "";
      const { date, dateKind } = mail.expected;
      const day =
        date === null ? "" : `${date.slice(0, 16).replace("T", " ")}${MARKS[dateKind as keyof typeof MARKS]}`;
      const parts = [day, line(mail.shown.from), line(mail.shown.subject)];
      return parts.every((part) => text.includes(part)) ? [] : [{ of: TITLES[at], text, parts }];
    });
    expect(wrong).toEqual([]);
    expect(unsafe(stdout)).toEqual([]);
  });

  it("is shown with the same words and its text", async () => {
    const wrong: unknown[] = [];
    for (const mail of SAMPLE) {
      const { stdout } = await user.run(["show", idOf(mail)]);
      const { subject, from, text } = mail.shown;
      const parts = [
        ...(subject === null ? [] : [`ubject: ${line(subject)}\n`]),
        ...(from === null ? [] : [`rom: ${line(from)}\n`]),
        `\n\n${text}\n`,
      ];
      const missing = parts.filter((part) => !stdout.replace(/^(?:SUBJECT|FROM):/gm, "").includes(part));
      if (missing.length > 0 || unsafe(stdout).length > 0) wrong.push({ missing, stdout });
    }
    expect(wrong).toEqual([]);
  }, 300_000);

  it("is shown as JSON with the same words and its text", async () => {
    const wrong: unknown[] = [];
    for (const mail of SAMPLE.slice(0, 10)) {
      const [shown] = (await user.run(["show", idOf(mail), "--json"])).json;
      const { subject, from, text } = mail.expected;
      if (shown?.["subject"] !== subject || shown["from"] !== from || shown["text"] !== text)
        wrong.push(shown);
    }
    expect(wrong).toEqual([]);
  }, 300_000);
});

describe("a query", () => {
  it.each([
    ["Счёт на оплату"],
    ["Größe und Maße"],
    ["会议"],
    ["Xác nhận đơn hàng"],
    ["Επιβεβαίωση παραγγελίας"],
    ["sipariş onayı"],
  ])("for the words %j in the subject wants those that the table has", async (words) => {
    const wanted = MAILS.filter(({ expected }) =>
      expected.subject?.toLocaleLowerCase("en").includes(words.toLocaleLowerCase("en")),
    );
    const { stdout } = await user.run(["explain", "--stored", "--where", `subject:"${words}"`]);
    const ids = [...stdout.matchAll(/^wanted +([0-9a-f]{12}) /gm)].map(([, id]) => id);
    expect(new Set(ids)).toEqual(new Set(wanted.map((mail) => idOf(mail).slice(-12))));
    expect(wanted.length).toBeGreaterThan(4);
  });

  it("says of mail on the server what it says of stored mail", async () => {
    const another = new User();
    const { json } = await another.run(["check", "--json", "--where", 'from:"Иван Петров"', url()]);
    await another[Symbol.asyncDispose]();
    const wanted = MAILS.filter(({ expected }) => expected.from?.includes("Иван Петров"));
    expect(json.at(-1)).toMatchObject({ counts: { new: wanted.length } });
  });
});

/** Characters that a terminal might obey, and those that stand for octets that are no character, but for mail that has them. */
function unsafe(stdout: string): readonly string[] {
  const allowed = MAILS.flatMap(({ shown }) => [shown.subject, shown.from, shown.text].map(line)).filter(
    (text) => text.includes("\ufffd"),
  );
  return stdout
    .split("\n")
    .filter(
      (text) => /[\p{Control}\p{Surrogate}\ufffd]/u.test(text) && !allowed.some((one) => text.includes(one)),
    );
}
