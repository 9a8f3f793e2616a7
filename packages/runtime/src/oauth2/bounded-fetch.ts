import { isLoopback } from "../account/oauth2-presets.ts";

/** Octets of an answer; a provider's metadata and tokens take some thousands. */
const MOST_OCTETS = 1024 * 1024;

/**
 * A `fetch` for the library of OAuth 2. It refuses URLs without TLS, whatever the provider's metadata name, except on this
 * machine; reading an answer that is too large fails.
 */
export async function boundedFetch(url: string, options: object): Promise<Response> {
  const target = new URL(url);
  if (target.protocol !== "https:" && !isLoopback(target)) {
    throw Object.assign(new TypeError("no https URL"), { code: "OAUTH_HTTP_REQUEST_FORBIDDEN" });
  }
  const response = await fetch(url, options);
  if (response.body === null) return response;
  let octets = 0;
  const bounded = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        octets += chunk.byteLength;
        if (octets > MOST_OCTETS) controller.error(new Error("the answer is too large"));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(bounded, { status, statusText, headers });
}
