export { InMemoryMaildrop, InMemorySession, type MemoryMail } from "./server.ts";
export { InMemorySpool } from "./spool.ts";
export { InMemoryStore } from "./store.ts";
