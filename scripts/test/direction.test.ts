import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Who may use whom (CONTRIBUTING.md); the testkit is for tests only. */
const DIRECTION: Readonly<Record<string, readonly string[]>> = {
  "packages/pop3": [],
  "packages/core": [],
  "packages/content": ["@mailonce/core"],
  "packages/typeorm": ["@mailonce/core"],
  "packages/runtime": ["@mailonce/content", "@mailonce/core", "@mailonce/pop3", "@mailonce/typeorm"],
  "packages/testkit": [],
  "apps/cli": ["@mailonce/content", "@mailonce/core", "@mailonce/runtime"],
  "apps/worker": ["@mailonce/core", "@mailonce/runtime"],
};

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}

function ours(dependencies: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.keys(dependencies).filter((name) => name.startsWith("@mailonce/"));
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(root, folder, file));
}

/** What a file needs when it runs; types are not counted. */
function imports(file: string): readonly string[] {
  const source = readFileSync(file, "utf8").replace(/import type [^;]*;/g, "");
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name = ""]) => name);
}

describe("the direction between the packages", () => {
  test("covers every package there is", () => {
    const folders = ["packages", "apps"].flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
    );
    expect(new Set(folders)).toEqual(new Set(Object.keys(DIRECTION)));
  });

  test.each(Object.entries(DIRECTION))("is kept by %s", (folder, allowed) => {
    const { dependencies, devDependencies } = manifest(folder);
    const needed = ours(devDependencies).filter((name) => name !== "@mailonce/testkit");
    // The command line is published with what it needs inside, so that needs nothing at installation.
    const [inside, outside] = folder === "apps/cli" ? [allowed, []] : [[], allowed];
    expect(new Set(needed)).toEqual(new Set(inside));
    expect(new Set(ours(dependencies))).toEqual(new Set(outside));
    const own = /^@mailonce\/[^/]+/;
    for (const file of sources(`${folder}/src`))
      for (const name of imports(file).filter((one) => own.test(one)))
        expect(allowed, file).toContain(own.exec(name)?.[0]);
  });

  test("gives a message's content no more of the core than how it reads headers, charsets and dates, and of Node buffers and digests", () => {
    for (const file of sources("packages/content/src"))
      for (const name of imports(file)) {
        expect(name, file).not.toMatch(/^node:(?!buffer$|crypto$)/);
        if (name.startsWith("@mailonce/")) expect(name, file).toBe("@mailonce/core/message");
      }
  });

  test("leaves sockets and TLS to one file of the POP3 client", () => {
    const users = sources("packages/pop3/src").filter((file) =>
      imports(file).some((name) => name === "node:net" || name === "node:tls"),
    );
    expect(users).toEqual([join(root, "packages/pop3/src/transport/transport.ts")]);
  });

  test("leaves the core without files, sockets and environment", () => {
    const forbidden = /^node:(fs|net|tls|http|child_process|os|process)/;
    for (const file of sources("packages/core/src")) {
      expect(
        imports(file).filter((name) => forbidden.test(name)),
        file,
      ).toEqual([]);
      expect(readFileSync(file, "utf8"), file).not.toMatch(/process\.env|console\./);
    }
  });
});
