//! The table language for the surface's methods: one entry says a method's documentation, arguments and
//! options, the request it makes, and what becomes of the answer.
//!
//! Three things follow from an entry: the TypeScript declaration, the JavaScript method, and the call. Only
//! what is more than one request (a session, following a build) has code of its own at the edge.

use alloc::string::String;

use crate::call::{Method, Plane, Target};
use crate::error::Error;
use crate::files;
use crate::sandbox::Wake;
use crate::shape::Shape;
use crate::text::cut;

/// A method of a class of the surface, or a function.
#[derive(Debug)]
pub struct Operation {
    /// `Sandbox.create`; a function has no class: `previewUrl`.
    pub name: &'static str,
    /// Whether it is called on the class.
    pub is_static: bool,
    /// Whether callers have it: what only this crate uses is declared nowhere.
    pub is_public: bool,
    /// The arguments before the options, in turn.
    pub arguments: &'static Shape,
    /// The options.
    pub options: Option<&'static Shape>,
    /// Whether they have to be given.
    pub need: Need,
    /// Options of the connection that come after the others.
    pub connection: Option<&'static Shape>,
    /// What is done: a request, or something else.
    pub action: Action,
    /// HTTP method.
    pub method: Method,
    /// Path and query; empty for what has none of its own. `{id}` is the object's own id, any other `{name}` the
    /// argument of that name.
    pub path: &'static str,
    /// What the request carries.
    pub content: Content,
    /// What becomes of the answer.
    pub answer: Answer,
    /// Which of the two origins it goes to.
    pub plane: Plane,
    /// How it wakes a sandbox, and so what a 409 means; none for what wakes none.
    pub wake: Option<Wake>,
    /// What a ticket has to allow; empty for what needs no request, or is no method of a sandbox.
    pub permission: &'static str,
    /// Paths whose deletion, in turn, undoes what the request created. `{name}` is the answer's member of that name.
    pub undo: &'static [&'static str],
}

/// Whether options have to be given. The numbers are shared with `wasm/js/shape.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Need {
    /// They have to be.
    Given = 0,
    /// They may be: undefined and null stand for none.
    Maybe = 1,
    /// They may be, and what is no object is none. Programs hand these methods over as callbacks, whose arguments were
    /// never meant for them.
    Loose = 2,
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
    /// All of it, as JSON, and it has to say in one way how a secret is used.
    NewSecret,
}

/// What a method does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// One request, of which an answer comes.
    Request,
    /// Opens a `CommandSession`.
    Session,
    /// Opens a `TerminalSession`.
    Terminal,
    /// Follows a build's log, by the requests that it takes.
    BuildLog,
    /// Waits for a build's end, likewise.
    BuildEnd,
    /// The preview URL of a port, at once.
    PreviewUrl,
    /// The connection, at once.
    Config,
    /// A `Sandbox` behind a relay, at once.
    Relayed,
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy)]
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
    /// The preview URL with the token that the answer has.
    SignedUrl,
    /// The bytes of a file.
    Bytes,
    /// A file as text.
    Text,
    /// The result of a command.
    Command,
}

impl Operation {
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
    /// Name of the protocol that its WebSocket speaks; empty for none.
    pub protocol: &'static str,
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

impl Class {
    /// The entry of that whole name. Of a constant the compiler finds it, or says that there is none.
    #[allow(clippy::indexing_slicing, clippy::panic)]
    pub const fn entry(&self, name: &str) -> &'static Operation {
        let mut at = 0;
        while at < self.operations.len() {
            if is_same(self.operations[at].name, name) {
                return &self.operations[at];
            }
            at += 1;
        }
        panic!("no entry has that name");
    }
}

