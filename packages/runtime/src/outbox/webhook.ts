import { createHmac } from "node:crypto";
import { LONGEST_DELIVERY_WAIT_MS } from "@mailonce/core";
import { text } from "../failure/error-properties.ts";
import { type Delivery, DeliveryError, deliveryFacts } from "./delivery.ts";

/** Where and how a webhook is told. */
export interface WebhookTarget {
  readonly url: string;
  /** `whsec_` and base64, or any text; null: unsigned. */
  readonly secret: string | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Tells a webhook: POST of JSON, signed as the Standard Webhooks specification says (headers `webhook-id`, the
 * idempotency key, `webhook-timestamp` and `webhook-signature`), so that its libraries verify it. Any status of 200 to
 * 299 is delivered; redirects are not followed; 410 means never again.
 * @throws DeliveryError
 */
export async function deliverToWebhook(delivery: Delivery, target: WebhookTarget): Promise<void> {
  const { url, secret, timeoutMs, signal } = target;
  const body = JSON.stringify(deliveryFacts(delivery));
  const id = delivery.entry.idempotencyKey;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.any([timeout, signal]),
      headers: {
        "content-type": "application/json",
        "user-agent": "mailonce",
        "idempotency-key": id,
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        ...(secret === null ? {} : { "webhook-signature": webhookSignature(secret, id, timestamp, body) }),
      },
      body,
    });
    // What it says besides concerns nobody.
    await response.body?.cancel();
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted)
      throw new DeliveryError("timeout", `no answer within ${Math.round(timeoutMs / 1000)} seconds`);
    const cause = error instanceof Error ? error.cause : null;
    throw new DeliveryError("connection", `cannot be reached (${text(cause, "code") || "no connection"})`);
  }
  if (response.ok) return;
  const { status } = response;
  const retryAfterMs = retryAfter(response.headers.get("retry-after"));
  throw new DeliveryError("http-status", `answered with status ${status}`, {
    retryAfterMs,
    isFinal: status === 410,
  });
}

/** `v1,` and the HMAC-SHA-256 over `ID.TIMESTAMP.BODY` in base64. */
export function webhookSignature(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** Seconds, or a date (RFC 9110 section 10.2.3). */
function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_DELIVERY_WAIT_MS);
}
