//! Files.

use super::connection::REQUEST_OPTIONS;
use crate::shape::shape;

shape! {
    /// Options of {@link Files.read} and {@link Files.downloadDir}.
    FILE_READ_OPTIONS = FileReadOptions extends REQUEST_OPTIONS: RequestOptions {
        /// Most bytes to read; more is a `ValidationError`.
        ///
        /// @defaultValue 2147483648
        optional maxBytes - Bytes;
    }
}
