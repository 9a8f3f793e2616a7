import { text } from "./error-properties.ts";
import { FailureError } from "./failure-error.ts";

/**
 * Loads a package that is not installed together with this one: only who uses what it is for installs it.
 * @param purpose what it is for, to begin a sentence with: `OAuth 2`
 * @throws FailureError (`missing-package`, of the kind `config`) where it is not installed; what loading it throws
 */
export async function optionalPackage<T>(name: string, purpose: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const isMissing =
      text(error, "code") === "ERR_MODULE_NOT_FOUND" && text(error, "message").includes(`'${name}'`);
    if (!isMissing) throw error;
    throw new FailureError(
      "missing-package",
      `${purpose} needs the package ${name}, which is not installed: npm install ${name}`,
      "config",
      { cause: error },
    );
  }
}
