import { parseAccountUrl } from "@mailonce/runtime/config";
import type { Questions } from "./questions.ts";
import { suggestedHost } from "./suggestions.ts";

const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** A URL may be typed in place of the mail address: then the questions after server, user and TLS are left out. */
const URL_FORM = /^pop3s?:\/\//i;

/** Asks for the mail address, and for what makes an account's URL of it. Gives the URL. */
export async function askAddress(questions: Questions): Promise<string> {
  const address = await questions.line(
    "Your mail address?",
    "",
    (value) => {
      if (URL_FORM.test(value)) return urlProblem(value);
      return ADDRESS.test(value) ? undefined : "Such as joe@example.org.";
    },
    "joe@example.org, or pop3s://joe@mail.example.org",
  );
  if (URL_FORM.test(address)) return address;
  const domain = address.slice(address.lastIndexOf("@") + 1);
  const host = await questions.line("The POP3 server?", suggestedHost(domain), (value) =>
    value !== "" && urlProblem(`pop3s://x@${value}`) === undefined ? undefined : "A host name, or HOST:PORT.",
  );
  const user = await questions.line("Your user name there?", address, (value) =>
    value === "" ? "It is often the mail address." : undefined,
  );
  const tls = await questions.choice("How is the connection protected?", [
    { value: "implicit", label: "TLS from the start", hint: "port 995; take this if you are not sure" },
    { value: "stls", label: "STLS", hint: "port 110" },
    { value: "none", label: "not at all", hint: "everybody on the way can read the password" },
  ]);
  const scheme = tls === "implicit" ? "pop3s" : "pop3";
  const encoded = encodeURIComponent(user).replaceAll("%40", "@");
  return `${scheme}://${encoded}@${host}${tls === "none" ? "?tls=none" : ""}`;
}

/** What is wrong with an account's URL; undefined if nothing is. */
function urlProblem(url: string): string | undefined {
  try {
    parseAccountUrl(url);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
