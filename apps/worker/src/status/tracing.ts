import type { AccountSettings } from "@mailonce/runtime/config";
import type { RunEnd, ServiceObserver } from "@mailonce/runtime/service";

type Api = typeof import("@opentelemetry/api");
type Span = import("@opentelemetry/api").Span;

/**
 * An observer that makes a span for each run by OpenTelemetry's API. The spans go nowhere unless an SDK is loaded as well
 * (`node --import …`). Null if the API is not installed.
 */
export async function traceRuns(): Promise<ServiceObserver | null> {
  try {
    return new Tracing(await import("@opentelemetry/api"));
  } catch {
    return null;
  }
}

class Tracing implements ServiceObserver {
  readonly #api: Api;
  readonly #spans = new Map<string, Span>();

  constructor(api: Api) {
    this.#api = api;
  }

  began({ account: { maildrop, host, port } }: AccountSettings) {
    const { SpanKind } = this.#api;
    const span = this.#api.trace.getTracer("mailonce-worker").startSpan("mailonce.run", {
      kind: SpanKind.CLIENT,
      attributes: { "mailonce.maildrop": maildrop, "server.address": host, "server.port": port },
    });
    this.#spans.set(maildrop, span);
  }

  ended({ account: { maildrop } }: AccountSettings, { result, report, octets }: RunEnd) {
    const span = this.#spans.get(maildrop);
    this.#spans.delete(maildrop);
    if (span === undefined) return;
    span.setAttributes({
      "mailonce.result": result.kind,
      "mailonce.stored": report.counts.stored,
      "mailonce.octets": octets,
      ...(report.error === null ? {} : { "error.type": report.error.code }),
    });
    if (report.error !== null)
      span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: report.error.message });
    span.end();
  }
}
