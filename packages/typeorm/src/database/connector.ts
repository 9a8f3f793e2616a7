import type { DataSource } from "typeorm";
import type { DatabaseAddress } from "./database-address.ts";
import type { Dialect } from "./dialect.ts";
import type { Gateway } from "./gateway.ts";
import type { StoreInspection } from "./inspection.ts";
import type { Opened, Opening, Patience } from "./opening.ts";

/** The ways to the databases of one kind, and the dialect that they speak. */
export interface Connector {
  readonly dialect: Dialect;
  /** What TypeORM calls DataSources of this kind. */
  readonly dataSourceType: string;
  /** Whether its URLs may have a query (`?…`). */
  readonly takesQuery: boolean;
  /** Where a URL of its scheme leads; nothing is connected yet. @throws DatabaseUrlError */
  locate(url: string): DatabaseLocation;
  /** The way to a program's own DataSource, which is initialized. */
  gateway(dataSource: DataSource, patience: Patience): Gateway;
}

/** A place where a store is, or may be. All methods throw the core's errors. */
export interface DatabaseLocation {
  readonly address: DatabaseAddress;
  /** Opens the database there and brings its tables up to date. */
  open(opening: Opening): Promise<Opened>;
  /** Opens it as it is. Null, and nothing is created or changed, if there is no store. */
  openExisting(opening: Opening): Promise<Opened | null>;
  /** Looks at it and changes nothing; there need be no store. */
  inspect(opening: Opening): Promise<StoreInspection>;
}
