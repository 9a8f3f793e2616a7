import { createHash, createHmac, pbkdf2Sync, X509Certificate } from "node:crypto";
import { TLSSocket } from "node:tls";
import type { Answer, Peer } from "./server.ts";

/** A server's side of SASL, written from the RFCs without the client's code. */
export interface SaslServerOptions {
  readonly user?: string;
  readonly password?: string;
  /** The token that is accepted. */
  readonly token?: string;
  /** Certificate in PEM, for tls-server-end-point. */
  readonly certificate?: string;
  /** Channel bindings that it knows. */
  readonly bindings?: readonly string[];
  /** Changes a challenge before it is sent: text, not base64. */
  readonly distort?: (challenge: string) => string;
  /** Mechanisms that are refused right away. */
  readonly refuses?: readonly string[];
  /** Mechanisms that are refused when the proof has come, without a reason. */
  readonly refusesLate?: RegExp;
  /** `+OK` in place of `+ ` where the initial response is asked for. */
  readonly okForChallenge?: boolean;
}

type Step = (line: string) => string;

const apopTimestamp = "<1896.697170952@dbc.mtview.ca.us>";
export const apopGreeting = `+OK POP3 server ready ${apopTimestamp}\r\n`;

const encode = (text: string): string => Buffer.from(text, "latin1").toString("base64");
const decode = (text: string): string => Buffer.from(text, "base64").toString("latin1");

/** Answers APOP and AUTH; everything else falls through. */
export function saslServer(options: SaslServerOptions = {}): Answer {
  const { user = "alice", password = "secret", token = "t0ken", distort = (same) => same } = options;
  const waiting = new WeakMap<Peer, Step>();
  const ok = "+OK Logged in.\r\n";
  const no = "-ERR [AUTH] Authentication failed.\r\n";
  const judge = (right: boolean): string => (right ? ok : no);
  return (line, peer) => {
    const challenge = (text: string, next: Step): string => {
      waiting.set(peer, next);
      return `+ ${encode(distort(text))}\r\n`;
    };
    const step = waiting.get(peer);
    if (step !== undefined) {
      waiting.delete(peer);
      return line === "*" ? "-ERR cancelled\r\n" : step(line);
    }
    const [verb, name = "", given] = line.split(" ");
    if (verb === "APOP") {
      const digest = createHash("md5")
        .update(apopTimestamp + password)
        .digest("hex");
      return judge(name === user && given === digest);
    }
    if (verb !== "AUTH") return undefined;
    if (options.refuses?.includes(name)) return no;
    const bearer = (text: string): string => {
      if (text.includes(`auth=Bearer ${token}\u0001`) && text.includes(user)) return ok;
      return challenge('{"status":"invalid_token","scope":"mail"}', () => no);
    };
    const mechanisms: Record<string, Step> = {
      PLAIN: (response) => judge(decode(response) === `\0${user}\0${password}`),
      XOAUTH2: (response) => bearer(decode(response)),
      OAUTHBEARER: (response) => bearer(decode(response)),
    };
    const scram = /^SCRAM-SHA-(1|256)(-PLUS)?$/.exec(name);
    if (scram !== null) {
      const hash = scram[1] === "1" ? "sha1" : "sha256";
      mechanisms[name] = (response) => {
        const first = /^(?:([ny])|p=([^,]+)),,(n=([^,]*),r=(.*))$/.exec(decode(response));
        if (first === null || (first[2] !== undefined) !== (scram[2] !== undefined)) return no;
        const [, , binding, bare = "", , nonce = ""] = first;
        if (binding !== undefined && options.bindings?.includes(binding) === false) return no;
        const serverFirst = `r=${nonce}3rfcNHYJY1ZVvWVs7j,s=${encode("pepper and salt")},i=4096`;
        return challenge(serverFirst, (final) => {
          if (options.refusesLate?.test(name) === true) return no;
          const [, withoutProof = "", cb = "", proof = ""] =
            /^(c=([^,]*),r=[^,]*),p=(.*)$/.exec(decode(final)) ?? [];
          const salted = pbkdf2Sync(password, "pepper and salt", 4096, hash === "sha1" ? 20 : 32, hash);
          const mac = (key: Buffer, text: string): Buffer =>
            createHmac(hash, key).update(text, "latin1").digest();
          const signed = `${bare},${serverFirst},${withoutProof}`;
          const clientKey = mac(salted, "Client Key");
          const signature = mac(createHash(hash).update(clientKey).digest(), signed);
          const wanted = clientKey.map((octet, index) => octet ^ (signature[index] ?? 0));
          const header = decode(response).split(",").slice(0, 2).join(",");
          const bound = Buffer.concat([
            Buffer.from(`${header},`),
            bindingData(binding, peer, options.certificate),
          ]);
          if (Buffer.from(wanted).toString("base64") !== proof || cb !== bound.toString("base64")) {
            return challenge("e=invalid-proof", () => no);
          }
          const verifier = mac(mac(salted, "Server Key"), signed).toString("base64");
          return challenge(`v=${verifier}`, (empty) => judge(empty === ""));
        });
      };
    }
    if (name === "LOGIN") {
      return challenge("Username:", (one) =>
        challenge("Password:", (two) => judge(decode(one) === user && decode(two) === password)),
      );
    }
    if (name === "CRAM-MD5") {
      const text = "<1896.697170952@postoffice.reston.mci.net>";
      return challenge(text, (response) => {
        const digest = createHmac("md5", password).update(text).digest("hex");
        return judge(decode(response) === `${user} ${digest}`);
      });
    }
    const respond = mechanisms[name];
    if (respond === undefined) return "-ERR unknown mechanism\r\n";
    if (given !== undefined) return respond(given);
    const asked = challenge("", respond);
    return options.okForChallenge === true ? "+OK go ahead\r\n" : asked;
  };
}

function bindingData(type: string | undefined, peer: Peer, certificate = ""): Buffer {
  if (type === undefined) return Buffer.alloc(0);
  if (type === "tls-server-end-point")
    return createHash("sha256").update(new X509Certificate(certificate).raw).digest();
  if (!(peer.socket instanceof TLSSocket)) throw new Error("no TLS");
  return peer.socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
}
