//! Files.

use super::connection::REQUEST_OPTIONS;
use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** What {@link Files.write} takes. */
export type FileInput = string | Uint8Array | ArrayBuffer | Blob;
/**
 * Bytes in memory of their own: `Uint8Array<ArrayBuffer>` where TypeScript knows that (from 5.7 on), else `Uint8Array`.
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;
"#;

shape! {
    /// Options of {@link Files.read} and {@link Files.downloadDir}.
    FILE_READ_OPTIONS = FileReadOptions extends REQUEST_OPTIONS {
        /// Most bytes to read; more is a `ValidationError`.
        ///
        /// @defaultValue 2147483648
        optional maxBytes - Bytes;
        /// Called as the bytes come, with how many have been read, and how many there are if the answer says so. Where
        /// the request has to be tried again, it starts anew; of an empty file there is nothing to tell. If it throws, or
        /// the promise it returns rejects while the call lasts, the call rejects with that.
        optional onProgress - Callback("(received: number, total?: number) => void");
    }
}

class! {
    /// Moves files to and from a sandbox: `sandbox.files`.
    ///
    /// Paths are absolute and have no `..` segment. A paused sandbox is resumed first.
    FILES = "Files" [part] {
        /// Writes a file. Directories on the way are made; a file that exists is replaced.
        ///
        /// `content` is at most 4 GiB. Bytes must stay as they are until the promise settles: they may be sent twice.
        ///
        /// @throws {@link ValidationError} for a path or content that is none, before any request.
        ///
        /// @example
        /// ```typescript
        /// await sandbox.files.write("/app/config.json", JSON.stringify({ debug: true }))
        /// await sandbox.files.write("/app/data.bin", new Uint8Array([1, 2, 3]))
        /// ```
        method write(path - Text, content - Content; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/files?path={path}" File => Nothing) on Data allow "files:write";

        /// Reads a file as bytes. A transfer that breaks off is an error.
        ///
        /// A proxy on the way that takes the answer's length away, and then breaks off, is found out only where the
        /// runtime tells of it or shows the answer's `Connection` header, as Node.js does.
        ///
        /// @throws {@link NotFoundError} when there is no such file.
        /// @throws {@link SandboxError} with code `incomplete` when it came short.
        /// @throws {@link ValidationError} when it has more than `maxBytes` (2 GiB by default).
        ///
        /// @example
        /// ```typescript
        /// const bytes = await sandbox.files.read("/app/data.bin")
        /// ```
        method read(path - Text; options?: FILE_READ_OPTIONS) -> "Promise<Bytes>"
            = Request(Get "/files?path={path}" Nothing => Bytes) on Data allow "files:read";

        /// Reads a file as UTF-8 text; what is not valid becomes U+FFFD.
        ///
        /// @throws As {@link Files.read}.
        ///
        /// @example
        /// ```typescript
        /// const config = JSON.parse(await sandbox.files.readText("/app/config.json"))
        /// ```
        method readText(path - Text; options?: FILE_READ_OPTIONS) -> "Promise<string>"
            = Request(Get "/files?path={path}" Nothing => Text) on Data allow "files:read";

        /// Reads a directory as a zip archive whose entries start with the directory's name. Symbolic links
        /// are left out. A path that is a file comes back as it is.
        ///
        /// A large directory may take longer than the default 30 seconds: pass `timeoutMs`.
        ///
        /// @throws As {@link Files.read}.
        ///
        /// @example
        /// ```typescript
        /// const zip = await sandbox.files.downloadDir("/app/output", { timeoutMs: 120_000 })
        /// ```
        method downloadDir(path - Text; options?: FILE_READ_OPTIONS) -> "Promise<Bytes>"
            = Request(Get "/files?path={path}&format=zip" Nothing => Bytes) on Data allow "files:read";
    }
}
