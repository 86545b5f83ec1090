//! The tables of [`surface`](crate::surface) and the constants of this crate as JavaScript, for what ships: the build
//! writes them anew each time, so that none stands in both languages.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::protocol::config::SANDBOX_ID_PATTERN;
use crate::protocol::error::Class as ErrorClass;
use crate::protocol::problem::MAX_MESSAGE_CHARS;
use crate::protocol::request::{
    Body, Credential, Method, Plane, RESERVED_HEADERS, ROUTING_HINT_HEADER, ReadMode,
    SANDBOX_ID_HEADER,
};
use crate::resources::script::{self, SCRIPTS};
use crate::resources::ticket::{PERMISSIONS, TICKET_LENGTH};
use crate::resources::{commands, desktop, preview, sandbox, snapshot, template};
use crate::surface::operation::{Action, Answer, Content, Need, Operation};
use crate::surface::schema;
use crate::surface::shape::{Field, Kind, Presence, Shape};
use crate::surface::typescript::nested;
use crate::surface::{CLASSES, OPERATIONS, SHAPES, number};

/// A text as a literal of JavaScript.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// Texts as a list of JavaScript.
fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// The files that are written, by name.
pub fn all() -> [(&'static str, String); 6] {
    [
        ("constants.js", constants()),
        ("routes.js", routes()),
        ("scripts.js", scripts()),
        ("tables.js", tables()),
        ("tools.js", schema::declarations()),
        ("tools.d.ts", schema::types()),
    ]
}

/// The constants that JavaScript shares with this crate.
pub fn constants() -> String {
    let mut out = "// Generated from the crate in src by cargo xtask.\n".to_owned();
    let mut write = |name: &str, value: String| {
        out.push_str(&format!("\nexport const {name} = {value};"));
    };
    for class in ErrorClass::ALL {
        write(class.constant(), (class as u8).to_string());
        if let Some(status) = class.status() {
            write(&format!("{}_STATUS", class.constant()), status.to_string());
        }
    }
    write("ERROR_CLASSES", list(ErrorClass::ALL.map(ErrorClass::name)));
    write("CLASSES_OF_STATUSES", classes_of_statuses());
    write("METHODS", list(Method::ALL.map(Method::name)));
    let credentials = Credential::ALL.map(|one| list([one.header(), one.scheme()]));
    write("CREDENTIALS", format!("[{}]", credentials.join(", ")));
    write("TICKET", (Credential::Ticket as u8).to_string());
    write("SANDBOX_ID_HEADER", quoted(SANDBOX_ID_HEADER));
    write("ROUTING_HINT_HEADER", quoted(ROUTING_HINT_HEADER));
    let headers = Body::ALL.map(|one| list(one.header()));
    write("BODY_HEADERS", format!("[{}]", headers.join(", ")));
    for (name, mode) in [
        ("NOTHING", ReadMode::Nothing),
        ("JSON_BODY", ReadMode::Json),
        ("OUTPUT", ReadMode::Output),
        ("TEXT", ReadMode::Text),
        ("BYTES", ReadMode::Bytes),
        ("BLOB", ReadMode::Blob),
        ("STREAM", ReadMode::Stream),
        ("RESPONSE", ReadMode::Response),
    ] {
        write(name, (mode as u8).to_string());
    }
    for (name, content) in [
        ("SENDS_QUERY", Content::Query),
        ("SENDS_JSON", Content::Json),
        ("SENDS_CHANGE", Content::Change),
        ("SENDS_FILE", Content::File),
        ("SENDS_PART", Content::Part),
        ("SENDS_STREAM", Content::Stream),
        ("SENDS_SECRET", Content::NewSecret),
        ("SENDS_SCRIPT", Content::Script),
    ] {
        write(name, (content as u8).to_string());
    }
    write("SCRIPT_SEPARATOR", quoted(script::SEPARATOR));
    for (name, entry) in [
        ("CREATE", "Sandbox.create"),
        ("CONNECT", "Sandbox.connect"),
        ("READ_FILE", "Files.read"),
        ("WRITE_FILE", "Files.write"),
        ("POST_FILE", "Files.post"),
        ("SEND_PART", "Files.part"),
        ("SEND_STREAM", "Files.pour"),
        ("READY", "Files.ready"),
        ("PUT_FILE", "Files.put"),
        ("IDENTIFY_FILE", "Files.identity"),
        ("LIST_FILES", "Files.list"),
        ("EXTRACT", "Files.extract"),
        ("PACK", "Files.pack"),
        ("DISCARD", "Files.discard"),
        ("WATCH", "Files.watchStream"),
        ("START_PROCESS", "Processes.begin"),
        ("DESCRIBE_PROCESS", "Processes.describe"),
        ("LIST_PROCESSES", "Processes.all"),
        ("FOLLOW_PROCESS", "Processes.stream"),
        ("WAIT_FOR_PROCESS", "Processes.end"),
        ("SIGNAL_PROCESS", "Processes.signal"),
        ("WRITE_TO_PROCESS", "Processes.write"),
        ("REMOVE_PROCESS", "Processes.discard"),
        ("WAIT_FOR_PORT", "Processes.port"),
        ("LIST_PORTS", "Processes.ports"),
        ("CHECK_OPTIONS", "Processes.options"),
        ("CHECK_LOG", "Processes.log"),
        ("CHECK_PORT", "Processes.portOptions"),
        ("RUN_CODE", "Code.stream"),
        ("START_CONTEXT", "Code.begin"),
        ("LIST_CONTEXTS", "Code.all"),
        ("END_CONTEXT", "Code.end"),
        ("OPEN_SHELL", "Sandbox.shell"),
        ("OPEN_TERMINAL", "Terminals.open"),
        ("LIST_TERMINALS", "Terminals.running"),
        ("KILL_TERMINAL", "Terminals.signal"),
        ("DOWNLOAD_TAR", "Files.downloadTar"),
        ("DOWNLOAD_INTO", "Files.downloadInto"),
        ("RUN", "Commands.run"),
        ("PIPE", "Commands.pipe"),
        ("CONNECT_COMMAND", "Commands.connect"),
    ] {
        write(name, number(entry).to_string());
    }
    write("BY_OFFSET", (Action::ByOffset as u8).to_string());
    write("STDIN", commands::STDIN.to_string());
    write("STDOUT", commands::STDOUT.to_string());
    write("STDERR", commands::STDERR.to_string());
    write("EVENT", commands::EVENT.to_string());
    write("GRACE_MS", commands::GRACE_MS.to_string());
    write("MAX_TERMINAL_SIDE", commands::MAX_TERMINAL_SIDE.to_string());
    let (cols, rows) = commands::FIRST_TERMINAL_SIZE;
    write(
        "FIRST_TERMINAL_SIZE",
        format!("{{ cols: {cols}, rows: {rows} }}"),
    );
    // A line of what ships ends at an object, and none is to be long.
    write(
        "RESERVED_HEADERS",
        format!("/^({})$/i", RESERVED_HEADERS.join("|")),
    );
    for (name, action) in [
        ("EXEC_PROTOCOL", Action::Session),
        ("TERMINAL_PROTOCOL", Action::Terminal),
    ] {
        let entry = OPERATIONS.iter().find(|entry| entry.action == action);
        write(
            name,
            quoted(entry.map_or("", |entry| entry.signature.protocol)),
        );
    }
    write("BUILD_ENDS", list(template::ENDS));
    write("DEFAULT_SNAPSHOT_TIMEOUT_MS", snapshot::WAIT_MS.to_string());
    write("MIN_PREVIEW_PORT", preview::MIN_PORT.to_string());
    write("MAX_PREVIEW_PORT", preview::MAX_PORT.to_string());
    write("RESERVED_PREVIEW_PORT", preview::RESERVED_PORT.to_string());
    write("LEGACY_PUBLIC", quoted(preview::LEGACY_PUBLIC));
    write("DESKTOP_STREAM_PORT", desktop::STREAM_PORT.to_owned());
    write("STREAM_PAGE", quoted(desktop::STREAM_PAGE));
    let [adjectives, nouns] = sandbox::NAME_WORDS.map(quoted);
    write(
        "NAME_WORDS",
        format!("{{ adjectives: {adjectives}, nouns: {nouns} }}"),
    );
    let keys = quoted(&desktop::KEYS.join(";"));
    write(
        "KEYS",
        format!("{keys}.split(\";\").map((key) => key.split(\" \"))"),
    );
    out.push('\n');
    out
}

/// `[first, last, number]` for each run of statuses that mean the same class.
fn classes_of_statuses() -> String {
    let mut runs: Vec<(u16, u16, u8)> = Vec::new();
    for status in 400..600 {
        let class = ErrorClass::of_status(status) as u8;
        match runs.last_mut() {
            Some((_, last, known)) if *known == class && *last + 1 == status => *last = status,
            _ if class == ErrorClass::Sandbox as u8 => {}
            _ => runs.push((status, status, class)),
        }
    }
    let runs: Vec<String> = runs
        .iter()
        .map(|run| format!("[{}, {}, {}]", run.0, run.1, run.2))
        .collect();
    format!("[{}]", runs.join(", "))
}

/// The shapes and methods, as JavaScript reads them.
pub fn tables() -> String {
    let mut out = format!("{TABLES_HEAD}\n");
    let mut options = Written::default();
    let mut answers = Written::default();
    let mut entries = String::new();
    for operation in OPERATIONS {
        entries.push_str(&entry(operation, &mut options, &mut answers));
    }
    out.push_str(&options.text);
    out.push_str(&answers.text);
    out.push_str("\n/** What a connection may be made with. */\nexport const connection = fieldsOfConnectionOptions;\n");
    out.push_str("\n/** @type {Operation[]} */\nexport const operations = [\n");
    out.push_str(&entries);
    out.push_str("];\n");
    out.push_str("\nexport const classes = {\n");
    for class in CLASSES.iter().filter(|class| !class.name.is_empty()) {
        out.push_str(&format!("  {}: class {{}},\n", class.name));
    }
    out.push_str("};\n");
    out.push_str("\n/** Fields of a `Sandbox` that are objects of a class of their own. */\nexport const parts = {");
    for class in CLASSES.iter().filter(|class| class.is_part) {
        let fields = SHAPES
            .iter()
            .copied()
            .flatten()
            .flat_map(|shape| shape.fields);
        let is_it =
            |field: &&Field| matches!(field.kind, Kind::Literal(name) if name == class.name);
        for field in fields.filter(is_it) {
            out.push_str(&format!(" {}: {},", field.name, quoted(class.name)));
        }
    }
    out.push_str(" };\n");
    out
}

const TABLES_HEAD: &str = "\
// Generated from the tables in src/surface by cargo xtask.
import {
  access, all, among, asBytes, asByPath, asDate, asFlag, asInstant, asInt, asList, asMany, asMap, asOne, asText, byPath, bytes, callback, choices, content, count,
  disposal, either, flag, fresh, hidden, int, key, lacks, list, many, map, millis, needle, nullable, object, one, path, paths, port, seconds,
  folder, several, signal, snapshot, someName, source, template, text,
} from \"#js/shape.js\";
import { actions, button, keys, point } from \"#js/desktop.js\";
import { headers, hooks, logger, retry } from \"#js/link.js\";
import { result } from \"#js/stream.js\";

/** @import { Field, Operation } from \"#js/shape.js\" */
";

/// Shapes that are written, each after those that it is made of.
#[derive(Default)]
struct Written {
    names: Vec<&'static str>,
    text: String,
}

impl Written {
    fn is_new(&mut self, shape: &'static Shape) -> bool {
        let is_new = !self.names.contains(&shape.name);
        if is_new {
            self.names.push(shape.name);
        }
        is_new
    }
}

/// Writes the fields of options, and answers with their name.
fn options_of(shape: &'static Shape, written: &mut Written) -> String {
    let name = format!("fieldsOf{}", shape.name);
    if written.is_new(shape) {
        let bases = shape.bases.iter().map(|base| options_of(base, written));
        let bases: Vec<String> = bases.collect();
        for inner in shape.fields.iter().flat_map(|field| nested(&field.kind)) {
            options_of(inner, written);
        }
        let mut text = format!("\n/** @type {{Field[]}} */\nconst {name} = [\n");
        for field in shape.fields {
            text.push_str(&format!("  {},\n", field_of(field)));
        }
        for base in bases {
            text.push_str(&format!("  ...{base},\n"));
        }
        text.push_str("];\n");
        written.text.push_str(&text);
    }
    name
}

/// A field of options or an argument.
fn field_of(field: &Field) -> String {
    let range = |name: &str, least: u64, most: u64| match most {
        Kind::ANY_LENGTH => format!("{name}({least})"),
        Kind::MAX_SAFE_INTEGER => format!("{name}({least})"),
        most => format!("{name}({least}, {most})"),
    };
    let of = |shape: &Shape| format!("fieldsOf{}", shape.name);
    let kind = match &field.kind {
        Kind::Text(least, most) => range("text", *least, *most),
        Kind::Hidden(least, most) => range("hidden", *least, *most),
        Kind::Literal(_) => "text(1)".to_owned(),
        Kind::Among(ts) => format!("among({})", ts.replace(" | ", ", ")),
        Kind::Int(least, most) => range("int", *least, *most),
        Kind::IntOrNull(least, most) => format!("nullable({})", range("int", *least, *most)),
        Kind::Multiple(least, most, step) => format!("int({least}, {most}, {step})"),
        Kind::Signed => format!("int(-{})", Kind::MAX_SAFE_INTEGER),
        Kind::Button => "button".to_owned(),
        Kind::Keys => "keys".to_owned(),
        Kind::Point(steps) => format!("point({steps})"),
        Kind::Actions => "actions(() => operations)".to_owned(),
        Kind::One(shape) => format!("one({})", of(shape)),
        Kind::Many(shape) => format!("many({})", of(shape)),
        Kind::Choices(shape) => format!("choices({})", of(shape)),
        Kind::Either(one, other, _) => format!("either({}, {})", of(one), of(other)),
        Kind::Seconds => "seconds".to_owned(),
        Kind::Flag => "flag".to_owned(),
        Kind::Map => "map".to_owned(),
        Kind::List => "list".to_owned(),
        Kind::Several(_) => "several".to_owned(),
        Kind::Template => "template".to_owned(),
        Kind::Snapshot => "snapshot".to_owned(),
        Kind::Key => "key".to_owned(),
        Kind::Disposal => "disposal".to_owned(),
        Kind::Port => "port".to_owned(),
        Kind::Content => "content".to_owned(),
        Kind::Source => "source".to_owned(),
        Kind::Signal => "signal".to_owned(),
        Kind::Millis => "millis".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::Paths => "paths".to_owned(),
        Kind::Callback(_) => "callback".to_owned(),
        Kind::By(function, _) => (*function).to_owned(),
        Kind::Date
        | Kind::DateOr(_)
        | Kind::Instant
        | Kind::ByPath(_)
        | Kind::Access
        | Kind::Base64
        | Kind::Any(_) => "answersOnly".to_owned(),
    };
    let mut text = format!("{{ name: {}, kind: {kind}", quoted(field.name));
    if field.presence == Presence::Required {
        text.push_str(", isRequired: true");
    }
    match field.wire.split_once("__") {
        Some((wire, inner)) => {
            text.push_str(&format!(
                ", wire: {}, inner: {}",
                quoted(wire),
                quoted(inner)
            ));
        }
        None if field.wire == "-" => text.push_str(", wire: null"),
        None if field.wire == field.name => {}
        None => text.push_str(&format!(", wire: {}", quoted(field.wire))),
    }
    text.push_str(" }");
    text
}

/// Writes the function that makes the surface's object of an answer, and answers with its name.
fn answer_of(shape: &'static Shape, written: &mut Written) -> String {
    let name = format!("to{}", shape.name);
    if written.is_new(shape) {
        let fields = shape.all_fields().into_iter();
        let fields: Vec<&Field> = fields.filter(|field| field.wire != "-").collect();
        for inner in fields.iter().flat_map(|field| nested(&field.kind)) {
            answer_of(inner, written);
        }
        let mut text = format!(
            "\n/** @param {{any}} raw */\nfunction {name}(raw) {{\n  object(raw, {:?});\n",
            shape.name
        );
        let lacks = |field: &Field| format!("lacks({:?}, {:?})", shape.name, field.wire);
        let value = |field: &Field| {
            let instead = match field.presence {
                Presence::Required => lacks(field),
                _ => empty(&field.kind).to_owned(),
            };
            format!("{} ?? {instead}", decoded(field))
        };
        for field in &fields {
            if field.presence == Presence::Checked {
                text.push_str(&format!("  {} ?? {};\n", decoded(field), lacks(field)));
            }
        }
        // As far as there is no doubt which fields there are, one literal has them: engines make such objects fastest. The
        // order stays that of the table.
        let surely = |field: &&&Field| field.presence != Presence::Optional;
        text.push_str("  /** @type {any} */\n  const out = {\n");
        for field in fields.iter().take_while(surely) {
            if field.presence != Presence::Checked {
                text.push_str(&format!("    {}: {},\n", field.name, value(field)));
            }
        }
        text.push_str("  };\n");
        let mut rest = fields.iter().skip_while(surely).peekable();
        if rest.peek().is_some() {
            text.push_str("  let value;\n");
        }
        for field in rest {
            let name = field.name;
            text.push_str(&match field.presence {
                Presence::Checked => continue,
                Presence::Optional => format!(
                    "  if ((value = {}) !== undefined) out.{name} = value;\n",
                    decoded(field)
                ),
                _ => format!("  out.{name} = {};\n", value(field)),
            });
        }
        text.push_str("  return out;\n}\n");
        written.text.push_str(&text);
    }
    name
}

/// The value of an answer's field, undefined for what is not of the kind.
fn decoded(field: &Field) -> String {
    let raw = format!("raw.{}", field.wire);
    match &field.kind {
        Kind::Text(..) | Kind::Literal(_) | Kind::Access => format!("asText({raw})"),
        Kind::Int(..) => format!("asInt({raw})"),
        Kind::Flag => format!("asFlag({raw})"),
        Kind::Date => format!("asDate({raw})"),
        Kind::Instant => format!("asInstant({raw})"),
        Kind::DateOr(other) => format!("asDate({raw} === undefined ? raw.{other} : {raw})"),
        Kind::Map => format!("asMap({raw})"),
        Kind::List => format!("asList({raw})"),
        Kind::Base64 => format!("asBytes({raw})"),
        Kind::One(shape) => format!("asOne({raw}, to{})", shape.name),
        Kind::Many(shape) => format!("asMany({raw}, to{})", shape.name),
        Kind::ByPath(shape) => format!("asByPath({raw}, to{})", shape.name),
        _ => raw,
    }
}

/// What stands for a field that an answer lacks.
fn empty(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(..) | Kind::Literal(_) => "\"\"",
        Kind::Access => "access",
        Kind::Int(..) => "0",
        Kind::Flag => "false",
        Kind::Date | Kind::DateOr(_) | Kind::Instant => "new Date()",
        Kind::List | Kind::Many(_) | Kind::ByPath(_) => "[]",
        _ => "{}",
    }
}

