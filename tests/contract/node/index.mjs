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
  memory,
  "the bench itself": self,
};

/** With those that `tests/runtimes` runs in every Node, too. */
export const nodeSubjects = { processes, ...hereOnly };

/** Of them, what is the same in whatever form the package is loaded: what it keeps, how it fails, what the service does. */
export const ofAnyForm = [
  "template limits and ends",
  "session limits and ends",
  "connections",
  "folders of this machine",
  "previews",
  "what imports throw",
  "OpenTelemetry",
  "memory",
  "the bench itself",
];
