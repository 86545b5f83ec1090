// Half a character, as a cut within an emoji leaves it, is U+FFFD wherever a text goes.

import { KEY, json, noContent, result, wireSandbox } from "../support/fixtures.mjs";
import { socketSandbox } from "../support/sessions.mjs";
import { BEARER, wireSecret } from "../support/secrets.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const HALF = "a\ud83d";
const WHOLE = "a\ufffd";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("in JSON: commands, options, the keys and values of maps", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, result()));
    await sandbox.commands.run(HALF, { cwd: `/${HALF}`, env: { [HALF]: HALF } });
    assert.deepEqual(calls[0].json, { command: WHOLE, working_dir: `/${WHOLE}`, env: { [WHOLE]: WHOLE } });
    // The text of an escape, put together here: Parcel 2 writes a literal one as the character.
    const written = `${String.fromCharCode(92)}ud83d`;
    const text = `${written} ${String.fromCharCode(92)}${written} \u0001`;
    await sandbox.commands.run(`${text}\udc00 \u{1f600}`);
    assert.equal(calls[1].json.command, `${text}\ufffd \u{1f600}`, "only what is half");
    const sent = stubFetch(ctx, ({ url }) =>
      json(201, url.endsWith("/secrets") ? wireSecret() : wireSandbox()),
    );
    await sdk.Sandbox.create({
      ...connection,
      name: HALF,
      metadata: { [HALF]: HALF },
      network: { allowOut: [HALF] },
    });
    await sdk.Secret.create({ ...connection, name: "n", value: HALF, ...BEARER });
    assert.deepEqual(sent[0].json, {
      name: WHOLE,
      metadata: { [WHOLE]: WHOLE },
      network: { allow_out: [WHOLE] },
    });
    assert.equal(sent[1].json.value, WHOLE);
  });

  test("in URLs: ids, paths, filters", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ url }) =>
      url.includes("?metadata") ? json(200, []) : noContent(),
    );
    await sandbox.files.write(`/tmp/${HALF}`, "x");
    await sdk.Sandbox.list({ ...connection, metadata: { [HALF]: HALF } });
    await sdk.Secret.deleteByName(HALF, connection);
    const whole = encodeURIComponent(WHOLE);
    assert.deepEqual(
      calls.map(({ path }) => path),
      [`/files?path=%2Ftmp%2F${whole}`, `/sandboxes?metadata.${whole}=${whole}`, `/secrets/${whole}`],
    );
  });

  test("in a session: its command and its input", async (ctx) => {
    const { sandbox, sockets } = await socketSandbox(ctx);
    const session = await sandbox.commands.spawn(HALF);
    session.stdin.write(HALF);
    const [first, input] = sockets[0].sent;
    ctx.assert.equal(first.command, WHOLE);
    ctx.assert.deepEqual([...new Uint8Array(input)].slice(1), [...new TextEncoder().encode(WHOLE)]);
  });
}
