import { isIP } from "node:net";
import { checkMaildrop } from "@mailonce/core";
import { type Pop3Client, TlsFailedError, TlsUntrustedError } from "@mailonce/pop3";
import { LoginWitness } from "../login/login-witness.ts";
import { accountFailure } from "../run/account-failure.ts";
import { connectAccount, firstCredentials, logInAccount } from "../session/account-session.ts";
import { capabilityFacts, lookUp, mechanismFacts, roundTrip } from "./client-facts.ts";
import { DatabaseExamination } from "./database-examination.ts";
import type { ExamineOptions } from "./examine-options.ts";
import type { DatabaseFacts, DoctorFacts, FetchFacts, Stage, Trial } from "./facts.ts";
import { inspectTls } from "./inspect-tls.ts";
import { type Listings, listingFacts, scanListing, wholeListings } from "./listing-quality.ts";
import { lookingSession } from "./looking-session.ts";
import { chooseForTrial, topTrial, tryPipelining, tryRetr, tryTop } from "./trials.ts";

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
  const database = await examination.database();
  // In the order in which they are shown.
  const { fetch, failure, ...server } = examination.facts;
  return { ...server, database, fetch, failure };
}

/** What the examination of the server finds. */
type Facts = { -readonly [Key in Exclude<keyof DoctorFacts, "database">]: DoctorFacts[Key] };

class Examination {
  readonly facts: Facts;
  readonly #options: ExamineOptions;
  #stage: Stage = "look-up";
  #client: Pop3Client | null = null;
  #listings: Listings | null = null;
  readonly #database: DatabaseExamination;
  readonly #witness: LoginWitness;

  constructor(options: ExamineOptions) {
    const { account, profile, proxy } = options;
    const { maildrop, host, port, tls } = account;
    this.#options = options;
    this.#database = new DatabaseExamination(options);
    this.#witness = new LoginWitness({ ...options, writes: false });
    this.facts = {
      server: { maildrop, host, port, tls, proxy, profile },
      lookUp: null,
      tls: null,
      greeting: null,
      login: null,
      capabilities: null,
      listing: null,
      trials: null,
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
      this.facts.failure = { stage: this.#stage, failure: accountFailure(error, this.#options.account) };
    } finally {
      // Without QUIT: some messages may have been retrieved.
      await this.#client?.close();
    }
  }

  /** What is known of the database when the server has been examined. */
  database(): Promise<DatabaseFacts> {
    return this.#database.finish(this.#listings?.uidl ?? null);
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
    const { store, isBroken } = await this.#database.open();
    if (isBroken) return;
    const run = checkMaildrop({
      session: lookingSession(client, listings),
      store,
      maildrop: this.#options.account.maildrop,
      // Headers of what is new are not asked for: there may be very many.
      limit: 0,
      signal: this.#options.signal,
      onFirstListing: (sample) => this.#database.ask((firstRun) => firstRun.listed(sample, false)),
    });
    for await (const _outcome of run);
    const { counts, left, warnings } = run.summary;
    this.facts.fetch = { counts: { ...counts, new: left }, warnings } satisfies FetchFacts;
  }
}
