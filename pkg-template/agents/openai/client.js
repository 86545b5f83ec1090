// What makes the sandboxes of `SandboxAgent`s.
import {
  cloneManifest,
  isNoopSnapshotSpec,
  Manifest,
  normalizeSandboxClientCreateArgs,
} from "@openai/agents/sandbox";

import { unsupported } from "./entries.js";
import { ROOT, SuperserveSandboxSession } from "./session.js";

/** @import { Sandbox, SandboxCreateOptions } from "#types" */

/** What the framework says where nobody has said anything. */
const UNSAID = "/workspace";

/**
 * @typedef {object} Options
 * @property {SandboxCreateOptions} [create]
 * @property {string} [root]
 * @property {"kill" | "pause" | "keep"} [onClose]
 * @property {any} [Sandbox]
 */

export class SuperserveSandboxClient {
  backendId = "superserve";
  #options;

  /** @param {Options} [options] */
  constructor(options = {}) {
    this.#options = options;
  }

  /** @param {any} [args] @param {Options} [options] */
  async create(args, options) {
    const { snapshot, manifest, options: given } = normalizeSandboxClientCreateArgs(args, options);
    if (snapshot && !isNoopSnapshotSpec(snapshot)) {
      throw unsupported("Snapshots of the framework are not supported: give create.fromSnapshot.");
    }
    const settings = { ...this.#options, ...given };
    const { create } = settings;
    const sandbox = await (await classOf(settings)).create(create);
    try {
      const session = await this.#session(sandbox, rooted(manifest, settings), settings);
      await session.applyManifest(session.state.manifest);
      return session;
    } catch (error) {
      await sandbox.kill().catch(() => {});
      throw error;
    }
  }

  /** @param {any} state @param {{ clientOptions?: Options }} [how] */
  async resume({ sandboxId, manifest }, { clientOptions } = {}) {
    const settings = { ...this.#options, ...clientOptions };
    const sandbox = await (await classOf(settings)).connect(sandboxId);
    return this.#session(sandbox, manifest, settings);
  }

  /** @param {Sandbox} sandbox @param {Manifest} manifest @param {Options} settings */
  async #session(sandbox, manifest, { onClose = "kill" }) {
    return new SuperserveSandboxSession(sandbox, {
      state: { manifest, environment: await manifest.resolveEnvironment(), sandboxId: sandbox.id },
      end: async () => {
        if (onClose !== "keep") await sandbox[onClose]();
      },
    });
  }

  /** The rest is the framework's to keep, or secret. @param {any} state */
  async serializeSessionState({ sandboxId }) {
    return { sandboxId };
  }

  /** @param {any} state */
  async deserializeSessionState({ sandboxId, manifest }) {
    const restored = new Manifest(manifest);
    return { sandboxId, manifest: restored, environment: await restored.resolveEnvironment() };
  }

  canPersistOwnedSessionState() {
    return this.#options.onClose === "pause" || this.#options.onClose === "keep";
  }

  /** @param {Manifest} manifest @param {Options} [options] */
  resolveTrustedManifestForResume(manifest, options) {
    return rooted(manifest, { ...this.#options, ...options });
  }
}

/** @param {Options} options */
const classOf = async ({ Sandbox }) =>
  Sandbox ?? /** @type {any} */ (await import("@superserve/sdk")).Sandbox;

/** @param {Manifest} manifest @param {Options} options */
const rooted = (manifest, { root = ROOT }) =>
  manifest.root === UNSAID ? Object.assign(cloneManifest(manifest), { root }) : manifest;
