// Where the runtime is installed without its optional packages: all of it loads, and who needs one is told which.
import "@mailonce/runtime";
import "@mailonce/runtime/config";
import "@mailonce/runtime/doctor";
import "@mailonce/runtime/service";
import { AccountTokens } from "@mailonce/runtime/oauth2";

const tokens = new AccountTokens({ tokens: null, tokenKey: null, env: {} });
const settings = /** @type {const} */ ({
  provider: "google",
  grant: "browser",
  issuer: "https://accounts.google.com",
  clientId: "id",
  clientSecret: null,
  scopes: [],
});
await tokens.server("work", settings).catch((error) => console.log(error.message));