#[allow(clippy::indexing_slicing)]
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Declares [`Class`]es.
///
/// ```text
/// class! {
///     /// Documentation of the class.
///     CONSTANT = Name {
///         /// Documentation of the method.
///         static|method name(argument wire_name Kind(…), …; options?: OPTIONS Interface) -> "Promise<…>"
///             = Action(Get "/path/{id}" Content => Answer) on Plane
///                 speaks "protocol" wakes Wake allow "permission" undo ["/path/{id}"];
///     }
/// }
/// ```
///
/// Arguments are fields as in `shape!`, all required. Options are `options:`, `options?:` or `options??:`, as
/// [`Need`] has them in turn. The columns of the last two lines are those of [`Operation`], where each is optional; what
/// comes in brackets, and `on`, is so for what makes no request of its own. `internal` in place of `static` or `method`
/// is an entry that callers do not have.
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
                    $(; options??: $loose:ident $loose_interface:ident)?
                    $(; connection: $connection:ident $connection_interface:ident)?
                ) -> $returns:literal
                    = $action:ident $((
                        $http:ident $path:literal $content:ident $(=> $answer:ident $(($shape:ident))?)?
                    ))?
                        $(on $plane:ident)? $(speaks $protocol:literal)? $(wakes $wake:ident)?
                        $(allow $permission:literal)? $(undo [$($undo:literal),*])?;
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
                    is_public: $crate::operation::class!(@public $scope),
                    arguments: &$crate::shape::Shape {
                        name: "",
                        base: None,
                        table: $crate::shape::shape!(@table $(
                            stringify!($argument), " ", stringify!($wire), " ",
                            $crate::shape::shape!(@kind $kind $(($($arg)*))?), "\n",
                        )*),
                        nested: &[],
                    },
                    options: $crate::operation::class!(@shape $($options)? $($maybe)? $($loose)?),
                    need: $crate::operation::class!(@need $($options)? $(? $maybe)? $(? ? $loose)?),
                    connection: $crate::operation::class!(@shape $($connection)?),
                    action: $crate::operation::Action::$action,
                    method: $crate::operation::class!(@method $($http)?),
                    path: concat!("" $(, $path)?),
                    content: $crate::operation::class!(@content $($content)?),
                    answer: $crate::operation::class!(@answer $($($answer $(($shape))?)?)?),
                    plane: $crate::operation::class!(@plane $($plane)?),
                    wake: $crate::operation::class!(@wake $($wake)?),
                    permission: concat!("" $(, $permission)?),
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
                    options: $crate::operation::class!(@options $($interface)? $(? $maybe_interface)? $(? $loose_interface)?),
                    connection: $crate::operation::class!(@some $($connection_interface)?),
                    returns: $returns,
                    protocol: concat!("" $(, $protocol)?),
                },
            )*],
        };
    )* };
    (@name "" $method:ident) => { stringify!($method) };
    (@name $class:tt $method:ident) => { concat!($class, ".", stringify!($method)) };
    (@scope static) => { true };
    (@scope $other:ident) => { false };
    (@public internal) => { false };
    (@public $other:ident) => { true };
    (@method) => { $crate::call::Method::Get };
    (@method $http:ident) => { $crate::call::Method::$http };
    (@content) => { $crate::operation::Content::Nothing };
    (@content $content:ident) => { $crate::operation::Content::$content };
    (@answer) => { $crate::operation::Answer::Raw };
    (@answer $answer:ident $(($shape:ident))?) => { $crate::operation::Answer::$answer $((&$shape))? };
    (@plane) => { $crate::call::Plane::Control };
    (@plane $plane:ident) => { $crate::call::Plane::$plane };
    (@wake) => { None };
    (@wake $wake:ident) => { Some($crate::sandbox::Wake::$wake) };
    (@need) => { $crate::operation::Need::Maybe };
    (@need $options:ident) => { $crate::operation::Need::Given };
    (@need ? $options:ident) => { $crate::operation::Need::Maybe };
    (@need ? ? $options:ident) => { $crate::operation::Need::Loose };
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
                // The log of a build is found by code: callers may leave out which.
                let is_argument = is_argument || operation.action == Action::BuildLog;
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

    /// What a request has, an entry says, whatever its path and answer look like.
    #[test]
    fn columns_fit_together() {
        for operation in CLASSES.iter().flat_map(|class| class.operations) {
            let name = operation.name;
            let starts = ["/files", "/exec", "/terminal"];
            let in_sandbox = starts.iter().any(|start| operation.path.starts_with(start));
            assert_eq!(operation.plane == Plane::Data, in_sandbox, "{name}");
            let wake = match operation.path.rsplit('/').next() {
                Some("activate") => Some(Wake::Activate),
                Some("resume") => Some(Wake::Resume),
                _ => None,
            };
            assert_eq!(operation.wake, wake, "{name}");
            if operation.action == Action::Request {
                assert!(!operation.path.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn an_entry_is_found_by_its_name() {
        const PAUSE: &Operation = sandbox::SANDBOX.entry("Sandbox.pause");
        assert_eq!(PAUSE.path, "/sandboxes/{id}/pause");
    }
}
