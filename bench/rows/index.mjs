import { firstFetch } from "./first-fetch.mjs";
import { startUp } from "./start-up.mjs";

/** All rows, in the order in which they are measured and shown. @type {readonly import("./row.mjs").Row[]} */
export const rows = [startUp, firstFetch(0), firstFetch(20), firstFetch(50)];
