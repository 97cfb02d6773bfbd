//! What `make install` lays down works where it is put, and where it is moved to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::c::prints;
use testkit::{has, has_runtime, photos, root};

/// An installation that was made in one place and moved to another; the build itself is not repeated.
fn installed(folder: &Path) -> PathBuf {
    let mut make = Command::new("make");
    make.args(["--silent", "--old-file=dist", "install", "PROFILE=release", "PREFIX=/opt/facenet"]).current_dir(root());
    // Only with what `make` has fetched before: tests load nothing from elsewhere.
    if fs::read_dir(root().join(".ort")).is_ok_and(|mut entries| entries.next().is_some()) {
        make.arg("WITH_ORT=1");
    }
    prints(make.arg(format!("DESTDIR={}", folder.join("stage").display())));
    let moved = folder.join("moved");
    fs::rename(folder.join("stage/opt/facenet"), &moved).unwrap();
    moved
}

/// A command that finds nothing but the installation.
fn command(program: impl AsRef<std::ffi::OsStr>, installed: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_remove("FACENET_MODELS").env("LD_LIBRARY_PATH", installed.join("lib"));
    command.env("PKG_CONFIG_PATH", installed.join("lib/pkgconfig"));
    if installed.join("lib").read_dir().is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libonnxruntime.so")))
    }) {
        command.env_remove("FACENET_ORT_DYLIB");
    }
    command
}

#[test]
fn an_installation_works_where_it_is_moved_to() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let installed = installed(folder.path());
    let people = [photos().join("obama.jpg"), photos().join("obama2.jpg")];

    let text = prints(command(installed.join("bin/facenet"), &installed).arg("compare").args(&people));
    assert!(text.contains("same person"), "{text}");

    for mode in ["--shared", "--static"].into_iter().filter(|_| has("pkg-config")) {
        with_pkg_config(&installed, mode);
        let text = prints(command(installed.join("bin/compare"), &installed).args(&people));
        assert!(text.contains("same person"), "{text}");
    }
    with_cmake(&installed, folder.path());
}

/// The C example, built into the installation as its first lines say. The libraries are told apart by their names.
fn with_pkg_config(installed: &Path, mode: &str) {
    let flags = prints(command("pkg-config", installed).args([mode, "--cflags", "--libs", "facenet"]));
    let library = format!("-l:libfacenet.{}", if mode == "--static" { "a" } else { "so" });
    let flags = flags.split_whitespace().map(|flag| if flag == "-lfacenet" { library.as_str() } else { flag });
    let mut compile = command("cc", installed);
    compile.arg(root().join("examples/c/compare.c")).args(flags);
    prints(compile.arg("-o").arg(installed.join("bin/compare")));
}

/// The C++ example, as its CMakeLists.txt says.
fn with_cmake(installed: &Path, folder: &Path) {
    if !has("cmake") || !has("c++") {
        return;
    }
    let build = folder.join("build");
    let mut configure = command("cmake", installed);
    configure.arg("-S").arg(root().join("examples/cpp")).arg("-B").arg(&build);
    prints(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", installed.display())));
    prints(command("cmake", installed).arg("--build").arg(&build));
    let people = folder.join("people/Barack Obama");
    fs::create_dir_all(&people).unwrap();
    fs::copy(photos().join("obama.jpg"), people.join("obama.jpg")).unwrap();
    fs::create_dir(folder.join("pictures")).unwrap();
    fs::copy(photos().join("obama2.jpg"), folder.join("pictures/obama2.jpg")).unwrap();
    let mut run = command(build.join("recognize"), installed);
    let text = prints(run.arg(folder.join("people")).arg(folder.join("pictures")));
    assert!(text.contains("obama2.jpg: Barack Obama"), "{text}");
}
