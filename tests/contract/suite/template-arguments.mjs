// What a template refuses before any request, and what it sends.

import { KEY, json, noContent } from "../support/fixtures.mjs";
import { stubFetch } from "../support/stub-fetch.mjs";
import {
  BUILD_ID,
  PATHS,
  TEMPLATE_ID,
  stubbedTemplate,
  wireBuild,
  wireCreated,
} from "../support/templates.mjs";
import { wireTemplate } from "../support/templates.mjs";
import {
  Mine,
  NOT_COUNTS,
  NOT_OPTIONS,
  NOT_STRINGS,
  NOT_TIMEOUTS,
  withoutNull,
} from "../support/wrong-values.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const valid = { ...connection, name: "fixture", from: "debian:12" };
const NOT_FUNCTIONS = [0, 1, true, "text", {}, [], Symbol("x"), 5n];

/** Every option set is refused by `call`, and no request is made. */
async function refuses({ sdk, assert }, calls, call, optionSets) {
  for (const options of optionSets) {
    const what = assert.show(options);
    await assert.rejects(() => call(options), sdk.ValidationError, what);
    assert.equal(calls.length, 0, `requests for ${what}`);
  }
}

const each = (name, values) => values.map((value) => ({ [name]: value }));

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a create as it is sent", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(202, wireCreated()));
    const steps = [
      { run: "echo 1" },
      { env: { key: "A", value: "" } },
      { workdir: "app" },
      { user: { name: "dev" } },
      { user: { name: "root", sudo: true } },
      { user: { name: "low", sudo: false } },
    ];
    await sdk.Template.create({
      ...valid,
      vcpu: 4,
      memoryMib: 256,
      diskMib: 8192,
      steps,
      startCmd: "serve",
      readyCmd: "probe",
    });
    assert.equal(calls[0].method, "POST");
    assert.equal(calls[0].path, "/templates");
    assert.equal(calls[0].headers["x-api-key"], KEY);
    assert.deepEqual(calls[0].json, {
      name: "fixture",
      vcpu: 4,
      memory_mib: 256,
      disk_mib: 8192,
      build_spec: { from: "debian:12", steps, start_cmd: "serve", ready_cmd: "probe" },
    });
    await sdk.Template.create(valid);
    assert.deepEqual(calls[1].json, { name: "fixture", build_spec: { from: "debian:12" } }, "the least");
    await sdk.Template.create({ ...valid, steps: [], vcpu: undefined, startCmd: undefined });
    assert.deepEqual(calls[2].json.build_spec.steps ?? [], [], "no steps");
  });

  test("a step that sets none or several is named by its index", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(202, wireCreated()));
    const env = { key: "A", value: "b" };
    const user = { name: "dev" };
    const wrong = [
      {},
      { unknown: "x" },
      { run: undefined },
      { run: "a", workdir: "/b" },
      { run: "a", env },
      { env, user },
      { workdir: "/b", user },
      { run: "a", env, workdir: "/b", user },
    ];
    for (const step of wrong) {
      for (const index of [0, 1, 12]) {
        const steps = [...Array(index).fill({ run: "true" }), step, { run: "true" }];
        const what = `${assert.show(step)} at ${index}`;
        const error = await assert.rejects(
          () => sdk.Template.create({ ...valid, steps }),
          sdk.ValidationError,
          what,
        );
        assert.match(error.message, new RegExp(`steps\\[${index}\\]|step ${index}\\b`), what);
      }
    }
    assert.equal(calls.length, 0, "requests");
    await sdk.Template.create({ ...valid, steps: [{ run: "a", env: undefined, workdir: undefined }] });
    assert.deepEqual(calls[0].json.build_spec.steps, [{ run: "a" }], "undefined is not set");
  });

  test("steps of a wrong type", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(202, wireCreated()));
    const create = (options) => sdk.Template.create({ ...valid, ...options });
    await refuses(ctx, calls, create, each("steps", [0, true, "run", {}, { 0: { run: "a" } }, new Set()]));
    const steps = [
      ...[null, undefined, 0, "run", true, [], ["run"], () => {}, Symbol("x"), 5n],
      ...each("run", ["", ...NOT_STRINGS]),
      ...each("workdir", ["", ...NOT_STRINGS]),
      ...each("env", [null, "A=b", 1, [], {}, { key: "A" }, { value: "b" }, { key: "", value: "b" }]),
      ...each("env", [
        { key: 1, value: "b" },
        { key: "A", value: 1 },
        { key: "A", value: null },
      ]),
      ...each("user", [null, "dev", 1, [], {}, { name: "" }, { name: 1 }, { sudo: true }]),
      ...each("user", [
        { name: "dev", sudo: "yes" },
        { name: "dev", sudo: 1 },
      ]),
    ];
    for (const step of steps) {
      const what = assert.show(step);
      const wrong = () => create({ steps: [{ run: "true" }, step] });
      await assert.rejects(wrong, sdk.ValidationError, what);
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("name and from", async (ctx) => {
    const calls = stubFetch(ctx, () => json(202, wireCreated()));
    const create = (options) => ctx.sdk.Template.create({ ...valid, ...options });
    const bad = ["", undefined, ...NOT_STRINGS];
    const optional = withoutNull(NOT_STRINGS);
    await refuses(ctx, calls, create, [...each("name", bad), ...each("from", bad)]);
    await refuses(ctx, calls, create, each("name", ["a".repeat(129)]));
    await refuses(ctx, calls, create, [...each("startCmd", optional), ...each("readyCmd", optional)]);
    await refuses(ctx, calls, (options) => ctx.sdk.Template.create(options), [undefined, ...NOT_OPTIONS]);
  });

  test("resource numbers outside the documented limits", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(202, wireCreated()));
    const create = (options) => sdk.Template.create({ ...valid, ...options });
    const limits = { vcpu: [1, 4], memoryMib: [256, 4096], diskMib: [1024, 8192] };
    for (const [option, [least, most]] of Object.entries(limits)) {
      const outside = [0, least - 1, most + 1, least + 0.5, -least, 2 ** 32 + least, ...NOT_COUNTS];
      await refuses(ctx, calls, create, each(option, outside));
      const error = await assert.rejects(() => create({ [option]: most + 1 }), sdk.ValidationError);
      assert.match(error.message, new RegExp(option), "it names the option");
      for (const value of [least, most]) await create({ [option]: value });
      assert.equal(calls.splice(0).length, 2, `limits of ${option} are allowed`);
    }
  });

  test("a getter's throw is the caller's own", async (ctx) => {
    const calls = stubFetch(ctx, () => json(202, wireCreated()));
    const mine = new Mine("mine");
    const throwing = (name) =>
      Object.defineProperty({}, name, {
        enumerable: true,
        get() {
          throw mine;
        },
      });
    const givens = [
      ...["name", "from", "vcpu", "steps", "startCmd", "apiKey"].map(throwing),
      { steps: [throwing("run")] },
      { steps: [{ env: throwing("key") }] },
      { steps: [{ user: throwing("name") }] },
    ];
    for (const given of givens) {
      const options = Object.create(null, {
        ...Object.getOwnPropertyDescriptors(valid),
        ...Object.getOwnPropertyDescriptors(given),
      });
      ctx.assert.equal(await ctx.assert.rejects(() => ctx.sdk.Template.create(options)), mine);
    }
    ctx.assert.equal(calls.length, 0);
  });

  test("names, ids and options of the other methods", async (ctx) => {
    const { sdk, assert } = ctx;
    const { template, calls } = await stubbedTemplate(ctx, () => json(200, wireTemplate()));
    for (const value of ["", undefined, ...NOT_STRINGS]) {
      const what = assert.show(value);
      await assert.rejects(() => sdk.Template.connect(value, connection), sdk.ValidationError, what);
      await assert.rejects(() => sdk.Template.deleteById(value, connection), sdk.ValidationError, what);
      await assert.rejects(() => template.getBuild(value), sdk.ValidationError, what);
      await assert.rejects(() => template.cancelBuild(value), sdk.ValidationError, what);
    }
    const list = (options) => sdk.Template.list({ ...connection, ...options });
    await refuses(ctx, calls, list, each("namePrefix", withoutNull(NOT_STRINGS)));
    const limits = each("limit", [0, ...NOT_COUNTS]);
    await refuses(ctx, calls, (options) => template.listBuilds(options), limits);
    const logs = (options) => template.streamBuildLogs(options);
    await refuses(ctx, calls, logs, [
      undefined,
      {},
      ...each("onEvent", [null, ...NOT_FUNCTIONS]),
      null,
      ...NOT_OPTIONS,
    ]);
    const follow = (options) => logs({ onEvent() {}, ...options });
    await refuses(ctx, calls, follow, [
      ...each("buildId", withoutNull(NOT_STRINGS)),
      ...each("timeoutMs", NOT_TIMEOUTS),
    ]);
    const wait = (options) => template.waitUntilReady(options);
    await refuses(ctx, calls, wait, [
      ...NOT_OPTIONS,
      ...each("onLog", NOT_FUNCTIONS),
      ...each("timeoutMs", NOT_TIMEOUTS),
      ...each("pollIntervalMs", NOT_TIMEOUTS),
      ...each("signal", [1, "abort", {}, new AbortController()]),
    ]);
  });

  test("requests of the other methods", async (ctx) => {
    const { sdk, assert } = ctx;
    const replies = [];
    const { template, calls } = await stubbedTemplate(ctx, () => replies.shift());
    const sent = async (reply, call) => {
      replies.push(reply);
      await call();
      const { method, path, headers, init } = calls.at(-1);
      assert.equal(headers["x-api-key"], KEY);
      assert.equal(init.body, undefined, "no body");
      return `${method} ${path}`;
    };
    const one = () => json(200, wireTemplate());
    const build = () => json(200, wireBuild());
    const expected = [
      ["GET /templates/team%2Fa%20b", one(), () => sdk.Template.connect("team/a b", connection)],
      ["GET /templates", json(200, []), () => sdk.Template.list(connection)],
      [
        "GET /templates?name_prefix=a%2F%26b",
        json(200, []),
        () => sdk.Template.list({ ...connection, namePrefix: "a/&b" }),
      ],
      ["DELETE /templates/team%2Fa", noContent(), () => sdk.Template.deleteById("team/a", connection)],
      [`GET ${PATHS.template}`, one(), () => template.getInfo()],
      [`DELETE ${PATHS.template}`, noContent(), () => template.delete()],
      [`POST ${PATHS.builds}`, build(), () => template.rebuild()],
      [`GET ${PATHS.builds}`, json(200, []), () => template.listBuilds()],
      [`GET ${PATHS.builds}?limit=3`, json(200, []), () => template.listBuilds({ limit: 3 })],
      [`GET ${PATHS.build}`, build(), () => template.getBuild(BUILD_ID)],
      [`DELETE ${PATHS.build}`, noContent(), () => template.cancelBuild(BUILD_ID)],
      [`GET ${PATHS.builds}/..%2Fx`, build(), () => template.getBuild("../x")],
    ];
    for (const [request, reply, call] of expected) assert.equal(await sent(reply, call), request);
    assert.equal(calls.length, expected.length, "one request each");
  });

  test("answers become the documented objects", async (ctx) => {
    const { sdk, assert } = ctx;
    const full = {
      size_bytes: 7_000_000_000,
      error_message: "step_failed: x",
      built_at: "2026-08-01T12:30:00.5+02:00",
      latest_build_id: BUILD_ID,
      status: "a new status",
      unknown_field: 1,
    };
    stubFetch(ctx, () => json(200, [wireTemplate(full), wireTemplate({ vcpu: undefined, disk_mib: null })]));
    const [one, two] = await sdk.Template.list(connection);
    assert.deepEqual(one, {
      id: TEMPLATE_ID,
      name: "fixture",
      teamId: wireTemplate().team_id,
      status: "a new status",
      vcpu: 1,
      memoryMib: 1024,
      diskMib: 4096,
      sizeBytes: 7_000_000_000,
      errorMessage: "step_failed: x",
      createdAt: new Date("2026-08-01T12:00:00Z"),
      builtAt: new Date("2026-08-01T10:30:00.5Z"),
      latestBuildId: BUILD_ID,
    });
    assert.deepEqual([two.vcpu, two.diskMib], [0, 0], "absent numbers");
    assert.equal(two.builtAt, undefined);
  });

  test("an answer without what it must have names the field", async (ctx) => {
    const { sdk, assert } = ctx;
    let answer;
    const { template } = await stubbedTemplate(ctx, () => answer);
    const lacks = async (wire, field, call) => {
      answer = json(200, wire);
      const error = await assert.rejects(call, sdk.SandboxError, field);
      assert.match(error.message, new RegExp(`\\b${field}\\b`));
    };
    for (const field of ["id", "name", "status", "team_id", "created_at"]) {
      const wire = { [field]: undefined };
      await lacks(wireCreated(wire), field, () => sdk.Template.create(valid));
      await lacks(wireTemplate(wire), field, () => sdk.Template.connect("x", connection));
      await lacks([wireTemplate(), wireTemplate(wire)], field, () => sdk.Template.list(connection));
      await lacks(wireTemplate(wire), field, () => template.getInfo());
    }
    await lacks(wireCreated({ build_id: undefined }), "build_id", () => sdk.Template.create(valid));
    for (const field of ["id", "template_id", "status", "build_spec_hash", "created_at"]) {
      const wire = { [field]: undefined };
      await lacks(wireBuild(wire), field, () => template.rebuild());
      await lacks(wireBuild(wire), field, () => template.getBuild(BUILD_ID));
      await lacks([wireBuild(wire)], field, () => template.listBuilds());
    }
  });
}
