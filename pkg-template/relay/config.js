// Where the service is: options, else the environment, else the region that the key names.

/** @import { RelayOptions } from "../relay.js" */
/** @import { Config } from "./types.js" */

/**
 * The API's origin, and that of the sandboxes, by what their names have more than the default's.
 *
 * @param {string} region
 */
const api = (region) => `https://api${region && `-${region}`}.superserve.ai`;
/** @param {string} region */
const sandboxes = (region) => `https://${region && `${region}-`}sandbox.superserve.ai`;

/**
 * @param {Pick<RelayOptions, "apiKey" | "baseUrl" | "sandboxUrl">} options
 * @returns {Config}
 */
export function resolveConfig(options) {
  /** @type {(name: "apiKey" | "baseUrl" | "sandboxUrl", variable: string) => string} */
  const setting = (name, variable) => options[name]?.trim() || env(variable).trim();
  const apiKey = setting("apiKey", "SUPERSERVE_API_KEY");
  if (!/^[!-~]+$/.test(apiKey)) {
    throw new TypeError(
      "pass apiKey or set SUPERSERVE_API_KEY: there is no API key, or none that a header can carry",
    );
  }
  const region = /^ss_live_usw_[\w-]{32}$/.test(apiKey) ? "usw" : "";
  const base = parse("baseUrl", setting("baseUrl", "SUPERSERVE_BASE_URL") || api(region));
  const [, place = ""] = /^api-(usw|staging)\.superserve\.ai$/.exec(base.hostname) ?? [];
  const given = setting("sandboxUrl", "SUPERSERVE_SANDBOX_URL");
  const own = given ? parse("sandboxUrl", given) : isLoopback(base) ? base : undefined;
  const sandboxUrl = own ? plain(own) : sandboxes(place);
  return {
    apiKey,
    baseUrl: plain(base),
    sandboxUrl,
    /** A WebSocket cannot name its sandbox in a header, so the service has a host for each. */
    socketUrl: (id) => (own ? sandboxUrl : sandboxUrl.replace("//", `//boxd-${id}.`)),
  };
}

/**
 * @param {string} option
 * @param {string} text
 */
function parse(option, text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url));
  if (url && secure && !url.username && !url.password && !url.search && !url.hash) return url;
  throw new TypeError(`${option} must be an origin such as ${api("")}; plain http is for this machine only`);
}

/** @param {URL} url */
const plain = ({ origin, pathname }) => origin + pathname.replace(/\/+$/, "");

/** @param {URL} url */
const isLoopback = ({ hostname }) => /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname);

/** @param {string} name */
function env(name) {
  const { Deno, process } = globalThis;
  try {
    if (!Deno) return process?.env?.[name] ?? "";
    // Reading without permission would prompt a person at a terminal.
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return (state === "granted" && Deno.env.get(name)) || "";
  } catch {
    return "";
  }
}
