import { X509Certificate } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { freePort, makeCertificate, type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { build, User } from "./mailonce.ts";
import { TerminalSession } from "./terminal-session.ts";

beforeAll(build, 180_000);

const selfSigned = makeCertificate({ ca: "self" });
const expired = makeCertificate({ expired: true });
const elsewhere = makeCertificate({ names: ["mail.example.net"] });
const unknownAuthority = makeCertificate();

const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256;
const base64Of = (pem: string): string =>
  Buffer.from(fingerprintOf(pem).replaceAll(":", ""), "hex").toString("base64");

async function serverWith(certificate = selfSigned, security: "tls" | "stls" = "tls"): Promise<Pop3Server> {
  const server = await startPop3Server({ security, certificate });
  server.maildrop.deliver(Buffer.from("Subject: one\r\n\r\n1\r\n"));
  return server;
}

const urlOf = ({ port }: Pop3Server, scheme = "pop3s"): string => `${scheme}://alice@localhost:${port}`;

describe("on a terminal", () => {
  it.each([
    ["fetch", "pop3s", "tls"],
    ["check", "pop3", "stls"],
    ["baseline", "pop3s", "tls"],
  ] as const)(
    "%s asks for no password for a server that is not trusted (%s)",
    async (command, scheme, security) => {
      await using server = await serverWith(selfSigned, security);
      await using user = new User();
      const terminal = new TerminalSession(user, [command, urlOf(server, scheme)]);
      expect(await terminal.ended).toBe(77);
      expect(terminal.output).not.toContain("Password");
      expect(terminal.output).toContain("localhost is self-signed");
      expect(server.sessions.every(({ loggedIn }) => !loggedIn)).toBe(true);
    },
  );

  it("asks for none where nobody listens", async () => {
    await using user = new User();
    const terminal = new TerminalSession(user, ["fetch", `pop3s://alice@localhost:${await freePort()}`]);
    expect(await terminal.ended).toBe(69);
    expect(terminal.output).not.toContain("Password");
    expect(terminal.output).toContain("localhost port");
  });

  it("asks for it once the server is trusted by its fingerprint", async () => {
    await using server = await serverWith();
    await using user = new User();
    const pin = fingerprintOf(selfSigned.certificate);
    const terminal = new TerminalSession(user, ["fetch", "--pin", pin, urlOf(server)]);
    await terminal.answer("Password for", "secret\r");
    expect(await terminal.ended).toBe(0);
    expect(terminal.output).toContain("1 message stored");
  });

  it("asks for the passwords of the trusted servers alone, of several", async () => {
    await using untrusted = await serverWith();
    await using trusted = await serverWith(unknownAuthority);
    await using user = new User();
    const parameters = ["fetch", "--ca", unknownAuthority.caFile, urlOf(untrusted), urlOf(trusted)];
    const terminal = new TerminalSession(user, parameters);
    await terminal.answer(`Password for alice@localhost:${trusted.port}`, "secret\r");
    expect(await terminal.ended).toBe(77);
    expect(terminal.output.match(/Password for/g)).toHaveLength(1);
    expect(trusted.sessions.some(({ loggedIn }) => loggedIn)).toBe(true);
  });
});

describe("--pin", () => {
  it.each([
    ["with colons", fingerprintOf],
    ["in plain hex", (pem: string) => fingerprintOf(pem).replaceAll(":", "").toLowerCase()],
    ["with a prefix", (pem: string) => `sha256:${fingerprintOf(pem).replaceAll(":", "")}`],
    ["as the messages have it", (pem: string) => `SHA256:${fingerprintOf(pem)}`],
    ["as openssl prints it", (pem: string) => `sha256 Fingerprint=${fingerprintOf(pem)}`],
    ["as an older openssl prints it", (pem: string) => `SHA256 Fingerprint=${fingerprintOf(pem)}`],
    ["in base64", base64Of],
  ])("trusts a self-signed server by its fingerprint %s", async (_, form) => {
    await using server = await serverWith();
    await using user = new User();
    const ended = await user.run(["fetch", "--pin", form(selfSigned.certificate), urlOf(server)]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
  });

  it.each([
    ["has expired", expired],
    ["is of another name", elsewhere],
    ["comes from an unknown authority", unknownAuthority],
  ])("trusts a certificate that %s", async (_, certificate) => {
    await using server = await serverWith(certificate);
    await using user = new User();
    const pins = ["--pin", "0".repeat(64), "--pin", fingerprintOf(certificate.certificate)];
    expect(await user.run(["check", ...pins, urlOf(server)])).toMatchObject({ code: 0, stderr: "" });
    const doctor = await user.run(["doctor", ...pins, urlOf(server)]);
    expect(doctor.code).toBe(0);
    expect(doctor.stdout).toContain("is the one that is trusted by its fingerprint");
  });

  it("trusts no other, though an authority vouches for it", async () => {
    await using server = await serverWith(unknownAuthority);
    await using user = new User();
    const pin = fingerprintOf(selfSigned.certificate);
    const line = ["--ca", unknownAuthority.caFile, "--pin", pin, urlOf(server)];
    const ended = await user.run(["fetch", ...line]);
    expect(ended.code).toBe(77);
    expect(ended.stderr).toContain("is not the one that is pinned");
    expect(server.sessions.every(({ loggedIn }) => !loggedIn)).toBe(true);
    expect((await user.run(["doctor", ...line])).stdout).toContain(base64Of(unknownAuthority.certificate));
  });

  it.each([
    ["AB:CD", "must be a SHA-256"],
    ["a".repeat(40), "SHA-1"],
    [`SHA1 Fingerprint=${"AB:".repeat(19)}AB`, "SHA-1"],
    ["a".repeat(32), "MD5"],
    [`md5:${"ab".repeat(16)}`, "MD5"],
    ["a".repeat(128), "SHA-512"],
    ["", "must be a SHA-256"],
    [`sha256//${"A".repeat(43)}=`, "public key"],
  ])("refuses %j, and says which forms there are", async (pin, part) => {
    await using user = new User();
    const ended = await user.run(["fetch", "--pin", pin, "pop3s://alice@localhost:1"]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(part);
    expect(ended.stderr).toContain("64 digits");
  });
});

describe("an account of the accounts file", () => {
  const accountsFile = (server: Pop3Server, trust: string): string =>
    `accounts:\n  work:\n    url: ${urlOf(server)}\n    password: { env: MAILONCE_PASSWORD }\n    ${trust}\n`;

  it("trusts a self-signed server by its fingerprint", async () => {
    await using server = await serverWith();
    await using user = new User();
    const pin = fingerprintOf(selfSigned.certificate);
    user.write("mailonce.yaml", accountsFile(server, `trust: "sha256 Fingerprint=${pin}"`));
    expect(await user.run(["fetch"])).toMatchObject({ code: 0, stderr: "" });
    user.write("mailonce.yaml", accountsFile(server, `trust: ["${"0".repeat(64)}"]`));
    expect(await user.run(["fetch"])).toMatchObject({ code: 77 });
    expect(await user.run(["fetch", "--pin", pin])).toMatchObject({ code: 0 });
  });

  it("insists on an authority where it has pins only", async () => {
    await using server = await serverWith();
    await using user = new User();
    const pin = fingerprintOf(selfSigned.certificate);
    user.write("mailonce.yaml", accountsFile(server, `pins: { certificate: "${pin}" }`));
    expect(await user.run(["fetch"])).toMatchObject({ code: 77 });
  });
});

describe("doctor --save-certificate", () => {
  it.each([
    ["of a self-signed server", selfSigned],
    ["of an authority that the server does not send", unknownAuthority],
    ["of an authority that the server sends", { ...unknownAuthority, withAuthority: true }],
  ])("saves the certificate %s, so that --ca trusts it", async (_, certificate) => {
    const sent =
      "withAuthority" in certificate
        ? { ...certificate, certificate: certificate.certificate + certificate.ca }
        : certificate;
    await using server = await serverWith(sent);
    await using user = new User();
    const doctor = await user.run(["doctor", "--save-certificate", "server.pem", urlOf(server)]);
    expect(doctor.code).toBe(77);
    const saved = user.file("server.pem").toString();
    expect(new X509Certificate(saved).fingerprint256).toBe(
      fingerprintOf("withAuthority" in certificate ? certificate.ca : certificate.certificate),
    );
    expect(doctor.stdout).toContain(`SHA256:${fingerprintOf(saved)}`);
    expect(doctor.stdout).toMatch(/public key's [A-Za-z0-9+/]{43}= .*\n.*compare the fingerprint/);
    expect(statSync(join(user.home, "server.pem")).mode & 0o777).toBe(0o644 & ~process.umask());
    expect(await user.run(["fetch", "--ca", "server.pem", urlOf(server)])).toMatchObject({ code: 0 });
  });

  it("writes over nothing, connects to nobody then, and takes one account", async () => {
    await using server = await serverWith();
    await using user = new User();
    user.write("server.pem", "mine");
    const ended = await user.run(["doctor", "--save-certificate", "server.pem", urlOf(server)]);
    expect(ended.code).toBe(73);
    expect(user.file("server.pem").toString()).toBe("mine");
    expect(server.sessions).toEqual([]);
    const two = ["pop3s://a@localhost:1", "pop3s://b@localhost:1"];
    expect(await user.run(["doctor", "--save-certificate", "new.pem", ...two])).toMatchObject({ code: 2 });
    const plain = ["doctor", "--save-certificate", "new.pem", "pop3://a@localhost:1?tls=none"];
    expect(await user.run(plain)).toMatchObject({ code: 2 });
  });
});

describe("a certificate that is not trusted", () => {
  it.each([
    ["self-signed", selfSigned, [], "is self-signed"],
    ["of an unknown authority", unknownAuthority, [], "comes without the certificates"],
  ])("is told with the ways to trust it: %s", async (_, certificate, more, what) => {
    await using server = await serverWith(certificate);
    await using user = new User();
    for (const command of ["fetch", "doctor"]) {
      const { stdout, stderr, code } = await user.run([command, ...more, urlOf(server)]);
      expect(code).toBe(77);
      const said = stdout + stderr;
      for (const part of [what, "doctor --save-certificate FILE", "--ca FILE", "--pin"])
        expect(said).toContain(part);
      expect(said).toContain(`SHA256:${fingerprintOf(certificate.certificate)}`);
      expect(said).toContain(base64Of(certificate.certificate));
    }
  });

  it("because it has expired says when, and to look at the clock", async () => {
    await using server = await serverWith(expired);
    await using user = new User();
    for (const command of ["fetch", "doctor"]) {
      const { stdout, stderr } = await user.run([command, "--ca", expired.caFile, urlOf(server)]);
      expect(stdout + stderr).toMatch(/has expired(?: on|; valid until) 2020-02-01/);
      expect(stdout + stderr).toContain("check this machine's clock");
      expect(stdout + stderr).not.toContain("host name");
    }
  });
});
