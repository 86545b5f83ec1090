//! The tables that say, once for each object of the surface, what its fields are: name in JavaScript,
//! name on the wire, type, and whether it is required.
//!
//! Three things follow from a table: [`encode`] checks a caller's options and writes the request body,
//! the edge's decoder turns an answer into the surface's object, and the TypeScript interface with its
//! documentation is the table's `TYPESCRIPT` text.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::json;
use crate::text::{concat, number};

/// An object of the surface.
#[derive(Debug)]
pub struct Shape {
    /// Name of the TypeScript interface.
    pub name: &'static str,
    /// Its fields, in the order in which they are shown.
    pub fields: &'static [Field],
}

/// A field of a [`Shape`].
#[derive(Debug)]
pub struct Field {
    /// Name in JavaScript.
    pub name: &'static str,
    /// Name on the wire; empty for what stays on this side, such as a signal.
    pub wire: &'static str,
    /// Type.
    pub kind: Kind,
    /// What its absence means.
    pub presence: Presence,
}

/// What the absence of a field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// An error, in options and answers alike.
    Required,
    /// In an answer, the empty value of the type.
    Defaulted,
    /// Nothing: the field stays absent.
    Optional,
}

/// The type of a field.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A string of that many characters.
    Text(u32, u32),
    /// A string, with the TypeScript type it is narrowed to.
    Literal,
    /// An integer in a range.
    Int(u32, u32),
    /// An integer in a range, or `null` to clear it.
    IntOrNull(u32, u32),
    /// Milliseconds, positive and finite, sent as whole seconds rounded up.
    MillisAsSeconds,
    /// `true` or `false`.
    Flag,
    /// An RFC 3339 date: a `Date` in JavaScript.
    Date,
    /// An object whose values are strings.
    Map,
    /// An array of strings.
    List,
    /// A template: its name or id, or an object that has one of them.
    Template,
    /// One object of another shape.
    One(&'static Shape),
    /// An array of objects of another shape.
    Many(&'static Shape),
    /// A value that the edge reads itself.
    Edge,
}

/// Declares [`Shape`]s with their TypeScript interfaces.
///
/// ```text
/// shape! {
///     /// Documentation, for Rust and TypeScript alike.
///     CONSTANT = InterfaceName [extends Other] {
///         /// Documentation of the field.
///         presence[/readonly] surfaceName "wire_name" Kind(arguments);
///     }
/// }
/// ```
macro_rules! shape {
    ($(
        $(#[doc = $doc:literal])*
        $constant:ident = $name:ident $(extends $base:ident)? {
            $(
                $(#[doc = $field_doc:literal])*
                $presence:ident $(/$readonly:ident)? $field:ident $wire:literal $kind:ident $(($($arg:tt)*))?;
            )*
        }
    )*) => { $(
        $(#[doc = $doc])*
        pub static $constant: $crate::shape::Shape = $crate::shape::Shape {
            name: stringify!($name),
            fields: &[ $(
                $crate::shape::Field {
                    name: stringify!($field),
                    wire: $wire,
                    kind: $crate::shape::shape!(@kind $kind $(($($arg)*))?),
                    presence: $crate::shape::shape!(@presence $presence),
                },
            )* ],
        };

        #[doc = concat!("TypeScript interface of [`", stringify!($constant), "`].")]
        #[allow(non_upper_case_globals)]
        pub const $name: &str = concat!(
            "/**\n", $( " *", $doc, "\n", )* " */\n",
            "export interface ", stringify!($name), $( " extends ", stringify!($base), )? " {\n",
            $(
                "  /**\n", $( "   *", $field_doc, "\n", )* "   */\n",
                "  ", $( stringify!($readonly), " ", )? stringify!($field), $crate::shape::shape!(@mark $presence), ": ",
                $crate::shape::shape!(@ts $kind $(($($arg)*))?), ";\n",
            )*
            "}\n",
        );
    )* };

    (@presence required) => { $crate::shape::Presence::Required };
    (@presence defaulted) => { $crate::shape::Presence::Defaulted };
    (@presence optional) => { $crate::shape::Presence::Optional };
    (@mark optional) => { "?" };
    (@mark $other:ident) => { "" };

    (@kind Literal($ts:literal)) => { $crate::shape::Kind::Literal };
    (@kind Edge($ts:literal)) => { $crate::shape::Kind::Edge };
    (@kind One($shape:ident: $ts:ident)) => { $crate::shape::Kind::One(&$shape) };
    (@kind Many($shape:ident: $ts:ident)) => { $crate::shape::Kind::Many(&$shape) };
    (@kind Text) => { $crate::shape::Kind::Text(0, u32::MAX) };
    (@kind Int) => { $crate::shape::Kind::Int(0, u32::MAX) };
    (@kind $kind:ident $(($($arg:tt)*))?) => { $crate::shape::Kind::$kind $(($($arg)*))? };

    (@ts Literal($ts:literal)) => { $ts };
    (@ts Edge($ts:literal)) => { $ts };
    (@ts One($shape:ident: $ts:ident)) => { stringify!($ts) };
    (@ts Many($shape:ident: $ts:ident)) => { concat!(stringify!($ts), "[]") };
    (@ts Text $(($($arg:tt)*))?) => { "string" };
    (@ts Int $(($($arg:tt)*))?) => { "number" };
    (@ts IntOrNull ($($arg:tt)*)) => { "number | null" };
    (@ts MillisAsSeconds) => { "number" };
    (@ts Flag) => { "boolean" };
    (@ts Date) => { "Date" };
    (@ts Map) => { "Record<string, string>" };
    (@ts List) => { "string[]" };
    (@ts Template) => { "string | { name?: string; id?: string }" };
}
pub(crate) use shape;

/// A value that a caller handed in, whatever holds it.
pub trait Input: Sized {
    /// What reading it can throw: a getter of the caller's may.
    type Thrown;

    /// What it is.
    fn given(&self) -> Given;
    /// The members of that name, absent ones as `Given::Absent`.
    fn members(&self, shape: &'static Shape) -> Result<Vec<Self>, Self::Thrown>;
    /// Every own member of a `Given::Object`.
    fn entries(&self) -> Result<Vec<(String, Self)>, Self::Thrown>;
    /// The items of a `Given::List`.
    fn items(&self) -> Result<Vec<Self>, Self::Thrown>;
}

/// What an [`Input`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// `undefined`.
    Absent,
    /// `null`.
    Null,
    /// A boolean.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// An object that holds its members as such.
    Object,
    /// An array.
    List,
    /// A function, a symbol, a bigint, a Map.
    Other,
}

/// Why options were not encoded.
#[derive(Debug, PartialEq)]
pub enum Refusal<T> {
    /// They are not what the shape says.
    Invalid(Error),
    /// Reading them threw this.
    Thrown(T),
}

impl<T> From<Error> for Refusal<T> {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

/// Checks `options` against `shape` and writes the wire's JSON object, absent fields left out.
///
/// # Errors
/// The first field that is missing, of another type, or out of its range, by its JavaScript name.
pub fn encode<I: Input>(shape: &'static Shape, options: &I) -> Result<String, Refusal<I::Thrown>> {
    let mut out = String::new();
    write_object(&mut out, shape, options, "options")?;
    Ok(out)
}

fn write_object<I: Input>(
    out: &mut String,
    shape: &'static Shape,
    given: &I,
    at: &str,
) -> Result<(), Refusal<I::Thrown>> {
    if given.given() != Given::Object {
        return Err(must(at, "be an object").into());
    }
    out.push('{');
    write_members(out, shape, given)?;
    out.push('}');
    Ok(())
}

/// Checks the members of `given` and writes them to an object that has been opened.
pub fn write_members<I: Input>(
    out: &mut String,
    shape: &'static Shape,
    given: &I,
) -> Result<(), Refusal<I::Thrown>> {
    let members = given.members(shape).map_err(Refusal::Thrown)?;
    for (field, value) in shape.fields.iter().zip(&members) {
        if field.wire.is_empty() {
            continue;
        }
        let given = value.given();
        if given != Given::Absent {
            write_key(out, field.wire);
            write_value(out, field, given, value)?;
        } else if field.presence == Presence::Required {
            return Err(must(field.name, "be given").into());
        }
    }
    Ok(())
}

fn write_value<I: Input>(
    out: &mut String,
    field: &Field,
    given: Given,
    value: &I,
) -> Result<(), Refusal<I::Thrown>> {
    let at = field.name;
    match field.kind {
        Kind::Text(least, most) => write_text(out, at, &given, least, most)?,
        Kind::Literal | Kind::Date => write_text(out, at, &given, 1, u32::MAX)?,
        Kind::IntOrNull(..) if given == Given::Null => out.push_str("null"),
        Kind::Int(least, most) | Kind::IntOrNull(least, most) => {
            json::write_number(out, u64::from(integer(at, &given, least, most)?));
        }
        Kind::MillisAsSeconds => {
            let seconds = Given::Number(whole_seconds(millis(at, &given)?));
            json::write_number(out, u64::from(integer(at, &seconds, 1, u32::MAX)?));
        }
        Kind::Flag => match given {
            Given::Flag(flag) => out.push_str(if flag { "true" } else { "false" }),
            _ => return Err(must(at, "be true or false").into()),
        },
        Kind::Map if given != Given::Object => {
            return Err(must(at, "be an object whose values are strings").into());
        }
        Kind::Map => write_map(out, at, value)?,
        Kind::List if given != Given::List => return Err(must(at, ARRAY_OF_STRINGS).into()),
        Kind::List => write_list(out, at, value)?,
        Kind::Template => write_template(out, at, given, value)?,
        Kind::One(shape) => write_object(out, shape, value, at)?,
        Kind::Many(_) if given != Given::List => return Err(must(at, "be an array").into()),
        Kind::Many(shape) => {
            out.push('[');
            for (index, item) in value.items().map_err(Refusal::Thrown)?.iter().enumerate() {
                separate(out);
                let at = concat(&[at, "[", &number(index as u64), "]"]);
                write_object(out, shape, item, &at)?;
            }
            out.push(']');
        }
        Kind::Edge => {}
    }
    Ok(())
}

/// Writes a string of `least` to `most` characters, not blank unless `least` is 0.
pub fn write_text(out: &mut String, at: &str, given: &Given, least: u32, most: u32) -> Result<(), Error> {
    let Given::Text(text) = given else { return Err(must(at, "be a string")) };
    if least > 0 && text.trim().is_empty() {
        return Err(must(at, "not be empty"));
    }
    let length = text.bytes().filter(|byte| byte & 0xC0 != 0x80).count();
    if length < least as usize || length > most as usize {
        return Err(must(at, &range("have ", least, most, " characters")));
    }
    json::write_string(out, text);
    Ok(())
}

fn write_map<I: Input>(out: &mut String, at: &str, value: &I) -> Result<(), Refusal<I::Thrown>> {
    out.push('{');
    for (key, value) in value.entries().map_err(Refusal::Thrown)? {
        match value.given() {
            Given::Text(text) => {
                write_key(out, &key);
                json::write_string(out, &text);
            }
            // As in `JSON.stringify`: a member that is undefined is not there.
            Given::Absent => {}
            _ => return Err(must(&concat(&[at, ".", &key]), "be a string").into()),
        }
    }
    out.push('}');
    Ok(())
}

fn write_list<I: Input>(out: &mut String, at: &str, value: &I) -> Result<(), Refusal<I::Thrown>> {
    out.push('[');
    for item in value.items().map_err(Refusal::Thrown)? {
        let Given::Text(text) = item.given() else {
            return Err(must(at, ARRAY_OF_STRINGS).into());
        };
        separate(out);
        json::write_string(out, &text);
    }
    out.push(']');
    Ok(())
}

const ARRAY_OF_STRINGS: &str = "be an array of strings";

fn write_key(out: &mut String, key: &str) {
    separate(out);
    json::write_string(out, key);
    out.push(':');
}

/// A comma, unless an object or array has just been opened.
fn separate(out: &mut String) {
    if !out.ends_with(['{', '[']) {
        out.push(',');
    }
}

/// An object's `name` is what the service documents; its `id` serves where it has none.
fn write_template<I: Input>(
    out: &mut String,
    at: &str,
    given: Given,
    value: &I,
) -> Result<(), Refusal<I::Thrown>> {
    let mut given = given;
    if given == Given::Object {
        let members = value.members(&TEMPLATE_REFERENCE).map_err(Refusal::Thrown)?;
        given = members
            .iter()
            .map(Input::given)
            .find(|given| !matches!(given, Given::Absent | Given::Null))
            .ok_or_else(|| must(at, "have a name or an id"))?;
    }
    write_text(out, at, &given, 1, u32::MAX)?;
    Ok(())
}

shape! {
    /// What names a template.
    TEMPLATE_REFERENCE = TemplateReference {
        /// Name.
        optional name "name" Text;
        /// UUID.
        optional id "id" Text;
    }
}

/// Milliseconds as seconds, rounded up. (`f64::ceil` is not in `core`.)
fn whole_seconds(ms: f64) -> f64 {
    let seconds = ms / 1000.0;
    let cut = seconds as u64 as f64;
    if cut < seconds { cut + 1.0 } else { cut }
}

/// An integer within its range; never one that had to be cut to fit.
pub fn integer(at: &str, given: &Given, least: u32, most: u32) -> Result<u32, Error> {
    match given {
        Given::Number(number)
            if *number >= f64::from(least)
                && *number <= f64::from(most)
                && f64::from(*number as u32) == *number =>
        {
            Ok(*number as u32)
        }
        _ => Err(must(at, &range("be an integer from ", least, most, ""))),
    }
}

fn range(before: &str, least: u32, most: u32, after: &str) -> String {
    concat(&[before, &number(u64::from(least)), " to ", &number(u64::from(most)), after])
}

/// Milliseconds: a positive, finite number.
pub fn millis(at: &str, given: &Given) -> Result<f64, Error> {
    match given {
        Given::Number(ms) if *ms > 0.0 && ms.is_finite() => Ok(*ms),
        _ => Err(must(at, "be a positive number of milliseconds")),
    }
}

/// "`<at>` must `<what>`", as a refusal.
pub fn must(at: &str, what: &str) -> Error {
    Error::InvalidArgument(concat(&[at, " must ", what]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    impl Input for Value {
        type Thrown = ();

        fn given(&self) -> Given {
            match self {
                // JSON has no `undefined`: this string stands for it.
                Value::String(text) if text == "<absent>" => Given::Absent,
                Value::Null => Given::Null,
                Value::Bool(flag) => Given::Flag(*flag),
                Value::Number(number) => Given::Number(number.as_f64().unwrap()),
                Value::String(text) => Given::Text(text.clone()),
                Value::Array(_) => Given::List,
                Value::Object(_) => Given::Object,
            }
        }

        fn members(&self, shape: &'static Shape) -> Result<Vec<Self>, ()> {
            let absent = json!("<absent>");
            let get = |field: &Field| self.get(field.name).unwrap_or(&absent).clone();
            Ok(shape.fields.iter().map(get).collect())
        }

        fn entries(&self) -> Result<Vec<(String, Self)>, ()> {
            let pair = |(key, value): (&String, &Value)| (key.clone(), value.clone());
            Ok(self.as_object().unwrap().iter().map(pair).collect())
        }

        fn items(&self) -> Result<Vec<Self>, ()> {
            Ok(self.as_array().unwrap().clone())
        }
    }

    shape! {
        /// Inner.
        INNER = Inner {
            /// List.
            optional allowOut "allow_out" List;
        }
        /// Everything.
        EVERYTHING = Everything extends Base {
            /// The name.
            required name "name" Text(1, 4);
            /// A signal.
            optional signal "" Edge("AbortSignal");
            /// A number
            /// on two lines.
            optional autoDeleteSeconds "auto_delete_seconds" IntOrNull(0, 10);
            /// A map.
            optional metadata "metadata" Map;
            /// A template.
            optional fromTemplate "from_template" Template;
            /// A time.
            optional timeoutMs "timeout_s" MillisAsSeconds;
            /// A shape.
            optional network "network" One(INNER: Inner);
            /// Shapes.
            optional rules "rules" Many(INNER: Inner);
            /// A flag.
            optional sudo "sudo" Flag;
        }
    }

    fn encoded(options: Value) -> Result<Value, String> {
        match encode(&EVERYTHING, &options) {
            Ok(text) => Ok(serde_json::from_str(&text).expect("valid JSON")),
            Err(Refusal::Invalid(error)) => Err(error.to_string()),
            Err(Refusal::Thrown(())) => unreachable!(),
        }
    }

    #[test]
    fn a_body_has_the_wires_names_and_only_what_was_given() {
        assert_eq!(encoded(json!({"name": "a", "signal": {}, "extra": 1})), Ok(json!({"name": "a"})));
        assert_eq!(
            encoded(json!({
                "name": "a\"b", "autoDeleteSeconds": null, "metadata": {"k": "v", "u": "<absent>"},
                "fromTemplate": {"id": "x"}, "timeoutMs": 1001, "network": {"allowOut": ["a", "b"]},
                "rules": [{}, {"allowOut": []}], "sudo": true,
            })),
            Ok(json!({
                "name": "a\"b", "auto_delete_seconds": null, "metadata": {"k": "v"},
                "from_template": "x", "timeout_s": 2, "network": {"allow_out": ["a", "b"]},
                "rules": [{}, {"allow_out": []}], "sudo": true,
            }))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (options, expected) in [
            (json!([]), "options must be an object"),
            (json!(null), "options must be an object"),
            (json!({}), "name must be given"),
            (json!({"name": null}), "name must be a string"),
            (json!({"name": " "}), "name must not be empty"),
            (json!({"name": "abcde"}), "name must have 1 to 4 characters"),
            (
                json!({"name": "a", "autoDeleteSeconds": 1.5}),
                "autoDeleteSeconds must be an integer from 0 to 10",
            ),
            (
                json!({"name": "a", "autoDeleteSeconds": 11}),
                "autoDeleteSeconds must be an integer from 0 to 10",
            ),
            (json!({"name": "a", "metadata": {"k": 1}}), "metadata.k must be a string"),
            (
                json!({"name": "a", "metadata": []}),
                "metadata must be an object whose values are strings",
            ),
            (json!({"name": "a", "fromTemplate": {}}), "fromTemplate must have a name or an id"),
            (json!({"name": "a", "timeoutMs": 0}), "timeoutMs must be a positive number of milliseconds"),
            (json!({"name": "a", "network": []}), "network must be an object"),
            (json!({"name": "a", "rules": [{}, 5]}), "rules[1] must be an object"),
            (json!({"name": "a", "rules": {"a": 1}}), "rules must be an array"),
            (json!({"name": "a", "sudo": "yes"}), "sudo must be true or false"),
        ] {
            assert_eq!(encoded(options).unwrap_err(), expected);
        }
    }

    #[test]
    fn the_interface_has_the_same_fields() {
        assert!(Everything.starts_with("/**\n * Everything.\n */\nexport interface Everything extends Base {"));
        for line in [
            "  name: string;",
            "  signal?: AbortSignal;",
            "  /**\n   * A number\n   * on two lines.\n   */\n  autoDeleteSeconds?: number | null;",
            "  metadata?: Record<string, string>;",
            "  fromTemplate?: string | { name?: string; id?: string };",
            "  network?: Inner;",
            "  rules?: Inner[];",
        ] {
            assert!(Everything.contains(line), "{line} in {Everything}");
        }
    }
}
