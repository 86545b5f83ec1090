// Previews: URLs, published ports, tokens; and real ones on the local server.

import { ID, KEY, json, noContent } from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

const PORTS = `http://localhost:9/sandboxes/${ID}/preview-ports`;
const NOT_PORTS = [
  ...[0, 80, 1023, 49_983, 65_536, -3000, 3000.5, NaN, Infinity, 2 ** 32 + 3000],
  ...["3000", null, undefined, {}, [3000], true, 3000n, Symbol("3000"), new Number(3000)],
];
const TOKEN = "pvt_1.0.verysecret";
const wirePort = (fields = {}) => ({ port: 3000, token_version: 2, access: "private", ...fields });
const wireToken = (fields = {}) => ({
  ...wirePort(),
  token: TOKEN,
  header: "X-Superserve-Preview-Token",
  query_param: "superserve_preview_token",
  preview_access: "private",
  ...fields,
});
const token = {
  token: TOKEN,
  port: 3000,
  header: "X-Superserve-Preview-Token",
  queryParam: "superserve_preview_token",
  tokenVersion: 2,
  access: "private",
  previewAccess: "private",
};

/** The methods that take a port: what each sends, what a good answer is. */
const CALLS = {
  publishPreviewPort: ["POST", PORTS, () => json(201, wirePort())],
  unpublishPreviewPort: ["DELETE", `${PORTS}/3000`, noContent],
  getPreviewToken: ["POST", `${PORTS}/3000/token`, () => json(200, wireToken())],
  getSignedPreviewUrl: ["POST", `${PORTS}/3000/token`, () => json(200, wireToken())],
  rotatePreviewToken: ["POST", `${PORTS}/3000/token/rotate`, () => json(200, wireToken())],
};

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a preview's URL", async (ctx) => {
    const { assert } = ctx;
    const places = {
      "http://localhost:9": `http://3000-${ID}.localhost:9`,
      "http://127.0.0.1:8080/": `http://3000-${ID}.localhost:8080`,
      "http://[::1]:8080": `http://3000-${ID}.localhost:8080`,
      "https://api.superserve.ai": `https://3000-${ID}.sandbox.superserve.ai`,
      "https://api-usw.superserve.ai": `https://3000-${ID}.usw-sandbox.superserve.ai`,
      "https://api-staging.superserve.ai": `https://3000-${ID}.staging-sandbox.superserve.ai`,
    };
    for (const [baseUrl, url] of Object.entries(places)) {
      const { sandbox, calls } = await stubbedSandbox(ctx, noContent, { options: { baseUrl } });
      assert.equal(sandbox.getPreviewUrl(3000), url);
      assert.equal(calls.length, 0, "requests");
    }
    const usw = { baseUrl: undefined, apiKey: "ss_live_usw_0123456789abcdefghijklmnopqrstuv" };
    const { sandbox } = await stubbedSandbox(ctx, noContent, { options: usw });
    assert.equal(sandbox.getPreviewUrl(65_535), `https://65535-${ID}.usw-sandbox.superserve.ai`);
  });

  test("what is no port is refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    assert.equal(sdk.RESERVED_PREVIEW_PORT, 49_983);
    const { sandbox, calls } = await stubbedSandbox(ctx, noContent);
    for (const port of NOT_PORTS) {
      const what = assert.show(port);
      assert.throws(() => sandbox.getPreviewUrl(port), sdk.ValidationError, what);
      assert.throws(() => sdk.previewUrl(ID, "sandbox.superserve.ai", port), sdk.ValidationError, what);
      for (const name of Object.keys(CALLS)) {
        await assert.rejects(() => sandbox[name](port), sdk.ValidationError, `${name} of ${what}`);
      }
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("what each call sends", async (ctx) => {
    const { assert } = ctx;
    for (const [name, [method, url, answer]] of Object.entries(CALLS)) {
      const { sandbox, calls } = await stubbedSandbox(ctx, answer);
      await sandbox[name](3000);
      assert.equal(calls.length, 1, name);
      assert.equal(`${calls[0].method} ${calls[0].url}`, `${method} ${url}`);
      assert.equal(calls[0].headers["x-api-key"], KEY, name);
      assert.equal("x-access-token" in calls[0].headers, false, name);
      const body = calls[0].init.body === undefined ? {} : calls[0].json;
      // A URL is short-lived, a token is not.
      const expected = {
        publishPreviewPort: { port: 3000 },
        getSignedPreviewUrl: { expires_in_seconds: 60 },
      };
      assert.deepEqual(body, expected[name] ?? {}, name);
    }
  });

  test("their options", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ url }) =>
      json(200, url === PORTS ? wirePort() : wireToken()),
    );
    for (const access of ["public", "private"]) {
      await sandbox.publishPreviewPort(3000, { access });
      assert.deepEqual(calls.at(-1).json, { port: 3000, access });
    }
    for (const name of ["getPreviewToken", "getSignedPreviewUrl", "rotatePreviewToken"]) {
      await sandbox[name](3000, { expiresInSeconds: 60 });
      assert.deepEqual(calls.at(-1).json, { expires_in_seconds: 60 }, name);
      for (const expiresInSeconds of [1, 604_800]) {
        await sandbox[name](3000, { expiresInSeconds });
        assert.deepEqual(calls.at(-1).json, { expires_in_seconds: expiresInSeconds }, name);
      }
      const sent = calls.length;
      for (const expiresInSeconds of [0, 604_801]) {
        const late = () => sandbox[name](3000, { expiresInSeconds });
        await assert.rejects(late, ctx.sdk.ValidationError, `${name} of ${expiresInSeconds} s`);
      }
      assert.equal(calls.length, sent, "requests");
    }
  });

  test("ports and their fields", async (ctx) => {
    const { assert } = ctx;
    const wire = { preview_access: "legacy_public", ports: [wirePort({ new: 1 }), { port: 4000 }], more: 1 };
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, wire));
    const { previewAccess, ports } = await sandbox.listPreviewPorts();
    assert.equal(`${calls[0].method} ${calls[0].url}`, `GET ${PORTS}`);
    assert.equal(previewAccess, "legacy_public");
    assert.deepEqual({ ...ports[0] }, { port: 3000, tokenVersion: 2, access: "private" });
    assert.equal(ports[1].port, 4000);
    const published = await stubbedSandbox(ctx, () => json(201, wirePort({ access: "by_invitation" })));
    const port = await published.sandbox.publishPreviewPort(3000);
    assert.deepEqual({ ...port }, { port: 3000, tokenVersion: 2, access: "by_invitation" });
    const empty = await stubbedSandbox(ctx, () => json(200, { preview_access: "public" }));
    assert.deepEqual((await empty.sandbox.listPreviewPorts()).ports, []);
  });

  test("tokens and their fields", async (ctx) => {
    const { sdk, assert } = ctx;
    const expires = { expires_at: "2026-08-01T12:00:00Z" };
    for (const name of ["getPreviewToken", "rotatePreviewToken"]) {
      const { sandbox } = await stubbedSandbox(ctx, (_, index) =>
        json(200, wireToken(index === 0 ? expires : { a_new_field: 1 })),
      );
      const first = await sandbox[name](3000);
      assert.deepEqual({ ...first }, { ...token, expiresAt: new Date(Date.UTC(2026, 7, 1, 12)) }, name);
      const second = await sandbox[name](3000);
      assert.deepEqual(JSON.parse(JSON.stringify(second)), token, name);
      for (const field of ["token", "query_param"]) {
        const other = await stubbedSandbox(ctx, () => json(200, wireToken({ [field]: undefined })));
        const call = field === "token" ? name : "getSignedPreviewUrl";
        const error = await assert.rejects(other.sandbox[call](3000), sdk.SandboxError);
        assert.match(error.message, new RegExp(field.replace("_", "_?"), "i"));
      }
    }
  });

  test("a signed URL is the preview's with the token", async (ctx) => {
    const { assert } = ctx;
    const odd = { token: "a+b/c=&d e", query_param: "preview_token" };
    for (const wire of [wireToken(), wireToken(odd)]) {
      const { sandbox } = await stubbedSandbox(ctx, () => json(200, wire));
      const url = new URL(await sandbox.getSignedPreviewUrl(3000));
      assert.equal(url.origin, new URL(sandbox.getPreviewUrl(3000)).origin);
      assert.equal(url.pathname, "/");
      assert.deepEqual([...url.searchParams], [[wire.query_param, wire.token]]);
    }
  });

  test("on the local server, ports are published and taken back", async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx, { previewAccess: "private" });
    assert.deepEqual(JSON.parse(JSON.stringify(await sandbox.listPreviewPorts())), {
      previewAccess: "private",
      ports: [],
    });
    const inherited = await sandbox.publishPreviewPort(3000);
    assert.deepEqual([inherited.port, inherited.access], [3000, "private"]);
    const open = await sandbox.publishPreviewPort(4000, { access: "public" });
    assert.equal(open.access, "public");
    const { ports } = await sandbox.listPreviewPorts();
    assert.deepEqual(ports.map(({ port }) => port).sort(), [3000, 4000]);
    await sandbox.unpublishPreviewPort(3000);
    await sandbox.unpublishPreviewPort(3000);
    assert.deepEqual(
      (await sandbox.listPreviewPorts()).ports.map(({ port }) => port),
      [4000],
    );
    await assert.rejects(sandbox.getPreviewToken(3000), sdk.NotFoundError);
  });

  test("on the local server, tokens are given, void others, and expire", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx, { previewAccess: "private" });
    await sandbox.publishPreviewPort(3000);
    const first = await sandbox.getPreviewToken(3000);
    assert.deepEqual([first.port, first.access, first.previewAccess], [3000, "private", "private"]);
    assert.equal(first.expiresAt, undefined);
    const timed = await sandbox.getPreviewToken(3000, { expiresInSeconds: 60 });
    assert.within(timed.expiresAt.getTime() - Date.now(), 30_000, 65_000, "milliseconds until it expires");
    const rotated = await sandbox.rotatePreviewToken(3000);
    assert.equal(rotated.tokenVersion, first.tokenVersion + 1);
    assert.notEqual(rotated.token, first.token);
    const url = await sandbox.getSignedPreviewUrl(3000);
    assert.ok(url.startsWith(`${sandbox.getPreviewUrl(3000)}/?`), url);
  });
}
