// What a manifest wants to be in the workspace.
import { permissionsForSandboxEntry, SandboxUnsupportedFeatureError } from "@openai/agents/sandbox";

/** @import { Sandbox } from "#types" */

const CLONE_MS = 300_000;

/** Branches, tags and commits are all fetched alike; only a part of it may be wanted. */
const CLONE = `set -e
git init -q "$1.git-repo" && cd "$1.git-repo"
trap 'rm -rf "$1.git-repo"' EXIT
git fetch -q --depth 1 -- "$2" "$3" && git checkout -q FETCH_HEAD
if [ -n "$4" ]; then from=$1.git-repo/$4; else from=$1.git-repo; fi
mkdir -p "$1" && cp -a "$from/." "$1"`;

/** @param {string} says */
export function unsupported(says) {
  return new SandboxUnsupportedFeatureError(says, { provider: "superserve" });
}

/** Whether this machine's path may be read: one below the working directory, or one that is granted. @param {string} src @param {any[]} grants */
function isGranted(src, grants) {
  const parts = src.split(/[\\/]/);
  if (parts.includes("..")) return false;
  if (!/^([\\/]|[a-z]:)/i.test(src)) return true;
  return grants.some(({ path, hostPath = path }) => src === hostPath || src.startsWith(`${hostPath}/`));
}

/**
 * @param {Sandbox} sandbox
 * @param {string} path
 * @param {any} entry
 * @param {{ grants: any[], signal?: AbortSignal }} how
 */
export async function materialize(sandbox, path, entry, how) {
  const { grants, signal } = how;
  const { files } = sandbox;
  if (entry.group) throw unsupported("Groups of a manifest's entries are not supported.");
  switch (entry.type) {
    case "dir":
      await files.mkdir(path, { recursive: true, signal });
      for (const [name, child] of Object.entries(entry.children ?? {})) {
        await materialize(sandbox, `${path}/${name}`, child, how);
      }
      break;
    case "file":
      await files.write(path, entry.content, { signal });
      break;
    case "local_dir":
      if (!isGranted(entry.src, grants)) {
        throw unsupported(
          `${entry.src} is neither below the working directory nor granted by extraPathGrants.`,
        );
      }
      await files.uploadDir(entry.src, path, { signal });
      break;
    case "git_repo": {
      const { repo, host = "github.com", ref = "HEAD", subpath = "" } = entry;
      const url = /:\/\/|^git@/.test(repo) ? repo : `https://${host}/${repo}.git`;
      const { exitCode } = await sandbox.commands.run("/bin/sh", {
        args: ["-c", CLONE, "sh", path, url, ref, subpath],
        timeoutMs: CLONE_MS,
        signal,
      });
      // What git says may have the URL, and a password in it.
      if (exitCode !== 0) throw new Error(`The repository for ${path} could not be fetched.`);
      break;
    }
    default:
      throw unsupported(`A manifest's entries of type ${entry.type} are not supported.`);
  }
  if (entry.permissions) {
    const mode = permissionsForSandboxEntry(entry.permissions).toMode();
    await files.chmod(path, mode % 0o10000, { signal });
  }
}
