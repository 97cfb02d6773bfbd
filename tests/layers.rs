//! Which crate may know which: the picture in CONTRIBUTING.md is what cargo knows.

use std::collections::{BTreeMap, BTreeSet};

type Arrows = BTreeSet<(String, String)>;

/// The (crate, what it depends on) of the first picture below the heading.
fn drawn() -> Arrows {
    let text = std::fs::read_to_string(testkit::root().join("CONTRIBUTING.md")).expect("the file is there");
    let (_, text) = text.split_once("## What may know what").expect("the heading is there");
    let lines = text.lines().skip_while(|line| !line.starts_with("    ")).take_while(|line| line.starts_with("    "));
    let name = |word: &str| word.split('(').next().unwrap_or_default().trim().to_owned();
    let mut arrows = Arrows::new();
    for line in lines {
        let groups: Vec<Vec<String>> = line.split("<-").map(|group| group.split(',').map(name).collect()).collect();
        for pair in groups.windows(2) {
            arrows.extend(pair[0].iter().flat_map(|known| pair[1].iter().map(|knows| (knows.clone(), known.clone()))));
        }
    }
    arrows
}

/// The same between the crates of the workspace, tests and benchmarks left aside.
fn real() -> Arrows {
    let metadata: serde_json::Value = testkit::cargo_metadata(&["--no-deps"]);
    let words = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let packages = metadata["packages"].as_array().expect("a list");
    // A crate is drawn by its folder, or by its last word where that is in `crates/`; the root by its own name.
    let drawn_as: BTreeMap<String, String> = packages
        .iter()
        .map(|package| {
            let manifest = words(&package["manifest_path"]);
            let folder =
                manifest.strip_prefix(testkit::root().to_str().expect("text")).expect("inside").trim_matches('/');
            let folder = folder.trim_end_matches("Cargo.toml").trim_matches('/');
            let name = words(&package["name"]);
            let drawn = if folder.is_empty() { name.clone() } else { folder.trim_start_matches("crates/").to_owned() };
            (name, drawn)
        })
        .collect();
    let mut arrows = Arrows::new();
    for package in packages {
        let knows = &drawn_as[&words(&package["name"])];
        for dependency in package["dependencies"].as_array().expect("a list") {
            if let (true, Some(known)) = (dependency["kind"].is_null(), drawn_as.get(&words(&dependency["name"]))) {
                arrows.insert((knows.clone(), known.clone()));
            }
        }
    }
    arrows
}

/// What each crate reaches by following arrows.
fn reached(arrows: &Arrows) -> Arrows {
    let mut all = arrows.clone();
    loop {
        let further = all.iter().flat_map(|(a, b)| {
            arrows.iter().filter(move |(from, _)| from == b).map(move |(_, to)| (a.clone(), to.clone()))
        });
        let more: Arrows = further.filter(|arrow| !all.contains(arrow)).collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

#[test]
fn the_picture_of_crates_is_what_cargo_knows() {
    let (drawn, real) = (drawn(), real());
    // The same sources as bindings/c, built to panic.
    let real: Arrows = real.into_iter().filter(|(knows, _)| knows != "bindings/c/panic").collect();
    let may = reached(&drawn);
    let undrawn: Vec<_> = real.difference(&may).collect();
    assert!(undrawn.is_empty(), "in Cargo.toml, and not in the picture of CONTRIBUTING.md: {undrawn:?}");
    let unreal: Vec<_> =
        drawn.iter().filter(|(knows, _)| knows != "tests").filter(|&arrow| !real.contains(arrow)).collect();
    assert!(unreal.is_empty(), "in the picture of CONTRIBUTING.md, and in no Cargo.toml: {unreal:?}");
    assert!(!may.iter().any(|(knows, known)| knows == known), "a circle");
}

/// Messages of the library are also shown by programs that have no such command: what to type is a hint of the error.
#[test]
fn no_message_of_the_library_names_a_command() {
    let commands = ["`facenet ", "facenet_rs.", "pip install", "pip uninstall"];
    let sources =
        ["crates/core/src", "crates/lab/src"].map(|folder| walkdir::WalkDir::new(testkit::root().join(folder)));
    let files = sources.into_iter().flatten().map(|entry| entry.expect("an entry").into_path());
    let mut found = Vec::new();
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let text = std::fs::read_to_string(&file).expect("text");
        let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let named = code.filter(|(_, line)| commands.iter().any(|command| line.contains(command)));
        found.extend(named.map(|(number, line)| format!("{}:{}: {}", file.display(), number + 1, line.trim())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