/// A method, as JavaScript makes it and reads what it is called with.
fn entry(operation: &Operation, options: &mut Written, answers: &mut Written) -> String {
    let signature = &operation.signature;
    let mut members: Vec<String> = Vec::new();
    let mut member = |name: &str, value: String| members.push(format!("{name}: {value}"));
    let (class, name) = operation
        .name
        .split_once('.')
        .unwrap_or(("", operation.name));
    member("className", quoted(class));
    member("name", quoted(name));
    if !signature.is_public {
        member("isInternal", "true".to_owned());
    }
    if operation.is_static {
        member("isStatic", "true".to_owned());
    }
    if !signature.arguments.is_empty() {
        let nested_in = |field: &Field| nested(&field.kind);
        for inner in signature.arguments.iter().flat_map(nested_in) {
            options_of(inner, options);
        }
        let fields: Vec<String> = signature.arguments.iter().map(field_of).collect();
        member("args", format!("[{}]", fields.join(", ")));
    }
    if let Some(given) = &signature.options {
        let need = match given.need {
            Need::Required => "options",
            Need::Optional => "maybe",
            Need::Loose => "loose",
        };
        member(need, options_of(given.shape, options));
    }
    if let Some(shape) = signature.connection {
        member("connection", options_of(shape, options));
    }
    let carries_nothing = operation.content == Content::Nothing || !operation.action.carries();
    if !carries_nothing {
        member("content", (operation.content as u8).to_string());
    }
    if let Some(script) =
        script::of(operation.path).filter(|_| operation.content == Content::Script)
    {
        member("script", quoted(script.path));
    }
    if operation.action.is_paged() {
        member("pages", (operation.action as u8).to_string());
    }
    if !signature.presets.is_empty() {
        let presets: Vec<String> = signature
            .presets
            .iter()
            .map(|(name, value)| {
                if value.starts_with(|first: char| first.is_ascii_lowercase()) {
                    return format!("get {name}() {{ return {value}(); }}");
                }
                format!("{name}: {value}")
            })
            .collect();
        member("presets", format!("{{ {} }}", presets.join(", ")));
    }
    if !signature.batch.is_empty() {
        member("batch", quoted(signature.batch));
    }
    if let Some(shape) = signature.shape {
        let decode = answer_of(shape, answers);
        member(
            "decode",
            match operation.answer {
                Answer::Many => format!("all({decode})"),
                Answer::ScriptMany => format!("byPath({decode})"),
                Answer::Command => format!("result({decode})"),
                _ => decode,
            },
        );
    }
    format!("  {{ {} }},\n", members.join(", "))
}

