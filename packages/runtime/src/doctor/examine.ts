import { isIP } from "node:net";
import { checkMaildrop } from "@mailonce/core";
import { type Pop3Client, TlsFailedError, TlsUntrustedError } from "@mailonce/pop3";
import { defined } from "../account/defined.ts";
import type { ProfileName } from "../account/settings.ts";
import type { Failure } from "../failure/failure.ts";
import { FailureError } from "../failure/failure-error.ts";
import { FirstRun } from "../ledger/first-run.ts";
import { formerMaildrop } from "../ledger/rename-maildrop.ts";
import type { LoginWitness } from "../login/login-witness.ts";
import { accountFailure } from "../run/account-failure.ts";
import { type AccountOptions, loginWitness } from "../run/fetch-account.ts";
import { connectAccount, firstCredentials, logInAccount } from "../session/account-session.ts";
import { capabilityFacts, lookUp, mechanismFacts, roundTrip } from "./client-facts.ts";
import type { DoctorFacts, FetchFacts, Stage, Trial } from "./facts.ts";
import { inspectTls } from "./inspect-tls.ts";
import { databaseFailure, type ExaminedDatabase, type ExaminedStore, ledgerFacts } from "./ledger-facts.ts";
import { type Listings, listingFacts, scanListing, wholeListings } from "./listing-quality.ts";
import { lookingSession } from "./looking-session.ts";
import { chooseForTrial, topTrial, tryPipelining, tryRetr, tryTop } from "./trials.ts";

/** What an examination needs. */
export interface ExamineOptions extends AccountOptions {
  /** What people call the account. */
  readonly name: string;
  readonly profile: ProfileName;
  /** For people: through which proxy, without user and password; null if there is none. */
  readonly proxy: string | null;
  /** The caller closes what this opens. */
  readonly database: ExaminedDatabase;
  /** True: the account's mailbox may be fetched into another maildrop, too. */
  readonly apart?: boolean;
  /** The maildrops of all accounts. */
  readonly maildrops?: Iterable<string>;
  readonly signal: AbortSignal;
  /**
   * False: no message is retrieved, so that TOP and the listed octets are not put to the test. Some servers mark what is
   * retrieved as read.
   */
  readonly retrieve?: boolean;
  /** How long answers to commands that were sent at once are waited for; 10,000 if absent. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;
/** If no greeting comes for so long, it is tried whether the server speaks TLS from the first octet. */
const SILENCE_MS = 1_000;

/**
 * Connects, logs in, lists, tries TOP, RETR and pipelining on a few small messages, asks the ledger what a fetch would
 * do, and closes the connection without QUIT: no mail is lost or hidden on the server, and nothing changes in the
 * database. What fails is part of the result.
 * @throws the signal's reason; what getting the credentials throws is part of the result, too
 */
export async function examine(options: ExamineOptions): Promise<DoctorFacts> {
  const examination = new Examination(options);
  await examination.server();
  await examination.ledger();
  return examination.facts;
}

type Facts = { -readonly [Key in keyof DoctorFacts]: DoctorFacts[Key] };

class Examination {
  readonly facts: Facts;
  readonly #options: ExamineOptions;
  #stage: Stage = "look-up";
  #client: Pop3Client | null = null;
  #listings: Listings | null = null;
  #store: ExaminedStore | null = null;
  #storeOpened = false;
  #same: Failure | null = null;
  readonly #witness: LoginWitness;

  constructor(options: ExamineOptions) {
    const { account, profile, proxy } = options;
    this.#options = options;
    this.#witness = loginWitness(options, false);
    this.facts = {
      server: {
        maildrop: account.maildrop,
        host: account.host,
        port: account.port,
        tls: account.tls,
        proxy,
        profile,
      },
      lookUp: null,
      tls: null,
      greeting: null,
      login: null,
      capabilities: null,
      listing: null,
      trials: null,
      database: { kind: "absent", place: options.database.place },
      fetch: null,
      failure: null,
    };
  }

