//! Previews of what a sandbox serves.

use super::connection::REQUEST_OPTIONS;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** Who may open preview URLs: everybody, or those who have a token. */
export type PreviewAccess = "public" | "private" | "legacy_public";
/** The same, by another name. */
export type PreviewAccessPolicy = PreviewAccess;
/** The same as {@link PreviewPorts}. */
export type PreviewPortList = PreviewPorts;
/** The same as {@link PreviewPort}. */
export type PublishedPreviewPort = PreviewPort;
/** The same as {@link PreviewPublishOptions}. */
export type PublishPreviewPortOptions = PreviewPublishOptions;
/** The same as {@link PreviewTokenOptions}. */
export type SignedPreviewUrlOptions = PreviewTokenOptions;
/** Lowest port that a preview URL can name. */
export declare const MIN_PREVIEW_PORT = 1024;
/** Highest port that a preview URL can name. */
export declare const MAX_PREVIEW_PORT = 65535;
/** Port in between that no preview URL can name: the service's own. */
export declare const RESERVED_PREVIEW_PORT = 49983;
"#;

shape! {
    /// A port that is published.
    PREVIEW_PORT = PreviewPort {
        /// Number.
        required port port Int;
        /// Counts the rotations of its tokens.
        defaulted tokenVersion token_version Int;
        /// Who may open it.
        defaulted access access Literal("PreviewAccess");
    }

    /// The ports of a sandbox that are published.
    PREVIEW_PORTS = PreviewPorts {
        /// Who may open ports that do not say it themselves.
        defaulted previewAccess preview_access Access;
        /// The ports.
        defaulted ports ports Many(PREVIEW_PORT);
    }

    /// A token that opens the private preview of a port.
    PREVIEW_TOKEN = PreviewToken extends PREVIEW_PORT {
        /// The token. Who has it can open the preview.
        required token token Text;
        /// Name of the header that it goes into.
        defaulted header header Text;
        /// Name of the query parameter that it goes into, instead.
        required queryParam query_param Text;
        /// Who may open ports that do not say it themselves.
        defaulted previewAccess preview_access Access;
        /// When it expires; never, where there is none.
        optional expiresAt expires_at Date;
    }

    /// Options of {@link Sandbox.publishPreviewPort}.
    PUBLISH_OPTIONS = PreviewPublishOptions extends REQUEST_OPTIONS {
        /// Who may open it.
        ///
        /// @defaultValue what the sandbox's `previewAccess` says
        optional access access Literal("\"public\" | \"private\"");
    }

    /// Options of {@link Sandbox.getPreviewToken}, {@link Sandbox.getSignedPreviewUrl} and
    /// {@link Sandbox.rotatePreviewToken}.
    PREVIEW_TOKEN_OPTIONS = PreviewTokenOptions extends REQUEST_OPTIONS {
        /// Seconds after which the token expires, 1 to 604800.
        ///
        /// @defaultValue never: a token lasts until it is rotated; 60 for {@link Sandbox.getSignedPreviewUrl}
        optional expiresInSeconds expires_in_seconds Int(1, 604800);
    }
}
