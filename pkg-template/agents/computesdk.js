// The service as a provider of ComputeSDK.
import * as sdk from "@superserve/sdk";

/** @import { Sandbox as SandboxObject, SandboxStatus, SnapshotInfo } from "#types" */

const { Sandbox, Snapshot } = /** @type {typeof import("#types")} */ (/** @type {any} */ (sdk));

const NAME = "superserve";

/** The states that ComputeSDK has. @param {SandboxStatus} status */
const stateOf = (status) =>
  status === "failed" ? "error" : ["active", "starting", "resuming"].includes(status) ? "running" : "stopped";

/** Who has an id of another service, or of none, has none of this one. @param {any} error */
const isUnknown = (error) =>
  error?.name === "NotFoundError" || (error?.name === "ValidationError" && error.code === "bad_request");

/** Options of this package that ComputeSDK hands on. */
const OWN = ["autoDeleteSeconds", "fromTemplate", "network", "previewAccess", "secrets", "timeoutSeconds"];

/** What ComputeSDK's options are here. @param {any} options */
function optionsOf({ timeout, templateId, snapshotId, metadata, envs, name, signal, ...rest }) {
  const texts = Object.entries(metadata ?? {}).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const options = {
    timeoutSeconds: timeout && Math.ceil(timeout / 1000),
    metadata: metadata && Object.fromEntries(texts),
    envVars: envs,
    name,
    signal,
    ...Object.fromEntries(OWN.filter((key) => key in rest).map((key) => [key, rest[key]])),
  };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  // Where it starts from, it starts from that alone.
  const start = templateId ?? snapshotId;
  return start ? { ...given, fromTemplate: templateId, fromSnapshot: templateId ? undefined : start } : given;
}

/** @param {any} [config] */
export function superserve({ create: defaults, ...connection } = {}) {
  /** @param {any} of a sandbox, or its id */
  const wrapped = (of) => new ComputeSandbox(of, provider, connection);
  const provider = {
    name: NAME,
    sandbox: {
      /** @param {any} [options] */
      async create(options = {}) {
        const { signal } = options;
        try {
          return wrapped(await Sandbox.create({ ...connection, ...defaults, ...optionsOf(options) }));
        } catch (error) {
          // By its name ComputeSDK knows not to try the next provider.
          throw signal?.aborted ? new DOMException("The operation was aborted.", "AbortError") : error;
        }
      },
      /** @param {string} id */
      async getById(id) {
        try {
          return wrapped(await Sandbox.get(id, connection));
        } catch (error) {
          if (isUnknown(error)) return null;
          throw error;
        }
      },
      async list() {
        const found = [];
        for await (const { id } of Sandbox.iterate(connection)) found.push(wrapped(id));
        return found;
      },
      // One that is not there is an error: it may be another provider's.
      /** @param {string} id */
      async destroy(id) {
        await (await Sandbox.get(id, connection)).kill();
      },
    },
    snapshot: {
      /** @param {string} id @param {{ name?: string }} [options] */
      async create(id, { name } = {}) {
        const sandbox = await Sandbox.get(id, connection);
        return snapshotOf(await sandbox.snapshot({ name }));
      },
      /** @param {{ sandboxId?: string, limit?: number }} [options] */
      async list({ sandboxId, limit = Number.POSITIVE_INFINITY } = {}) {
        const found = [];
        const ids = sandboxId ? [{ id: sandboxId }] : Sandbox.iterate(connection);
        for await (const { id } of ids) {
          for await (const snapshot of Snapshot.iterate(id, connection)) {
            if (found.length >= limit) return found;
            found.push(snapshotOf(snapshot));
          }
        }
        return found;
      },
      /** @param {string} id */
      delete: (id) => Snapshot.deleteById(id, connection),
    },
  };
  return provider;
}

/** @param {SnapshotInfo} snapshot */
const snapshotOf = ({ id, sandboxId, name, status, createdAt }) => ({
  id,
  provider: NAME,
  createdAt,
  metadata: { sandboxId, name, status },
});

class ComputeSandbox {
  provider = NAME;
  #provider;
  #connection;
  /** @type {Promise<SandboxObject> | undefined} */
  #sandbox;

