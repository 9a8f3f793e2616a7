import { expect, it } from "vitest";
import { parseProxyUrl, proxyPlace, withProxyPassword } from "../../src/proxy/proxy-url.ts";

it.each([
  ["socks5://proxy.example.org", { kind: "socks5", host: "proxy.example.org", port: 1080, user: null }],
  ["socks5h://127.0.0.1:9050/", { kind: "socks5", host: "127.0.0.1", port: 9050 }],
  ["SOCKS5://joe@[::1]:1081", { kind: "socks5", host: "::1", port: 1081, user: "joe", password: null }],
  ["http://proxy:80", { kind: "http", host: "proxy", port: 80, user: null, password: null }],
  ["http://joe%40here:p%3Aw@proxy:3128", { user: "joe@here", password: "p:w", port: 3128 }],
])("reads %s", (url, proxy) => {
  expect(parseProxyUrl(url)).toMatchObject(proxy);
});

it.each([
  ["proxy.example.org:1080", "a proxy is socks5://"],
  ["https://proxy:443", "a proxy is socks5://"],
  ["socks4://proxy:1080", "a proxy is socks5://"],
  ["http://proxy", "names no port"],
  ["http://proxy:0", "names no port"],
  ["socks5://proxy:0", "names no port"],
  ["socks5://proxy:99999", "a proxy is socks5://"],
  ["socks5://:1080", "a proxy is socks5://"],
  ["socks5://proxy/path", "a proxy is socks5://"],
  ["socks5://proxy?tunnel", "a proxy is socks5://"],
  ["socks5://pro%20xy:1", "a proxy is socks5://"],
  ["socks5://:hunter2@proxy", "a password but no user"],
  ["http://joe:hunter2%@proxy:1", "percent-encoding"],
  ["http://joe:hunter2%0d%0aX@proxy:1", "control character"],
  [`socks5://joe:hunter2${"x".repeat(250)}@proxy`, "255 octets"],
])("refuses %s", (url, part) => {
  const error = errorOf(() => parseProxyUrl(url));
  expect(error).toMatchObject({ code: "proxy-url", kind: "usage" });
  expect(error.message).toContain(part);
  expect(error.message).not.toContain("hunter2");
});

it("takes the password from elsewhere, if there is a user for it", () => {
  const proxy = withProxyPassword(parseProxyUrl("http://joe@proxy:3128"), "50 % / @");
  expect(proxy).toMatchObject({ user: "joe", password: "50 % / @" });
  expect(proxyPlace(proxy)).toBe("http://proxy:3128");
  expect(errorOf(() => withProxyPassword(parseProxyUrl("http://proxy:3128"), "x")).message).toContain(
    "USER@",
  );
});

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it threw no error");
}
