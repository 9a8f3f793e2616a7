import type { Reason } from "@mailonce/core";
import type { DoctorFacts } from "./facts.ts";
import { type Finding, look, ok } from "./finding.ts";

/** Advice that is of use only if the login fails. */
const ABOUT_LOGIN = new Set(["pop3-off", "password-for-programs", "oauth2-only"]);
/** Advice to change the settings. */
const TO_CHANGE = new Set(["oauth2-only", "login-interval"]);

/** What is known of the provider, as far as it concerns this account now. */
export function providerFindings({ login }: DoctorFacts, advice: readonly Reason[]): Finding[] {
  return advice
    .filter(({ code }) => login === null || !ABOUT_LOGIN.has(code))
    .map(({ code, message }) =>
      login === null || TO_CHANGE.has(code) ? look(code, message, null) : ok(code, message),
    );
}
