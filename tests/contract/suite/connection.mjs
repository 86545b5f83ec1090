// Options of the connection: what sends requests, with which headers, how often and for how long, and for whom.

import {
  FRESH,
  ID,
  KEY,
  TOKEN,
  failure,
  json,
  noContent,
  result,
  wireSandbox,
} from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { METHODS, goodResponse, routePath } from "../support/methods.mjs";
import { accept, stubSockets } from "../support/stub-socket.mjs";
import { hang, stubFetch } from "../support/stub-fetch.mjs";
import { RELAY, ticketOf } from "../support/tickets.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const MACHINE = "machine-credential-0123456789";
/** What a machine credential is good for. */
const GOOD = [
  /^(GET|POST) \/sandboxes$/,
  /^(GET|PATCH|DELETE) \/sandboxes\/[^/]+$/,
  /^POST \/sandboxes\/[^/]+\/(pause|resume|activate)$/,
];
const lowered = (headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** A `fetch` of a caller's own, and its calls. */
function ownFetch(respond) {
  const calls = [];
  const fetch = async (url, init) => {
    const call = { url, init, method: init.method, headers: lowered(init.headers) };
    calls.push(call);
    return respond(call, calls.length);
  };
  return { fetch, calls };
}

/** Fails the test if anything uses the global `fetch`. */
function noGlobalFetch(ctx) {
  const calls = stubFetch(ctx, () => failure(500, "c", "the global fetch"));
  return () => ctx.assert.deepEqual(calls, [], "requests by the global fetch");
}

/** Answers as the service does. */
const service = ({ url, method }) => {
  if (url.endsWith("/exec")) return json(200, result({ stdout: "hi" }));
  if (url.includes("/files")) return new Response("text");
  if (method === "DELETE") return noContent();
  return json(
    url.endsWith("/sandboxes") && method === "GET" ? 200 : 201,
    method === "GET" ? [] : wireSandbox(),
  );
};

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a fetch of one's own sends every request of a call and of the objects that it makes", async (ctx) => {
    const { sdk, assert } = ctx;
    const unused = noGlobalFetch(ctx);
    let asleep = true;
    const { fetch, calls } = ownFetch((call) => {
      if (call.url.endsWith("/exec") && asleep) return new Response("stale", { status: 401 });
      if (call.url.endsWith("/activate")) {
        asleep = false;
        return json(200, wireSandbox({ access_token: FRESH }));
      }
      return service(call);
    });
    const sandbox = await sdk.Sandbox.create({ ...connection, name: "x", fetch });
    assert.equal((await sandbox.commands.run("true")).stdout, "hi");
    assert.equal(await sandbox.files.readText("/a"), "text");
    await sandbox.kill();
    const seen = calls.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
    assert.deepEqual(seen, [
      "POST /sandboxes",
      "POST /exec",
      `POST /sandboxes/${ID}/activate`,
      "POST /exec",
      "GET /files",
      `DELETE /sandboxes/${ID}`,
    ]);
    unused();
    stubFetch(ctx, () => json(200, []));
    assert.deepEqual(await sdk.Sandbox.list(connection), [], "the next call is not the wiser");
    assert.equal(calls.length, seen.length);
  });

  test("what an aborted create brings is deleted by the same fetch", async (ctx) => {
    const { sdk, assert } = ctx;
    const unused = noGlobalFetch(ctx);
    const controller = new AbortController();
    let gone;
    const deleted = new Promise((resolve) => (gone = resolve));
    const { fetch } = ownFetch((call) => {
      if (call.method === "DELETE") {
        gone(call);
        return noContent();
      }
      controller.abort();
      return json(201, wireSandbox());
    });
    const create = () => sdk.Sandbox.create({ ...connection, name: "x", fetch, signal: controller.signal });
    const error = await assert.rejects(create, sdk.SandboxError);
    assert.equal(error.mayHaveRun, true);
    assert.equal((await deleted).url, `http://localhost:9/sandboxes/${ID}`);
    unused();
  });

  test("the runtime's own fetch, wrapped, against a real server", async (ctx) => {
    const { assert } = ctx;
    const { fetch: original } = globalThis;
    const urls = [];
    const fetch = (url, init) => {
      urls.push(url);
      return original(url, init);
    };
    const sandbox = await liveSandbox({ ...ctx, relay: undefined }, { fetch });
    assert.equal((await sandbox.commands.run("echo hi")).stdout, "hi\n");
    const streamed = [];
    await sandbox.commands.run("echo hi", { onStdout: (text) => streamed.push(text) });
    assert.equal(streamed.join(""), "hi\n");
    assert.equal(urls.length, 3);
  });

  test("headers join those of this package, on both planes, and none of its own is replaced", async (ctx) => {
    const { sdk, assert } = ctx;
    const { fetch, calls } = ownFetch(service);
    const headers = { "X-Team": "search", "cf-access-client-secret": "gateway-secret" };
    const sandbox = await sdk.Sandbox.create({ ...connection, name: "x", fetch, headers });
    await sandbox.commands.run("true");
    for (const call of calls) {
      assert.equal(call.headers["x-team"], "search", call.url);
      assert.equal(call.headers["cf-access-client-secret"], "gateway-secret", call.url);
      assert.equal(call.headers["content-type"], "application/json", call.url);
    }
    assert.equal(calls[0].headers["x-api-key"], KEY);
    assert.equal(calls[1].headers["x-access-token"], TOKEN);
  });

  test("headers that are none, or not a caller's, are refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const { fetch, calls } = ownFetch(service);
    const names = [
      ...["X-API-Key", "x-access-token", "Authorization", "proxy-authorization", "Cookie"],
      ...["X-QM-Machine-Credential", "X-Superserve-Sandbox-Id", "X-Superserve-Routing-Hint"],
      ...["Content-Type", "content-length", "User-Agent", "Range", "Prefer", "", "a b", "a:b", "a\n", "é"],
    ];
    const wrong = [...names.map((name) => ({ [name]: "x" })), { a: "x\r\ny: z" }, { a: "\0" }, { a: "漢" }];
    for (const headers of wrong) {
      const list = () => sdk.Sandbox.list({ ...connection, fetch, headers });
      const error = await assert.rejects(list, sdk.ValidationError, assert.show(headers));
      assert.equal(error.code, "invalid_argument");
      assert.equal(error.attempts, 0, "attempts");
      assert.throws(() => new sdk.Superserve({ headers }), sdk.ValidationError, assert.show(headers));
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("values of headers are in no error", async (ctx) => {
    const { sdk, assert } = ctx;
    const secret = "gateway-secret-0123";
    const { fetch } = ownFetch(() => new Response(`no: ${secret}`, { status: 500 }));
    const list = () => sdk.Sandbox.list({ ...connection, fetch, headers: { "x-gateway": secret } });
    const error = await assert.rejects(list, sdk.ServerError);
    assert.excludes(`${error.message} ${error.stack} ${JSON.stringify(error)}`, secret);
  });

  test("what is said of retries holds for what reads and deletes, and for nothing else", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const cases = [
      [false, 503, 1, 0],
      [{ attempts: 1 }, 503, 1, 0],
      [{ attempts: 5 }, 503, 5, 1500],
      [{ attempts: 5, maxDelayMs: 250 }, 503, 5, 800],
      // A timer of this clock takes a millisecond at least.
      [{ maxDelayMs: 0 }, 503, 3, 2],
      [{ retryOn: [500] }, 500, 3, 300],
      [{ retryOn: [500] }, 503, 1, 0],
      [{ retryOn: [] }, 503, 1, 0],
      [{ retryOn: [] }, "network", 3, 300],
      [undefined, 503, 3, 300],
    ];
    for (const [retry, status, expected, slept] of cases) {
      const { fetch, calls } = ownFetch(() => {
        if (status === "network") throw new TypeError("fetch failed");
        return failure(status, "c", "no");
      });
      const before = time.elapsed();
      const options = { ...connection, fetch, retry };
      const error = await time.run(sdk.Sandbox.list(options)).catch((reason) => reason);
      assert.equal(calls.length, expected, assert.show([retry, status]));
      assert.equal(Math.round(time.elapsed() - before), slept, `slept with ${assert.show([retry, status])}`);
      assert.equal(error.attempts, expected);
      calls.length = 0;
      await time.run(sdk.Sandbox.create({ ...options, name: "x" })).catch(() => {});
      assert.equal(calls.length, 1, `a create with ${assert.show([retry, status])}`);
    }
  });

  test("maxDelayMs is for what the service asks for, too", async (ctx) => {
    const { sdk } = ctx;
    const time = virtualTime(ctx);
    const { fetch } = ownFetch((_, n) =>
      n === 1 ? failure(429, "c", "later", { "retry-after": "20" }) : json(200, []),
    );
    await time.run(sdk.Sandbox.list({ ...connection, fetch, retry: { maxDelayMs: 1_000 } }));
    ctx.assert.equal(time.elapsed(), 1_000);
  });

  test("wrong options of a connection are refused, by calls and by Superserve", async (ctx) => {
    const { sdk, assert } = ctx;
    const { fetch, calls } = ownFetch(service);
    const wrong = {
      fetch: ["fetch", 5, {}],
      webSocket: ["WebSocket", {}],
      headers: ["a", [], 5, { a: 5 }, { a: null }],
      retry: [true, 5, "no", [], { attempts: 0 }, { attempts: 1.5 }, { attempts: 101 }, { maxDelayMs: -1 }],
      hooks: [() => {}, "x", [], { onRequest: 5 }, { onError: {} }],
      logger: ["loud", "", 5, { warn: "x" }, []],
      machineCredential: [5, {}],
      timeoutMs: [-1, "5"],
    };
    for (const status of [399, 600, 500.5, "500", undefined]) wrong.retry.push({ retryOn: [status] });
    wrong.retry.push({ retryOn: 500 });
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        const what = `${name}: ${assert.show(value)}`;
        await assert.rejects(
          () => sdk.Sandbox.list({ ...connection, fetch, [name]: value }),
          sdk.ValidationError,
          what,
        );
        assert.throws(() => new sdk.Superserve({ [name]: value }), sdk.ValidationError, what);
      }
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("a Superserve has the classes, whose calls start from its options", async (ctx) => {
    const { sdk, assert } = ctx;
    const unused = noGlobalFetch(ctx);
    const { fetch, calls } = ownFetch(service);
    const superserve = new sdk.Superserve({ ...connection, fetch, headers: { "x-a": "1", "x-b": "1" } });
    const { Sandbox } = superserve;
    // As programs hand them over.
    const { create, list } = Sandbox;
    const sandbox = await create({ name: "x", headers: { "X-B": "2" } });
    assert.ok(sandbox instanceof sdk.Sandbox, "an instance of the exported class");
    assert.ok(sandbox instanceof Sandbox, "an instance of its own");
    assert.equal(Sandbox.name, "Sandbox");
    await sandbox.commands.run("true");
    assert.deepEqual(await list(), []);
    assert.equal((await superserve.Template.list()).length, 0);
    const seen = calls.map(({ headers }) => [headers["x-a"], headers["x-b"]]);
    assert.deepEqual(seen, [
      ["1", "2"],
      ["1", "2"],
      ["1", "1"],
      ["1", "1"],
    ]);
    for (const name of ["Sandbox", "Snapshot", "Template", "Secret", "Provider"]) {
      assert.equal(superserve[name].name, name);
      assert.equal(typeof superserve[name].list, "function", `${name}.list`);
    }
    await Sandbox.list({ baseUrl: "http://localhost:8", apiKey: "another-key" });
    assert.equal(calls.at(-1).url, "http://localhost:8/sandboxes");
    assert.equal(calls.at(-1).headers["x-api-key"], "another-key");
    const other = new sdk.Superserve({ ...connection, apiKey: "second-key", fetch });
    await other.Sandbox.list();
    assert.equal(calls.at(-1).headers["x-api-key"], "second-key");
    await list();
    assert.equal(calls.at(-1).headers["x-api-key"], KEY, "the first goes on");
    unused();
  });

  test("every method of a class starts from them", async (ctx) => {
    const { sdk, assert } = ctx;
    const unused = noGlobalFetch(ctx);
    const ofClasses = METHODS.filter(({ name }) => /^[A-Z]/.test(name));
    assert.ok(ofClasses.length > 10, "methods of classes");
    for (const method of ofClasses) {
      const { fetch, calls } = ownFetch(() => goodResponse(method));
      const superserve = new sdk.Superserve({ ...connection, fetch });
      await method.call({ sdk: superserve, connection: {} });
      assert.equal(calls[0].headers["x-api-key"], KEY, method.name);
    }
    unused();
  });

  test("the time of a connection is for requests that have none of their own", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { fetch } = ownFetch((call) => (call.method === "POST" ? json(201, wireSandbox()) : hang(call)));
    const superserve = new sdk.Superserve({ ...connection, fetch, timeoutMs: 2_000 });
    const sandbox = await superserve.Sandbox.create({ name: "x" });
    const ended = async (call) => {
      const before = time.elapsed();
      await assert.rejects(() => time.run(call()), sdk.TimeoutError);
      return time.elapsed() - before;
    };
    assert.equal(await ended(() => sandbox.getInfo()), 2_000, "a method");
    assert.equal(await ended(() => superserve.Sandbox.list()), 2_000, "a method of the class");
    assert.equal(await ended(() => sandbox.getInfo({ timeoutMs: 500 })), 500, "one that says so itself");
    const own = await sdk.Sandbox.create({ ...connection, name: "x", fetch, timeoutMs: 1_000 });
    assert.equal(await ended(() => own.getInfo()), 30_000, "that of a call is the call's alone");
  });

  test("a WebSocket class of one's own dials every session", async (ctx) => {
    const { sdk, assert } = ctx;
    const sockets = stubSockets(ctx, accept);
    const { WebSocket: Own } = globalThis;
    globalThis.WebSocket = /** @type {any} */ (undefined);
    const { fetch } = ownFetch(service);
    const sandbox = await sdk.Sandbox.create({ ...connection, name: "x", fetch, webSocket: Own });
    const terminal = await sandbox.terminal();
    assert.equal(sockets[0].url, "ws://localhost:9/terminal");
    sockets[0].end(1000, "shell exited");
    await terminal.wait();
    const page = sdk.Sandbox.fromTicket(ticketOf(), { relayUrl: RELAY, webSocket: Own });
    await page.commands.spawn("x");
    assert.equal(sockets.length, 2);
  });

  test("a page's sandbox has all of it, for the renewal of its ticket, too", async (ctx) => {
    const { sdk, assert } = ctx;
    const unused = noGlobalFetch(ctx);
    const { fetch, calls } = ownFetch((call, n) =>
      n === 1 ? failure(401, "ticket_expired", "expired") : json(200, result({ stdout: "hi" })),
    );
    const events = [];
    const second = ticketOf({}, "second");
    const sandbox = sdk.Sandbox.fromTicket(ticketOf(), {
      relayUrl: RELAY,
      refreshTicket: async () => second,
      fetch,
      headers: { "x-csrf": "1" },
      hooks: { onRequest: ({ operation, path, origin }) => events.push([operation, path, origin]) },
    });
    assert.equal((await sandbox.commands.run("true")).stdout, "hi");
    assert.deepEqual(
      calls.map(({ headers }) => [headers.authorization, headers["x-csrf"]]),
      [
        [`Bearer ${ticketOf()}`, "1"],
        [`Bearer ${second}`, "1"],
      ],
    );
    const told = ["Commands.run", "/exec", new URL(RELAY).origin];
    assert.deepEqual(events, [told, told]);
    unused();
  });

  test("a machine credential goes where it may, and any other call is refused before a request", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const calls = [];
      const fetch = async (url, init) => {
        calls.push({ url, headers: lowered(init.headers) });
        return calls.length === 1 && method.name !== "Sandbox.create"
          ? json(201, wireSandbox())
          : goodResponse(method);
      };
      const own = { machineCredential: MACHINE, baseUrl: "http://localhost:9", fetch };
      const sandbox = await sdk.Sandbox.create({ ...own, name: "x" });
      const isGood = GOOD.some((request) => request.test(`${method.http} ${routePath(method)}`));
      const isOfSandbox = method.plane === "data";
      const before = calls.length;
      const error = await method.call({ sdk, sandbox, connection: own }).then(
        () => undefined,
        (reason) => reason,
      );
      for (const { headers } of calls) {
        assert.equal(headers["x-api-key"], undefined, method.name);
        const isData = headers["x-access-token"] !== undefined;
        assert.equal(headers["x-qm-machine-credential"], isData ? undefined : MACHINE, method.name);
      }
      if (isGood || isOfSandbox) {
        assert.equal(error, undefined, `${method.name}: ${error}`);
        assert.ok(calls.length > before, method.name);
      } else if (calls.length > before || error) {
        assert.isError(error, sdk.ValidationError, method.name);
        assert.equal(calls.length, before, `requests of ${method.name}`);
        assert.equal(error.attempts, 0);
        assert.equal(error.mayHaveRun, false);
      }
    }
  });

  test("a machine credential comes alone, and with a plain origin", async (ctx) => {
    const { sdk, assert } = ctx;
    const { fetch, calls } = ownFetch(service);
    const baseUrl = "http://localhost:9";
    const wrong = [
      { machineCredential: MACHINE },
      { machineCredential: MACHINE, baseUrl: " " },
      { machineCredential: MACHINE, baseUrl, apiKey: KEY },
      { machineCredential: MACHINE, baseUrl: "http://api.example.com" },
      { machineCredential: MACHINE, baseUrl: "https://api.example.com/v1" },
      { machineCredential: MACHINE, baseUrl: "https://user@api.example.com" },
      { machineCredential: MACHINE, baseUrl: "https://api.example.com?x" },
      { machineCredential: "mach\nine-secret-part", baseUrl },
      { machineCredential: "é-secret-part", baseUrl },
    ];
    for (const options of wrong) {
      const list = () => sdk.Sandbox.list({ ...options, fetch });
      const error = await assert.rejects(list, sdk.ValidationError, assert.show(options));
      for (const secret of [MACHINE, "secret-part", KEY]) assert.excludes(`${error.stack}`, secret);
    }
    assert.equal(calls.length, 0, "requests");
    await sdk.Sandbox.list({ machineCredential: MACHINE, baseUrl, fetch });
    assert.equal(calls[0].headers["x-qm-machine-credential"], MACHINE);
    const config = sdk.resolveConfig({ machineCredential: MACHINE, baseUrl });
    assert.excludes(JSON.stringify(config), MACHINE);
  });
}
