import type { CapabilityFacts, DoctorFacts, TrialFacts } from "./facts.ts";
import { bad, type Finding, look, ok } from "./finding.ts";

/** A round trip that is longer makes a fetch slow, if the server cannot pipeline. */
const LONG_ROUND_TRIP_MS = 50;
/** Mail that a server may delete sooner may be gone after a holiday. */
const SHORT_EXPIRY_DAYS = 30;
/** A worker's usual interval: below this a login delay is nothing. */
const LONG_LOGIN_DELAY_S = 300;

/** The server itself: greeting, login, what it says it can do and what it can. */
export function serverFindings(facts: DoctorFacts): Finding[] {
  const { greeting, capabilities, trials } = facts;
  return [
    ...connectionFindings(facts),
    ...(greeting === null ? [] : [implementation(facts)]),
    ...loginFindings(facts),
    ...(capabilities === null ? [] : capabilityFindings(capabilities)),
    ...sessionFindings(facts),
    ...(trials === null ? [] : trialFindings(trials, facts)),
    ...brokenOff(facts),
  ];
}

function connectionFindings({ failure, tls, greeting }: DoctorFacts): Finding[] {
  if (failure?.stage === "connect") {
    const { code, message, kind } = failure.failure;
    // The finding about the certificate says it with more words.
    return code === "certificate-untrusted" && tls !== null ? [] : [bad("connection", message, null, kind)];
  }
  if (greeting === null) return [];
  return [ok("connection", `connected and greeted within ${Math.round(greeting.ms)} ms`)];
}

/** The advice for a login that worked before and is refused without a reason. */
const IN_DOUBT =
  "end other programs that fetch this maildrop, or wait; if it is refused for a day, see whether the password still works elsewhere";

function implementation({ capabilities, greeting }: DoctorFacts): Finding {
  const said = capabilities?.implementation ?? null;
  if (said !== null) return ok("implementation", `the server calls itself ${short(said)}`);
  return ok(
    "implementation",
    `the server greets with "${short(greeting?.text ?? "")}" and does not name itself`,
  );
}

function loginFindings({ login, failure, greeting }: DoctorFacts): Finding[] {
  if (failure?.stage === "login") {
    const { code, message, kind } = failure.failure;
    return [bad("login", message, code === "login-in-doubt" ? IN_DOUBT : null, kind)];
  }
  if (login === null || greeting === null) return [];
  const offered = login.offered.length === 0 ? "nothing that it lists" : login.offered.join(", ");
  return [ok("login", `logged in by ${nameOfMechanism(login.mechanism)}; the server offers ${offered}`)];
}

function* capabilityFindings(capabilities: CapabilityFacts): Generator<Finding> {
  const { beforeLogin, afterLogin, loginDelaySeconds, expireDays } = capabilities;
  if (beforeLogin === null && afterLogin === null) {
    yield ok("capabilities", "the server has no CAPA: what it can do is found out by trying");
    return;
  }
  const before = beforeLogin?.join("; ") ?? "nothing";
  yield ok("capabilities", `before the login: ${short(before)}`);
  if (afterLogin !== null && afterLogin.join("; ") !== before)
    yield ok("capabilities", `after the login: ${short(afterLogin.join("; "))}`);
  yield* loginDelay(loginDelaySeconds);
  yield* expiry(expireDays);
}

function loginDelay(seconds: number | null): Finding[] {
  if (seconds === null || seconds === 0) return [];
  const message = `the server wants ${seconds} seconds between two logins`;
  if (seconds < LONG_LOGIN_DELAY_S) {
    return [ok("login-delay", message, "fetch less often than that; exit code 75 is its way of saying no")];
  }
  return [look("login-delay", message, "let the interval of the worker, or of cron, be longer than that")];
}

function expiry(days: number | "never" | null): Finding[] {
  if (days === null) return [];
  if (days === "never") return [ok("expire", "the server keeps mail for ever (EXPIRE NEVER)")];
  if (days === 0) {
    return [
      look(
        "expire",
        "the server deletes what was retrieved when a session ends with QUIT (EXPIRE 0), though Mailonce asks for no deletion",
        "ask who runs the server for another setting if other programs are to see the mail",
      ),
    ];
  }
  const message = `the server may delete mail after ${days} days (EXPIRE ${days})`;
  return days < SHORT_EXPIRY_DAYS
    ? [look("expire", message, "fetch more often than that")]
    : [ok("expire", message)];
}