  /** Everything about the server; ends early where a stage fails. */
  async server(): Promise<void> {
    const { signal } = this.#options;
    try {
      signal.throwIfAborted();
      await this.#stages();
    } catch (error) {
      signal.throwIfAborted();
      this.facts.failure = { stage: this.#stage, failure: this.#failureOf(error) };
    } finally {
      // Without QUIT: some messages may have been retrieved.
      await this.#client?.close();
    }
  }

  /** Reads the ledger, and opens the database if the examination of the server has not come to that. */
  async ledger(): Promise<void> {
    if (!this.#storeOpened) await this.#openStore();
    if (this.#store === null) return;
    const { place } = this.#options.database;
    const { name, account } = this.#options;
    try {
      const ledger = await ledgerFacts(this.#store, account.maildrop, this.#listings?.uidl ?? null);
      const former = await formerMaildrop(this.#store, { name, account }, this.#options.maildrops ?? []);
      if (former === null && this.#same === null) await this.#askFirst((firstRun) => firstRun.before());
      const same = former === null ? this.#same : null;
      const { inspection = null } = this.facts.database.kind === "there" ? this.facts.database : {};
      const told = defined({ same: same ?? undefined });
      this.facts.database = { kind: "there", place, inspection, ledger, former, ...told };
    } catch (error) {
      this.facts.database = databaseFailure(place, error);
    }
  }

  async #stages(): Promise<void> {
    const { account, proxy } = this.#options;
    if (proxy === null && isIP(account.host) === 0) this.facts.lookUp = await lookUp(account.host);
    this.#stage = "connect";
    const client = await this.#connectAndInspect();
    this.#stage = "login";
    await this.#logIn(client);
    this.#stage = "listing";
    const listings = await this.#list(client);
    this.#stage = "trials";
    await this.#try(client, listings);
  }

  /** Connects, and inspects TLS over a connection of its own: before, or after if the server did not greet at once. */
  async #connectAndInspect(): Promise<Pop3Client> {
    await this.#inspect(SILENCE_MS);
    const wasSilent = this.facts.tls === null && this.#options.account.tls === "stls";
    try {
      const client = await this.#connect();
      if (wasSilent) await this.#inspect();
      return client;
    } catch (error) {
      if (wasSilent && (error instanceof TlsUntrustedError || error instanceof TlsFailedError))
        await this.#inspect();
      throw error;
    }
  }

  async #inspect(greetingMs?: number): Promise<void> {
    const { account, tls, dial, signal, timeouts } = this.#options;
    const timeoutMs = timeouts?.connectMs;
    this.facts.tls = await inspectTls({ account, tls, dial, signal, timeoutMs, greetingMs });
  }

  async #connect(): Promise<Pop3Client> {
    const start = performance.now();
    // One command at a time, whatever it offers: whether it keeps that promise is tried at the end.
    const client = await connectAccount(this.#options.account, {
      ...this.#options,
      pipelining: false,
      timeouts: { silenceMs: SILENCE_MS, ...this.#options.timeouts },
    });
    this.#client = client;
    const { text, apopTimestamp } = client.greeting;
    const ms = performance.now() - start;
    this.facts.greeting = { text, ms, hasApopTimestamp: apopTimestamp !== null };
    this.facts.capabilities = capabilityFacts(client.capabilities, null);
    return client;
  }

  async #logIn(client: Pop3Client): Promise<void> {
    const before = client.capabilities;
    // Without keep-alive: a NOOP in between would falsify what is measured.
    const { keepAliveMs: _, ...others } = this.#options;
    const options = { ...others, credentials: this.#witness.credentials };
    const credentials = await firstCredentials(options);
    await this.#witness.around(() => logInAccount(client, credentials, options));
    this.facts.capabilities = capabilityFacts(before, client.capabilities);
    this.facts.login = {
      ...mechanismFacts(client, before),
      roundTripMs: await roundTrip(client),
      utf8: client.utf8,
    };
  }

  async #list(client: Pop3Client): Promise<Listings> {
    const start = performance.now();
    const listings = await wholeListings(client.listings());
    this.facts.listing = listingFacts(listings, performance.now() - start);
    this.#listings = listings;
    return listings;
  }

  async #try(client: Pop3Client, listings: Listings): Promise<void> {
    const listed = scanListing(listings.list);
    const chosen = chooseForTrial(listed);
    const tops = await tryTop(client, chosen);
    let pipelining: Trial = "untried";
    this.facts.trials = { top: topTrial(chosen, tops, []), pipelining, retrieved: [], refusals: [] };
    // Before any RETR, because a check is made for sessions in which nothing was retrieved.
    await this.#wouldFetch(client, listings);
    const { messages, refusals } = await tryRetr(client, this.#options.retrieve === false ? [] : chosen);
    const trials = {
      top: topTrial(chosen, tops, messages),
      pipelining,
      retrieved: messages.map(({ listedOctets, octets }) => ({ listedOctets, octets })),
      refusals,
    };
    this.facts.trials = trials;
    // Last, because a server that loses commands leaves a session that cannot be used.
    if (this.facts.capabilities?.pipelining === true) {
      pipelining = await tryPipelining(client, listed, this.#options.patienceMs ?? PATIENCE_MS);
      this.#options.signal.throwIfAborted();
    }
    this.facts.trials = { ...trials, pipelining };
  }

  async #wouldFetch(client: Pop3Client, listings: Listings): Promise<void> {
    await this.#openStore();
    if (this.facts.database.kind === "failed") return;
    const run = checkMaildrop({
      session: lookingSession(client, listings),
      store: this.#store,
      maildrop: this.#options.account.maildrop,
      // Headers of what is new are not asked for: there may be very many.
      limit: 0,
      signal: this.#options.signal,
      onFirstListing: (sample) => this.#askFirst((firstRun) => firstRun.listed(sample, false)),
    });
    for await (const _outcome of run);
    const { counts, left, warnings } = run.summary;
    this.facts.fetch = { counts: { ...counts, new: left }, warnings } satisfies FetchFacts;
  }

  /** Asks as a fetch would. What would end a fetch is noted among the facts. */
  async #askFirst<T>(ask: (firstRun: FirstRun) => Promise<T>): Promise<T | null> {
    const { account, apart = false } = this.#options;
    if (this.#store === null) return null;
    try {
      return await ask(new FirstRun(this.#store, account, apart));
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      this.#same = this.#failureOf(error);
      return null;
    }
  }

  async #openStore(): Promise<void> {
    const { place, open, inspect } = this.#options.database;
    this.#storeOpened = true;
    try {
      const inspection = (await inspect?.()) ?? null;
      this.#store = await open();
      this.facts.database =
        this.#store === null
          ? { kind: "absent", place, inspection }
          : { kind: "there", place, inspection, ledger: null, former: null };
    } catch (error) {
      this.facts.database = databaseFailure(place, error);
    }
  }

  #failureOf(error: unknown): Failure {
    return accountFailure(error, this.#options.account);
  }
}
