// Random calls with random arguments: whatever comes in, nothing traps, hangs or throws.

import { ID, KEY, json, noContent, result, wireSandbox } from "../support/fixtures.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import {
  Mine,
  NOT_COUNTS,
  NOT_LISTS,
  NOT_STRINGS,
  NOT_STRING_MAPS,
  circular,
  throwing,
} from "../support/wrong-values.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

export default function ({ test }) {
  test(
    "two thousand random calls: no trap, no hang, and the next call works",
    { timeoutMs: 60_000 },
    async (ctx) => {
      const { sdk, assert } = ctx;
      const { sandbox } = await stubbedSandbox(ctx, ({ url, method }) => {
        if (url.endsWith("/exec/stream")) return new Response('data: {"finished":true,"exit_code":0}\n\n');
        if (url.endsWith("/exec")) return json(200, result());
        if (method === "GET" && /sandboxes(\?|$)/.test(url)) return json(200, []);
        if (method === "DELETE" || method === "PATCH" || url.endsWith("/pause")) return noContent();
        return json(200, wireSandbox());
      });
      let state = 42;
      const random = (n) => {
        state = (state * 1103515245 + 12345) & 0x7fffffff;
        return (state >> 8) % n;
      };
      const pool = [
        ...NOT_STRINGS,
        ...NOT_COUNTS,
        ...NOT_STRING_MAPS,
        ...NOT_LISTS,
        undefined,
        circular(),
        "text",
        "/a",
        ID,
        "..",
        "\ud800",
        "\0",
        "x".repeat(100_000),
        { a: "b" },
        5,
        0.1,
        -0,
        new Uint8Array(3),
        new ArrayBuffer(0),
        new Blob(["x"]),
        AbortSignal.abort(),
        new AbortController().signal,
        throwing(new Mine("x")),
        Object.create(null),
        new Proxy({}, {}),
        Promise.resolve(1),
        new Error("x"),
      ];
      const pick = () => pool[random(pool.length)];
      const keys = [
        "name",
        "metadata",
        "signal",
        "timeoutMs",
        "timeoutSeconds",
        "network",
        "env",
        "cwd",
        "onStdout",
        "onStderr",
        "maxBytes",
        "maxOutputBytes",
        "limit",
        "offset",
        "status",
        "apiKey",
        "baseUrl",
        "sandboxUrl",
        "fromTemplate",
        "secrets",
      ];
      const options = () => {
        const made = random(2) ? { ...connection } : {};
        for (let i = random(4); i > 0; i--) made[keys[random(keys.length)]] = pick();
        return random(8) ? made : pick();
      };
      const { Sandbox } = sdk;
      const attempts = [
        () => Sandbox.create(options()),
        () => Sandbox.connect(pick(), options()),
        () => Sandbox.list(options()),
        () => Sandbox.killById(pick(), options()),
        () => Sandbox.updateById(pick(), options(), options()),
        () => sandbox.getInfo(options()),
        () => sandbox.pause(options()),
        () => sandbox.resume(options()),
        () => sandbox.update(options()),
        () => sandbox.commands.run(pick(), options()),
        () => sandbox.files.write(pick(), pick(), options()),
        () => sandbox.files.read(pick(), options()),
        () => sandbox.files.readText(pick(), options()),
        () => sandbox.files.downloadDir(pick(), options()),
      ];
      for (let i = 0; i < 2000; i++) {
        const attempt = attempts[random(attempts.length)];
        let promise;
        try {
          promise = attempt();
        } catch (error) {
          assert.fail(`round ${i}: ${attempt} threw ${assert.show(error)}`);
        }
        const error = await promise.then(
          () => undefined,
          (reason) => reason,
        );
        const fine = error === undefined || error instanceof sdk.SandboxError || error instanceof Mine;
        assert.ok(fine, `round ${i}: ${attempt} rejected with ${assert.show(error)}`);
      }
      assert.equal((await sandbox.commands.run("x")).exitCode, 0, "the next call works");
    },
  );
}
