// Commands and code.
import { refuseIf } from "./failure.js";
import { counted } from "./output.js";

/** @import { Call } from "./make.js" */

/** `bash`, where the sandbox has that. */
const SHELL = 'if command -v bash >/dev/null; then exec bash -c "$1"; fi; exec sh -c "$1"';

/** A command's text is one argument, and Linux has a limit for those. */
const MOST_BYTES = 120_000;

/** The exit code of what the service has ended. */
const LATE = 124;

/** How a model's command is run. @param {Call} call */
export async function shell({ input: { command, cwd: given }, cwd, how }) {
  refuseIf(!command.trim(), "The command is empty: give one.");
  const { length } = new TextEncoder().encode(command);
  refuseIf(length > MOST_BYTES, "The command is too long: write it to a file with write_file, and run that.");
  return { args: ["-c", SHELL, "sh", command], cwd: await cwd(given), ...how };
}

/** @param {Call} call */
export async function bash(call) {
  const { sandbox, input, limits, progress, output } = call;
  const timeoutMs = input.timeout_ms ?? limits.commandMs;
  const options = { ...(await shell(call)), timeoutMs };
  const began = performance.now();
  const stream = sandbox.commands.stream("/bin/sh", options);
  const out = output();
  /** @type {number | null} */
  let exitCode = null;
  try {
    for await (const { stream: of, text } of stream) {
      progress(of, text);
      await out.add(text);
    }
    const result = await stream.result;
    // The service tells of it by a code that a command may have of its own.
    const isLate = result.exitCode === LATE && performance.now() - began >= timeoutMs;
    if (!isLate) ({ exitCode } = result);
  } catch (/** @type {any} */ error) {
    if (error?.name !== "TimeoutError") throw error;
  }
  const { text, truncated, path } = await out.end();
  const ends =
    exitCode === null
      ? `Ended after ${counted(timeoutMs / 1000, "second")}, since its time was over. Give it a longer timeout_ms, or run it with start_process.`
      : `Exit code: ${exitCode}`;
  return {
    text: (text || "(no output)") + (exitCode === 0 ? "" : `\n${ends}`),
    structured: { output: text, exit_code: exitCode, truncated, output_path: path },
  };
}

/** @param {Call} call */
export async function runCode({ sandbox, input, how, limits, cwd, progress, output }) {
  const out = output();
  /** @type {Promise<void>} */
  let written = Promise.resolve();
  /** @type {(stream: "stdout" | "stderr") => (text: string) => Promise<void>} */
  const to = (stream) => (text) => {
    progress(stream, text);
    written = written.then(() => out.add(text));
    return written;
  };
  const { results, error } = await sandbox.code.run(input.code, {
    language: input.language ?? "python",
    cwd: await cwd(null),
    timeoutMs: limits.commandMs,
    ...how,
    onStdout: to("stdout"),
    onStderr: to("stderr"),
  });
  const images = [];
  let rest = "";
  for (const result of results) {
    const mimeType = ["image/png", "image/jpeg"].find((type) => typeof result[type] === "string");
    if (mimeType) images.push({ mimeType, data: /** @type {string} */ (result[mimeType]) });
    else rest += `${result["text/plain"] ?? JSON.stringify(result)}\n`;
  }
  if (error) rest += error.traceback || `${error.name}: ${error.message}\n`;
  await written;
  await out.add(rest);
  const { text } = await out.end();
  return {
    text: text || (images[0] ? "(images alone)" : "(no output)"),
    structured: {
      output: text,
      error: error ? `${error.name}: ${error.message}` : null,
      images: images.length,
    },
    images,
  };
}
