//! The TypeScript declarations of the package, written from the tables of [`surface`](crate::surface).

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::surface::operation::{Class, Need, Operation};
use crate::surface::shape::{Field, Kind, Presence, Shape};
use crate::surface::{CLASSES, OPERATIONS, SHAPES, TYPES};

/// The whole `.d.ts` of the package.
pub fn declarations() -> String {
    let mut out = String::new();
    for class in CLASSES {
        if class.name.is_empty() {
            write_functions(&mut out, class);
        } else {
            write_class(&mut out, class);
        }
    }
    let options = option_shapes();
    for shape in SHAPES.iter().copied().flatten() {
        if shape.is_public {
            write_interface(&mut out, shape, options.contains(&shape.name));
        }
    }
    for text in TYPES {
        out.push_str(text.trim_start());
        out.push('\n');
    }
    out.push_str(DISPOSABLE.trim_start());
    out
}

/// `[Symbol.asyncDispose]` is newer than the `lib` that a consumer may have.
const DISPOSABLE: &str = r#"
declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}
"#;

fn write_class(out: &mut String, class: &Class) {
    write_docs(out, class.docs, "");
    let export = if class.is_part { "" } else { "export " };
    out.push_str(&format!("{export}declare class {} {{\n", class.name));
    out.push_str("  private constructor();\n");
    for field in class.fields.iter().flat_map(|shape| shape.fields) {
        write_field(out, field, "readonly ", false);
    }
    for operation in public(class) {
        let scope = if operation.is_static { "static " } else { "" };
        for overload in operation.signature.overloads {
            write_docs(out, operation.signature.docs, "  ");
            out.push_str(&format!("  {scope}{overload};\n"));
        }
        write_docs(out, operation.signature.docs, "  ");
        out.push_str(&format!("  {scope}{};\n", header(operation)));
        let options = operation.signature.options.as_ref();
        if options.is_some_and(|options| options.need == Need::Loose) {
            // The last overload is what TypeScript compares a callback by.
            write_docs(
                out,
                &[" The same, as a callback has it: without options."],
                "  ",
            );
            let plain = header_with(operation, &arguments(operation));
            out.push_str(&format!("  {scope}{plain};\n"));
        }
    }
    out.push_str("}\n");
    if class.is_part {
        out.push_str(&format!("export type {{ {} }};\n", class.name));
    }
    out.push('\n');
}

/// What callers have of a class.
fn public(class: &Class) -> impl Iterator<Item = &Operation> {
    let entries = class.operations.iter();
    entries.filter(|operation| operation.signature.is_public)
}

fn write_functions(out: &mut String, class: &Class) {
    for operation in public(class) {
        write_docs(out, operation.signature.docs, "");
        let header = header(operation);
        out.push_str(&format!("export declare function {header};\n\n"));
    }
}

/// An interface. Only what callers fill in may be `undefined` as well where it may be left out, which matters to those who
/// compile with `exactOptionalPropertyTypes`: what an answer lacks is left out.
fn write_interface(out: &mut String, shape: &Shape, is_of_options: bool) {
    write_docs(out, shape.docs, "");
    out.push_str(&format!("export interface {} ", shape.name));
    if !shape.bases.is_empty() {
        let names: Vec<&str> = shape.bases.iter().map(|base| base.name).collect();
        out.push_str(&format!("extends {} ", names.join(", ")));
    }
    out.push_str("{\n");
    for field in shape.fields {
        let readonly = if field.is_readonly { "readonly " } else { "" };
        write_field(out, field, readonly, is_of_options);
    }
    out.push_str("}\n\n");
}

fn write_field(out: &mut String, field: &Field, readonly: &str, may_be_undefined: bool) {
    let (mark, or) = match field.presence {
        Presence::Checked => return,
        Presence::Optional if may_be_undefined => ("?", " | undefined"),
        Presence::Optional => ("?", ""),
        Presence::Required | Presence::Defaulted => ("", ""),
    };
    write_docs(out, field.docs, "  ");
    let kind = type_of(&field.kind);
    out.push_str(&format!("  {readonly}{}{mark}: {kind}{or};\n", field.name));
}

/// What a kind is in TypeScript.
fn type_of(kind: &Kind) -> String {
    let name = match kind {
        Kind::Literal(ts)
        | Kind::Among(ts)
        | Kind::Any(ts)
        | Kind::By(_, ts)
        | Kind::Either(_, _, ts) => ts,
        Kind::Callback(ts) => return format!("({ts})"),
        Kind::Several(ts) => return format!("{ts} | {ts}[]"),
        Kind::One(shape) => shape.name,
        Kind::Many(shape) | Kind::ByPath(shape) | Kind::Choices(shape) => {
            return format!("{}[]", shape.name);
        }
        Kind::Text(..) | Kind::Hidden(..) | Kind::Key | Kind::Path => "string",
        Kind::Snapshot => SNAPSHOT,
        Kind::Disposal => "\"kill\" | \"pause\"",
        Kind::Int(..) | Kind::Seconds | Kind::Millis | Kind::Bytes | Kind::Port => "number",
        Kind::Multiple(..) | Kind::Signed => "number",
        Kind::IntOrNull(..) => "number | null",
        Kind::Base64 => "Bytes",
        Kind::Button => "MouseButton",
        Kind::Keys => "string | string[]",
        Kind::Point(_) => "[x: number, y: number]",
        Kind::Actions => "DesktopAction[]",
        Kind::Flag => "boolean",
        Kind::Date | Kind::DateOr(_) | Kind::Instant => "Date",
        Kind::Map => "Record<string, string>",
        Kind::List | Kind::Paths => "string[]",
        Kind::Access => "PreviewAccess",
        Kind::Content => "FileInput",
        Kind::Source => "FileInput | FileSource",
        Kind::Signal => "AbortSignal",
        Kind::Template => TEMPLATE,
    };
    name.to_owned()
}

