//! The table language for the surface's methods: one entry says a method's documentation, arguments and
//! options, the request it makes, and what becomes of the answer.
//!
//! Three things follow from an entry: the TypeScript declaration, the JavaScript method, and the call. Only
//! what is more than one request (a session, following a build) has code of its own at the edge.

use alloc::string::String;

use crate::protocol::error::Error;
use crate::protocol::request::{Method, Plane, Target};
use crate::protocol::text::split_once;
use crate::resources::files;
use crate::resources::sandbox::Transition;
#[cfg(not(target_arch = "wasm32"))]
use crate::surface::shape::{Field, Shape};

/// A method of a class of the surface, or a function.
#[derive(Debug)]
pub struct Operation {
    /// `Sandbox.create`; a function has no class: `previewUrl`. The module has none: JavaScript knows the entry by its number.
    #[cfg(not(target_arch = "wasm32"))]
    pub name: &'static str,
    /// Whether it is called on the class.
    pub is_static: bool,
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
    /// What it asks for that takes time, and so what a 409 means.
    pub transition: Option<Transition>,
    /// What a ticket has to allow; empty for what needs no request, or is no method of a sandbox.
    pub permission: &'static str,
    /// Paths whose deletion, in turn, undoes what the request created. `{name}` is the answer's member of that name.
    pub undo: &'static [&'static str],
    /// What only TypeScript and JavaScript read.
    #[cfg(not(target_arch = "wasm32"))]
    pub signature: Signature,
}

/// What of arguments and options goes over the wire, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
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
    /// The same, under a name that nobody else has: it may be sent again.
    Part,
    /// The argument `content`, piece by piece: it can be sent once.
    Stream,
    /// All of it, as JSON, and it has to say in one way how a secret is used.
    NewSecret,
    /// A script of [`script`] that gets all of it; to a relay, all of it as JSON.
    Script,
}

/// What a method does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Action {
    /// One request, of which an answer comes.
    Request,
    /// The same for each page of a list that is asked for by how many items are before it.
    ByOffset,
    /// Likewise by the item before it.
    ByCursor,
    /// The same for sandboxes with some tags, of which one is taken or a new one made.
    GetOrCreate,
    /// Several requests, each an entry of its own, which a function of `wasm/js/chains.js` makes one after another. By
    /// itself it checks what it was called with, at once.
    Chain,
    /// Opens a `CommandSession`.
    Session,
    /// Opens a `TerminalSession`.
    Terminal,
    /// Follows a build's log, by the requests that it takes.
    BuildLog,
    /// Waits for a build's end, likewise.
    BuildEnd,
    /// Sees to it that the sandbox is awake and its token known, if it may be sent a stream. Answers whether it may.
    Awake,
    /// Deletes the sandbox or pauses it, as its caller has said.
    Dispose,
    /// The preview URL of a port, at once.
    PreviewUrl,
    /// The connection, at once.
    Config,
    /// A `Sandbox` behind a relay, at once.
    Relayed,
}

impl Action {
    /// Whether it sends what the entry's content says.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn carries(self) -> bool {
        self.is_paged() || matches!(self, Self::Request | Self::GetOrCreate)
    }

    /// Whether it reads a list page by page.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn is_paged(self) -> bool {
        matches!(self, Self::ByOffset | Self::ByCursor)
    }
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is not looked at.
    Nothing,
    /// The same, and a 404 is as good: what was to be deleted is gone.
    Deleted,
    /// It is given as it is.
    Raw,
    /// An object of the entry's shape.
    One,
    /// A list of them.
    Many,
    /// A `Sandbox`.
    Sandbox,
    /// The same, which was only looked at: it may sleep.
    Seen,
    /// A `Snapshot`.
    Snapshot,
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
    /// What a script tells: nothing, or an object of the entry's shape.
    Script,
    /// The same, a list of them.
    ScriptMany,
    /// Whether there is what a script tells of.
    Exists,
    /// The URL of the page that shows a screen, or what a further request is to be made of.
    StreamUrl,
}