function* sessionFindings({ login, capabilities }: DoctorFacts): Generator<Finding> {
  if (login === null) return;
  const { roundTripMs, utf8 } = login;
  const lists = capabilities?.beforeLogin?.some((line) => /^UTF8\b/.test(line)) === true;
  if (utf8) yield ok("utf8", "UTF8 is in force: mail comes as it is stored");
  else if (lists) {
    yield look(
      "utf8",
      "the server offers UTF8, and refuses it",
      "mail with UTF-8 in its header may come rewritten",
    );
  }
  yield ok("round-trip", `a command and its answer take ${milliseconds(roundTripMs)}`);
}

function trialFindings(trials: TrialFacts, facts: DoctorFacts): Finding[] {
  return [topFinding(trials), ...retrFindings(trials), pipeliningFinding(trials, facts)];
}

function topFinding({ top }: TrialFacts): Finding {
  switch (top) {
    case "works":
      return ok("top", "TOP gives the header that RETR gives");
    case "broken":
      return look(
        "top",
        "TOP does not give the header that RETR gives: it is not used",
        "criteria are decided after the download, and renumbered mail is downloaded again (not stored again)",
      );
    case "refused":
      return look(
        "top",
        "the server has no TOP: headers come with the whole message only",
        "criteria are decided after the download, and renumbered mail is downloaded again (not stored again)",
      );
    case "untried":
      return ok("top", "TOP was not compared with RETR: no small message was retrieved");
  }
}

function* retrFindings({ retrieved, refusals }: TrialFacts): Generator<Finding> {
  const [refusal] = refusals;
  if (refusal !== undefined) {
    yield look(
      "retr",
      `the server refuses to give ${refusals.length} of ${refusals.length + retrieved.length} messages that it lists (it says: ${short(refusal)})`,
      "such messages are deferred and tried again, ever more seldom: see 'mailonce deferred list'",
    );
  }
  const short_ = retrieved.filter(({ listedOctets, octets }) => octets < listedOctets).length;
  const more = retrieved.filter(({ listedOctets, octets }) => octets > listedOctets).length;
  if (short_ > 0) {
    yield look(
      "octets",
      `${short_} of ${retrieved.length} messages came with fewer octets than LIST says`,
      "such answers look cut off: these maildrops are fetched one message at a time, and slowly",
    );
  } else if (more > 0) {
    yield ok(
      "octets",
      `${more} of ${retrieved.length} messages came with more octets than LIST says: common, and harmless`,
    );
  } else if (retrieved.length > 0) {
    yield ok("octets", `LIST tells the octets of messages rightly (${retrieved.length} tried)`);
  }
}

function pipeliningFinding({ pipelining }: TrialFacts, { capabilities, login }: DoctorFacts): Finding {
  const roundTripMs = login?.roundTripMs ?? 0;
  if (capabilities?.pipelining !== true) {
    const message = "the server does not offer PIPELINING: commands go one at a time";
    return roundTripMs > LONG_ROUND_TRIP_MS
      ? look(
          "pipelining",
          `${message}, and each takes ${milliseconds(roundTripMs)}`,
          `a first fetch takes a minute for every ${Math.round(60_000 / roundTripMs)} messages at best; it may be interrupted and goes on where it ended`,
        )
      : ok("pipelining", message);
  }
  switch (pipelining) {
    case "works":
      return ok("pipelining", "PIPELINING is offered, and works");
    case "untried":
      return ok("pipelining", "PIPELINING is offered; there is no message to try it on");
    default:
      return look(
        "pipelining",
        "PIPELINING is offered, but commands that are sent at once are lost",
        "set pipelining: false for the account; otherwise a fetch finds out by waiting",
      );
  }
}

/** What broke off after the login. */
function brokenOff({ failure }: DoctorFacts): Finding[] {
  if (failure === null || (failure.stage !== "listing" && failure.stage !== "trials")) return [];
  const { message, kind } = failure.failure;
  const when = failure.stage === "listing" ? "listing the mail" : "trying TOP and RETR";
  return [bad("session", `${when} failed: ${message}`, null, kind)];
}

function nameOfMechanism(mechanism: string): string {
  return mechanism === "USER" ? "USER and PASS" : mechanism;
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
