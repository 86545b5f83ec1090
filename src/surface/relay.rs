//! A page's way to its sandbox.

use super::connection::TRANSPORT_OPTIONS;
use crate::surface::shape::shape;

shape! {
    /// Options of {@link Sandbox.fromTicket}. The object keeps them for all its calls.
    TICKET_OPTIONS = FromTicketOptions extends TRANSPORT_OPTIONS {
        /// Where the relay is: a URL, or in a page a path of the page's own origin, such as `/api/sandbox`. Plain
        /// `http` is for this machine and for the page's own origin only.
        required relayUrl - Text(1, 2048);
        /// Gives a new ticket for the same sandbox when the present one is about to expire, or has: asks the
        /// application's backend, say, and not the sandbox. It has 30 seconds, and serves all calls that wait for it. If
        /// it throws once the ticket has expired, they reject with that.
        ///
        /// @defaultValue none: calls then reject with an `AuthenticationError` with code `ticket_expired`
        optional refreshTicket - Callback("() => string | Promise<string>");
        /// What becomes of the sandbox at the end of the scope of an `await using`: it is deleted, or paused. The ticket has to
        /// allow `lifecycle`.
        ///
        /// @defaultValue `"kill"`
        optional onDispose - Disposal;
    }
}
