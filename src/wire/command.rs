//! Commands.

use crate::shape::shape;

shape! {
    /// What a command left behind.
    COMMAND_RESULT = CommandResult {
        /// All it wrote to standard output.
        defaulted stdout stdout Text;
        /// All it wrote to standard error.
        defaulted stderr stderr Text;
        /// Its exit code. A code other than 0 is a result, not an error.
        required exitCode exit_code Int;
        /// True when the service cut the output short.
        optional truncated truncated Flag;
    }

    /// Options of {@link Commands.run}.
    COMMAND_OPTIONS = CommandOptions {
        /// Working directory.
        ///
        /// @defaultValue the template's, else `/home/user`
        optional cwd working_dir Text(1, 4096);
        /// Environment variables, over those of the sandbox.
        optional env env Map;
        /// Milliseconds the command may take, rounded up to whole seconds; the service ends it then. The
        /// call itself waits five seconds more, so that the service's answer comes first.
        ///
        /// @defaultValue the service's, 30000. A call with callbacks then ends once nothing came for 300
        /// seconds.
        optional timeoutMs timeout_s Seconds;
        /// Called with each piece of standard output as it comes. If it throws, the call rejects with what
        /// it threw.
        optional onStdout - Callback("(data: string) => void");
        /// Called with each piece of standard error as it comes. If it throws, the call rejects with what
        /// it threw.
        optional onStderr - Callback("(data: string) => void");
        /// Ends the call at once. The command itself goes on in the sandbox.
        optional signal - Signal;
        /// Most bytes that the answer of a call without callbacks may have; more is a `ValidationError`.
        ///
        /// @defaultValue 10485760
        optional maxOutputBytes - Bytes;
    }
}
