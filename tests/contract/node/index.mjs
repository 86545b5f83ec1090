// The tests that only Node can run.

import memory from "./memory.mjs";
import processes from "./processes.mjs";
import self from "./self.mjs";

export const nodeSubjects = { processes, memory, "the bench itself": self };
