// Lets each function that the module imports throw, at each of several moments of each of several calls, and tells
// what became of the calls. The names of imports are what the package has, which may be short.

import {
  ID,
  event,
  failure,
  finished,
  json,
  noContent,
  result,
  wireSandbox,
} from "../../support/fixtures.mjs";
import { hang } from "../../support/stub-fetch.mjs";
import { stubSockets } from "../../support/stub-socket.mjs";
import {
  BUILD_ID,
  logEnd,
  logEvent,
  wireBuild,
  wireCreated,
  wireTemplate,
} from "../../support/templates.mjs";
import { RELAY, ticketOf } from "../../support/tickets.mjs";
import { settle, virtualTime } from "../../support/virtual-time.mjs";
import { loadSdk } from "../load-sdk.mjs";

const { sdkPath, throws } = JSON.parse(process.argv[2]);

class Boom extends Error {}
/** How often each import was called; which call of which throws. */
const counts = new Map();
const sources = new Map();
let armed;
let stack;
let thrown = 0;

const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    const wrapped = {};
    for (const [from, functions] of Object.entries(imports)) {
      wrapped[from] = {};
      for (const [name, value] of Object.entries(functions)) {
        wrapped[from][name] = typeof value === "function" ? imported(name, value) : value;
      }
    }
    super(module, wrapped);
    stack = Object.values(this.exports).find((value) => value instanceof WebAssembly.Global);
  }
};

function imported(name, original) {
  sources.set(name, `${original}`);
  return (...args) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (armed?.name === name && armed.at === count) {
      armed = undefined;
      thrown++;
      throw new Boom(name);
    }
    return original(...args);
  };
}

/**
 * What is declared with `catch` has a net of its own, outside of which it throws here: then nobody knows the promise
 * that it was to wait for.
 */
const hasNet = (name) => /\bcatch\s*\(\w+\)\s*\{[^{}]*\}\s*\}$/.test(sources.get(name));

const unhandled = [];
let doing = "nothing";
let excused = false;
for (const name of ["unhandledRejection", "uncaughtException"]) {
  process.on(name, (error) => excused || unhandled.push(`${name} in ${doing}: ${error?.stack ?? error}`));
}

const forever = { defer() {}, runtime: {} };
const time = virtualTime(forever);
const sdk = await loadSdk(sdkPath);
const { Sandbox, Template } = sdk;
const connection = { apiKey: "k", baseUrl: "http://localhost:9" };

let respond;
globalThis.fetch = async (url, init) =>
  respond({ url, init, method: init.method, path: new URL(url).pathname });
const sockets = stubSockets(forever, (socket) => socket.open());

respond = () => json(201, wireSandbox());
const sandbox = await Sandbox.create({ ...connection, name: "x" });
respond = () => json(202, wireCreated());
const template = await Template.create({ ...connection, name: "x", from: "debian:12" });

const stream = () => new Response(event({ stdout: "a" }) + event({ stderr: "b" }) + finished());
const wireToken = {
  port: 3000,
  token: "t",
  header: "h",
  query_param: "q",
  preview_access: "private",
  token_version: 1,
  access: "private",
};
/** The first answer, then the others; the last repeats. */
const inTurn = (...answers) => {
  let at = 0;
  return (call) => answers[Math.min(at++, answers.length - 1)](call);
};
const woken = (then) => {
  let awake = false;
  return (call) => {
    if (call.path.endsWith("/activate")) {
      awake = true;
      return json(200, wireSandbox({ access_token: "fresh" }));
    }
    return awake ? then(call) : failure(401, "unauthorized", "stale");
  };
};
const build = ({ path }) => {
  if (path.endsWith("/logs")) return new Response(logEvent("a") + logEvent("b") + logEnd());
  return json(
    200,
    path.includes("/builds/") ? wireBuild({ status: "ready" }) : wireTemplate({ status: "ready" }),
  );
};

async function session(start, end) {
  const opened = await start();
  end(sockets.at(-1));
  return opened.wait();
}

