import {
  Sandbox,
  SandboxError,
  Superserve,
  Template,
  type Hooks,
  type Logger,
  type RequestErrorEvent,
  type RequestEvent,
  type ResponseEvent,
  type RetryEvent,
  type RetryOptions,
  type TransportOptions,
} from "@superserve/sdk";

/** Lists every option: one that is missing here or unknown there does not compile. */
export function everyOption(): unknown[] {
  const retry: Required<RetryOptions> = { attempts: 5, maxDelayMs: 100, retryOn: [429] };
  const hooks: Required<Hooks> = {
    onRequest: (event) => exactly<RequestEvent>()(event),
    onResponse: (event) => exactly<ResponseEvent>()(event),
    onRetry: async (event) => exactly<RetryEvent>()(event),
    onError: (event) => exactly<RequestErrorEvent>()(event),
  };
  const logger: Required<Logger> = { debug() {}, info() {}, warn: (line: string) => line, error() {} };
  const transport: Required<TransportOptions> = {
    fetch: async (url: string) => url,
    webSocket: class {
      constructor(
        readonly url: string,
        readonly protocols: string[],
      ) {}
    },
    headers: { "x-team": "search" },
    retry,
    hooks,
    logger,
  };
  const others: TransportOptions = { retry: false, logger: "debug" };
  return [transport, others];
}

export async function connection(): Promise<void> {
  const superserve = new Superserve({ apiKey: "ss_live_x", timeoutMs: 1000, retry: false });
  exactly<Sandbox>()(await superserve.Sandbox.create({ name: "types" }));
  exactly<Template>()(await superserve.Template.connect("types"));
  new Superserve();
  // @ts-expect-error a connection has no end
  new Superserve({ signal: new AbortController().signal });
  // @ts-expect-error no such level
  new Superserve({ logger: "loud" });
  // @ts-expect-error false, or options
  new Superserve({ retry: true });
  try {
    await superserve.Sandbox.list({ headers: { a: "b" } });
  } catch (error) {
    if (!SandboxError.is(error)) throw error;
    exactly<number | undefined>()(error.attempts);
    exactly<boolean | undefined>()(error.mayHaveRun);
  }
}
