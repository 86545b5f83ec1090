//! The tables that say, once for each object of the surface, what its fields are: name in JavaScript,
//! name on the wire, type, and whether it is required.
//!
//! Three things follow from a table: a caller's options are checked and become the request's body, an answer becomes
//! the surface's object, and the TypeScript interface is written. JavaScript does the first two: for each field a call
//! from Rust into JavaScript and back would cost more than all the rest, in time and in bytes. So the build writes the
//! tables as JavaScript ([`tables`](crate::surface::javascript)), and the module itself has none of them.

#[cfg(not(target_arch = "wasm32"))]
pub use host::{Field, Kind, Presence, Shape};

/// In the module a shape is a name and nothing else, so that the tables of methods can be read as they are.
#[cfg(target_arch = "wasm32")]
pub struct Shape;

#[cfg(not(target_arch = "wasm32"))]
mod host {
    use alloc::vec::Vec;

    /// An object of the surface.
    #[derive(Debug)]
    pub struct Shape {
        /// Name of the TypeScript interface.
        pub name: &'static str,
        /// Documentation, a line each.
        pub docs: &'static [&'static str],
        /// Whether it is declared: callers have no name for some.
        pub is_public: bool,
        /// The shapes whose fields it has too.
        pub bases: &'static [&'static Shape],
        /// Its own fields.
        pub fields: &'static [Field],
    }

    impl Shape {
        /// Its own fields, and those of the shapes that it extends.
        pub fn all_fields(&'static self) -> Vec<&'static Field> {
            let mut fields: Vec<&Field> = self.fields.iter().collect();
            for base in self.bases {
                fields.extend(base.all_fields());
            }
            fields
        }
    }

    /// A field of an object, or an argument.
    #[derive(Debug)]
    pub struct Field {
        /// Documentation, a line each.
        pub docs: &'static [&'static str],
        /// Name in JavaScript.
        pub name: &'static str,
        /// Name on the wire. `-` is none: the field stays on this side, as a signal does. `a__b` is the member `b` of an
        /// object `a`.
        pub wire: &'static str,
        /// Whether it has to be there.
        pub presence: Presence,
        /// Whether TypeScript says that it is not to be assigned to.
        pub is_readonly: bool,
        /// What it is.
        pub kind: Kind,
    }

    /// Whether a field has to be there.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Presence {
        /// Its absence is an error, in options and answers alike.
        Required,
        /// An answer without it gives the empty value of its kind.
        Defaulted,
        /// It may be absent.
        Optional,
        /// An answer has to have it, and the surface's object has not.
        Checked,
    }

    /// What a field is. See [`shape!`](super::shape) for each.
    #[derive(Debug, Clone, Copy)]
    #[allow(missing_docs)]
    pub enum Kind {
        Text(u64, u64),
        Hidden(u64, u64),
        Literal(&'static str),
        Among(&'static str),
        Int(u64, u64),
        IntOrNull(u64, u64),
        Multiple(u64, u64, u64),
        Signed,
        Seconds,
        Flag,
        Date,
        DateOr(&'static str),
        Map,
        List,
        Several(&'static str),
        Template,
        Snapshot,
        Key,
        Disposal,
        One(&'static Shape),
        Many(&'static Shape),
        ByPath(&'static Shape),
        Choices(&'static Shape),
        Either(&'static Shape, &'static Shape, &'static str),
        Port,
        Access,
        Content,
        Source,
        Any(&'static str),
        Signal,
        Millis,
        Bytes,
        Path,
        Paths,
        Instant,
        Button,
        Keys,
        Point(&'static str),
        Actions,
        Base64,
        Callback(&'static str),
        By(&'static str, &'static str),
    }

    impl Kind {
        /// A text of any length has this as its most characters.
        pub const ANY_LENGTH: u64 = u64::MAX;
        /// The largest integer that JavaScript has exactly.
        pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
    }
}

/// Declares [`Shape`]s, and a list of them all: `SHAPES`.
///
/// ```text
/// shape! {
///     /// Documentation, for Rust and TypeScript alike.
///     CONSTANT = InterfaceName extends OTHER, ANOTHER [internal] {
///         /// Documentation of the field.
///         presence[/readonly] surfaceName wire_name Kind(arguments);
///     }
/// }
/// ```
///
/// `extends` may be left out, and so may `[internal]`: such a shape is declared nowhere. The presences are those of [`Presence`], in lower case. The kinds:
///
/// | kind | options | answers |
/// |---|---|---|
/// | `Text(least, most)` | a string of that many characters | a string |
/// | `Hidden(least, most)` | the same, and no error shows it | |
/// | `Literal("ts type")` | a string that is not empty | a string |
/// | `Among("ts type")` | one of the literals that the type is a union of | |
/// | `Int(least, most)` | an integer in that range | a number |
/// | `IntOrNull(least, most)` | the same or `null` | |
/// | `Multiple(least, most, step)` | the same, and a multiple of `step` | |
/// | `Signed` | any integer | |
/// | `Seconds` | milliseconds, sent as whole seconds rounded up, and kept on this side too | |
/// | `Flag` | a boolean | a boolean |
/// | `Date` | | an RFC 3339 date: a `Date` |
/// | `DateOr(other_name)` | | the same; where there is none, that of the other wire name |
/// | `Map` | an object whose values are strings | an object |
/// | `List` | an array of strings | an array |
/// | `Several("ts type")` | a string that is not empty, or an array of such | |
/// | `Template` | a string, or an object with `name` or `id` | |
/// | `Snapshot` | a string, or an object with an `id` | |
/// | `Key` | a string of 1 to 255 characters, which is kept on this side too | |
/// | `Disposal` | `kill` or `pause`; stays on this side, as whether it is the latter | |
/// | `One(SHAPE)`, `Many(SHAPE)` | an object of that shape, an array of them | the same |
/// | `ByPath(SHAPE)` | | an array of objects of that shape, sorted by their `path` |
/// | `Choices(SHAPE)` | an array of objects that have exactly one member | |
/// | `Either(ONE, OTHER, "ts type")` | an object of the one shape, or of the other if it has that one's first member | |
/// | `Port` | the number of a port that can be previewed | |
/// | `Access` | | who may open a preview: a string, `legacy_public` where there is none |
/// | `Content` | what can be sent as a file; stays on this side | |
/// | `Path` | a path in a sandbox: any string without a NUL, of which each half character from U+DC80 to U+DCFF stands for a byte that is no UTF-8 | |
/// | `Paths` | an array of such | |
/// | `Instant` | | a number of milliseconds since 1970: a `Date` |
/// | `Source` | the same, or what gives it piece by piece | |
/// | `Any("ts type")` | | whatever it is |
/// | `Button` | a button of the mouse | |
/// | `Keys` | a key with its modifiers, which go beside it | |
/// | `Point("steps")` | a place, to which the pointer does those steps, after those that are there | |
/// | `Actions` | a batch of what the screen's own methods do | |
/// | `Base64` | | the bytes that such a text stands for |
/// | `By("function", "ts type")` | what that function of `wasm/js/link.js` takes; stays on this side | |
/// | `Signal`, `Millis`, `Bytes`, `Callback("ts type")` | stay on this side | |
macro_rules! shape {
    ($(
        $(#[doc = $doc:literal])*
        $constant:ident = $name:ident $(extends $($base:ident),+)? $([$internal:ident])? {
            $(
                $(#[doc = $field_doc:literal])*
                $presence:ident $(/$readonly:ident)? $field:ident $wire:tt $kind:ident $(($($arg:tt)*))?;
            )*
        }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[cfg(target_arch = "wasm32")]
            pub static $constant: $crate::surface::shape::Shape = $crate::surface::shape::Shape;

            $(#[doc = $doc])*
            #[cfg(not(target_arch = "wasm32"))]
            pub static $constant: $crate::surface::shape::Shape = $crate::surface::shape::Shape {
                name: stringify!($name),
                docs: &[$($doc),*],
                is_public: $crate::surface::shape::shape!(@public $($internal)?),
                bases: &[$($(&$base),+)?],
                fields: &[$(
                    $crate::surface::shape::Field {
                        docs: &[$($field_doc),*],
                        name: stringify!($field),
                        wire: stringify!($wire),
                        presence: $crate::surface::shape::shape!(@presence $presence),
                        is_readonly: $crate::surface::shape::shape!(@readonly $($readonly)?),
                        kind: $crate::surface::shape::shape!(@kind $kind $(($($arg)*))?),
                    },
                )*],
            };
        )*

        /// The shapes of this file.
        #[cfg(not(target_arch = "wasm32"))]
        pub static SHAPES: &[&$crate::surface::shape::Shape] = &[$(&$constant),*];
    };

    (@public) => { true };
    (@public internal) => { false };
    (@readonly) => { false };
    (@readonly readonly) => { true };

    (@presence required) => { $crate::surface::shape::Presence::Required };
    (@presence defaulted) => { $crate::surface::shape::Presence::Defaulted };
    (@presence optional) => { $crate::surface::shape::Presence::Optional };
    (@presence checked) => { $crate::surface::shape::Presence::Checked };

    (@kind Text) => { $crate::surface::shape::Kind::Text(0, $crate::surface::shape::Kind::ANY_LENGTH) };
    (@kind Int) => { $crate::surface::shape::Kind::Int(0, $crate::surface::shape::Kind::MAX_SAFE_INTEGER) };
    (@kind DateOr($wire:ident)) => { $crate::surface::shape::Kind::DateOr(stringify!($wire)) };
    (@kind One($shape:ident)) => { $crate::surface::shape::Kind::One(&$shape) };
    (@kind Many($shape:ident)) => { $crate::surface::shape::Kind::Many(&$shape) };
    (@kind ByPath($shape:ident)) => { $crate::surface::shape::Kind::ByPath(&$shape) };
    (@kind Choices($shape:ident)) => { $crate::surface::shape::Kind::Choices(&$shape) };
    (@kind Either($one:ident, $other:ident, $ts:literal)) => { $crate::surface::shape::Kind::Either(&$one, &$other, $ts) };
    (@kind $kind:ident $(($($arg:tt)*))?) => { $crate::surface::shape::Kind::$kind $(($($arg)*))? };
}
pub(crate) use shape;
