import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@mailonce/runtime";
import { simpleMail, startPop3Server } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";
import { TerminalSession } from "./terminal-session.ts";

beforeAll(build, 180_000);

const PDF = Buffer.from(Array.from({ length: 30_000 }, (_, n) => (n * 31) % 256));
const sha256 = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");

const BILL = simpleMail({
  from: "Jörg <j@example.de>",
  to: "alice@example.org",
  subject: "Rechnung",
  date: new Date("2026-05-01T12:34:56Z"),
  body: "Grüße\n",
  attachments: [{ name: "Rechnung €.pdf", type: "application/pdf", bytes: PDF }],
});

/** A message of these parts: header fields, an empty line, a body; lines parted by LF. */
function mixed(...parts: readonly string[]): Uint8Array {
  const lines = [
    "Subject: parts\nContent-Type: multipart/mixed; boundary=b\n",
    ...parts.map((part) => `--b\n${part}`),
    "--b--\n",
  ];
  return Buffer.from(lines.join("\n").replaceAll("\n", "\r\n"));
}

/** Stores a message as a user has it, and gives its id. */
async function store(user: User, octets: Uint8Array): Promise<string> {
  await using server = await startPop3Server();
  server.maildrop.deliver(octets);
  await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`]);
  const [message] = (await user.run(["list", "--json", "--limit", "1"])).json;
  return String(message?.["id"]);
}

it("lists the parts with their numbers, and writes one as it was sent, over nothing that is there", async () => {
  await using user = new User();
  const id = await store(user, BILL);
  expect((await user.run(["show", id])).stdout).toContain(
    "\nattachment 2 Rechnung €.pdf (application/pdf, 30 kB)\n",
  );
  const [shown] = (await user.run(["show", id, "--json"])).json;
  expect(shown?.["attachments"]).toEqual([
    { filename: "Rechnung €.pdf", mimeType: "application/pdf", octets: PDF.length },
  ]);
  const pdf = {
    number: "2",
    fileIndex: 0,
    mimeType: "application/pdf",
    charset: null,
    fileName: "Rechnung €.pdf",
    disposition: "attachment",
    contentId: null,
    octets: PDF.length,
    sha256: sha256(PDF),
    use: "attachment",
  };
  expect(shown?.["parts"]).toEqual([
    expect.objectContaining({ number: "1", mimeType: "text/plain", charset: "utf-8", use: "text" }),
    pdf,
  ]);

  const piped = await user.run(["show", id, "--part", "2"]);
  expect({ code: piped.code, stderr: piped.stderr, equal: piped.octets.equals(PDF) }).toEqual({
    code: 0,
    stderr: "",
    equal: true,
  });
  const file = join(user.home, "bill.pdf");
  expect(await user.run(["show", id, "--part", "2", "--to", "bill.pdf"])).toMatchObject({
    code: 0,
    stdout: `part 2 written to ${file} (application/pdf, 30 kB)\n`,
    stderr: "",
  });
  expect(user.file("bill.pdf").equals(PDF)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const json = await user.run(["show", id, "--part", "2", "--to", "other.pdf", "--json"]);
  expect(json.json).toEqual([{ type: "file", id, file: join(user.home, "other.pdf"), ...pdf }]);

  user.write("notes.txt", "mine");
  const taken = await user.run(["show", id, "--part", "2", "--to", "notes.txt"]);
  expect(taken).toMatchObject({ code: 73, stdout: "", stderr: expect.stringContaining("is left as it is") });
  expect(user.file("notes.txt").toString()).toBe("mine");
  const nowhere = await user.run(["show", id, "--part", "2", "--to", "none/x.pdf"]);
  expect(nowhere).toMatchObject({ code: 73, stderr: expect.stringContaining("does not exist") });
  expect(readdirSync(user.home).filter((name) => name.includes("mailonce-"))).toEqual([]);
});

it("says which parts there are, where it is asked for another, or for HTML that is not there", async () => {
  await using user = new User();
  const id = await store(user, BILL);
  const run = (...more: readonly string[]) => user.run(["show", id, ...more]);
  for (const label of ["3", "1/1", "", "x\u001b[2J"]) {
    const { code, stdout, stderr } = await run("--part", label);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^mailonce: the message has no part .*; it has 1, 2\n/);
    expect(stderr).not.toContain("\u001b");
  }
  expect(await run("--html")).toMatchObject({ code: 2, stderr: expect.stringContaining("has no HTML") });
  for (const wrong of [
    ["--to", "x"],
    ["--part", "2", "--json"],
    ["--part", "2", "--attachments", "x"],
    ["--part", "2", "--raw"],
    ["--html", "--json"],
  ])
    expect(await run(...wrong), wrong.join(" ")).toMatchObject({ code: 2, stdout: "" });
  expect(existsSync(join(user.home, "x"))).toBe(false);
});

it("writes all attachments by names that are safe, each to a file of its own", async () => {
  const names = [
    "../../x",
    "..\\..\\evil.exe",
    "/etc/passwd",
    `${"ä".repeat(5000)}.pdf`,
    "Bill.pdf",
    "bill.PDF",
    "bill.pdf",
    "CON.txt",
    "com1",
    ".bashrc",
    "-rf",
    "a:b*c?.txt",
    "grüße 日本 👨‍👩‍👧.txt",
    "trailing. . .",
    "gpj\u202e.exe",
  ];
  const word = (name: string): string => `=?utf-8?B?${Buffer.from(name).toString("base64")}?=`;
  const parts = names.map(
    (name, at) =>
      `Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="${word(name)}"\n\n${at}`,
  );
  const unnamed = (type: string): string =>
    `Content-Type: ${type}\nContent-Disposition: attachment\n\nunnamed`;
  await using user = new User();
  const id = await store(
    user,
    mixed("\ntext", ...parts, unnamed("application/pdf"), unnamed("x-unknown/../../x")),
  );
  mkdirSync(join(user.home, "there"));
  user.write("there/com1", "mine");
  user.write("there/_com1", "mine");

  const { code, json, stderr } = await user.run(["show", id, "--attachments", "there", "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const there = readdirSync(join(user.home, "there"));
  expect(json.map(({ file }) => file)).toEqual(
    [
      "x",
      "evil.exe",
      "passwd",
      expect.stringMatching(/^ä{50,}….pdf$/),
      "Bill.pdf",
      "bill (2).PDF",
      "bill (3).pdf",
      "_CON.txt",
      "_com1 (2)",
      "bashrc",
      "_-rf",
      "a_b_c_.txt",
      "grüße 日本 👨‍👩‍👧.txt",
      "trailing",
      "gpj.exe",
      "part-17.pdf",
      "part-18.bin",
    ].map((name) =>
      typeof name === "string" ? join(user.home, "there", name) : expect.stringContaining("ää"),
    ),
  );
  expect(there).toHaveLength(json.length + 2);
  for (const name of there) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  for (const [at] of names.entries())
    expect(user.file(String(json[at]?.["file"]).slice(user.home.length + 1)).toString()).toBe(String(at));
  expect(user.file("there/com1").toString()).toBe("mine");
  expect(user.file("there/_com1").toString()).toBe("mine");

  // Once more: beside those that are there.
  const again = await user.run(["show", id, "--attachments", "there"]);
  expect(again.code).toBe(0);
  const lines = again.stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(json.length);
  expect(lines[0]).toBe(
    `part 2 written to ${join(user.home, "there/x (2)")} (application/octet-stream, 1 B)`,
  );
  expect(readdirSync(join(user.home, "there"))).toHaveLength(2 * json.length + 2);
});

it("makes the folder, but not those above it, and none where there is nothing to write", async () => {
  await using user = new User();
  const id = await store(user, BILL);
  const made = await user.run(["show", id, "--attachments", "made"]);
  expect(made.code).toBe(0);
  expect(readdirSync(join(user.home, "made"))).toEqual(["Rechnung €.pdf"]);
  expect(user.file("made/Rechnung €.pdf").equals(PDF)).toBe(true);
  const deep = await user.run(["show", id, "--attachments", "a/b"]);
  expect(deep).toMatchObject({ code: 73, stderr: expect.stringContaining("does not exist") });
  await using other = new User();
  const plain = await store(other, Buffer.from("Subject: plain\r\n\r\ntext\r\n"));
  const none = await other.run(["show", plain, "--attachments", "none"]);
  expect(none).toMatchObject({ code: 0, stdout: "The message has no attachments.\n" });
  expect(existsSync(join(other.home, "none"))).toBe(false);
});

it("writes files within a text, each by the text's number and its own", async () => {
  await using user = new User();
  const text = "two files\n\nbegin 644 a.txt\n#86)C\n`\nend\n\nbegin 644 b.txt\n#9&5F\n`\nend\n";
  const id = await store(user, Buffer.from(`Subject: uu\n\n${text}`.replaceAll("\n", "\r\n")));
  const { stdout } = await user.run(["show", id]);
  expect(stdout).toMatch(/^attachment 1\/1 a\.txt \(.*, 3 B\)$/m);
  expect((await user.run(["show", id, "--part", "1/1"])).stdout).toBe("abc");
  expect((await user.run(["show", id, "--part", "1/2"])).stdout).toBe("def");
  expect((await user.run(["show", id, "--part", "1/3"])).stderr).toContain("it has 1, 1/1, 1/2\n");
});

