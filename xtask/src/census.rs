//! Where a module's bytes go, and what in it is of no use to anybody.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use anyhow::{Context, Result, bail};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// What a module that still has its names is made of.
#[derive(Debug, Default)]
pub struct Census {
    /// Functions and their bytes, the largest first.
    functions: Vec<(String, usize)>,
    /// The sections beside the code that are shipped, and their bytes.
    sections: Vec<(String, usize)>,
}

impl Census {
    /// Reads a module.
    pub fn of(module: &[u8]) -> Result<Self> {
        let mut census = Self::default();
        let mut sizes = Vec::new();
        let mut names = HashMap::new();
        let mut imported = 0;
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload.context("not a WebAssembly module")?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(kinds) = section.as_known() {
                        for kind in kinds {
                            let Name::Function(functions) = kind? else {
                                continue;
                            };
                            for function in functions {
                                let function = function?;
                                names.insert(function.index, legible(function.name));
                            }
                        }
                    }
                }
                _ => {}
            }
            if let Some((name, size)) = section(&payload) {
                census.sections.push((name.to_owned(), size));
            }
        }
        if names.is_empty() {
            bail!("its functions have no names");
        }
        for (index, size) in (imported..).zip(sizes) {
            // Tools add some without one.
            let name = names.remove(&index).unwrap_or_else(|| format!("({index})"));
            census.functions.push((name, size));
        }
        sort(&mut census.functions);
        Ok(census)
    }

    /// What the functions take, one by one and by the modules that they are of, and what is no code.
    pub fn report(&self) -> String {
        let mut modules = BTreeMap::<String, usize>::new();
        for (name, size) in &self.functions {
            *modules.entry(module_of(name)).or_default() += size;
        }
        let mut modules: Vec<_> = modules.into_iter().collect();
        sort(&mut modules);
        [
            table("functions", &self.functions),
            table("modules of Rust", &modules),
            table("sections beside the code", &self.sections),
        ]
        .join("\n")
    }

    /// Names of what formats texts: only a panic's message would be, and nobody sees one.
    pub fn formatting(&self) -> Vec<&str> {
        let names = self.functions.iter().map(|(name, _)| name.as_str());
        names
            .filter(|name| name.trim_start_matches('<').starts_with("core::fmt::"))
            .collect()
    }
}

/// The names of source files that a module holds, which nothing reads either.
pub fn source_files(module: &[u8]) -> Vec<String> {
    let is_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./".contains(byte);
    let texts = module.split(|byte| !is_path(byte));
    texts
        .filter(|text| text.ends_with(b".rs"))
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect()
}

/// The name and size of a section that is shipped and is not the code, which is counted by its functions.
fn section(payload: &Payload<'_>) -> Option<(&'static str, usize)> {
    let (name, range) = match payload {
        Payload::TypeSection(section) => ("types", section.range()),
        Payload::ImportSection(section) => ("imports", section.range()),
        Payload::FunctionSection(section) => ("types of functions", section.range()),
        Payload::TableSection(section) => ("table", section.range()),
        Payload::MemorySection(section) => ("memory", section.range()),
        Payload::GlobalSection(section) => ("globals", section.range()),
        Payload::ExportSection(section) => ("exports", section.range()),
        Payload::ElementSection(section) => ("elements of the table", section.range()),
        Payload::DataSection(section) => ("data", section.range()),
        _ => return None,
    };
    Some((name, range.len()))
}

/// The largest first; of the same size, by name.
fn sort(entries: &mut [(String, usize)]) {
    entries.sort_by(|(a, a_size), (b, b_size)| b_size.cmp(a_size).then_with(|| a.cmp(b)));
}

/// A function's name as it is in Rust, without the hashes: `::h` and sixteen digits, or sixteen in brackets.
fn legible(name: &str) -> String {
    let is_hash =
        |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut out = String::new();
    for (i, part) in name.split("::").enumerate() {
        let (hash, rest) = part
            .strip_prefix('h')
            .and_then(|part| part.split_at_checked(16))
            .unwrap_or_default();
        if is_hash(hash) {
            out.push_str(rest);
            continue;
        }
        if i > 0 {
            out.push_str("::");
        }
        let (before, after) = part.split_once('[').unwrap_or((part, ""));
        match after.split_once(']') {
            Some((hash, after)) if is_hash(hash) => {
                out.push_str(before);
                out.push_str(after);
            }
            _ => out.push_str(part),
        }
    }
    out
}

/// The module that a function is of; of a method of a trait, that of the type which has it.
fn module_of(function: &str) -> String {
    let path = function.trim_start_matches(['<', '&', '*', '[']);
    let path = path.strip_prefix("mut ").unwrap_or(path);
    let is_path = |char: char| char.is_alphanumeric() || matches!(char, '_' | ':');
    let path = path.split(|char| !is_path(char)).next().unwrap_or_default();
    let parts: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
    let is_type = |part: &&str| part.starts_with(char::is_uppercase);
    let end = parts.iter().position(is_type);
    let end = end.unwrap_or(parts.len().saturating_sub(1));
    match parts.get(..end) {
        Some([]) | None => "(none)".to_owned(),
        Some(module) => module.join("::"),
    }
}

