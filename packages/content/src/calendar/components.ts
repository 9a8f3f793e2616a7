import { decodeCharset } from "@mailonce/core/message";
import { decodeQuotedPrintable } from "../encoding/quoted-printable.ts";

/** One property of a component (RFC 5545 section 3.1). */
export interface Property {
  /** In upper case. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** As it is written. */
  readonly value: string;
}

/** What stands between BEGIN and END. */
export interface Component {
  /** In upper case: `VEVENT`. */
  readonly name: string;
  readonly properties: readonly Property[];
  readonly components: readonly Component[];
}

interface OpenComponent {
  readonly name: string;
  readonly properties: Property[];
  readonly components: Component[];
}

/** Alarms within events within a calendar need three. */
const DEEPEST = 10;
const LINE =
  /^([A-Za-z0-9_-]{1,100})((?:;[A-Za-z0-9-]{1,100}(?:=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)?)*):(.*)$/s;
const PARAMETER = /;([A-Za-z0-9-]+)(?:=("[^"]*"|[^;]*))?/g;

/** Reads the components of iCalendar (RFC 5545) or vCalendar. What is no property is passed over. */
export function readComponents(text: string): readonly Component[] {
  const root: OpenComponent = { name: "", properties: [], components: [] };
  const open = [root];
  for (const line of unfold(text)) {
    const property = readProperty(line);
    if (property === null) continue;
    const current = open.at(-1) ?? root;
    if (property.name === "BEGIN") {
      const component = { name: property.value.trim().toUpperCase(), properties: [], components: [] };
      if (open.length > DEEPEST) continue;
      current.components.push(component);
      open.push(component);
    } else if (property.name === "END") {
      const name = property.value.trim().toUpperCase();
      const at = open.findLastIndex((one) => one.name === name);
      if (at > 0) open.length = at;
    } else current.properties.push(property);
  }
  return root.components;
}

/** Lines that begin with a blank go on with the line before (section 3.1); in vCalendar, what quoted-printable breaks. */
function* unfold(text: string): Generator<string> {
  let parts: string[] = [];
  let isBroken = false;
  for (const line of text.split("\n")) {
    if (isBroken || /^[ \t]/.test(line)) parts.push(isBroken ? line : line.slice(1));
    else {
      if (parts.length > 0) yield parts.join("");
      parts = [line];
    }
    const first = parts[0] ?? "";
    isBroken = line.endsWith("=") && /^[^:]{0,500}quoted-printable/i.test(first);
    if (isBroken) parts[parts.length - 1] = (parts.at(-1) ?? "").slice(0, -1);
  }
  if (parts.length > 0) yield parts.join("");
}

function readProperty(line: string): Property | null {
  const [, name, written = "", value = ""] = LINE.exec(line) ?? [];
  if (name === undefined) return null;
  const parameters = new Map<string, string>();
  for (const [, parameter = "", text = ""] of written.matchAll(PARAMETER))
    parameters.set(parameter.toUpperCase(), text.replace(/^"(.*)"$/s, "$1"));
  return { name: name.toUpperCase(), parameters, value: decoded(value, parameters) };
}

function decoded(value: string, parameters: ReadonlyMap<string, string>): string {
  const encoding = parameters.get("ENCODING")?.toUpperCase();
  if (encoding !== "QUOTED-PRINTABLE" && !parameters.has("QUOTED-PRINTABLE")) return value;
  const octets = decodeQuotedPrintable(Buffer.from(value, "utf8"));
  return decodeCharset(octets, parameters.get("CHARSET") ?? null).text;
}

/** The first property of this name. */
export function propertyOf({ properties }: Component, name: string): Property | null {
  return properties.find((one) => one.name === name) ?? null;
}

/** A property's text (section 3.3.11), its line ends LF; null if there is none or it says nothing. */
export function textOf(component: Component, name: string): string | null {
  const value = propertyOf(component, name)?.value;
  if (value === undefined) return null;
  const text = value.replace(/\\([nN\\;,])/g, (_, sign: string) => (/n/i.test(sign) ? "\n" : sign)).trim();
  return text === "" ? null : text;
}
