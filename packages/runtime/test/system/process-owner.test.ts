import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import {
  type ProcessFacts,
  type ProcessIdentity,
  type ProcessLookUp,
  processFacts,
} from "../../src/system/process-identity.ts";
import { describeOwner, isDeadOwner, ownerText } from "../../src/system/process-owner.ts";

const WORKER: ProcessIdentity = {
  host: "mail.example.org",
  machine: "a1b2c3d4a1b2c3d4",
  boot: "5c4d1f5e-6a3b-4c1d-8e9f-0a1b2c3d4e5f",
  pidNamespace: "4026531836",
  pid: 4711,
  startTime: "900000",
};

/** Judges from a process beside the worker, with these differences, where the worker's id is now used so. */
function isDead(there: ProcessLookUp, self: Partial<ProcessIdentity> = {}, owner = WORKER): boolean {
  const facts: ProcessFacts = {
    self: { ...WORKER, pid: 5000, startTime: "950000", ...self },
    lookUp: () => there,
  };
  return isDeadOwner(ownerText(owner), facts);
}

const GONE: ProcessLookUp = { kind: "none" };
const ALIVE: ProcessLookUp = { kind: "some", startTime: "900000" };

it("takes a process for dead that is no more, or whose id another has now", () => {
  expect(isDead(ALIVE)).toBe(false);
  expect(isDead(GONE)).toBe(true);
  expect(isDead({ kind: "some", startTime: "900001" })).toBe(true);
  expect(isDead({ kind: "some", startTime: null })).toBe(false);
});

it("takes a process for dead that ran before this machine was started last", () => {
  expect(isDead(ALIVE, { boot: "another" })).toBe(true);
  // Two machines of one name, both in their first pid namespace, which has the same number everywhere.
  expect(isDead(GONE, { boot: "another", machine: "another" })).toBe(false);
  const nameless = { ...WORKER, machine: null };
  expect(isDead(GONE, { boot: "another", machine: null }, nameless)).toBe(false);
});

it("does not take containers for dead that share host name, boot and process id 1", () => {
  const container = { ...WORKER, pid: 1, pidNamespace: "4026532201" };
  expect(isDead(GONE, { pid: 1, pidNamespace: "4026532202" }, container)).toBe(false);
  expect(isDead({ kind: "some", startTime: "1" }, { pid: 1, pidNamespace: "4026532202" }, container)).toBe(
    false,
  );
});

it("says nothing of other hosts, and of systems and versions that do not tell enough", () => {
  expect(isDead(GONE, { host: "other.example.org" })).toBe(false);
  for (const unknown of ["boot", "pidNamespace", "startTime"] as const) {
    expect(isDead(GONE, {}, { ...WORKER, [unknown]: null })).toBe(false);
    if (unknown !== "startTime") expect(isDead(GONE, { [unknown]: null })).toBe(false);
  }
  const nothing = { ...WORKER, machine: null, boot: null, pidNamespace: null, startTime: null };
  expect(isDead(GONE, nothing, nothing)).toBe(false);
  const facts: ProcessFacts = { self: WORKER, lookUp: () => GONE };
  for (const text of ["", "-", "x y z", `${ownerText(WORKER)} more`, ownerText({ ...WORKER, pid: 0 })])
    expect(isDeadOwner(text, facts)).toBe(false);
});

it("fits into the ledger whatever the host is called, and reads well", () => {
  expect(describeOwner(ownerText(WORKER))).toBe("process 4711 on mail.example.org");
  for (const host of ["", "a b", "ö".repeat(200), "\ud800", "x\u001b[2Jy", "%"]) {
    const text = ownerText({ ...WORKER, host });
    expect(text.length).toBeLessThanOrEqual(255);
    expect(text.split(" ")).toHaveLength(6);
    expect(describeOwner(text)).toMatch(/^process 4711/);
    expect(describeOwner(text)).not.toMatch(/\p{Cc}/u);
  }
  expect(describeOwner("something else")).toBe("another process");
});

it.runIf(process.platform === "linux")("knows itself and others by what Linux says", async () => {
  const facts = processFacts();
  expect(facts.self).toMatchObject({
    boot: expect.stringMatching(/^[0-9a-f-]{36}$/),
    pidNamespace: expect.stringMatching(/^\d+$/),
    pid: process.pid,
    startTime: expect.stringMatching(/^\d+$/),
  });
  expect(facts.lookUp(process.pid)).toEqual({ kind: "some", startTime: facts.self.startTime });
  expect(isDeadOwner(ownerText(facts.self), facts)).toBe(false);

  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  const there = facts.lookUp(pid);
  const owner = ownerText({ ...facts.self, pid, startTime: there.kind === "some" ? there.startTime : null });
  expect(isDeadOwner(owner, facts)).toBe(false);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isDeadOwner(owner, facts)).toBe(true);
});
