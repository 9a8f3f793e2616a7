import { createRequire } from "node:module";

/** What `node:sqlite` and `@photostructure/sqlite` have in common, as far as it is used here. */
export interface SqliteModule {
  readonly DatabaseSync: new (
    path: string,
    options?: { readonly readOnly?: boolean; readonly timeout?: number },
  ) => SqliteConnection;
}

export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
  close(): void;
}

export interface SqliteStatement {
  all(...values: readonly unknown[]): unknown[];
  run(...values: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  /** Missing before Node 22.16. */
  columns?(): readonly unknown[];
}

let loaded: SqliteModule | undefined;

/** `node:sqlite` where Node has it built in, else `@photostructure/sqlite`; loaded at the first call. */
export function sqliteModule(): SqliteModule {
  loaded ??= builtIn() ?? (createRequire(import.meta.url)("@photostructure/sqlite") as SqliteModule);
  return loaded;
}

/** True for `node:sqlite`; that module is not loaded for the question. */
export function isNodeSqlite({ DatabaseSync }: SqliteModule): boolean {
  return isNodeSqliteLoaded() && builtIn()?.DatabaseSync === DatabaseSync;
}

export function isNodeSqliteLoaded(): boolean {
  const { moduleLoadList = [] } = process as { readonly moduleLoadList?: readonly string[] };
  return moduleLoadList.includes("NativeModule sqlite");
}

function builtIn(): SqliteModule | undefined {
  const emitWarning = process.emitWarning;
  // Node 22 warns at this load that SQLite is experimental: not the concern of who runs the program. The load is
  // synchronous, so no other warning can be lost.
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule?.("node:sqlite") as SqliteModule | undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
