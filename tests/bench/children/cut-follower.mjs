// Follows a log of 1 MB over a connection that is cut behind each byte of it: node cut-follower.mjs <module>
import { createdSandbox, json, stubbedSandbox, withFetch } from "../service.mjs";

const SIZE = 1_000_000;
const PIECE = 1;
const ID = "abcdefghijkl";
const RECORD = `{"command":"true"}\n${ID} running 1700000000000 5 0 - -\n`;

// Waits between requests are no part of it.
const { clearImmediate, clearTimeout, setImmediate, setTimeout } = globalThis;
/** @type {any} */ (globalThis).setTimeout = (
  /** @type {() => void} */ callback,
  ms = 0,
  /** @type {[]} */ ...args
) => (ms < 10_000 ? setImmediate(callback, ...args) : setTimeout(callback, ms, ...args));
/** @type {any} */ (globalThis).clearTimeout = (/** @type {any} */ timer) => {
  clearTimeout(timer);
  clearImmediate(timer);
};

// 14 bytes a line.
const whole = "a é ✨ 😀\n".repeat(Math.ceil(SIZE / 14));
const bytes = new TextEncoder().encode(whole);
let cuts = 0;

/** @param {number} from */
function transcript(from) {
  let text = `:open ${from} 0\n`;
  const end = Math.min(from + 2 * PIECE, bytes.length);
  for (let at = from; at < end; at += PIECE) {
    const piece = bytes.subarray(at, Math.min(at + PIECE, bytes.length));
    text += `${btoa(String.fromCharCode(...piece))}\n:stdout ${at} ${piece.length}\n`;
  }
  return end === bytes.length ? `${text}:end\n` : text;
}

/** @param {any} url @param {any} init */
async function answer(url, init) {
  const { pathname } = new URL(url);
  if (!pathname.startsWith("/exec")) return json(JSON.stringify(createdSandbox()));
  if (pathname === "/exec") return json(JSON.stringify({ stdout: RECORD, stderr: "", exit_code: 0 }));
  const { args } = JSON.parse(init.body);
  const text = transcript(Number(args[6]));
  const isLast = text.endsWith(":end\n");
  // Not before the first piece is whole, so that each request gets on by one.
  const whole = text.indexOf(":stdout");
  const cut = whole + 20 + ((cuts * 7919) % (text.length - whole - 20));
  if (!isLast) cuts++;
  const told = isLast ? text : text.slice(0, cut);
  const events = [{ stdout: told }, ...(isLast ? [{ exit_code: 0, finished: true }] : [])];
  const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const sandbox = await stubbedSandbox(await import(process.argv[2]));
await withFetch(answer, async () => {
  const start = performance.now();
  let all = "";
  const followed = await sandbox.processes.get(ID);
  for await (const { text } of followed.follow()) all += text;
  if (all !== whole) throw new Error(`${all.length} characters came of ${whole.length}, or others`);
  console.log(JSON.stringify({ ms: performance.now() - start, cuts }));
});
