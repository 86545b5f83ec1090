// Async context: what a call does happens in the context of who made it.

import {
  FRESH,
  ID,
  KEY,
  TOKEN,
  event,
  finished,
  json,
  noContent,
  result,
  streamOf,
  wireSandbox,
} from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const needs = "asyncLocalStorage";
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("every fetch of two concurrent calls sees its own store", { needs }, async (ctx) => {
    const { assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    const seen = [];
    const { sandbox } = await stubbedSandbox(ctx, async (call) => {
      seen.push([new URL(call.url).searchParams.get("path") ?? "activate", store.getStore()]);
      await pause(seen.length % 3);
      return new Response("ok");
    });
    const flow = (name) =>
      store.run(name, async () => {
        for (const step of [1, 2, 3]) {
          await sandbox.files.readText(`/${name}/${step}`);
          assert.equal(store.getStore(), name, "after the await");
        }
      });
    await Promise.all([flow("a"), flow("b")]);
    assert.equal(seen.length, 6);
    for (const [path, name] of seen) assert.equal(path.split("/")[1], name);
  });

  test("fifty concurrent calls of three fetches, retries included", {
    needs,
    timeoutMs: 30_000,
  }, async (ctx) => {
    const { assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    const attempts = new Map();
    const wrong = [];
    let fetches = 0;
    const { sandbox } = await stubbedSandbox(ctx, async (call) => {
      const path = new URL(call.url).searchParams.get("path");
      fetches += 1;
      if (store.getStore() !== path) wrong.push([path, store.getStore()]);
      await pause((fetches * 13) % 7);
      const attempt = (attempts.get(path) ?? 0) + 1;
      attempts.set(path, attempt);
      if (attempt === 1) return new Response(null, { status: 502, headers: { "retry-after": "0" } });
      if (attempt === 2) throw new TypeError("fetch failed");
      return new Response("ok");
    });
    const all = Array.from({ length: 50 }, (_, i) =>
      store.run(`/${i}`, async () => {
        assert.equal(await sandbox.files.readText(`/${i}`), "ok");
        assert.equal(store.getStore(), `/${i}`, "after the await");
      }),
    );
    await Promise.all(all);
    assert.equal(fetches, 150);
    assert.deepEqual(wrong, [], "fetches in a wrong context");
  });

  test("the retry after a shared renewal is each caller's own", { needs }, async (ctx) => {
    const { assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    const seen = [];
    const { sandbox } = await stubbedSandbox(ctx, async (call, index) => {
      const name = store.getStore();
      if (call.url.endsWith("/activate")) {
        seen.push(["activate", name]);
        await pause(20);
        return json(200, wireSandbox({ access_token: FRESH }));
      }
      const path = new URL(call.url).searchParams.get("path");
      seen.push([path, name]);
      await pause(index % 5);
      return call.headers["x-access-token"] === TOKEN
        ? new Response("stale", { status: 401 })
        : new Response("ok");
    });
    const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
    await Promise.all(
      paths.map((path) =>
        store.run(path, async () => {
          assert.equal(await sandbox.files.readText(path), "ok");
          assert.equal(store.getStore(), path);
        }),
      ),
    );
    const activates = seen.filter(([path]) => path === "activate");
    assert.equal(activates.length, 1);
    assert.ok(paths.includes(activates[0][1]), "the renewal runs in the context of one who needs it");
    for (const [path, name] of seen) if (path !== "activate") assert.equal(name, path);
  });

  test("the polls of a resuming sandbox too", { needs, timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    const polls = new Map();
    const wrong = [];
    stubFetch(ctx, async (call) => {
      const [, , id, tail] = new URL(call.url).pathname.split("/");
      if (store.getStore() !== id) wrong.push([call.url, store.getStore()]);
      await pause(1);
      if (tail === "activate") return json(409, { error: { code: "conflict", message: "resuming" } });
      polls.set(id, (polls.get(id) ?? 0) + 1);
      return json(200, wireSandbox({ id, status: polls.get(id) < 2 ? "resuming" : "active" }));
    });
    const ids = ["a", "b", "c", "d"];
    await Promise.all(
      ids.map((id) =>
        store.run(id, async () => {
          assert.equal((await sdk.Sandbox.connect(id, connection)).id, id);
          assert.equal(store.getStore(), id);
        }),
      ),
    );
    assert.deepEqual(wrong, [], "fetches in a wrong context");
  });

  test("callbacks of concurrent streams see their own store", { needs }, async (ctx) => {
    const { assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    const { sandbox } = await stubbedSandbox(ctx, (call) => {
      const texts = Array.from({ length: 10 }, (_, i) => event({ stdout: `${call.json.command}${i} ` }));
      const source = [...texts, finished()][Symbol.iterator]();
      return new Response(
        new ReadableStream({
          async pull(controller) {
            await pause(1);
            const { done, value } = source.next();
            if (done) controller.close();
            else controller.enqueue(new TextEncoder().encode(value));
          },
        }),
      );
    });
    const run = (name) =>
      store.run(name, async () => {
        const seen = [];
        await sandbox.commands.run(name, { onStdout: (text) => seen.push([text[0], store.getStore()]) });
        assert.equal(store.getStore(), name);
        return seen;
      });
    for (const seen of await Promise.all(["a", "b", "c", "d", "e"].map(run))) {
      assert.equal(seen.length, 10);
      for (const [text, name] of seen) assert.equal(name, text);
    }
  });

  test("every method: fetch and what follows the await", { needs }, async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    for (const method of METHODS) {
      const seen = [];
      const { sandbox } = await stubbedSandbox(ctx, async () => {
        seen.push(store.getStore());
        await pause(1);
        return goodResponse(method);
      });
      const names = ["a", "b", "c"];
      const after = await Promise.all(
        names.map((name) =>
          store.run(name, async () => {
            await method.call({ sdk, sandbox, connection });
            return store.getStore();
          }),
        ),
      );
      assert.deepEqual(seen, names, `fetches of ${method.name}`);
      assert.deepEqual(after, names, `after ${method.name}`);
    }
  });

  test("callbacks of concurrent sessions see their own store", {
    needs: [needs, "websocket"],
  }, async (ctx) => {
    const { assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    const sandbox = await liveSandbox(ctx);
    const names = ["a", "b", "c", "d", "e"];
    const seen = await Promise.all(
      names.map((name) =>
        store.run(name, async () => {
          const stores = [];
          const onStdout = () => stores.push(store.getStore());
          const session = await sandbox.commands.spawn("for i in 1 2 3; do read l; echo $l; done", {
            onStdout,
          });
          for (const line of ["1\n", "2\n", "3\n"]) {
            session.stdin.write(line);
            await pause(10);
          }
          await session.wait();
          return [...new Set([...stores, store.getStore()])].join();
        }),
      ),
    );
    assert.deepEqual(seen, names);
  });

  test("a call made in a callback is in the callback's context", { needs }, async (ctx) => {
    const { assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    const seen = [];
    const { sandbox } = await stubbedSandbox(ctx, (call) => {
      seen.push(store.getStore());
      if (call.url.endsWith("/exec/stream")) return streamOf([event({ stdout: "x" }), finished()]);
      if (call.url.endsWith("/exec")) return json(200, result());
      return call.url.endsWith(ID) ? json(200, wireSandbox()) : noContent();
    });
    await store.run("outer", async () => {
      const inner = [];
      await sandbox.commands.run("x", {
        onStdout() {
          inner.push(store.run("inner", () => sandbox.commands.run("y")));
          inner.push(sandbox.getInfo());
        },
      });
      await Promise.all(inner);
    });
    assert.deepEqual(seen, ["outer", "inner", "outer"]);
  });
}
