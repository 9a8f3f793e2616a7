import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { type Certificate, makeCertificate, startMySql, temporaryFolder } from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openExistingStore, openStore, type TypeormStore } from "../src/index.ts";
import { failure, onEachServer, startTestMariaDb, type TestServer } from "./test-server.ts";

const folder = temporaryFolder("mailonce-typeorm-tls-");
const right = makeCertificate({ names: ["localhost", "127.0.0.1", "::1"] });
const client = makeCertificate({ names: ["client"], use: "client", ca: right });
const stranger = makeCertificate({ names: ["client"], use: "client" });
afterAll(async () => {
  for (const one of [right, client, stranger]) await one[Symbol.asyncDispose]();
  await folder.remove();
});

/** The URL with these parameters behind it; files are percent-encoded. */
function asking(url: string, parameters: Readonly<Record<string, string>>, host = "127.0.0.1"): string {
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${url.replace("@127.0.0.1:", `@${host}:`)}?${query.join("&")}`;
}

/** How the connections are encrypted that a store's pool holds: a cipher for each. */
async function ciphers(store: TypeormStore): Promise<readonly string[]> {
  const runners = Array.from({ length: 3 }, () => store.dataSource.createQueryRunner());
  try {
    const found: string[] = [];
    for (const runner of runners) {
      const [row] = await runner.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
      found.push(String(row.Value));
    }
    return found;
  } finally {
    for (const runner of runners) await runner.release();
  }
}

onEachServer("a server with TLS", (start) => {
  let server: TestServer;
  let database: string;
  let plain: string;
  const tls = {
    cert: join(folder.path, "server.crt"),
    key: join(folder.path, "server.key"),
    ca: right.caFile,
  };

  async function show(certificate: Certificate): Promise<void> {
    copyFileSync(certificate.certificateFile, tls.cert);
    copyFileSync(certificate.keyFile, tls.key);
    if (server !== undefined)
      await server.sql(server.product === "MariaDB" ? "FLUSH SSL" : "ALTER INSTANCE RELOAD TLS");
  }

  beforeAll(async () => {
    copyFileSync(right.certificateFile, tls.cert);
    copyFileSync(right.keyFile, tls.key);
    server = await start({ tls, parameters: ["--bind-address=127.0.0.1,::1"] });
    database = await server.createDatabase();
    plain = await server.account(database);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it("is spoken to unencrypted only where nothing is asked for", async () => {
    for (const url of [plain, `${plain}?tls=none`]) {
      await using store = await openStore({ url });
      expect(await ciphers(store)).toEqual(["", "", ""]);
    }
  });

  it.each([
    ["required", {}, "127.0.0.1"],
    ["verify-ca", { ca: right.caFile }, "127.0.0.1"],
    ["verify", { ca: right.caFile }, "localhost"],
    ["verify", { ca: right.caFile }, "127.0.0.1"],
  ])("is spoken to encrypted on every connection with tls=%s %o at %s", async (mode, more, host) => {
    const url = asking(plain, { tls: mode, ...more }, host);
    await using store = await openStore({ url });
    expect(await ciphers(store)).toEqual(Array(3).fill(expect.stringMatching(/^[A-Z0-9_-]{8,}$/)));
    await using existing = await openExistingStore({ url });
    expect(await existing?.findMaildrop("a")).toBeNull();
  });

  it("is verified by its IPv6 address, too", async () => {
    const url = new URL(await server.account(database));
    await server.sql(`RENAME USER '${url.username}'@'127.0.0.1' TO '${url.username}'@'::1'`);
    const verify = { tls: "verify", ca: right.caFile };
    await using store = await openStore({ url: asking(url.href, verify, "[::1]") });
    expect(await ciphers(store)).not.toContain("");
    await using certificate = makeCertificate({ names: ["localhost", "::2"], ca: right });
    await show(certificate);
    const error = await failure(openStore({ url: asking(url.href, verify, "[::1]") }));
    await show(right);
    expect(error).toMatchObject({ code: "store-untrusted" });
  });

  it("takes accounts that need an encrypted connection, and says to others what is missing", async () => {
    const url = await server.account(database, { with: "REQUIRE SSL" });
    const error = await failure(openStore({ url }));
    expect(error).toMatchObject({
      code: "store-refused",
      message: expect.stringMatching(/check user and password; .*add \?tls=verify to the database's URL\.$/),
    });
    await using store = await openStore({ url: asking(url, { tls: "verify", ca: right.caFile }) });
    expect(await store.findMaildrop("a")).toBeNull();
  });

  it("takes accounts that need a client's certificate, and says to others what is missing", async () => {
    const url = await server.account(database, { with: "REQUIRE X509" });
    const verify = { tls: "verify", ca: right.caFile };
    expect(await failure(openStore({ url: asking(url, verify) }))).toMatchObject({
      code: "store-refused",
      message: expect.stringMatching(/client's certificate \(cert= and key= in the database's URL\)/),
    });
    const files = { cert: client.certificateFile, key: client.keyFile };
    await using store = await openStore({ url: asking(url, { ...verify, ...files }) });
    expect(await store.findMaildrop("a")).toBeNull();
    const other = { cert: stranger.certificateFile, key: stranger.keyFile };
    expect(await failure(openStore({ url: asking(url, { ...verify, ...other }) }))).toMatchObject({
      code: "store-untrusted",
      message: expect.stringMatching(/refuses the client's certificate/),
    });
  });

  it("says so where it takes encrypted connections only", async () => {
    await server.sql("SET GLOBAL require_secure_transport = ON");
    try {
      const error = await failure(openStore({ url: plain }));
      expect(error).toMatchObject({ code: "store-refused", message: expect.stringMatching(/\?tls=verify/) });
      await using store = await openStore({ url: asking(plain, { tls: "required" }) });
      expect(await store.findMaildrop("a")).toBeNull();
    } finally {
      await server.sql("SET GLOBAL require_secure_transport = OFF");
    }
  });

  it("is not trusted without its authority, nor with another one", async () => {
    for (const more of [{}, { ca: stranger.caFile }])
      expect(await failure(openStore({ url: asking(plain, { tls: "verify", ...more }) }))).toMatchObject({
        code: "store-untrusted",
        message: expect.stringMatching(/from an authority that is not trusted here: .*ca=FILE/),
      });
    expect(
      await failure(openStore({ url: asking(plain, { tls: "verify-ca", ca: stranger.caFile }) })),
    ).toMatchObject({ code: "store-untrusted" });
  });

  it.each([
    [
      "of another name",
      { names: ["db.example.org", "db2.example.org"] },
      "localhost",
      /\(db\.example\.org, db2/,
    ],
    [
      "of another name, asked for by its address",
      { names: ["localhost"] },
      "127.0.0.1",
      /another host: check the host/,
    ],
    ["of another address", { names: ["10.1.2.3"] }, "127.0.0.1", /another host \(10\.1\.2\.3\)/],
  ])("is not trusted with a certificate %s", async (_what, options, host, words) => {
    await using certificate = makeCertificate({ ...options, ca: right });
    await show(certificate);
    try {
      const url = asking(plain, { tls: "verify", ca: right.caFile }, host);
      const error = await failure(openStore({ url }));
      expect(error).toMatchObject({ code: "store-untrusted", message: expect.stringMatching(words) });
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(new URL(url).password);
      await using store = await openStore({ url: asking(plain, { tls: "required" }) });
      expect(await ciphers(store)).not.toContain("");
      await using chain = await openStore({ url: asking(plain, { tls: "verify-ca", ca: right.caFile }) });
      expect(await ciphers(chain)).not.toContain("");
    } finally {
      await show(right);
    }
  });
});

// MySQL does not even load a certificate that has expired.
describe("MariaDB whose certificate has expired", () => {
  it("is not trusted, by new stores or by one that is open", async () => {
    await using expired = makeCertificate({ expired: true, ca: right });
    const tls = { cert: join(folder.path, "expiring.crt"), key: join(folder.path, "expiring.key") };
    copyFileSync(right.certificateFile, tls.cert);
    copyFileSync(right.keyFile, tls.key);
    await using server = await startTestMariaDb({ tls: { ...tls, ca: right.caFile } });
    const plain = await server.account(await server.createDatabase());
    const url = asking(plain, { tls: "verify", ca: right.caFile });
    await using store = await openStore({ url });
    copyFileSync(expired.certificateFile, tls.cert);
    copyFileSync(expired.keyFile, tls.key);
    await server.sql("FLUSH SSL");
    const untrusted = {
      code: "store-untrusted",
      message: expect.stringMatching(/has expired: check this machine's clock/),
    };
    for (const mode of ["verify", "verify-ca"])
      expect(await failure(openStore({ url: asking(plain, { tls: mode, ca: right.caFile }) }))).toMatchObject(
        untrusted,
      );
    await using unverified = await openStore({ url: asking(plain, { tls: "required" }) });
    expect(await ciphers(unverified)).not.toContain("");
    // Its one connection is taken, so that it needs another.
    const runner = store.dataSource.createQueryRunner();
    await runner.connect();
    expect(await failure(store.findMaildrop("a"))).toMatchObject(untrusted);
    await runner.release();
  });
});

onEachServer("a server without TLS", (start) => {
  it("is refused where TLS is asked for", async () => {
    await using server = await start({ tls: "off" });
    const url = await server.account(await server.createDatabase());
    for (const mode of ["required", "verify"])
      expect(await failure(openStore({ url: `${url}?tls=${mode}` }))).toMatchObject({
        code: "store-untrusted",
        message: expect.stringMatching(/offers no TLS, .*: nothing was sent/),
      });
  });
});

describe("the files of TLS", () => {
  const garbage = join(folder.path, "garbage.pem");
  writeFileSync(garbage, "not PEM at all\n");
  const broken = join(folder.path, "broken.pem");
  writeFileSync(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const encrypted = join(folder.path, "encrypted.pem");
  writeFileSync(
    encrypted,
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
  );
  const missing = join(folder.path, "missing.pem");
  const pair = { cert: client.certificateFile, key: client.keyFile };

  it.each([
    ["is not there", { ca: missing }, /The file ca= .* cannot be read: .*missing\.pem \(ENOENT\)/],
    ["is a folder", { ca: folder.path }, /The file ca= .* is no file of PEM/],
    ["holds something else", { ca: garbage }, /The file ca= .* holds no certificate in PEM form/],
    ["holds a key for a certificate", { ...pair, cert: pair.key }, /The file cert= .* holds no certificate/],
    ["holds a certificate for a key", { ...pair, key: pair.cert }, /The file key= .* holds no private key/],
    ["holds an encrypted key", { ...pair, key: encrypted }, /The file key= .* is encrypted/],
    ["is a key to another certificate", { ...pair, key: stranger.keyFile }, /do not belong to each other/],
    ["is damaged", { ...pair, cert: broken }, /cannot be used/],
  ])("one that %s is named before any server is asked", async (_what, files, words) => {
    const url = asking("mysql://mail:secret@127.0.0.1:1/mail", { tls: "verify", ...files });
    for (const open of [openStore, openExistingStore])
      expect(await failure(open({ url }))).toMatchObject({
        code: "database-tls",
        message: expect.stringMatching(words),
      });
  });
});

describe.skipIf(process.env["MAILONCE_TEST_MYSQLD"] === undefined)(
  "MySQL's own certificates on MySQL",
  () => {
    it("name no host: the authority can be verified, and the message says so", async () => {
      await using server = await startMySql(process.env["MAILONCE_TEST_MYSQLD"] ?? "");
      const ca = join(server.dataFolder, "ca.pem");
      expect(await failure(openStore({ url: asking(server.url, { tls: "verify", ca }) }))).toMatchObject({
        code: "store-untrusted",
        message: expect.stringMatching(/another host: .*tls=verify-ca will do/),
      });
      await using store = await openStore({ url: asking(server.url, { tls: "verify-ca", ca }) });
      expect(await ciphers(store)).not.toContain("");
    });
  },
);
