import { type Credentials, type CredentialsProvider, LoginRefusedError } from "@mailonce/pop3";
import type { Account } from "../account/account-url.ts";
import type { LastingSecret } from "./lasting-secret.ts";
import { type LoginDoubt, LoginDoubtError, loginDoubt } from "./login-doubt.ts";
import type { LoginMemory, UsedLogin } from "./login-memory.ts";

export interface LoginWitnessParts {
  readonly account: Account;
  readonly credentials: Credentials | CredentialsProvider;
  /** What the credentials are made of. If absent, it may be another secret each time, and nothing is remembered. */
  readonly secret?: LastingSecret | undefined;
  /** Where logins are remembered from run to run. If absent, nothing is remembered after this run. */
  readonly logins?: LoginMemory | undefined;
  /** True: what is seen is noted in the memory. False: the memory is only asked. */
  readonly writes: boolean;
  /** Called with each refusal without a reason of a login that worked before. */
  readonly onDoubt?: ((doubt: LoginDoubt) => void) | undefined;
}

/** Watches the logins of one invocation, and decides what to make of a refusal without a reason. */
export class LoginWitness {
  readonly #parts: LoginWitnessParts;
  #used: UsedLogin | null = null;
  #noting: Promise<void> = Promise.resolve();
  /** In this invocation the login has worked. */
  #hasWorked = false;
  #refusals = 0;

  constructor(parts: LoginWitnessParts) {
    this.#parts = parts;
  }

  /** What to log in with. The witness remembers what it gave. */
  readonly credentials: CredentialsProvider = async (refused) => {
    const { account, credentials, secret } = this.#parts;
    const given = typeof credentials === "function" ? await credentials(refused) : credentials;
    this.#used =
      secret !== undefined && "password" in given
        ? { account, secret: given.password, place: secret.place, fingerprint: await secret.fingerprint() }
        : null;
    return given;
  };

  /** Logs in. @throws LoginDoubtError instead of a refusal without a reason, if the login worked before; what `logIn` throws */
  async around<T>(logIn: () => Promise<T>): Promise<T> {
    try {
      const session = await logIn();
      this.#worked();
      return session;
    } catch (error) {
      throw await this.judged(error);
    }
  }

  /** Resolves when all logins that worked are noted in the memory. Does not throw. */
  settled(): Promise<void> {
    return this.#noting;
  }

  /** The error itself, or a LoginDoubtError in its place. */
  async judged(error: unknown): Promise<unknown> {
    if (!(error instanceof LoginRefusedError)) return error;
    // A mechanism may have told the reason before.
    if (error.responseCode !== null || error.challenge !== null) return error;
    const doubt = await this.#doubt();
    if (doubt === null) return error;
    this.#parts.onDoubt?.(doubt);
    return new LoginDoubtError(doubt, error.statusText, error);
  }

  #worked(): void {
    this.#hasWorked = true;
    const { logins, writes } = this.#parts;
    const used = this.#used;
    if (logins === undefined || used === null || !writes) return;
    // While the session goes on.
    this.#noting = this.#noting.then(() => logins.worked(used));
  }

  async #doubt(): Promise<LoginDoubt | null> {
    await this.#noting;
    this.#refusals++;
    const { logins, writes } = this.#parts;
    const used = this.#used;
    const known = logins === undefined || used === null ? null : await logins.refused(used, writes);
    if (known !== null || !this.#hasWorked) return known;
    return loginDoubt(this.#refusals, Date.now(), Date.now());
  }
}