  /** @param {SandboxObject | string} of @param {object} provider @param {object} connection */
  constructor(of, provider, connection) {
    if (typeof of !== "string") this.#sandbox = Promise.resolve(of);
    this.sandboxId = typeof of === "string" ? of : of.id;
    this.#provider = provider;
    this.#connection = connection;
    this.filesystem = new ComputeFiles(() => this.getInstance());
  }

  getProvider() {
    return this.#provider;
  }

  /** @returns {Promise<SandboxObject>} */
  getInstance() {
    this.#sandbox ??= Sandbox.get(this.sandboxId, this.#connection).catch((error) => {
      // The next one tries again.
      this.#sandbox = undefined;
      throw error;
    });
    return this.#sandbox;
  }

  /** @param {string} command @param {any} [options] */
  async runCommand(command, { cwd, env, timeout, background, onStdout, onStderr } = {}) {
    if (background && (onStdout || onStderr))
      throw new TypeError("runCommand: what goes on in the background has no callbacks");
    const sandbox = await this.getInstance();
    const began = performance.now();
    const { stdout, stderr, exitCode } = background
      ? await sandbox.processes.start(command, { cwd, env }).then(() => DONE)
      : await sandbox.commands.run(command, {
          cwd,
          env,
          timeoutMs: timeout,
          // With one the command may take as long as it likes.
          onStdout: onStdout ?? (() => {}),
          onStderr,
        });
    return { stdout, stderr, exitCode, durationMs: Math.round(performance.now() - began) };
  }

  /** @param {string} code @param {string} [runtime] */
  async runCode(code, runtime = "python") {
    const language = LANGUAGES[runtime] ?? runtime;
    const sandbox = await this.getInstance();
    const { stdout, stderr, results, error } = await sandbox.code.run(code, { language });
    const texts = results.map(
      (result) => `${result["text/plain"] ?? JSON.stringify(result["application/json"])}\n`,
    );
    const fault = error ? error.traceback || `${error.name}: ${error.message}\n` : "";
    return { output: [stdout, stderr, ...texts, fault].join(""), exitCode: error ? 1 : 0, language };
  }

  async getInfo() {
    const sandbox = await this.getInstance();
    const { id, name, status, createdAt, timeoutSeconds = 0, metadata } = await sandbox.getInfo();
    return {
      id,
      provider: NAME,
      status: stateOf(status),
      createdAt,
      timeout: timeoutSeconds * 1000,
      metadata: { ...metadata, name },
    };
  }

  /** @param {{ port: number, protocol?: string }} options */
  async getUrl({ port, protocol }) {
    const sandbox = await this.getInstance();
    const { access } = await sandbox.publishPreviewPort(port);
    const url =
      access === "private"
        ? await sandbox.getSignedPreviewUrl(port, { expiresInSeconds: 3600 })
        : sandbox.getPreviewUrl(port);
    return protocol ? url.replace(/^\w+/, protocol) : url;
  }

  async destroy() {
    await (await this.getInstance()).kill();
  }
}

const DONE = { stdout: "", stderr: "", exitCode: 0 };

/** Names that ComputeSDK has for them. @type {Record<string, any>} */
const LANGUAGES = { node: "javascript", sh: "bash" };

class ComputeFiles {
  #sandbox;

  /** @param {() => Promise<SandboxObject>} sandbox */
  constructor(sandbox) {
    this.#sandbox = sandbox;
  }

  /** @param {string} path */
  async readFile(path) {
    return (await this.#sandbox()).files.readText(path);
  }

  /** @param {string} path @param {string} content */
  async writeFile(path, content) {
    await (await this.#sandbox()).files.write(path, content);
  }

  /** @param {string} path */
  async readdir(path) {
    const entries = await (await this.#sandbox()).files.list(path);
    return entries.map(({ name, type, size, modifiedAt }) => ({
      name,
      type: type === "directory" ? type : "file",
      size,
      modified: modifiedAt,
    }));
  }

  /** @param {string} path */
  async mkdir(path) {
    await (await this.#sandbox()).files.mkdir(path, { recursive: true });
  }

  /** @param {string} path */
  async exists(path) {
    return (await this.#sandbox()).files.exists(path);
  }

  /** @param {string} path */
  async remove(path) {
    await (await this.#sandbox()).files.remove(path, { recursive: true });
  }
}
