//! Files.

use super::connection::REQUEST_OPTIONS;
use super::folder::{DOWNLOAD_DIR_OPTIONS, FOLDER_OPTIONS, SYNC_OPTIONS, UPLOAD_DIR_OPTIONS};
use crate::surface::operation::class;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/**
 * What gives a file piece by piece, as fast as the pieces can be sent: what comes is bytes or text. Of a `Response` it is the
 * body, whatever its status.
 */
export type FileSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | Response;
/** What {@link Files.write} takes at once. */
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
/**
 * What {@link Files.watch} tells: first by what means it watches, `inotify` where the sandbox has `inotifywait`, then what
 * happens. A directory that is renamed takes along all that is in it, of which nothing is told.
 */
export type FileEvent = FileReadyEvent | FileChangeEvent | FileRenameEvent | FileRemovalEvent;
/** The first {@link FileEvent}: from now on it is told what happens. */
export interface FileReadyEvent {
  /** What it is about. */
  type: "ready";
  /** By what means it watches. */
  by: "inotify" | "polling";
}
/** Something was made or changed. */
export interface FileChangeEvent {
  /** What it is about. */
  type: "created" | "changed";
  /** Its path. */
  path: string;
  /** What is there now. */
  entry: FileEntry;
}
/** Something was renamed. */
export interface FileRenameEvent {
  /** What it is about. */
  type: "renamed";
  /** Its path. */
  path: string;
  /** Its path before. */
  from: string;
  /** What is there now. */
  entry: FileEntry;
}
/** Something was removed. */
export interface FileRemovalEvent {
  /** What it is about. */
  type: "removed";
  /** Its path. */
  path: string;
}
/** What {@link Files.replace} has done. */
export interface FileReplacement {
  /** How often the text was replaced. */
  count: number;
}
/** What happens in a directory, as {@link Files.watch} tells it. */
export interface FileWatcher extends AsyncIterableIterator<FileEvent> {
  /** Ends it, as leaving a loop does. */
  return(): Promise<IteratorResult<FileEvent, undefined>>;
}
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

    /// Options of {@link Files.write}.
    FILE_WRITE_OPTIONS = FileWriteOptions extends REQUEST_OPTIONS {
        /// Who may do what with the file: `0o755` say.
        ///
        /// @defaultValue that of the file that is replaced; of a new one, what the sandbox gives it
        optional mode - Int(0, 4095);
        /// Whether it is added to the end of a file that exists. Should that fail, a part may have been added.
        ///
        /// @defaultValue false
        optional append - Flag;
        /// Whether there may be no such file yet: one that exists is a `ConflictError` with code `already_exists`.
        ///
        /// @defaultValue false
        optional createNew - Flag;
        /// Called as the bytes are sent, with how many have been, and how many there are if that is known. If it throws, or
        /// the promise it returns rejects while the call lasts, the call rejects with that.
        optional onProgress - Callback("(sent: number, total?: number) => void");
    }

    /// A file to be written by {@link Files.writeMany}.
    FILE_TO_WRITE = FileToWrite {
        /// Where.
        required path path Path;
        /// What.
        required content content Source;
        /// Who may do what with it, as in {@link FileWriteOptions}.
        optional mode mode Int(0, 4095);
    }

    /// Options of {@link Files.replace}.
    REPLACE_OPTIONS = ReplaceOptions extends REQUEST_OPTIONS {
        /// How often the old text has to be there, or `"all"` for any number but 0.
        ///
        /// @defaultValue 1
        optional count - By("count", "number | \"all\"");
    }

    /// A part of a file that is sent.
    FILE_PART_OPTIONS = FilePartOptions extends REQUEST_OPTIONS [internal] {
        /// As of the whole.
        optional onProgress - Callback("(sent: number, total?: number) => void");
        /// Bytes that were sent before.
        optional sent - Int;
        /// Bytes of the whole.
        optional total - Int;
    }

    /// How a file that was sent under another name gets into its place.
    FILE_PUT_OPTIONS = FilePutOptions extends REQUEST_OPTIONS [internal] {
        /// Who may do what with it.
        optional mode mode Int(0, 4095);
        /// What the file that is replaced has to be, as `identity` tells.
        optional expected expected Text;
    }

    /// What is in a sandbox by some path.
    FILE_ENTRY = FileEntry {
        /// Last segment of its path. A byte that is no UTF-8 is half a character from U+DC80 to U+DCFF; such a name leads to
        /// the file wherever a path is asked for.
        required name name Text;
        /// Its path.
        required path path Text;
        /// What it is. A symbolic link is told of itself, not what it leads to.
        required type type Literal("\"file\" | \"directory\" | \"symlink\" | \"other\"");
        /// Its size in bytes.
        required size size Int;
        /// Who may do what with it, as `chmod` has it: 0o644 say.
        required mode mode Int;
        /// When it was last changed.
        required modifiedAt modified_ms Instant;
        /// Name of the user that it belongs to, or the number where that has none.
        required owner owner Text;
        /// Where a symbolic link leads, as it was made.
        optional target target Text;
    }

    /// Options of {@link Files.list}.
    FILE_LIST_OPTIONS = FileListOptions extends REQUEST_OPTIONS {
        /// How many levels are listed, 1 for the directory's own entries alone.
        ///
        /// @defaultValue 1
        optional depth depth Int(1, 1000);
        /// Whether what begins with a dot is listed.
        ///
        /// @defaultValue true
        optional hidden hidden Flag;
        /// Only what fits this pattern, as {@link Files.find} has it.
        optional pattern pattern Path;
    }

    /// Options of {@link Files.find}.
    FIND_OPTIONS = FindOptions extends REQUEST_OPTIONS {
        /// Only what fits this pattern, `*.ts` or `{src,lib}/*.ts` say.
        optional pattern pattern Path;
        /// Only what is that.
        optional type type Among("\"file\" | \"directory\" | \"symlink\" | \"other\"");
        /// How many entries are told at most.
        ///
        /// @defaultValue 10000
        optional limit limit Int(1, 1_000_000);
        /// Whether what begins with a dot is told, and entered.
        ///
        /// @defaultValue true
        optional hidden hidden Flag;
        /// Patterns of what is neither told nor entered, `node_modules` say.
        optional ignore ignore Paths;
    }

    /// What {@link Files.find} has found.
    FIND_RESULT = FindResult {
        /// By their paths.
        required entries entries ByPath(FILE_ENTRY);
        /// Whether there are more than were asked for. Which of them are told of is not said then.
        required truncated truncated Flag;
    }

    /// Options of {@link Files.grep}.
    GREP_OPTIONS = GrepOptions extends REQUEST_OPTIONS {
        /// Only in files that fit this pattern, as {@link Files.find} has it.
        optional glob glob Path;
        /// Whether it is all the same if an ASCII letter is a capital.
        ///
        /// @defaultValue false
        optional ignoreCase ignore_case Flag;
        /// Whether the pattern is an extended regular expression of POSIX, as `grep -E` has it, in which a character that is
        /// no ASCII is as many as it has bytes. It has no back references.
        ///
        /// @defaultValue false
        optional regex regex Flag;
        /// How many lines are told at most, those around them not counted.
        ///
        /// @defaultValue 1000
        optional limit limit Int(1, 100_000);
        /// How many lines before and after each are told too.
        ///
        /// @defaultValue 0
        optional context context Int(0, 100);
        /// Whether files are read whose name, or a directory's above, begins with a dot.
        ///
        /// @defaultValue true
        optional hidden hidden Flag;
        /// Patterns of what is neither read nor entered.
        optional ignore ignore Paths;
    }

    /// A line that fits.
    GREP_MATCH = GrepMatch {
        /// Path of its file.
        required path path Text;
        /// Its number, from 1.
        required line line Int;
        /// Where in it the first place that fits begins, from 1: `text.slice(column - 1)` starts there. One that is behind
        /// what is told of a long line is at its end.
        required column column Int;
        /// The line without its end. What is not UTF-8 is U+FFFD; behind its first 4000 bytes it is cut off.
        required text text Text;
        /// The lines before it, where there is `context`.
        optional before before List;
        /// Those after it.
        optional after after List;
    }

    /// What {@link Files.grep} has found.
    GREP_RESULT = GrepResult {
        /// By path and line.
        required matches matches Many(GREP_MATCH);
        /// Whether there are more than were asked for.
        required truncated truncated Flag;
    }

    /// Options of {@link Files.mkdir}.
    MKDIR_OPTIONS = MkdirOptions extends REQUEST_OPTIONS {
        /// Whether the directories on the way are made too, and one that exists is as good.
        ///
        /// @defaultValue false
        optional recursive recursive Flag;
    }

    /// Options of {@link Files.remove} and {@link Files.chmod}.
    FILE_TREE_OPTIONS = FileTreeOptions extends REQUEST_OPTIONS {
        /// Whether it goes for all that is in a directory.
        ///
        /// @defaultValue false
        optional recursive recursive Flag;
    }

    /// Options of {@link Files.rename}.
    RENAME_OPTIONS = RenameOptions extends REQUEST_OPTIONS {
        /// Whether a file that has the new name is replaced.
        ///
        /// @defaultValue false
        optional overwrite overwrite Flag;
    }

    /// Options of {@link Files.copy}.
    COPY_OPTIONS = CopyOptions extends REQUEST_OPTIONS {
        /// Whether a directory is copied, with all that is in it.
        ///
        /// @defaultValue false
        optional recursive recursive Flag;
        /// Whether what is there already is replaced; a directory gets what the other has.
        ///
        /// @defaultValue false
        optional overwrite overwrite Flag;
    }

    /// Options of {@link Files.watch}.
    FILE_WATCH_OPTIONS = FileWatchOptions {
        /// Whether it is about all that is below the directory, not only its own entries.
        ///
        /// @defaultValue false
        optional recursive - Flag;
        /// Milliseconds between two looks where the sandbox has no `inotifywait`, 50 to 3,600,000.
        ///
        /// @defaultValue 1000
        optional pollIntervalMs - Int(50, 3600000);
        /// Names of files and directories that are passed over, with all that is in them. `*` is any number of characters,
        /// `?` one, `[a-z]` one of those: `["node_modules", ".git", "*.log"]`. What this package itself puts there
        /// (`.superserve`, `.superserve-…`) is, too.
        optional ignore - List;
        /// Whether a sandbox that is paused is resumed for it to begin. Otherwise it begins once somebody resumes the sandbox.
        ///
        /// @defaultValue true
        optional wake - Flag;
        /// Told of each event as it comes, from the call on. The iteration then has no events, only the end; and what ends it
        /// before its time is an unhandled rejection unless it is iterated. If it throws, or the promise it returns rejects, the
        /// watch ends with that.
        optional onEvent - Callback("(event: FileEvent) => unknown");
        /// Ends it. The error is a `SandboxError` whose `cause` is the signal's reason.
        optional signal - Signal;
        /// Milliseconds of silence, of the beginning too, after which a connection is made anew. The sandbox says every 15
        /// seconds that it is there.
        ///
        /// @defaultValue 45000
        optional timeoutMs - Millis;
    }

    /// The same for one connection.
    FILE_WATCH_STREAM_OPTIONS = FileWatchStreamOptions extends REQUEST_OPTIONS [internal] {
        /// Names that are passed over.
        optional ignore ignore List;
        /// Gets what the script tells.
        optional onStdout - Callback("(data: string) => void");
    }
}

