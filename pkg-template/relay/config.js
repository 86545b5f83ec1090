// Where the service is: options, else the environment, else the region that the key names.

const DEFAULT = { api: "https://api.superserve.ai", sandboxes: "https://sandbox.superserve.ai" };
const REGIONS = {
  use: DEFAULT,
  usw: { api: "https://api-usw.superserve.ai", sandboxes: "https://usw-sandbox.superserve.ai" },
};
const SANDBOXES_OF_API = {
  "api-usw.superserve.ai": "https://usw-sandbox.superserve.ai",
  "api-staging.superserve.ai": "https://staging-sandbox.superserve.ai",
};

export function resolveConfig(options) {
  const setting = (name, variable) => options[name]?.trim() || env(variable).trim();
  const apiKey = setting("apiKey", "SUPERSERVE_API_KEY");
  if (!apiKey) throw new TypeError("no API key: pass apiKey or set the SUPERSERVE_API_KEY environment variable");
  if (!/^[!-~]+$/.test(apiKey)) throw new TypeError("the API key contains characters that no key has");

  const [, code] = /^ss_live_([a-z0-9]{1,17})_[\w-]{32}$/.exec(apiKey) ?? [];
  const region = Object.hasOwn(REGIONS, code ?? "") ? REGIONS[code] : DEFAULT;
  const explicit = setting("baseUrl", "SUPERSERVE_BASE_URL");
  const api = parse("baseUrl", explicit || region.api);
  const given = setting("sandboxUrl", "SUPERSERVE_SANDBOX_URL");
  const own = given ? parse("sandboxUrl", given) : isLoopback(api) ? api : undefined;
  const hosted = explicit ? SANDBOXES_OF_API[api.hostname] ?? DEFAULT.sandboxes : region.sandboxes;
  return {
    apiKey,
    baseUrl: plain(api),
    sandboxUrl: own ? plain(own) : hosted,
    /** A WebSocket cannot name its sandbox in a header, so the service has a host for each. */
    socketUrl: (id) => (own ? plain(own) : hosted.replace("//", `//boxd-${id}.`)),
  };
}

function parse(option, text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError(`${option} must be an absolute URL such as ${DEFAULT.api}`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError(`${option} must be a plain origin: no user name, query or fragment`);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))) {
    throw new TypeError(`${option} must use https (plain http is for this machine only)`);
  }
  return url;
}

const plain = ({ origin, pathname }) => origin + pathname.replace(/\/+$/, "");

const isLoopback = ({ hostname }) => /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname);

function env(name) {
  try {
    const { Deno, process } = globalThis;
    if (!Deno?.permissions) return process?.env?.[name] ?? "";
    // Reading without permission would prompt a person at a terminal.
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? Deno.env.get(name) ?? "" : "";
  } catch {
    return "";
  }
}
