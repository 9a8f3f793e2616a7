import { access, mkdir, open, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { FailureError } from "@mailonce/runtime";
import { configurationSchema } from "@mailonce/runtime/config";
import { accountsFileText, SCHEMA_NAME } from "./file-text.ts";
import type { NewAccountsFile } from "./new-accounts-file.ts";

/** @throws FailureError (`unwritable`) where there is such a file already */
export async function refuseToOverwrite(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw alreadyThere(file);
}

/**
 * Writes the accounts file, its schema beside it, and the file of a password that was typed; each for its owner alone.
 * @throws FailureError (`unwritable`), and nothing of it is left
 */
export async function writeFiles(file: string, content: NewAccountsFile): Promise<void> {
  const folder = dirname(file);
  const made: string[] = [];
  // "wx" refuses what somebody else has made meanwhile.
  const make = async (path: string, text: string, flag = "wx"): Promise<void> => {
    await using handle = await open(path, flag, 0o600);
    made.push(path);
    await handle.writeFile(text);
    await handle.chmod(0o600);
  };
  let path = file;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await make(file, accountsFileText(content));
    path = join(folder, SCHEMA_NAME);
    await make(path, `${JSON.stringify(await configurationSchema())}\n`, "w");
    const { password } = content;
    if (password.kind !== "file" || password.typed === null) return;
    path = resolve(folder, password.path);
    await make(path, `${password.typed}\n`);
  } catch (error) {
    // Half a file would keep the next init from writing a whole one.
    for (const each of made) await rm(each, { force: true });
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw alreadyThere(path);
    const why = code === "ENOSPC" ? "the disk is full" : code;
    throw new FailureError("cannot-write", `${path} cannot be written (${why})`, "unwritable");
  }
}

function alreadyThere(file: string): FailureError {
  return new FailureError(
    "file-exists",
    `${file} is there already and stays as it is: change it in an editor, or name another with --config`,
    "unwritable",
  );
}
