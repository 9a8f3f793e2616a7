import { defined } from "../account/defined.ts";
import { oauth2Problem, oauth2Settings } from "../account/oauth2-presets.ts";
import { mapping, oneOf, text, texts } from "./fields.ts";
import { secret } from "./secret-schema.ts";

/** How an account logs in with access tokens, as a file has it. */
export const oauth2 = mapping({
  provider: oneOf("Whose presets fill what is left out.", ["google", "microsoft365"]).optional(),
  grant: oneOf("How consent is given; client-credentials needs none.", [
    "device-code",
    "browser",
    "client-credentials",
  ]).optional(),
  issuer: text("Whose metadata name the endpoints (OpenID Connect Discovery).", "an https URL").optional(),
  clientId: text("The client's id, as the provider has registered it.", "what the provider gave you"),
  clientSecret: secret("The client's secret, where the provider has given one.").optional(),
  scopes: texts("What is asked for.", "a scope").optional(),
})
  .transform((input, context) => {
    const settings = oauth2Settings({
      ...defined(input),
      clientId: input.clientId,
      clientSecret: input.clientSecret ?? null,
    });
    const problem = oauth2Problem(settings);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
    return settings;
  })
  .meta({ description: "Log in with OAuth 2 access tokens; 'mailonce login ACCOUNT' gives consent." });
