import { LoginRefusedError, NoMechanismError } from "../errors/login.ts";
import type { Capabilities } from "../protocol/capabilities.ts";
import { command } from "../protocol/command.ts";
import type { Mechanism } from "../sasl/choice.ts";
import { readCapabilities } from "../session/exchange.ts";
import type { Session } from "../session/pop3-session.ts";
import { logIn } from "./attempts.ts";
import type { Connected } from "./connected.ts";
import { type Credentials, checkCredentials } from "./credentials.ts";
import type { LoginOptions } from "./login-options.ts";

/** The login of a session, and what the server offers before and after it. */
export class Authentication {
  readonly #session: Session;
  readonly #connected: Connected;
  /** What the server can do, as it said last; null: it has no CAPA. */
  capabilities: Capabilities | null;
  /** What it could do before the login. */
  offered: Capabilities | null;
  /** True if UTF8 was sent and accepted. */
  utf8: boolean = false;
  /** The mechanism by which the login succeeded. */
  mechanism: Mechanism | null = null;
  /** False while the capabilities are known from an earlier session only. */
  #capabilitiesAsked: boolean;

  constructor(session: Session, connected: Connected) {
    this.#session = session;
    this.#connected = connected;
    this.capabilities = connected.capabilities;
    this.offered = connected.capabilities;
    this.#capabilitiesAsked = connected.capabilitiesAsked;
  }

  /** Whether several commands are in flight at a time. */
  get pipelining(): boolean {
    return this.#connected.pipelining ?? this.capabilities?.has("PIPELINING") ?? false;
  }

  /** `Pop3Client.login` with one set of credentials. */
  logIn(credentials: Credentials, options: LoginOptions): Promise<void> {
    return this.#session.exclusive(async () => {
      checkCredentials(credentials);
      this.mechanism = await this.#byOffer(credentials, options);
      if (this.capabilities === null) return;
      const reading = this.#readCapabilities();
      if (options.awaitCapabilities !== false || !this.pipelining) await reading;
      else this.#session.replies.readInBackground(reading);
    });
  }

  /** Logs in by what the server offers. If that is known from an earlier session only, it may have changed: see the catch. */
  async #byOffer(credentials: Credentials, options: LoginOptions): Promise<Mechanism> {
    try {
      return await this.#attempt(credentials, options);
    } catch (error) {
      if (this.#capabilitiesAsked || !this.#session.usable || !isUnexplained(error)) throw error;
      // If the server hangs up now, the refused login is still what counts.
      if (!(await this.#offersOther().catch(() => false))) throw error;
      return this.#attempt(credentials, options);
    }
  }

  async #attempt(credentials: Credentials, options: LoginOptions): Promise<Mechanism> {
    const { capabilities } = this;
    if (this.#connected.utf8Wanted && !this.utf8 && capabilities?.has("UTF8") === true) {
      this.#session.send(command("UTF8"));
      this.utf8 = (await this.#session.replies.readStatus()).ok;
    }
    return logIn(this.#session, credentials, { ...this.#connected, capabilities }, options);
  }

  /** Asks for the capabilities. True if the server offers something else than it did in the earlier session. */
  async #offersOther(): Promise<boolean> {
    const before = String(this.offered);
    await this.#readCapabilities();
    this.offered = this.capabilities;
    this.#capabilitiesAsked = true;
    return String(this.offered) !== before;
  }

  async #readCapabilities(): Promise<void> {
    this.capabilities = await readCapabilities(this.#session);
  }
}

/** True if no mechanism fits, or the login was refused without a reason: that the capabilities have changed may be why. */
function isUnexplained(error: unknown): boolean {
  return (
    error instanceof NoMechanismError || (error instanceof LoginRefusedError && error.responseCode === null)
  );
}
