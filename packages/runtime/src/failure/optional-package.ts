import { text } from "./error-properties.ts";
import { FailureError } from "./failure-error.ts";

/**
 * Loads an optional package: it is not installed with this one, but by programs that use what it is for.
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