/// The texts of scripts, as objects of pieces, a few lines each: a line of what ships ends at an object, and none is to be
/// long. Comments and empty lines do not ship.
pub fn scripts() -> String {
    let lines = |text: &str| {
        let says = |line: &&str| !line.is_empty() && !line.trim_start().starts_with('#');
        let pieces = joined(text.lines().filter(says)).into_iter().enumerate();
        let all: Vec<String> = pieces
            .map(|(i, piece)| format!("{i}: {}", quoted(&piece)))
            .collect();
        format!("{{ {} }}", all.join(", "))
    };
    let text = |apart| {
        let all = SCRIPTS.iter().filter(|script| script.is_apart == apart);
        let all = all.map(|script| {
            let text: String = script.common.iter().copied().chain([script.text]).collect();
            format!("  {}: {},\n", quoted(script.path), lines(&text))
        });
        format!("{{\n{}}}", all.collect::<String>())
    };
    format!(
        "// Generated from the scripts in src/resources by cargo xtask.\n\
         \n/** What stands before each of them. */\nexport const PRELUDE = {};\n\
         \n/** What ends all that a call has started. */\nexport const STOP = {};\n\
         \n/** What keeps one within a folder. */\nexport const FOLDER = {};\n\
         \n/** What sends all that a command has started a signal. */\nexport const SIGNAL = {};\n\
         \n/** By their names. */\nexport const SCRIPTS = {};\n\
         \n/** Those that load apart. */\nexport const SCRIPTS_APART = {};\n",
        lines(script::PRELUDE_TEXT),
        lines(script::STOP_TEXT),
        lines(script::FOLDER_TEXT),
        lines(commands::SIGNAL_TEXT),
        text(false),
        text(true),
    )
}

