//! What other languages and the page of options say of the options that are declared.

use facenet_cli::options::{Flags, set_by};
use facenet_core::detect::DetectorOptions;
use facenet_core::embed::EmbedderOptions;
use facenet_core::options::{Field, Options};
use facenet_lab::classify::ClassifierOptions;
use facenet_lab::cluster::ClusterOptions;
use facenet_lab::dataset::{AlignOptions, SplitOptions};
use facenet_lab::evaluate::{BlufrOptions, CalibrationOptions, FoldOptions, RateOptions, ValidationOptions};
use facenet_lab::export::ExportOptions;
use facenet_lab::folder::FolderAlignmentOptions;
use facenet_lab::shards::PackOptions;

/// What C calls some options.
const CLASSIFIER: Named = &[("method", "kind"), ("kind", "keep_each")];
const PART: Named = &[("shard", "part")];

/// A place where another language tells the options of a struct.
struct Telling {
    file: String,
    /// What comes before the options, and after them.
    block: (String, &'static str),
    /// A field, as it stands there.
    spelled: fn(&str) -> String,
    /// Options that have another name there; none if they are not there, for a reason.
    named: &'static [(&'static str, &'static str)],
}

fn words(name: &str, first: bool) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let words = name.split('_').enumerate();
    words.map(|(index, word)| if index > 0 || first { capital(word) } else { word.to_string() }).collect()
}

fn assert_told<T: Options>(tellings: impl IntoIterator<Item = Telling>) {
    for Telling { file, block: (start, end), spelled, named } in tellings {
        let text = std::fs::read_to_string(testkit::root().join(&file)).expect("the file is there");
        let (_, text) = text.split_once(&start).unwrap_or_else(|| panic!("{file} has no {start}"));
        let (text, _) = text.split_once(end).unwrap_or_else(|| panic!("{file} has no {end} after {start}"));
        // Arrays and pointers of C.
        let text = text.replace('[', ";").replace('*', " ");
        for (other, _) in named {
            assert!(T::FIELDS.iter().any(|field| field.name == *other), "there is no option {other}");
        }
        for field in T::FIELDS {
            let name = named.iter().find(|(option, _)| *option == field.name).map_or(field.name, |(_, name)| name);
            if !name.is_empty() {
                let spelled = spelled(name);
                assert!(text.contains(&spelled), "{file} lacks `{spelled}` of the option {} in {start}", field.name);
            }
        }
    }
}

type Named = &'static [(&'static str, &'static str)];

fn telling(
    file: impl Into<String>,
    start: String,
    end: &'static str,
    spelled: fn(&str) -> String,
    named: Named,
) -> Telling {
    Telling { file: file.into(), block: (start, end), spelled, named }
}

fn c(name: &str, named: Named) -> Telling {
    telling("include/facenet.h", format!("struct {name} {{"), "\n}", |name| format!(" {name};"), named)
}

fn go(file: &str, name: &str, named: Named) -> Telling {
    let field = |name: &str| format!("\t{} ", words(name, true));
    telling(format!("bindings/go/{file}"), format!("type {name} struct {{"), "\n}", field, named)
}

/// `named` of Node is for what it takes, and not for what it passes on.
fn node(c_name: &str, kind: &str, name: &str, named: Named) -> [Telling; 3] {
    let library = |name: &str| format!("    {name}:");
    let argument = |name: &str| format!("    {}:", words(name, false));
    let typed = |name: &str| format!("  {}?:", words(name, false));
    [
        telling("bindings/node/lib/library.js", format!("  {c_name}: {{"), "  },", library, &[]),
        telling("bindings/node/lib/arguments.js", format!("  {kind}: {{"), "  },", argument, named),
        telling("bindings/node/index.d.ts", format!("export interface {name} {{"), "\n}", typed, named),
    ]
}

/// The parameters of a function.
fn parameters(file: &str, function: &str, named: Named) -> Telling {
    let parameter = |name: &str| format!(" {name}: ");
    telling(format!("python/facenet_rs/{file}"), format!("def {function}("), "->", parameter, named)
}

/// The same, and the dictionary that it gives to the native module.
fn python(file: &str, function: &str, dictionary: &str, named: Named) -> [Telling; 2] {
    let item = |name: &str| format!(" \"{name}\": ");
    [parameters(file, function, named), telling(format!("python/facenet_rs/{file}"), dictionary.into(), "}", item, &[])]
}

