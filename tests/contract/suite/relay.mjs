// A page's sandbox behind a relay: its ticket, what that allows, its renewal. (The relay's own side: tests/relay.)

import { ID, failure, json, noContent, result } from "../support/fixtures.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { hang, stubFetch } from "../support/stub-fetch.mjs";
import { ALL, RELAY, ticketIn, ticketOf, ticketSandbox } from "../support/tickets.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const SECRETS = ["sandbox.attachSecret", "sandbox.detachSecret"];
const OWN = METHODS.filter(({ name }) => /^(sandbox|commands|files|desktop)\./.test(name));
const PASSED = OWN.filter(({ name }) => !SECRETS.includes(name));
const NEXT = ticketOf({}, "next");

const expired = () => failure(401, "ticket_expired", "the ticket has expired");

/** A good answer to the next ticket only. */
const renewed = (method) => (call) => (ticketIn(call) === NEXT ? goodResponse(method) : expired());

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a ticket makes a sandbox, without a request", (ctx) => {
    const { sdk, assert } = ctx;
    const ticket = ticketOf({ name: "Grüße 日本" });
    const { sandbox, calls } = ticketSandbox(ctx, noContent, { ticket });
    assert.ok(sandbox instanceof sdk.Sandbox);
    const shown = {
      id: ID,
      name: "Grüße 日本",
      status: "active",
      metadata: {},
      previewAccess: "legacy_public",
    };
    assert.deepEqual(JSON.parse(JSON.stringify(sandbox)), shown);
    assert.equal(sandbox.commands, sandbox.commands);
    assert.equal(calls.length, 0, "requests");
    const nameless = ticketSandbox(ctx, noContent, { ticket: ticketOf({ name: undefined }) });
    assert.equal(nameless.sandbox.name, "");
    const paused = ticketSandbox(ctx, noContent, { ticket: ticketOf({ status: "paused" }) });
    assert.equal(paused.sandbox.status, "paused");
  });

  test("every method goes to the relay with the ticket and no other header", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of PASSED) {
      const { sandbox, calls, ticket } = ticketSandbox(ctx, () => goodResponse(method));
      await method.call({ sdk, sandbox });
      assert.equal(calls.length, 1, `requests of ${method.name}`);
      const [{ url, headers, init }] = calls;
      // Only the relay knows of a script: a page asks for what it is to do.
      const path = method.isScript ? "/files/" : method.path;
      assert.ok(url.startsWith(`${RELAY}${path}`), `${method.name}: ${url}`);
      assert.equal(init.method, method.http, method.name);
      assert.equal(headers.authorization, `Bearer ${ticket}`, method.name);
      const known = ["authorization", "content-type", "user-agent"];
      // What is not to be waited for.
      if (method.name === "sandbox.pause") known.push("prefer");
      assert.deepEqual(
        Object.keys(headers).filter((name) => !known.includes(name)),
        [],
        method.name,
      );
      // An application's own check may want to see its cookies, of a page of another origin too.
      const knows = typeof Request === "function" && "credentials" in Request.prototype;
      assert.equal(init.credentials, knows ? "include" : undefined, method.name);
    }
  });

  test("what a ticket does not allow is refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = ticketSandbox(ctx, noContent, { ticket: ticketOf({ allow: [] }) });
    for (const method of OWN) {
      const error = await assert.rejects(method.call({ sdk, sandbox }), sdk.AuthenticationError, method.name);
      assert.deepEqual([error.statusCode, error.code], [403, "not_allowed"], method.name);
      assert.equal(error.sandboxId, ID);
    }
    for (const start of [() => sandbox.terminal(), () => sandbox.commands.spawn("sh")]) {
      assert.equal((await assert.rejects(start, sdk.AuthenticationError)).code, "not_allowed");
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("a file larger than the ticket allows is refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = ticketSandbox(ctx, noContent, { ticket: ticketOf({ max: 6 }) });
    const fitting = ["six by", "日本", new Uint8Array(6), new ArrayBuffer(6), new Blob(["six", " by"]), ""];
    for (const content of fitting) await sandbox.files.write("/tmp/f", content);
    assert.equal(calls.length, fitting.length, "requests");
    const large = ["seven b", "日本!", new Uint16Array(4), new ArrayBuffer(7), new Blob(["日本", "!"])];
    for (const content of large) {
      const error = await assert.rejects(sandbox.files.write("/tmp/f", content), sdk.SandboxError);
      assert.deepEqual([error.statusCode, error.code, error.sandboxId], [413, "too_large", ID]);
      assert.match(error.message, /6 bytes/);
    }
    assert.equal(calls.length, fitting.length, "requests");
    const none = ticketSandbox(ctx, noContent, { ticket: ticketOf({ max: 0 }) });
    await none.sandbox.files.write("/tmp/f", "");
    assert.equal(
      (await assert.rejects(none.sandbox.files.write("/tmp/f", "x"), sdk.SandboxError)).code,
      "too_large",
    );
  });

  test("a ticket allows what it lists and nothing beside", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const allowed of ALL) {
      const others = ALL.filter((one) => one !== allowed);
      const { sandbox } = ticketSandbox(ctx, noContent, { ticket: ticketOf({ allow: others }) });
      const refused = [];
      for (const method of PASSED) {
        const { code } = await method.call({ sdk, sandbox }).then(
          () => ({}),
          (error) => error,
        );
        if (code === "not_allowed") refused.push(method);
      }
      const both = ticketSandbox(ctx, noContent, { ticket: ticketOf({ allow: [allowed] }) });
      for (const method of refused) {
        const { code } = await method.call({ sdk, sandbox: both.sandbox }).then(
          () => ({}),
          (error) => error,
        );
        assert.notEqual(code, "not_allowed", `${method.name} with ${allowed} alone`);
      }
      // Sessions are none of these methods, nor is what loads apart, which has a test of its own.
      const isOther = ["session", "terminal", "processes", "code"].includes(allowed);
      assert.equal(refused.length > 0, !isOther, `requests that need ${allowed}`);
    }
  });

  test("what a relay does not pass on is refused whatever the ticket says", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = ticketSandbox(ctx, noContent);
    for (const method of OWN.filter(({ name }) => SECRETS.includes(name))) {
      const error = await assert.rejects(method.call({ sdk, sandbox }), sdk.AuthenticationError, method.name);
      assert.equal(error.code, "not_allowed");
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("a ticket that has expired is renewed once, and the call sent once more", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of PASSED) {
      let asked = 0;
      const refreshTicket = async () => (asked++, NEXT);
      const { sandbox, calls, ticket } = ticketSandbox(ctx, renewed(method), { refreshTicket });
      await method.call({ sdk, sandbox });
      assert.deepEqual(calls.map(ticketIn), [ticket, NEXT], method.name);
      assert.equal(calls[1].init.body, calls[0].init.body, method.name);
      await method.call({ sdk, sandbox });
      assert.equal(calls.length, 3, "the next call has the new ticket at once");
      assert.equal(asked, 1, `tickets for ${method.name}`);
    }
  });

  test("fifty calls share one renewal", async (ctx) => {
    const { assert } = ctx;
    let asked = 0;
    const refreshTicket = async () => {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return NEXT;
    };
    const answer = (call) => (ticketIn(call) === NEXT ? json(200, result({ stdout: "ok" })) : expired());
    const { sandbox, calls } = ticketSandbox(ctx, answer, { refreshTicket });
    const runs = await Promise.all(Array.from({ length: 50 }, () => sandbox.commands.run("true")));
    assert.ok(runs.every(({ stdout }) => stdout === "ok"));
    assert.deepEqual([asked, calls.length], [1, 100]);
  });

  test("a ticket that is about to expire is renewed before a call, not after", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const seconds = () => Math.floor(Date.now() / 1000);
    let asked = 0;
    const refreshTicket = async () => ticketOf({ exp: seconds() + 900 }, `${++asked}`);
    const { sandbox, calls, ticket } = ticketSandbox(ctx, noContent, {
      ticket: ticketOf({ exp: seconds() + 60 }),
      refreshTicket,
    });
    const write = () =>
      time.run(Promise.all([sandbox.files.write("/a", "a"), sandbox.files.write("/b", "b")]));
    await write();
    assert.deepEqual(calls.map(ticketIn), [ticket, ticket], "a minute before");
    await time.advance(55_000);
    await write();
    assert.equal(asked, 1, "tickets");
    assert.deepEqual(calls.slice(2).map(ticketIn), Array(2).fill(ticketOf({ exp: seconds() + 900 }, "1")));
  });

  test("a renewal ahead that fails leaves a ticket that is still good", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const exp = Math.floor(Date.now() / 1000) + 60;
    const ways = [() => Promise.reject(new Error("offline")), () => "nonsense", () => new Promise(() => {})];
    for (const refreshTicket of ways) {
      const { sandbox, calls, ticket } = ticketSandbox(ctx, noContent, {
        ticket: ticketOf({ exp }),
        refreshTicket,
      });
      await time.advance(exp * 1000 - 5_000 - Date.now());
      await time.run(sandbox.files.write("/a", "a"));
      assert.deepEqual(calls.map(ticketIn), [ticket]);
    }
  });

  test("a refreshTicket that uses the sandbox itself waits for itself, and no longer than a renewal has", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const exp of [4_000_000_000, Math.floor(Date.now() / 1000) + 60]) {
      let asked = 0;
      const { sandbox } = ticketSandbox(ctx, expired, {
        ticket: ticketOf({ exp }),
        refreshTicket: async () => (asked++, (await sandbox.commands.run("cat /ticket")).stdout),
      });
      await time.advance(55_000);
      await assert.rejects(time.run(sandbox.files.read("/x")), sdk.TimeoutError);
      assert.ok(asked <= 2, `asked ${asked} times`);
    }
  });

  test("a ticket that seems to have expired as it arrives is the relay's to judge", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    for (const exp of [1, Math.floor(Date.now() / 1000) + 5, "soon", undefined]) {
      const { sandbox, calls } = ticketSandbox(ctx, noContent, {
        ticket: ticketOf({ exp }),
        refreshTicket: () => assert.fail("asked for a ticket"),
      });
      await time.run(sandbox.files.write("/a", "a"));
      assert.equal(calls.length, 1);
    }
  });

  test("what the next ticket allows holds", async (ctx) => {
    const { sdk, assert } = ctx;
    const less = ticketOf({ allow: ["exec"] }, "less");
    const { sandbox } = ticketSandbox(
      ctx,
      (call) => (ticketIn(call) === less ? json(200, result()) : expired()),
      { refreshTicket: () => less },
    );
    await sandbox.commands.run("true");
    const error = await assert.rejects(sandbox.getInfo(), sdk.AuthenticationError);
    assert.equal(error.code, "not_allowed");
  });

  test("an expired ticket that nobody renews, or whose successor is no better", async (ctx) => {
    const { sdk, assert } = ctx;
    const alone = ticketSandbox(ctx, expired);
    let error = await assert.rejects(alone.sandbox.commands.run("true"), sdk.AuthenticationError);
    assert.deepEqual([error.statusCode, error.code], [401, "ticket_expired"]);
    assert.equal(alone.calls.length, 1, "requests");
    const { sandbox, calls } = ticketSandbox(ctx, expired, { refreshTicket: () => NEXT });
    error = await assert.rejects(sandbox.commands.run("true"), sdk.AuthenticationError);
    assert.equal(error.code, "ticket_expired");
    assert.equal(calls.length, 2, "requests");
  });

  test("a refusal of the application's own is no reason to renew", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const status of [401, 403]) {
      const { sandbox, calls } = ticketSandbox(ctx, () => new Response("signed out", { status }), {
        refreshTicket: () => assert.fail("asked for a ticket"),
      });
      const error = await assert.rejects(sandbox.commands.run("true"), sdk.AuthenticationError);
      assert.equal(error.message, "signed out");
      assert.equal(calls.length, 1, "requests");
    }
  });

  test("what refreshTicket throws is what the calls reject with", async (ctx) => {
    const { assert } = ctx;
    const reason = { no: "session" };
    const ways = [
      () => {
        throw reason;
      },
      () => Promise.reject(reason),
    ];
    for (const refreshTicket of ways) {
      const { sandbox } = ticketSandbox(ctx, expired, { refreshTicket });
      const ends = await Promise.allSettled([sandbox.commands.run("true"), sandbox.files.read("/x")]);
      for (const end of ends) assert.equal(end.reason, reason);
    }
  });

  test("a successor that is no ticket, or another sandbox's, is refused", async (ctx) => {
    const { sdk, assert } = ctx;
    const other = ticketOf({ sid: ID.replace(/^./, "0") });
    for (const ticket of ["", "nonsense", undefined, 7, null, {}, other]) {
      const { sandbox, calls } = ticketSandbox(ctx, expired, { refreshTicket: () => ticket });
      await assert.rejects(sandbox.commands.run("true"), sdk.ValidationError, assert.show(ticket));
      assert.equal(calls.length, 1, "requests");
    }
  });

  test("a renewal has thirty seconds, and a caller need not wait for it", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox } = ticketSandbox(ctx, expired, { refreshTicket: () => new Promise(() => {}) });
    const controller = new AbortController();
    const slow = sandbox.commands.run("true");
    const quick = sandbox.commands.run("true", { signal: controller.signal });
    quick.catch(() => {});
    slow.catch(() => {});
    await settle();
    controller.abort("enough");
    const error = await assert.rejects(quick, sdk.SandboxError);
    assert.equal(error.cause, "enough");
    await assert.rejects(time.run(slow), sdk.TimeoutError);
    assert.within(time.elapsed(), 30_000, 30_000);
  });

  test("the relay asks for a file once more when the sandbox was asleep", async (ctx) => {
    const { sdk, assert } = ctx;
    const again = () => failure(503, "send_again", "the sandbox was asleep: send the file again");
    const once = ticketSandbox(ctx, (_, index) => (index === 0 ? again() : noContent()));
    await once.sandbox.files.write("/x", "content");
    assert.deepEqual(
      once.calls.map(({ init }) => init.body),
      ["content", "content"],
    );
    const twice = ticketSandbox(ctx, again);
    const error = await assert.rejects(twice.sandbox.files.write("/x", "content"), sdk.ServerError);
    assert.equal(error.code, "send_again");
    assert.equal(twice.calls.length, 2, "requests");
  });

  test("expired and asleep, one after the other, are each made good once", async (ctx) => {
    const { assert } = ctx;
    const again = () => failure(503, "send_again", "the sandbox was asleep: send the file again");
    const answers = [expired, again, noContent];
    const { sandbox, calls } = ticketSandbox(ctx, (_, index) => answers[index](), {
      refreshTicket: () => NEXT,
    });
    await sandbox.files.write("/x", "content");
    assert.equal(calls.length, 3, "requests");
  });

  test("the service's own words do not make a command run twice", async (ctx) => {
    const { assert } = ctx;
    for (const code of ["ticket_expired", "ticket_invalid", "send_again"]) {
      for (const status of [400, 500, 502]) {
        const { sandbox, calls } = ticketSandbox(ctx, () => failure(status, code, "no"), {
          refreshTicket: () => NEXT,
        });
        await assert.rejects(sandbox.commands.run("true"), undefined);
        assert.equal(calls.length, 1, `${status} ${code}`);
      }
    }
  });

  test("a sandbox is gone when the service says so, and not where there is no relay", async (ctx) => {
    const { sdk, assert } = ctx;
    await ticketSandbox(ctx, () => failure(404, "not_found", "sandbox not found")).sandbox.kill();
    const elsewhere = [
      () => new Response("<h1>Not found</h1>", { status: 404 }),
      () => failure(404, "no_route", "the relay has no such route"),
    ];
    for (const answer of elsewhere) {
      await assert.rejects(ticketSandbox(ctx, answer).sandbox.kill(), sdk.NotFoundError);
    }
  });

  test("a command's limit leaves the relay time to wake the sandbox", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox } = ticketSandbox(ctx, hang);
    await assert.rejects(time.run(sandbox.commands.run("true", { timeoutMs: 1_000 })), sdk.TimeoutError);
    assert.within(time.elapsed(), 36_000, 36_000);
  });

  test("retries are as everywhere", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const unavailable = () => failure(503, "sandbox_unavailable", "not now");
    const reads = ticketSandbox(ctx, unavailable);
    await assert.rejects(time.run(reads.sandbox.files.read("/x")), sdk.ServerError);
    assert.equal(reads.calls.length, 3, "attempts of a GET");
    const runs = ticketSandbox(ctx, unavailable);
    await assert.rejects(time.run(runs.sandbox.commands.run("true")), sdk.ServerError);
    assert.equal(runs.calls.length, 1, "attempts of a POST");
  });

  test("a conflict of a resume is the relay's word", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = ticketSandbox(ctx, () => failure(409, "conflict", "it is active"));
    await assert.rejects(sandbox.resume(), sdk.ConflictError);
    assert.equal(calls.length, 1, "requests");
  });

  test("what is no ticket is refused at once, and not shown", (ctx) => {
    const { sdk, assert } = ctx;
    const [payload, signature] = ticketOf().split(".");
    const wrong = [
      ...[
        "",
        " ",
        "a.b",
        payload,
        `${payload}.`,
        `.${signature}`,
        `${payload}.${signature}.x`,
        `${payload} .x`,
      ],
      ...[
        ticketOf({ sid: undefined }),
        ticketOf({ sid: 7 }),
        ticketOf({ sid: "../x" }),
        ticketOf({ allow: "exec" }),
      ],
      ...[`${btoa("[]").replace(/=/g, "")}.x`, `${btoa("null").replace(/=/g, "")}.x`, `${ticketOf()}\n`],
      ...[undefined, null, 7, {}, [ticketOf()], Symbol("x")],
    ];
    for (const ticket of wrong) {
      const open = () => sdk.Sandbox.fromTicket(ticket, { relayUrl: RELAY });
      const error = assert.throws(open, sdk.ValidationError, assert.show(ticket));
      if (`${String(ticket)}`.length > 9) assert.excludes(error.message, String(ticket));
    }
  });

  test("where the relay is: https, this machine, or the page's own origin", async (ctx) => {
    const { sdk, assert } = ctx;
    const asked = async (relayUrl) => {
      const calls = stubFetch(ctx, () => json(200, result()));
      await sdk.Sandbox.fromTicket(ticketOf(), { relayUrl }).commands.run("true");
      return calls[0].url;
    };
    assert.equal(await asked("https://app.example.com"), "https://app.example.com/exec");
    assert.equal(await asked("https://app.example.com/a/b/"), "https://app.example.com/a/b/exec");
    assert.equal(await asked("http://localhost:3000/api"), "http://localhost:3000/api/exec");
    const page = globalThis.location?.href?.startsWith("http")
      ? new URL(globalThis.location.href)
      : undefined;
    if (page) assert.equal(await asked("/api/sandbox"), `${page.origin}/api/sandbox/exec`);
    const wrong = [
      ...["", " ", "http://app.example.com/api", "ftp://localhost", "https://app.example.com/?x=1"],
      ...[
        "https://app.example.com/#x",
        "https://user:pass@app.example.com",
        "https://",
        "javascript:alert(1)",
      ],
      ...[undefined, null, 7, {}],
      ...(page ? [] : ["/api/sandbox", "api"]),
    ];
    for (const relayUrl of wrong) {
      const open = () => sdk.Sandbox.fromTicket(ticketOf(), { relayUrl });
      assert.throws(open, sdk.ValidationError, assert.show(relayUrl));
    }
    assert.throws(() => sdk.Sandbox.fromTicket(ticketOf()), sdk.ValidationError, "no options");
    const wrongRefresh = { relayUrl: RELAY, refreshTicket: "no function" };
    assert.throws(() => sdk.Sandbox.fromTicket(ticketOf(), wrongRefresh), sdk.ValidationError);
  });

  test("preview URLs are where the ticket says", async (ctx) => {
    const { assert } = ctx;
    const urls = (claims) =>
      ticketSandbox(ctx, noContent, { ticket: ticketOf(claims) }).sandbox.getPreviewUrl(3000);
    assert.equal(urls({}), `https://3000-${ID}.sandbox.superserve.ai`);
    assert.equal(urls({ previews: "https://usw.example.com" }), `https://3000-${ID}.usw.example.com`);
    const local = "http://localhost:8080";
    assert.equal(urls({ previews: local }), `http://3000-${ID}.localhost:8080`);
    assert.equal(
      urls({ allow: [] }),
      `https://3000-${ID}.sandbox.superserve.ai`,
      "no request, so no permission",
    );
    const token = {
      token: "pvt_1",
      port: 3000,
      header: "x",
      query_param: "p",
      token_version: 1,
      access: "private",
    };
    const { sandbox } = ticketSandbox(ctx, () => json(200, { ...token, preview_access: "private" }), {
      ticket: ticketOf({ previews: local }),
    });
    assert.equal(await sandbox.getSignedPreviewUrl(3000), `http://3000-${ID}.localhost:8080/?p=pvt_1`);
  });

  test("no error shows the ticket", async (ctx) => {
    const { assert } = ctx;
    const ticket = ticketOf();
    const answers = [
      () => Promise.reject(new TypeError(`cannot send Bearer ${ticket}`)),
      () => failure(500, "oops", `your ticket ${ticket} is nice`),
      () => new Response(ticket, { status: 400 }),
    ];
    for (const answer of answers) {
      const { sandbox } = ticketSandbox(ctx, answer, { ticket });
      const error = await assert.rejects(sandbox.commands.run("true"), undefined);
      assert.excludes(`${error.message}${error.code}${JSON.stringify(error)}`, ticket);
    }
  });

  test("an abort ends a call through the relay", async (ctx) => {
    const { sdk, assert } = ctx;
    const controller = new AbortController();
    const { sandbox, calls } = ticketSandbox(ctx, hang);
    const run = sandbox.commands.run("true", { signal: controller.signal });
    run.catch(() => {});
    await settle();
    controller.abort("enough");
    const error = await assert.rejects(run, sdk.SandboxError);
    assert.equal(error.cause, "enough");
    assert.ok(calls[0].init.signal.aborted);
  });
}
