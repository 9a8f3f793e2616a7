// npm run bench: Mailonce beside the raw limit and its peers. Options: --help.
import { parseArgs } from "node:util";
import { ensureDebianPackages } from "../scripts/debian.mjs";
import { nodeOf } from "../scripts/runtimes.mjs";
import { build, installPackages, root } from "../scripts/setup.mjs";
import { cacheFolder } from "./lib/cache.mjs";

const USAGE = `npm run bench [-- [NAME…] [OPTION…]]

  NAME              only these rows; the results of the others stay
  --rounds N        how often everybody does the work (default 5; slow peers fewer times)
  --node MAJOR      Mailonce under this Node, from the package registry; may be repeated (default: the Node that runs this)
  --check           only Mailonce, beside an older commit: exit code 1 if a row is more than 15 % slower; without NAME some
                    rows that take some minutes; nothing is kept
  --against COMMIT  the older one (default HEAD~1)
  --quick           small numbers, to try the rows; the results are not kept
  --list            the names of the rows
  --no-build        measure what is built already`;

const DEBIAN_PACKAGES = [
  ...["dovecot-pop3d", "mariadb-server", "mariadb-client", "mpop", "fetchmail"],
  ...["gcc", "libc6-dev", "openssl"],
];

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main() {
  const { values, positionals: names } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      node: { type: "string", multiple: true, default: [] },
      check: { type: "boolean", default: false },
      against: { type: "string", default: "HEAD~1" },
      quick: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      "no-build": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { quick, check, against } = values;
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) refuse(`--rounds ${values.rounds}: a number from 1`);
  for (const major of values.node)
    if (!/^\d\d$/.test(major)) refuse(`--node ${major}: a major version such as 24`);
  if (check && values.node.length > 1) refuse("--check takes one --node");
  ensureDebianPackages(DEBIAN_PACKAGES);
  if (!values["no-build"]) {
    console.error("Installing and building …");
    installPackages();
    build();
  }
  // Only there once it is built.
  const { listRows, measureAndKeep } = await import("./lib/measure-rows.mjs");
  if (values.list) {
    listRows();
    return 0;
  }
  const builds = values.node.map((major) => ({
    name: values.node.length > 1 ? `Node ${major}` : "",
    node: nodeOf(cacheFolder(), major),
    root,
  }));
  if (check) {
    const { checkRows } = await import("./lib/check.mjs");
    return checkRows({ names, rounds, quick, against, node: builds[0]?.node ?? process.execPath });
  }
  if (builds.length === 0) builds.push({ name: "", node: process.execPath, root });
  return measureAndKeep({ names, rounds, quick, builds });
}

/** @param {string} why @returns {never} */
function refuse(why) {
  throw new Error(`${why}\n\n${USAGE}`);
}
