// What listens in a sandbox, and waiting for it: by scripts that wait there.
import { LIST_PORTS, TIMEOUT, WAIT_FOR_PORT } from "#constants";
import { waited } from "../processes/again.js";

/** @import { Rest } from "../index.js" */

/** Unless the caller says otherwise. */
const WAIT_MS = 60_000;

/**
 * Resolves once the port answers: with `!open`, or with why it never will, where it is a process's whose `id` is given.
 *
 * @param {any} options
 * @param {Rest} rest
 * @param {string} [id]
 */
export function answered({ port, path = "", status = 0, signal, timeoutMs = WAIT_MS }, rest, id = "") {
  const { run, make, refusal } = rest;
  if (status && !path) throw refusal("status", "come with a path");
  if (path && !/^\/[!-~]*$/.test(path)) {
    throw refusal("path", "start with / and have neither blanks nor what a URL has to escape");
  }
  return waited(
    {
      signal,
      timeoutMs,
      late: () => make(TIMEOUT, `nothing answered at port ${port} in time`, 0, "timeout"),
    },
    (wake, seconds, last) => run(WAIT_FOR_PORT, [port, wake, path, status, seconds, id, last], Boolean(id)),
    async (text) => (text === "!waiting" ? undefined : text),
    rest,
  );
}

/**
 * @param {any} options
 * @param {Rest} rest
 */
export async function waitForPort(options, rest) {
  await answered(options, rest);
}

/**
 * What listens, by port.
 *
 * @param {any} options
 * @param {Rest} rest
 */
export async function ports({ timeoutMs, signal }, { run }) {
  /** @type {string} */
  const told = await run(LIST_PORTS, [{ timeoutMs, signal }]);
  const lines = told.split("\n").map((line) => line.split(" "));
  /** @type {Map<string, { pid: number, command?: string }>} By the socket, the first that has it. */
  const owners = new Map();
  for (const [kind, socket, id, ...words] of lines) {
    const pid = Number(id);
    if (kind !== "process" || Number(owners.get(socket)?.pid) <= pid) continue;
    const command = words.join(" ").trim();
    owners.set(socket, command ? { pid, command } : { pid });
  }
  return lines
    .filter(([kind]) => kind === "port")
    .map(([, place, socket]) => {
      const [address, port] = place.split(":");
      return { port: parseInt(port, 16), address: addressOf(address), ...owners.get(socket) };
    })
    .sort((one, other) => one.port - other.port || (one.address < other.address ? -1 : 1));
}

/** An address as people write it: the kernel has words in the order of the machine. @param {string} hex */
function addressOf(hex) {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => parseInt(byte, 16)).join(".");
  const groups = bytes.join("").match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
