//! `include/facenet.h` is what cbindgen makes of this crate, with the manual's first chapter and the version put in front.
//!
//! `make header` writes it: it runs this test with the environment variable `FACENET_WRITE_HEADER` set.

use std::path::Path;

/// The header as it should be.
fn header() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).expect("the configuration");
    config.header = Some(include_str!("../src/manual.h").trim_end().into());
    let [major, minor, patch] =
        ["MAJOR", "MINOR", "PATCH"].map(|part| std::env::var(format!("CARGO_PKG_VERSION_{part}")));
    let (major, minor, patch) = (major.unwrap(), minor.unwrap(), patch.unwrap());
    config.after_includes = Some(format!(
        "\n/** Version of this header. */\n\
         #define FACENET_VERSION_MAJOR {major}\n\
         /** Version of this header. */\n\
         #define FACENET_VERSION_MINOR {minor}\n\
         /** Version of this header. */\n\
         #define FACENET_VERSION_PATCH {patch}\n\
         /** Version of this header. */\n\
         #define FACENET_VERSION_STRING \"{major}.{minor}.{patch}\"\n"
    ));
    let bindings = cbindgen::Builder::new().with_crate(folder).with_config(config).generate().expect("the header");
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).expect("text")
}

#[test]
fn the_header_is_that_of_the_source() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include/facenet.h");
    let header = header();
    if std::env::var_os("FACENET_WRITE_HEADER").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &header).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == header, "include/facenet.h is not that of the source: run `make header`");
}
