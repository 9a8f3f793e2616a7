import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { sampleMail, startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { endOf, fetchUntilDone, startFetch } from "./command.ts";
import { compareStored, isSound } from "./stored-check.ts";

/**
 * Fetches into an SQLite file on a disk (tmpfs) of so many KiB, gives it more room, and fetches again.
 * @returns what was wrong; null where this process may not mount
 */
export async function fullDisk(kibibytes: number): Promise<readonly string[] | null> {
  await using folder = temporaryFolder("mailonce-full-");
  if (mount(folder.path, `size=${kibibytes}k`) !== 0) return null;
  try {
    await using server = await startPop3Server({ maildrop: { hidesRetrieved: true } });
    const mail = sampleMail(40, 23, { special: false, largeAttachment: 0 });
    server.maildrop.deliverAll(mail);
    const url = `sqlite:${join(folder.path, "mail.sqlite")}`;
    const troubles: string[] = [];
    const end = await endOf(await startFetch(server, url));
    // Where there is room for the empty database, it is told of first.
    const notes = end.notes.filter((note) => !note.includes("new database"));
    if (end.exitCode !== 69 || notes.length !== 1 || !/is full/.test(end.output))
      troubles.push(`it ended with ${end.exitCode}: ${end.output}`);
    mount(folder.path, "remount,size=16m");
    const full = await compareStored(url, mail);
    if (!isSound(full)) troubles.push(`with a full disk: ${JSON.stringify(full)}`);
    const last = (await fetchUntilDone(server, url)).at(-1);
    if (last?.exitCode !== 0) troubles.push(`with room it ended with ${last?.exitCode}: ${last?.output}`);
    const difference = await compareStored(url, mail);
    if (!isSound(difference) || difference.losses > 0)
      troubles.push(`in the end: ${JSON.stringify(difference)}`);
    return troubles;
  } finally {
    // Lazily: SQLite may keep a closed file open until its statements are collected.
    spawnSync("umount", ["--lazy", folder.path]);
  }
}

function mount(folder: string, options: string): number | null {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" }).status;
}
