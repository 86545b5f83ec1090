// A relay in a process of its own, which tells its memory: node --expose-gc relay-process.mjs <service> <API key>
import { startRelay } from "./support.mjs";

const [baseUrl, apiKey] = process.argv.slice(2);
let open = 0;
/** @param {{ type: string }} event */
const onEvent = ({ type }) => (open += type === "started" ? 1 : -1);
const { url } = await startRelay({ baseUrl, apiKey, onEvent, limits: { maxStreamsPerTicket: 1000 } });

process.on("message", async () => {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heap: heapUsed + external, open });
});
process.send?.({ url });
