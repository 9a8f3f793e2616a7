import { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { type Certificate, makeCertificate } from "../system/certificate.ts";
import type { MaildropBehaviour } from "./behaviour.ts";
import { serve } from "./connection.ts";
import { type Fault, FaultCounter, type FaultPlan } from "./faults.ts";
import { Maildrop } from "./maildrop.ts";
import type { Account, SessionState } from "./session-state.ts";
import { upgradeToTls } from "./tls.ts";
import { type Pop3Session, type SessionRecord, Transcript } from "./transcript.ts";

/** How the scripted server is set up. */
export interface Pop3ServerOptions {
  /** The first account's user. Default `alice`. */
  readonly user?: string;
  /** Its password. Default `secret`. */
  readonly password?: string;
  /** What XOAUTH2 and OAUTHBEARER accept for it. */
  readonly token?: string;
  /** Its maildrop, or how a new one is treated. */
  readonly maildrop?: Maildrop | MaildropBehaviour;
  /** `none` (default), TLS offered by STLS, or TLS from the first octet. */
  readonly security?: "none" | "stls" | "tls";
  /** Default: one made for localhost and 127.0.0.1, in `server.certificate`. */
  readonly certificate?: Certificate;
  /** Versions and ciphers that are out of date, say. */
  readonly tls?: Pick<SecureContextOptions, "minVersion" | "maxVersion" | "ciphers">;
  /** Whether passwords may be sent without TLS. Default true. */
  readonly plaintextLogin?: boolean;
  /** SASL mechanisms of PLAIN, LOGIN, XOAUTH2, OAUTHBEARER. Default PLAIN. */
  readonly mechanisms?: readonly string[];
  /** The timestamp `<...@...>` that the greeting ends with; APOP works only with it. */
  readonly apop?: string;
  /** The greeting's line. Default `+OK Scripted POP3 server ready.` */
  readonly greeting?: string;
  readonly faults?: FaultPlan;
  /** Octets of each write, so that replies arrive in small packets. */
  readonly trickle?: number | (() => number);
}

/** A POP3 server in this process, on a free port of 127.0.0.1. */
export interface Pop3Server extends AsyncDisposable {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** `pop3://alice:secret@127.0.0.1:port`, or `pop3s:` with implicit TLS. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The first account's maildrop. */
  readonly maildrop: Maildrop;
  /** The certificate it shows, unless `security` is `none`. */
  readonly certificate: Certificate | undefined;
  /** May be replaced; counts for the commands from now on (a function: for the connections). */
  faults: FaultPlan;
  /** May be replaced; counts for the connections from now on. */
  greeting: string;
  /** What every connection did, oldest first. */
  readonly sessions: readonly Pop3Session[];
  /** Another account, with a maildrop of its own. */
  addAccount(user: string, password: string, maildrop?: Maildrop | MaildropBehaviour): Maildrop;
  /** How many commands of this verb came in, over all sessions. */
  count(verb: string): number;
  /** How many replies have met a fault so far. */
  readonly faultsMet: number;
  /** Resolves as soon as the condition holds; looked at after each change. @throws Error after `timeout` ms, default 30,000 */
  waitFor(condition: (server: Pop3Server) => boolean, timeout?: number): Promise<void>;
  /** Sends octets that nobody asked for to every client that is connected now. Text is read as ISO 8859-1. */
  sendUnasked(octets: Uint8Array | string): void;
  /** Ends every connection that is open now, as a restart does; new ones are served. Says the line first, if any. */
  disconnectAll(lastLine?: string): void;
  /** Breaks all connections and frees the port. */
  close(): Promise<void>;
}

/** Starts the scripted server; resolves when it accepts connections. */
export async function startPop3Server(options: Pop3ServerOptions = {}): Promise<Pop3Server> {
  const secure = (options.security ?? "none") !== "none";
  const made = secure && options.certificate === undefined ? makeCertificate() : undefined;
  const server = new ScriptedServer(options, options.certificate ?? made);
  await server.listen();
  return server;
}

class ScriptedServer implements Pop3Server {
  readonly host = "127.0.0.1";
  readonly user: string;
  readonly password: string;
  readonly maildrop: Maildrop;
  readonly certificate: Certificate | undefined;
  faults: FaultPlan;
  greeting: string;
  readonly #options: Pop3ServerOptions;
  readonly #secureContext: SecureContext | undefined;
  readonly #transcript = new Transcript();
  readonly #accounts = new Map<string, Account>();
  readonly #inUse: Maildrop[] = [];
  readonly #fired = new Map<Fault, number>();
  readonly #open = new Map<Socket, { readonly record: SessionRecord; stream: Duplex }>();
  readonly #server: Server;

  constructor(options: Pop3ServerOptions, certificate: Certificate | undefined) {
    this.#options = options;
    this.user = options.user ?? "alice";
    this.password = options.password ?? "secret";
    this.certificate = certificate;
    this.faults = options.faults ?? [];
    this.greeting = options.greeting ?? "+OK Scripted POP3 server ready.";
    this.#secureContext =
      certificate &&
      createSecureContext({ ...options.tls, cert: certificate.certificate, key: certificate.key });
    this.maildrop = this.#addAccount(this.user, this.password, options.token, options.maildrop);
    this.#server = createServer({ noDelay: true, allowHalfOpen: false }, (socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, this.host, resolve);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  get url(): string {
    const scheme = this.#options.security === "tls" ? "pop3s" : "pop3";
    return `${scheme}://${encodeURIComponent(this.user)}:${encodeURIComponent(this.password)}@${this.host}:${this.port}`;
  }

  get sessions(): readonly Pop3Session[] {
    return this.#transcript.sessions;
  }

  addAccount(user: string, password: string, maildrop?: Maildrop | MaildropBehaviour): Maildrop {
    return this.#addAccount(user, password, undefined, maildrop);
  }

  count(verb: string): number {
    return this.#transcript.count(verb);
  }

  get faultsMet(): number {
    return [...this.#fired.values()].reduce((sum, times) => sum + times, 0);
  }

  waitFor(condition: (server: Pop3Server) => boolean, timeout = 30_000): Promise<void> {
    return this.#transcript.waitFor(() => condition(this), timeout);
  }

  sendUnasked(octets: Uint8Array | string): void {
    for (const { stream } of this.#open.values()) {
      stream.write(typeof octets === "string" ? Buffer.from(octets, "latin1") : octets);
    }
  }

  disconnectAll(lastLine?: string): void {
    for (const [socket, { record, stream }] of this.#open) {
      if (record.ended === "open") record.ended = "by server";
      if (lastLine === undefined) socket.destroy();
      else stream.end(`${lastLine}\r\n`, "latin1");
    }
    this.#transcript.changed();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.disconnectAll();
    await closed;
    if (this.#options.certificate === undefined) await this.certificate?.[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #addAccount(
    user: string,
    password: string,
    token: string | undefined,
    given: Maildrop | MaildropBehaviour | undefined,
  ): Maildrop {
    const maildrop = given instanceof Maildrop ? given : new Maildrop(given);
    this.#accounts.set(user, { user, password, token, maildrop });
    return maildrop;
  }

  #accept(socket: Socket): void {
    const record = this.#transcript.open(false);
    const open: { readonly record: SessionRecord; stream: Duplex } = { record, stream: socket };
    this.#open.set(socket, open);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#open.delete(socket));
    const { apop, security = "none", trickle } = this.#options;
    const plan = this.faults;
    const own = typeof plan === "function" ? plan(record.number) : undefined;
    const current = (): readonly Fault[] => own ?? (typeof this.faults === "function" ? [] : this.faults);
    void serve({
      socket,
      record,
      speaksOn: (stream) => {
        open.stream = stream;
      },
      implicitTls: security === "tls",
      upgrade: (plain) => {
        if (this.#secureContext === undefined) throw new Error("This server has no certificate");
        return upgradeToTls(plain, this.#secureContext);
      },
      greeting: apop === undefined ? this.greeting : `${this.greeting} ${apop}`,
      faults: new FaultCounter(current, record.number, this.#fired),
      session: this.#newSession(record.number),
      transcript: this.#transcript,
      trickle: typeof trickle === "number" ? () => trickle : trickle,
    });
  }

  #newSession(connection: number): SessionState {
    const { apop, mechanisms = ["PLAIN"], plaintextLogin = true, security } = this.#options;
    return {
      connection,
      accounts: this.#accounts,
      firstBehaviour: this.maildrop.behaviour,
      options: { stls: security === "stls", plaintextLogin, mechanisms, apop },
      inUse: this.#inUse,
      state: "authorization",
      tls: false,
      utf8: false,
      user: undefined,
      account: undefined,
      listing: [],
      uniqueIds: new Map(),
      deleted: new Set(),
      retrieved: new Set(),
    };
  }
}
