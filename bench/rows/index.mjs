import { criteria } from "./criteria.mjs";
import { firstFetch } from "./first-fetch.mjs";
import { growth } from "./growth.mjs";
import { indexing } from "./indexing.mjs";
import { huge, large } from "./large.mjs";
import { latency } from "./latency.mjs";
import { million } from "./million.mjs";
import { nothingNew } from "./nothing-new.mjs";
import { search } from "./search.mjs";
import { slowServers } from "./slow-servers.mjs";
import { startUp } from "./start-up.mjs";
import { worker } from "./worker.mjs";

/** All rows, in the order in which they are measured and shown. @type {readonly import("./row.mjs").Row[]} */
export const rows = [
  firstFetch(0),
  firstFetch(20),
  firstFetch(50),
  nothingNew,
  million,
  large,
  huge,
  growth,
  criteria,
  indexing,
  search,
  slowServers,
  startUp,
  worker,
  latency,
];
