import path from "node:path";
import { decodePart } from "../database/database-address.ts";
import { DatabaseUrlError } from "../database/database-url-error.ts";

/** The absolute path of the file that a URL names. @throws DatabaseUrlError */
export function fileOfUrl(url: string): string {
  const rest = url.slice("sqlite:".length);
  if (rest.startsWith("//") && !rest.startsWith("///")) {
    throw new DatabaseUrlError(
      "An SQLite database is a file here: write sqlite:file, or sqlite:///file from the root.",
    );
  }
  const file = decodePart(rest.startsWith("///") ? rest.slice(2) : rest);
  if (file === "" || file.endsWith("/")) {
    throw new DatabaseUrlError(
      "The database URL names no file: write sqlite:file, or sqlite:///file from the root.",
    );
  }
  if (file === ":memory:") {
    throw new DatabaseUrlError("An SQLite database in memory forgets which messages are known; name a file.");
  }
  return path.resolve(file);
}
