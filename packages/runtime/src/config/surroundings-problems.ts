import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { maildropName, parseAccountUrl } from "../account/account-url.ts";
import { readCertificates } from "../account/certificates.ts";
import type { SecretSource } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { checkSecret, readSecret, type SecretSurroundings } from "../secret/secret.ts";
import { byPosition, type ConfigurationProblem, fieldName } from "./configuration-error.ts";
import { readText } from "./configuration-file.ts";
import { type Absolute, absoluteIn } from "./configuration-of.ts";
import { fieldsOf } from "./raw-fields.ts";
import type { FieldPath, YamlSource } from "./yaml-source.ts";

/** Options of {@link surroundingsProblems}. */
export interface SurroundingsOptions extends SecretSurroundings {
  /** True: each secret is read, and commands are run for it. False: only whether it is there is checked. */
  readonly secrets: boolean;
}

/**
 * Looks at the things that an accounts file names: secrets, certificates and programs that are missing or unusable, and two
 * accounts for one mailbox. Fields that are wrong themselves are passed over: parseConfiguration reports those.
 * @throws ConfigurationError if the file cannot be read; the signal's reason
 */
export async function surroundingsProblems(
  file: string,
  options: SurroundingsOptions,
): Promise<readonly ConfigurationProblem[]> {
  // The YAML library is loaded here, not before.
  const { readYaml } = await import("./yaml-source.ts");
  const source = readYaml((await readText(file)).text);
  if (source.isBroken) return [];
  const absolute = absoluteIn(dirname(file));
  const problems: ConfigurationProblem[] = [];
  for (const { path, look } of thingsIn(source, absolute, options)) {
    try {
      await look();
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof FailureError)) throw error;
      const field = fieldName(path);
      const message = error.message.startsWith(`${field}: `)
        ? error.message.slice(field.length + 2)
        : error.message;
      problems.push({ ...source.valueAt(path), field, message });
    }
  }
  return [...problems, ...sharedMailboxes(source)].sort(byPosition);
}

/** One thing to look at, and where it is named. */
interface Thing {
  readonly path: FieldPath;
  /** Throws FailureError. */
  readonly look: () => Promise<unknown>;
}

/** All things that the file names, in no certain order. */
function* thingsIn(source: YamlSource, absolute: Absolute, options: SurroundingsOptions): Generator<Thing> {
  const file = fieldsOf(source.value);
  const accounts = Object.entries(fieldsOf(file["accounts"])).map(([name, fields]) => ({
    path: ["accounts", name],
    fields: fieldsOf(fields),
  }));
  const isUsed = (...names: readonly string[]): boolean =>
    accounts.some(({ fields }) => names.every((name) => !(name in fields)));
  const defaults = fieldsOf(file["defaults"]);
  const used = {
    ...(isUsed("password", "oauth2") ? pick(defaults, "password", "oauth2") : {}),
    ...(isUsed("ca") ? pick(defaults, "ca") : {}),
    ...(isUsed("hooks") ? pick(defaults, "hooks") : {}),
  };
  yield* secret(["tokenKey"], file["tokenKey"]);
  yield* filesOfTls(["database"], file["database"]);
  for (const { path, fields } of [{ path: ["defaults"], fields: used }, ...accounts])
    yield* account(path, fields);

  function* account(path: FieldPath, fields: Readonly<Record<string, unknown>>): Generator<Thing> {
    const { ca, password, oauth2, hooks } = fields;
    if (isText(ca)) {
      const field = [...path, "ca"];
      yield { path: field, look: () => readCertificates(absolute(ca), fieldName(field)) };
    }
    // If both are given, parseConfiguration reports it.
    if (oauth2 === undefined) yield* secret([...path, "password"], password);
    else if (password === undefined)
      yield* secret([...path, "oauth2", "clientSecret"], fieldsOf(oauth2)["clientSecret"]);
    for (const [name, value] of Object.entries(fieldsOf(hooks))) yield* hook([...path, "hooks", name], value);
  }

  function* secret(path: FieldPath, value: unknown): Generator<Thing> {
    const place = sourceOf(value, absolute);
    if (place === null) return;
    const read = () => readSecret(place, fieldName(path), options);
    const check = () => checkSecret(place, fieldName(path), options.env);
    yield { path, look: options.secrets ? read : check };
  }

  function* filesOfTls(path: FieldPath, url: unknown): Generator<Thing> {
    if (!isText(url) || /^sqlite:/i.test(url)) return;
    for (const [, name = "", encoded = ""] of url.matchAll(/[?&](ca|cert|key)=([^&]*)/g)) {
      const tlsFile = absolute(decoded(encoded));
      yield { path, look: () => mustBe(tlsFile, constants.R_OK, `the file of ?${name}=`, "read") };
    }
  }

  /** Programs without a path are not checked: they are looked up where the worker runs. */
  function* hook(path: FieldPath, fields: unknown): Generator<Thing> {
    const { webhook, exec, queue, secret: signs } = fieldsOf(fields);
    const isOne = [webhook, exec, queue].filter((one) => one !== undefined).length === 1;
    if (!isOne) return;
    if (webhook !== undefined) yield* secret([...path, "secret"], signs);
    const program: unknown = Array.isArray(exec) ? exec[0] : undefined;
    if (isText(program) && program.startsWith("/"))
      yield { path: [...path, "exec"], look: () => mustBe(program, constants.X_OK, "the program", "run") };
  }
}

function pick(
  fields: Readonly<Record<string, unknown>>,
  ...names: readonly string[]
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

async function mustBe(file: string, mode: number, what: string, verb: "read" | "run"): Promise<void> {
  try {
    const stats = await stat(file);
    if (!stats.isDirectory()) return await access(file, mode);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "is not there" : `cannot be ${verb} (${code})`;
    throw new FailureError("configuration", `${what} ${why}: ${file}`, "config");
  }
  throw new FailureError("configuration", `${what} is a folder: ${file}`, "config");
}

/** The source of a secret, if it is written as it must be. */
function sourceOf(value: unknown, absolute: Absolute): SecretSource | null {
  const fields = fieldsOf(value);
  const { env, file, command } = fields;
  if (Object.keys(fields).length !== 1) return null;
  if (isText(env)) return { kind: "env", name: env };
  if (isText(file)) return { kind: "file", path: absolute(file) };
  if (isText(command)) return { kind: "command", command };
  const isProgram = Array.isArray(command) && command.length > 0 && command.every(isText);
  return isProgram ? { kind: "command", command } : null;
}

/** Under two names, all of it would be fetched twice; the second fetch would refuse to (see FirstRun). */
function sharedMailboxes({ value, valueAt }: YamlSource): ConfigurationProblem[] {
  const first = new Map<string, string>();
  return Object.entries(fieldsOf(fieldsOf(value)["accounts"])).flatMap(([name, account]) => {
    const { url, apart } = fieldsOf(account);
    const mailbox = mailboxOf(url);
    if (mailbox === null || apart === true) return [];
    const other = first.get(mailbox);
    first.set(mailbox, other ?? name);
    if (other === undefined) return [];
    const path = ["accounts", name, "url"];
    const message = `the account ${other} fetches this mailbox already: take one of them out, or write apart: true if all of it is wanted twice`;
    return [{ ...valueAt(path), field: fieldName(path), message }];
  });
}

function mailboxOf(url: unknown): string | null {
  try {
    return isText(url) ? maildropName(parseAccountUrl(url)) : null;
  } catch {
    return null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
