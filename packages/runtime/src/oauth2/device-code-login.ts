import { FailureError } from "../failure/failure-error.ts";
import type { AuthorizationServer } from "./authorization-server.ts";
import type { Grant } from "./grant.ts";

/** What a person must do in a browser, on whichever machine. */
export interface DevicePrompt {
  readonly verificationUri: string;
  readonly userCode: string;
  /** With the code in it; null: the provider has none. */
  readonly verificationUriComplete: string | null;
  /** In ms since 1970. */
  readonly expiresAt: number;
}

/** How to log in by device code. */
export interface DeviceCodeLoginOptions {
  /** Shows the code. */
  readonly onPrompt: (prompt: DevicePrompt) => void | Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * RFC 8628: shows a code, and asks at the provider's pace until somebody has entered it.
 * @throws FailureError: `denied` if it was denied or the code has expired; the signal's reason
 */
export async function logInByDeviceCode(
  server: AuthorizationServer,
  { onPrompt, signal }: DeviceCodeLoginOptions,
): Promise<Grant> {
  const scope = server.settings.scopes.join(" ");
  const answer = await server.try((client, configuration) =>
    client.initiateDeviceAuthorization(configuration, scope === "" ? {} : { scope }),
  );
  const seconds = Math.min(answer.expires_in, 24 * 3600);
  const expiry = AbortSignal.timeout(seconds * 1000);
  await onPrompt({
    verificationUri: answer.verification_uri,
    userCode: answer.user_code,
    verificationUriComplete: answer.verification_uri_complete ?? null,
    expiresAt: Date.now() + seconds * 1000,
  });
  const ending = signal === undefined ? expiry : AbortSignal.any([signal, expiry]);
  for (;;) {
    try {
      return await server.ask(
        (client, configuration) =>
          client.pollDeviceAuthorizationGrant(configuration, answer, undefined, { signal: ending }),
        [answer.device_code],
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (expiry.aborted) {
        throw new FailureError(
          "login-expired",
          `nobody entered the code in time: run 'mailonce login ${server.account}' again`,
          "denied",
        );
      }
      // RFC 8628 section 3.5: a connection that fails is no answer.
      if (!(error instanceof FailureError) || error.code !== "oauth2-unreachable") throw error;
    }
  }
}
