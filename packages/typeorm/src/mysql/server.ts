// What needs mysql2, behind one dynamic import.
export { inspectServer } from "./inspect-server.ts";
export { openExistingServer, openServer } from "./open-server.ts";
