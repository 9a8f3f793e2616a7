import type { AccountSettings, ProfileName } from "../account/settings.ts";

/** What is known of a provider, as data; {@link profileOptions} works out what it means for a run. */
export interface Profile {
  readonly name: ProfileName;
  /** For people. */
  readonly title: string;
  /** Its servers: host names, or the end of them where they begin with a dot. In lower case. */
  readonly hosts: readonly string[];
  /** Sent where nothing else is asked for so long: the shortest patience that is known, halved. */
  readonly keepAliveMs: number;
  /** Least time between two logins; none is known if absent. */
  readonly loginIntervalMs?: number;
  /** False: what logs in by OAuth 2 sends its token in a line of its own. */
  readonly initialResponse: boolean;
  /** True: mail that was retrieved in a session that ended with QUIT is listed no more. */
  readonly retrievalHides: boolean;
  /** True: POP3 is off until the user turns it on. */
  readonly mustBeEnabled: boolean;
  /** What takes a password: the user's own, one made for programs, or nothing (OAuth 2 only). */
  readonly password: "own" | "for programs" | "none";
}

/** Some servers drop a client that is silent for 60 seconds, whatever RFC 1939 says of ten minutes. */
const USUAL_KEEP_ALIVE_MS = 30_000;

const GENERIC: Profile = {
  name: "generic",
  title: "any server",
  hosts: [],
  keepAliveMs: USUAL_KEEP_ALIVE_MS,
  initialResponse: true,
  retrievalHides: false,
  mustBeEnabled: false,
  password: "own",
};

const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  generic: GENERIC,
  gmail: {
    ...GENERIC,
    name: "gmail",
    title: "Gmail",
    hosts: ["pop.gmail.com", "pop.googlemail.com"],
    retrievalHides: true,
    mustBeEnabled: true,
    password: "for programs",
  },
  microsoft365: {
    ...GENERIC,
    name: "microsoft365",
    title: "Microsoft 365 and Outlook.com",
    hosts: [
      "outlook.office365.com",
      "outlook.office.com",
      "pop-mail.outlook.com",
      "pop3.live.com",
      "partner.outlook.cn",
      ".office365.us",
    ],
    keepAliveMs: 20_000,
    initialResponse: false,
    mustBeEnabled: true,
    password: "none",
  },
  yahoo: {
    ...GENERIC,
    name: "yahoo",
    title: "Yahoo Mail",
    hosts: [".mail.yahoo.com", ".mail.yahoo.co.jp", "pop.aol.com", "pop.verizon.net", "export.pop.aol.com"],
    password: "for programs",
  },
  gmx: {
    ...GENERIC,
    name: "gmx",
    title: "GMX and WEB.DE",
    hosts: ["pop.gmx.net", "pop.gmx.com", "pop.gmx.de", "pop3.web.de"],
    mustBeEnabled: true,
  },
  ovh: {
    ...GENERIC,
    name: "ovh",
    title: "OVH",
    hosts: [".mail.ovh.net", "ssl0.ovh.net", "pop.ovh.net", "pop3.ovh.net", ".mail.ovh.ca", ".mail.ovh.us"],
    loginIntervalMs: 60_000,
  },
};

/** The profile of this name. */
export function profileOf(name: ProfileName): Profile {
  return PROFILES[name];
}

/** The profile of the provider that a host belongs to, by its name alone; `generic` if it is none that is known. */
export function guessProfile(host: string): ProfileName {
  const asked = host.toLowerCase().replace(/\.$/, "");
  const isOne = (known: string): boolean => (known.startsWith(".") ? asked.endsWith(known) : asked === known);
  return Object.values(PROFILES).find(({ hosts }) => hosts.some(isOne))?.name ?? "generic";
}

/** What an account's profile means for its sessions and runs; what is left out is as it is with any server. */
export interface ProfileOptions {
  readonly keepAliveMs: number;
  readonly initialResponse: boolean;
  readonly loginIntervalMs?: number;
  readonly retrievalHides?: boolean;
}

/** Works out what an account's profile means for its sessions and runs. */
export function profileOptions(settings: Pick<AccountSettings, "profile" | "account">): ProfileOptions {
  const { keepAliveMs, initialResponse, loginIntervalMs, retrievalHides } = profileOf(settings.profile);
  return {
    keepAliveMs,
    initialResponse,
    ...(loginIntervalMs === undefined ? {} : { loginIntervalMs }),
    // Said where it is known; of any other server the ledger keeps what it was told.
    ...(settings.profile === "gmail" ? { retrievalHides: retrievalHides && !isRecent(settings) } : {}),
  };
}

/** Gmail's recent mode: the last 30 days of all mail, also of what was retrieved before. */
export function isRecent({ profile, account }: Pick<AccountSettings, "profile" | "account">): boolean {
  return profile === "gmail" && /^recent:/i.test(account.user);
}
