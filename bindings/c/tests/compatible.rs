//! A program that was compiled against the first header of this ABI goes on working: abidiff compares that header, kept in
//! `abi/`, with `include/facenet.h`.
//!
//! `make abi` renews what is kept, for a new ABI: it runs this test with the environment variable `FACENET_WRITE_ABI` set.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::declarations::{functions, numbers, structs, without_comments};
use testkit::c::prints;
use testkit::{has, root};

/// A header without comments.
fn read(path: &Path) -> String {
    let code = without_comments(&fs::read_to_string(path).unwrap());
    let lines = code.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.map(|line| format!("{line}\n")).collect()
}

/// A source file that has a variable for whatever of a header a compiled program relies on. Structs that may grow are hidden
/// from the functions that take them, so that only what happens to their present members counts.
fn witness(code: &str) -> String {
    let mut header = code.to_owned();
    let mut variables = String::new();
    for part in structs(code).iter().filter(|part| part.may_grow()) {
        let (name, body) = (part.name, part.body);
        let typedef = if part.has_typedef() { format!("typedef struct {name} {name};") } else { String::new() };
        let hidden = format!("{typedef} struct members_of_{name} {{{body}}};");
        header = header.replace(part.text, &hidden);
        for member in part.members() {
            let of = format!("struct members_of_{name}");
            variables += &format!(
                "__typeof__((({of} *)0)->{member}) of_{name}_{member};\n\
                 char at_{name}_{member}[offsetof({of}, {member}) + 1];\n"
            );
        }
    }
    variables.extend(functions(code).iter().map(|name| format!("__typeof__({name}) *of_{name};\n")));
    variables.extend(numbers(code).iter().map(|name| format!("char of_{name}[{name} + 1];\n")));
    header + &variables
}

/// A shared library with the variables of a header.
fn compiled(code: &str, folder: &Path, name: &str) -> PathBuf {
    let (source, library) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    fs::write(&source, witness(code)).unwrap();
    prints(Command::new("cc").args(["-g", "-shared", "-fPIC", "-o"]).args([&library, &source]));
    library
}

/// What abidiff has against taking `new` for `old`; nothing if programs do not notice.
fn broken(old: &str, new: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let libraries = [compiled(old, folder.path(), "old"), compiled(new, folder.path(), "new")];
    let output = Command::new("abidiff").args(["--no-added-syms", "--harmless"]).args(libraries).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => String::new(),
        // Bits: 1 is a failure of abidiff itself, 4 a change, 8 one that certainly breaks programs.
        Some(code) if code & 3 == 0 => said,
        code => panic!("abidiff: {code:?}\n{said}{}", String::from_utf8_lossy(&output.stderr)),
    }
}

#[test]
fn the_header_keeps_what_it_had() {
    let header = read(&root().join("include/facenet.h"));
    let abi = header.lines().find_map(|line| line.strip_prefix("#define FACENET_ABI_VERSION ")).unwrap();
    let path = root().join(format!("bindings/c/tests/abi/facenet-{abi}.h"));
    if std::env::var_os("FACENET_WRITE_ABI").is_some() {
        fs::write(&path, &header).unwrap();
    }
    if has("abidiff") {
        assert_eq!(broken(&read(&path), &header), "");
    }
}

#[test]
fn what_breaks_programs_is_told_from_what_does_not() {
    if !has("abidiff") {
        return;
    }
    let header = read(&root().join("include/facenet.h"));
    let changed = |from: &str, to: &str| {
        assert!(header.contains(from), "{from}");
        broken(&header, &header.replacen(from, to, 1))
    };
    for (from, to) in [
        // Members of options, which may grow.
        ("uint32_t threads;", "uint64_t threads;"),
        ("uint32_t threads;", "float threads;"),
        ("uint32_t threads;", "uint32_t cores;"),
        ("uint32_t threads;", "uint32_t before; uint32_t threads;"),
        ("uint32_t threads;", ""),
        // Structs that may not.
        ("float score;", "double score;"),
        ("} facenet_rect;", "float angle; } facenet_rect;"),
        ("float x1;", "float left;"),
        // Members of results, which may grow too.
        ("double accuracy;", "float accuracy;"),
        ("double accuracy_deviation;", ""),
        // Numbers and types.
        ("#define FACENET_METRIC_COSINE 3", "#define FACENET_METRIC_COSINE 4"),
        ("#define FACENET_METRIC_COSINE 3", ""),
        ("typedef int32_t facenet_status;", "typedef int64_t facenet_status;"),
        ("typedef uint32_t facenet_metric;", "typedef uint64_t facenet_metric;"),
        ("(uint64_t done,", "(uint32_t done,"),
        // Functions.
        ("void facenet_report_free(", "int facenet_report_free("),
        ("void facenet_report_free(facenet_report *report);", ""),
        ("facenet_frame_init(facenet_frame *", "facenet_frame_init(facenet_plane *"),
        ("facenet_cluster(const float *", "facenet_cluster(const double *"),
        ("facenet_last_error(char *buffer,", "facenet_last_error("),
    ] {
        assert_ne!(changed(from, to), "", "{from} became {to}");
    }
    for (from, to) in [
        ("} facenet_runtime_options;", "uint64_t more; } facenet_runtime_options;"),
        ("} facenet_frame;", "void *more; } facenet_frame;"),
        ("} facenet_figures;", "uint64_t more; } facenet_figures;"),
        ("#define FACENET_METRIC_COSINE 3", "#define FACENET_METRIC_COSINE 3\n#define FACENET_METRIC_NEW 4"),
        ("void facenet_report_free(", "void facenet_new(int what);\nvoid facenet_report_free("),
        ("FACENET_VERSION_MINOR 1", "FACENET_VERSION_MINOR 2"),
    ] {
        assert_eq!(changed(from, to), "", "{from} became {to}");
    }
}
