import type { Configuration } from "../account/settings.ts";

/** The names of the fields in which an accounts file holds a password itself, in a URL. */
export function passwordsIn({ database, accounts, worker }: Configuration): readonly string[] {
  const places: [string, string | null][] = [
    ["database", database],
    ["worker.queue", worker.queue],
    ...accounts.flatMap(({ name, proxy, hooks }): [string, string | null][] => [
      [`accounts.${name}.proxy`, proxy ?? null],
      ...hooks.map((hook): [string, string | null] => [
        `accounts.${name}.hooks.${hook.name}`,
        hook.kind === "exec" ? null : hook.url,
      ]),
    ]),
  ];
  return places.flatMap(([field, url]) => (url !== null && hasPassword(url) ? [field] : []));
}

function hasPassword(url: string): boolean {
  return /^[a-z0-9+.-]+:\/\/[^/?#@]*:[^/?#@]+@/i.test(url);
}
