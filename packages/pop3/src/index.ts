export { type DropListing, type Greeting, type Message, Pop3Client } from "./client.ts";
export { connect } from "./connect.ts";
export { MessageContent } from "./content.ts";
export type { DiagnosticsPeer, ReplyMessage, SessionMessage } from "./diagnostics.ts";
export {
  AbortedError,
  type Advice,
  CommandRefusedError,
  ConnectFailedError,
  ConnectionClosedError,
  GreetingRefusedError,
  InvalidArgumentError,
  LimitExceededError,
  LoginRefusedError,
  MalformedReplyError,
  NoMechanismError,
  NotPop3Error,
  Pop3Error,
  type Pop3ErrorCode,
  ProtocolError,
  type Refusal,
  SaslError,
  SessionBusyError,
  SessionClosedError,
  StlsInjectionError,
  StlsNotOfferedError,
  TimeoutError,
  type TimeoutPhase,
  TlsFailedError,
  TlsUntrustedError,
  WrongStateError,
} from "./errors.ts";
export type {
  Credentials,
  CredentialsProvider,
  LoginOptions,
  PasswordCredentials,
  TokenCredentials,
} from "./login.ts";
export type {
  ClientCertificate,
  Dial,
  OnWire,
  Pop3Options,
  Timeouts,
  TlsOptions,
  WireEvent,
} from "./options.ts";
export { Capabilities } from "./protocol/capabilities.ts";
export type { Language } from "./protocol/language.ts";
export type { Limits } from "./protocol/limits.ts";
export type { ScanListing, UniqueIdListing } from "./protocol/listing.ts";
export type { DeleReply, HeaderReply, Refused, RetrReply, RetrRequest, ScanReply } from "./retrieval.ts";
export type { Mechanism } from "./sasl/choice.ts";
export type { WindowOptions } from "./window.ts";
