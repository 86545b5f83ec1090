// What the package exports, and how its errors relate.

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("the names of the surface", ({ sdk, assert }) => {
    const names = [
      "Sandbox",
      "Snapshot",
      "Template",
      "Secret",
      "Provider",
      "Superserve",
      "SandboxError",
      "AuthenticationError",
      "ValidationError",
      "NotFoundError",
      "ConflictError",
      "TimeoutError",
      "RateLimitError",
      "ServerError",
      "BuildError",
      "resolveConfig",
      "previewUrl",
    ];
    for (const name of names) {
      assert.equal(typeof sdk[name], "function", name);
      assert.equal(sdk[name].name, name, `${name}.name`);
    }
    assert.equal(sdk.DEFAULT_SNAPSHOT_TIMEOUT_MS, 900_000, "DEFAULT_SNAPSHOT_TIMEOUT_MS");
    assert.equal(sdk.MIN_PREVIEW_PORT, 1024, "MIN_PREVIEW_PORT");
    assert.equal(sdk.MAX_PREVIEW_PORT, 65535, "MAX_PREVIEW_PORT");
    assert.equal(sdk.RESERVED_PREVIEW_PORT, 49983, "RESERVED_PREVIEW_PORT");
    assert.equal(sdk.DESKTOP_STREAM_PORT, 6080, "DESKTOP_STREAM_PORT");
  });

  test("the methods of each class", ({ sdk, assert }) => {
    const classes = {
      Sandbox: {
        statics: [
          ...["create", "connect", "get", "getOrCreate", "list", "iterate", "fromTicket"],
          ...["pauseById", "resumeById", "killById", "updateById", "getNetworkLog"],
        ],
        methods: [
          ...["getInfo", "pause", "resume", "kill", "update", "terminal"],
          ...["snapshot", "snapshots", Symbol.asyncDispose],
          ...["attachSecret", "detachSecret", "getNetworkLog", "iterateNetworkLog"],
          ...["getPreviewUrl", "listPreviewPorts", "publishPreviewPort", "unpublishPreviewPort"],
          ...["getPreviewToken", "getSignedPreviewUrl", "rotatePreviewToken"],
        ],
      },
      Snapshot: {
        statics: ["get", "list", "iterate", "deleteById"],
        methods: ["getInfo", "rename", "delete", "waitUntilReady"],
      },
      Template: {
        statics: ["create", "connect", "list", "iterate", "deleteById"],
        methods: [
          ...["getInfo", "delete", "rebuild", "listBuilds", "getBuild", "cancelBuild"],
          ...["streamBuildLogs", "waitUntilReady"],
        ],
      },
      Secret: {
        statics: ["create", "get", "list", "deleteByName"],
        methods: ["getInfo", "rotate", "delete", "getAudit", "iterateAudit", "getSandboxes"],
      },
      Provider: { statics: ["list"], methods: [] },
    };
    for (const [name, { statics, methods }] of Object.entries(classes)) {
      for (const method of statics) assert.equal(typeof sdk[name][method], "function", `${name}.${method}`);
      for (const method of methods) {
        assert.equal(typeof sdk[name].prototype[method], "function", `${name}.prototype.${String(method)}`);
      }
    }
  });

  test("errors extend SandboxError, which extends Error", ({ sdk, assert }) => {
    const made = [
      [new sdk.AuthenticationError("m", "c", 403), "AuthenticationError", 403, "c"],
      [new sdk.AuthenticationError("m"), "AuthenticationError", 401, undefined],
      [new sdk.ValidationError("m", "c"), "ValidationError", 400, "c"],
      [new sdk.NotFoundError("m", "c"), "NotFoundError", 404, "c"],
      [new sdk.ConflictError("m", "c"), "ConflictError", 409, "c"],
      [new sdk.TimeoutError("m"), "TimeoutError", undefined, undefined],
      [new sdk.RateLimitError("m", "c"), "RateLimitError", 429, "c"],
      [new sdk.ServerError("m", "c", 503), "ServerError", 503, "c"],
      [new sdk.ServerError("m"), "ServerError", 500, undefined],
      [new sdk.BuildError("m", { code: "c", buildId: "b", templateId: "t" }), "BuildError", undefined, "c"],
    ];
    for (const [error, name, statusCode, code] of made) {
      assert.isError(error, sdk[name]);
      assert.ok(error instanceof sdk.SandboxError, `${name} is a SandboxError`);
      assert.ok(error instanceof Error, `${name} is an Error`);
      assert.equal(error.message, "m", `${name}.message`);
      assert.equal(error.statusCode, statusCode, `${name}.statusCode`);
      assert.equal(error.code, code, `${name}.code`);
      assert.equal(typeof error.stack, "string", `${name}.stack`);
    }
    assert.equal(made.at(-1)[0].buildId, "b");
    assert.equal(made.at(-1)[0].templateId, "t");
  });

  test("a SandboxError keeps status, code and cause", ({ sdk, assert }) => {
    const cause = new Error("why");
    const error = new sdk.SandboxError("m", 418, "teapot", { cause });
    assert.isError(error, sdk.SandboxError);
    assert.equal(error.statusCode, 418);
    assert.equal(error.code, "teapot");
    assert.equal(error.cause, cause);
    assert.equal("cause" in new sdk.SandboxError("m"), false, "no cause when none is given");
  });

  test("is() tells the errors of its class and below", ({ sdk, assert }) => {
    const { SandboxError, NotFoundError, ConflictError } = sdk;
    const gone = new NotFoundError("m");
    assert.deepEqual(
      [SandboxError, NotFoundError, ConflictError].map((Class) => Class.is(gone)),
      [true, true, false],
    );
    assert.equal(NotFoundError.is(new SandboxError("m", 404)), false, "one of the class above");
    const others = [null, undefined, 0, "", "NotFoundError", Symbol("x"), {}, [], () => {}, new Error("m")];
    for (const value of [...others, { name: "NotFoundError", statusCode: 404 }, Object.create(null)]) {
      assert.equal(SandboxError.is(value), false, assert.show(value));
    }
  });

  test("is() of a caller's own class tells its own errors only", ({ sdk, assert }) => {
    class Mine extends sdk.NotFoundError {}
    class Below extends Mine {}
    class Other extends sdk.NotFoundError {}
    for (const Class of [sdk.SandboxError, sdk.NotFoundError]) {
      assert.equal(Class.is(new Mine("m")), true, `${Class.name} of one of a class below`);
    }
    assert.deepEqual([Mine.is(new Mine("m")), Mine.is(new Below("m"))], [true, true]);
    for (const error of [
      new sdk.NotFoundError("m"),
      new sdk.SandboxError("m"),
      new Other("m"),
      new Error("m"),
    ]) {
      assert.equal(Mine.is(error), false, assert.show(error));
    }
    assert.equal(Below.is(new Mine("m")), false);
    for (const value of [null, undefined, 5, "Mine", {}])
      assert.equal(Mine.is(value), false, assert.show(value));
  });

  test("is() of what cannot be touched is false", ({ sdk, assert }) => {
    class Mine extends sdk.ConflictError {}
    const trap = () => {
      throw new Error("trap");
    };
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    const trapped = new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap });
    for (const Class of [sdk.SandboxError, sdk.ConflictError, Mine]) {
      for (const [what, value] of Object.entries({ trapped, revoked })) {
        assert.equal(Class.is(value), false, `${Class.name} of a ${what} one`);
      }
      assert.equal(
        Class.is(new Proxy({}, { get: () => 5 })),
        false,
        `${Class.name} of one that has everything`,
      );
    }
  });
}
