import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startPop3Server } from "@mailonce/testkit";
import { expect, it } from "vitest";
import { inspectTls } from "../../src/doctor/inspect-tls.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

it.each(["implicit", "stls"] as const)(
  "gives a server up that says nothing (%s), though memory is collected meanwhile",
  async (tls) => {
    await using server = await startPop3Server({ faults: [{ at: { verb: "GREETING" }, do: "stall" }] });
    const account = { maildrop: "m", user: "alice", host: "127.0.0.1", port: server.port, tls };
    const collecting = setInterval(collectGarbage, 10);
    const { signal } = new AbortController();
    expect(await inspectTls({ account, signal, timeoutMs: 200 })).toBeNull();
    clearInterval(collecting);
  },
);
