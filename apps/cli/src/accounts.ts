import { readFile } from "node:fs/promises";
import { type Account, accountOf, EXIT, FailureError, parseAccountUrl } from "@mailonce/runtime";

/** The account that a URL names, or why it names none. */
export type NamedAccount =
  | { readonly account: Account }
  | { readonly account: null; readonly error: unknown };

/** Reads each URL of a command line; with several, an error says which one is wrong. */
export function readAccounts(urls: readonly string[], maildrop: string | undefined): readonly NamedAccount[] {
  if (maildrop === "") throw new FailureError("maildrop-name", "--maildrop needs a name", EXIT.usage);
  if (maildrop !== undefined && urls.length > 1) {
    throw new FailureError(
      "maildrop-name",
      "--maildrop names one maildrop: give one URL with it",
      EXIT.usage,
    );
  }
  return urls.map((url, index) => {
    try {
      return { account: accountOf(parseAccountUrl(url), maildrop) };
    } catch (error) {
      if (urls.length === 1 || !(error instanceof FailureError)) return { account: null, error };
      const message = `URL ${index + 1} of ${urls.length}: ${error.message}`;
      return { account: null, error: new FailureError(error.code, message, error.exitCode) };
    }
  });
}

/** The maildrop that `[URL]` or `--maildrop` choose, undefined for all. */
export function chosenMaildrop(url: string | undefined, maildrop: string | undefined): string | undefined {
  return maildrop ?? (url === undefined ? undefined : accountOf(parseAccountUrl(url)).maildrop);
}

/** The certificates in a PEM file. @throws FailureError if there are none */
export async function readCertificates(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new FailureError(
      "ca-file",
      `the file given with --ca cannot be read: ${file} (${code})`,
      EXIT.config,
    );
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new FailureError(
      "ca-file",
      `the file given with --ca holds no certificate in PEM form: ${file}`,
      EXIT.config,
    );
  }
  return text;
}
