export { type SampleMailOptions, sampleMail } from "./mail/sample-mail.ts";
export { type SampleServer, startSampleServer } from "./mail/sample-server.ts";
export { type Attachment, type SimpleMailOptions, simpleMail } from "./mail/simple-mail.ts";
export { forgedReplyMail, specialMail } from "./mail/special-mail.ts";
export type { MaildropBehaviour, ServeContext, Verb } from "./pop3-server/behaviour.ts";
export type { Fault, FaultPlan, FaultPoint } from "./pop3-server/faults.ts";
export { type DeliverOptions, Maildrop, uniqueIds } from "./pop3-server/maildrop.ts";
export type { ServedMessage } from "./pop3-server/served-message.ts";
export { type Pop3Server, type Pop3ServerOptions, startPop3Server } from "./pop3-server/server.ts";
export type { Pop3Session, SessionEnd } from "./pop3-server/transcript.ts";
export { type Dovecot, type DovecotOptions, startDovecot } from "./servers/dovecot.ts";
export { type Introspection, startIntrospection } from "./servers/introspection.ts";
export {
  connectMariaDb,
  type MariaDatabase,
  type MariaDb,
  type MariaDbAccess,
  type MariaDbAddress,
  type MariaDbOptions,
  startMariaDb,
} from "./servers/mariadb.ts";
export { type MySql, startMySql } from "./servers/mysql.ts";
export { OAuthBrowser, type Page } from "./servers/oauth-browser.ts";
export { startOAuthDovecot } from "./servers/oauth-dovecot.ts";
export {
  type OAuthProvider,
  type OAuthProviderOptions,
  startOAuthProvider,
  type TokenRequest,
} from "./servers/oauth-provider.ts";
export { type ProxyOptions, type ProxyServer, startHttpProxy, startSocksProxy } from "./servers/proxy.ts";
export { type Redis, type RedisOptions, startRedis } from "./servers/redis.ts";
export { type Certificate, type CertificateOptions, makeCertificate } from "./system/certificate.ts";
export { findProgram, type RunningProcess, type StartProcessOptions, startProcess } from "./system/child.ts";
export { freePort } from "./system/free-port.ts";
export { type WaitForPortOptions, waitForPort } from "./system/port.ts";
export { type TemporaryFolder, temporaryFolder } from "./system/temporary-folder.ts";