/// Lines joined into pieces, as many as a line of what ships may hold.
fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    const MOST: usize = 300;
    let mut pieces: Vec<String> = Vec::new();
    for line in lines {
        match pieces.last_mut() {
            Some(piece) if piece.len() + line.len() < MOST => {
                piece.push('\n');
                piece.push_str(line);
            }
            _ => pieces.push(line.to_owned()),
        }
    }
    pieces
}

/// What passes a relay, and what it needs to know of it.
///
/// Its head, which is written into the file too, says what there is.
pub fn routes() -> String {
    let id = quoted(SANDBOX_ID_PATTERN);
    let mut out = ROUTES_HEAD.trim_start().replace("ID_PATTERN", &id);
    out.push_str(&format!(
        "\n/** What a ticket may allow. */\nexport const PERMISSIONS = {};\n",
        list(PERMISSIONS)
    ));
    out.push_str("\n/** All that passes. */\nexport const ROUTES = [\n");
    for route in all_routes() {
        out.push_str(&route.text());
    }
    out.push_str("];\n");
    let stage = number("Files.stage");
    out.push_str(&format!(
        "\n/** The relay's own steps with the files of a folder. */\nexport const STAGE = {stage};\n"
    ));
    out.push_str(&format!(
        "\n/** Most characters of a ticket. */\nexport const TICKET_LENGTH = {TICKET_LENGTH};\n\
         \n/** Of an error's message so many are kept. */\nexport const MAX_MESSAGE_CHARS = {MAX_MESSAGE_CHARS};\n"
    ));
    out
}

