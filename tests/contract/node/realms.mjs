// The package in a realm of its own with the host's fetch, as test environments have it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import vm from "node:vm";

import { ID, KEY, event, finished, json, result, wireSandbox } from "../support/fixtures.mjs";

const HOST = { setTimeout, clearTimeout, TextDecoder, TextEncoder, AbortController, URL, process, console };
const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

/** The package in a new realm, whose `fetch` is `handler(path)` and answers with the host's objects. */
function load(ctx, handler, shared = {}) {
  const file = createRequire(ctx.sdkPath).resolve("@superserve/sdk");
  const module = { exports: {} };
  const requests = [];
  const fetch = async (url) => {
    const { pathname } = new URL(url);
    requests.push(pathname);
    return handler(pathname);
  };
  const realm = vm.createContext({ ...HOST, ...shared, fetch, module, exports: module.exports });
  vm.runInContext(readFileSync(file, "utf8"), realm, { filename: file });
  return { sdk: module.exports, requests, realm };
}

/** What a realm may have of the host's: nothing, or as Jest's does. */
const REALMS = {
  "all builtins its own": {},
  "the host's bytes": { Uint8Array, ArrayBuffer, Blob, Response, Request, Headers },
};

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const [name, shared] of Object.entries(REALMS)) {
    test(`${name}: answers of the host`, async (ctx) => {
      const { assert } = ctx;
      const { sdk, realm } = load(
        ctx,
        (path) => {
          if (path.endsWith("/activate")) return json(200, wireSandbox());
          if (path === "/files") return new Response("host's é漢");
          if (path === "/exec") return json(200, result({ stdout: "hi", exit_code: 3 }));
          return new Response(event({ stdout: "é漢" }) + finished(4));
        },
        shared,
      );
      assert.notEqual(vm.runInContext("Error", realm), Error, "the realm's own");
      const sandbox = await sdk.Sandbox.connect(ID, connection);
      assert.equal((await sandbox.commands.run("x")).exitCode, 3);
      const heard = [];
      const done = await sandbox.commands.run("x", { onStdout: (text) => heard.push(text) });
      assert.deepEqual([done.exitCode, heard.join()], [4, "é漢"]);
      assert.equal(await sandbox.files.readText("/a"), "host's é漢");
      assert.equal(new TextDecoder().decode(await sandbox.files.read("/a")), "host's é漢");
    });

    test(`${name}: errors of the host`, async (ctx) => {
      const { assert } = ctx;
      const outcome = async (answer, call) => {
        const { sdk, requests } = load(ctx, answer, shared);
        const error = await call(sdk.Sandbox).then(
          () => assert.fail("it did not reject"),
          (reason) => reason,
        );
        return { sdk, error, requests: requests.length };
      };
      const connect = (Sandbox) => Sandbox.connect(ID, connection);
      const list = (Sandbox) => Sandbox.list(connection);

      const refused = await outcome(
        () => json(409, { error: { code: "busy", message: "the reason" } }),
        connect,
      );
      assert.ok(refused.error instanceof refused.sdk.SandboxError, assert.show(refused.error));
      assert.deepEqual([refused.error.message, refused.error.code], ["the reason", "busy"]);

      const cause = Object.assign(new Error("connect ECONNREFUSED 192.0.2.1:443"), { code: "ECONNREFUSED" });
      const down = await outcome(() => Promise.reject(new TypeError("fetch failed", { cause })), connect);
      assert.equal(down.error.message, "Network error: fetch failed: connect ECONNREFUSED 192.0.2.1:443");

      const text = await outcome(() => new Response("not json"), list);
      assert.equal(text.error.code, "invalid_response");
      assert.equal(text.requests, 1, "requests");
    });
  }
}
