import { FailureError } from "../failure/failure-error.ts";
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

/** A failure's code, and what follows "the proxy …". SERVER stands for the server's host and port. */
const FAULTS: Readonly<Record<ProxyFault, readonly [code: string, words: string]>> = {
  unreachable: ["proxy-unreachable", "cannot be reached: check its host and port, and that it runs"],
  timeout: ["proxy-timeout", "did not connect to SERVER in time"],
  nonsense: [
    "proxy-protocol",
    "does not answer as a proxy of this kind does: check its port, and socks5:// against http://",
  ],
  "login-wanted": [
    "proxy-login-wanted",
    "wants a user and a password: name USER@ in its URL, and give the password in MAILONCE_PROXY_PASSWORD",
  ],
  "login-refused": ["proxy-login-refused", "refused the user or the password"],
  forbidden: ["proxy-forbids", "does not allow connections to SERVER: whoever runs it must permit that port"],
  "server-unreachable": ["proxy-no-connection", "cannot connect to SERVER: check the URL's host and port"],
};

/** The proxy could not be used. Names it without user and password; its cause holds neither. */
export class ProxyError extends FailureError {
  constructor(
    fault: ProxyFault,
    proxy: ProxyAddress,
    server: { readonly host: string; readonly port: number },
    detail = "",
  ) {
    const [code, words] = FAULTS[fault];
    const what = words.replace("SERVER", () => `${server.host} port ${server.port}`);
    const tail = detail === "" ? "" : ` (${detail})`;
    const isLogin = fault === "login-wanted" || fault === "login-refused";
    super(code, `the proxy ${proxyPlace(proxy)} ${what}${tail}`, isLogin ? "denied" : "unavailable");
  }
}
