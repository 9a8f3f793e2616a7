// The Mailonces that are measured side by side.

/**
 * A built Mailonce and the Node that runs it. `name` tells it from the others, and is empty where there is only one.
 * @typedef {{ readonly name: string, readonly node: string, readonly root: string }} Build
 */

/**
 * A build on a kind of database, and what it is called in the tables.
 * @typedef {{ readonly name: string, readonly kind: "MariaDB" | "SQLite", readonly build: Build }} Setup
 */

/** The kinds of databases that every row of Mailonce is measured on. */
const databaseKinds = /** @type {const} */ (["MariaDB", "SQLite"]);

/** Every build on every kind of database. @param {readonly Build[]} builds @returns {readonly Setup[]} */
export function setupsOf(builds) {
  return databaseKinds.flatMap((kind) => builds.map((build) => ({ name: named(kind, build), kind, build })));
}

/** What a build does, by a name that no other build's work has. @param {string} work @param {Build} build */
export function named(work, { name }) {
  return name === "" ? work : `${work}, ${name}`;
}
