/** The POP3 servers of providers with many users, by the domain of the mail address. */
const HOSTS: Readonly<Record<string, string>> = {
  "aol.com": "pop.aol.com",
  "gmail.com": "pop.gmail.com",
  "gmx.de": "pop.gmx.net",
  "gmx.net": "pop.gmx.net",
  "googlemail.com": "pop.gmail.com",
  "hotmail.com": "outlook.office365.com",
  "outlook.com": "outlook.office365.com",
  "web.de": "pop3.web.de",
  "yahoo.com": "pop.mail.yahoo.com",
};

/** The POP3 server that a domain's mail is probably on. */
export function suggestedHost(domain: string): string {
  const lower = domain.toLowerCase();
  return HOSTS[lower] ?? `mail.${lower}`;
}

/** A short name for an account on this host: `example` for mail.example.org. */
export function suggestedName(host: string): string {
  const labels = host.split(".").filter((label) => !/^(?:mail|pop3?|imap|www|outlook)$/.test(label));
  const name = labels[0]?.replace(/[^A-Za-z0-9-]/g, "") ?? "";
  return /^[A-Za-z][A-Za-z0-9-]*$/.test(name) ? name : "mail";
}
