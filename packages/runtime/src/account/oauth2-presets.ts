import type { OAuth2Settings } from "./settings.ts";

/** What is known of a provider that many use. It fills in what an account's `oauth2` leaves out. */
export interface OAuth2Preset {
  readonly issuer: string;
  /** The grant where none is named. */
  readonly grant: OAuth2Settings["grant"];
  /** Grants that give access to mail by POP3. */
  readonly grants: readonly OAuth2Settings["grant"][];
  /** By grant, where none are named. */
  readonly scopes: Readonly<Record<OAuth2Settings["grant"], readonly string[]>>;
  /** Added to the address that a browser is sent to. */
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** The name of this machine in the redirect's URL, as the provider lets applications register it. */
  readonly redirectHost: "127.0.0.1" | "localhost";
}

const GOOGLE_SCOPES = ["https://mail.google.com/"];
const MICROSOFT_SCOPES = ["https://outlook.office.com/POP.AccessAsUser.All", "offline_access"];

/** The presets by the name that stands in `provider`. */
export const OAUTH2_PRESETS: Readonly<Record<NonNullable<OAuth2Settings["provider"]>, OAuth2Preset>> = {
  google: {
    issuer: "https://accounts.google.com",
    // Google's device flow gives no scope for mail, its service accounts none for POP3.
    grant: "browser",
    grants: ["browser"],
    scopes: { browser: GOOGLE_SCOPES, "device-code": GOOGLE_SCOPES, "client-credentials": GOOGLE_SCOPES },
    // Without both, Google gives a refresh token at the first login only, or none.
    authorizationParameters: { access_type: "offline", prompt: "consent" },
    redirectHost: "127.0.0.1",
  },
  microsoft365: {
    // Work and school accounts. A tenant's own: https://login.microsoftonline.com/TENANT/v2.0
    issuer: "https://login.microsoftonline.com/organizations/v2.0",
    grant: "device-code",
    grants: ["device-code", "browser", "client-credentials"],
    scopes: {
      "device-code": MICROSOFT_SCOPES,
      browser: MICROSOFT_SCOPES,
      // App-only: the permission POP.AccessAsApp, and a service principal that may read the mailbox.
      "client-credentials": ["https://outlook.office365.com/.default"],
    },
    authorizationParameters: { prompt: "select_account" },
    // Entra takes any port for http://localhost, and lets nobody register 127.0.0.1 in its forms.
    redirectHost: "localhost",
  },
};

/** What an account or a command line says of OAuth 2; the rest comes from the preset. */
export interface OAuth2Input extends Partial<Omit<OAuth2Settings, "clientId">> {
  readonly clientId: string;
}

/**
 * Fills in the provider's preset. It checks nothing: {@link oauth2Problem} finds what makes no sense, such as a grant that
 * the provider does not give.
 */
export function oauth2Settings(input: OAuth2Input): OAuth2Settings {
  const preset = input.provider == null ? null : OAUTH2_PRESETS[input.provider];
  const grant = input.grant ?? preset?.grant ?? "device-code";
  const scopes =
    input.scopes ?? preset?.scopes[grant] ?? (grant === "client-credentials" ? [] : ["offline_access"]);
  return {
    provider: input.provider ?? null,
    grant,
    issuer: input.issuer ?? preset?.issuer ?? "",
    clientId: input.clientId,
    clientSecret: input.clientSecret ?? null,
    scopes,
  };
}

/** What is wrong with the settings, in words that stand after "oauth2: " well; null: nothing. */
export function oauth2Problem(settings: OAuth2Settings): string | null {
  const { provider, grant, issuer, clientId, clientSecret } = settings;
  const issuerProblem = problemOfIssuer(issuer);
  if (issuerProblem !== null) return issuerProblem;
  if (clientId === "") return "the client id is missing: the provider gives one to a registered application";
  if (grant === "client-credentials" && clientSecret === null) {
    return "client credentials need a client secret";
  }
  if (provider !== null && !OAUTH2_PRESETS[provider].grants.includes(grant)) {
    return `${provider} gives no access to mail by ${grant}: use ${OAUTH2_PRESETS[provider].grants.join(" or ")}`;
  }
  const { pathname, hostname } = new URL(issuer);
  if (
    grant === "client-credentials" &&
    hostname === "login.microsoftonline.com" &&
    /^\/(?:common|organizations|consumers)\//.test(pathname)
  ) {
    return "client credentials need the tenant's own issuer: https://login.microsoftonline.com/TENANT/v2.0";
  }
  return null;
}

function problemOfIssuer(issuer: string): string | null {
  if (issuer === "") return "the issuer is missing: name a provider, or the issuer's https URL";
  if (!URL.canParse(issuer)) return "the issuer is no URL";
  const url = new URL(issuer);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    return "the issuer's URL has neither user nor query nor fragment";
  }
  if (url.protocol === "https:" || isLoopback(url)) return null;
  return "the issuer is no https URL (http is for this machine only)";
}

/** Whether it is a URL of http on this machine, where nobody else can read what is sent. */
export function isLoopback(url: URL): boolean {
  return url.protocol === "http:" && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}
