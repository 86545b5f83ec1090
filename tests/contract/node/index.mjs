// The tests that only Node can run.

import examples from "./examples.mjs";
import memory from "./memory.mjs";
import processes from "./processes.mjs";
import self from "./self.mjs";
import templates from "./templates.mjs";

export const nodeSubjects = {
  processes,
  "template limits and ends": templates,
  "template example": examples,
  memory,
  "the bench itself": self,
};
