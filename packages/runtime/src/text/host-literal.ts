import { isIPv6 } from "node:net";

/** A host as it stands in a URL: an IPv6 address in brackets, anything else as it is. */
export function hostLiteral(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
