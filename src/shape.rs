//! The tables that say, once for each object of the surface, what its fields are: name in JavaScript,
//! name on the wire, type, and whether it is required.
//!
//! Three things follow from a table: a caller's options are checked and become the request's body, an
//! answer becomes the surface's object, and the TypeScript interface is written. The first two are done
//! by `wasm/js/shape.js`, which reads the table's text: for each field a call from Rust into JavaScript
//! and back would cost more than all the rest, in time and in bytes.

#[cfg(not(target_arch = "wasm32"))]
use alloc::vec::Vec;

/// An object of the surface.
#[derive(Debug)]
pub struct Shape {
    /// Name of the TypeScript interface.
    pub name: &'static str,
    /// The shape whose fields it has too.
    pub base: Option<&'static Shape>,
    /// A line for each field: name, kind and its arguments. A name is followed by `?` if the field is optional, by
    /// `=` if it is defaulted, and by `:` and its wire name unless that is the same in `snake_case`. `-` is no wire
    /// name: the field stays on this side, as a signal does; `a__b` is the member `b` of an object `a`.
    pub table: &'static str,
    /// The shapes that the kinds `one`, `many`, `choices` and (two) `either` stand for, in turn.
    pub nested: &'static [&'static Shape],
}

#[cfg(not(target_arch = "wasm32"))]
impl Shape {
    /// The names on the wire of its own fields that go there.
    pub fn wire_names(&self) -> Vec<&'static str> {
        let lines = self
            .table
            .lines()
            .filter_map(|line| line.split_once([' ', '?']));
        lines.map(|(name, _)| name).collect()
    }
}

