import { InMemoryStore } from "@mailonce/core/memory";
import type { MaildropBehaviour, Pop3Server } from "@mailonce/testkit";
import { describe, expect, it } from "vitest";
import { baselineAccount, checkAccount } from "../../src/run/fetch-account.ts";
import { examined } from "../doctor/patient.ts";
import { ended, fetched, fetching, plain, serverWith } from "./odd-servers.ts";

const clean = { ending: "done", error: null, warnings: [] };

describe("a STAT that is of no use", () => {
  it.each([
    "+OK 3 -1",
    "+OK 3 99999999999999999999",
    "+OK 3 messages (500 octets)",
    "+OK 99999999999999999999 1",
    "+OK",
    "+OK many",
    "-ERR unknown command",
  ])("stops no run and worries nobody: %s", async (said) => {
    await using server = await serverWith({ refusals: { STAT: said } });
    const store = new InMemoryStore();
    expect((await fetched(server, { store })).report).toMatchObject({ ...clean, counts: { stored: 3 } });
    expect((await fetched(server, { store })).report).toMatchObject({ ...clean, counts: { known: 3 } });
    const { verdict, lines } = await examined(plain(server));
    expect(verdict, lines.join("\n")).toBe("ok");
  });
});

describe("a listing in another form", () => {
  const forms: readonly (readonly [string, MaildropBehaviour["listingLine"]])[] = [
    ["blanks before the number in LIST", (verb, line) => (verb === "LIST" ? `   ${line}` : line)],
    ["blanks before the number in UIDL", (verb, line) => (verb === "UIDL" ? ` ${line}` : line)],
    ["numbers right-aligned in both", (_verb, line) => line.replace(/^\d+/, (number) => number.padStart(5))],
    ["tabs", (_verb, line) => `\t${line.replace(" ", "\t")}`],
    ["words after the octets", (verb, line) => (verb === "LIST" ? `${line} octets` : line)],
    ["an empty line before the end", (_verb, line, n) => (n === 3 ? [line, ""] : line)],
    ["an empty line after each", (_verb, line) => [line, "  "]],
    ["each line twice", (_verb, line) => [line, line]],
    ["a line of LIST twice", (verb, line, n) => (verb === "LIST" && n === 2 ? [line, line] : line)],
    ["a line of UIDL twice", (verb, line, n) => (verb === "UIDL" && n === 1 ? [line, line] : line)],
    ["an empty line at the beginning", (_verb, line, n) => (n === 1 ? ["", line] : line)],
  ];

  it.each(forms)("is read without complaint: %s", async (_what, listingLine) => {
    await using server = await serverWith(listingLine === undefined ? {} : { listingLine });
    const store = new InMemoryStore();
    expect((await fetched(server, { store })).report).toMatchObject({ ...clean, counts: { stored: 3 } });
    server.maildrop.deliver(Buffer.from("Received: by b\r\nSubject: four\r\n\r\n4\r\n"));
    const second = await fetched(server, { store });
    expect(second.report).toMatchObject({ ...clean, counts: { stored: 1, known: 3 } });
    expect(server.count("RETR")).toBe(4);
    expect((await fetched(server, { store })).report).toMatchObject({ ...clean, counts: { known: 4 } });
    const { verdict, facts, lines } = await examined(plain(server));
    expect(verdict, lines.join("\n")).toBe("ok");
    expect(facts.listing).toMatchObject({ listed: 4, malformedLines: 0, uniqueIds: { missing: 0 } });
  });

  it("goes on with what LIST and UIDL say, whatever STAT counts", async () => {
    await using server = await serverWith({ refusals: { STAT: "+OK 1 1" } });
    expect((await fetched(server)).report).toMatchObject({ ...clean, counts: { stored: 3 } });
  });
});

describe("an empty maildrop", () => {
  const none = "-ERR no messages";

  it.each([
    { LIST: none },
    { UIDL: none },
    { LIST: none, UIDL: none },
    { STAT: "+OK 0 messages", LIST: none, UIDL: none },
    { STAT: "+OK", LIST: none },
  ])("is nothing to worry about where %j", async (refusals) => {
    await using server = await serverWith({ refusals }, 0);
    expect((await fetched(server)).report).toMatchObject({ ...clean, counts: { stored: 0 } });
    const { verdict, lines } = await examined(plain(server));
    expect(verdict, lines.join("\n")).toBe("ok");
  });

  it("is no reason to forget or fetch anything twice", async () => {
    await using server = await serverWith({});
    const store = new InMemoryStore();
    await fetched(server, { store });
    for (let n = 0; n < 3; n++) {
      server.maildrop.behaviour.refusals = { STAT: "+OK 0 0", LIST: none, UIDL: none };
      const { report } = await fetched(server, { store });
      expect(report).toMatchObject({ ending: "done", error: null });
      server.maildrop.behaviour.refusals = {};
      expect((await fetched(server, { store })).report).toMatchObject({ counts: { known: 3, stored: 0 } });
    }
    expect(server.count("RETR")).toBe(3);
  });

  it.each([
    { STAT: "+OK 3 300", LIST: none, UIDL: none },
    { STAT: "+OK many", LIST: none, UIDL: none },
    { STAT: none, LIST: none, UIDL: none },
    { STAT: "+OK 0 0", LIST: "-ERR [SYS/TEMP] disk" },
  ])("is not what a refusal alone makes of it: %j", async (refusals) => {
    await using server = await serverWith({ refusals });
    const { report } = await fetched(server);
    expect(report.ending).not.toBe("done");
    expect(report.error?.code).toMatch(/command-refused|server-trouble/);
    expect(server.count("QUIT")).toBe(0);
  });
});

