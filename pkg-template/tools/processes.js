// What goes on in the background, and what it serves.
import { shortened } from "./output.js";
import { shell } from "./shell.js";

/** @import { Process, ProcessInfo } from "#types" */
/** @import { Call } from "./make.js" */

const PORT_MS = 60_000;
/** How long a process may take to end by itself. */
const GRACE_MS = 5_000;
const LINES = 100;
/** A command is to be recognised, no more. */
const COMMAND_CHARS = 200;

/** Whether that came in time. @param {Promise<unknown>} work */
const inTime = (work) =>
  work.then(
    () => true,
    (error) => {
      if (error?.name !== "TimeoutError") throw error;
      return false;
    },
  );

/**
 * The last lines that a process has written.
 *
 * @param {Call} call
 * @param {Process} process
 * @param {number} [tail]
 */
async function written({ how, output }, process, tail = LINES) {
  const { stdout, stderr } = await process.logs({ tail, ...how });
  const out = output();
  await out.add(stdout);
  if (stderr) await out.add(`${/[^\n]$/.test(stdout) ? "\n" : ""}[standard error]\n${stderr}`);
  return (await out.end()).text;
}

/** @param {ProcessInfo} info */
const described = ({ id, name, command, args, status, exitCode }) => ({
  process_id: id,
  name: name ?? null,
  // A model's command is the last argument of its shell.
  command: shortened(args?.at(-1) ?? command, COMMAND_CHARS),
  running: status === "running",
  exit_code: exitCode ?? null,
});

/** @param {{ exit_code: number | null }} process */
const ended = ({ exit_code }) => `ended${exit_code === null ? "" : ` with exit code ${exit_code}`}`;

/** @param {ReturnType<typeof described>} process */
const line = (process) =>
  `${process.process_id}${process.name ? ` (${process.name})` : ""}: ${
    process.running ? "running" : ended(process)
  }: ${process.command}`;

/** @param {Call} call */
export async function startProcess(call) {
  const { sandbox, input, signal, how } = call;
  const { name, port } = input;
  const process = await sandbox.processes.start("/bin/sh", { ...(await shell(call)), ...(name && { name }) });
  const process_id = process.id;
  const text = `Started process ${process_id}`;
  if (port === null) {
    return {
      text: `${text}. process_output shows what it writes, stop_process ends it.`,
      structured: { process_id, listening: null, output: "" },
    };
  }
  try {
    const listening = await inTime(process.waitForPort(port, { timeoutMs: PORT_MS, ...how }));
    const output = await written(call, process);
    const says = listening
      ? `it listens at port ${port}`
      : `nothing listens at port ${port} after ${PORT_MS / 1000} seconds: look at its output, and wait or stop it`;
    return { text: `${text}: ${says}.\n${output}`.trim(), structured: { process_id, listening, output } };
  } catch (error) {
    // What its caller gave up is to be gone.
    if (signal?.aborted) await process.remove().catch(() => {});
    throw error;
  }
}

/** @param {Call} call */
export async function processOutput(call) {
  const { sandbox, input, how } = call;
  const { process_id: id, limit, wait_ms: timeoutMs } = input;
  if (id === null) {
    const processes = (await sandbox.processes.list(how)).map(described);
    return {
      text: processes.map(line).join("\n") || "There are no processes: start_process starts one.",
      structured: { processes, output: "" },
    };
  }
  const process = await sandbox.processes.get(id, how);
  if (timeoutMs) await inTime(process.wait({ timeoutMs, ...how }));
  const output = await written(call, process, limit ?? LINES);
  const one = described(await process.info(how));
  return {
    text: `${line(one)}\n${output || "(no output)"}`,
    structured: { processes: [one], output },
  };
}

/** @param {Call} call */
export async function stopProcess({ sandbox, input, how }) {
  const process = await sandbox.processes.get(input.process_id, how);
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
    await process.kill(signal, how);
    if (await inTime(process.wait({ timeoutMs: GRACE_MS, ...how }))) break;
  }
  const { exit_code } = described(await process.info(how));
  return { text: `Process ${process.id} has ${ended({ exit_code })}.`, structured: { exit_code } };
}

/** @param {Call} call */
export async function previewUrl({ sandbox, input: { port }, how }) {
  const { access } = await sandbox.publishPreviewPort(port, how);
  const url = sandbox.getPreviewUrl(port);
  const says = [
    url,
    access === "private"
      ? "It is private: the application adds the token that opens it."
      : "Anybody can open it.",
  ];
  if (!(await sandbox.ports(how)).some((one) => one.port === port))
    says.push(`Nothing listens at port ${port} yet: start the server with start_process.`);
  return { text: says.join("\n"), structured: { url, access } };
}
