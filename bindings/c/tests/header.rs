//! `include/facenet.h` is what cbindgen makes of this crate, in the order of the sources: one section for each public module,
//! in which types, options and functions stand as they are written there. The manual's first chapter and the version come
//! before them. What a library of the flavour `core` lacks stands between `#if defined(FACENET_FULL)` and `#endif`.
//!
//! `make header` writes it: it runs this test with the environment variable `FACENET_WRITE_HEADER` set.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::declarations::without_comments;

/// What follows the manual.
const PROLOGUE: &str = r#"#ifndef FACENET_H
#define FACENET_H

#include <stddef.h>
#include <stdint.h>

/* An installed library says here which flavour it is. Without this file, every function is declared. */
#if defined(__has_include)
#if __has_include("facenet/config.h")
#include "facenet/config.h"
#endif
#endif
#if !defined(FACENET_CORE_ONLY) && !defined(FACENET_FULL)
/** Defined if the library has every function of this header; not defined for one of the flavour `core`. */
#define FACENET_FULL 1
#endif

/** Version of this header. */
#define FACENET_VERSION_MAJOR @MAJOR@
/** Version of this header. */
#define FACENET_VERSION_MINOR @MINOR@
/** Version of this header. */
#define FACENET_VERSION_PATCH @PATCH@
/** Version of this header. */
#define FACENET_VERSION_STRING "@MAJOR@.@MINOR@.@PATCH@"

#ifdef __cplusplus
extern "C" {
#endif
"#;

const EPILOGUE: &str = "
#ifdef __cplusplus
} /* extern \"C\" */
#endif

#endif /* FACENET_H */
";

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A public module: a section of the header.
struct Module {
    heading: String,
    is_full_only: bool,
    /// Names of its public items, in their order.
    items: Vec<String>,
}

/// The public modules in the order of `lib.rs`.
fn modules() -> Vec<Module> {
    let library = fs::read_to_string(sources().join("lib.rs")).unwrap();
    let mut before = "";
    let mut modules = Vec::new();
    for line in library.lines() {
        if let Some(name) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
            modules.push(module(name, before == "#[cfg(feature = \"full\")]"));
        }
        before = line;
    }
    modules
}

fn module(name: &str, is_full_only: bool) -> Module {
    let source = fs::read_to_string(sources().join(name).with_extension("rs")).unwrap();
    let heading = source.lines().next().and_then(|line| line.strip_prefix("//! ")).expect("a heading");
    let declared = source.lines().filter_map(|line| {
        let declaration = line.strip_prefix("pub ")?.trim_start_matches("unsafe ").trim_start_matches("extern \"C\" ");
        let name = ["const ", "type ", "struct ", "fn "].iter().find_map(|word| declaration.strip_prefix(word))?;
        name.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(String::from)
    });
    Module { heading: heading.trim_end_matches('.').into(), is_full_only, items: declared.collect() }
}

/// The declarations that cbindgen makes, each with its comment, by their names.
fn declarations() -> HashMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).expect("the configuration");
    let bindings = cbindgen::Builder::new().with_crate(folder).with_config(config).generate().expect("the header");
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).expect("text");
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks.map(|block| (name_of(block), typedefs_only(block))).collect()
}

/// What a declaration declares.
fn name_of(block: &str) -> String {
    let code = without_comments(block);
    let code = code.trim();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let name = if let Some(define) = code.strip_prefix("#define ") {
        define.split(|c| !is_word(c)).next()
    } else if let Some((_, callback)) = code.split_once("(*") {
        callback.split(|c| !is_word(c)).next()
    } else if code.starts_with("typedef ") {
        code.trim_end_matches(';').rsplit(|c| !is_word(c)).next()
    } else {
        code.split('(').next().and_then(|head| head.rsplit(|c| !is_word(c)).next())
    };
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| panic!("a declaration without a name: {block}")).into()
}

/// The same with types called by the names of their typedefs.
fn typedefs_only(block: &str) -> String {
    let mut parts = block.split("struct facenet_");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        written += if written.ends_with("typedef ") { "struct facenet_" } else { "facenet_" };
        written += part;
    }
    written
}

/// Writes the declarations so that each type comes before what uses it.
struct Writer {
    declarations: HashMap<String, String>,
    written: BTreeSet<String>,
    text: String,
}

impl Writer {
    fn section(&mut self, module: &Module) {
        if module.is_full_only {
            self.text += "\n#if defined(FACENET_FULL)\n";
        }
        write!(self.text, "\n/* {:-<114}\n * {}\n * {:-<114} */\n", "", module.heading, "").unwrap();
        let mut before = "";
        for name in &module.items {
            let is_number = |name: &str| name.chars().all(|c| !c.is_lowercase());
            // Numbers of one kind stand together.
            let is_next_number = is_number(name) && !before.is_empty() && is_number(before);
            before = name;
            self.item(name, is_next_number);
        }
        if module.is_full_only {
            self.text += "\n#endif /* FACENET_FULL */\n";
        }
    }

    fn item(&mut self, name: &str, is_close: bool) {
        let Some(block) = self.declarations.remove(name) else {
            assert!(self.written.contains(name), "cbindgen made nothing of {name}");
            return;
        };
        for used in types_in(&block) {
            self.declare(&used);
        }
        let forward = format!("typedef struct {name} {{");
        let block = if self.written.contains(name) {
            // The typedef was needed before.
            block.replace(&forward, &format!("struct {name} {{")).replace(&format!("}} {name};"), "};")
        } else {
            block
        };
        self.written.insert(name.into());
        if !is_close {
            self.text.push('\n');
        }
        writeln!(self.text, "{block}").unwrap();
    }

    /// Declares a type whose turn has not come.
    fn declare(&mut self, name: &str) {
        let Some(block) = self.declarations.get(name) else { return };
        if self.written.contains(name) {
            return;
        }
        if block.contains(&format!("typedef struct {name} {{")) {
            writeln!(self.text, "\ntypedef struct {name} {name};").unwrap();
            self.written.insert(name.into());
        } else {
            self.item(name, false);
        }
    }
}

/// The types that the code of a declaration names, but for the one it declares.
fn types_in(block: &str) -> BTreeSet<String> {
    let own = name_of(block);
    let code = without_comments(block);
    let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("facenet_") && *word != own).map(String::from).collect()
}

/// The header as it should be.
fn header() -> String {
    let mut prologue = PROLOGUE.to_owned();
    for part in ["MAJOR", "MINOR", "PATCH"] {
        prologue = prologue.replace(&format!("@{part}@"), &std::env::var(format!("CARGO_PKG_VERSION_{part}")).unwrap());
    }
    let manual = fs::read_to_string(sources().join("manual.h")).unwrap();
    let mut writer = Writer { declarations: declarations(), written: BTreeSet::new(), text: manual + &prologue };
    for module in modules() {
        writer.section(&module);
    }
    assert!(writer.declarations.is_empty(), "of no public module: {:?}", writer.declarations.keys());
    writer.text + EPILOGUE
}

#[test]
fn the_header_is_that_of_the_source() {
    let path = testkit::root().join("include/facenet.h");
    let header = header();
    if std::env::var_os("FACENET_WRITE_HEADER").is_some() {
        fs::write(&path, &header).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == header, "include/facenet.h is not that of the source: run `make header`");
}

#[test]
fn the_first_function_comes_soon() {
    let header = fs::read_to_string(testkit::root().join("include/facenet.h")).unwrap();
    let line = header.lines().position(|line| line.ends_with("(void);")).unwrap();
    assert!(line < 120, "the first function is on line {}", line + 1);
}
