// npm run bench: Mailonce beside the raw limit and its peers. Options: --help.
import { parseArgs } from "node:util";
import { ensureDebianPackages } from "../scripts/debian.mjs";
import { build, installPackages } from "../scripts/setup.mjs";

const USAGE = `npm run bench [-- [NAME…] [--rounds N] [--quick] [--list] [--no-build]]

  NAME        only these rows; the results of the others stay
  --rounds N  how often everybody does the work (default 5; slow peers fewer times)
  --quick     small numbers, to try the rows; the results are not kept
  --list      the names of the rows
  --no-build  measure what is built already`;

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
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
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
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: a number from 1\n\n${USAGE}`);
  ensureDebianPackages(DEBIAN_PACKAGES);
  if (!values["no-build"]) {
    console.error("Installing and building …");
    installPackages();
    build();
  }
  // Only there once it is built.
  const { measureRows } = await import("./lib/measure-rows.mjs");
  return measureRows({ names: positionals, rounds, quick: values.quick, list: values.list });
}
