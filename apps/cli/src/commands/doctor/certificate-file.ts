import { open, stat } from "node:fs/promises";
import { FailureError, failureOf } from "@mailonce/runtime";
import { type AccountSettings, shownFingerprint } from "@mailonce/runtime/config";
import type { CertificateToTrust, DoctorFacts, Finding } from "@mailonce/runtime/doctor";
import { usageError } from "../../input/usage-error.ts";

/**
 * Tells, before anything is connected to, whether a certificate can be saved in this file.
 * @throws FailureError (`usage`) where the accounts have no certificate, or several; (`unwritable`) where
 * there is such a file already: it may be trusted by somebody
 */
export async function refuseToSave(file: string, accounts: readonly AccountSettings[]): Promise<void> {
  const [first, ...more] = accounts;
  if (first === undefined || more.length > 0)
    throw usageError("usage", "--save-certificate saves that of one server: give one account with it");
  if (first.account.tls === "none")
    throw usageError("usage", "--save-certificate: without TLS (?tls=none) there is no certificate");
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw thereAlready(file);
}

/** Saves the certificate that must be trusted. Gives a finding that says what became of it, also where it failed. */
export async function savedCertificate(file: string, { tls }: DoctorFacts): Promise<Finding> {
  const topic = "certificate-file";
  try {
    if (tls?.toTrust !== undefined) return await writeCertificate(file, tls.toTrust);
    const message = "no certificate was saved: the server has shown none";
    return { topic, verdict: "bad", message, advice: null, ending: "unavailable" };
  } catch (error) {
    const { message, kind } = failureOf(error);
    return { topic, verdict: "bad", message, advice: null, ending: kind };
  }
}

/**
 * Writes a certificate in PEM into a new file, which everybody may read.
 * @returns what a person has to compare before they trust it
 * @throws FailureError (`unwritable`)
 */
async function writeCertificate(file: string, certificate: CertificateToTrust): Promise<Finding> {
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
