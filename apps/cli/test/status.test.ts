import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { Terminal } from "../src/output/terminal.ts";
import { screenOf } from "./terminal-session.ts";

/** A terminal of both streams; what goes to standard output is written when it is let go. */
function slowTerminal() {
  let sent = "";
  const held: (() => void)[] = [];
  const stream = (slow: boolean): NodeJS.WriteStream =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          sent += String(chunk).replaceAll("\n", "\r\n");
          if (slow) held.push(done);
          else done();
        },
      }),
      { isTTY: true, columns: 80, rows: 24 },
    ) as unknown as NodeJS.WriteStream;
  return {
    terminal: new Terminal(stream(true), stream(false), { TERM: "xterm" }),
    letGo: () => held.shift()?.(),
    screen: () => screenOf(sent).filter((line) => line !== ""),
  };
}

it("a status that ends while a result is being written does not come back", async () => {
  const { terminal, letGo, screen } = slowTerminal();
  terminal.status("working\n1 of 2 done");
  const [one, other] = [terminal.line("one"), terminal.line("other")];
  terminal.status("");
  letGo();
  await one;
  letGo();
  await other;
  expect(screen()).toEqual(["one", "other"]);
});

it("the newest status is shown below the results and notes that came meanwhile", async () => {
  const { terminal, letGo, screen } = slowTerminal();
  terminal.status("working");
  const line = terminal.line("one");
  terminal.note("a note");
  terminal.status("still working");
  expect(screen()).not.toContain("still working");
  letGo();
  await line;
  expect(screen()).toEqual(["one", "a note", "still working"]);
});
