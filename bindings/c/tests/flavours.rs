//! The flavour `core` has what detection, alignment, embedding and comparison need, and its header declares just that.
//!
//! `make core` builds this flavour, and runs these tests with the environment variable `FACENET_CORE_LIBRARY` set to it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::declarations::functions;
use testkit::c::prints;
use testkit::{has, root};

/// What the names of functions begin with that every flavour has.
const CORE: [&str; 17] = [
    "facenet_version",
    "facenet_abi_version",
    "facenet_status_",
    "facenet_last_error",
    "facenet_log_to",
    "facenet_runtime_",
    "facenet_doctor",
    "facenet_findings_",
    "facenet_frame_",
    "facenet_image_",
    "facenet_faces_",
    "facenet_embedded_faces_",
    "facenet_pipeline_",
    "facenet_distance",
    "facenet_metric_within",
    "facenet_detector_",
    "facenet_aligner_",
];
/// The rest of them.
const MORE: [&str; 2] = ["facenet_embedder_", "facenet_model_"];

/// The functions of the header beside a `config.h`, which compiles by itself.
fn declared(config: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &Path, to: &str| std::fs::copy(from, folder.path().join(to)).unwrap();
    std::fs::create_dir(folder.path().join("facenet")).unwrap();
    copy(&root().join("include/facenet.h"), "facenet.h");
    copy(&root().join("include/facenet.hpp"), "facenet.hpp");
    copy(&root().join(config), "facenet/config.h");
    for (compiler, header) in [("cc", "facenet.h"), ("c++", "facenet.hpp")] {
        if has(compiler) {
            let source = folder.path().join("source").with_extension(if compiler == "cc" { "c" } else { "cpp" });
            std::fs::write(&source, format!("#include <{header}>\nint main(void);\n")).unwrap();
            let mut compile = Command::new(compiler);
            compile.args(["-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I"]).arg(folder.path()).arg(&source);
            prints(if compiler == "cc" { compile.arg("-std=c99") } else { compile.arg("-std=c++17") });
        }
    }
    let text = prints(Command::new("cc").args(["-E", "-P"]).arg(folder.path().join("facenet.h")));
    functions(&text)
}

#[test]
fn a_header_alone_is_that_of_everything() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("facenet.h");
    std::fs::copy(root().join("include/facenet.h"), &alone).unwrap();
    let text = prints(Command::new("cc").args(["-E", "-P"]).arg(alone));
    assert_eq!(functions(&text), declared("include/facenet/config.h"));
}

#[test]
fn the_header_of_core_has_what_core_has() {
    let core = declared("bindings/c/install/config-core.h");
    let is_core = |name: &String| CORE.iter().chain(&MORE).any(|start| name.starts_with(start));
    let expected = declared("include/facenet/config.h").into_iter().filter(is_core);
    assert_eq!(core, expected.collect());
}

#[test]
fn the_library_of_core_exports_what_its_header_declares() {
    let Some(library) = std::env::var_os("FACENET_CORE_LIBRARY") else { return };
    let text = prints(Command::new("nm").args(["-D", "--defined-only"]).arg(library));
    let exported: BTreeSet<String> = text.lines().map(|line| line.split_whitespace().last().unwrap().into()).collect();
    assert_eq!(exported, declared("bindings/c/install/config-core.h"));
}
