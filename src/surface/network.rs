//! The network log.

use super::connection::CONNECTION_OPTIONS;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** What became of a connection. The service may report others. */
export type NetworkVerdict = "allowed" | "blocked" | "failed";
"#;

shape! {
    /// A line of a sandbox's network log. `kind` says which of the fields there are.
    NETWORK_EVENT = NetworkEvent {
        /// A connection, or a request in which a secret was used.
        required kind kind Literal("\"connection\" | \"request\"");
        /// Number, unique in the log.
        required id id Int;
        /// When it happened.
        required ts ts Date;
        /// Host name.
        optional host host Text;
        /// IP address.
        optional dstIp dst_ip Text;
        /// Port.
        optional dstPort dst_port Int;
        /// What became of the connection.
        optional verdict verdict Literal("NetworkVerdict");
        /// Rule that decided it.
        optional matchRule match_rule Text;
        /// Bytes sent.
        optional bytesSent bytes_sent Int;
        /// Bytes received.
        optional bytesRecv bytes_recv Int;
        /// HTTP method of the request.
        optional method method Text;
        /// Path of the request.
        optional path path Text;
        /// HTTP status that the sandbox got.
        optional status status Int;
        /// HTTP status that the host answered with.
        optional upstreamStatus upstream_status Int;
        /// Milliseconds the request took.
        optional latencyMs latency_ms Int;
        /// UUID of the secret.
        optional secretId secret_id Text;
        /// Why there was no answer.
        optional errorCode error_code Text;
    }

    /// A page of a sandbox's network log.
    NETWORK_LOG_PAGE = NetworkLogPage {
        /// The lines, newest first.
        defaulted events data Many(NETWORK_EVENT);
        /// What {@link NetworkLogOptions.before} has to be for the next page.
        optional nextCursor next_cursor Text;
        /// Whether there is a next page.
        defaulted hasMore has_more Flag;
    }

    /// Which lines of a network log are to be read. The connection is the sandbox's own, whatever these say of it.
    NETWORK_FILTER = NetworkLogFilter extends CONNECTION_OPTIONS {
        /// Only lines older than this RFC 3339 date; also the cursor of the next page.
        optional before before Text(1, 256);
        /// Only lines of this RFC 3339 date or newer.
        optional since since Text(1, 256);
        /// Only connections that ended so, and no requests.
        optional verdict verdict Literal("NetworkVerdict");
    }

    /// Options of {@link Sandbox.getNetworkLog}.
    NETWORK_LOG_OPTIONS = NetworkLogOptions extends NETWORK_FILTER {
        /// At most so many lines.
        ///
        /// @defaultValue the service's
        optional limit limit Int(1, 4294967295);
    }

    /// Options of {@link Sandbox.iterateNetworkLog}.
    NETWORK_ITERATE_OPTIONS = NetworkLogIterateOptions extends NETWORK_FILTER {
        /// Most lines of a request, 2 to 1000.
        ///
        /// @defaultValue 100
        optional pageSize limit Int(2, 1000);
    }
}
