import { FailureError } from "../failure/failure-error.ts";
import type { FailureKind } from "../failure/failure-kind.ts";
import { type ProxyAddress, proxyPlace } from "./proxy-url.ts";

/** What went wrong between here and the server by way of the proxy. */
export type ProxyFault =
  /** No connection to the proxy itself. */
  | "unreachable"
  /** It did not answer in time. */
  | "timeout"
  /** It answers, but not as such a proxy does. */
  | "nonsense"
  /** It wants a user and a password. */
  | "login-wanted"
  /** It refused those that it was given. */
  | "login-refused"
  /** Its rules forbid this server or port. */
  | "forbidden"
  /** It tried, and could not connect to the server. */
  | "server-unreachable";

interface Row {
  readonly code: string;
  readonly kind: FailureKind;
  /** What follows "the proxy …". */
  readonly words: (server: string) => string;
}

const ROWS: Readonly<Record<ProxyFault, Row>> = {
  unreachable: {
    code: "proxy-unreachable",
    kind: "unavailable",
    words: () => "cannot be reached: check its host and port, and that it runs",
  },
  timeout: {
    code: "proxy-timeout",
    kind: "unavailable",
    words: (server) => `did not connect to ${server} in time`,
  },
  nonsense: {
    code: "proxy-protocol",
    kind: "unavailable",
    words: () =>
      "does not answer as a proxy of this kind does: check its port, and socks5:// against http://",
  },
  "login-wanted": {
    code: "proxy-login-wanted",
    kind: "denied",
    words: () =>
      "wants a user and a password: name USER@ in its URL, and give the password in MAILONCE_PROXY_PASSWORD",
  },
  "login-refused": {
    code: "proxy-login-refused",
    kind: "denied",
    words: () => "refused the user or the password",
  },
  forbidden: {
    code: "proxy-forbids",
    kind: "unavailable",
    words: (server) => `does not allow connections to ${server}: whoever runs it must permit that port`,
  },
  "server-unreachable": {
    code: "proxy-no-connection",
    kind: "unavailable",
    words: (server) => `cannot connect to ${server}: check the URL's host and port`,
  },
};

/** The proxy could not be used. Names it without user and password; its cause holds neither. */
export class ProxyError extends FailureError {
  constructor(
    fault: ProxyFault,
    proxy: ProxyAddress,
    server: { readonly host: string; readonly port: number },
    detail = "",
  ) {
    const { code, kind, words } = ROWS[fault];
    const tail = detail === "" ? "" : ` (${detail})`;
    super(code, `the proxy ${proxyPlace(proxy)} ${words(`${server.host} port ${server.port}`)}${tail}`, kind);
  }
}
