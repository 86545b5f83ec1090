// The tests that only Node can run.

import memory from "./memory.mjs";
import processes from "./processes.mjs";

export const nodeSubjects = { processes, memory };
