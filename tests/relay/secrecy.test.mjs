// What a page must never see: the API key, and access tokens.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { WebSocketServer } from "ws";

import { EXEC, runSession, TERMINAL, terminalSays } from "./sessions.mjs";
import {
  ALL,
  createTicket,
  fakeService,
  page,
  refusal,
  SECRET,
  startRelay,
  startService,
} from "./support.mjs";

let service, relay, sandbox, ticket, client;

before(async () => {
  service = await startService();
  relay = await startRelay(service);
  sandbox = await service.create();
  ticket = await createTicket(sandbox, { secret: SECRET, allow: ALL });
  client = page(relay.url, ticket);
});

after(async () => {
  await relay?.stop();
  await service?.stop();
});

const asks = async (text, url = relay.url) =>
  refusal(await page(url, text).fetch("/files?path=/etc/hostname"));
test("a page that reads every byte it was sent finds neither the API key nor an access token", async (t) => {
  const { hostname, port } = new URL(relay.origin);
  const { id } = sandbox;
  const tokens = new Set();
  const learn = async () => tokens.add((await service.api("GET", `/sandboxes/${id}`)).access_token);
  const bytes = [];
  const ask = async (method, path, body = "") => {
    const socket = connect(port, hostname);
    const length = method === "GET" ? "" : `content-length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`${method} /relay${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n`);
    socket.write(`authorization: Bearer ${ticket}\r\n${length}\r\n${body}`);
    for await (const chunk of socket) bytes.push(chunk);
  };
  await learn();
  await ask("POST", "/exec", '{"command":"env; cat /proc/self/environ; echo done"}');
  await ask("POST", "/exec/stream", '{"command":"env; ls /"}');
  await ask("POST", "/exec", "{");
  await ask("GET", "/files?path=/etc/hostname");
  await ask("GET", "/files?path=/missing");
  await ask("POST", "/files?path=/home/user/f", "content");
  await ask("GET", `/sandboxes/${id}`);
  await ask("GET", `/sandboxes/${id}/network`);
  await ask("PATCH", `/sandboxes/${id}`, '{"metadata":{"a":"b"}}');
  await ask("PATCH", `/sandboxes/${id}`, "{}");
  await ask("POST", `/sandboxes/${id}/preview-ports`, '{"port":8000,"access":"private"}');
  await ask("POST", `/sandboxes/${id}/preview-ports/8000/token`, "{}");
  await ask("GET", `/sandboxes/${id}/preview-ports`);
  await ask("POST", `/sandboxes/${id}/pause`);
  await ask("POST", `/sandboxes/${id}/pause`);
  await ask("POST", `/sandboxes/${id}/resume`);
  await learn();
  await ask("POST", "/exec", '{"command":"true"}');
  await service.api("POST", `/sandboxes/${id}/pause`);
  await ask("POST", "/exec", '{"command":"true"}');
  await learn();
  const record = (socket) => socket._socket?.on("data", (chunk) => bytes.push(chunk));
  const session = client.socket("/terminal", TERMINAL);
  session.on("upgrade", (response) => bytes.push(Buffer.from(response.rawHeaders.join("\n"))));
  session.on("open", () => record(session));
  await terminalSays(session, "env; echo six=$((2*3))\n", "six=6");
  session.terminate();
  await runSession(client, "env");

  const all = Buffer.concat(bytes).toString("latin1");
  assert.ok(all.length > 3000 && all.includes("done") && all.includes("HTTP/1.1 200"));
  assert.ok(tokens.size >= 2, `${tokens.size} tokens`);
  for (const secret of [service.apiKey, SECRET, ...tokens]) assert.ok(!all.includes(secret));
  assert.doesNotMatch(all, /access_token|x-api-key|x-access-token/i);
  t.diagnostic(`${all.length} bytes read`);
});

test("a service that repeats the relay's credentials in its errors", async (t) => {
  const answer = (token) =>
    JSON.stringify({ error: { code: "no", message: `key ${service.apiKey}, token ${token}` } });
  const upstream = await fakeService(t, { status: 418, answer: answer("token") });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const response = await page(its.url, ticket).fetch("/files?path=/x");
  const text = await response.text();
  assert.equal(response.status, 418);
  assert.equal(JSON.parse(text).error.code, "no");
  assert.ok(!text.includes(service.apiKey) && !/token token/.test(text), text);
});

// Of another sandbox, of this one before it woke, and of this one now.
const OTHERS_TOKEN = "sat_of-another-sandbox-Xk29fLq0Zr7";
const OLD_TOKEN = "sat_before-it-woke-pT4mVw81&<=Qe6";
const TOKEN = "sat_as-it-is-now-Jc53hNs2Yb9uDa0";
const OTHER_ID = "0b6a3c1e-5d7f-4a80-9c12-3e4f5a6b7c8d";

const each = (text, form) => [...text].map((char) => form(char.charCodeAt(0))).join("");
const hex = (code) => code.toString(16).padStart(2, "0");
const FORMS = {
  "as it is": (secret) => secret,
  "in capitals": (secret) => secret.toUpperCase(),
  "without its last character": (secret) => secret.slice(0, -1),
  "without its beginning": (secret) => secret.slice(6),
  "three quarters of it": (secret) => secret.slice(0, Math.ceil(secret.length * 0.75)),
  "percent-encoded": (secret) => encodeURIComponent(secret),
  "all of it percent-encoded, twice": (secret) => each(secret, (code) => `%25${hex(code)}`),
  "in JSON": (secret) => each(secret, (code) => `\\u00${hex(code)}`),
  "in HTML": (secret) => secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
  "in HTML, by numbers": (secret) => each(secret, (code) => `&#${code};`),
  "in base64": (secret) => Buffer.from(secret).toString("base64"),
  "behind a name in base64url": (secret) => Buffer.from(`a:${secret}`).toString("base64url"),
};

/** How much of one text is in the other, in one piece. */
function longestPiece(of, text) {
  let longest = 0;
  for (let from = 0; from + longest < of.length; from++) {
    while (from + longest < of.length && text.includes(of.slice(from, from + longest + 1))) longest++;
  }
  return longest;
}

/** A service in which `say.control` and `say.data` answer what is not about tokens. */
async function scriptedService(t) {
  const say = {};
  let awake = false;
  const server = createServer((request, response) => {
    const { method, url } = request;
    const token = url.includes(OTHER_ID) ? OTHERS_TOKEN : awake ? TOKEN : OLD_TOKEN;
    if (url.endsWith("/activate")) awake = true;
    if (url.startsWith("/sandboxes/") && (say.control === undefined || url.endsWith("/activate"))) {
      const value = { status: "active", access_token: awake && token === OLD_TOKEN ? TOKEN : token };
      return response.end(JSON.stringify(value));
    }
    if (url.startsWith("/sandboxes/")) return say.control(response);
    if (request.headers["x-access-token"] === OLD_TOKEN) return response.writeHead(401).end();
    say.data?.(response, decodeURIComponent(url));
    if (!say.data) response.end(`${method} is done`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { say, server, baseUrl: `http://127.0.0.1:${server.address().port}` };
}

/** A relay that knows every kind of secret; `client` is a page of it. */
async function knowingRelay(t) {
  const upstream = await scriptedService(t);
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const other = await createTicket(OTHER_ID, { secret: SECRET, allow: ALL });
  const client = page(its.url, ticket);
  for (const one of [page(its.url, other), client]) {
    const response = await one.fetch("/files?path=/x");
    assert.deepEqual([response.status, await response.text()], [200, "GET is done"]);
  }
  const secrets = [service.apiKey, OTHERS_TOKEN, OLD_TOKEN, TOKEN, SECRET, ticket];
  return { ...upstream, ...its, client, secrets };
}

const fail = (response, message, { status = 418, code = "no", headers = {} } = {}) =>
  response.writeHead(status, headers).end(JSON.stringify({ error: { code, message } }));

test("no error of either plane shows a secret, in whatever form the service repeats it", async (t) => {
  const { say, client, secrets, events } = await knowingRelay(t);
  const places = {
    message: (response, text) => fail(response, `it said ${text} to us`),
    "a word among others": (response, text) => fail(response, `{"token":"${text}","user":"x"}`),
    "plain text": (response, text) => response.writeHead(418).end(`token=${text}; it is wrong`),
    code: (response, text) => fail(response, "x", { code: text }),
    "a request's id": (response, text) => fail(response, "x", { headers: { "x-request-id": text } }),
    "when to come again": (response, text) => fail(response, "x", { headers: { "retry-after": text } }),
  };
  for (const [form, shown] of Object.entries(FORMS)) {
    for (const [place, answer] of Object.entries(places)) {
      for (const secret of secrets) {
        const text = shown(secret);
        say.data = say.control = (response) => answer(response, text);
        for (const path of ["/files?path=/x", `/sandboxes/${sandbox.id}`]) {
          events.length = 0;
          const response = await client.fetch(path);
          assert.equal(response.status, 418);
          const told = `${await response.text()} ${[...response.headers].join()}`;
          const audit = events.map(({ code, cause }) => `${code} ${cause?.stack}`).join();
          for (const what of [told, audit]) {
            assert.ok(longestPiece(text, what) < 16, `${form}, ${place}, ${path}: ${what}`);
          }
        }
      }
    }
  }
});

test("what the service says of other things stays as it is", async (t) => {
  const { say, client } = await knowingRelay(t);
  const message = "no such file: /home/user/ss_live_notes.txt, status token_expired (access_token?)";
  const headers = { "x-request-id": "req_01JD3W5T9Q-access-log", "retry-after": "2" };
  say.data = (response) => fail(response, message, { code: "not_found", headers });
  const response = await client.fetch("/files?path=/x");
  assert.deepEqual((await response.json()).error, { code: "not_found", message });
  for (const [name, value] of Object.entries(headers)) assert.equal(response.headers.get(name), value);
});

test("what the sandbox itself says stays as it is", async (t) => {
  const { say, client, secrets } = await knowingRelay(t);
  const said = `data: ${JSON.stringify({ stdout: secrets.join() })}\n\n`;
  say.data = (response) => response.end(said);
  assert.equal(await (await client.fetch("/exec/stream", client.exec("env"))).text(), said);
});

test("what the service tells of a sandbox, and its headers, show no secret", async (t) => {
  const { say, client, secrets } = await knowingRelay(t);
  for (const [form, shown] of Object.entries(FORMS)) {
    for (const secret of secrets) {
      const text = shown(secret);
      const details = {
        id: sandbox.id,
        status: "active",
        access_token: TOKEN,
        metadata: { [text]: text },
        tags: [text, "x"],
      };
      say.control = (response) => response.end(JSON.stringify(details));
      const told = await client.json(`/sandboxes/${sandbox.id}`);
      assert.deepEqual(
        [told.id, told.status, told.access_token, told.tags[1]],
        [sandbox.id, "active", undefined, "x"],
      );
      assert.ok(longestPiece(text, JSON.stringify(told)) < 24, `${form}: ${JSON.stringify(told)}`);
      if (!/^[!-~]+$/.test(text)) continue;
      say.data = (response) =>
        response.writeHead(200, { "content-type": text, "x-request-id": text }).end("content");
      const answer = await client.fetch("/files?path=/x");
      assert.equal(await answer.text(), "content");
      assert.ok(longestPiece(text, [...answer.headers].join()) < 16, form);
    }
  }
});

test("no secret is in the reason for which the service closes a WebSocket", async (t) => {
  const { server, client, secrets } = await knowingRelay(t);
  const sockets = new WebSocketServer({ server, handleProtocols: () => EXEC });
  for (const reason of [...secrets.map((secret) => `bad ${secret}`.slice(0, 120)), "message too large"]) {
    const socket = client.socket("/exec/connect", EXEC);
    const messages = [];
    socket.on("message", (data) => messages.push(`${data}`));
    const [theirs] = await once(sockets, "connection");
    const ended = once(socket, "close");
    const sent = ["", "short", "x".repeat(200), "y".repeat(70_000)];
    for (const text of sent) theirs.send(text);
    theirs.close(4001, reason);
    const [code, told] = await ended;
    assert.deepEqual([code, messages], [4001, sent]);
    if (reason.startsWith("bad")) assert.ok(longestPiece(reason.slice(4), `${told}`) < 12, `${told}`);
    else assert.equal(`${told}`, reason);
  }
});

test("a page that has its guesses repeated does not learn by them how a secret goes on", async (t) => {
  const { say, client } = await knowingRelay(t);
  say.data = (response, url) => fail(response, `no such file: ${url.split("path=")[1]}`, { status: 404 });
  const known = "ss_live_";
  const answers = new Set();
  for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") {
    for (const guess of [known + char, `-----------${known}${char}`]) {
      const { error } = await (await client.fetch(`/files?path=/${guess}`)).json();
      answers.add(error.message.replace(guess, "the guess"));
    }
  }
  assert.deepEqual([...answers], ["no such file: /the guess"]);
});

test("a wrong API key is the relay's fault, not the ticket's", async (t) => {
  const its = await startRelay({ baseUrl: service.baseUrl, apiKey: "ss_live_wrong" }, t);
  const expected = [502, "upstream_unauthorized"];
  assert.deepEqual(await asks(ticket, its.url), expected);
  assert.deepEqual(await refusal(await page(its.url, ticket).fetch(`/sandboxes/${sandbox.id}`)), expected);
});

test("a service that redirects is not followed", async (t) => {
  const upstream = await fakeService(t, { status: 307 });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  assert.deepEqual(await asks(ticket, its.url), [502, "bad_gateway"]);
});
