//! The crates that this one is built with: their licences, where they come from, and the Rust they need.
//!
//! `make deny` looks at the same, and at much more, with a tool that has to be installed.

use serde::Deserialize;

/// Licences that ask for no more than their text and the names of the authors.
const ALLOWED: [&str; 9] = [
    "0BSD",
    "Apache-2.0",
    // The exception gives more, and takes nothing.
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Zlib",
];

/// Those of single crates.
const EXCEPTIONS: [(&str, &str); 2] = [
    // Tables of Unicode, in a crate for macros.
    ("unicode-ident", "Unicode-3.0"),
    // Makes the C header, and is in nothing that is built.
    ("cbindgen", "MPL-2.0"),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    license: Option<String>,
    rust_version: Option<String>,
    source: Option<String>,
}

/// Everything that is built on this kind of machine.
fn packages() -> Vec<Package> {
    let platform = format!("--filter-platform={}-unknown-linux-gnu", std::env::consts::ARCH);
    let Metadata { packages } = testkit::cargo_metadata(&["--locked", &platform]);
    assert!(packages.len() > 100, "{} packages", packages.len());
    packages
}

/// Whether an SPDX expression without nested brackets gives a choice that is allowed.
fn is_allowed(name: &str, expression: &str) -> bool {
    let is_part_allowed = |part: &str| ALLOWED.contains(&part) || EXCEPTIONS.contains(&(name, part));
    // The slash is an old spelling.
    let expression = expression.replace('/', " OR ");
    expression.split(" AND ").all(|choices| {
        let choices = choices.trim_matches(['(', ')', ' ']);
        choices.split(" OR ").map(str::trim).any(is_part_allowed)
    })
}

#[test]
fn licences_ask_for_nothing_but_their_mention() {
    let packages = packages();
    for Package { name, license, .. } in &packages {
        let license = license.as_deref().unwrap_or("none");
        assert!(is_allowed(name, license), "{name} is under {license}");
    }
    assert!(is_allowed("x", "GPL-3.0 OR MIT") && !is_allowed("x", "GPL-3.0") && !is_allowed("x", "MIT AND GPL-3.0"));
}

#[test]
fn crates_come_from_one_registry() {
    let mut sources: Vec<String> = packages().into_iter().filter_map(|package| package.source).collect();
    sources.sort();
    sources.dedup();
    assert!(matches!(&sources[..], [one] if one.starts_with("registry+")), "{sources:?}");
}

#[test]
fn no_crate_needs_a_later_rust() {
    let version = |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().expect("a number")).collect() };
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    for Package { name, rust_version, .. } in packages() {
        let needs = rust_version.as_deref().map(version).unwrap_or_default();
        assert!(
            needs.iter().zip(&ours).find(|(a, b)| a != b).is_none_or(|(a, b)| a < b),
            "{name} needs {rust_version:?}"
        );
    }
}
