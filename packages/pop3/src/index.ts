export { connect } from "./client/connect.ts";
export { Pop3Client } from "./client/pop3-client.ts";
export {
  AbortedError,
  ConnectFailedError,
  ConnectionClosedError,
  TimeoutError,
  type TimeoutPhase,
} from "./errors/connection.ts";
export { Pop3Error, type Pop3ErrorCode } from "./errors/error.ts";
export { LoginRefusedError, NoMechanismError, SaslError } from "./errors/login.ts";
export { type Advice, CommandRefusedError, GreetingRefusedError, type Refusal } from "./errors/refusal.ts";
export {
  LimitExceededError,
  MalformedReplyError,
  NotPop3Error,
  OutOfStepError,
  ProtocolError,
} from "./errors/reply.ts";
export {
  type ServerCertificate,
  StlsInjectionError,
  StlsNotOfferedError,
  TlsExpectedError,
  TlsFailedError,
  TlsUntrustedError,
} from "./errors/tls.ts";
export {
  InvalidArgumentError,
  SessionBusyError,
  SessionClosedError,
  WrongStateError,
} from "./errors/usage.ts";
export type { ListingPart } from "./listing/raw-listings.ts";
export type { Greeting } from "./login/connected.ts";
export type {
  Credentials,
  CredentialsProvider,
  PasswordCredentials,
  TokenCredentials,
} from "./login/credentials.ts";
export type { LoginOptions } from "./login/login-options.ts";
export { type Message, MessageContent } from "./messages/content.ts";
export type {
  DeleReply,
  HeaderTooLong,
  ListReply,
  Refused,
  RetrPart,
  RetrReply,
  TopBlock,
  TopReply,
  WholeHeader,
  WholeMessage,
  WholeReply,
} from "./messages/plans.ts";
export type { BlockOptions, RetrOptions, RetrRequest, WindowOptions } from "./messages/requests.ts";
export type {
  ClientCertificate,
  Dial,
  OnWire,
  Pop3Options,
  Timeouts,
  TlsOptions,
  WireEvent,
} from "./options/connect-options.ts";
export { Capabilities } from "./protocol/capabilities.ts";
export type { Language } from "./protocol/language.ts";
export type { Limits } from "./protocol/limits.ts";
export type { DropListing, ScanListing, UniqueIdListing } from "./protocol/listing.ts";
export { shownText } from "./protocol/text.ts";
export type { Mechanism } from "./sasl/choice.ts";
export type { DiagnosticsPeer, ReplyMessage, SessionMessage } from "./session/diagnostics.ts";
export { isPinned } from "./transport/pins.ts";
export { serverCertificate } from "./transport/server-certificate.ts";
export { trustedAuthorities } from "./transport/transport.ts";
