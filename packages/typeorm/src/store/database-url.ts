// What a URL of a database means, without TypeORM: for programs that check their settings.
export { DatabaseUrlError } from "../database/database-url-error.ts";
export { parseDatabaseUrl } from "../dialects.ts";
