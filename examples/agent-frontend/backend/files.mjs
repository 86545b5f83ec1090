// The built page from the disk, for hosts that have one.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};
/** The rest of the policy is in index.html: this part only a header can say. */
const HEADERS = {
  "content-security-policy": "frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};
const root = new URL("../dist/", import.meta.url);

/**
 * A fetch handler.
 *
 * @param {Request} request
 */
export async function serveFile(request) {
  const { pathname } = new URL(request.url);
  const path = pathname === "/" ? "index.html" : pathname.slice(1);
  // A parsed path has no `..` left; one with something encoded is none of the build's.
  const plain = /^[\w./-]+$/.test(path);
  const content = plain && (await readFile(new URL(`./${path}`, root)).catch(() => undefined));
  if (!content) return new Response("There is no such page.\n", { status: 404 });
  // Names in assets/ change with their content.
  const cache = path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  return new Response(content, { headers: { ...HEADERS, "content-type": type, "cache-control": cache } });
}
