// The memory of this process.
import { readFileSync } from "node:fs";

/**
 * The most that it has held so far, in MB. `resourceUsage().maxRSS` would count what the parent process held when it forked
 * this one.
 */
export function peakMb() {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return (Number(kib) * 1024) / 1e6;
}
