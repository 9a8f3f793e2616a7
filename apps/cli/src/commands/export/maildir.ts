import { opendir } from "node:fs/promises";
import { join } from "node:path";
import type { StoredMessage } from "@mailonce/core";
import { FailureError } from "@mailonce/runtime";
import { cannotWrite, makeFolder, syncFolder, writeNewFile } from "../../output/new-file.ts";
import type { ContentOf, ExportedFile, ExportTarget } from "./export-target.ts";
import { unixLines } from "./unix-lines.ts";

const ENDING = ".mailonce";

/**
 * A Maildir: messages are delivered into `new`, from where mail programs move them to `cur`, and add flags to their names.
 * The part of a name before the flags is a message's own, so it is known again in either.
 */
export class Maildir implements ExportTarget {
  readonly path: string;
  readonly #content: ContentOf;
  /** The messages that are there, by their names without flags; null: nobody has looked yet. */
  #there: Set<string> | null = null;

  private constructor(path: string, content: ContentOf) {
    this.path = path;
    this.#content = content;
  }

  /** Makes its folders if they are missing. @throws FailureError (`unwritable`) */
  static async open(path: string, content: ContentOf): Promise<Maildir> {
    await makeFolder(path);
    for (const folder of ["tmp", "new", "cur"]) await makeFolder(join(path, folder));
    return new Maildir(path, content);
  }

  async write(message: StoredMessage): Promise<ExportedFile> {
    const name = baseName(message);
    const file = join(this.path, "new", name);
    this.#there ??= await namesIn(this.path);
    if (this.#there.has(name)) return { file, status: "present" };
    try {
      await writeNewFile(join(this.path, "new"), [name], unixLines(this.#content(message)), {
        temporaryFolder: join(this.path, "tmp"),
        // What IMAP servers give as the time when it was received.
        modified: message.date ?? message.storedAt,
      });
    } catch (error) {
      // Another export was quicker: nothing else has such a name.
      if (error instanceof FailureError && error.code === "file-exists") return { file, status: "present" };
      throw error;
    }
    return { file, status: "written" };
  }

  async settle(): Promise<object> {
    await syncFolder(join(this.path, "new"));
    return {};
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** `<seconds>.<id>.mailonce`: the same at every export; mail programs sort by the seconds, when it was stored. */
function baseName({ id, storedAt }: Pick<StoredMessage, "id" | "storedAt">): string {
  return `${Math.floor(storedAt.getTime() / 1000)}.${id}${ENDING}`;
}

/** `new` before `cur`: what is moved in the meantime is seen at least once. About 100 octets of memory for each message. */
async function namesIn(path: string): Promise<Set<string>> {
  const names = new Set<string>();
  for (const folder of ["new", "cur"]) {
    try {
      for await (const { name } of await opendir(join(path, folder))) {
        // Flags stand behind a colon; where that is no letter of names, programs take another one.
        const base = /^\d+\.[0-9a-f-]{36}\.mailonce(?=$|[^a-z0-9.])/.exec(name)?.[0];
        if (base !== undefined) names.add(base);
      }
    } catch (error) {
      throw cannotWrite(join(path, folder), error);
    }
  }
  return names;
}
