/** What a browser was shown in the end. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

/** A person's browser: follows redirects, keeps cookies by host, and says who sits before it. */
export class OAuthBrowser {
  readonly #user: string;
  readonly #cookies = new Map<string, Map<string, string>>();

  /** @param user who logs in; `nobody` denies everything */
  constructor(user: string) {
    this.#user = user;
  }

  /**
   * Opens a page, or sends a form.
   * @param unreachable an origin that this browser cannot reach: it ends there with status 0
   */
  async open(url: string, form?: Readonly<Record<string, string>>, unreachable?: string): Promise<Page> {
    let next = url;
    let body = form === undefined ? null : new URLSearchParams(form);
    for (let hops = 0; hops < 20; hops++) {
      const { host } = new URL(next);
      const cookies = this.#cookies.get(host) ?? new Map<string, string>();
      this.#cookies.set(host, cookies);
      const response = await fetch(next, {
        redirect: "manual",
        method: body === null ? "GET" : "POST",
        body,
        headers: {
          "x-user": this.#user,
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        },
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get("location");
      if (location === null) return { url: next, status: response.status, text: await response.text() };
      await response.body?.cancel();
      next = new URL(location, next).href;
      if (new URL(next).origin === unreachable) return { url: next, status: 0, text: "" };
      body = null;
    }
    throw new Error(`Too many redirects from ${url}`);
  }

  /** Enters a device's code on the provider's page, and confirms. */
  async enterCode(verificationUri: string, userCode: string): Promise<Page> {
    const { text } = await this.open(verificationUri);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(text)?.[1];
    if (xsrf === undefined) throw new Error(`No form for a code at ${verificationUri}: ${text}`);
    return this.open(verificationUri, { xsrf, user_code: userCode, confirm: "yes" });
  }
}