describe("UIDL", () => {
  it.each([
    ["-ERR [SYS/TEMP] later", "busy"],
    ["-ERR [IN-USE] locked", "busy"],
    ["-ERR [LOGIN-DELAY] wait", "busy"],
    ["-ERR [SYS/PERM] broken", "unavailable"],
  ])("that is refused for a reason ends the run, and is no server without UIDL: %s", async (said, ending) => {
    await using server = await serverWith({ refusals: { UIDL: said } });
    const store = new InMemoryStore();
    expect((await fetched(server, { store })).report).toMatchObject({ ending, counts: { stored: 0 } });
    expect(server.count("RETR") + server.count("TOP")).toBe(0);
    server.maildrop.behaviour.refusals = {};
    expect((await fetched(server, { store })).report).toMatchObject({ ...clean, counts: { stored: 3 } });
  });

  it.each(["-ERR", "-ERR unknown command"])(
    "that there is none of is told, and lived with: %s",
    async (said) => {
      await using server = await serverWith({ refusals: { UIDL: said } });
      expect((await fetched(server)).report).toMatchObject({
        ending: "done",
        warnings: [{ code: "no-unique-ids" }],
        counts: { stored: 3 },
      });
    },
  );
});

describe("status lines in another form", () => {
  it("are read in lower case and with other blanks", async () => {
    await using server = await serverWith({ refusals: { STAT: "+ok\t3   300" } }, 3, { greeting: "+Ok hi" });
    expect((await fetched(server)).report).toMatchObject({ ...clean, counts: { stored: 3 } });
  });

  it("tell a refusal in lower case", async () => {
    await using server = await serverWith({ refusals: { PASS: "-err [in-use] locked" } });
    expect((await fetched(server)).report).toMatchObject({ ending: "busy", error: { code: "in-use" } });
  });
});

describe("QUIT", () => {
  it("may be refused: nothing was marked, so there is nothing to say", async () => {
    await using server = await serverWith({ refusals: { QUIT: "-ERR some deleted messages not removed" } });
    const store = new InMemoryStore();
    const options = fetching(server, { store });
    expect((await ended(checkAccount(options))).report).toMatchObject({ ...clean, counts: { new: 3 } });
    expect((await fetched(server, { store })).report).toMatchObject({ ...clean, counts: { stored: 3 } });
    expect((await fetched(server, { store })).report).toMatchObject({ ...clean, counts: { known: 3 } });
    const fresh = fetching(server);
    expect((await ended(baselineAccount(fresh))).report).toMatchObject({ ...clean, baselined: 3 });
    expect(server.count("QUIT")).toBe(4);
  });

  const broken: readonly (readonly [string, MaildropBehaviour, Pop3Server["faults"]])[] = [
    ["closed", {}, [{ at: { verb: "QUIT" }, do: "close" }]],
    ["reset", {}, [{ at: { verb: "QUIT" }, do: "reset" }]],
    ["not answered", {}, [{ at: { verb: "QUIT" }, do: "stall" }]],
    ["answered by nonsense", { refusals: { QUIT: "Bye, and thanks for all the fish" } }, []],
  ];

  it.each(broken)("at which the connection is %s is worth no warning", async (_how, behaviour, faults) => {
    await using server = await serverWith(behaviour);
    server.faults = faults;
    const store = new InMemoryStore();
    const options = { store, timeouts: { replyMs: 500 } };
    expect((await ended(checkAccount(fetching(server, options)))).report).toMatchObject({
      ...clean,
      counts: { new: 3 },
    });
    expect((await fetched(server, options)).report).toMatchObject({ ...clean, counts: { stored: 3 } });
    expect((await fetched(server, options)).report).toMatchObject({ ...clean, counts: { known: 3 } });
    const fresh = fetching(server, { timeouts: { replyMs: 500 } });
    expect((await ended(baselineAccount(fresh))).report).toMatchObject({ ...clean, baselined: 3 });
    expect(server.count("RETR")).toBe(3);
  });
});
