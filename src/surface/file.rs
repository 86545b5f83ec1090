//! Files.

use super::connection::REQUEST_OPTIONS;
use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** What {@link Files.write} takes. */
export type FileInput = string | Uint8Array | ArrayBuffer | Blob;
/** What {@link Files.read} gives, by the option `format`. */
export interface FileFormats {
  /** As `Uint8Array`: the default. */
  bytes: Bytes;
  /** As UTF-8 text; what is not valid becomes U+FFFD. */
  text: string;
  /** As `Blob`, without a type. */
  blob: Blob;
  /**
   * As a stream of pieces, each read from the service when it is asked for, so a file of any size takes little memory.
   * Where the answer breaks off, it goes on there by another request, as long as the file is the same; else it fails with
   * a `ConflictError` with code `changed`. Cancelling it ends the request.
   */
  stream: ReadableStream<Bytes>;
}
/**
 * Bytes in memory of their own: `Uint8Array<ArrayBuffer>` where TypeScript knows that (from 5.7 on), else `Uint8Array`.
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;
"#;

shape! {
    /// Options of {@link Files.readText} and {@link Files.downloadDir}.
    FILE_DOWNLOAD_OPTIONS = FileDownloadOptions extends REQUEST_OPTIONS {
        /// Most bytes to read; more is a `ValidationError`.
        ///
        /// @defaultValue 2147483648, of a stream any number
        optional maxBytes - Bytes;
        /// Called as the bytes come, with how many have been read, and how many there are if the answer says so. Where
        /// the request has to be tried again, it starts anew; of an empty file there is nothing to tell. If it throws, or
        /// the promise it returns rejects while the call lasts, the call rejects with that.
        optional onProgress - Callback("(received: number, total?: number) => void");
    }

    /// Options of {@link Files.read}. Of a stream `timeoutMs` is the time for its beginning, and for each piece that is
    /// waited for: 300,000 by default.
    FILE_READ_OPTIONS = FileReadOptions extends FILE_DOWNLOAD_OPTIONS {
        /// Bytes to pass over. At the file's end, or behind it, there is nothing to read: that is no error.
        ///
        /// @defaultValue 0
        optional offset - Int;
        /// Bytes to read; where the file ends before, there are fewer.
        ///
        /// @defaultValue all that are left
        optional length - Int;
    }

    /// The same, with the form in which it comes.
    FILE_FORMAT_OPTIONS = FileFormatOptions extends FILE_READ_OPTIONS [internal] {
        /// What the file comes as.
        optional format - Among("\"bytes\" | \"text\" | \"blob\" | \"stream\"");
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

        /// Reads a file, or a part of it, as bytes, text, a `Blob` or a stream: as the option `format` says
        /// ({@link FileFormats}). A transfer that breaks off is an error; a stream goes on by itself.
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
        /// const head = await sandbox.files.read("/app/big.log", { length: 1000, format: "text" })
        /// const stream = await sandbox.files.read("/app/video.mp4", { format: "stream" })
        /// ```
        method read(path - Text; options?: FILE_FORMAT_OPTIONS as FileReadOptions) -> "Promise<Bytes>"
            or "read<Format extends keyof FileFormats>(path: string, options: FileReadOptions & { format: Format }): Promise<FileFormats[Format]>"
            = Request(Get "/files?path={path}" Nothing => Bytes) on Data allow "files:read";

        /// Reads a file as UTF-8 text; what is not valid becomes U+FFFD.
        ///
        /// @throws As {@link Files.read}.
        ///
        /// @example
        /// ```typescript
        /// const config = JSON.parse(await sandbox.files.readText("/app/config.json"))
        /// ```
        method readText(path - Text; options?: FILE_DOWNLOAD_OPTIONS) -> "Promise<string>"
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
        method downloadDir(path - Text; options?: FILE_DOWNLOAD_OPTIONS) -> "Promise<Bytes>"
            = Request(Get "/files?path={path}&format=zip" Nothing => Bytes) on Data allow "files:read";
    }
}
