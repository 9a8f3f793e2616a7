import { FieldError } from "../text/field-error.ts";
import { DURATION_FORM, parseDuration } from "../text/units.ts";

/** Reads several parts of a field. @throws FieldError with what is wrong in all of them */
export function readAll<T>(parts: readonly (readonly [name: string, read: () => T])[]): T[] {
  const wrong: string[] = [];
  const values = parts.flatMap(([name, read]): T[] => {
    try {
      return [read()];
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      wrong.push(`${name}${error.message}`);
      return [];
    }
  });
  if (wrong.length > 0) throw new FieldError(wrong.join("; "));
  return values;
}

export function readText(value: unknown, form: string): string {
  if (value === undefined) throw new FieldError(`is missing: must be ${form}`);
  if (typeof value === "number" || typeof value === "boolean")
    throw new FieldError(`must be ${form}; put it in quotes`);
  if (typeof value !== "string" || value.trim() === "") throw new FieldError(`must be ${form}`);
  if (/\p{Cc}/u.test(value)) throw new FieldError(`must be ${form}, on one line`);
  return value;
}

export function readDuration(value: unknown, mostMs?: number): number {
  if (typeof value === "number") throw new FieldError(`needs a unit: must be ${DURATION_FORM}`);
  const ms = typeof value === "string" ? parseDuration(value, mostMs) : null;
  if (ms === null) throw new FieldError(`must be ${DURATION_FORM}`);
  return ms;
}

export function readProgram(value: unknown, form: string): readonly string[] {
  const isProgram =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((word) => typeof word === "string") &&
    value[0] !== "";
  if (!isProgram) throw new FieldError(`must be ${form}`);
  return value;
}