impl Operation {
    /// The path and query, with what `value` says of each name in braces.
    ///
    /// # Errors
    /// `InvalidArgument` for what cannot stand there.
    pub fn target(&self, value: &dyn Fn(&'static str) -> String) -> Result<Target, Error> {
        fill(self.path, &mut |name, target| {
            let value = value(name);
            if name == "path" {
                files::check(&value)?;
                target.bytes(&value);
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
    let mut target = Target::of(path);
    while let Some((fixed, (name, rest))) = split_twice(path) {
        path = rest;
        target.push(fixed);
        value(name, &mut target)?;
    }
    target.push(path);
    Ok(target)
}

/// What is before the first `{`, up to the `}` after it, and after that.
fn split_twice(path: &str) -> Option<(&str, (&str, &str))> {
    let (fixed, rest) = split_once(path, b'{')?;
    Some((fixed, split_once(rest, b'}')?))
}

/// What an [`Operation`] is to JavaScript and TypeScript. The module has none of it.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct Signature {
    /// Whether callers have it: what only this crate uses is declared nowhere.
    pub is_public: bool,
    /// Documentation, a line each.
    pub docs: &'static [&'static str],
    /// The arguments before the options, in turn.
    pub arguments: &'static [Field],
    /// The options.
    pub options: Option<Options>,
    /// Options of the connection that come after the others.
    pub connection: Option<&'static Shape>,
    /// Type of what it returns.
    pub returns: &'static str,
    /// Other forms of its declaration, which come before that of the table.
    pub overloads: &'static [&'static str],
    /// Name of the protocol that its WebSocket speaks; empty for none.
    pub protocol: &'static str,
    /// What the request carries unless the caller says otherwise, by wire name: literals of JavaScript, or the name of a
    /// function that makes it.
    pub presets: &'static [(&'static str, &'static str)],
    /// Which member of an action of a batch carries the same; empty for what no batch has.
    pub batch: &'static str,
    /// The shape of its answer, or of the events that come.
    pub shape: Option<&'static Shape>,
}

/// The options of a method.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct Options {
    /// Their fields.
    pub shape: &'static Shape,
    /// Whether they have to be given.
    pub need: Need,
    /// Name of their type.
    pub type_name: &'static str,
}

/// Whether options have to be given.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// They have to be.
    Required,
    /// They may be: undefined and null stand for none.
    Optional,
    /// They may be, and what is no object is none. Programs hand these methods over as callbacks, whose arguments were
    /// never meant for them.
    Loose,
}

/// A class of the surface, or its functions.
#[derive(Debug)]
pub struct Class {
    /// Its methods.
    pub operations: &'static [Operation],
    /// Their names, in turn, for [`number`](crate::surface::number) alone.
    pub names: &'static [&'static str],
    /// Name of the class; empty for functions.
    #[cfg(not(target_arch = "wasm32"))]
    pub name: &'static str,
    /// Documentation, a line each.
    #[cfg(not(target_arch = "wasm32"))]
    pub docs: &'static [&'static str],
    /// What its objects have beside methods.
    #[cfg(not(target_arch = "wasm32"))]
    pub fields: Option<&'static Shape>,
    /// Whether users meet only instances, as a field of another's.
    #[cfg(not(target_arch = "wasm32"))]
    pub is_part: bool,
}

