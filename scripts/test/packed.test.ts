import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const published = ["packages", "apps"]
  .flatMap((folder) => readdirSync(`${root}${folder}`).map((name) => `${folder}/${name}`))
  .filter((name) => JSON.parse(readFileSync(`${root}${name}/package.json`, "utf8")).private !== true);

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

test.each(published)(
  "%s is packed without traces of its build, and without maps to sources that stay here",
  (name) => {
    const cwd = `${root}${name}`;
    expect(existsSync(`${cwd}/dist`), "built").toBe(true);
    const told = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd,
      encoding: "utf8",
    });
    const [packed]: readonly Packed[] = JSON.parse(told);
    const files = (packed?.files ?? []).map(({ path }) => path);
    expect(files).toContain("package.json");
    expect(files.filter((path) => /\.js$/.test(path)).length).toBeGreaterThan(0);
    expect(files.filter((path) => /\.map$|\.tsbuildinfo$|^(?:src|test)\//.test(path))).toEqual([]);
    const mapped = files.filter(
      (path) =>
        path.endsWith(".js") && /^\/\/# sourceMappingURL=/m.test(readFileSync(`${cwd}/${path}`, "utf8")),
    );
    expect(mapped).toEqual([]);
  },
);
