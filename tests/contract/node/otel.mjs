// `@superserve/sdk/otel` with the real SDK of OpenTelemetry: spans under the right parents, measurements, and no secrets in
// either.

import { context, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { ID, KEY, TOKEN, failure, finished, json, wireSandbox } from "../support/fixtures.mjs";
import { live } from "../support/live.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { VALUE } from "../support/secrets.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const BASE = "http://localhost:9";
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The entry in the form in which the package under test was loaded. */
async function entryOf({ sdkPath }) {
  if (sdkPath.endsWith(".cjs")) return createRequire(sdkPath)("@superserve/sdk/otel");
  return import(pathToFileURL(join(dirname(sdkPath), "node_modules/@superserve/sdk/dist/otel.js")).href);
}

/** The SDK with exporters in memory, as a program registers it, until the test ends. */
function register(ctx) {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(meters);
  ctx.defer(async () => {
    trace.disable();
    context.disable();
    metrics.disable();
    await Promise.all([provider.shutdown(), meters.shutdown()]);
  });
  return {
    tracer: provider.getTracer("test"),
    /** The spans of the package, in the order in which they ended. */
    spans: () =>
      exporter
        .getFinishedSpans()
        .filter(({ instrumentationScope }) => instrumentationScope.name === "@superserve/sdk"),
    async points() {
      await reader.forceFlush();
      const all = measured.getMetrics().at(-1)?.scopeMetrics ?? [];
      return all.flatMap((scope) => scope.metrics);
    },
    meters,
    provider,
  };
}

/** Numbers of a region's sandboxes. */
const idOf = (number) => `${ID.slice(0, -4)}${String(number).padStart(4, "0")}`;

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("fifty calls at once: each span under the span of its own caller", {
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { sdk, assert } = ctx;
    const { tracer, spans } = register(ctx);
    const hooks = (await entryOf(ctx)).instrument();
    const reads = new Map();
    let answered = 0;
    stubFetch(ctx, async (call) => {
      // Answers come in another order than the requests.
      await new Promise((resolve) => setTimeout(resolve, (++answered * 13) % 7));
      const [, id] = /sandboxes\/([\w-]+)/.exec(call.path) ?? [];
      if (id) return json(200, wireSandbox({ id, access_token: `tok_${answered}` }));
      const path = new URL(call.url).searchParams.get("path");
      const count = (reads.get(path) ?? 0) + 1;
      reads.set(path, count);
      if (count === 1) return failure(401, "unauthorized", "the sandbox sleeps");
      return count === 2 ? failure(502, "bad_gateway", "try again") : new Response("content");
    });
    const parents = new Map();
    const flow = (number) =>
      tracer.startActiveSpan(`flow ${number}`, async (span) => {
        const id = idOf(number);
        parents.set(id, span.spanContext());
        const sandbox = await sdk.Sandbox.connect(id, { apiKey: KEY, baseUrl: BASE, hooks });
        assert.equal(await sandbox.files.readText(`/${number}`), "content");
        span.end();
      });
    await Promise.all(Array.from({ length: 50 }, (_, number) => flow(number)));

    assert.equal(spans().length, 250, "a span for each request");
    for (const [id, { traceId, spanId }] of parents) {
      const own = spans().filter(({ attributes }) => attributes["superserve.sandbox.id"] === id);
      const told = own.map(({ name, attributes }) => [
        name,
        attributes["http.response.status_code"],
        attributes["http.request.resend_count"] ?? 0,
      ]);
      assert.deepEqual(told.slice(-4), [
        ["GET /files", 401, 0],
        ["POST /sandboxes/{id}/activate", 200, 0],
        ...told.slice(-2),
      ]);
      assert.deepEqual(
        told.slice(-2).map(([name, status]) => [name, status]),
        [
          ["GET /files", 502],
          ["GET /files", 200],
        ],
      );
      assert.ok(told.at(-1)[2] >= 1, "a further attempt says so");
      for (const span of own) {
        assert.equal(span.spanContext().traceId, traceId, `${span.name} of ${id}`);
        assert.equal(span.parentSpanContext?.spanId, spanId, `${span.name} of ${id}`);
      }
    }
  });

  test("what a span and a measurement say", async (ctx) => {
    const { sdk, assert } = ctx;
    const { spans, points } = register(ctx);
    const hooks = (await entryOf(ctx)).instrument();
    stubFetch(ctx, (call) =>
      call.method === "DELETE" ? failure(409, "conflict", "no") : json(201, wireSandbox()),
    );
    const connection = { apiKey: KEY, hooks };
    await sdk.Sandbox.create({ name: "spans", ...connection, baseUrl: "https://api.superserve.ai" });
    await assert.rejects(
      () => sdk.Template.deleteById("x", { ...connection, baseUrl: BASE }),
      sdk.ConflictError,
    );
    const [create, remove] = spans();
    const common = { "rpc.system": "superserve" };
    assert.equal(create.name, "POST /sandboxes");
    assert.equal(create.kind, SpanKind.CLIENT);
    assert.equal(create.status.code, SpanStatusCode.UNSET);
    assert.equal(create.parentSpanContext, undefined, "none above it");
    assert.equal(create.instrumentationScope.name, "@superserve/sdk");
    assert.match(create.instrumentationScope.version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(sorted(create.attributes), {
      ...common,
      "http.request.method": "POST",
      "http.response.status_code": 201,
      "rpc.method": "create",
      "rpc.service": "Sandbox",
      "server.address": "api.superserve.ai",
      "server.port": 443,
      "url.template": "/sandboxes",
    });
    assert.equal(remove.status.code, SpanStatusCode.ERROR);
    assert.deepEqual(sorted(remove.attributes), {
      ...common,
      "error.type": "409",
      "http.request.method": "DELETE",
      "http.response.status_code": 409,
      "rpc.method": "deleteById",
      "rpc.service": "Template",
      "server.address": "localhost",
      "server.port": 9,
      "url.template": "/templates/{nameOrId}",
    });

    const [metric, ...others] = await points();
    assert.deepEqual(others, []);
    assert.equal(metric.descriptor.name, "http.client.request.duration");
    assert.equal(metric.descriptor.unit, "s");
    assert.equal(metric.dataPoints.length, 2);
    for (const { value, attributes } of metric.dataPoints) {
      assert.deepEqual(value.buckets.boundaries, BUCKETS);
      assert.equal(value.count, 1);
      assert.ok(value.sum >= 0 && value.sum < 5, `${value.sum} s`);
      assert.equal(Object.keys(attributes).filter((name) => /rpc|superserve/.test(name)).length, 0);
    }
    const [, ofRemove] = metric.dataPoints;
    assert.deepEqual(sorted(ofRemove.attributes), {
      "error.type": "409",
      "http.request.method": "DELETE",
      "http.response.status_code": 409,
      "server.address": "localhost",
      "server.port": 9,
      "url.template": "/templates/{nameOrId}",
    });
  });

  test("requests without an answer", async (ctx) => {
    const { sdk, assert } = ctx;
    const { spans, points } = register(ctx);
    const hooks = (await entryOf(ctx)).instrument();
    const { sandbox } = await stubbedSandbox(
      ctx,
      (call) => {
        if (call.method === "GET") return hang(call);
        throw new TypeError("no route");
      },
      { options: { hooks } },
    );
    await assert.rejects(() => sandbox.commands.run("true"), sdk.SandboxError);
    const controller = new AbortController();
    const hanging = sdk.Sandbox.list({ apiKey: KEY, baseUrl: BASE, hooks, signal: controller.signal });
    controller.abort();
    await assert.rejects(() => hanging, sdk.SandboxError);
    const [created, ...lost] = spans();
    assert.equal(created.name, "POST /sandboxes");
    for (const span of lost) {
      assert.equal(span.status.code, SpanStatusCode.ERROR, span.name);
      assert.equal("http.response.status_code" in span.attributes, false);
    }
    const types = lost.map(({ attributes }) => attributes["error.type"]);
    assert.deepEqual([...new Set(types)].sort(), ["aborted", "network_error"]);
    const [{ dataPoints }] = await points();
    assert.equal(
      dataPoints.reduce((sum, { value }) => sum + value.count, 0),
      spans().length,
    );
  });

  test("a sandbox's own host is no measurement of its own", async (ctx) => {
    const { assert } = ctx;
    const { points, spans } = register(ctx);
    const { onRequest, onResponse } = (await entryOf(ctx)).instrument();
    for (let number = 1; number <= 20; number += 1) {
      const sandboxId = idOf(number);
      const event = {
        ...{ id: number, callId: number, operation: "Commands.spawn", method: "GET", path: "/exec/connect" },
        ...{ origin: `wss://boxd-${sandboxId}.sandbox.superserve.ai`, sandboxId, attempt: 1 },
      };
      onRequest(event);
      onResponse({ ...event, status: 101, durationMs: 20 });
    }
    const [{ dataPoints }] = await points();
    assert.equal(dataPoints.length, 1);
    assert.equal(dataPoints[0].attributes["server.address"], "boxd-{id}.sandbox.superserve.ai");
    assert.equal(dataPoints[0].attributes["server.port"], 443);
    assert.equal(dataPoints[0].value.count, 20);
    assert.ok(Math.abs(dataPoints[0].value.sum - 0.4) < 1e-9, "seconds");
    assert.equal(spans()[0].attributes["server.address"], `boxd-${idOf(1)}.sandbox.superserve.ai`);
  });

  test("providers of the program's own, and none at all", async (ctx) => {
    const { sdk, assert } = ctx;
    const { instrument } = await entryOf(ctx);
    const early = instrument();
    stubFetch(ctx, () => json(200, []));
    const list = (hooks) => sdk.Sandbox.list({ apiKey: KEY, baseUrl: BASE, hooks });
    await list(early);
    const { spans, points, provider, meters } = register(ctx);
    await list(early);
    assert.equal(spans().length, 1, "spans of hooks that were made before the provider");
    assert.equal((await points())[0].dataPoints[0].value.count, 1);
    trace.disable();
    metrics.disable();
    await list(instrument({ tracerProvider: provider, meterProvider: meters }));
    assert.equal(spans().length, 2);
    assert.equal((await points())[0].dataPoints[0].value.count, 2);
  });

  test("real calls: retries, streams and sessions", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const { tracer, spans } = register(ctx);
    const hooks = (await entryOf(ctx)).instrument();
    await tracer.startActiveSpan("program", async (span) => {
      const sandbox = await sdk.Sandbox.create({ ...live(ctx), name: "traced", hooks });
      ctx.defer(() => sdk.Sandbox.killById(sandbox.id, live(ctx)));
      await sandbox.commands.run("echo a", { onStdout() {} });
      await sandbox.pause();
      await sandbox.commands.run("echo b");
      const session = await sandbox.commands.spawn("cat");
      session.stdin.close();
      await session.wait();
      span.end();
      const names = spans().map(({ name }) => name);
      for (const name of ["POST /sandboxes", "POST /exec/stream", "POST /exec", "GET /exec/connect"]) {
        assert.ok(names.includes(name), `${name} in ${names}`);
      }
      assert.ok(names.includes("POST /sandboxes/{id}/activate"), `a wake-up in ${names}`);
      for (const one of spans()) {
        assert.equal(one.parentSpanContext?.spanId, span.spanContext().spanId, one.name);
      }
    });
  });

  test("no key, token or body is in a span or a measurement", async (ctx) => {
    const { sdk, assert } = ctx;
    const { spans, points } = register(ctx);
    const hooks = (await entryOf(ctx)).instrument();
    const connection = { apiKey: KEY, baseUrl: BASE, hooks, retry: false };
    for (const method of METHODS) {
      for (const answer of [
        () => goodResponse(method),
        () => failure(500, TOKEN, `${KEY} ${TOKEN}`),
        broken,
      ]) {
        const { sandbox } = await stubbedSandbox(ctx, answer, { options: { hooks, retry: false } });
        await Promise.resolve(method.call({ sdk, sandbox, connection })).catch(() => {});
      }
    }
    const own = ["a command's secret text", "a file's secret text", "secret-metadata"];
    const { sandbox } = await stubbedSandbox(
      ctx,
      () => new Response(finished({ stdout: own[0] }), { headers: { "content-type": "text/event-stream" } }),
      { options: { hooks, metadata: { tag: own[2] } } },
    );
    await sandbox.commands.run(own[0], { onStdout() {}, env: { A: own[1] } }).catch(() => {});
    await sandbox.files.write("/a", own[1]).catch(() => {});
    assert.ok(spans().length > METHODS.length, `${spans().length} spans`);
    const exported = JSON.stringify([
      spans().map(({ name, attributes, status, events, links, resource }) => [
        ...[name, attributes, status, events, links, resource.attributes],
      ]),
      await points(),
    ]);
    for (const secret of [KEY, TOKEN, VALUE, ...own]) {
      assert.excludes(exported, secret, secret);
    }
  });
}

/** A network that fails with everything in its words. */
function broken() {
  throw new TypeError(`connect ${KEY} ${TOKEN}`);
}

/** Its members by their names. @param {object} attributes */
const sorted = (attributes) =>
  Object.fromEntries(Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1)));
