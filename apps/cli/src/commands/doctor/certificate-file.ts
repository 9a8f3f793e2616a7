import { open, stat } from "node:fs/promises";
import { type CertificateToTrust, FailureError, type Finding, shownFingerprint } from "@mailonce/runtime";

/** @throws FailureError (`unwritable`) where there is such a file already: it may be trusted by somebody */
export async function refuseToOverwrite(file: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw thereAlready(file);
}

/**
 * Writes a certificate in PEM into a new file, which everybody may read.
 * @returns what a person has to compare before they trust it
 * @throws FailureError (`unwritable`)
 */
export async function writeCertificate(file: string, certificate: CertificateToTrust): Promise<Finding> {
  const { pem, subject, isServers, certificatePin, publicKeyPin } = certificate;
  try {
    await using handle = await open(file, "wx", 0o644);
    await handle.writeFile(pem.endsWith("\n") ? pem : `${pem}\n`);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw thereAlready(file);
    throw new FailureError("cannot-write", `cannot write the certificate: ${file} (${code})`, "unwritable");
  }
  const which = isServers ? "the server's own certificate" : `the certificate of who signed it (${subject})`;
  return {
    topic: "certificate-file",
    verdict: "ok",
    message: `saved ${which} as ${file}: its fingerprint is ${shownFingerprint(certificatePin)} (${certificatePin} in base64), its public key's ${publicKeyPin} in base64`,
    advice: `whoever is on the way may have sent it: compare the fingerprint with what who runs the server says; only if it is the same, trust it with --ca ${file}`,
    ending: "done",
  };
}

function thereAlready(file: string): FailureError {
  return new FailureError(
    "cannot-write",
    `there is a file ${file} already, and it stays as it is: give another name`,
    "unwritable",
  );
}
