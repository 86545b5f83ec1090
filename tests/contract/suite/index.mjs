// Every subject of the suite, in the order it runs. Static imports: pages and isolates load it too.

import calls from "./calls.mjs";
import commands from "./commands.mjs";
import config from "./config.mjs";
import events from "./events.mjs";
import exportsSubject from "./exports.mjs";
import files from "./files.mjs";
import sandbox from "./sandbox.mjs";
import stream from "./stream.mjs";

export const suite = {
  exports: exportsSubject,
  config,
  calls,
  sandbox,
  commands,
  stream,
  events,
  files,
};
