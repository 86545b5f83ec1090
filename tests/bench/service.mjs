// What the service would answer, without a service.

export const API_KEY = "ss_live_0123456789abcdefghijklmnopqrstuv";

/** A sandbox as the control plane describes it. */
export function wireSandbox(index = 0) {
  const tail = index.toString(16).padStart(12, "0");
  return {
    id: `6f1c2a34-9b7e-4d05-8c21-${tail}`,
    name: `worker-${index}`,
    status: index % 3 === 0 ? "paused" : "active",
    vcpu_count: 2,
    memory_mib: 2048,
    created_at: new Date(1_785_000_000_000 + index * 1000).toISOString(),
    timeout_seconds: 3600,
    metadata: { owner: `user-${index % 50}`, env: index % 2 === 0 ? "prod" : "dev" },
    preview_access: "private",
  };
}

/** The same, as it answers a create: with a token. */
export function createdSandbox() {
  return { ...wireSandbox(1), access_token: "boxd_tok_0123456789abcdef0123456789abcdef" };
}

/** @param {BodyInit} body */
export function json(body, status = 200) {
  return new Response(body, { status, headers: { "content-type": "application/json" } });
}

/**
 * Answers `fetch` with `answer(url, init)` while `work` runs.
 *
 * @template Value
 * @param {typeof fetch} answer
 * @param {() => Promise<Value>} work
 */
export async function withFetch(answer, work) {
  const original = globalThis.fetch;
  globalThis.fetch = answer;
  try {
    return await work();
  } finally {
    globalThis.fetch = original;
  }
}

/**
 * A sandbox object of the given SDK, made on a stubbed `fetch`.
 *
 * @param {any} sdk
 */
export async function stubbedSandbox(sdk) {
  const body = JSON.stringify(createdSandbox());
  return withFetch(
    async () => json(body, 201),
    () => sdk.Sandbox.create({ name: "bench", apiKey: API_KEY }),
  );
}
