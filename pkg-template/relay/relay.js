import { described, streamed } from "./answers.js";
import { bodyOf } from "./bodies.js";
import { bunHandlers } from "./bun.js";
import { Exchange } from "./exchange.js";
import { Staged } from "./folder.js";
import { hostOf, noUpgrade } from "./hosts.js";
import { originPolicy, preflight } from "./origins.js";
import { decoded, encoded, holdWithin } from "./paths.js";
import { inTime, Refusal } from "./refusal.js";
import { findRoute, isPath } from "./routes.js";
import { scriptCall } from "./scripts.js";
import { Secrets } from "./secrets.js";
import { Service } from "./service.js";
import { FOLDER_PERMISSIONS, textsOf, ticketVerifier } from "./ticket.js";

const DEFAULT_MAX_BODY_BYTES = 100 * 1024 * 1024;
const DEFAULT_MAX_STREAMS = 32;

/** @import { Relay, RelayOptions, TicketClaims } from "../relay.js" */
/** @import { BunServer, Content, Facts, FoundRoute, Host, Pairs } from "./types.js" */

/**
 * A fetch handler that does for pages what their tickets allow.
 *
 * @param {RelayOptions} [options]
 */
export function createRelay(options = /** @type {RelayOptions} */ ({})) {
  const { secret, allowedOrigins, authorize, onEvent, limits = {} } = options;
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, maxStreamsPerTicket = DEFAULT_MAX_STREAMS } = limits;
  /** @type {(holds: unknown, what: string) => void} */
  const must = (holds, what) => {
    if (!holds) throw new TypeError(what);
  };
  for (const [name, limit] of Object.entries({ maxBodyBytes, maxStreamsPerTicket })) {
    must(
      limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0),
      `limits.${name} must be an integer`,
    );
  }
  for (const [name, hook] of Object.entries({ authorize, onEvent })) {
    must(hook === undefined || typeof hook === "function", `${name} must be a function`);
  }
  const verify = ticketVerifier(secret);
  const secrets = new Secrets(textsOf(secret));
  const service = new Service(options, secrets);
  const origins = originPolicy(allowedOrigins);
  const prefix = `${options.prefix ?? ""}`.replace(/\/*$/, "/");
  const isPlain = prefix.startsWith("/") && new URL(prefix, "http://relay").pathname === prefix;
  must(isPlain, "prefix must be a path that starts with /, written as URLs have it");
  /** @type {Map<string, number>} */
  const running = new Map();

  /**
   * `host` joins WebSockets: one of hosts.js, or the adapter's.
   *
   * @param {Request} request
   * @param {Host} [host]
   * @returns {Promise<Response | undefined>} undefined once the host has answered
   */
  async function handle(request, host) {
    const url = new URL(request.url);
    const exchange = new Exchange(request, url, onEvent);
    let response;
    try {
      response = await answer(request, url, host, exchange);
    } catch (error) {
      response = exchange.refuse(error).toResponse();
    }
    // Upgraded: the host's own answer, which may not be touched.
    if (response && !exchange.upgraded) origins.mark(response, request);
    return response;
  }

  /**
   * @param {Request} request
   * @param {URL} url
   * @param {Host | undefined} host
   * @param {Exchange} exchange
   */
  async function answer(request, url, host, exchange) {
    const { method, headers } = request;
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length - 1) : "";
    const asksFirst = method === "OPTIONS" && isPath(path);
    const route = findRoute(method, path);
    if (!route && !asksFirst) throw new Refusal(404, "no_route", "the relay has no such route");
    origins.check(request, url);
    if (!route) return preflight();

    const upgrades = headers.get("upgrade")?.toLowerCase() === "websocket";
    const ticket = route.protocol && upgrades ? ticketOfSocket(headers, route.protocol) : ticketOf(headers);
    const claims = await verify(ticket);
    const query = pairsOf(url);
    exchange.begin(route, claims, query.find(([key]) => key === "path")?.[1]);
    permit(route, claims);
    checkQuery(route, query, claims);
    hold(ticket, exchange);
    const ask = () => exchange.unlessGone(authorize?.(request, claims) ?? false);
    const verdict = authorize ? await inTime(exchange, ask, "the application") : true;
    if (verdict !== true) {
      const refusal = new Refusal(403, "not_authorized", "the application does not allow this");
      if (!(verdict instanceof Response)) throw refusal;
      exchange.refuse(refusal);
      // The application may have one such answer for all.
      return new Response(verdict.clone().body, verdict);
    }
    if (route.protocol && !upgrades) {
      // So a page finds out why its WebSocket was refused, which no browser tells.
      if (host) await service.check(claims.sid, exchange.signal);
      throw noUpgrade(host);
    }
    const { sid: id, root, max = Infinity } = claims;
    const content = () => {
      const given = bodyOf(request, route, Math.min(max, maxBodyBytes), exchange);
      // What has no body is not waited for.
      return route.body ? exchange.unlessGone(given) : given;
    };
    if (route.body === "script") {
      const { body } = await content();
      const call = scriptCall(/** @type {ArrayBuffer} */ (body), route, root);
      exchange.concerns(call.file, call.to);
      const script = service.script(route, call, root);
      exchange.report("started");
      return pass(id, route, path, { script }, exchange);
    }
    exchange.report("started");
    if (route.protocol) return join(request, route, id, host, exchange);
    const given = await content();
    const sent =
      root !== undefined && route.permission.startsWith("files:")
        ? passStaged(id, root, route, query, given, exchange)
        : pass(id, route, targetOf(path, query), given, exchange);
    return sent.catch((error) => {
      throw given.refused?.() ?? error;
    });
  }

  /**
   * A file of a folder that the page may not leave.
   *
   * @param {string} id
   * @param {string} root
   * @param {FoundRoute} route
   * @param {Pairs} query
   * @param {Content} content
   * @param {Exchange} exchange
   */
  async function passStaged(id, root, route, query, content, exchange) {
    const { path = "", format } = Object.fromEntries(query);
    const staged = new Staged(service, id, root, path, exchange);
    await staged.prepare(route.body ? "write" : format === "zip" ? "zip" : "read");
    const target = targetOf(route.path, [...query.filter(([key]) => key !== "path"), ["path", staged.path]]);
    if (!route.body) return pass(id, route, target, content, exchange);
    const answer = /** @type {Response} */ (await service.send(id, route, target, content, exchange.signal));
    const { size } = await answer.json();
    await staged.place();
    const response = described({ path, size }, secrets);
    exchange.end(response.status);
    return response;
  }

  /**
   * One of the places for what runs at once under a ticket.
   *
   * @param {string} ticket
   * @param {Exchange} exchange
   */
  function hold(ticket, exchange) {
    const count = running.get(ticket) ?? 0;
    if (count >= maxStreamsPerTicket) {
      throw new Refusal(429, "too_many_streams", `the ticket has ${count} requests under way`);
    }
    running.set(ticket, count + 1);
    if (count === 0) secrets.add(ticket);
    exchange.onEnd(() => {
      const left = Number(running.get(ticket)) - 1;
      if (left > 0) return void running.set(ticket, left);
      running.delete(ticket);
      secrets.forget(ticket);
    });
  }

  /**
   * @param {string} id
   * @param {FoundRoute} route
   * @param {string} target
   * @param {Content} content
   * @param {Exchange} exchange
   */
  async function pass(id, route, target, content, exchange) {
    const answer = await service.send(id, route, target, content, exchange.signal);
    if (route.plane === "data") {
      // `instanceof` would not do: some hosts have put a `Response` of their own in the global's place.
      const response = /** @type {Response} */ (answer);
      return streamed(response, secrets, exchange.watch(response.status, secrets));
    }
    const response = described(answer, secrets);
    exchange.end(response.status);
    return response;
  }

  /**
   * @param {Request} request
   * @param {FoundRoute} route
   * @param {string} id
   * @param {Host | undefined} host
   * @param {Exchange} exchange
   */
  async function join(request, { protocol = "", path }, id, host, exchange) {
    if (!host) throw noUpgrade();
    const url = service.socketUrl(id, path);
    const onEnd = () => exchange.end(101);
    /** @param {string} reason */
    const clear = (reason) => secrets.clearedReason(reason);
    const { signal } = exchange;
    const common = { request, url, userAgent: service.userAgent, clear, onEnd };
    /** @param {Pick<Facts, "token" | "hint">} way */
    const connect = ({ token, hint }) => {
      const protocols = [protocol, `token.${token}`];
      if (hint) protocols.push(`route.${hint}`);
      return inTime(exchange, (signal) => host.connect({ ...common, protocols, signal }));
    };
    try {
      const way = await service.way(id, signal);
      const response = await connect(way).catch(async () => {
        signal.throwIfAborted();
        // Any failed dial may be a stale token's, or lead where the sandbox is no more.
        return connect(await service.renewed(id, way.token, signal));
      });
      exchange.upgraded = true;
      return response;
    } catch (cause) {
      throw cause instanceof Refusal ? cause : service.unreachable(signal, cause);
    }
  }

  /**
   * @param {Request} request
   * @param {BunServer} [server]
   */
  function relay(request, server) {
    // Bun ends what is silent for ten seconds; a command may be for longer.
    if (globalThis.Bun) server?.timeout?.(request, 0);
    return handle(request, hostOf(server));
  }
  return Object.assign(relay, {
    handle,
    websocket: bunHandlers,
    /**
     * Whether a path is the relay's.
     *
     * @param {string} path
     */
    covers: (path) => path.startsWith(prefix),
  });
}

