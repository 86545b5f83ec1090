import {
  Sandbox,
  Superserve,
  type ConnectionOptions,
  type Hooks,
  type Logger,
  type RequestErrorEvent,
  type RequestEvent,
  type ResponseEvent,
  type RetryEvent,
  type RetryOptions,
  type TransportOptions,
} from "@superserve/sdk";

const hooks: Required<Hooks> = {
  onRequest: (event) => exactly<RequestEvent>()(event),
  onResponse: (event) => exactly<ResponseEvent>()(event),
  onRetry: (event) => exactly<RetryEvent>()(event),
  onError: (event) => exactly<RequestErrorEvent>()(event),
};
const retry: Required<RetryOptions> = { attempts: 3, maxDelayMs: 1000, retryOn: [429, 503] };

/** Every option of how requests are made: one that is missing here or unknown there does not compile. */
export const transport: Required<TransportOptions> = {
  fetch: globalThis.fetch,
  webSocket: class {},
  headers: { "x-gateway": "eu" },
  retry,
  hooks,
  logger: "warn",
};

/** The same of a connection. */
export const connectionWith = (signal: AbortSignal): Required<ConnectionOptions> => ({
  ...transport,
  signal,
  timeoutMs: 1000,
  apiKey: "ss_live_x",
  machineCredential: "machine",
  baseUrl: "https://api.superserve.ai",
  sandboxUrl: "https://sandbox.example.com",
});

export async function defaults(): Promise<void> {
  const logger: Logger = { debug: (message, event) => void [message.length, event.id], error: () => {} };
  const service = new Superserve({ retry: false, hooks, logger, timeoutMs: 5000 });
  exactly<Sandbox>()(await service.Sandbox.create({ name: "types" }));
  exactly<typeof Sandbox>()(service.Sandbox);
  await service.Template.list();
  await Sandbox.list({ logger: "debug", retry: { attempts: 1 } });
}

export function mistakes(): unknown[] {
  return [
    // @ts-expect-error no such level
    new Superserve({ logger: "loud" }),
    // @ts-expect-error a number of attempts
    new Superserve({ retry: { attempts: "3" } }),
    // @ts-expect-error only `false` is none
    new Superserve({ retry: true }),
    // @ts-expect-error headers are texts
    new Superserve({ headers: { "x-count": 1 } }),
    // @ts-expect-error no such hook
    new Superserve({ hooks: { onWake: () => {} } }),
  ];
}
