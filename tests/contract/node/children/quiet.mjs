// Every way to fail, at once and repeatedly, each promise handled once. Run with
// --unhandled-rejections=strict: whatever else rejects ends this process.

import { loadSdk } from "../load-sdk.mjs";

const { sdkPath } = JSON.parse(process.argv[2]);
const { Sandbox } = await loadSdk(sdkPath);
const connection = { apiKey: "k", baseUrl: "http://localhost:9" };
const wire = { id: "x", name: "x", status: "active", created_at: "2026-08-01T12:00:00Z", access_token: "t" };
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

let answer = () => new Response(JSON.stringify(wire), { status: 201 });
globalThis.fetch = async (url, init) => answer(url, init);
const sandbox = await Sandbox.create({ ...connection, name: "x" });

const text =
  (body, status = 200) =>
  () =>
    new Response(body, { status });
const events = 'data: {"stdout":"a","stderr":"b"}\n\n';
const hang = (url, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
const halfway = (url, { signal }) =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(events));
        signal.addEventListener("abort", () => controller.error(signal.reason));
      },
    }),
  );
const breaks = () =>
  new Response(
    new ReadableStream({
      pull(controller) {
        controller.error(new Error("broken"));
      },
    }),
  );
const boom = () => {
  throw new Error("boom");
};
const answers = [
  text("no", 400),
  text("no", 401),
  text("no", 503),
  text("{"),
  text(null, 204),
  text(events),
  text("", 302),
  boom,
  () => Promise.reject(new TypeError("fetch failed")),
  hang,
  halfway,
  breaks,
  () => undefined,
];

const failures = [];
const attempts = (signal) => [
  Sandbox.create({ ...connection, name: "x", signal }),
  Sandbox.list({ ...connection, signal }),
  Sandbox.connect("x", { ...connection, signal }),
  sandbox.getInfo({ signal, timeoutMs: 40 }),
  sandbox.resume({ signal }),
  sandbox.commands.run("x", { signal }),
  sandbox.commands.run("x", { signal, onStdout() {} }),
  sandbox.commands.run("x", { signal, onStdout: boom }),
  sandbox.commands.run("x", { signal, onStderr: boom }),
  sandbox.files.write("/a", "x", { signal }),
  sandbox.files.read("/a", { signal, timeoutMs: 40 }),
  sandbox.files.readText("/a", { signal, maxBytes: 1 }),
  Sandbox.create(),
  sandbox.files.read("relative"),
];
for (answer of answers) {
  for (const abortAfterMs of [0, 10, 100]) {
    const controller = new AbortController();
    const all = attempts(controller.signal).map((promise) => promise.catch((error) => failures.push(error)));
    await new Promise((resolve) => setTimeout(resolve, abortAfterMs));
    controller.abort();
    await Promise.all(all);
    await turn();
  }
}
console.log(`result ${JSON.stringify({ failures: failures.length })}`);
