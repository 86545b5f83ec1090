// Requests as spans and measurements of OpenTelemetry, by its semantic conventions for HTTP clients and RPC.
import { context, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import version from "#version";

/** @import { Attributes, Context, Histogram, MeterProvider, Span } from "@opentelemetry/api" */
/** @import { InstrumentOptions } from "./otel.js" */
/** @import { RequestErrorEvent, RequestEvent, ResponseEvent } from "#types" */

const NAME = "@superserve/sdk";

/** In seconds, as the conventions have it. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** @param {InstrumentOptions} [options] */
export function instrument({ tracerProvider = trace, meterProvider } = {}) {
  const tracer = tracerProvider.getTracer(NAME, version);
  const duration = histogramOf(() => meterProvider ?? metrics.getMeterProvider());
  /** @type {Map<number, { span: Span, within: Context }>} What is under way, by the number of the request. */
  const open = new Map();

  /**
   * @param {RequestEvent & { durationMs: number }} event
   * @param {Attributes} outcome
   * @param {string | undefined} failure
   */
  function end(event, outcome, failure) {
    const { id, durationMs } = event;
    const known = open.get(id);
    open.delete(id);
    const attributes = failure === undefined ? outcome : { ...outcome, "error.type": failure };
    if (known) {
      known.span.setAttributes(attributes);
      if (failure !== undefined) known.span.setStatus({ code: SpanStatusCode.ERROR });
      known.span.end();
    }
    duration().record(durationMs / 1000, { ...measured(event), ...attributes }, known?.within);
  }

  return {
    /** @param {RequestEvent} event */
    onRequest(event) {
      const { id, operation, method, path, sandboxId, attempt } = event;
      const [service, name = ""] = operation.split(".");
      /** @type {Attributes} */
      const attributes = {
        "http.request.method": method,
        "url.template": path,
        ...placeOf(event.origin),
        "rpc.system": "superserve",
        "rpc.service": service,
        "rpc.method": name,
      };
      if (attempt > 1) attributes["http.request.resend_count"] = attempt - 1;
      if (sandboxId) attributes["superserve.sandbox.id"] = sandboxId;
      const active = context.active();
      const span = tracer.startSpan(`${method} ${path}`, { kind: SpanKind.CLIENT, attributes }, active);
      open.set(id, { span, within: trace.setSpan(active, span) });
    },
    /** @param {ResponseEvent} event */
    onResponse(event) {
      const { status } = event;
      end(event, { "http.response.status_code": status }, status >= 400 ? `${status}` : undefined);
    },
    /** @param {RequestErrorEvent} event */
    onError(event) {
      end(event, {}, event.code ?? event.name);
    },
  };
}

/**
 * The histogram of what is the provider at the time: a program may set its own after this was called.
 *
 * @param {() => MeterProvider} provider
 */
function histogramOf(provider) {
  /** @type {MeterProvider | undefined} */
  let last;
  /** @type {Histogram} */
  let histogram;
  return () => {
    const present = provider();
    if (present !== last) {
      last = present;
      histogram = present.getMeter(NAME, version).createHistogram("http.client.request.duration", {
        description: "Duration of HTTP client requests.",
        unit: "s",
        advice: { explicitBucketBoundaries: BUCKETS },
      });
    }
    return histogram;
  };
}

/**
 * What a measurement has of its request. Few requests may differ in it, so a host that has the sandbox's id in it is that of
 * all sandboxes.
 *
 * @param {RequestEvent} event
 * @returns {Attributes}
 */
function measured({ method, path, origin, sandboxId }) {
  const place = placeOf(origin);
  if (sandboxId) place["server.address"] = place["server.address"].replace(sandboxId, "{id}");
  return { "http.request.method": method, "url.template": path, ...place };
}

/** Where requests to an origin go. @param {string} origin */
function placeOf(origin) {
  const { protocol, hostname, port } = new URL(origin);
  const isSafe = protocol === "https:" || protocol === "wss:";
  return { "server.address": hostname, "server.port": Number(port) || (isSafe ? 443 : 80) };
}
