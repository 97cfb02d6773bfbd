//! What a C header declares, as cbindgen writes it.

use std::collections::BTreeSet;

pub(crate) fn without_comments(header: &str) -> String {
    header.split("*/").filter_map(|part| part.split("/*").next()).collect()
}

/// The functions of a header without comments.
pub(crate) fn functions(code: &str) -> BTreeSet<String> {
    let words = code.split_inclusive('(').filter_map(|part| part.strip_suffix('('));
    let names = words.filter_map(|words| words.split(|c: char| !c.is_alphanumeric() && c != '_').next_back());
    names.filter(|name| name.starts_with("facenet_")).map(String::from).collect()
}

/// The numbers that a header without comments defines, but for its version.
pub(crate) fn numbers(code: &str) -> Vec<&str> {
    let defined = code.lines().filter_map(|line| line.strip_prefix("#define ")?.split_once(' '));
    let names = defined.map(|(name, _)| name);
    names.filter(|name| name.starts_with("FACENET_") && !name.starts_with("FACENET_VERSION_")).collect()
}

/// A struct whose members are known to the caller.
pub(crate) struct Struct<'a> {
    pub(crate) name: &'a str,
    /// What stands between the braces.
    pub(crate) body: &'a str,
    /// The whole definition.
    pub(crate) text: &'a str,
}

impl Struct<'_> {
    /// Whether it begins with its size, and may get more members.
    pub(crate) fn may_grow(&self) -> bool {
        self.body.trim_start().starts_with("size_t struct_size;")
    }

    /// Whether the typedef comes with it, and not before.
    pub(crate) fn has_typedef(&self) -> bool {
        self.text.starts_with("typedef ")
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        let declared = self.body.split(';').map(|member| member.split('[').next().unwrap_or_default());
        declared
            .filter_map(|member| member.split(|c: char| c.is_whitespace() || c == '*').rfind(|word| !word.is_empty()))
    }
}

/// The structs that a header without comments defines, with their typedef or after it.
pub(crate) fn structs(code: &str) -> Vec<Struct<'_>> {
    let begins = code.match_indices("struct facenet_").map(|(begin, _)| begin);
    let defined = begins.filter_map(|begin| {
        let (head, rest) = code[begin..].split_once('{').filter(|(head, _)| !head.contains([';', ',', ')']))?;
        let (body, rest) = rest.split_once('}')?;
        let end = begin + head.len() + body.len() + rest.find(';')? + 3;
        let begin = begin - if code[..begin].ends_with("typedef ") { "typedef ".len() } else { 0 };
        Some(Struct { name: head.strip_prefix("struct ")?.trim(), body, text: &code[begin..end] })
    });
    defined.collect()
}
