//! The table language for the surface's methods: one entry says a method's documentation, arguments and
//! options, the request it makes, and what becomes of the answer.
//!
//! Three things follow from an entry: the TypeScript declaration, the JavaScript method, and the call. Only
//! what is more than one request (a session, following a build) has code of its own at the edge.

use alloc::string::String;

use crate::call::{Method, Plane, Target};
use crate::error::Error;
use crate::files;
use crate::shape::Shape;
use crate::text::cut;

/// A method of a class of the surface, or a function.
#[derive(Debug)]
pub struct Operation {
    /// `Sandbox.create`; a function has no class: `previewUrl`.
    pub name: &'static str,
    /// Whether it is called on the class.
    pub is_static: bool,
    /// The arguments before the options, in turn.
    pub arguments: &'static Shape,
    /// The options.
    pub options: Option<&'static Shape>,
    /// Whether they have to be given.
    pub needs_options: bool,
    /// Options of the connection that come after the others.
    pub connection: Option<&'static Shape>,
    /// HTTP method.
    pub method: Method,
    /// Path and query; empty for what is no request, or more than one. `{id}` is the object's own id, any other `{name}` the argument of that name.
    pub path: &'static str,
    /// What the request carries.
    pub content: Content,
    /// What becomes of the answer.
    pub answer: Answer,
    /// Paths whose deletion, in turn, undoes what the request created. `{name}` is the answer's member of that name.
    pub undo: &'static [&'static str],
}

/// What of arguments and options goes over the wire, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// All of it, as a query.
    Query,
    /// All of it, as JSON.
    Json,
    /// The same, and it has to have a member.
    Change,
    /// The argument `content`, as it is.
    File,
}

/// What becomes of an answer, or what is done instead of a request.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Answer {
    /// It is not looked at.
    Nothing,
    /// The same, and a 404 is as good: what was to be deleted is gone.
    Gone,
    /// It is given as it is.
    Raw,
    /// An object of that shape.
    One(&'static Shape),
    /// A list of them.
    Many(&'static Shape),
    /// A `Sandbox`.
    Sandbox,
    /// The object's own new access token.
    Token,
    /// A `Template`.
    Template,
    /// A `Template`, whose first build begins.
    NewTemplate,
    /// A build of the object's own that begins.
    NewBuild,
    /// A `Secret`.
    Secret,
    /// The same, from options that have to say how it is used.
    NewSecret,
    /// The preview URL with the token that the answer has.
    SignedUrl,
    /// The bytes of a file.
    Bytes,
    /// A file as text.
    Text,
    /// The result of a command.
    Command,

    /// No request: a `CommandSession`.
    Session,
    /// No request: a `TerminalSession`.
    Terminal,
    /// No request of its own: a build's log.
    BuildLog,
    /// No request of its own: a build's end.
    BuildEnd,
    /// No request: the preview URL of a port.
    PreviewUrl,
    /// No request: the connection.
    Config,
    /// No request: a `Sandbox` behind a relay.
    Relayed,
}

impl Operation {
    /// Which of the two origins it talks to.
    pub fn plane(&self) -> Plane {
        match self.answer {
            Answer::Bytes | Answer::Text | Answer::Command => Plane::Data,
            Answer::Session | Answer::Terminal => Plane::Data,
            _ if self.content == Content::File => Plane::Data,
            _ => Plane::Control,
        }
    }

    /// The path and query, with what `value` says of each name in braces.
    ///
    /// # Errors
    /// `InvalidArgument` for what cannot stand there, and whatever `value` fails with.
    pub fn target<E: From<Error>>(
        &self,
        mut value: impl FnMut(&'static str) -> Result<String, E>,
    ) -> Result<Target, E> {
        fill(self.path, &mut |name, target| {
            let value = value(name)?;
            if name == "path" {
                files::check(&value)?;
                target.value(&value);
            } else {
                target.id(name, &value)?;
            }
            Ok(())
        })
    }
}

/// A path whose `{names}` are filled in by `value`.
///
/// # Errors
/// Whatever `value` fails with.
pub fn fill<E>(
    mut path: &'static str,
    value: &mut dyn FnMut(&'static str, &mut Target) -> Result<(), E>,
) -> Result<Target, E> {
    let mut target = Target::default();
    while let Some((fixed, (name, rest))) = cut_twice(path) {
        path = rest;
        target.push(fixed);
        value(name, &mut target)?;
    }
    target.push(path);
    Ok(target)
}

/// What is before the first `{`, up to the `}` after it, and after that.
fn cut_twice(path: &str) -> Option<(&str, (&str, &str))> {
    let (fixed, rest) = cut(path, b'{')?;
    Some((fixed, cut(rest, b'}')?))
}

/// What TypeScript says of an [`Operation`] beyond what the operation itself knows.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct Signature {
    /// Documentation, a line each.
    pub docs: &'static [&'static str],
    /// Types of the arguments, in turn.
    pub arguments: &'static [(&'static str, &'static str)],
    /// The options: `options` or `options?`, and their type.
    pub options: Option<(&'static str, &'static str)>,
    /// Type of the options of the connection.
    pub connection: Option<&'static str>,
    /// Type of what it returns.
    pub returns: &'static str,
}

/// A class of the surface, or its functions. What only its TypeScript needs stays out of the module.
#[derive(Debug)]
pub struct Class {
    /// Its methods.
    pub operations: &'static [Operation],
    /// Name of the class; empty for functions.
    #[cfg(not(target_arch = "wasm32"))]
    pub name: &'static str,
    /// Documentation, a line each.
    #[cfg(not(target_arch = "wasm32"))]
    pub docs: &'static [&'static str],
    /// Signatures of the methods.
    #[cfg(not(target_arch = "wasm32"))]
    pub signatures: &'static [Signature],
}

