//! What the tests of the workspace share.

#![allow(missing_docs, reason = "for tests alone")]

pub mod c;
pub mod classify;
pub mod cli;
pub mod evaluate;
pub mod fuzz;
pub mod model;
pub mod reference;
pub mod runtime;
pub mod shards;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the source tree.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/testkit is two folders down").into()
}

/// The folder of the photos in the source tree.
pub fn photos() -> PathBuf {
    root().join("examples/photos")
}

/// One of the photos in the source tree.
pub fn photo(name: &str) -> PathBuf {
    photos().join(name)
}

/// What cargo says of the workspace, without asking a registry.
pub fn cargo_metadata<T: serde::de::DeserializeOwned>(options: &[&str]) -> T {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version=1", "--offline"]).args(options).current_dir(root());
    let output = command.output().expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Says that something is not tested, and why. CI sets `FACENET_TEST_REQUIRE_ALL`: there, that is a failure.
pub fn skip(why: &str) {
    assert!(std::env::var_os("FACENET_TEST_REQUIRE_ALL").is_none(), "FACENET_TEST_REQUIRE_ALL is set, but {why}");
    eprintln!("skipped: {why}");
}

/// Whether ONNX Runtime is installed; if not, the reason is printed.
pub fn has_runtime() -> bool {
    runtime::runtime(facenet::RuntimeOptions::default()).is_some()
}

/// Whether this machine has a tool; if not, that is printed.
pub fn has(tool: &str) -> bool {
    let there = Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        skip(&format!("there is no {tool} on this machine"));
    }
    there
}
