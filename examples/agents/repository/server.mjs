// The page: node server.mjs PORT
import { createServer } from "node:http";

import { discounted } from "./price.mjs";

const server = createServer((_, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<h1>A hundred euros cost ${discounted(10_000) / 100}</h1>\n`);
});
server.listen(Number(process.argv[2]), () => console.log("the shop is open"));