it("writes the source of the HTML, with nothing made safe", async () => {
  await using user = new User();
  const html = "<p>Grüße<script>alert(1)</script>\u001b[2J</p>";
  const id = await store(
    user,
    Buffer.from(`Subject: html\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${html}`),
  );
  expect((await user.run(["show", id, "--html"])).stdout.trimEnd()).toBe(html);
});

it("sends no octets to a terminal but those of texts, and of these nothing that it might obey", async () => {
  await using user = new User();
  const id = await store(
    user,
    mixed(
      "Content-Type: text/plain; charset=iso-8859-15\nContent-Transfer-Encoding: quoted-printable\n\n=A4 gr=FC=DFe =1B[2J",
      "Content-Type: application/pdf\n\n%PDF\u001b[2J",
    ),
  );
  const pdf = new TerminalSession(user, ["show", id, "--part", "2"]);
  expect(await pdf.ended).toBe(2);
  expect(pdf.output).toContain("part 2 is application/pdf, no text: --to FILE writes it to a file");
  expect(pdf.output).not.toContain("%PDF");
  const text = new TerminalSession(user, ["show", id, "--part", "1"]);
  expect(await text.ended).toBe(0);
  expect(text.output).toMatch(/^€ grüße \ufffd\[2J\r?\n$/);
  expect(text.output).not.toContain("\u001b[2J");
  expect((await user.run(["show", id, "--part", "1"])).octets.subarray(0, 4)).toEqual(
    Buffer.from("\xa4 gr", "latin1"),
  );
});

it("writes nothing of a message that is damaged in the database, and shows what can be read of it", async () => {
  await using user = new User();
  const id = await store(user, BILL);
  {
    await using database = await openDatabase(`sqlite:${user.database}`, {});
    await database.dataSource.query("UPDATE mailonce_message SET sha256 = zeroblob(32)");
  }
  const damaged = { code: 69, stdout: "", stderr: expect.stringContaining("is damaged in the database") };
  expect(await user.run(["show", id, "--attachments", "x"])).toMatchObject(damaged);
  expect(await user.run(["show", id, "--part", "2"])).toMatchObject(damaged);
  expect(existsSync(join(user.home, "x"))).toBe(false);
  expect(await user.run(["show", id])).toMatchObject({ code: 0, stdout: expect.stringContaining("Grüße") });
});
