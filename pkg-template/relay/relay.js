import { failureOf, streamed, withoutTokens } from "./answers.js";
import { bodyOf } from "./bodies.js";
import { bunHandlers } from "./bun.js";
import { resolveConfig } from "./config.js";
import { Exchange } from "./exchange.js";
import { hostOf, noUpgrade } from "./hosts.js";
import { originPolicy, preflight } from "./origins.js";
import { Refusal } from "./refusal.js";
import { findRoute, isPath } from "./routes.js";
import { Service, unreachable } from "./service.js";
import { ticketVerifier } from "./ticket.js";
import { Tokens } from "./tokens.js";

const CONTROL_WITHIN_MS = 30_000;
const DIAL_WITHIN_MS = 30_000;
const DEFAULT_MAX_BODY_BYTES = 100 * 1024 * 1024;
const DEFAULT_MAX_STREAMS = 32;
/** What the data plane says to a stale token, or of a sandbox that is asleep. */
const ASLEEP = [401, 403, 503];

/** A fetch handler that does for pages what their tickets allow. */
export function createRelay(options = {}) {
  const service = new Service(resolveConfig(options));
  const tokens = new Tokens(service);
  const verify = ticketVerifier(options.secret);
  const origins = originPolicy(options.allowedOrigins);
  const prefix = (options.prefix ?? "").replace(/\/+$/, "");
  const { authorize, onEvent, limits = {} } = options;
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, maxStreamsPerTicket = DEFAULT_MAX_STREAMS } = limits;
  const open = new Map();

  /** `host` joins WebSockets: one of hosts.js, or the adapter's. */
  async function handle(request, host) {
    const exchange = new Exchange(request, onEvent);
    let response;
    try {
      response = await answer(request, host, exchange);
    } catch (error) {
      response = exchange.refuse(error).toResponse();
    }
    // Upgraded: the host's own answer, which may not be touched.
    if (!response || exchange.upgraded) return response;
    for (const [name, value] of Object.entries(origins.headers(request))) response.headers.set(name, value);
    return response;
  }

  async function answer(request, host, exchange) {
    const url = new URL(request.url);
    const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : "";
    const asksFirst = request.method === "OPTIONS" && isPath(path);
    const route = asksFirst ? undefined : findRoute(request.method, path);
    if (!route && !asksFirst) throw new Refusal(404, "not_found", "the relay has no such route");
    origins.check(request, url);
    if (asksFirst) return preflight();
    if (route.protocol && !isUpgrade(request)) throw noUpgrade(host);

    const ticket = route.protocol ? ticketOfSocket(request, route.protocol) : ticketOf(request);
    const claims = await verify(ticket);
    exchange.begin(route, claims);
    permit(route, claims);
    exchange.query = queryOf(route, url);
    hold(ticket, exchange);
    await ask(request, claims, exchange);
    if (exchange.response) return exchange.response;

    exchange.report("started");
    if (route.protocol) return join(request, host, exchange);
    const limit = Math.min(claims.max ?? Infinity, maxBodyBytes);
    const content = await bodyOf(request, route, limit);
    const type = route.body === "json" ? "application/json" : request.headers.get("content-type");
    const outgoing = { body: exchange.counted(content.body), type: type ?? "application/octet-stream" };
    try {
      const send = route.plane === "data" ? toSandbox : toService;
      return await send(exchange, outgoing, content.again);
    } catch (error) {
      // A body that grew too large broke the request off.
      throw content.refused?.() ?? error;
    }
  }

  /** One of the places for what runs at once under a ticket. */
  function hold(ticket, exchange) {
    const running = open.get(ticket) ?? 0;
    if (running >= maxStreamsPerTicket) {
      throw new Refusal(429, "too_many_streams", `the ticket has ${running} requests under way already`);
    }
    open.set(ticket, running + 1);
    exchange.onEnd(() => {
      const left = open.get(ticket) - 1;
      if (left > 0) open.set(ticket, left);
      else open.delete(ticket);
    });
  }

  /** The application's own check. */
  async function ask(request, claims, exchange) {
    const verdict = authorize ? await authorize(request, claims) : true;
    if (verdict instanceof Response) {
      exchange.response = verdict;
      exchange.refuse(new Refusal(verdict.status, "not_authorized", "the application refused"));
    } else if (verdict !== true) {
      throw new Refusal(403, "not_authorized", "the application does not allow this");
    }
  }

  async function toService(exchange, outgoing) {
    const { id, route, query, signal } = exchange;
    const timeout = () => exchange.abort(new Refusal(504, "timeout", "the service did not answer in time"));
    const timer = setTimeout(timeout, CONTROL_WITHIN_MS);
    exchange.onEnd(() => clearTimeout(timer));
    const { method, path, operation } = route;
    const response = await service.control(method, path + query, { ...outgoing, signal });
    if (!response.ok) throw await failureOf(response, [service.apiKey], "control");
    // A token that a call has ended, or told.
    const told = (value) => value?.access_token && value.status === "active" && tokens.keep(id, value.access_token);
    if (operation === "lifecycle") tokens.keep(id, undefined);
    const answer = await withoutTokens(response, [service.apiKey], told);
    exchange.end(answer.status);
    return answer;
  }

  async function toSandbox(exchange, outgoing, again) {
    const { id, route, query, signal } = exchange;
    const send = (token) => service.data(id, token, route.method, route.path + query, { ...outgoing, signal });
    // A body that cannot be sent twice is not sent to a sandbox that may be asleep.
    let token = await (again ? tokens.get(id) : tokens.check(id));
    let response = await send(token);
    if (ASLEEP.includes(response.status)) {
      const failure = await failureOf(response, [service.apiKey, token], "data");
      token = await tokens.renew(id, token);
      if (!again) {
        const why = "the sandbox was asleep and is awake now: send the file again";
        throw new Refusal(503, "send_again", why, { cause: failure, retryAfter: "0" });
      }
      response = await send(token);
    }
    if (!response.ok) throw await failureOf(response, [service.apiKey, token], "data");
    return streamed(response, exchange.watch(response.status));
  }

  async function join(request, host, exchange) {
    if (!host) throw noUpgrade(host);
    const { id, route, signal } = exchange;
    const timeout = () => exchange.abort(new Refusal(504, "timeout", "the sandbox did not answer in time"));
    const timer = setTimeout(timeout, DIAL_WITHIN_MS);
    const connect = (token) =>
      host.connect({
        request,
        url: service.socketUrl(id) + route.path,
        protocols: [route.protocol, `token.${token}`],
        userAgent: service.userAgent,
        signal,
        onEnd: () => exchange.end(101),
      });
    try {
      const token = await tokens.get(id);
      const response = await connect(token).catch(async () => {
        // Any failed dial may be a stale token's.
        signal.throwIfAborted();
        return connect(await tokens.renew(id, token));
      });
      exchange.upgraded = true;
      return response;
    } catch (cause) {
      if (cause instanceof Refusal) throw cause;
      throw unreachable(signal, cause);
    } finally {
      clearTimeout(timer);
    }
  }

  return Object.assign((request, server) => handle(request, hostOf(server)), {
    handle,
    websocket: bunHandlers,
    /** Whether a path is the relay's. */
    covers: (path) => path.startsWith(`${prefix}/`),
  });
}

