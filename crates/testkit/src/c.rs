//! C and C++ programs, built against the library of this very build.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use crate::{has, root, skip};

/// The library of this name. Cargo puts it beside the tests, but builds it only when told to build.
pub fn library(name: &str) -> PathBuf {
    let library = std::env::current_exe().expect("a test has a path").with_file_name(name);
    let built = modified(&library).unwrap_or_else(|| panic!("{} is not there: run `make tests`", library.display()));
    let sources = std::fs::read_dir(root().join("bindings/c/src")).expect("the sources");
    let sources = sources.map(|entry| entry.expect("a file").path());
    let sources = sources.filter(|path| path.extension() == Some(OsStr::new("rs")));
    let newest = sources.filter_map(|path| modified(&path)).max().expect("a time");
    assert!(newest <= built, "{} is older than its sources: run `make tests`", library.display());
    library
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// Those of these programs that this machine has.
pub fn present(names: &[&'static str]) -> Vec<&'static str> {
    names.iter().copied().filter(|name| has(name)).collect()
}

/// Finds reads and writes out of bounds, use after free, leaks and undefined behaviour while a program runs. The library is
/// not built with it, but its memory comes from the same allocator.
const SANITIZERS: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// How C programs are compiled so that faults of memory end them: not at all under what `FACENET_MEMCHECK` names, which looks
/// for the same.
fn sanitizers() -> &'static [&'static str] {
    static THERE: LazyLock<bool> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, program) = (folder.path().join("empty.c"), folder.path().join("empty"));
        std::fs::write(&source, "int main(void) { return 0; }\n").expect("a file");
        let compiled = Command::new("cc").args(SANITIZERS).arg(source).arg("-o").arg(&program).output();
        let works = compiled.is_ok_and(|output| output.status.success())
            && Command::new(program).output().is_ok_and(|output| output.status.success());
        if !works {
            skip("the C compiler has no sanitizers that work here");
        }
        works
    });
    if std::env::var_os("FACENET_MEMCHECK").is_none() && *THERE { SANITIZERS } else { &[] }
}

/// What to build with this library of C++; skips, if it is not on this machine. Warnings of its headers are its own.
pub fn package(name: &str) -> Option<Vec<String>> {
    let Some(output) = Command::new("pkg-config").args(["--cflags", "--libs", name]).output().ok() else {
        skip("there is no pkg-config on this machine");
        return None;
    };
    if !output.status.success() {
        skip(&format!("there is no {name} on this machine"));
        return None;
    }
    let flags = String::from_utf8(output.stdout).expect("text");
    Some(flags.split_whitespace().map(|flag| flag.replace("-I", "-isystem")).collect())
}

/// Builds a C or C++ program against `library`, with sanitizers, and gives the command that runs it, under what
/// `FACENET_MEMCHECK` names.
pub fn program(source: impl AsRef<Path>, library: &Path, folder: &Path) -> Command {
    program_with(source, library, folder, &[])
}

/// [`program`] with more arguments for the compiler.
pub fn program_with(source: impl AsRef<Path>, library: &Path, folder: &Path, flags: &[String]) -> Command {
    let source = root().join(source);
    let is_cpp = source.extension() == Some(OsStr::new("cpp"));
    let (compiler, standard) = if is_cpp { ("c++", "-std=c++17") } else { ("cc", "-std=c99") };
    let program = folder.join(source.file_stem().expect("a name"));
    // Its soname is not the name of the file: programs look for it by that.
    let loaded = folder.join("libfacenet.so.0");
    if !loaded.exists() {
        std::os::unix::fs::symlink(library, &loaded).expect("a link");
    }
    let mut compile = Command::new(compiler);
    compile.args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1", "-g"]).args(sanitizers());
    compile.arg("-I").arg(root().join("include")).arg(&source).arg("-o").arg(&program).arg(library);
    compile.arg(format!("-Wl,-rpath,{}", library.parent().expect("a folder").display()));
    compile.arg(format!("-Wl,-rpath,{}", folder.display())).args(["-lm", "-ldl", "-lpthread"]).args(flags);
    prints(&mut compile);
    let mut run = match std::env::var("FACENET_MEMCHECK") {
        Ok(checker) => {
            let mut words = checker.split_whitespace();
            let mut run = Command::new(words.next().expect("a program"));
            run.args(words).arg(program);
            run
        }
        Err(_) => Command::new(program),
    };
    run.env("FACENET_MODELS", root().join("models"));
    run
}

/// Runs a program that must succeed, and gives what it prints.
pub fn prints(run: &mut Command) -> String {
    let Output { status, stdout, stderr } = run.output().expect("the program is there");
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{run:?}: {status}\n{stderr}");
    assert_eq!(stderr, "", "{run:?}");
    String::from_utf8(stdout).expect("text")
}
