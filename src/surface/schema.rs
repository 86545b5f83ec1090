//! The tools of [`tool`](crate::surface::tool) as what ships: their declarations, and TypeScript.
//!
//! The JSON Schemas (2020-12) that are made of them keep to what the strict modes of the providers take: no object has other members
//! than those that are declared, all members are required, and what may be left out may be `null`.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::surface::shape::{Field, Kind, Presence, Shape};
use crate::surface::tool::{Effect, TOOLS, TYPES, Tool};
use crate::surface::typescript::write_docs;

/// The declarations as a module of JavaScript, in a short form: `pkg-template/tools/declare.js` makes the schemas, which are five times
/// as long, when it is loaded.
pub fn declarations() -> String {
    let mut out = HEAD.to_owned();
    for tool in TOOLS {
        let Tool { name, title, .. } = tool;
        let lines = [
            format!("name: {name:?}"),
            format!("title: {title:?}"),
            format!("description: {:?}", text(tool.docs)),
            format!("hints: {}", hints(tool)),
            format!("input: {}", members(tool.input, true)),
            format!("output: {}", members(tool.output, false)),
        ];
        out.push_str(&format!("  {{\n    {},\n  }},\n", lines.join(",\n    ")));
    }
    out.push_str("];\n");
    out
}

const HEAD: &str = "\
// Generated from the tables in src/surface by cargo xtask.

