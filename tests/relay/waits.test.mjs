// How long the relay waits. The clock is the test's own, which Node's `fetch` would trip over: there is none here.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ALL, createRelay, createTicket, refusal, SECRET } from "./support.mjs";

const ID = "0b6a3c1e-5d7f-4a80-9c12-3e4f5a6b7c8d";
const STILL_MS = 60_000;
const AWAKE = { status: "active", access_token: "token" };
/** Of a ticket that has one place. */
const onePlace = { limits: { maxStreamsPerTicket: 1 } };
const ticketFor = () => createTicket(ID, { secret: SECRET, allow: ALL });

test("an application that never answers: the page is told, and has its place back", async (t) => {
  let asked = 0;
  const authorize = () => new Promise(() => (asked += 1));
  const relay = createRelay({ apiKey: "ss_live_x", secret: SECRET, ...onePlace, authorize });
  const headers = { authorization: `Bearer ${await ticketFor()}` };
  const ask = () => relay(new Request(`http://relay/sandboxes/${ID}`, { headers }));
  for (const time of [1, 2]) {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const answer = ask();
    await turnsUntil(() => asked === time);
    t.mock.timers.tick(30_000);
    assert.deepEqual(await refusal(await answer), [504, "timeout"]);
    t.mock.timers.reset();
  }
});

test("a body that stands still ends, whoever holds it up", async (t) => {
  let held = false;
  t.mock.method(globalThis, "fetch", async (url, { body, signal }) => {
    if (!body) return Response.json(AWAKE);
    // Deaf: takes nothing of it.
    held = true;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  const relay = createRelay({ apiKey: "ss_live_x", secret: SECRET, ...onePlace });
  const authorization = `Bearer ${await ticketFor()}`;
  const pull = () => new Promise(() => (held = true));
  const silent = new ReadableStream({ pull }, { highWaterMark: 0 });
  const upload = (headers, body) =>
    new Request("http://relay/files?path=/x", {
      method: "POST",
      headers: { authorization, ...headers },
      body,
      duplex: "half",
    });
  for (const request of [
    upload({ "content-length": "1000" }, silent),
    upload({ "content-length": "5000000" }, new Uint8Array(5_000_000)),
  ]) {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    held = false;
    let answered = false;
    const answer = relay(request).finally(() => (answered = true));
    await turnsUntil(() => held);
    t.mock.timers.tick(STILL_MS - 1);
    for (let i = 0; i < 20; i++) await turn();
    assert.equal(answered, false, "it has its time");
    t.mock.timers.tick(1);
    assert.deepEqual(await refusal(await answer), [504, "timeout"]);
    t.mock.timers.reset();
  }
});

/** A turn of the event loop, whatever the timers say. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function turnsUntil(probe) {
  while (!probe()) await turn();
}