const ROUTES_HEAD: &str = r#"
// Generated from the tables in src/surface by cargo xtask: what passes a relay.
//
// A route has
//   permission  what a ticket has to allow, one of PERMISSIONS
//   method      "GET", "POST", …
//   pattern     RegExp of the whole path; its first group, if it has one, is the sandbox's id
//   plane       "control" (with the API key) or "data" (with the sandbox's access token)
//   query       names of the parameters that go on
//   body        undefined, "json", "file" or "script": the fields of the entry as JSON, which a script is given
//   paths       of those fields the names of such that are paths which the script works on
//   protocol    what the WebSocket speaks; undefined where the route is no WebSocket
//   entry       the number by which the core knows the request

const ID = ID_PATTERN;

/** A sandbox's id, in lower case. */
export const SANDBOX_ID = new RegExp(`^${ID}$`);

/** @typedef {{
 *   permission: string, method: string, pattern: RegExp, plane: "control" | "data", query: string[],
 *   body?: "json" | "file" | "script", paths?: string[], protocol?: string, entry: number,
 * }} Route */

/** @param {Omit<Route, "pattern"> & { path: string }} row */
const route = ({ path, ...row }) => {
  const text = path.replaceAll(".", "\\.");
  const pattern = new RegExp(`^${text.replace("{id}", `(${ID})`).replace("{port}", "\\d{1,5}")}$`);
  return { ...row, pattern };
};
"#;