const SNAPSHOT: &str = "string | {
    /** UUID. */
    id: string;
  }";

const TEMPLATE: &str = "string | {
    /** Name. */
    name?: string | undefined;
    /** UUID. */
    id: string;
  }";

/// Writes documentation as a comment.
pub(crate) fn write_docs(out: &mut String, docs: &[&str], indent: &str) {
    out.push_str(&format!("{indent}/**\n"));
    for line in docs {
        out.push_str(&format!("{indent} *{line}\n"));
    }
    out.push_str(&format!("{indent} */\n"));
}

/// `name(argument: type, …): type`.
fn header(operation: &Operation) -> String {
    let signature = &operation.signature;
    let mut parameters = arguments(operation);
    if let Some(options) = &signature.options {
        let mark = if options.need == Need::Required {
            ""
        } else {
            "?"
        };
        parameters.push(format!("options{mark}: {}", options.type_name));
    }
    if let Some(connection) = signature.connection {
        parameters.push(format!("connection?: {}", connection.name));
    }
    header_with(operation, &parameters)
}

fn arguments(operation: &Operation) -> Vec<String> {
    let arguments = operation.signature.arguments.iter();
    arguments
        .map(|argument| format!("{}: {}", argument.name, type_of(&argument.kind)))
        .collect()
}

fn header_with(operation: &Operation, parameters: &[String]) -> String {
    let name = match operation.name.rsplit('.').next().unwrap_or_default() {
        "asyncDispose" => "[Symbol.asyncDispose]",
        name => name,
    };
    let returns = operation.signature.returns;
    format!("{name}({}): {returns}", parameters.join(", "))
}

/// The names of the interfaces that callers fill in: those of the options, and all that these hold.
fn option_shapes() -> Vec<&'static str> {
    let signatures = OPERATIONS.iter().map(|operation| &operation.signature);
    let mut open: Vec<&Shape> = signatures
        .flat_map(|one| {
            let options = one.options.iter().map(|options| options.shape);
            let inner = one.arguments.iter().flat_map(|field| nested(&field.kind));
            options.chain(one.connection).chain(inner)
        })
        .collect();
    let mut names = Vec::new();
    while let Some(shape) = open.pop() {
        if !names.contains(&shape.name) {
            names.push(shape.name);
            open.extend(shape.bases);
            open.extend(shape.fields.iter().flat_map(|field| nested(&field.kind)));
        }
    }
    names
}

/// The shapes that a kind is made of.
pub(crate) fn nested(kind: &Kind) -> Vec<&'static Shape> {
    match kind {
        Kind::One(shape) | Kind::Many(shape) | Kind::ByPath(shape) | Kind::Choices(shape) => {
            vec![shape]
        }
        Kind::Either(one, other, _) => vec![one, other],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_declared_and_documented() {
        let text = declarations();
        for operation in OPERATIONS {
            let signature = &operation.signature;
            assert!(!signature.docs.is_empty(), "{}", operation.name);
            let is_declared = text.contains(&format!("{};", header(operation)));
            assert_eq!(is_declared, signature.is_public, "{}", operation.name);
        }
    }

    #[test]
    fn a_class_has_the_fields_of_its_object() {
        let text = declarations();
        let class = &text[text.find("class Template {").unwrap()..];
        let class = &class[..class.find("\n}").unwrap()];
        assert!(class.contains("  readonly latestBuildId?: string;\n"));
        assert!(class.contains(
            "  static deleteById(nameOrId: string, options?: ConnectionOptions): Promise<void>;"
        ));
    }

    #[test]
    fn only_what_callers_fill_in_may_be_undefined() {
        let text = declarations();
        assert!(text.contains("\n  envVars?: Record<string, string> | undefined;\n"));
        assert!(text.contains("\n  allowOut?: string[] | undefined;\n"));
        assert!(text.contains("\n  latestBuildId?: string;\n"));
    }

    #[test]
    fn what_no_table_says_agrees_with_the_code() {
        use crate::resources::preview::{LEGACY_PUBLIC, MAX_PORT, MIN_PORT, RESERVED_PORT};
        let text = declarations();
        let stream = crate::resources::desktop::STREAM_PORT;
        for line in [
            format!("declare const DESKTOP_STREAM_PORT = {stream};"),
            format!("declare const MIN_PREVIEW_PORT = {MIN_PORT};"),
            format!("declare const MAX_PREVIEW_PORT = {MAX_PORT};"),
            format!("declare const RESERVED_PREVIEW_PORT = {RESERVED_PORT};"),
            format!("\"private\" | {LEGACY_PUBLIC:?};"),
        ] {
            assert!(text.contains(&line), "{line}");
        }
        for class in crate::protocol::error::Class::ALL {
            let line = format!("declare class {} extends ", class.name());
            assert!(text.contains(&line), "{line}");
        }
    }
}