/// Bytes, percent, percent so far and name of each.
fn table(title: &str, entries: &[(String, usize)]) -> String {
    let total: usize = entries.iter().map(|(_, size)| size).sum();
    let percent = |size: usize| 100.0 * size as f64 / total.max(1) as f64;
    let mut text = format!("{total:>7} bytes of {title}: {}\n", entries.len());
    let mut so_far = 0;
    for (name, size) in entries {
        so_far += size;
        let (share, sum) = (percent(*size), percent(so_far));
        // Writing to a string does not fail.
        let _ = writeln!(text, "{size:>7} {share:>5.1}% {sum:>5.1}%  {name}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section: its number and what is in it.
    fn section(id: u8, body: &[u8]) -> Vec<u8> {
        [&[id, body.len() as u8], body].concat()
    }

    /// A module that imports one function and has two, of three and of five bytes, and some data.
    fn module(data: &[u8], names: &[&str]) -> Vec<u8> {
        let mut map = vec![names.len() as u8];
        for (index, name) in names.iter().enumerate() {
            map.extend([index as u8, name.len() as u8]);
            map.extend(name.bytes());
        }
        let named = [b"\x04name\x01", &[map.len() as u8][..], &map].concat();
        let segment = [&[1, 0, 0x41, 0, 0x0B, data.len() as u8], data].concat();
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 0]),
            section(2, b"\x01\x01m\x01f\0\0"),
            section(3, &[2, 0, 0]),
            section(5, &[1, 0, 1]),
            section(10, &[2, 3, 0, 1, 0x0B, 5, 0, 1, 1, 1, 0x0B]),
            section(11, &segment),
            section(0, &named),
        ]
        .concat()
    }

    const SMALL: &str = "superserve_sdk::wasm::task::start::h0123456789abcdef";
    const LARGE: &str = "<superserve_sdk::Call as Drop>::drop";

    #[test]
    fn each_function_has_its_bytes_by_its_name() {
        let census = Census::of(&module(b"text", &["imported", SMALL, LARGE])).unwrap();
        let expected = [
            (LARGE.to_owned(), 5),
            ("superserve_sdk::wasm::task::start".to_owned(), 3),
        ];
        assert_eq!(census.functions, expected);
        let report = census.report();
        assert!(
            report.contains("      8 bytes of functions: 2\n"),
            "{report}"
        );
        assert!(
            report.contains("      5  62.5%  62.5%  <superserve"),
            "{report}"
        );
        assert!(
            report.contains("      3  37.5% 100.0%  superserve_sdk::wasm::task\n"),
            "{report}"
        );
        assert!(report.contains("  data\n"), "{report}");
        assert!(census.formatting().is_empty());
    }

    #[test]
    fn a_module_without_names_is_an_error() {
        assert!(Census::of(&module(b"", &[])).is_err());
        let census = Census::of(&module(b"", &["imported", SMALL])).unwrap();
        let unnamed = census.functions.first();
        assert_eq!(unnamed, Some(&("(2)".to_owned(), 5)));
    }

    #[test]
    fn what_a_panic_would_say_is_found() {
        let writer = "<core::fmt::Formatter>::pad";
        let census = Census::of(&module(b"", &["imported", SMALL, writer])).unwrap();
        assert_eq!(census.formatting(), [writer]);
        let named = module(b"a\0src/wasm/call.rs\xC0.rsx", &[]);
        assert_eq!(source_files(&named), ["src/wasm/call.rs"]);
        assert!(source_files(&module(b"text", &[])).is_empty());
    }

    #[test]
    fn a_name_is_told_without_hashes() {
        assert_eq!(legible("a::b::h0123456789abcdef shim"), "a::b shim");
        let newer = "<core[0123456789abcdef]::str::Chars as core[0123456789abcdef]::X<[u8]>>::next";
        assert_eq!(legible(newer), "<core::str::Chars as core::X<[u8]>>::next");
        assert_eq!(legible("a::half::[T]"), "a::half::[T]");
    }

    #[test]
    fn a_function_is_of_its_module() {
        for (function, module) in [
            (
                "superserve_sdk::wasm::task::start",
                "superserve_sdk::wasm::task",
            ),
            (
                "superserve_sdk::wasm::call::Call::new",
                "superserve_sdk::wasm::call",
            ),
            (
                "superserve_sdk::wasm::build::follow::{{closure}}",
                "superserve_sdk::wasm::build",
            ),
            (
                "<alloc::vec::Vec<T> as core::ops::Drop>::drop",
                "alloc::vec",
            ),
            ("<&mut core::iter::Map<I,F> as X>::next", "core::iter"),
            ("core::ptr::drop_in_place<superserve_sdk::X>", "core::ptr"),
            ("memcpy", "(none)"),
        ] {
            assert_eq!(module_of(function), module, "{function}");
        }
    }
}