/// Declares [`Class`]es.
///
/// ```text
/// class! {
///     /// Documentation of the class.
///     CONSTANT = Name {
///         /// Documentation of the method.
///         static|method name(argument wire_name Kind(…), …; options?: OPTIONS Interface) -> "Promise<…>"
///             = Get "/path/{id}" Content Answer undo ["/path/{id}"];
///     }
/// }
/// ```
///
/// Arguments are fields as in `shape!`, all required. `options:` have to be given, `options?:` may be, and so may
/// `undo`.
macro_rules! class {
    ($(
        $(#[doc = $doc:literal])*
        $constant:ident = $class:tt {
            $(
                $(#[doc = $method_doc:literal])*
                $scope:ident $method:ident(
                    $($argument:ident $wire:tt $kind:ident $(($($arg:tt)*))?),*
                    $(; options: $options:ident $interface:ident)?
                    $(; options?: $maybe:ident $maybe_interface:ident)?
                    $(; connection: $connection:ident $connection_interface:ident)?
                ) -> $returns:literal
                    = $http:ident $path:literal $content:ident $answer:ident $(($shape:ident))?
                        $(undo [$($undo:literal),*])?;
            )*
        }
    )*) => { $(
        $(#[doc = $doc])*
        pub static $constant: $crate::operation::Class = $crate::operation::Class {
            #[cfg(not(target_arch = "wasm32"))]
            name: $class,
            #[cfg(not(target_arch = "wasm32"))]
            docs: &[$($doc),*],
            operations: &[$(
                $crate::operation::Operation {
                    name: $crate::operation::class!(@name $class $method),
                    is_static: $crate::operation::class!(@scope $scope),
                    arguments: &$crate::shape::Shape {
                        name: "",
                        base: None,
                        table: $crate::shape::shape!(@table $(
                            stringify!($argument), " ", stringify!($wire), " ",
                            $crate::shape::shape!(@kind $kind $(($($arg)*))?), "\n",
                        )*),
                        nested: &[],
                    },
                    options: $crate::operation::class!(@shape $($options)? $($maybe)?),
                    needs_options: $crate::operation::class!(@given $($options)?),
                    connection: $crate::operation::class!(@shape $($connection)?),
                    method: $crate::call::Method::$http,
                    path: $path,
                    content: $crate::operation::Content::$content,
                    answer: $crate::operation::Answer::$answer $((&$shape))?,
                    undo: &[$($($undo),*)?],
                },
            )*],
            #[cfg(not(target_arch = "wasm32"))]
            signatures: &[$(
                $crate::operation::Signature {
                    docs: &[$($method_doc),*],
                    arguments: &[$(
                        (stringify!($argument), $crate::shape::shape!(@ts $kind $(($($arg)*))?)),
                    )*],
                    options: $crate::operation::class!(@options $($interface)? $(? $maybe_interface)?),
                    connection: $crate::operation::class!(@some $($connection_interface)?),
                    returns: $returns,
                },
            )*],
        };
    )* };
    (@name "" $method:ident) => { stringify!($method) };
    (@name $class:tt $method:ident) => { concat!($class, ".", stringify!($method)) };
    (@scope static) => { true };
    (@scope method) => { false };
    (@given) => { false };
    (@given $options:ident) => { true };
    (@shape) => { None };
    (@shape $shape:ident) => { Some(&$shape) };
    (@options) => { None };
    (@options $interface:ident) => { Some(("options", stringify!($interface))) };
    (@options ? $interface:ident) => { Some(("options?", stringify!($interface))) };
    (@some) => { None };
    (@some $interface:ident) => { Some(stringify!($interface)) };
}
pub(crate) use class;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::{CLASSES, file, sandbox};

    fn target(operation: &Operation, value: &str) -> Result<String, Error> {
        let target = operation.target(|_| Ok::<_, Error>(value.into()))?;
        Ok(target.as_str().into())
    }

    fn named<'a>(operations: &'a [Operation], name: &str) -> &'a Operation {
        operations
            .iter()
            .find(|operation| operation.name == name)
            .unwrap()
    }

    #[test]
    fn a_path_names_arguments_or_the_object() {
        for operation in CLASSES.iter().flat_map(|class| class.operations) {
            let mut path = operation.path;
            while let Some((_, (name, rest))) = cut_twice(path) {
                path = rest;
                let line = format!("{name}:- ");
                let is_argument = operation.arguments.table.contains(&line);
                let is_own = name == "id" && !operation.is_static;
                assert!(is_argument || is_own, "{}: {name}", operation.name);
            }
        }
    }

    #[test]
    fn values_stay_in_their_place() {
        let connect = named(sandbox::SANDBOX.operations, "Sandbox.connect");
        assert_eq!(
            target(connect, "a/../b").unwrap(),
            "/sandboxes/a%2F..%2Fb/activate"
        );
        assert!(target(connect, "..").is_err());
        let read = named(file::FILES.operations, "Files.downloadDir");
        assert_eq!(
            target(read, "/a b&c").unwrap(),
            "/files?path=%2Fa%20b%26c&format=zip"
        );
        assert!(target(read, "/a/../b").is_err());
    }

    #[test]
    fn only_what_is_in_the_sandbox_goes_to_the_sandbox() {
        for operation in CLASSES.iter().flat_map(|class| class.operations) {
            let expected = ["/files", "/exec", "/terminal"];
            let is_data = expected
                .iter()
                .any(|start| operation.path.starts_with(start));
            assert_eq!(
                operation.plane() == Plane::Data,
                is_data,
                "{}",
                operation.name
            );
        }
    }

    #[test]
    fn only_wakes_are_wakes() {
        use crate::sandbox::Wake;
        for operation in CLASSES.iter().flat_map(|class| class.operations) {
            let expected = match operation.name {
                "Sandbox.connect" => Some(Wake::Activate),
                "Sandbox.resume" => Some(Wake::Resume),
                _ => None,
            };
            assert_eq!(Wake::by(operation.path), expected, "{}", operation.name);
        }
    }
}