async function aborted(start) {
  const controller = new AbortController();
  const promise = start(controller.signal);
  // Whatever it does, somebody will look.
  Promise.resolve(promise).catch(() => {});
  await settle();
  controller.abort();
  return promise;
}

/** Two calls at once: how the one that fails ended, when both have. */
async function both(start) {
  const ends = await Promise.allSettled([start, start].map(async (one) => one()));
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

const OPERATIONS = {
  create: [
    () => json(201, wireSandbox()),
    () => Sandbox.create({ ...connection, name: "x", metadata: { a: "b" } }),
  ],
  connect: [() => json(200, wireSandbox()), () => Sandbox.connect(ID, connection)],
  getInfo: [() => json(200, wireSandbox()), () => sandbox.getInfo()],
  list: [() => json(200, [wireSandbox(), wireSandbox()]), () => Sandbox.list(connection)],
  run: [() => json(200, result({ stdout: "a" })), () => sandbox.commands.run("x", { env: { A: "b" } })],
  "run with callbacks": [stream, () => sandbox.commands.run("x", { onStdout() {}, onStderr() {} })],
  read: [() => new Response("file"), () => sandbox.files.read("/a", { onProgress() {} })],
  readText: [() => new Response("file"), () => sandbox.files.readText("/a")],
  write: [noContent, () => sandbox.files.write("/a", "text")],
  spawn: [
    noContent,
    () =>
      session(
        () => sandbox.commands.spawn("x", { onStdout() {} }),
        (socket) => (socket.finish(), socket.end()),
      ),
  ],
  terminal: [
    noContent,
    () =>
      session(
        () => sandbox.terminal({ onData() {} }),
        (socket) => socket.end(1000),
      ),
  ],
  getSignedPreviewUrl: [() => json(200, wireToken), () => sandbox.getSignedPreviewUrl(3000)],
  previewUrl: [noContent, () => sdk.previewUrl(ID, "example.com", 3000)],
  streamBuildLogs: [build, () => template.streamBuildLogs({ onEvent() {} })],
  waitUntilReady: [build, () => template.waitUntilReady({ onLog() {} })],
  "waitUntilReady, in the end": [
    () => {
      let looks = 0;
      return (call) => (call.path.endsWith(BUILD_ID) && looks++ < 3 ? json(200, wireBuild()) : build(call));
    },
    () => template.waitUntilReady({ onLog() {} }),
    "anew",
  ],
  ...Object.fromEntries(
    Object.entries({
      "a ticket's renewal": async () => ticketOf({}, "second"),
      "a ticket's renewal that fails": () => Promise.reject(new Error("no ticket")),
    }).map(([name, refreshTicket]) => [
      name,
      [
        ({ init }) =>
          init.headers.Authorization.endsWith("second")
            ? json(200, result())
            : failure(401, "ticket_expired", "over"),
        () => Sandbox.fromTicket(ticketOf(), { relayUrl: RELAY, refreshTicket }).commands.run("x"),
      ],
    ]),
  ),
  "an error answer": [() => failure(404, "not_found", "gone"), () => sandbox.getInfo()],
  "an invalid answer": [() => new Response("{"), () => sandbox.getInfo()],
  "an invalid argument": [noContent, () => Sandbox.list({ ...connection, limit: {} })],
  "a retry": [
    () =>
      inTurn(
        () => failure(503, "busy", "later"),
        () => json(200, wireSandbox()),
      ),
    () => sandbox.getInfo(),
    "anew",
  ],
  "an abort": [hang, () => aborted((signal) => sandbox.getInfo({ signal }))],
  "a timeout": [hang, () => sandbox.getInfo({ timeoutMs: 1000 })],
  "an abort of a create": [
    () =>
      ({ init, method }) =>
        method === "DELETE"
          ? noContent()
          : new Promise((resolve) =>
              init.signal.addEventListener("abort", () => resolve(json(201, wireSandbox()))),
            ),
    () => aborted((signal) => Sandbox.create({ ...connection, name: "x", signal })),
    "anew",
  ],
  "a wake-up": [() => woken(() => json(200, result())), () => sandbox.commands.run("x"), "anew"],
  "a wake-up for two": [
    () => woken(stream),
    () => both(() => sandbox.commands.run("x", { onStdout() {} })),
    "anew",
  ],
};

/** Calls an operation and waits: how it ended, or that it hangs. */
async function outcomeOf(name) {
  const [answer, call, anew] = OPERATIONS[name];
  respond = anew ? answer() : answer;
  counts.clear();
  let made;
  try {
    made = call();
  } catch (error) {
    return told(error);
  }
  try {
    await time.run(Promise.resolve(made));
    return "resolved";
  } catch (error) {
    return told(error);
  } finally {
    // What goes on in the background comes to its end, too.
    await time.advance(120_000);
    await settle();
  }
}

function told(error) {
  if (error instanceof Boom) return "boom";
  if (error?.message === "no ticket") return error.message;
  if (error instanceof sdk.SandboxError) return `${error.name} ${error.code}`;
  return `not an error of the SDK: ${error?.stack ?? error}`;
}

const FINE = new Set(["resolved", "boom", "SandboxError unexpected"]);
const wrong = [];
const excerpt = (name) => `${name} = ${sources.get(name).replace(/\s+/g, " ").slice(0, 160)}`;
const usual = new Map();
const seen = new Map();
for (const name of Object.keys(OPERATIONS)) {
  usual.set(name, await outcomeOf(name));
  // The first call of a program does more than others.
  usual.set(name, await outcomeOf(name));
  seen.set(name, new Map(counts));
}

let rounds = 0;
const top = stack?.value;
for (const [name, calls] of seen) {
  for (const [imported, most] of calls) {
    for (const at of new Set([1, 2, most])) {
      if (at > most) continue;
      doing = `${name}, call ${at} of ${excerpt(imported)}`;
      armed = { name: imported, at };
      excused = hasNet(imported);
      const outcome = await outcomeOf(name);
      armed = undefined;
      excused = false;
      rounds++;
      if (!FINE.has(outcome) && outcome !== usual.get(name)) wrong.push(`${doing}: ${outcome}`);
      doing = `what follows ${doing}`;
      // Two at once, which must not be taken for one.
      respond = () => json(200, wireSandbox());
      const two = both(() => Sandbox.connect(ID, connection));
      const after = await time.run(two).then(() => "resolved", told);
      if (after !== "resolved") wrong.push(`${doing}: ${after}`);
      const again = await outcomeOf(name);
      if (again !== usual.get(name)) wrong.push(`${doing}: ${again} instead of ${usual.get(name)}`);
      if (wrong.length + unhandled.length > 20) report();
    }
  }
}

// Many, in the middle of a call.
const inTheMiddle = [...seen.get("run with callbacks").keys()];
for (let i = 0; thrown < rounds + throws && i < 4 * throws; i++) {
  doing = `the throw of number ${i}`;
  armed = { name: inTheMiddle[i % inTheMiddle.length], at: 1 };
  excused = hasNet(armed.name);
  respond = stream;
  counts.clear();
  const made = (async () => sandbox.commands.run("x", { onStdout() {} }))();
  await time.run(made).catch(() => {});
  await settle();
}
armed = undefined;
excused = false;
for (const name of Object.keys(OPERATIONS)) {
  doing = `${name} in the end`;
  const again = await outcomeOf(name);
  if (again !== usual.get(name)) wrong.push(`${doing}: ${again} instead of ${usual.get(name)}`);
}
report();

function report() {
  const outcomes = Object.fromEntries(usual);
  console.log(
    `result ${JSON.stringify({ rounds, thrown, wrong, unhandled, outcomes, stackMoved: stack && stack.value !== top, imports: sources.size })}`,
  );
  process.exit(0);
}
