/** One session, as Dovecot's log tells of it. Times in ms. */
export interface LoggedSession {
  readonly user: string;
  readonly login: number;
  /** Infinity while it lasts. */
  logout: number;
}

/** Dovecot with this logs to the microsecond. */
export const TIMESTAMPS = 'log_timestamp = "%Y-%m-%dT%H:%M:%S.%{usecs} "\n';

/** The sessions of a log in the order of their logins. */
export function loggedSessions(log: string): readonly LoggedSession[] {
  const sessions = new Map<string, LoggedSession>();
  for (const line of log.split("\n")) {
    const time = Date.parse(`${line.slice(0, 23)}Z`);
    const login = /pop3-login: Info: Login: user=<([^>]+)>.*session=<([^>]+)>/.exec(line);
    if (login !== null)
      sessions.set(login[2] ?? "", { user: login[1] ?? "", login: time, logout: Number.POSITIVE_INFINITY });
    const logout = /pop3\([^)]*\)<\d+><([^>]+)>: Info: (?:Disconnected|Connection closed)/.exec(line);
    const ended = sessions.get(logout?.[1] ?? "");
    if (ended !== undefined) ended.logout = time;
  }
  return [...sessions.values()].sort((a, b) => a.login - b.login);
}

/** Pairs of sessions of one user that overlap by more than the log's own delay. */
export function overlaps(sessions: readonly LoggedSession[], toleranceMs: number): readonly string[] {
  const last = new Map<string, LoggedSession>();
  const found: string[] = [];
  for (const session of sessions) {
    const before = last.get(session.user);
    if (before !== undefined && before.logout - session.login > toleranceMs)
      found.push(
        `${session.user}: a login at ${session.login}, while one of ${before.login} ends at ${before.logout}`,
      );
    if (before === undefined || session.logout > before.logout) last.set(session.user, session);
  }
  return found;
}
