// A fetch handler as a listener of node:http. The relay has a better one of its own, for big bodies and WebSockets.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export function onNode(handler) {
  return async function listener(incoming, outgoing) {
    const gone = new AbortController();
    outgoing.on("close", () => gone.abort());
    try {
      const response = await handler(toRequest(incoming, gone.signal));
      outgoing.writeHead(response.status, [...response.headers].flat());
      outgoing.flushHeaders();
      if (response.body) await pipeline(Readable.fromWeb(response.body), outgoing);
      else outgoing.end();
    } catch (error) {
      if (!gone.signal.aborted) console.error(error);
      outgoing.destroy();
    }
  };
}

function toRequest(incoming, signal) {
  const { method, headers, url } = incoming;
  const bodyless = method === "GET" || method === "HEAD";
  return new Request(new URL(url, `http://${headers.host}`), {
    method,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
    body: bodyless ? undefined : Readable.toWeb(incoming),
    duplex: "half",
    signal,
  });
}
