/**
 * Requests as spans and measurements of OpenTelemetry. It needs `@opentelemetry/api`, and the SDK that the program has
 * chosen.
 *
 * @example
 * ```typescript
 * import { Sandbox } from "@superserve/sdk"
 * import { instrument } from "@superserve/sdk/otel"
 *
 * const hooks = instrument()
 * const sandbox = await Sandbox.create({ name: "traced", hooks })
 * await sandbox.commands.run("make")
 * ```
 *
 * @packageDocumentation
 */
import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { Hooks } from "./index.js";

/** Options of {@link instrument}. */
export interface InstrumentOptions {
  /**
   * Where spans go.
   *
   * @defaultValue the global one
   */
  tracerProvider?: Pick<TracerProvider, "getTracer"> | undefined;
  /**
   * Where measurements go.
   *
   * @defaultValue the global one, whenever the program sets it
   */
  meterProvider?: MeterProvider | undefined;
}

/**
 * Makes hooks for the option `hooks` of a connection.
 *
 * Each request, a further attempt and a wake-up too, is a span of kind client in the async context of the call:
 * `POST /sandboxes/{id}/activate`, with `http.request.method`, `url.template`, `server.address`, `server.port`,
 * `http.response.status_code`, `http.request.resend_count`, `error.type`, `rpc.system` (`superserve`), `rpc.service`,
 * `rpc.method` and `superserve.sandbox.id`. It ends when the answer's status and headers are there. Its duration is
 * measured as `http.client.request.duration`, in seconds. No key, token, file or output is in either.
 *
 * A program that instruments `fetch` as well has two spans for a request.
 */
export declare function instrument(
  options?: InstrumentOptions,
): Required<Pick<Hooks, "onRequest" | "onResponse" | "onError">>;