/// A method and path that passes a relay. Several entries may be behind it.
struct Route {
    operation: &'static Operation,
    /// Its number.
    entry: usize,
    protocol: &'static str,
    path: &'static str,
    query: Vec<&'static str>,
}

impl Route {
    fn new(entry: usize, operation: &'static Operation) -> Self {
        let (path, query) = operation
            .path
            .split_once('?')
            .unwrap_or((operation.path, ""));
        let fixed = query
            .split('&')
            .filter_map(|pair| Some(pair.split_once('=')?.0));
        let mut query: Vec<&str> = fixed.collect();
        if operation.content == Content::Query {
            let options = operation.signature.options.iter();
            let fields = options.flat_map(|options| options.shape.all_fields());
            query.extend(fields.map(|field| field.wire).filter(|wire| *wire != "-"));
        }
        Self {
            operation,
            entry,
            protocol: operation.signature.protocol,
            path,
            query,
        }
    }

    fn text(&self) -> String {
        let plane = match self.operation.plane {
            Plane::Control => "control",
            Plane::Data => "data",
        };
        let body = match self.operation.content {
            // What a session is opened with goes through its WebSocket.
            _ if !self.protocol.is_empty() => "",
            Content::Nothing | Content::Query => "",
            Content::Json | Content::Change | Content::NewSecret => ", body: \"json\"",
            Content::File | Content::Part | Content::Stream => ", body: \"file\"",
            Content::Script => ", body: \"script\"",
        };
        let protocol = match self.protocol {
            "" => String::new(),
            name => format!(", protocol: {}", quoted(name)),
        };
        let paths = match script::of(self.path) {
            Some(script) => {
                let arguments = self.operation.signature.arguments;
                let names = script
                    .paths()
                    .filter_map(|place| Some(arguments.get(place)?.wire));
                format!(", paths: {}", list(names))
            }
            None => String::new(),
        };
        format!(
            "  route({{ entry: {}, permission: {:?}, method: {:?}, path: {:?}, plane: {plane:?}, query: {}{body}{paths}{protocol} }}),\n",
            self.entry,
            self.operation.permission,
            self.operation.method.name(),
            self.path,
            list(self.query.iter().copied()),
        )
    }
}

