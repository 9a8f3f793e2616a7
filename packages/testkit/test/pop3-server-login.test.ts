import { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { makeCertificate, startPop3Server } from "../src/index.ts";
import { RawClient } from "./raw-client.ts";

const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");

test("offers STLS, forgets what was sent along with it, and then speaks TLS", async () => {
  await using server = await startPop3Server({ security: "stls", plaintextLogin: false });
  await using client = await RawClient.open(server.port);
  await client.line();
  const before = (await client.multiLine("CAPA")).body.toString();
  expect(before).toContain("STLS\r\n");
  expect(before).not.toContain("SASL");
  expect(await client.command("USER alice")).toMatch(/^-ERR/);
  client.send("STLS\r\nUSER mallory\r\n");
  expect(await client.line()).toMatch(/^\+OK/);
  await client.startTls(server.certificate?.ca ?? "");
  const after = (await client.multiLine("CAPA")).body.toString();
  expect(after).not.toContain("STLS");
  expect(after).toContain("USER\r\nSASL PLAIN\r\n");
  expect(await client.command("USER alice")).toMatch(/^\+OK/);
  expect(await client.command("PASS secret")).toMatch(/^\+OK/);
  expect(server.sessions[0]).toMatchObject({ tls: true, plaintextAfterStls: 14 });
});

test("speaks TLS from the first octet, with faults and trickle as ever", async () => {
  await using server = await startPop3Server({
    security: "tls",
    trickle: 7,
    faults: [{ at: { verb: "STAT", afterOctets: 4 }, do: "close" }],
  });
  expect(server.url).toBe(`pop3s://alice:secret@127.0.0.1:${server.port}`);
  await using client = await RawClient.openTls(server.port, server.certificate?.ca ?? "");
  await client.logIn();
  client.send("STAT\r\n");
  expect(await client.rest()).toBe("+OK ");
});

test("lets in by SASL and APOP who knows the secret", async () => {
  const apop = "<1.2@localhost>";
  const mechanisms = ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"];
  await using server = await startPop3Server({ apop, mechanisms, token: "t0ken" });
  const digest = createHash("md5").update(`${apop}secret`).digest("hex");
  const xoauth2 = (token: string): string => base64(`user=alice\x01auth=Bearer ${token}\x01\x01`);
  const dialogues: readonly (readonly [string, RegExp])[][] = [
    [[`APOP alice ${digest}`, /^\+OK/]],
    [[`APOP alice ${digest.replace(/./, "x")}`, /^-ERR \[AUTH\]/]],
    [[`AUTH PLAIN ${base64("\0alice\0secret")}`, /^\+OK/]],
    [
      ["AUTH PLAIN", /^\+ \r\n/],
      [base64("\0alice\0wrong"), /^-ERR \[AUTH\]/],
    ],
    [
      ["AUTH PLAIN", /^\+ \r\n/],
      ["*", /^-ERR/],
    ],
    [
      ["AUTH LOGIN", /^\+ VXNlcm5hbWU6/],
      [base64("alice"), /^\+ /],
      [base64("secret"), /^\+OK/],
    ],
    [[`AUTH XOAUTH2 ${xoauth2("t0ken")}`, /^\+OK/]],
    [
      [`AUTH XOAUTH2 ${xoauth2("old")}`, /^\+ eyJ/],
      ["", /^-ERR \[AUTH\]/],
    ],
    [[`AUTH OAUTHBEARER ${base64("n,a=alice,\x01auth=Bearer t0ken\x01\x01")}`, /^\+OK/]],
  ];
  for (const dialogue of dialogues) {
    await using client = await RawClient.open(server.port);
    expect(await client.line()).toContain(apop);
    for (const [command, answer] of dialogue) expect(await client.command(command)).toMatch(answer);
  }
  const transcript = JSON.stringify(server.sessions);
  for (const secret of ["secret", digest, base64("alice"), xoauth2("t0ken")]) {
    expect(transcript).not.toContain(secret);
  }
});

test("keeps accounts apart", async () => {
  await using server = await startPop3Server();
  const bobs = server.addAccount("bob", "pass word ");
  bobs.deliver(Buffer.from("for bob\r\n"));
  await using client = await RawClient.open(server.port);
  await client.logIn("bob", "pass word ");
  expect(await client.command("STAT")).toBe("+OK 1 9\r\n");
  await using other = await RawClient.open(server.port);
  await expect(other.logIn("alice", "pass word ")).rejects.toThrow("[AUTH]");
});

test("makes certificates that are good, of another name, expired, or signed by themselves", async () => {
  await using good = makeCertificate();
  await using other = makeCertificate({ names: ["mail.example.org"], ca: good });
  await using expired = makeCertificate({ expired: true });
  await using self = makeCertificate({ ca: "self" });
  const parsed = new X509Certificate(good.certificate);
  expect(parsed.checkHost("localhost")).toBe("localhost");
  expect(parsed.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(parsed.verify(new X509Certificate(good.ca).publicKey)).toBe(true);
  expect(new X509Certificate(other.certificate).checkHost("localhost")).toBeUndefined();
  expect(Date.parse(new X509Certificate(expired.certificate).validTo)).toBeLessThan(Date.now());
  expect(self.ca).toBe(self.certificate);
  const codes: Record<string, unknown> = {};
  for (const [name, certificate] of Object.entries({ good, other, expired, self })) {
    await using server = await startPop3Server({ security: "tls", certificate });
    for (const [trust, ca] of [
      ["", certificate.ca],
      [" of a stranger", (name === "self" ? good : self).ca],
    ] as const) {
      codes[name + trust] = await RawClient.openTls(server.port, ca).then(
        async (client) => {
          await client[Symbol.asyncDispose]();
          return "accepted";
        },
        (error: NodeJS.ErrnoException) => error.code,
      );
    }
  }
  expect(codes).toEqual({
    good: "accepted",
    "good of a stranger": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    other: "ERR_TLS_CERT_ALTNAME_INVALID",
    "other of a stranger": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    expired: "CERT_HAS_EXPIRED",
    "expired of a stranger": "CERT_HAS_EXPIRED",
    self: "accepted",
    "self of a stranger": "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
});