/** @type {{ name: string, title: string, description: string, hints: number, input: Record<string, any>, output: Record<string, any> }[]} */
export const DECLARED = [
";

/// MCP's hints as bits: read-only, destructive, idempotent, open world.
fn hints(tool: &Tool) -> u8 {
    let effect = match tool.effect {
        Effect::Reads => 1 | 4,
        Effect::Adds => 0,
        Effect::Replaces => 2 | 4,
        Effect::Changes => 2,
    };
    effect | if tool.is_open { 8 } else { 0 }
}

/// Documentation as one line.
fn text(docs: &[&str]) -> String {
    let lines: Vec<&str> = docs.iter().map(|line| line.trim()).collect();
    lines.join(" ")
}

/// The members of an object. Models read those of inputs, which say what each is.
fn members(shape: &Shape, is_told: bool) -> String {
    let member = |field: &Field| {
        let what = match &field.kind {
            Kind::Many(shape) => members(shape, false),
            kind => format!("{:?}", member(field, kind, is_told)),
        };
        format!("{}: {what}", field.name)
    };
    let members: Vec<String> = shape.fields.iter().map(member).collect();
    format!("{{ {} }}", members.join(", "))
}

fn member(field: &Field, kind: &Kind, is_told: bool) -> String {
    let kind = match kind {
        Kind::Int(least, Kind::MAX_SAFE_INTEGER) => format!("{least}-"),
        Kind::Int(least, most) => format!("{least}-{most}"),
        Kind::Signed => "integer".to_owned(),
        Kind::Flag => "boolean".to_owned(),
        Kind::Among(ts) => ts.replace(" | ", "|").replace('"', ""),
        Kind::Point(_) => "2*0-".to_owned(),
        Kind::Paths => "*string".to_owned(),
        _ => "string".to_owned(),
    };
    let mark = match field.presence {
        Presence::Optional => "?",
        _ => "",
    };
    match is_told {
        true => format!("{kind}{mark} {}", text(field.docs)),
        false => format!("{kind}{mark}"),
    }
}

/// The whole `tools.d.ts`.
pub fn types() -> String {
    let mut out = TYPES.trim_start().to_owned();
    let names: Vec<String> = TOOLS
        .iter()
        .map(|tool| format!("  | {:?}", tool.name))
        .collect();
    out.push_str(&format!(
        "\n/** Name of a tool. */\nexport type ToolName =\n{};\n",
        names.join("\n")
    ));
    for is_input in [true, false] {
        let (map, says) = match is_input {
            true => (
                "ToolInputs",
                " What each tool takes. What may be `null` may be left out.",
            ),
            false => (
                "ToolOutputs",
                " What each tool comes to, as {@link ToolResult.structured}.",
            ),
        };
        let shape = |tool: &Tool| if is_input { tool.input } else { tool.output };
        out.push('\n');
        write_docs(&mut out, &[says], "");
        out.push_str(&format!("export interface {map} {{\n"));
        for tool in TOOLS {
            write_docs(&mut out, tool.docs, "  ");
            out.push_str(&format!("  {}: {};\n", tool.name, shape(tool).name));
        }
        out.push_str("}\n");
    }
    let mut written = Vec::new();
    for tool in TOOLS {
        write_interface(&mut out, tool.input, true, &mut written);
        write_interface(&mut out, tool.output, false, &mut written);
    }
    out
}

fn write_interface(
    out: &mut String,
    shape: &'static Shape,
    is_input: bool,
    written: &mut Vec<&'static str>,
) {
    if written.contains(&shape.name) {
        return;
    }
    written.push(shape.name);
    for field in shape.fields {
        if let Kind::Many(inner) = field.kind {
            write_interface(out, inner, is_input, written);
        }
    }
    out.push('\n');
    write_docs(out, shape.docs, "");
    out.push_str(&format!("export interface {} {{\n", shape.name));
    for field in shape.fields {
        write_docs(out, field.docs, "  ");
        let kind = type_of(&field.kind);
        let (mark, or) = match field.presence {
            Presence::Optional if is_input => ("?", " | null | undefined"),
            Presence::Optional => ("", " | null"),
            _ => ("", ""),
        };
        out.push_str(&format!("  {}{mark}: {kind}{or};\n", field.name));
    }
    out.push_str("}\n");
}

fn type_of(kind: &Kind) -> String {
    match kind {
        Kind::Int(..) | Kind::Signed => "number".to_string(),
        Kind::Flag => "boolean".to_string(),
        Kind::Among(ts) => (*ts).to_string(),
        Kind::Point(_) => "number[]".to_string(),
        Kind::Paths => "string[]".to_string(),
        Kind::Many(shape) => format!("{}[]", shape.name),
        _ => "string".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes() -> Vec<&'static Shape> {
        let own = TOOLS.iter().flat_map(|tool| [tool.input, tool.output]);
        own.flat_map(|shape| {
            let inner = shape.fields.iter().filter_map(|field| match field.kind {
                Kind::Many(inner) => Some(inner),
                _ => None,
            });
            inner.chain([shape]).collect::<Vec<_>>()
        })
        .collect()
    }

    #[test]
    fn a_field_has_one_name_and_a_kind_that_json_has() {
        for shape in shapes() {
            for field in shape.fields {
                let name = format!("{}.{}", shape.name, field.name);
                assert_eq!(field.name, field.wire, "{name}");
                assert!(!field.docs.is_empty(), "{name}");
                // A comment would end there.
                assert!(!text(field.docs).contains("*/"), "{name}");
                let is_known = matches!(
                    field.kind,
                    Kind::Text(0, Kind::ANY_LENGTH)
                        | Kind::Path
                        | Kind::Paths
                        | Kind::Int(..)
                        | Kind::Signed
                        | Kind::Flag
                        | Kind::Among(_)
                        | Kind::Point(_)
                        | Kind::Many(_)
                );
                assert!(is_known, "{name}");
                assert!(
                    matches!(field.presence, Presence::Required | Presence::Optional),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn what_a_model_is_told_is_no_longer_than_a_line_that_ships() {
        for tool in TOOLS {
            let length = text(tool.docs).len();
            assert!((20..450).contains(&length), "{}: {length}", tool.name);
        }
    }

    #[test]
    fn what_may_be_left_out_may_be_null() {
        let js = declarations();
        assert!(js.contains("timeout_ms: \"1-600000? Milliseconds "));
        assert!(js.contains("language: \"python|javascript|bash? What "));
        assert!(js.contains("exit_code: \"integer?\""));
        assert!(js.contains("matches: { path: \"string\", line: \"0-\", text: \"string\" }"));
        assert!(types().contains("  timeout_ms?: number | null | undefined;\n"));
        assert!(types().contains("  exit_code: number | null;\n"));
    }

    #[test]
    fn the_types_have_what_the_tables_have() {
        for shape in shapes() {
            assert_eq!(
                types()
                    .matches(&format!("interface {} {{", shape.name))
                    .count(),
                1
            );
        }
    }
}
