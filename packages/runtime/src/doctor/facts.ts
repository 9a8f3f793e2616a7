import type { Counts, MaildropFacts, Reason } from "@mailonce/core";
import type { Account } from "../account/account-url.ts";
import type { ProfileName } from "../account/settings.ts";
import type { Failure } from "../failure/failure.ts";
import type { StoreInspection } from "../store/store.ts";

/** What an examination found, without any judgement. Null stands for what was not reached or could not be asked. */
export interface DoctorFacts {
  readonly server: ServerFacts;
  readonly lookUp: LookUpFacts | null;
  readonly tls: TlsFacts | null;
  readonly greeting: GreetingFacts | null;
  readonly login: LoginResult | null;
  readonly capabilities: CapabilityFacts | null;
  readonly listing: ListingFacts | null;
  readonly trials: TrialFacts | null;
  readonly database: DatabaseFacts;
  /** What a fetch would do now. */
  readonly fetch: FetchFacts | null;
  /** Where the examination of the server ended before its time. */
  readonly failure: StageFailure | null;
}

/** Which server, and how it is reached. */
export interface ServerFacts extends Pick<Account, "maildrop" | "host" | "port" | "tls"> {
  /** Without user and password. */
  readonly proxy: string | null;
  readonly profile: ProfileName;
}

/** The stages that may fail for a reason of the server's. */
export type Stage = "look-up" | "connect" | "login" | "listing" | "trials";

/** A stage that failed, and the failure by which a fetch would end there. */
export interface StageFailure {
  readonly stage: Stage;
  readonly failure: Failure;
}

/** How the name was looked up. */
export interface LookUpFacts {
  readonly addresses: readonly string[];
  readonly ms: number;
}

/** What TLS says, whether or not the certificate is trusted: nothing but a greeting is exchanged to learn it. */
export interface TlsFacts {
  /** `TLSv1.3` */
  readonly protocol: string;
  readonly cipher: string;
  /** Null: trusted. Otherwise Node's code, or PIN_MISMATCH. */
  readonly distrust: string | null;
  /** True: trusted for its SHA-256 alone. */
  readonly byFingerprint?: boolean;
  /** Distinguished names in one line. */
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Of the certificate (DER) and of its public key (SPKI), SHA-256 in base64: what a pin would be. */
  readonly certificatePin: string;
  readonly publicKeyPin: string;
  /** The certificate to trust, if this one is to be trusted. */
  readonly toTrust?: CertificateToTrust;
}

/** The last certificate of those that the server sends: its own where that is self-signed, else the nearest to an authority. */
export interface CertificateToTrust {
  readonly pem: string;
  /** A distinguished name in one line. */
  readonly subject: string;
  /** True: the server's own. */
  readonly isServers: boolean;
  /** As in TlsFacts. */
  readonly certificatePin: string;
  readonly publicKeyPin: string;
}

/** How the server greets. */
export interface GreetingFacts {
  readonly text: string;
  /** From the look-up to the end of the first CAPA: TCP, proxy and TLS included. */
  readonly ms: number;
  readonly hasApopTimestamp: boolean;
}

/** How the login went. */
export interface LoginResult {
  /** By which mechanism. */
  readonly mechanism: string;
  /** True: whoever reads an unencrypted line has the password. */
  readonly reveals: boolean;
  readonly offered: readonly string[];
  /** Median of a few NOOPs. */
  readonly roundTripMs: number;
  /** True: UTF8 was offered, sent and accepted. */
  readonly utf8: boolean;
}

/** What the server says it can do: lines of CAPA, null where it has no CAPA. */
export interface CapabilityFacts {
  readonly beforeLogin: readonly string[] | null;
  /** Null also where there was no login. */
  readonly afterLogin: readonly string[] | null;
  readonly implementation: string | null;
  readonly expireDays: number | "never" | null;
  readonly loginDelaySeconds: number | null;
  readonly pipelining: boolean;
}

/** The quality of UIDL and LIST. */
export interface ListingFacts {
  /** By STAT; null where it says no number that can be read. */
  readonly count: number | null;
  readonly octets: number | null;
  /** By LIST. */
  readonly listed: number;
  readonly listedOctets: number;
  /** How long STAT, UIDL and LIST took together. */
  readonly ms: number;
  /** Lines without a readable message number, or that contradict one before. */
  readonly malformedLines: number;
  /** Null: the server refuses UIDL. */
  readonly uniqueIds: UniqueIdFacts | null;
}

/** The quality of unique-ids. */
export interface UniqueIdFacts {
  readonly lines: number;
  /** Lines without one, and listed messages without a line. */
  readonly missing: number;
  /** Messages whose unique-id another message has, too. */
  readonly shared: number;
  /** Of more than 70 octets. */
  readonly long: number;
  /** With octets outside of 0x21 to 0x7E. */
  readonly odd: number;
  readonly shortest: number;
  readonly longest: number;
}

/** What became of a trial: it works, it does not, or it could not be tried. */
export type Trial = "works" | "broken" | "refused" | "untried";

/** What was really tried. */
export interface TrialFacts {
  /** `TOP n 0` gives the header that RETR gives. */
  readonly top: Trial;
  readonly pipelining: Trial;
  /** Messages that were retrieved for it, with the octets that LIST says and that came. */
  readonly retrieved: readonly { readonly listedOctets: number; readonly octets: number }[];
  /** Refusals of RETR, as the server words them. */
  readonly refusals: readonly string[];
}

/** The database, and what its ledger says of this maildrop. */
export type DatabaseFacts =
  /** There is none yet, or there are no tables in it. */
  | { readonly kind: "absent"; readonly place: string; readonly inspection?: StoreInspection | null }
  | { readonly kind: "failed"; readonly place: string; readonly failure: Failure }
  | {
      readonly kind: "there";
      readonly place: string;
      /** What was found of tables, server and user, where it was looked at. */
      readonly inspection?: StoreInspection | null;
      readonly ledger: LedgerFacts | null;
      /** The maildrop under which this mail was fetched so far; see formerMaildrop. */
      readonly former: string | null;
      /** How a fetch would end because another maildrop holds the same mailbox. */
      readonly same?: Failure;
    };

/** What the ledger says of a maildrop that was fetched before. */
export interface LedgerFacts extends Omit<MaildropFacts, "mark" | "generation" | "retrievalHides" | "utf8"> {
  readonly deferred: number;
  /** Who works on it now, in words. */
  readonly heldBy: string | null;
  /** Of some of the unique-ids that are listed now: how many the ledger knows. Null: none are listed. */
  readonly sample: { readonly asked: number; readonly known: number } | null;
}

/** What a fetch would do, criteria and limits left aside. */
export interface FetchFacts {
  readonly counts: Readonly<Counts>;
  readonly warnings: readonly Reason[];
}