/**
 * @param {FoundRoute} route
 * @param {TicketClaims} claims
 */
function permit({ permission, sandboxId }, { sid, allow, root }) {
  if (sandboxId && sandboxId !== sid)
    throw new Refusal(403, "not_allowed", "the ticket is for another sandbox");
  const allowed = /** @type {string[]} */ (allow).includes(permission);
  if (!allowed || (root !== undefined && !FOLDER_PERMISSIONS.includes(permission)))
    throw new Refusal(403, "not_allowed", `the ticket does not allow ${permission}`);
}

/**
 * What a query says. `URLSearchParams` would make of a byte that is no UTF-8 what it is not.
 *
 * @param {URL} url
 * @returns {Pairs}
 */
const pairsOf = ({ search }) =>
  search
    .slice(1)
    .split("&")
    .filter(Boolean)
    .map((pair) => {
      const [key, ...rest] = pair.split("=");
      return [decoded(key), decoded(rest.join("="))];
    });

/**
 * Only known keys pass, once each.
 *
 * @param {FoundRoute} route
 * @param {Pairs} pairs
 * @param {TicketClaims} claims
 */
function checkQuery({ query, permission, body }, pairs, { root }) {
  const keys = pairs.map(([key]) => key);
  const known = keys.every((key, index) => query.includes(key) && keys.indexOf(key) === index);
  if (!known) throw new Refusal(400, "bad_query", "a query parameter is unknown or repeated");
  const { path = "" } = Object.fromEntries(pairs);
  if (permission.startsWith("files:") && body !== "script") holdWithin(path, root);
}

/**
 * A path and query as they go on.
 *
 * @param {string} path
 * @param {Pairs} pairs
 */
function targetOf(path, pairs) {
  const query = pairs.map((pair) => pair.map(encoded).join("="));
  return query.length > 0 ? `${path}?${query.join("&")}` : path;
}

/** @param {Headers} headers */
const ticketOf = (headers) => /^Bearer ([\w.-]+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? "";

/**
 * A page's WebSocket cannot send headers: it offers the ticket as a subprotocol beside the real one.
 *
 * @param {Headers} headers
 * @param {string} protocol
 */
function ticketOfSocket(headers, protocol) {
  const [first, second = "", ...rest] = (headers.get("sec-websocket-protocol") ?? "").split(/ *, */);
  if (first === protocol && rest.length === 0) return /^ticket\.([\w.-]+)$/.exec(second)?.[1] ?? "";
  throw new Refusal(400, "bad_protocol", `offer the subprotocols ${protocol} and ticket.<ticket>`);
}
