// The tests that only Node can run.

import connections from "./connections.mjs";
import examples from "./examples.mjs";
import folders from "./folders.mjs";
import imports from "./imports.mjs";
import memory from "./memory.mjs";
import otel from "./otel.mjs";
import previews from "./previews.mjs";
import processes from "./processes.mjs";
import published from "./published.mjs";
import realms from "./realms.mjs";
import self from "./self.mjs";
import sessions from "./sessions.mjs";
import templates from "./templates.mjs";
import tools from "./tools.mjs";
import uploads from "./uploads.mjs";
import xterm from "./xterm.mjs";

/** Those that nothing else runs. */
export const hereOnly = {
  "template limits and ends": templates,
  connections,
  "folders of this machine": folders,
  examples,
  "session limits and ends": sessions,
  previews,
  "published programs": published,
  "other realms": realms,
  "what imports throw": imports,
  OpenTelemetry: otel,
  "xterm.js": xterm,
  "schemas of tools": tools,
  "bytes on their way out": uploads,
  memory,
  "the bench itself": self,
};

/** With those that `tests/runtimes` runs in every Node, too. */
export const nodeSubjects = { processes, ...hereOnly };

/**
 * Those in which the form shows that the package is loaded in: what it exports, is thrown and inspected as, loads later and
 * shares with a relay. All others are the same code, which each form of each Node runs in `tests/runtimes`.
 */
export const ofForm = [
  "exports",
  "config",
  "objects",
  "sandbox",
  "commands",
  "files",
  "file writing",
  "file watching",
  "folders",
  "errors",
  "error forms",
  "context",
  "template",
  "session",
  "terminal",
  "relay",
  "processes",
  "examples",
  "published programs",
  "other realms",
];
