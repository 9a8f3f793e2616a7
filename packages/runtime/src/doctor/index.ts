export { profileAdvice } from "../profiles/profile-advice.ts";
export { inspectDatabase, migrationInWords } from "../store/database.ts";
export type { StoreInspection } from "../store/store.ts";
export { examine } from "./examine.ts";
export type { CertificateToTrust, DoctorFacts } from "./facts.ts";
export type { Finding, Verdict } from "./finding.ts";
export { type Judgement, judge } from "./judge.ts";
export { storeFindings } from "./store-findings.ts";
