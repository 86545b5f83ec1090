//! Folders.

use super::connection::REQUEST_OPTIONS;
use super::file::FILE_DOWNLOAD_OPTIONS;
use crate::surface::shape::shape;

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/**
 * What {@link Files.uploadDir} and {@link Files.sync} take:
 *
 * - the path of a folder of this machine, in Node.js (20.16 or later), Deno and Bun
 * - files that a person has picked with their folder, whose own name is left out: `input.files`
 * - a folder that was picked or dropped: what `showDirectoryPicker`, `getAsFileSystemHandle` or `webkitGetAsEntry` gives
 * - anything that can be iterated and has such files, or {@link FolderItem}s
 */
export type FolderSource =
  | string
  | Iterable<FolderItem | FolderFile>
  | AsyncIterable<FolderItem | FolderFile>
  | FolderFileList
  | FolderHandle
  | FolderDropped;

/** A `File`. */
export interface FolderFile extends Blob {
  /** Its name. */
  readonly name: string;
}
/** A `FileList`. */
export interface FolderFileList {
  /** How many files there are. */
  readonly length: number;
  /** One of them. */
  item(index: number): FolderFile | null;
}
/** A `FileSystemDirectoryHandle`. */
export interface FolderHandle {
  /** That it is a folder. */
  readonly kind: "directory";
  /** Its name. */
  readonly name: string;
}
/** A `FileSystemDirectoryEntry`. */
export interface FolderDropped {
  /** That it is a folder. */
  readonly isDirectory: boolean;
  /** What reads it. */
  createReader(): unknown;
}

/** What is to be in a folder. */
export interface FolderItem {
  /** Its path below the folder. */
  path: string;
  /**
   * What a file has in it. The length of an archive's files is known before: a stream is read to its end first.
   *
   * @defaultValue nothing
   */
  content?: FileInput | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | undefined;
  /**
   * What it is.
   *
   * @defaultValue `"symlink"` with a target, `"file"` with a content, else `"directory"`
   */
  type?: "file" | "directory" | "symlink" | undefined;
  /**
   * Who may do what with it.
   *
   * @defaultValue 0o755 for a directory, else 0o644
   */
  mode?: number | undefined;
  /** What a symbolic link leads to. */
  target?: string | undefined;
  /**
   * When it was last changed, as a `Date` or in milliseconds since 1970.
   *
   * @defaultValue now
   */
  modifiedAt?: Date | number | undefined;
}
"#;

shape! {
    /// Options of what is done with a whole folder.
    FOLDER_OPTIONS = FolderOptions extends REQUEST_OPTIONS {
        /// Called as the bytes of files go or come, with how many have, and how many there are if that is known. If it throws,
        /// or the promise it returns rejects while the call lasts, the call rejects with that.
        optional onProgress - Callback("(bytes: number, total?: number) => void");
    }

    /// Options of {@link Files.uploadDir}.
    UPLOAD_DIR_OPTIONS = UploadDirOptions extends FOLDER_OPTIONS {
        /// What is left out, in the language of `.gitignore`.
        optional ignore - List;
        /// Whether the `.gitignore` files in the folder are heeded, as git does. What such a file leaves out `ignore` cannot
        /// take back.
        ///
        /// @defaultValue false
        optional gitignore - Flag;
    }

    /// Options of {@link Files.sync}.
    SYNC_OPTIONS = SyncOptions extends UPLOAD_DIR_OPTIONS {
        /// Whether what is not here is removed there.
        ///
        /// @defaultValue false
        optional delete - Flag;
        /// Whether it is only told what would be done.
        ///
        /// @defaultValue false
        optional dryRun - Flag;
    }

    /// Options of {@link Files.downloadDir}.
    DOWNLOAD_DIR_OPTIONS = DownloadDirOptions extends FILE_DOWNLOAD_OPTIONS {
        /// What it comes as.
        ///
        /// @defaultValue `"zip"`
        optional format - Among("\"zip\"");
    }

    /// What {@link Files.uploadDir} has done.
    FOLDER_UPLOAD = FolderUpload {
        /// How many files were sent, without directories and links.
        required files files Int;
        /// How many bytes they have.
        required bytes bytes Int;
    }

    /// What {@link Files.downloadDir} has done.
    FOLDER_DOWNLOAD = FolderDownload {
        /// How many files were written, without directories and links.
        required files files Int;
        /// How many bytes they have.
        required bytes bytes Int;
        /// The paths of what was left out: links that lead out of the folder, devices and pipes.
        required skipped skipped List;
    }

    /// What {@link Files.sync} has done, or would do.
    FOLDER_SYNC = FolderSync {
        /// The paths below the folder of what was sent, directories included.
        required sent sent List;
        /// Those of what was removed, with all that was in it.
        required removed removed List;
        /// How many stayed as they were.
        required unchanged unchanged Int;
        /// How many bytes were sent.
        required bytes bytes Int;
    }
}
