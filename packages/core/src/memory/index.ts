export { InMemoryMaildrop, InMemorySession, type MemoryMail } from "./session.ts";
export { InMemorySpool } from "./spool.ts";
export { InMemoryStore } from "./store.ts";
