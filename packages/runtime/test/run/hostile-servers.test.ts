import { InMemoryStore } from "@mailonce/core/memory";
import { describe, expect, it } from "vitest";
import { checkAccount } from "../../src/run/fetch-account.ts";
import { examined } from "../doctor/patient.ts";
import { ended, fetched, fetching, plain, serverWith } from "./odd-servers.ts";

const MEGABYTE = 1024 * 1024;

describe("a message that never ends", () => {
  it.each(["announced", "unannounced"] as const)(
    "is given up once, soon, and the others are stored (pipelining %s)",
    async (pipelining) => {
      await using server = await serverWith({ pipelining }, 5);
      server.faults = [{ at: { verb: "RETR", messageNumber: 3, afterOctets: 20 }, do: "endless" }];
      const store = new InMemoryStore();
      const { report, outcomes } = await fetched(server, { store, maxOctets: MEGABYTE });
      expect(report).toMatchObject({
        counts: { stored: 4, deferred: 1, failed: 0 },
        ending: "partial",
        error: null,
        warnings: [
          { code: "started-again", message: expect.stringContaining("message 3 has not ended after") },
        ],
      });
      expect(outcomes.filter(({ kind }) => kind === "deferred")).toMatchObject([
        { messageNumber: 3, reason: { code: "overlong-message" } },
      ]);
      const asked = server.sessions.flatMap(({ commands }) => commands).filter((line) => line === "RETR 3");
      expect(asked).toHaveLength(1);
      const sent = server.sessions.reduce((sum, { octetsSent }) => sum + octetsSent, 0);
      expect(sent).toBeLessThan(20 * MEGABYTE);
      // The next fetch tries it again, once (rule 20), and stores nothing twice.
      const before = server.sessions.length;
      const again = await fetched(server, { store, maxOctets: MEGABYTE });
      expect(again.report).toMatchObject({ counts: { known: 4, deferred: 1 }, ending: "partial" });
      const later = server.sessions.slice(before).flatMap(({ commands }) => commands);
      expect(later.filter((line) => line.startsWith("RETR"))).toEqual(["RETR 3"]);
    },
  );

  it("does not keep the doctor", async () => {
    await using server = await serverWith({}, 1);
    server.faults = [{ at: { verb: "RETR", afterOctets: 20 }, do: "endless" }];
    const { ending, on, lines } = await examined(plain(server));
    expect(ending, lines.join("\n")).toBe("unavailable");
    expect(on("session")).toMatch(/^bad session: trying TOP and RETR failed: .*\(limit mostOctets\)/);
  });
});

describe("a listing that never ends", () => {
  it.each(["LIST", "UIDL"] as const)("ends the run soon, and is not asked for again (%s)", async (verb) => {
    await using server = await serverWith({});
    server.faults = [{ at: { verb, afterOctets: 20 }, do: "endless", octets: "1 100\r\n" }];
    const { report } = await fetched(server);
    expect(report).toMatchObject({
      ending: "unavailable",
      error: { code: "protocol-error", message: expect.stringContaining("more than 10030 lines") },
    });
    expect(server.sessions).toHaveLength(1);
    expect(server.sessions[0]?.octetsSent).toBeLessThan(20 * MEGABYTE);
  });
});

describe("headers that never end", () => {
  it("end a check", async () => {
    await using server = await serverWith({});
    server.faults = [{ at: { verb: "TOP", afterOctets: 20 }, do: "endless" }];
    const { report } = await ended(checkAccount(fetching(server)));
    expect(report).toMatchObject({
      ending: "unavailable",
      error: { message: expect.stringContaining("topOctets") },
    });
  });
});

describe("a server that sends an octet at a time", () => {
  it.each(["UIDL", "LIST", "RETR"] as const)(
    "is not waited for any longer than is said (%s)",
    async (verb) => {
      await using server = await serverWith({}, 1);
      server.faults = [{ at: { verb, afterOctets: 20 }, do: "drip" }];
      const { report } = await fetched(server, { timeouts: { idleMs: 20_000, rateMs: 200 } });
      expect(report.error).toMatchObject({
        code: "timeout",
        message: expect.stringMatching(/127\.0\.0\.1 port \d+ sends too slowly/),
      });
      expect(report.ending).toBe("unavailable");
    },
  );
});
