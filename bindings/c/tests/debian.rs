//! The Debian packages: what they lay down, what lintian has against them, and a program that is built with them alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::c::prints;
use testkit::{has, has_runtime, photos, root};

/// The packages, made of what this build has made.
fn packages() -> Vec<PathBuf> {
    let mut make = Command::new("make");
    prints(make.args(["--silent", "--old-file=dist", "deb", "PROFILE=release"]).current_dir(root()));
    let folder = fs::read_dir(root().join("target/debian")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let mut packages: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "deb")).collect();
    packages.sort();
    packages
}

fn control(package: &Path, field: &str) -> String {
    prints(Command::new("dpkg-deb").arg("--field").arg(package).arg(field)).trim_end().to_owned()
}

#[test]
fn packages_are_whole_and_work() {
    if !["dpkg-deb", "dpkg-shlibdeps", "objdump"].into_iter().all(has) {
        return;
    }
    let packages = packages();
    let names: Vec<String> = packages.iter().map(|package| control(package, "Package")).collect();
    assert_eq!(names, ["facenet-models", "facenet", "libfacenet-dev", "libfacenet0"]);
    for (package, name) in packages.iter().zip(&names) {
        let needs = control(package, "Depends");
        match name.as_str() {
            "facenet-models" => assert_eq!(control(package, "Architecture"), "all"),
            "facenet" => assert!(needs.contains("libc6 (>= ") && needs.contains("facenet-models (= "), "{needs}"),
            "libfacenet-dev" => assert!(needs.contains("libfacenet0 (= "), "{needs}"),
            _ => assert!(needs.contains("libc6 (>= "), "{needs}"),
        }
    }
    if has("lintian") {
        let lintian = Command::new("lintian").args(["--fail-on", "error"]).args(&packages).output().unwrap();
        assert!(lintian.status.success(), "{}", String::from_utf8_lossy(&lintian.stdout));
    }
    if has_runtime() {
        a_program_is_built_with(&packages);
    }
}

/// Unpacks the packages below a folder, and builds and runs the example there.
fn a_program_is_built_with(packages: &[PathBuf]) {
    let folder = tempfile::tempdir().unwrap();
    let system = folder.path();
    for package in packages {
        prints(Command::new("dpkg-deb").arg("--extract").arg(package).arg(system));
    }
    let people = [photos().join("obama.jpg"), photos().join("obama2.jpg")];
    let text =
        prints(Command::new(system.join("usr/bin/facenet")).env_remove("FACENET_MODELS").arg("compare").args(&people));
    assert!(text.contains("same person"), "{text}");

    let multiarch = prints(Command::new("dpkg-architecture").arg("-qDEB_HOST_MULTIARCH"));
    let libraries = system.join("usr/lib").join(multiarch.trim_end());
    for mode in ["--shared", "--static"].into_iter().filter(|_| has("pkg-config")) {
        let mut flags = Command::new("pkg-config");
        flags.env("PKG_CONFIG_PATH", libraries.join("pkgconfig"));
        let flags = prints(flags.args([mode, "--cflags", "--libs", "facenet"]));
        let library = format!("-l:libfacenet.{}", if mode == "--static" { "a" } else { "so" });
        let flags = flags.split_whitespace().map(|flag| if flag == "-lfacenet" { library.as_str() } else { flag });
        let program = system.join("usr/bin/compare");
        prints(Command::new("cc").arg(root().join("examples/c/compare.c")).args(flags).arg("-o").arg(&program));
        let mut run = Command::new(program);
        let text = prints(run.env_remove("FACENET_MODELS").env("LD_LIBRARY_PATH", &libraries).args(&people));
        assert!(text.contains("same person"), "{text}");
    }
}
