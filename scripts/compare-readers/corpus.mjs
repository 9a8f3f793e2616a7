// Sample mail that others have: the tests of Debian's packages, unpacked into a folder.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Sources whose tests are mail, of programs in many languages. */
const SOURCES = [
  "apache-mime4j",
  "dkimpy",
  "gmime",
  "golang-github-emersion-go-message",
  "golang-github-jhillyerd-enmime",
  "kf5-messagelib",
  "kmime",
  "libemail-folder-perl",
  "libemail-mime-perl",
  "libmail-box-perl",
  "libmail-deliverystatus-bounceparser-perl",
  "libmime-tools-perl",
  "maildir-utils",
  "mailman3",
  "mailutils",
  "notmuch",
  "php-horde-mime",
  "public-inbox",
  "rspamd",
  "ruby-mail",
  "spamassassin",
];
const PACKAGES = ["libpython3.11-testsuite", "libpython3.13-testsuite"];
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Downloads and unpacks what this machine's Debian mirror has of them. What it has not is left out.
 * @param {string} folder @returns {readonly string[]} the folders with mail
 */
export function fetchCorpus(folder) {
  const archives = join(folder, "archives");
  mkdirSync(archives, { recursive: true });
  for (const suite of new Set([codename(), "sid"])) {
    const options = aptOptions(join(folder, `apt-${suite}`), suite);
    run("apt-get", [...options, "update"], folder);
    const has = (/** @type {string} */ name) =>
      readdirSync(archives).some((file) => file.startsWith(`${name}_`) && !file.endsWith(".dsc"));
    for (const name of SOURCES.filter((one) => !has(one)))
      run("apt-get", [...options, "source", "--download-only", name], archives);
    for (const name of PACKAGES.filter((one) => !has(one)))
      run("apt-get", [...options, "download", name], archives);
  }
  return readdirSync(archives).flatMap((archive) => unpack(archives, archive, folder));
}

/** @param {string} archives @param {string} archive @param {string} folder @returns {readonly string[]} */
function unpack(archives, archive, folder) {
  const to = join(folder, "mail", archive.split("_")[0] ?? archive);
  const path = join(archives, archive);
  if (/\.orig\.tar\.\w+$/.test(archive)) {
    mkdirSync(to, { recursive: true });
    return run("tar", ["--extract", "--file", path, "--directory", to], folder) ? [to] : [];
  }
  return archive.endsWith(".deb") && run("dpkg", ["--extract", path, to], folder) ? [to] : [];
}

/** Lists of packages of its own, so that nothing of the system is changed. @param {string} apt @param {string} suite */
function aptOptions(apt, suite) {
  for (const path of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(apt, path), { recursive: true });
  writeFileSync(join(apt, "status"), "");
  const sources = ["deb", "deb-src"].map(
    (kind) => `${kind} [signed-by=${KEYRING}] ${mirror()} ${suite} main\n`,
  );
  writeFileSync(join(apt, "sources.list"), sources.join(""));
  return [
    `Dir::Etc::sourcelist=${join(apt, "sources.list")}`,
    "Dir::Etc::sourceparts=/dev/null",
    `Dir::State=${apt}`,
    `Dir::State::lists=${join(apt, "lists")}`,
    `Dir::State::status=${join(apt, "status")}`,
    `Dir::Cache=${join(apt, "cache")}`,
    "Acquire::Languages=none",
  ].flatMap((option) => ["-o", option]);
}

function codename() {
  return /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "sid";
}

/** The first mirror that this machine's own packages come from. */
function mirror() {
  const lists = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...readdirSync(lists).map((name) => join(lists, name))];
  const text = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8"));
  const found = /^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(https?:\/\/\S+)/m.exec(text.join("\n"));
  if (found?.[1] === undefined) throw new Error("apt-get's sources name no mirror");
  return found[1];
}

/** @param {string} program @param {readonly string[]} parameters @param {string} cwd */
function run(program, parameters, cwd) {
  return spawnSync(program, parameters, { cwd, stdio: "ignore", timeout: 300_000 }).status === 0;
}
