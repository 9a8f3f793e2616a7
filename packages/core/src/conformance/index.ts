export type { ConformanceCase } from "./case.ts";
export { counterexamples } from "./counterexamples.ts";
export { fetchConformance } from "./fetch.ts";
export { type SessionContext, sessionConformance } from "./session.ts";
export { type StoreContext, storeConformance } from "./store.ts";