#[allow(clippy::indexing_slicing)]
pub(crate) const fn is_same(one: &str, other: &str) -> bool {
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
///     CONSTANT = "Name" of FIELDS [part] {
///         /// Documentation of the method.
///         static|method name(argument wire_name Kind(…), …; options?: OPTIONS [as TypeName]) -> "Promise<…>" [or "name(…): …"]…
///             = Action(Get "/path/{id}" Content => Answer(SHAPE)) on Plane
///                 speaks "protocol" moves Transition allow "permission" batch "member" preset { wire_name: 1 }
///                 undo ["/path/{id}"];
///     }
/// }
/// ```
///
/// `of` names the fields of its objects, and `[part]` says that users meet only instances; both may be left out.
/// Arguments are fields as in `shape!`, all required. Options are `options:`, `options?:` or `options??:`, as
/// [`Need`] has them in turn. The columns of the last two lines are those of [`Operation`] and [`Signature`], where each
/// is optional; what comes in brackets, and `on`, is so for what makes no request of its own. `internal` in place of
/// `static` or `method` is an entry that callers do not have.
macro_rules! class {
    ($(
        $(#[doc = $doc:literal])*
        $constant:ident = $class:tt $(of $fields:ident)? $([$part:ident])? {
            $(
                $(#[doc = $method_doc:literal])*
                $scope:ident $method:ident(
                    $($argument:ident $wire:tt $kind:ident $(($($arg:tt)*))?),*
                    $(; options: $options:ident)?
                    $(; options?: $maybe:ident $(as $maybe_type:ident)?)?
                    $(; options??: $loose:ident)?
                    $(; connection: $connection:ident)?
                ) -> $returns:literal $(or $overload:literal)*
                    = $action:ident $((
                        $http:ident $path:literal $content:ident $(=> $answer:ident $(($shape:ident))?)?
                    ))?
                        $(on $plane:ident)? $(speaks $protocol:literal)? $(moves $transition:ident)?
                        $(allow $permission:literal)? $(batch $batch:literal)?
                        $(preset { $($preset:ident: $value:tt),* })?
                        $(undo [$($undo:literal),*])?;
            )*
        }
    )*) => { $(
        $(#[doc = $doc])*
        pub static $constant: $crate::surface::operation::Class = $crate::surface::operation::Class {
            #[cfg(not(target_arch = "wasm32"))]
            name: $class,
            #[cfg(not(target_arch = "wasm32"))]
            docs: &[$($doc),*],
            #[cfg(not(target_arch = "wasm32"))]
            fields: $crate::surface::operation::class!(@some $(&$fields)?),
            #[cfg(not(target_arch = "wasm32"))]
            is_part: $crate::surface::operation::class!(@is $($part)?),
            names: &[$($crate::surface::operation::class!(@name $class $method)),*],
            operations: &[$(
                $crate::surface::operation::Operation {
                    #[cfg(not(target_arch = "wasm32"))]
                    name: $crate::surface::operation::class!(@name $class $method),
                    is_static: $crate::surface::operation::class!(@static $scope),
                    action: $crate::surface::operation::Action::$action,
                    method: $crate::surface::operation::class!(@method $($http)?),
                    path: concat!("" $(, $path)?),
                    content: $crate::surface::operation::class!(@content $($content)?),
                    answer: $crate::surface::operation::class!(@answer $($($answer)?)?),
                    plane: $crate::surface::operation::class!(@plane $($plane)?),
                    transition: $crate::surface::operation::class!(@some $($crate::resources::sandbox::Transition::$transition)?),
                    permission: concat!("" $(, $permission)?),
                    undo: &[$($($undo),*)?],
                    #[cfg(not(target_arch = "wasm32"))]
                    signature: $crate::surface::operation::Signature {
                        is_public: $crate::surface::operation::class!(@public $scope),
                        docs: &[$($method_doc),*],
                        arguments: &[$(
                            $crate::surface::shape::Field {
                                docs: &[],
                                name: stringify!($argument),
                                wire: stringify!($wire),
                                presence: $crate::surface::shape::Presence::Required,
                                is_readonly: false,
                                kind: $crate::surface::shape::shape!(@kind $kind $(($($arg)*))?),
                            },
                        )*],
                        options: $crate::surface::operation::class!(
                            @options $($options)? $(? $maybe $(as $maybe_type)?)? $(? ? $loose)?
                        ),
                        connection: $crate::surface::operation::class!(@some $(&$connection)?),
                        returns: $returns,
                        overloads: &[$($overload),*],
                        protocol: concat!("" $(, $protocol)?),
                        presets: &[$($((stringify!($preset), stringify!($value))),*)?],
                        batch: concat!("" $(, $batch)?),
                        shape: $crate::surface::operation::class!(@some $($($(&$shape)?)?)?),
                    },
                },
            )*],
        };
    )* };
    (@name "" $method:ident) => { stringify!($method) };
    (@name $class:tt $method:ident) => { concat!($class, ".", stringify!($method)) };
    (@static static) => { true };
    (@static $other:ident) => { false };
    (@public internal) => { false };
    (@public $other:ident) => { true };
    (@is) => { false };
    (@is part) => { true };
    (@method) => { $crate::protocol::request::Method::Get };
    (@method $http:ident) => { $crate::protocol::request::Method::$http };
    (@content) => { $crate::surface::operation::Content::Nothing };
    (@content $content:ident) => { $crate::surface::operation::Content::$content };
    (@answer) => { $crate::surface::operation::Answer::Raw };
    (@answer $answer:ident) => { $crate::surface::operation::Answer::$answer };
    (@plane) => { $crate::protocol::request::Plane::Control };
    (@plane $plane:ident) => { $crate::protocol::request::Plane::$plane };
    (@some) => { None };
    (@some $value:expr) => { Some($value) };
    (@options) => { None };
    (@options $shape:ident) => { $crate::surface::operation::class!(@options_of $shape Required $shape.name) };
    (@options ? $shape:ident) => { $crate::surface::operation::class!(@options_of $shape Optional $shape.name) };
    (@options ? $shape:ident as $name:ident) => {
        $crate::surface::operation::class!(@options_of $shape Optional stringify!($name))
    };
    (@options ? ? $shape:ident) => { $crate::surface::operation::class!(@options_of $shape Loose $shape.name) };
    (@options_of $shape:ident $need:ident $name:expr) => {
        Some($crate::surface::operation::Options {
            shape: &$shape,
            need: $crate::surface::operation::Need::$need,
            type_name: $name,
        })
    };
}
pub(crate) use class;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::script;
    use crate::resources::ticket::PERMISSIONS;
    use crate::surface::{
        CLASSES, OPERATIONS, code, command, desktop, file, number, process, sandbox, snapshot,
        terminal,
    };

    /// The values that an entry of a script sends, in their order.
    fn fields(signature: &Signature) -> Vec<&'static str> {
        let options = signature.options.iter();
        let options = options.flat_map(|options| options.shape.all_fields());
        let all = signature.arguments.iter().chain(options);
        let names = all
            .filter(|field| field.wire != "-")
            .map(|field| field.name);
        names.collect()
    }

    fn target(operation: &Operation, value: &str) -> Result<String, Error> {
        let target = operation.target(&|_| value.into())?;
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
            while let Some((_, (name, rest))) = split_twice(path) {
                path = rest;
                let mut arguments = operation.signature.arguments.iter();
                let is_argument = arguments.any(|one| one.name == name && one.wire == "-");
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
            let starts = ["/files", "/exec", "/terminal", "/superserve.boxd"];
            let in_sandbox = starts.iter().any(|start| operation.path.starts_with(start))
                || operation.content == Content::Script;
            // What has no path is made of others, which have their own.
            if !operation.path.is_empty() {
                assert_eq!(operation.plane == Plane::Data, in_sandbox, "{name}");
            }
            let transition = match operation.path.rsplit('/').next() {
                Some("activate") => Some(Transition::Activate),
                Some("resume") => Some(Transition::Resume),
                Some("pause") => Some(Transition::Pause),
                Some("snapshot") => Some(Transition::Capture),
                Some("{id}" | "{sandboxId}")
                    if operation.method == Method::Delete
                        && operation.path.starts_with("/sandboxes/") =>
                {
                    Some(Transition::Kill)
                }
                _ if name == "Snapshot.waitUntilReady" => Some(Transition::Capture),
                _ => None,
            };
            assert_eq!(operation.transition, transition, "{name}");
            if operation.action == Action::Request {
                assert!(!operation.path.is_empty(), "{name}");
            }
        }
    }

    /// Scripts are given values by place, and code reads some of them so.
    #[test]
    fn the_values_of_scripts_are_where_they_are_looked_for() {
        for (script, numbers) in [
            ("list", &[][..]),
            ("find", &[(3, "limit")]),
            ("grep", &[(5, "limit"), (6, "context")]),
        ] {
            let name = format!("Files.{script}");
            let fields = fields(&named(file::FILES.operations, &name).signature);
            let (own, name, ignored) = files::search::places(&format!("/files/{script}")).unwrap();
            assert_eq!(fields[own], name, "{script}");
            assert_eq!(
                fields.get(ignored),
                Some(&"ignore").filter(|_| script != "list")
            );
            assert_eq!(
                fields.len(),
                ignored + usize::from(script != "list"),
                "{script}"
            );
            for (place, name) in numbers {
                assert_eq!(fields[*place], *name, "{script}");
            }
        }
    }

    #[test]
    fn scripts_wake_as_the_field_says_that_is_for_it() {
        let mut with_field = 0;
        for operation in CLASSES.iter().flat_map(|class| class.operations) {
            let Some(script) = script::of(operation.path) else {
                continue;
            };
            let fields = fields(&operation.signature);
            let wake = fields.iter().position(|field| *field == "wake");
            with_field += usize::from(wake.is_some());
            for place in 0..fields.len() {
                let mut values = vec!["1".to_owned(); fields.len()];
                "0".clone_into(&mut values[place]);
                let name = operation.name;
                assert_eq!(script.wakes(&values), wake != Some(place), "{name} {place}");
            }
        }
        assert!(with_field > 3, "{with_field} fields");
    }

    #[test]
    fn a_stream_is_opened_again_before_its_script_ends() {
        let seconds = (script::STREAM_MS / 1000.0).to_string();
        for (class, name) in [
            (&file::FILES, "Files.watchStream"),
            (&process::PROCESSES, "Processes.stream"),
            (&process::PROCESSES, "Processes.end"),
            (&process::PROCESSES, "Processes.port"),
            (&code::CODE, "Code.stream"),
        ] {
            let stream = named(class.operations, name);
            assert_eq!(stream.signature.presets, [("timeout_s", &*seconds)]);
        }
    }

    #[test]
    fn an_entry_is_found_by_its_name() {
        const PAUSE: usize = number("Sandbox.pause");
        let found = OPERATIONS.get(PAUSE).unwrap();
        assert_eq!(found.path, "/sandboxes/{id}/pause");
    }

    #[test]
    fn a_static_method_speaks_to_the_api() {
        // One object stands for the service in all of them (`options.rs`): it has no token, and none is to be shared.
        for operation in OPERATIONS.iter().filter(|operation| operation.is_static) {
            assert_eq!(operation.plane, Plane::Control, "{}", operation.name);
        }
    }

    #[test]
    fn every_method_of_a_sandbox_has_its_place() {
        let snapshots = snapshot::SNAPSHOT.operations.iter();
        for operation in snapshots.filter(|operation| !operation.is_static) {
            // A page looks at its snapshots by the list of its sandbox, and has no other way to one.
            let (_, name) = operation.name.split_once('.').unwrap();
            let expected = match name {
                "waitUntilReady" => "",
                _ => "snapshots by id",
            };
            assert_eq!(operation.permission, expected, "{name}");
            assert!(!PERMISSIONS.contains(&operation.permission), "{name}");
        }
        for operation in process::PROCESSES.operations {
            assert_eq!(operation.permission, "processes", "{}", operation.name);
        }
        for operation in code::CODE.operations {
            assert_eq!(operation.permission, "code", "{}", operation.name);
        }
        for operation in terminal::TERMINALS.operations {
            assert_eq!(operation.permission, "terminal", "{}", operation.name);
        }
        let screen = desktop::DESKTOP.operations.iter();
        for operation in screen.filter(|one| one.plane == Plane::Data) {
            assert_eq!(operation.permission, "desktop", "{}", operation.name);
        }
        // What these do a page may do by itself, with a preview port.
        for name in [
            "Desktop.getStreamUrl",
            "Desktop.publishStream",
            "Desktop.signStream",
        ] {
            let operation = named(desktop::DESKTOP.operations, name);
            assert_eq!(operation.permission, "preview", "{name}");
        }
        let classes = [&sandbox::SANDBOX, &command::COMMANDS, &file::FILES];
        let operations = classes.iter().flat_map(|class| class.operations);
        for operation in operations.filter(|operation| !operation.is_static) {
            let (_, name) = operation.name.split_once('.').unwrap();
            let expected = match name {
                "run" | "runStream" | "pipe" => "exec",
                "spawn" | "connect" => "session",
                "terminal" | "shell" => "terminal",
                "ports" | "waitForPort" => "processes",
                "write" | "writeMany" | "replace" | "post" | "part" | "pour" | "ready" | "put"
                | "mkdir" | "remove" | "rename" | "copy" | "chmod" | "symlink" | "uploadDir"
                | "sync" | "extract" => "files:write",
                "read" | "readText" | "downloadDir" | "list" | "find" | "grep" | "stat"
                | "exists" | "identity" | "watch" | "watchStream" | "downloadTar"
                | "downloadInto" | "pack" | "discard" => "files:read",
                "getInfo" | "getNetworkLog" | "iterateNetworkLog" => "info",
                "pause" | "resume" | "kill" | "update" | "asyncDispose" => "lifecycle",
                "snapshot" | "snapshots" => "snapshots",
                "attachSecret" | "detachSecret" => "secrets",
                // Its steps are a request or a session.
                "stream" => "",
                "getPreviewUrl" | "stage" => "",
                name if name.contains("Preview") => "preview",
                name => panic!("is {name} for pages?"),
            };
            assert_eq!(operation.permission, expected, "{name}");
            let is_listed = PERMISSIONS.contains(&expected);
            assert_eq!(is_listed, !matches!(expected, "" | "secrets"), "{name}");
        }
    }
}