function permit({ operation, sandboxId }, { sid, allow }) {
  if (sandboxId && sandboxId !== sid) throw new Refusal(403, "not_allowed", "the ticket is for another sandbox");
  if (!allow.includes(operation)) throw new Refusal(403, "not_allowed", `the ticket does not allow ${operation}`);
}

/** The query as it goes on: the known keys, once each. */
function queryOf({ query, operation }, { searchParams }) {
  const keys = [...searchParams.keys()];
  const unknown = keys.find((key, index) => !query.includes(key) || keys.indexOf(key) !== index);
  if (unknown !== undefined) throw new Refusal(400, "bad_query", "a query parameter is unknown or repeated");
  const path = searchParams.get("path") ?? "";
  if (operation.startsWith("files:") && (!path.startsWith("/") || path.split("/").includes(".."))) {
    throw new Refusal(400, "bad_path", "path must start with / and have no .. segment");
  }
  const pairs = [...searchParams].map((pair) => pair.map(encodeURIComponent).join("="));
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

const isUpgrade = ({ headers }) => headers.get("upgrade")?.toLowerCase() === "websocket";

function ticketOf({ headers }) {
  return /^Bearer ([\w.-]+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** A page's WebSocket cannot send headers: it offers the ticket as a subprotocol beside the real one. */
function ticketOfSocket({ headers }, protocol) {
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((one) => one.trim());
  if (offered.length !== 2 || offered[0] !== protocol) {
    throw new Refusal(400, "bad_protocol", `offer the subprotocols ${protocol} and ticket.<ticket>`);
  }
  return /^ticket\.([\w.-]+)$/.exec(offered[1])?.[1];
}
