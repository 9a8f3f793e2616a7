import { createRequire } from "node:module";

/** TypeORM, loaded at the first call: it takes longer to load than all the rest of a short run to start. */
export function typeorm(): typeof import("typeorm") {
  return createRequire(import.meta.url)("typeorm") as typeof import("typeorm");
}

/** mysql2, as the driver that is given to TypeORM; loaded at the first call. */
export function mysql2(): typeof import("mysql2") {
  return createRequire(import.meta.url)("mysql2") as typeof import("mysql2");
}
