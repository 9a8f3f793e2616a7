import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { makeCertificate, startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const here = fileURLToPath(new URL("..", import.meta.url));
const root = join(here, "../..");
const examples = [...readFileSync(join(here, "README.md"), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(
  (match) => match[1] ?? "",
);
const folder = temporaryFolder("mailonce-package-");
// Within the package, so that the tests' own transformation applies.
const running = join(here, "test", `.examples-${process.pid}`);
const certificate = makeCertificate();
beforeAll(() => void mkdirSync(running));
afterAll(async () => {
  rmSync(running, { recursive: true });
  await folder.remove();
  await certificate[Symbol.asyncDispose]();
});

test("the README has six examples and is short", () => {
  expect(examples).toHaveLength(6);
  expect(readFileSync(join(here, "README.md"), "utf8").split("\n").length).toBeLessThanOrEqual(120);
});

test.each(examples.map((text, index): [number, string] => [index, text]))(
  "example %i of the README runs",
  async (index, text) => {
    const security = text.includes('"stls"') ? "stls" : "tls";
    const options = { security, certificate, token: "a-new-token" } as const;
    await using server = await startPop3Server({ ...options, mechanisms: ["PLAIN", "XOAUTH2"] });
    server.maildrop.deliver(Buffer.from("Subject: one\r\n\r\n1\r\n"));
    server.maildrop.deliver(Buffer.from("Subject: two\r\n\r\n2\r\n"));
    process.env["POP3_PASSWORD"] = server.password;
    process.env["POP3_TOKEN"] = "stale";
    const ours = `host: "localhost", port: ${server.port}, `;
    const ca = security === "tls" ? `tls: { ca: ${JSON.stringify(certificate.ca)} }, ` : "";
    const file = join(running, `${index}.ts`);
    const adapted = text
      .replace('"@mailonce/pop3"', '"../../src/index.ts"')
      .replace('host: "pop.example.org",', ours + ca)
      .replace('"ca.pem"', JSON.stringify(certificate.caFile))
      .replace('"1.eml"', JSON.stringify(join(folder.path, "1.eml")));
    writeFileSync(file, adapted);
    await import(pathToFileURL(file).href);
    const [session] = server.sessions;
    expect([session?.user, session?.loggedIn, session?.tls]).toEqual(["alice", true, true]);
    const retrieved = [[], [1], [1, 2], [1, 2], [], []][index];
    expect(session?.retrieved).toEqual(retrieved);
    if (index === 1) expect(readFileSync(join(folder.path, "1.eml"), "latin1")).toContain("Subject: one");
  },
);

test("the packed tarball compiles and runs in a project outside the workspace", () => {
  expect(existsSync(join(here, "dist", "index.js")), "built").toBe(true);
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder.path], { cwd: here });
  const tarball = readdirSync(folder.path).find((name) => name.endsWith(".tgz")) ?? "";
  const installed = join(folder.path, "node_modules", "@mailonce", "pop3");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder.path, tarball), "-C", installed, "--strip-components=1"]);
  expect(readdirSync(installed).sort()).toEqual(["README.md", "dist", "package.json"]);
  writeFileSync(join(folder.path, "package.json"), '{ "type": "module" }');
  for (const [index, text] of examples.entries())
    writeFileSync(join(folder.path, `example${index}.ts`), text);
  const compilerOptions = {
    ...{ target: "es2022", lib: ["es2023", "esnext.disposable"], module: "nodenext", strict: true },
    ...{ exactOptionalPropertyTypes: true, noPropertyAccessFromIndexSignature: true, outDir: "out" },
    ...{ types: ["node"], typeRoots: [join(root, "node_modules/@types")], skipLibCheck: false },
  };
  writeFileSync(join(folder.path, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const tsc = join(root, "node_modules/.bin/tsc");
  expect(execFileSync(tsc, ["-p", folder.path], { encoding: "utf8", cwd: folder.path })).toBe("");
  const script =
    'import { connect, Pop3Client } from "@mailonce/pop3"; console.log(typeof connect, typeof Pop3Client);';
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: folder.path,
    encoding: "utf8",
  });
  expect(printed).toBe("function function\n");
});