/// Declares [`Shape`]s with their TypeScript interfaces.
///
/// ```text
/// shape! {
///     /// Documentation, for Rust and TypeScript alike.
///     CONSTANT = InterfaceName [extends OTHER: OtherInterface] {
///         /// Documentation of the field.
///         presence[/readonly] surfaceName wire_name Kind(arguments);
///     }
/// }
/// ```
///
/// The presences: `required` (its absence is an error, in options and answers alike), `defaulted` (an
/// answer without it gives the empty value of its type), `optional`. The kinds:
///
/// | kind | options | answers |
/// |---|---|---|
/// | `Text(least, most)` | a string of that many characters | a string |
/// | `Hidden(least, most)` | the same, and no error shows it | |
/// | `Literal("ts type")` | a string that is not empty | a string |
/// | `Int(least, most)` | an integer in that range | a number |
/// | `IntOrNull(least, most)` | the same or `null` | |
/// | `Seconds` | milliseconds, sent as whole seconds rounded up, and kept on this side too | |
/// | `Flag` | a boolean | a boolean |
/// | `Date` | | an RFC 3339 date: a `Date` |
/// | `DateOr(other_name)` | | the same; where there is none, that of the other wire name |
/// | `Map` | an object whose values are strings | an object |
/// | `List` | an array of strings | an array |
/// | `Template` | a string, or an object with `name` or `id` | |
/// | `One(SHAPE: Interface)`, `Many(…)` | an object of that shape, an array of them | the same |
/// | `Choices(SHAPE: Type)` | an array of objects that have exactly one member | |
/// | `Either(ONE OTHER: Type)` | an object of the one shape, or of the other if it has that one's first member | |
/// | `Port` | the number of a port that can be previewed | |
/// | `Access` | | who may open a preview: a string, `legacy_public` where there is none |
/// | `Content` | what can be sent as a file; stays on this side | |
/// | `Any("ts type")` | | whatever it is |
/// | `Signal`, `Millis`, `Bytes`, `Callback("ts type")` | stay on this side | |
macro_rules! shape {
    ($(
        $(#[doc = $doc:literal])*
        $constant:ident = $name:ident $(extends $base:ident: $base_name:ident)? {
            $(
                $(#[doc = $field_doc:literal])*
                $presence:ident $(/$readonly:ident)? $field:ident $wire:tt $kind:ident $(($($arg:tt)*))?;
            )*
        }
    )*) => { $(
        $(#[doc = $doc])*
        pub static $constant: $crate::shape::Shape = $crate::shape::Shape {
            name: stringify!($name),
            base: $crate::shape::shape!(@base $($base)?),
            table: $crate::shape::shape!(@table $(
                stringify!($field), $crate::shape::shape!(@presence $presence), " ", stringify!($wire), " ",
                $crate::shape::shape!(@kind $kind $(($($arg)*))?), "\n",
            )*),
            nested: $crate::shape::shape!(@nested [] $( $kind $(($($arg)*))? ; )*),
        };

        #[doc = concat!("TypeScript interface of [`", stringify!($constant), "`].")]
        #[allow(non_upper_case_globals, dead_code)]
        pub const $name: &str = concat!(
            "/**\n", $( " *", $doc, "\n", )* " */\n",
            "export interface ", stringify!($name), $( " extends ", stringify!($base_name), )? " {\n",
            $(
                "  /**\n", $( "   *", $field_doc, "\n", )* "   */\n",
                "  ", $( stringify!($readonly), " ", )? stringify!($field),
                $crate::shape::shape!(@mark $presence), ": ",
                $crate::shape::shape!(@ts $kind $(($($arg)*))?), $crate::shape::shape!(@or $presence), ";\n",
            )*
            "}\n",
        );
    )* };

    // The text that `Shape::table` describes, of one that has every wire name.
    (@table $($part:expr,)*) => {{
        const WHOLE: &str = concat!($($part),*);
        const LENGTH: usize = $crate::shape::shortened::<0>(WHOLE).1;
        const TABLE: [u8; LENGTH] = $crate::shape::shortened(WHOLE).0;
        match core::str::from_utf8(&TABLE) {
            Ok(table) => table,
            Err(_) => WHOLE,
        }
    }};

    (@base) => { None };
    (@base $base:ident) => { Some(&$base) };

    (@mark optional) => { "?" };
    (@mark $other:ident) => { "" };

    (@or optional) => { " | undefined" };
    (@or $other:ident) => { "" };

    (@presence required) => { "" };
    (@presence optional) => { "?" };
    (@presence defaulted) => { "=" };

    (@kind Text($least:literal, $most:literal)) => { concat!("text ", $least, " ", $most) };
    (@kind Int($least:literal, $most:literal)) => { concat!("int ", $least, " ", $most) };
    (@kind IntOrNull($least:literal, $most:literal)) => { concat!("intOrNull ", $least, " ", $most) };
    (@kind Hidden($least:literal, $most:literal)) => { concat!("hidden ", $least, " ", $most) };
    (@kind Text) => { "text" };
    (@kind Int) => { "int" };
    (@kind Literal($ts:literal)) => { "text 1" };
    (@kind Seconds) => { "seconds" };
    (@kind Flag) => { "flag" };
    (@kind Date) => { "date" };
    (@kind DateOr($wire:ident)) => { concat!("date ", stringify!($wire)) };
    (@kind Map) => { "map" };
    (@kind List) => { "list" };
    (@kind Template) => { "template" };
    (@kind One($($arg:tt)*)) => { "one" };
    (@kind Many($($arg:tt)*)) => { "many" };
    (@kind Choices($($arg:tt)*)) => { "choices" };
    (@kind Either($($arg:tt)*)) => { "either" };
    (@kind Port) => { "port" };
    (@kind Access) => { "access" };
    (@kind Content) => { "content" };
    (@kind Any($ts:literal)) => { "any" };
    (@kind Signal) => { "signal" };
    (@kind Millis) => { "millis" };
    (@kind Bytes) => { "bytes" };
    (@kind Callback($ts:literal)) => { "callback" };

    (@ts Literal($ts:literal)) => { $ts };
    (@ts Any($ts:literal)) => { $ts };
    (@ts Callback($ts:literal)) => { concat!("(", $ts, ")") };
    (@ts One($shape:ident: $ts:ident)) => { stringify!($ts) };
    (@ts Many($shape:ident: $ts:ident)) => { concat!(stringify!($ts), "[]") };
    (@ts Choices($shape:ident: $ts:ident)) => { concat!(stringify!($ts), "[]") };
    (@ts Either($one:ident $other:ident: $ts:ident)) => { stringify!($ts) };
    (@ts Port) => { "number" };
    (@ts Access) => { "PreviewAccess" };
    (@ts Hidden($least:literal, $most:literal)) => { "string" };
    (@ts Content) => { "FileInput" };
    (@ts DateOr($wire:ident)) => { "Date" };
    (@ts Text $(($($arg:tt)*))?) => { "string" };
    (@ts Int $(($($arg:tt)*))?) => { "number" };
    (@ts IntOrNull ($($arg:tt)*)) => { "number | null" };
    (@ts Seconds) => { "number" };
    (@ts Millis) => { "number" };
    (@ts Bytes) => { "number" };
    (@ts Flag) => { "boolean" };
    (@ts Date) => { "Date" };
    (@ts Map) => { "Record<string, string>" };
    (@ts List) => { "string[]" };
    (@ts Template) => {
        "string | {\n    /** Name. */\n    name?: string | undefined;\n    /** UUID. */\n    id: string;\n  }"
    };
    (@ts Signal) => { "AbortSignal" };

    // Collects the shapes of `One`, `Many`, `Choices` and `Either`.
    (@nested [$($found:ident)*]) => { &[$(&$found),*] };
    (@nested [$($found:ident)*] One($shape:ident: $ts:ident); $($rest:tt)*) => {
        $crate::shape::shape!(@nested [$($found)* $shape] $($rest)*)
    };
    (@nested [$($found:ident)*] Many($shape:ident: $ts:ident); $($rest:tt)*) => {
        $crate::shape::shape!(@nested [$($found)* $shape] $($rest)*)
    };
    (@nested [$($found:ident)*] Choices($shape:ident: $ts:ident); $($rest:tt)*) => {
        $crate::shape::shape!(@nested [$($found)* $shape] $($rest)*)
    };
    (@nested [$($found:ident)*] Either($one:ident $other:ident: $ts:ident); $($rest:tt)*) => {
        $crate::shape::shape!(@nested [$($found)* $one $other] $($rest)*)
    };
    (@nested [$($found:ident)*] $kind:ident $(($($arg:tt)*))?; $($rest:tt)*) => {
        $crate::shape::shape!(@nested [$($found)*] $($rest)*)
    };
}
pub(crate) use shape;

/// Lines `name wire kind…` as `Shape::table` has them, or the first `N` bytes of that, and how many there are. It runs in
/// the compiler: what a name on the wire follows from, users need not download twice.
#[allow(clippy::indexing_slicing)]
pub(crate) const fn shortened<const N: usize>(lines: &str) -> ([u8; N], usize) {
    let lines = lines.as_bytes();
    let mut out = [0; N];
    let (mut length, mut at) = (0, 0);
    while at < lines.len() {
        let wire = find(lines, b' ', at) + 1;
        let kind = find(lines, b' ', wire);
        let follows = is_in_snake_case(lines, at, wire, kind);
        let end = find(lines, b'\n', kind);
        while at <= end {
            let mut byte = lines[at];
            if at + 1 == wire && follows {
                at = kind;
            } else if at + 1 == wire {
                byte = b':';
            }
            if length < N {
                out[length] = byte;
            }
            length += 1;
            at += 1;
        }
    }
    (out, length)
}

#[allow(clippy::indexing_slicing)]
const fn find(text: &[u8], byte: u8, mut at: usize) -> usize {
    while text[at] != byte {
        at += 1;
    }
    at
}

/// Whether what is from `wire` to `end` is the `camelCase` word at `name` in `snake_case`.
#[allow(clippy::indexing_slicing)]
const fn is_in_snake_case(text: &[u8], mut name: usize, mut wire: usize, end: usize) -> bool {
    while text[name].is_ascii_alphanumeric() {
        if text[name].is_ascii_uppercase() {
            if text[wire] != b'_' {
                return false;
            }
            wire += 1;
        }
        if text[wire] != text[name].to_ascii_lowercase() {
            return false;
        }
        name += 1;
        wire += 1;
    }
    wire == end
}

#[cfg(test)]
mod tests {
    shape! {
        /// Inner.
        INNER = Inner {
            /// List.
            optional allowOut allow_out List;
        }
        /// Everything.
        EVERYTHING = Everything extends INNER: Inner {
            /// The name.
            required/readonly name name Text(1, 64);
            /// A signal.
            optional signal - Signal;
            /// A number
            /// on two lines.
            optional autoDeleteSeconds auto_delete_seconds IntOrNull(0, 10);
            /// Shapes.
            defaulted rules rule_list Many(INNER: Inner);
            /// A shape.
            optional network network One(INNER: Inner);
            /// A state.
            optional stateOf state_of_it Literal("State");
        }
    }

    #[test]
    fn the_table_has_a_line_a_field() {
        assert_eq!(
            EVERYTHING.table,
            "name text 1 64\n\
             signal?:- signal\n\
             autoDeleteSeconds? intOrNull 0 10\n\
             rules=:rule_list many\n\
             network? one\n\
             stateOf?:state_of_it text 1\n"
        );
        assert_eq!(EVERYTHING.base.map(|base| base.name), Some("Inner"));
        let nested: Vec<&str> = EVERYTHING.nested.iter().map(|shape| shape.name).collect();
        assert_eq!(nested, ["Inner", "Inner"]);
    }

    #[test]
    fn the_interface_has_the_same_fields() {
        assert_eq!(
            Everything,
            "/**\n * Everything.\n */\nexport interface Everything extends Inner {\n  \
             /**\n   * The name.\n   */\n  readonly name: string;\n  \
             /**\n   * A signal.\n   */\n  signal?: AbortSignal | undefined;\n  \
             /**\n   * A number\n   * on two lines.\n   */\n  autoDeleteSeconds?: number | null | undefined;\n  \
             /**\n   * Shapes.\n   */\n  rules: Inner[];\n  \
             /**\n   * A shape.\n   */\n  network?: Inner | undefined;\n  \
             /**\n   * A state.\n   */\n  stateOf?: State | undefined;\n}\n"
        );
        assert!(Inner.contains("  allowOut?: string[] | undefined;\n"));
    }
}
