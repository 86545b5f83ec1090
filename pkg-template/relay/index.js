// The relay: what a page may do with a sandbox, done for it by a server that holds the API key.
//
// A request goes through relay.js: routes.js finds what it is, origins.js and ticket.js whether it may, service.js has the
// package's core send it on, bodies.js and answers.js pass the bodies through. What the service says in its own words goes
// by secrets.js.
// WebSockets are joined by the host (hosts.js, or node.js beside this bundle).
export { createRelay } from "./relay.js";
export { createTicket } from "./ticket.js";
