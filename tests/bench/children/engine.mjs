// Those of any engine, in a process of Node.js, Bun or Deno: engine.mjs <our module> <the peer's module>
import { run } from "../engine.mjs";

const [ours, peer] = process.argv.slice(2);
await run({ ours, peer }, (message) => console.log(JSON.stringify(message)));
