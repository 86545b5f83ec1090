//! The TypeScript declarations of the package, written from the tables of [`surface`](crate::surface).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::operation::{Class, Need, Operation, Signature};
use crate::shape::Shape;
use crate::surface::{
    CLASSES, command, connection, error, file, network, preview, relay, sandbox, secret, template,
};

/// What is neither a class, nor an interface, nor an error.
const LITERALS: [&str; 6] = [
    sandbox::LITERALS,
    file::LITERALS,
    command::SESSIONS,
    template::LITERALS,
    secret::LITERALS,
    network::LITERALS,
];

/// The interfaces.
const INTERFACES: [&str; 40] = [
    connection::RequestOptions,
    connection::ConnectionOptions,
    connection::ResolvedConfig,
    sandbox::NetworkConfig,
    sandbox::SandboxSecretBinding,
    sandbox::SandboxInfo,
    sandbox::SandboxCreateOptions,
    sandbox::SandboxListOptions,
    sandbox::SandboxUpdateOptions,
    command::CommandOptions,
    command::CommandResult,
    command::SpawnOptions,
    command::TerminalOptions,
    file::FileReadOptions,
    relay::FromTicketOptions,
    preview::PreviewPort,
    preview::PreviewPorts,
    preview::PreviewToken,
    preview::PreviewPublishOptions,
    preview::PreviewTokenOptions,
    network::NetworkEvent,
    network::NetworkLogPage,
    network::NetworkLogOptions,
    template::TemplateInfo,
    template::TemplateBuildInfo,
    template::BuildLogEvent,
    template::TemplateCreateOptions,
    template::TemplateListOptions,
    template::TemplateBuildsListOptions,
    template::BuildLogsOptions,
    template::WaitUntilReadyOptions,
    secret::SecretAuthRule,
    secret::SecretHostRule,
    secret::SecretAuthPerHost,
    secret::SecretInfo,
    secret::SecretCreateOptions,
    secret::SecretAuditOptions,
    secret::ProxyAuditEvent,
    secret::SecretSandboxBinding,
    secret::ProviderShortcut,
];

/// Classes of which users meet only instances, made by others.
const TYPES_ONLY: [&str; 2] = ["Commands", "Files"];

/// The whole `.d.ts` of the package.
pub fn declarations() -> String {
    let mut out = String::new();
    let classes = [
        (&sandbox::SANDBOX, sandbox::Sandbox),
        (&command::COMMANDS, ""),
        (&file::FILES, ""),
        (&template::TEMPLATE, template::TemplateInfo),
        (&secret::SECRET, secret::SecretInfo),
        (&secret::PROVIDERS, ""),
    ];
    for (class, fields) in classes {
        write_class(&mut out, class, fields);
    }
    write_functions(&mut out, &connection::FUNCTIONS);
    let options = option_shapes();
    for text in INTERFACES {
        let is_option = |name: &&str| text.contains(&format!("\nexport interface {name} "));
        if options.iter().any(is_option) {
            out.push_str(text);
        } else {
            out.push_str(&answer(text));
        }
        out.push('\n');
    }
    for text in LITERALS.iter().chain(&[preview::LITERALS, error::CLASSES]) {
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

fn write_class(out: &mut String, class: &Class, fields: &str) {
    write_docs(out, class.docs, "");
    let types_only = TYPES_ONLY.contains(&class.name);
    let export = if types_only { "" } else { "export " };
    out.push_str(&format!("{export}declare class {} {{\n", class.name));
    out.push_str("  private constructor();\n");
    out.push_str(&members(&answer(fields)));
    for (operation, signature) in public(class) {
        write_docs(out, signature.docs, "  ");
        let scope = if operation.is_static { "static " } else { "" };
        out.push_str(&format!("  {scope}{};\n", header(operation, signature)));
        if operation.need == Need::Loose {
            // The last overload is what TypeScript compares a callback by.
            write_docs(
                out,
                &[" The same, as a callback has it: without options."],
                "  ",
            );
            let plain = Signature {
                options: None,
                ..*signature
            };
            out.push_str(&format!("  {scope}{};\n", header(operation, &plain)));
        }
    }
    out.push_str("}\n");
    if types_only {
        out.push_str(&format!("export type {{ {} }};\n", class.name));
    }
    out.push('\n');
}

/// What callers have of a class.
fn public(class: &Class) -> impl Iterator<Item = (&Operation, &Signature)> {
    let entries = class.operations.iter().zip(class.signatures);
    entries.filter(|(operation, _)| operation.is_public)
}

fn write_functions(out: &mut String, class: &Class) {
    for (operation, signature) in public(class) {
        write_docs(out, signature.docs, "");
        let header = header(operation, signature);
        out.push_str(&format!("export declare function {header};\n\n"));
    }
}

fn write_docs(out: &mut String, docs: &[&str], indent: &str) {
    out.push_str(&format!("{indent}/**\n"));
    for line in docs {
        out.push_str(&format!("{indent} *{line}\n"));
    }
    out.push_str(&format!("{indent} */\n"));
}

/// `name(argument: type, …): type`.
fn header(operation: &Operation, signature: &Signature) -> String {
    let arguments = signature.arguments.iter().copied();
    let connection = signature
        .connection
        .map(|interface| ("connection?", interface));
    let parameters: Vec<String> = arguments
        .chain(signature.options)
        .chain(connection)
        .map(|(name, kind)| format!("{name}: {kind}"))
        .collect();
    let name = operation.name.rsplit('.').next().unwrap_or_default();
    format!("{name}({}): {}", parameters.join(", "), signature.returns)
}

/// The names of the interfaces that callers fill in: those of the options, and all that these hold.
fn option_shapes() -> Vec<&'static str> {
    let operations = CLASSES.iter().flat_map(|class| class.operations);
    let mut open: Vec<&Shape> = operations
        .flat_map(|operation| operation.options.into_iter().chain(operation.connection))
        .collect();
    let mut names = Vec::new();
    while let Some(shape) = open.pop() {
        if !names.contains(&shape.name) {
            names.push(shape.name);
            open.extend(shape.base.into_iter().chain(shape.nested.iter().copied()));
        }
    }
    names
}

/// An interface of an answer. What may be left out of options may be `undefined` there as well, which only matters to
/// those who compile with `exactOptionalPropertyTypes`; what an answer lacks is left out.
fn answer(interface: &str) -> String {
    interface.replace(" | undefined;", ";")
}

/// The members of an interface, as members of a class that a caller cannot assign to.
fn members(interface: &str) -> String {
    let inside = interface.split_once("{\n").map_or("", |(_, rest)| rest);
    let inside = inside.strip_suffix("}\n").unwrap_or(inside);
    let mut out = String::new();
    for line in inside.lines() {
        let is_field = !line.trim_start().starts_with(['/', '*']);
        if is_field && !line.contains("readonly ") {
            out.push_str(&line.replacen("  ", "  readonly ", 1));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_declared_and_documented() {
        let text = declarations();
        for class in CLASSES {
            assert_eq!(class.operations.len(), class.signatures.len());
            for (operation, signature) in public(class) {
                assert!(
                    text.contains(&header(operation, signature)),
                    "{}",
                    operation.name
                );
                assert!(!signature.docs.is_empty(), "{}", operation.name);
            }
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
}