#[test]
fn every_language_has_every_option() {
    let stage = "options = {";
    assert_told::<DetectorOptions>([c("facenet_detector_options", &[]), go("detector.go", "DetectorOptions", &[])]);
    // Node has models in files only.
    assert_told::<DetectorOptions>(node(
        "facenet_detector_options",
        "detector",
        "DetectorOptions",
        &[("networks", "")],
    ));
    assert_told::<DetectorOptions>(python("detector.py", "__init__", stage, &[("selection", "select")]));
    assert_told::<EmbedderOptions>([c("facenet_embedder_options", &[]), go("embedder.go", "EmbedderOptions", &[])]);
    assert_told::<EmbedderOptions>(node("facenet_embedder_options", "embedder", "EmbedderOptions", &[]));
    assert_told::<EmbedderOptions>(python("embedder.py", "__init__", stage, &[]));
    // The facade finds all faces and gives back one or all of them.
    assert_told::<DetectorOptions>([parameters("facenet.py", "__init__", &[("selection", ""), ("max_faces", "")])]);
    assert_told::<EmbedderOptions>([parameters("facenet.py", "__init__", &[])]);

    let settings = "settings = checked(";
    assert_told::<ClusterOptions>([c("facenet_cluster_options", &[]), go("clusters.go", "ClusterOptions", &[])]);
    assert_told::<ClusterOptions>(python("clusters.py", "cluster", settings, &[]));

    assert_told::<ClassifierOptions>([
        c("facenet_classifier_options", CLASSIFIER),
        go("classifier.go", "ClassifierOptions", &[("method", "kind"), ("kind", "keep_each"), ("fpir", "FPIR")]),
    ]);
    assert_told::<ClassifierOptions>(python("classifier.py", "train", settings, &[]));

    // C and Go have one struct for the options of a validation, of its folds and of its rates; Python one function.
    let (c_name, go_file, go_name) = ("facenet_evaluator_options", "evaluator.go", "EvaluatorOptions");
    assert_told::<FoldOptions>([c(c_name, &[]), go(go_file, go_name, &[("wanted_far", "WantedFAR")])]);
    assert_told::<RateOptions>([c(c_name, &[]), go(go_file, go_name, &[])]);
    // Pages of a report are not written from Go.
    assert_told::<ValidationOptions>([c(c_name, &[]), go(go_file, go_name, &[("pictures", "")])]);
    assert_told::<FoldOptions>([parameters("evaluator.py", "_settings", &[("mirror", "")])]);
    assert_told::<RateOptions>(python("evaluator.py", "_settings", "return checked(", &[]));
    assert_told::<ValidationOptions>([parameters("evaluator.py", "_settings", &[("hardest", "")])]);
    assert_told::<BlufrOptions>(python("evaluator.py", "blufr", settings, &[]));

    assert_told::<FolderAlignmentOptions>([
        c("facenet_align_folder_options", &[]),
        go("folder.go", "AlignFolderOptions", &[]),
        parameters("folders.py", "align_folder", &[]),
    ]);
    // Which of several parts is one option here and two numbers there; the batch of Python is the usual one.
    assert_told::<AlignOptions>([
        c("facenet_align_folder_options", PART),
        go("folder.go", "AlignFolderOptions", &[("shard", "Part, Parts")]),
        parameters(
            "folders.py",
            "align_folder",
            &[("multiple_faces", "detect_multiple_faces"), ("order", "order_seed"), ("batch", "")],
        ),
    ]);
    assert_told::<ExportOptions>([
        c("facenet_export_options", PART),
        go("folder.go", "ExportOptions", &[("shard", "Part, Parts")]),
        // The names of the arrays are for scripts of the original program.
        parameters(
            "folders.py",
            "export_embeddings",
            &[("embeddings_name", ""), ("labels_name", ""), ("label_strings_name", "")],
        ),
    ]);
    assert_told::<PackOptions>([parameters("folders.py", "pack_folder", &[])]);
}

/// The options of a struct as a table: `name` is that of the struct in Rust, `c` that in C, if there is one.
fn table<T: Options>(name: &str, c: &str, named: Named, flag: Option<fn(&'static Field) -> String>) -> String {
    let mut text = format!("\n## {name}\n\n");
    if !c.is_empty() {
        text += &format!("In C: `{c}`.\n\n");
    }
    text += "| option | | default | allowed | command line | C |\n|---|---|---|---|---|---|\n";
    for field in T::FIELDS {
        let in_c = named.iter().find(|(option, _)| *option == field.name).map_or(field.name, |(_, name)| name);
        let in_c = if c.is_empty() || in_c.is_empty() { String::new() } else { format!("`{in_c}`") };
        let default = (field.default)();
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        let flag = flag.map_or(String::new(), |flag| flag(field));
        let (help, values) = (field.help, (field.values)());
        text += &format!("| `{}` | {help} | {default} | {values} | {flag} | {in_c} |\n", field.name);
    }
    text
}

fn flags<T: Flags>(name: &str, c: &str, named: Named) -> String {
    table::<T>(name, c, named, Some(set_by::<T>))
}

/// `make generate` writes the page: it runs this with the environment variable `FACENET_WRITE_OPTIONS` set.
#[test]
fn the_page_of_options_is_that_of_the_declarations() {
    let path = testkit::root().join("docs/options.md");
    let page = [
        "# Options\n\nEvery option that is declared in the library, with its default and what is allowed. In Rust it is a field \
         of the struct; Go has the names of C in its own spelling, Python's parameters have the names of the options. The \
         command `help` of a command says which of these it takes.\n\n\
         This page is written by `make generate`.\n"
            .into(),
        flags::<DetectorOptions>("DetectorOptions", "facenet_detector_options", &[]),
        flags::<EmbedderOptions>("EmbedderOptions", "facenet_embedder_options", &[]),
        flags::<FolderAlignmentOptions>("FolderAlignmentOptions", "facenet_align_folder_options", &[]),
        flags::<AlignOptions>("AlignOptions", "facenet_align_folder_options", PART),
        flags::<ExportOptions>("ExportOptions", "facenet_export_options", PART),
        flags::<PackOptions>("PackOptions", "", &[]),
        flags::<SplitOptions>("SplitOptions", "", &[]),
        flags::<ClassifierOptions>("ClassifierOptions", "facenet_classifier_options", CLASSIFIER),
        flags::<ClusterOptions>("ClusterOptions", "facenet_cluster_options", &[]),
        table::<ValidationOptions>("ValidationOptions", "facenet_evaluator_options", &[], None),
        flags::<FoldOptions>("FoldOptions", "facenet_evaluator_options", &[]),
        flags::<RateOptions>("RateOptions", "facenet_evaluator_options", &[]),
        flags::<CalibrationOptions>("CalibrationOptions", "", &[]),
        flags::<BlufrOptions>("BlufrOptions", "", &[]),
    ]
    .concat();
    if std::env::var_os("FACENET_WRITE_OPTIONS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/options.md is not what the declarations say: run `make generate`");
}
