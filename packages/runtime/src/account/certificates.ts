import { FailureError } from "../failure/failure-error.ts";
import { openToRead, PIPE_TIMED_OUT, readAtMost } from "../system/bounded-file.ts";

/** All of Mozilla's authorities take 220 kB. */
const MAX_CERTIFICATE_OCTETS = 16 * 1024 * 1024;

/** The certificates in a PEM file. @throws FailureError (`config`) if there are none */
export async function readCertificates(file: string, what: string): Promise<string> {
  let text: string;
  try {
    await using handle = await openToRead(file);
    const octets = await readAtMost(handle, MAX_CERTIFICATE_OCTETS);
    if (octets === null)
      throw new FailureError("ca-file", `${what}: the file is too large for certificates: ${file}`, "config");
    text = octets.toString("utf8");
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    const why = code === "ETIMEDOUT" ? PIPE_TIMED_OUT : code;
    throw new FailureError("ca-file", `${what}: the file cannot be read: ${file} (${why})`, "config");
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new FailureError(
      "ca-file",
      `${what}: the file holds no certificate in PEM form: ${file}`,
      "config",
    );
  }
  return text;
}
