//! Options that every call takes, and the functions that need no request.

use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/**
 * A list that is read page by page as it is iterated. A page is asked for when it is needed and not before, so leaving the
 * loop ends it; each iteration starts anew. A page that cannot be read rejects the iteration.
 */
export interface Listing<T> extends AsyncIterable<T> {
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>;
  /**
   * How many items the list has: as the newest page says, or by a request of its own before there is one. Undefined where
   * the service does not say, or a page of a browser may not see it.
   */
  total(): Promise<number | undefined>;
}
"#;

shape! {
    /// What every call that reaches the network takes.
    REQUEST_OPTIONS = RequestOptions {
        /// Ends the call at once. The error is a `SandboxError` whose `cause` is the signal's reason.
        optional signal - Signal;
        /// Milliseconds that a try may take, the body of the answer included. Waking a paused sandbox on the
        /// way has a time of its own, 30 seconds a try.
        ///
        /// @defaultValue 30000
        optional timeoutMs - Millis;
    }

    /// How to reach the service. Each call that is not a method of an instance takes these.
    CONNECTION_OPTIONS = ConnectionOptions extends REQUEST_OPTIONS {
        /// API key.
        ///
        /// @defaultValue the environment variable `SUPERSERVE_API_KEY`
        optional apiKey - Text;
        /// Origin of the API. Plain `http` is for this machine only.
        ///
        /// @defaultValue the environment variable `SUPERSERVE_BASE_URL`, else the origin of the key's
        /// region, else `https://api.superserve.ai`
        optional baseUrl - Text;
        /// Origin of the sandboxes' own API, for a self-hosted service.
        ///
        /// @defaultValue the environment variable `SUPERSERVE_SANDBOX_URL`, else what belongs to `baseUrl`
        optional sandboxUrl - Text;
    }

    /// The connection that the options and the environment make. See {@link resolveConfig}.
    RESOLVED_CONFIG = ResolvedConfig {
        /// API key.
        required apiKey apiKey Text;
        /// Origin of the API, without a trailing slash.
        required baseUrl baseUrl Text;
        /// Host in which the sandboxes' own host names end.
        required sandboxHost sandboxHost Text;
        /// Origin of every sandbox's API, when it is not a host of its own: a local or self-hosted service.
        optional sandboxUrl sandboxUrl Text;
    }
}

class! {
    /// Functions that need no request.
    FUNCTIONS = "" {
        /// The connection that explicit options and the environment make, without a request.
        ///
        /// @throws {@link AuthenticationError} when there is no API key.
        /// @throws {@link ValidationError} for a URL that is not one, or for plain `http` to another machine.
        static resolveConfig(; options?: CONNECTION_OPTIONS) -> "ResolvedConfig"
            = Config;

        /// The URL under which a port of a sandbox can be opened, without a request.
        ///
        /// The sandbox has to be active with a server on the port for the URL to answer.
        ///
        /// @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
        ///
        /// @example
        /// ```typescript
        /// previewUrl(sandbox.id, "sandbox.superserve.ai", 8000)
        /// ```
        static previewUrl(sandboxId - Text, sandboxHost - Text, port - Port) -> "string"
            = PreviewUrl;
    }
}
