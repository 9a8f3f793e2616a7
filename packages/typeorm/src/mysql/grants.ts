/** Of a privilege's name: what SHOW GRANTS writes for all there are. */
const ALL = "ALL PRIVILEGES";

/**
 * Which of the privileges a user lacks in a database, by the lines of SHOW GRANTS. Null where the lines do not tell:
 * roles, single tables and revocations in part may say otherwise. The lines may hold a password's digest.
 */
export function lackingPrivileges(
  lines: readonly string[],
  database: string,
  needed: readonly string[],
): readonly string[] | null {
  const granted = new Set<string>();
  let isWhole = true;
  for (const line of lines) {
    const [, privileges, scope] = /^GRANT (.+?) ON (\S+|`.*?`\.\S+) TO /.exec(line) ?? [];
    if (privileges === undefined || scope === undefined) isWhole = false;
    else if (isIn(scope, database)) for (const one of privileges.split(/, ?/)) granted.add(one);
    else if (!scope.endsWith(".*")) isWhole = false;
  }
  if (granted.has(ALL)) return isWhole ? [] : null;
  const lacking = needed.filter((privilege) => !granted.has(privilege));
  return isWhole ? lacking : null;
}

/** Whether `*.*` or the pattern of a database's name is about this one: `_` and `%` stand for others unless escaped. */
function isIn(scope: string, database: string): boolean {
  if (scope === "*.*") return true;
  const pattern = /^[`'"](.*)[`'"]\.\*$/.exec(scope)?.[1];
  if (pattern === undefined) return false;
  const source = pattern.replace(/\\(.)|([_%])|([^\w\s])/g, (_all, escaped, wildcard, sign) => {
    if (escaped !== undefined) return `\\u{${escaped.codePointAt(0).toString(16)}}`;
    if (wildcard !== undefined) return wildcard === "_" ? "." : ".*";
    return `\\u{${sign.codePointAt(0).toString(16)}}`;
  });
  return new RegExp(`^${source}$`, "isu").test(database);
}
