// What goes on in the background, and what it serves.
import { shell } from "./shell.js";

/** @import { Process, ProcessInfo } from "#types" */
/** @import { Call } from "./make.js" */

const PORT_MS = 60_000;
/** How long a process may take to end by itself. */
const GRACE_MS = 5_000;
const LINES = 100;

/** @param {any} error */
const isLate = (error) => error?.name === "TimeoutError";

/** @param {Promise<unknown>} work */
const inTime = (work) =>
  work.then(
    () => true,
    (error) => {
      if (isLate(error)) return false;
      throw error;
    },
  );

/**
 * The last lines that a process has written.
 *
 * @param {Pick<Call, "signal" | "output">} call
 * @param {Process} process
 * @param {number} tail
 */
async function written({ signal, output }, process, tail) {
  const { stdout, stderr } = await process.logs({ tail, signal });
  const out = output();
  await out.add(stdout);
  if (stderr)
    await out.add(`${stdout === "" || stdout.endsWith("\n") ? "" : "\n"}[standard error]\n${stderr}`);
  return (await out.end()).text;
}

/** @param {ProcessInfo} info */
const described = ({ id, name, command, args, status, exitCode }) => ({
  process_id: id,
  name: name ?? null,
  // A model's command is the last argument of its shell.
  command: args?.at(-1) ?? command,
  running: status === "running",
  exit_code: exitCode ?? null,
});

/** @param {ReturnType<typeof described>} process */
const line = ({ process_id, name, command, running, exit_code }) =>
  `${process_id}${name === null ? "" : ` (${name})`}: ${
    running ? "running" : `ended${exit_code === null ? "" : ` with exit code ${exit_code}`}`
  }: ${command.slice(0, 200)}`;

/** @param {Call} call */
export async function startProcess({ sandbox, input, signal, places, output }) {
  const { program, args } = shell(input.command);
  const { path: cwd } =
    input.cwd === null
      ? { path: await places.cwd(sandbox, signal) }
      : await places.find(sandbox, input.cwd, { signal });
  const process = await sandbox.processes.start(program, {
    args,
    cwd,
    name: input.name ?? undefined,
    signal,
  });
  if (input.port === null) {
    return {
      text: `Started process ${process.id}. process_output shows what it writes, stop_process ends it.`,
      structured: { process_id: process.id, listening: null, output: "" },
    };
  }
  try {
    const listening = await inTime(process.waitForPort(input.port, { timeoutMs: PORT_MS, signal }));
    const text = await written({ signal, output }, process, LINES);
    const says = listening
      ? `it listens at port ${input.port}`
      : `nothing listens at port ${input.port} after ${PORT_MS / 1000} seconds: look at its output, and wait or stop it`;
    return {
      text: `Started process ${process.id}: ${says}.\n${text}`.trim(),
      structured: { process_id: process.id, listening, output: text },
    };
  } catch (error) {
    // What its caller gave up is to be gone.
    if (signal?.aborted) process.remove().catch(() => {});
    throw error;
  }
}

/** @param {Call} call */
export async function processOutput({ sandbox, input, signal, output }) {
  const { process_id: id, limit, wait_ms: timeoutMs } = input;
  if (id === null) {
    const processes = (await sandbox.processes.list({ signal })).map(described);
    return {
      text: processes.map(line).join("\n") || "There are no processes: start_process starts one.",
      structured: { processes, output: "" },
    };
  }
  const process = await sandbox.processes.get(id, { signal });
  if (timeoutMs) await inTime(process.wait({ timeoutMs, signal }));
  const text = await written({ signal, output }, process, limit ?? LINES);
  const one = described(await process.info({ signal }));
  return {
    text: `${line(one)}\n${text || "(no output)"}`,
    structured: { processes: [one], output: text },
  };
}

/** @param {Call} call */
export async function stopProcess({ sandbox, input, signal }) {
  const process = await sandbox.processes.get(input.process_id, { signal });
  await process.kill("SIGTERM", { signal });
  if (!(await inTime(process.wait({ timeoutMs: GRACE_MS, signal })))) {
    await process.kill("SIGKILL", { signal });
    await inTime(process.wait({ timeoutMs: GRACE_MS, signal }));
  }
  const { exit_code } = described(await process.info({ signal }));
  return {
    text: `Process ${process.id} has ended${exit_code === null ? "" : ` with exit code ${exit_code}`}.`,
    structured: { exit_code },
  };
}

/** @param {Call} call */
export async function previewUrl({ sandbox, input, signal }) {
  const { port } = input;
  const { access } = await sandbox.publishPreviewPort(port, { signal });
  const url = sandbox.getPreviewUrl(port);
  const isListening = (await sandbox.ports({ signal })).some((one) => one.port === port);
  return {
    text: [
      url,
      access === "private"
        ? "It is private: the application adds the token that opens it."
        : "Anybody can open it.",
      isListening ? "" : `Nothing listens at port ${port} yet: start the server with start_process.`,
    ]
      .filter(Boolean)
      .join("\n"),
    structured: { url, access },
  };
}