/// One for each method and path whose permission a ticket may have.
fn all_routes() -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for permission in PERMISSIONS {
        let entries = OPERATIONS.into_iter().enumerate();
        let of = |one: &Operation| one.permission == permission && !one.path.is_empty();
        for (entry, operation) in entries.filter(|(_, one)| of(one)) {
            let new = Route::new(entry, operation);
            let same = |known: &&mut Route| {
                known.path == new.path && known.operation.method == operation.method
            };
            match routes.iter_mut().find(same) {
                Some(known) => known.query.extend(
                    new.query
                        .into_iter()
                        .filter(|name| !known.query.contains(name))
                        .collect::<Vec<_>>(),
                ),
                None => routes.push(new),
            }
        }
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_routes_are_those_of_the_tables() {
        let text = routes();
        for line in [
            r#"permission: "exec", method: "POST", path: "/exec/stream", plane: "data", query: [], body: "json" }"#,
            r#"permission: "files:read", method: "GET", path: "/files", plane: "data", query: ["path", "format"] }"#,
            r#"path: "/exec/connect", plane: "data", query: [], protocol: "superserve.exec.v1" }"#,
            r#"path: "/sandboxes/{id}/network", plane: "control", query: ["limit", "before", "since", "verdict"] }"#,
            r#"method: "DELETE", path: "/sandboxes/{id}/preview-ports/{port}", plane: "control", query: [] }"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(!text.contains("secrets"));
    }

    #[test]
    fn one_permission_is_enough_for_a_route() {
        for operation in OPERATIONS {
            let path = operation.path.split('?').next();
            let same = all_routes().into_iter().find(|route| {
                Some(route.path) == path && route.operation.method == operation.method
            });
            if let Some(route) = same.filter(|_| !operation.permission.is_empty()) {
                assert_eq!(
                    route.operation.permission, operation.permission,
                    "{}",
                    operation.name
                );
                assert_eq!(route.operation.plane, operation.plane, "{}", operation.name);
            }
        }
    }

    /// The text between a line and the first `end` after it.
    fn after<'a>(text: &'a str, line: &str, end: &str) -> &'a str {
        let (_, rest) = text
            .split_once(&format!("\n{line}\n"))
            .unwrap_or_else(|| panic!("{line}\n{text}"));
        rest.split_once(end).map_or(rest, |(inside, _)| inside)
    }

    #[test]
    fn every_method_has_its_number_in_javascript() {
        let text = tables();
        let entries = after(&text, "export const operations = [", "\n];");
        let lines: Vec<&str> = entries.lines().collect();
        assert_eq!(lines.len(), OPERATIONS.len());
        for (operation, line) in OPERATIONS.iter().zip(lines) {
            let (class, name) = operation
                .name
                .split_once('.')
                .unwrap_or(("", operation.name));
            let named = format!("className: \"{class}\", name: \"{name}\"");
            assert!(line.contains(&named), "{line}");
            assert_eq!(
                line.contains("isInternal: true"),
                !operation.signature.is_public,
                "{line}"
            );
            assert_eq!(
                line.contains("isStatic: true"),
                operation.is_static,
                "{line}"
            );
            for argument in operation.signature.arguments {
                assert!(line.contains(&field_of(argument)), "{line}");
            }
        }
    }

    #[test]
    fn every_shape_has_all_of_its_fields_in_javascript() {
        let text = tables();
        let mut open: Vec<(&Shape, bool)> = Vec::new();
        for operation in OPERATIONS {
            let signature = &operation.signature;
            let options = signature.options.iter().map(|options| options.shape);
            open.extend(
                options
                    .chain(signature.connection)
                    .map(|shape| (shape, true)),
            );
            open.extend(signature.shape.map(|shape| (shape, false)));
        }
        while let Some((shape, is_given)) = open.pop() {
            let head = if is_given {
                format!("const fieldsOf{} = [", shape.name)
            } else {
                format!("function to{}(raw) {{", shape.name)
            };
            let inside = after(&text, &head, if is_given { "\n];" } else { "\n}" });
            let mut fields: Vec<&Field> = shape.fields.iter().collect();
            for base in shape.bases {
                if is_given {
                    assert!(inside.contains(&format!("...fieldsOf{}", base.name)));
                    open.push((base, true));
                } else {
                    fields.extend(base.fields);
                }
            }
            for field in fields {
                let is_there = if is_given {
                    inside.contains(&field_of(field))
                } else {
                    field.wire == "-" || inside.contains(&decoded(field))
                };
                assert!(is_there, "{}.{}", shape.name, field.name);
                let inner = nested(&field.kind).into_iter();
                open.extend(inner.map(|inner| (inner, is_given)));
            }
        }
    }

    #[test]
    fn a_field_is_written_as_its_line_says() {
        crate::surface::shape::shape! {
            /// Inside.
            INNER = Inner {
                /// A list.
                optional allowOut allow_out List;
            }
            /// All.
            OUTER = Outer extends INNER {
                /// A text.
                required name name Text(1, 64);
                /// A signal.
                optional signal - Signal;
                /// A number, or none.
                optional timeLeft time_left IntOrNull(0, 10);
                /// A member of a member.
                required from build__from Literal("string");
                /// Shapes.
                defaulted rules rule_list Many(INNER);
                /// Another date.
                optional when at DateOr(then);
            }
        }
        assert_eq!(SHAPES.len(), 2);
        let mut written = Written::default();
        assert_eq!(options_of(&INNER, &mut written), "fieldsOfInner");
        let lines: Vec<String> = OUTER.fields.iter().take(5).map(field_of).collect();
        assert_eq!(
            lines,
            [
                r#"{ name: "name", kind: text(1, 64), isRequired: true }"#,
                r#"{ name: "signal", kind: signal, wire: null }"#,
                r#"{ name: "timeLeft", kind: nullable(int(0, 10)), wire: "time_left" }"#,
                r#"{ name: "from", kind: text(1), isRequired: true, wire: "build", inner: "from" }"#,
                r#"{ name: "rules", kind: many(fieldsOfInner), wire: "rule_list" }"#,
            ]
        );
        let mut written = Written::default();
        answer_of(&OUTER, &mut written);
        for line in [
            r#"    name: asText(raw.name) ?? lacks("Outer", "name"),"#,
            "  if ((value = asDate(raw.at === undefined ? raw.then : raw.at)) !== undefined) out.when = value;",
            "  out.rules = asMany(raw.rule_list, toInner) ?? [];",
            "  if ((value = asList(raw.allow_out)) !== undefined) out.allowOut = value;",
        ] {
            assert!(written.text.contains(line), "{line}\n{}", written.text);
        }
    }

    #[test]
    fn constants_are_those_of_this_crate() {
        let text = constants();
        for line in [
            format!("export const SANDBOX = {};", ErrorClass::Sandbox as u8),
            format!("export const BUILD = {};", ErrorClass::Build as u8),
            format!("export const STREAM = {};", ReadMode::Stream as u8),
            format!("export const SENDS_SECRET = {};", Content::NewSecret as u8),
            format!("export const GRACE_MS = {};", commands::GRACE_MS),
            "export const METHODS = [\"GET\", \"POST\", \"PATCH\", \"DELETE\"];".to_owned(),
            "export const CLASSES_OF_STATUSES = [[400, 400, 2], [401, 401, 1], [403, 403, 1], [404, 404, 3], [409, 409, 4], \
             [429, 429, 6], [500, 599, 7]];"
                .to_owned(),
        ] {
            assert!(text.contains(&line), "{line}\n{text}");
        }
        for (number, class) in ErrorClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, number);
        }
        assert!(
            Method::ALL
                .iter()
                .enumerate()
                .all(|(number, one)| *one as usize == number)
        );
        assert!(
            Credential::ALL
                .iter()
                .enumerate()
                .all(|(number, one)| *one as usize == number)
        );
        assert!(
            Body::ALL
                .iter()
                .enumerate()
                .all(|(number, one)| *one as usize == number)
        );
    }
}
