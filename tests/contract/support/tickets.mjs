// Tickets as the relay makes them, but for the signature, and sandboxes that hold one.

import { ID } from "./fixtures.mjs";
import { stubFetch } from "./stub-fetch.mjs";

export const RELAY = "https://app.example.com/api/sandbox";
export const ALL = [
  "exec",
  "files:read",
  "files:write",
  "session",
  "terminal",
  "processes",
  "code",
  "info",
  "preview",
  "desktop",
  "lifecycle",
  "snapshots",
];

const encoder = new TextEncoder();

/** A ticket with these claims. `mark` tells one from another. */
export function ticketOf(claims = {}, mark = "first") {
  const all = { v: 1, sid: ID, name: "fixture", allow: ALL, exp: 4_000_000_000, ...claims };
  const bytes = encoder.encode(JSON.stringify(all));
  const payload = btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
  return `${payload}.signature-${mark}`;
}

/**
 * A sandbox that holds a ticket, over a stub. `calls` are its requests.
 *
 * @param {import("./types.d.ts").Ctx} ctx
 * @param {import("./types.d.ts").Handler} handler
 * @param {{ ticket?: string, [option: string]: unknown }} [how]
 */
export function ticketSandbox(ctx, handler, { ticket = ticketOf(), ...options } = {}) {
  const calls = stubFetch(ctx, handler);
  return { sandbox: ctx.sdk.Sandbox.fromTicket(ticket, { relayUrl: RELAY, ...options }), calls, ticket };
}

/**
 * The ticket that a request carries.
 *
 * @param {import("./types.d.ts").Call} call
 */
export const ticketIn = ({ headers }) => headers.authorization?.replace("Bearer ", "");
