// Several copies of the package in one process: they work side by side, and know each other's errors. `ctx.packages` are
// the copies by name; those named in `ctx.others` are of the hand-written TypeScript package.

import { freshName, live } from "../../contract/support/live.mjs";

const CLASSES = [
  "SandboxError",
  "AuthenticationError",
  "ValidationError",
  "NotFoundError",
  "ConflictError",
  "TimeoutError",
  "RateLimitError",
  "ServerError",
  "BuildError",
];

const make = (sdk, name) =>
  name === "BuildError"
    ? new sdk.BuildError("m", { code: "c", buildId: "b", templateId: "t" })
    : new sdk[name]("m");

/** All ordered pairs of different copies. */
function pairs(packages) {
  const all = Object.entries(packages);
  return all.flatMap((one) => all.filter((other) => other !== one).map((other) => [one, other]));
}

export function copies({ test }) {
  test("they are copies: none shares a class with another", ({ assert, packages }) => {
    assert.ok(Object.keys(packages).length >= 6, "copies");
    for (const [[a, one], [b, other]] of pairs(packages)) {
      for (const name of ["Sandbox", ...CLASSES])
        assert.ok(one[name] !== other[name], `${name} of ${a} and ${b}`);
      assert.equal(new other.NotFoundError() instanceof one.SandboxError, false, `instanceof ${a} of ${b}`);
    }
  });

  test("SandboxError.is knows the errors of every copy, by class", ({ assert, packages }) => {
    for (const [[a, one], [b, other]] of pairs(packages)) {
      for (const made of CLASSES) {
        const error = make(other, made);
        for (const asked of CLASSES) {
          const expected = asked === made || asked === "SandboxError";
          assert.equal(one[asked].is(error), expected, `${a}: ${asked}.is(${made} of ${b})`);
        }
        assert.equal(error.name, made);
      }
    }
  });

  test("SandboxError.is takes nothing else for one", ({ assert, packages, others }) => {
    const strangers = [
      undefined,
      null,
      0,
      "SandboxError",
      {},
      [],
      new Error("m"),
      Object.assign(new Error("m"), { name: "SandboxError", code: "c" }),
      ...Object.values(others).map((other) => new other.SandboxError("m")),
    ];
    for (const [a, one] of Object.entries(packages)) {
      for (const stranger of strangers)
        assert.equal(one.SandboxError.is(stranger), false, `${a}: ${assert.show(stranger)}`);
    }
  });

  test("a subclass of a user's is known as what it extends", ({ assert, packages }) => {
    for (const [[a, one], [b, other]] of pairs(packages)) {
      class Mine extends other.NotFoundError {}
      assert.equal(one.NotFoundError.is(new Mine()), true, `${a} knows ${b}'s`);
      assert.equal(one.SandboxError.is(new Mine()), true, `${a} knows ${b}'s`);
      assert.equal(one.ConflictError.is(new Mine()), false, `${a} knows ${b}'s`);
    }
  });

  test("errors that the module throws are known too", async (ctx) => {
    const { assert, packages } = ctx;
    const absent = "00000000-0000-4000-8000-000000000000";
    for (const [[a, one], [b, other]] of pairs(packages)) {
      const error = await assert.rejects(() => other.Sandbox.connect(absent, live(ctx)), other.NotFoundError);
      assert.equal(one.NotFoundError.is(error), true, `${a} knows ${b}'s`);
      const refusal = assert.throws(
        () => other.resolveConfig({ apiKey: "k", baseUrl: "ftp://x" }),
        other.ValidationError,
      );
      assert.equal(one.ValidationError.is(refusal), true, `${a} knows ${b}'s`);
    }
  });

  test("all at once, each with its sandboxes", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert, packages } = ctx;
    await Promise.all(
      Object.entries(packages).map(async ([name, sdk]) => {
        const sandboxes = await Promise.all(
          [1, 2, 3].map(() => sdk.Sandbox.create({ ...live(ctx), name: freshName() })),
        );
        for (const sandbox of sandboxes) ctx.defer(() => sandbox.kill());
        for (const [i, sandbox] of sandboxes.entries()) {
          assert.ok(sandbox instanceof sdk.Sandbox, name);
          const text = `${name} ${i}`;
          await sandbox.files.write("/tmp/name", text);
          const streamed = [];
          const run = sandbox.commands.run("cat /tmp/name; sleep 0.2", {
            onStdout: (piece) => streamed.push(piece),
          });
          assert.equal((await run).stdout, text);
          assert.equal(streamed.join(""), text);
          const session = await sandbox.commands.spawn("cat");
          session.stdin.write(text);
          session.stdin.close();
          assert.equal((await session.wait()).stdout, text);
        }
      }),
    );
  });

  test("one signal ends the calls of all", async (ctx) => {
    const { assert, packages } = ctx;
    const controller = new AbortController();
    const reason = new Error("enough");
    const calls = await Promise.all(
      Object.entries(packages).map(async ([name, sdk]) => {
        const sandbox = await sdk.Sandbox.create({ ...live(ctx), name: freshName() });
        ctx.defer(() => sandbox.kill());
        const call = sandbox.commands.run("sleep 30", { signal: controller.signal });
        return [name, sdk, assert.rejects(call, sdk.SandboxError, name)];
      }),
    );
    controller.abort(reason);
    for (const [name, , rejection] of calls) {
      const error = await rejection;
      assert.equal(error.code, "aborted", name);
      assert.equal(error.cause, reason, name);
    }
  });

  test("what one made, another takes by its id", async (ctx) => {
    const { assert, packages } = ctx;
    const [[, first], ...rest] = Object.entries(packages);
    const sandbox = await first.Sandbox.create({ ...live(ctx), name: freshName() });
    ctx.defer(() => sandbox.kill());
    await sandbox.files.write("/tmp/a", "shared");
    for (const [name, sdk] of rest) {
      const same = await sdk.Sandbox.connect(sandbox.id, live(ctx));
      assert.equal(await same.files.readText("/tmp/a"), "shared", name);
    }
  });

  test("beside the TypeScript package", async (ctx) => {
    const { assert, packages, others } = ctx;
    assert.ok(Object.keys(others).length > 0, "it is there");
    const sandbox = await Object.values(packages)[0].Sandbox.create({ ...live(ctx), name: freshName() });
    ctx.defer(() => sandbox.kill());
    const lists = await Promise.all(
      [...Object.values(packages), ...Object.values(others)].map((sdk) => sdk.Sandbox.list(live(ctx))),
    );
    for (const list of lists)
      assert.ok(
        list.some(({ id }) => id === sandbox.id),
        "each sees the sandbox",
      );
  });
}
