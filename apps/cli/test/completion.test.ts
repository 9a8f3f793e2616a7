import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "@mailonce/testkit";
import { beforeAll, expect, it } from "vitest";
import { BIN, build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

/** A user with an accounts file, for whom `mailonce` is in the PATH. */
function homeBody(): User {
  const user = new User();
  mkdirSync(join(user.home, "bin"));
  symlinkSync(BIN, join(user.home, "bin/mailonce"));
  const accounts = ["home", "work", "world"].map(
    (name) => `  ${name}:\n    url: pop3s://joe@${name}.example.org\n`,
  );
  writeFileSync(join(user.home, "mailonce.yaml"), `accounts:\n${accounts.join("")}`);
  writeFileSync(join(user.home, "private ca.pem"), "");
  return user;
}

async function candidates(user: User, ...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await user.run(["complete-words", "--", ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("\n").flatMap((line) => line.split("\t")[0] || []);
}

it("knows commands, options, values and accounts", async () => {
  await using user = homeBody();
  const ask = (...words: string[]): Promise<string[]> => candidates(user, ...words);
  expect(await ask("")).toEqual(
    expect.arrayContaining(["fetch", "check", "baseline", "doctor", "deferred", "completion", "help"]),
  );
  expect(await ask("")).not.toContain("complete-words");
  expect(await ask("fe")).toEqual(["fetch"]);
  expect(await ask("deferred", "")).toEqual(expect.arrayContaining(["list", "retry", "drop"]));
  expect(await ask("database", "")).toEqual(expect.arrayContaining(["status", "migrate"]));
  expect(await ask("database", "status", "--js")).toEqual(["--json"]);
  expect(await ask("fetch", "wo")).toEqual(["work", "world"]);
  expect(await ask("fetch", "work", "wo")).toEqual(["world"]);
  expect(await ask("fetch", "--js")).toEqual(["--json"]);
  expect(await ask("fetch", "--json", "--js")).toEqual([]);
  expect(await ask("fetch", "--limit", "5", "h")).toEqual(["home"]);
  expect(await ask("fetch", "--", "--js")).toEqual([]);
  expect(await ask("fetch", "--ca", "")).toEqual([":files"]);
  expect(await ask("explain", "--file", "")).toEqual([":files"]);
  expect(await ask("export", "--to", "")).toEqual([":files"]);
  expect(await ask("export", "--format", "m")).toEqual(["maildir", "mbox"]);
  expect(await ask("export", "--ne")).toEqual(["--new"]);
  expect(await ask("show", "1f0c", "--to", "")).toEqual([":files"]);
  expect(await ask("show", "1f0c", "--attachments", "")).toEqual([":directories"]);
  expect(await ask("completion", "")).toEqual(["bash", "zsh", "fish"]);
  expect(await ask("completion", "bash", "")).toEqual([]);
  expect(await ask("help", "exi")).toEqual(["exit-codes"]);
  expect(await ask("help", "deferred", "l")).toEqual(["list"]);
  expect(await ask("nonsense", "")).toEqual([]);
  // What is wrong with the accounts file is not for here.
  writeFileSync(join(user.home, "mailonce.yaml"), "accounts: [");
  expect(await ask("fetch", "")).toEqual([]);
});

it.each(["bash", "zsh"] as const)("completes in %s, as it is typed", async (shell) => {
  await using user = homeBody();
  await using session = new ShellSession(shell, user);
  await session.run(
    shell === "bash"
      ? 'eval "$(mailonce completion bash)"'
      : 'autoload -Uz compinit; compinit -u -D; eval "$(mailonce completion zsh)"',
  );
  expect(await session.completed("mailonce chec\t--js\thom\t")).toBe("mailonce check --json home");
  expect(await session.completed("mailonce deferred retr\t")).toBe("mailonce deferred retry");
  expect(await session.completed("mailonce check --ca priv\t")).toBe("mailonce check --ca private ca.pem");
});

it("completes in fish", async () => {
  await using user = homeBody();
  const fish = findProgram("fish");
  if (fish === undefined) throw new Error("fish is missing: apt-get install fish");
  const ask = (line: string): string[] =>
    execFileSync(fish, ["--no-config", "-c", `mailonce completion fish | source; complete -C '${line}'`], {
      cwd: user.home,
      env: { HOME: user.home, PATH: `${join(user.home, "bin")}:${process.env["PATH"]}` },
      encoding: "utf8",
    })
      .split("\n")
      .filter(Boolean);
  expect(ask("mailonce chec")).toEqual([expect.stringMatching(/^check\tshow what is new/)]);
  expect(ask("mailonce fetch wor")).toEqual([
    "work\tjoe at work.example.org",
    "world\tjoe at world.example.org",
  ]);
  expect(ask("mailonce fetch --js")).toEqual([expect.stringMatching(/^--json\t/)]);
  expect(ask("mailonce fetch --ca priv")).toEqual(
    expect.arrayContaining([expect.stringMatching(/private.*ca\.pem/)]),
  );
});

/** An interactive shell on a pseudo-terminal. */
class ShellSession implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #watching = new Set<() => void>();
  readonly #ended: Promise<unknown>;
  #output = "";
  #count = 0;

  constructor(shell: "bash" | "zsh", { home }: User) {
    const program = findProgram(shell);
    if (program === undefined) throw new Error(`${shell} is missing: apt-get install ${shell}`);
    const start = shell === "bash" ? `${program} --norc --noprofile -i` : `${program} -f -i`;
    this.#child = spawn("script", ["-qefc", `stty -echo cols 200; exec ${start}`, "/dev/null"], {
      cwd: home,
      env: {
        HOME: home,
        PATH: `${join(home, "bin")}:${process.env["PATH"]}`,
        TERM: "dumb",
        INPUTRC: "/dev/null",
        PS1: "$ ",
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      for (const look of this.#watching) look();
    });
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  async run(line: string): Promise<void> {
    const mark = this.#mark();
    this.#child.stdin?.write(`${line}; echo ${mark.typed}\n`);
    await this.#shown(mark.shown);
  }

  /** The words of a line when it has been typed, a tab for each completion. */
  async completed(line: string): Promise<string> {
    const mark = this.#mark();
    // Ctrl-A: to the beginning of the line, which becomes the arguments of another command.
    this.#child.stdin?.write(`${line}\u0001echo ${mark.typed} \n`);
    const shown = await this.#shown(mark.shown);
    return (shown.split("\n")[0] ?? "").replace(/^[ :]*/, "").trim();
  }

  /** What is typed is not what is shown, so that an echo of the line is not taken for its result. */
  #mark(): { readonly typed: string; readonly shown: string } {
    this.#count++;
    return { typed: `"ma""rk${this.#count}:"`, shown: `mark${this.#count}:` };
  }

  #shown(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const at = this.#output.lastIndexOf(text);
        const rest = this.#output.slice(at + text.length);
        if (at >= 0 && rest.includes("\n")) resolve(rest);
        else if (this.#child.exitCode !== null) reject(new Error(`It ended:\n${this.#output}`));
        else return;
        this.#watching.delete(look);
      };
      this.#watching.add(look);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end("exit\n");
    await this.#ended;
  }
}
