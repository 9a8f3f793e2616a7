import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

interface Sample {
  readonly what: string;
  readonly mail: string;
  /** What `show` writes of it. */
  readonly shows: readonly string[];
  readonly not?: readonly (string | RegExp)[];
}

const crlf = (lines: string): string => lines.replace(/\n/g, "\r\n");

const SAMPLES: readonly Sample[] = [
  {
    what: "words of all languages and emoji",
    mail: "Subject: می‌خواهم 👨‍👩‍👧‍👦\nContent-Type: text/plain; charset=utf-8\n\nDonau\u00addampf \u200f🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    shows: [
      "Subject: می‌خواهم 👨‍👩‍👧‍👦\n",
      "\nDonau\u00addampf \u200f🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}\n",
    ],
    not: ["\ufffd"],
  },
  {
    what: "overrides and escape sequences made harmless",
    mail: "Subject: a\u202eb\nContent-Type: text/html; charset=utf-8\n\n<p>x&#27;[2J y&#x202e;z</p>",
    shows: ["Subject: a\ufffdb\n", "\nx\ufffd[2J y\ufffdz\n"],
  },
  {
    what: "a text whose label is missing or wrong",
    mail: "Subject: Grüße\nContent-Type: text/plain; charset=us-ascii\n\nGrüße",
    shows: ["Subject: Grüße\n", "\nGrüße\n"],
  },
  {
    what: "HTML that names its charset itself",
    mail:
      "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n" +
      Buffer.from('<meta charset="windows-1251"><p>\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2', "latin1").toString(
        "base64",
      ),
    shows: ["\nПривет\n"],
  },
  {
    what: "quotations of flowed text",
    mail: "Content-Type: text/plain; format=flowed\n\n> a quoted line that \n> goes on here\nand \nmine",
    shows: ["\n> a quoted line that goes on here\nand mine\n"],
  },
  {
    what: "a multipart without its boundary as it stands",
    mail: "Content-Type: multipart/mixed; boundary=b\n\nall that was written",
    shows: ["\nall that was written\n", "note: the parts of a multipart cannot be told"],
  },
  {
    what: "text of any type",
    mail: "Content-Type: text\n\n# A title",
    shows: ["\n# A title\n"],
  },
  {
    what: "Markdown",
    mail: "Content-Type: text/markdown\n\n# A title",
    shows: ["\n# A title\n"],
    not: ["attachment"],
  },
  {
    what: "a text that is said to be base64 and is not",
    mail: "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nIt was never encoded, you see.",
    shows: ["\nIt was never encoded, you see.\n"],
  },
  {
    what: "lists, tables and links",
    mail: 'Content-Type: text/html\n\n<ol start=3><li>c<ul><li>d</ul></ol><table><tr><td>a<td>1<tr><td>bbb<td>2</table><a href="https://example.org/x">here</a>',
    shows: ["\n3. c\n   - d\n", "\na    1\nbbb  2\n", "\nhere <https://example.org/x>\n"],
  },
  {
    what: "the event of a calendar",
    mail: "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Jour\n  fixe\nDTSTART;TZID=Europe/Berlin:20260504T100000\nDTEND;TZID=Europe/Berlin:20260504T110000\nLOCATION:Raum 5\nEND:VEVENT\nEND:VCALENDAR",
    shows: ["\nInvitation: Jour fixe\nWhen: Mon 2026-05-04 10:00 – 11:00 (Europe/Berlin)\nWhere: Raum 5\n"],
  },
  {
    what: "the names of files as people know them",
    mail: 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*0*=utf-8\'\'%E2%82%AC; filename*1=" rates.pdf"\n\nx\n--b\nContent-Type: application/pdf; name="../../Grüße.pdf"\n\nx\n--b--',
    shows: [
      "attachment 2 € rates.pdf (application/pdf, 1 B)",
      "attachment 3 Grüße.pdf (application/pdf, 1 B)",
    ],
  },
  {
    what: "an attached message with its subject",
    mail: "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee below.\n--b\nContent-Type: message/rfc822\n\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nwithin\n--b--",
    shows: ["\nSee below.\n", "\nSubject: Grüße\n\nwithin\n"],
  },
];

describe("show", () => {
  it("reads each of these messages as a person does", async () => {
    await using server = await startPop3Server();
    for (const { mail } of SAMPLES)
      server.maildrop.deliver(
        Buffer.from(crlf(`Message-ID: <${server.maildrop.messages.length}@example.org>\n${mail}\n`)),
      );
    await using user = new User();
    await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`]);
    const { json } = await user.run(["list", "--json"]);
    const ids = new Map(json.map(({ messageId, id }) => [messageId, String(id)]));
    const wrong: string[] = [];
    for (const [at, { what, shows, not = [] }] of SAMPLES.entries()) {
      const { stdout, code } = await user.run(["show", ids.get(`<${at}@example.org>`) ?? ""]);
      const missing = shows.filter((text) => !stdout.includes(text));
      const unwanted = not.filter((text) => stdout.match(text) !== null);
      if (code !== 0 || missing.length > 0 || unwanted.length > 0)
        wrong.push(`${what}: ${JSON.stringify({ missing, unwanted, stdout })}`);
    }
    expect(wrong).toEqual([]);
  });

  it("shows the words of subject and sender that list shows", async () => {
    await using server = await startPop3Server();
    const octets = Buffer.from(
      "Subject: \xf0\xd2\xc9\xd7\xc5\xd4\r\nFrom: \xe9\xd7\xc1\xce <i@example.org>\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nx\r\n",
      "latin1",
    );
    server.maildrop.deliver(octets);
    await using user = new User();
    await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`]);
    const [listed] = (await user.run(["list", "--json"])).json;
    const { stdout } = await user.run(["show", String(listed?.["id"])]);
    expect(listed).toMatchObject({ subject: "Привет", from: "Иван <i@example.org>" });
    expect(stdout).toContain(`Subject: ${listed?.["subject"]}\nFrom: ${listed?.["from"]}\n`);
  });

  it("takes no longer for HTML that is never closed than for other HTML", async () => {
    await using server = await startPop3Server();
    const html = (body: string): Buffer => Buffer.from(`Content-Type: text/html\r\n\r\n${body}`);
    server.maildrop.deliver(html(`<p>${"x".repeat(500_000)}</p>\r\n`));
    server.maildrop.deliver(html(`<a href="${"x".repeat(50)}\r\n`.repeat(8_000)));
    await using user = new User();
    await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`]);
    const { json } = await user.run(["list", "--json"]);
    const times: number[] = [];
    for (const { id } of json.toReversed()) {
      const start = performance.now();
      expect((await user.run(["show", String(id)])).code).toBe(0);
      times.push(performance.now() - start);
    }
    // Where each quotation mark is looked for up to the end, it is a minute.
    expect(times[1]).toBeLessThan((times[0] ?? 0) * 4 + 5000);
  }, 180_000);
});
