import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { bareAccount } from "../../src/config/defaults.ts";
import { examine } from "../../src/doctor/examine.ts";
import type { ExamineOptions } from "../../src/doctor/examine-options.ts";
import type { DoctorFacts } from "../../src/doctor/facts.ts";
import { type Judgement, judge } from "../../src/doctor/judge.ts";
import { profileAdvice } from "../../src/profiles/profile-advice.ts";
import { openExistingDatabase } from "../../src/store/database.ts";

/** What was found, and what is said of it. */
export interface Examined extends Judgement {
  readonly facts: DoctorFacts;
  /** `verdict topic: message` */
  readonly lines: readonly string[];
  /** The lines on one topic. */
  on(topic: string): string;
}

/** Examines an account as the command line does; without a database unless one is given. */
export async function examined(
  url: string,
  options: Partial<ExamineOptions> & { readonly databaseUrl?: string; readonly now?: Date } = {},
): Promise<Examined> {
  const { databaseUrl, now = new Date(), ...given } = options;
  const account = accountOf(parseAccountUrl(url));
  const settings = {
    ...bareAccount(account),
    ...(given.profile === undefined ? {} : { profile: given.profile }),
  };
  const opened: { store: Awaited<ReturnType<typeof openExistingDatabase>> } = { store: null };
  const facts = await examine({
    account,
    credentials: { user: account.user, password: "secret" },
    name: settings.name,
    profile: settings.profile,
    proxy: null,
    signal: new AbortController().signal,
    database: {
      place: databaseUrl ?? "nowhere",
      open: async () => {
        opened.store = databaseUrl === undefined ? null : await openExistingDatabase(databaseUrl, {});
        return opened.store;
      },
    },
    ...given,
  }).finally(() => opened.store?.[Symbol.asyncDispose]());
  const judgement = judge(facts, { now, advice: profileAdvice(settings) });
  const lines = judgement.findings.map(({ verdict, topic, message, advice }) =>
    [`${verdict} ${topic}: ${message}`, ...(advice === null ? [] : [advice])].join(" -> "),
  );
  return {
    ...judgement,
    facts,
    lines,
    on: (topic) => lines.filter((line) => line.split(":")[0]?.endsWith(` ${topic}`)).join("\n"),
  };
}