class! {
    /// Moves files to and from a sandbox: `sandbox.files`.
    ///
    /// Paths are absolute and have no `..` segment. A paused sandbox is resumed first.
    ///
    /// What fails is a {@link NotFoundError} where there is nothing by that path, a {@link ConflictError} with code
    /// `already_exists` or `not_empty`, a {@link ValidationError} with code `is_directory`, `not_directory`, `name_too_long` or
    /// `too_many_links`, and else a {@link SandboxError} with code `permission_denied`, `read_only`, `sandbox_storage_full` or
    /// `tool_missing`: a template without such a tool.
    FILES = "Files" [part] {
        /// Writes a file. Directories on the way are made; a file that exists is replaced.
        ///
        /// Bytes, text and a `Blob` are sent by one request, of at most 4 GiB. Bytes must stay as they are until the promise
        /// settles: they may be sent twice.
        ///
        /// What gives its content piece by piece (a stream, an async iterable, a `Response`) is sent as it comes, in little
        /// memory: by one request where the runtime can, else in parts of 8 MiB. It goes to a file with a name of its own in
        /// the same directory, `.superserve-…`, which then takes the place of the other in one step; so does what comes with
        /// any of `mode`, `append`, `createNew` and `onProgress`. So the file is there whole or not at all, and what fails or
        /// is aborted leaves nothing. A symbolic link stays, and what it leads to is replaced. `timeoutMs` is the time of
        /// each request then, of a stream that of each piece: 300,000 by default.
        ///
        /// @throws {@link ValidationError} for a path or content that is none, before any request.
        /// @throws {@link ConflictError} with code `already_exists`, with `createNew`.
        /// @throws {@link ServerError} with code `send_again` when the sandbox fell asleep at the very moment in which a
        /// stream was sent, which cannot be sent twice.
        ///
        /// @example
        /// ```typescript
        /// await sandbox.files.write("/app/config.json", JSON.stringify({ debug: true }))
        /// await sandbox.files.write("/app/data.bin", new Uint8Array([1, 2, 3]))
        /// await sandbox.files.write("/app/video.mp4", await fetch("https://example.com/video.mp4"), {
        ///   onProgress: (sent, total) => console.log(sent, total),
        /// })
        /// await sandbox.files.write("/app/run.log", "one more line\n", { append: true })
        /// ```
        method write(path - Path, content - Source; options?: FILE_WRITE_OPTIONS) -> "Promise<void>"
            = Chain(Post "/files?path={path}" File => Nothing) on Data allow "files:write";

        /// Writes a file by one request.
        internal post(path - Path, content - Content; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/files?path={path}" File => Nothing) on Data allow "files:write";

        /// Sends a part of a file, or one whose name nobody else has.
        internal part(path - Path, content - Content; options?: FILE_PART_OPTIONS) -> "Promise<void>"
            = Request(Post "/files?path={path}" Part => Nothing) on Data allow "files:write";

        /// Sends a file piece by piece.
        internal pour(path - Path, content - Source; options?: FILE_PART_OPTIONS) -> "Promise<void>"
            = Request(Post "/files?path={path}" Stream => Nothing) on Data allow "files:write";

        /// Whether a file can be sent piece by piece: then the sandbox is awake.
        internal ready(; options?: REQUEST_OPTIONS) -> "Promise<boolean>" = Awake allow "files:write";

        /// Puts a file that was sent under the name `from` in the same directory, and `parts` more, into its place: `how` is
        /// empty, `new` or `append`. With `discard` they are removed.
        internal put(path path Path, from from Text, parts parts Int, how how Text; options?: FILE_PUT_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/put" Script => Script) on Data allow "files:write";

        /// Tells what a file is, so that another, or one that was changed, is told from it.
        internal identity(path path Path; options?: REQUEST_OPTIONS) -> "Promise<string>"
            = Request(Post "/files/identity" Script => Script) on Data allow "files:read";

        /// Writes several files, as {@link Files.write} does, six at a time. The first error ends the rest, and its message
        /// names the path: what was written by then stays, the others are as they were.
        ///
        /// @throws As {@link Files.write}.
        ///
        /// @example
        /// ```typescript
        /// await sandbox.files.writeMany([
        ///   { path: "/app/index.js", content: "console.log(1)" },
        ///   { path: "/app/run.sh", content: "#!/bin/sh\nnode index.js", mode: 0o755 },
        /// ])
        /// ```
        method writeMany(files - Many(FILE_TO_WRITE); options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Chain allow "files:write";

        /// Replaces a text in a file by another, whatever else is in the file: bytes that are no UTF-8 stay as they are. Its
        /// mode stays, too. Resolves with how often the text was there.
        ///
        /// @throws {@link ConflictError} with code `count_mismatch` when the old text is not there as often as `count` says,
        /// once by default; with code `changed` when somebody else has changed the file meanwhile. Then nothing is changed.
        /// @throws {@link NotFoundError} when there is no such file.
        /// @throws {@link ValidationError} when it has more than 2 GiB.
        ///
        /// @example
        /// ```typescript
        /// await sandbox.files.replace("/app/config.py", "DEBUG = False", "DEBUG = True")
        /// const { count } = await sandbox.files.replace("/app/main.py", "foo(", "bar(", { count: "all" })
        /// ```
        method replace(path - Path, oldText - By("needle", "string"), newText - Text; options?: REPLACE_OPTIONS) -> "Promise<FileReplacement>"
            = Chain(Post "/files?path={path}" File => Nothing) on Data allow "files:write";

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
        method read(path - Path; options?: FILE_FORMAT_OPTIONS as FileReadOptions) -> "Promise<Bytes>"
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
        method readText(path - Path; options?: FILE_DOWNLOAD_OPTIONS) -> "Promise<string>"
            = Request(Get "/files?path={path}" Nothing => Text) on Data allow "files:read";

        /// Reads a directory: as a zip archive, as a tar archive, or into a folder of this machine.
        ///
        /// The zip's entries start with the directory's name, and symbolic links are left out; a path that is a file comes back
        /// as it is. A large directory may take longer than the default 30 seconds: pass `timeoutMs`.
        ///
        /// With `format: "tar"` it is a stream, whose entries start with `./`: modes, times, empty directories and symbolic links
        /// are in it. Cancel it if you do not read it to its end.
        ///
        /// With a path of this machine, in Node.js (20.16 or later), Deno and Bun, it is unpacked there: files appear whole or not
        /// at all, and in place of others of their names. Nothing is written outside of that folder, whatever the archive says:
        /// links in it are not followed, those that lead out of it are left out, as are devices and pipes, and what is left out
        /// is told. What this machine's file system fails with is thrown as it is.
        ///
        /// The last two are put together in the sandbox's `/tmp` first, and by default each of their requests may take five
        /// minutes.
        ///
        /// @throws As {@link Files.read}; {@link ConflictError} with code `already_exists` where a link or a directory of this
        /// machine is in the way; {@link ValidationError} for a path where there is no file system.
        ///
        /// @example
        /// ```typescript
        /// const zip = await sandbox.files.downloadDir("/app/output", { timeoutMs: 120_000 })
        /// const tar = await sandbox.files.downloadDir("/app/output", { format: "tar" })
        /// const { files, skipped } = await sandbox.files.downloadDir("/app/output", "./output")
        /// ```
        method downloadDir(path - Path; options?: DOWNLOAD_DIR_OPTIONS) -> "Promise<Bytes>"
            or "downloadDir(path: string, options: FolderOptions & { format: \"tar\" }): Promise<ReadableStream<Bytes>>"
            or "downloadDir(path: string, localDir: string, options?: FolderOptions): Promise<FolderDownload>"
            = Request(Get "/files?path={path}&format=zip" Nothing => Bytes) on Data allow "files:read";

        /// [`downloadDir`](FILES) as a tar archive.
        internal downloadTar(path - Path; options?: FOLDER_OPTIONS) -> "Promise<ReadableStream<Bytes>>"
            = Chain(Get "/files?path={path}" Nothing) on Data allow "files:read";

        /// The same into a folder of this machine.
        internal downloadInto(path - Path, into - Text; options?: FOLDER_OPTIONS) -> "Promise<FolderDownload>"
            = Chain(Get "/files?path={path}" Nothing) on Data allow "files:read";

        /// Sends a folder: what is in it comes to be in `path`, which is made if it is not there. What is there by other names
        /// stays.
        ///
        /// It goes as one archive, which is unpacked beside its place: a file appears whole or not at all. Modes, times (to the
        /// second), empty directories and symbolic links are kept; sockets, pipes and devices are left out, as is what vanishes
        /// while it is read.
        ///
        /// @throws {@link ValidationError} for a source that is none, or with code `is_directory` or `not_directory` where one is
        /// in the place of the other; {@link ConflictError} with code `changed` for a file that got shorter as it was read;
        /// {@link SandboxError} with code `tool_missing` for a template without `tar`. What this machine's file system fails
        /// with is thrown as it is.
        ///
        /// @example
        /// ```typescript
        /// await sandbox.files.uploadDir("./project", "/app", { gitignore: true, ignore: ["*.log", ".git/"] })
        /// // In a page: `uploadDir(input.files, "/app")` with an `<input type="file" webkitdirectory>`.
        /// await sandbox.files.uploadDir([{ path: "run.sh", content: "make", mode: 0o755 }, { path: "out" }], "/app")
        /// ```
        method uploadDir(source - By("folder", "FolderSource"), path - Path; options?: UPLOAD_DIR_OPTIONS) -> "Promise<FolderUpload>"
            = Chain(Post "/files?path={path}" File) on Data allow "files:write";

        /// Makes a folder of the sandbox as one of this machine is, and sends only what differs: files by size, modes or time,
        /// links by what they lead to. Two requests look at what is there and send, however many files there are.
        ///
        /// Without `delete` nothing is removed but what is of another kind here, and no directory for that. What the ignore rules
        /// leave out is neither sent nor removed.
        ///
        /// @throws As {@link Files.uploadDir}; {@link ConflictError} with code `is_directory` where a file is to be in the place
        /// of a directory, without `delete` or with something in it that is ignored.
        ///
        /// @example
        /// ```typescript
        /// const { sent, removed } = await sandbox.files.sync("./project", "/app", { gitignore: true, delete: true, dryRun: true })
        /// ```
        method sync(source - By("folder", "FolderSource"), path - Path; options?: SYNC_OPTIONS) -> "Promise<FolderSync>"
            = Chain(Post "/files?path={path}" File) on Data allow "files:write";

        /// Unpacks an archive that was sent, with so many parts beyond the first, and removes it; before, where that is said, what
        /// the file beside it lists.
        internal extract(path path Path, archive archive Path, parts parts Int, removes removes Flag; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/extract" Script => Script) on Data allow "files:write";

        /// Puts a folder into an archive, whose name says that it is one of this package's.
        internal pack(path path Path, archive archive Path; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/pack" Script => Script) on Data allow "files:read";

        /// Removes such an archive, and what it was unpacked to.
        internal discard(archive archive Path; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/discard" Script => Script) on Data allow "files:read";

        /// Lists a directory, sorted by path. A directory that cannot be read on the way down is listed without what is in it.
        ///
        /// @throws {@link NotFoundError}, or {@link ValidationError} with code `not_directory`.
        ///
        /// @example
        /// ```typescript
        /// for (const { path, size } of await sandbox.files.list("/app", { depth: 2, hidden: false })) {
        ///   console.log(path, size)
        /// }
        /// ```
        method list(path path Path; options?: FILE_LIST_OPTIONS) -> "Promise<FileEntry[]>"
            = Request(Post "/files/list" Script => ScriptMany(FILE_ENTRY)) on Data allow "files:read";

        /// Tells what is below a directory, on all levels. Symbolic links are told of, and not followed.
        ///
        /// A pattern has `*` for any part of a name, `?` for a character, `[a-z]` and `[!a-z]` for one of some and of all
        /// others, `{a,b}` for either, and `**` for any directories; a backslash takes the meaning away. One without `/` is
        /// for names on any level, one with `/` for paths below `path`. What begins with a dot is like all else.
        ///
        /// @throws {@link NotFoundError}, or {@link ValidationError} with code `not_directory`, and for what is no pattern.
        ///
        /// @example
        /// ```typescript
        /// const { entries } = await sandbox.files.find("/app", {
        ///   pattern: "*.{ts,tsx}",
        ///   type: "file",
        ///   ignore: ["node_modules", "dist/**"],
        /// })
        /// ```
        method find(path path Path; options?: FIND_OPTIONS) -> "Promise<FindResult>"
            = Request(Post "/files/find" Script => Script(FIND_RESULT)) on Data allow "files:read"
                preset { limit: 10000 };

        /// Looks for a text in the files below a directory, or in one file: tells the lines that have it. Binary files, those
        /// with a NUL, are passed over, as are symbolic links below the directory and what cannot be read.
        ///
        /// @throws {@link NotFoundError} when there is no such path; {@link ValidationError} for what is no pattern, with code
        /// `bad_pattern` for what `grep` does not take as a regular expression.
        ///
        /// @example
        /// ```typescript
        /// const { matches } = await sandbox.files.grep("/app/src", "TODO", { glob: "*.ts", ignore: ["node_modules"] })
        /// for (const { path, line, column, text } of matches) console.log(`${path}:${line}:${column}: ${text}`)
        /// ```
        method grep(path path Path, pattern pattern Path; options?: GREP_OPTIONS) -> "Promise<GrepResult>"
            = Request(Post "/files/grep" Script => Script(GREP_RESULT)) on Data allow "files:read"
                preset { limit: 1000 };

        /// Tells what is by a path. A symbolic link is told of itself.
        ///
        /// @throws {@link NotFoundError} when there is nothing.
        method stat(path path Path; options?: REQUEST_OPTIONS) -> "Promise<FileEntry>"
            = Request(Post "/files/stat" Script => Script(FILE_ENTRY)) on Data allow "files:read";

        /// Tells whether there is anything by a path, a symbolic link that leads nowhere included.
        method exists(path path Path; options?: REQUEST_OPTIONS) -> "Promise<boolean>"
            = Request(Post "/files/stat" Script => Exists) on Data allow "files:read";

        /// Makes a directory.
        ///
        /// @throws {@link ConflictError} with code `already_exists`; {@link NotFoundError} when the directory above is not there.
        /// With `recursive` neither.
        method mkdir(path path Path; options?: MKDIR_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/mkdir" Script => Script) on Data allow "files:write";

        /// Removes a file, a symbolic link or an empty directory; with `recursive`, a directory and all that is in it.
        ///
        /// @throws {@link NotFoundError} when there is nothing; {@link ConflictError} with code `not_empty`.
        method remove(path path Path; options?: FILE_TREE_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/remove" Script => Script) on Data allow "files:write";

        /// Renames or moves a file or a directory, in one step where both are on one file system.
        ///
        /// @throws {@link ConflictError} with code `already_exists` unless `overwrite`; {@link NotFoundError}.
        method rename(from from Path, to to Path; options?: RENAME_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/rename" Script => Script) on Data allow "files:write";

        /// Copies a file, or a directory with `recursive`. Modes and times are kept; symbolic links stay links.
        ///
        /// @throws {@link ConflictError} with code `already_exists` unless `overwrite`; {@link ValidationError} with code
        /// `is_directory` for one without `recursive`; {@link NotFoundError}.
        method copy(from from Path, to to Path; options?: COPY_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/copy" Script => Script) on Data allow "files:write";

        /// Sets who may do what with a file: `0o755` say.
        ///
        /// @throws {@link NotFoundError} when there is nothing; {@link SandboxError} with code `permission_denied`.
        method chmod(path path Path, mode mode Int(0, 4095); options?: FILE_TREE_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/chmod" Script => Script) on Data allow "files:write";

        /// Makes a symbolic link at `path`, which leads to `target`: an absolute path, or one that starts from the link's
        /// directory. Whether anything is there does not matter.
        ///
        /// @throws {@link ConflictError} with code `already_exists`.
        method symlink(target target Path, path path Path; options?: REQUEST_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/symlink" Script => Script) on Data allow "files:write";

        /// A step of the relay's, for a ticket that is bound to a folder: what its page reads or writes passes through a place
        /// of that name, which the page cannot reach.
        internal stage(step step Text(1, 8), path path Path, name name Text(1, 64)) -> ""
            = Request(Post "/files/stage" Script => Script) on Data;

        /// Tells what happens in a directory, until the loop is left or `signal` ends it.
        ///
        /// It goes on over connections that are cut, and over a pause of the sandbox, which it does not resume: what happened
        /// meanwhile is told then. Each event is about the state that is found: a file that is made and removed between two
        /// looks is not told of, and one that is written again and again is told of once until it is asked for the next event.
        ///
        /// @throws {@link NotFoundError} when the directory is not there, or no longer; {@link ValidationError} with code
        /// `not_directory`; {@link SandboxError} with code `permission_denied` or `tool_missing`; what else keeps it from going on,
        /// once a dozen connections were lost one after another.
        ///
        /// @example
        /// ```typescript
        /// for await (const event of sandbox.files.watch("/app", { recursive: true, ignore: ["node_modules"] })) {
        ///   if (event.type === "changed") console.log(event.path, event.entry.size)
        /// }
        /// ```
        method watch(path - Path; options?: FILE_WATCH_OPTIONS) -> "FileWatcher"
            = Chain(Get "/files?path={path}" Nothing) on Data allow "files:read";

        /// One connection of it.
        internal watchStream(path path Path, recursive recursive Flag, pollMs poll_ms Int(50, 3600000), wake wake Flag; options?: FILE_WATCH_STREAM_OPTIONS) -> "Promise<void>"
            = Request(Post "/files/watch" Script => Script) on Data allow "files:read" preset { timeout_s: 600 };
    }
}
