export { accountNameOf, isAccountName } from "../account/account-name.ts";
export {
  type Account,
  type AccountAddress,
  AccountUrlError,
  accountOf,
  accountUrl,
  maildropName,
  parseAccountUrl,
} from "../account/account-url.ts";
export { readCertificates } from "../account/certificates.ts";
export { isMaildropName, MAILDROP_NAME_FORM } from "../account/maildrop-name.ts";
export type {
  AccountSettings,
  Configuration,
  ContentSettings,
  HookSettings,
  LoginSettings,
  OAuth2Settings,
  ProfileName,
  Schedule,
  SecretSource,
} from "../account/settings.ts";
export { guessProfile } from "../profiles/profile.ts";
export { parseProxyUrl, proxyPlace } from "../proxy/proxy-url.ts";
export { readSecret } from "../secret/secret.ts";
export { secretLine, secretVariable, variable } from "../secret/secret-text.ts";
export type { Environment } from "../system/environment.ts";
export { configurationDirectory } from "../system/user-folders.ts";
export { readFingerprint, shownFingerprint } from "../text/fingerprint.ts";
export { shellWord } from "../text/shell-word.ts";
export { didYouMean } from "../text/suggestion.ts";
export { byPosition, ConfigurationError, type ConfigurationProblem } from "./configuration-error.ts";
export {
  CONFIGURATION_NAMES,
  findConfiguration,
  noConfiguration,
  readConfiguration,
  readConfigurationFile,
} from "./configuration-file.ts";
export { bareAccount, DEFAULT_CONFIGURATION } from "./defaults.ts";
export { configurationSchema } from "./json-schema.ts";
export { surroundingsProblems } from "./surroundings-problems.ts";
