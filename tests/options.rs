//! Options by name and as text.

use std::path::Path;

use facenet::classify::ClassifierOptions;
use facenet::cluster::ClusterOptions;
use facenet::dataset::{AlignOptions, SplitOptions};
use facenet::evaluate::{BlufrOptions, CalibrationOptions, FoldOptions, RateOptions, ValidationOptions};
use facenet::export::ExportOptions;
use facenet::folder::FolderAlignmentOptions;
use facenet::options::Options;
use facenet::shards::PackOptions;
use facenet::{DetectorOptions, EmbedderOptions};

fn text_forms_lead_back<T: Options + PartialEq + std::fmt::Debug>() {
    let mut options = T::default();
    for field in T::FIELDS {
        options.set(field.name, &(field.default)()).unwrap();
        assert!(!field.help.is_empty() && !(field.values)().is_empty(), "{}", field.name);
    }
    assert_eq!(options, T::default());
    assert!(options.check().is_ok());
}

#[test]
fn defaults_as_text_are_the_defaults() {
    text_forms_lead_back::<DetectorOptions>();
    text_forms_lead_back::<EmbedderOptions>();
    text_forms_lead_back::<ClusterOptions>();
    text_forms_lead_back::<ClassifierOptions>();
    text_forms_lead_back::<SplitOptions>();
    text_forms_lead_back::<FolderAlignmentOptions>();
    text_forms_lead_back::<AlignOptions>();
    text_forms_lead_back::<ExportOptions>();
    text_forms_lead_back::<PackOptions>();
    text_forms_lead_back::<FoldOptions>();
    text_forms_lead_back::<RateOptions>();
    text_forms_lead_back::<ValidationOptions>();
    text_forms_lead_back::<CalibrationOptions>();
    text_forms_lead_back::<BlufrOptions>();
}

#[test]
fn what_is_refused_says_what_is_allowed() {
    let mut options = DetectorOptions::default();
    let error = options.set("selection", "best").unwrap_err().to_string();
    assert_eq!(error, "selection is best: it must be one of all, largest, central, most-probable");
    options.set("factor", "1.5").unwrap();
    assert_eq!(options.check().unwrap_err().to_string(), "factor is 1.5: it must be a number from 0.1 to 0.95");
    assert!(options.set("colour", "red").unwrap_err().to_string().starts_with("there is no option colour"));
}

#[test]
fn models_are_known_by_their_contents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("abc.onnx");
    std::fs::write(&path, b"abc").unwrap();
    let settings = |model| EmbedderOptions { model: Some(model), ..EmbedderOptions::default() }.settings();
    let file = settings(path.into());
    // FIPS 180-2, appendix B.1.
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(file["model"], format!("sha256:{sum}"));
    assert_eq!(file, settings(b"abc".to_vec().into()));
}

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
        c("facenet_classifier_options", &[("method", "kind"), ("kind", "keep_each")]),
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
        c("facenet_align_folder_options", &[("shard", "part")]),
        go("folder.go", "AlignFolderOptions", &[("shard", "Part, Parts")]),
        parameters(
            "folders.py",
            "align_folder",
            &[("multiple_faces", "detect_multiple_faces"), ("order", "order_seed"), ("batch", "")],
        ),
    ]);
    assert_told::<ExportOptions>([
        c("facenet_export_options", &[("shard", "part")]),
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

#[cfg(unix)]
#[test]
fn paths_need_not_be_unicode() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let path = |name: &'static [u8]| Path::new(OsStr::from_bytes(name));
    let mut embedder = EmbedderOptions::default();
    embedder.set("model", path(b"models/m\xff.onnx")).unwrap();
    assert_eq!(embedder.model.unwrap().path(), Some(path(b"models/m\xff.onnx")));
    let mut detector = DetectorOptions::default();
    detector.set("networks", path(b"p\xff.onnx,r.onnx,o\xfe.onnx")).unwrap();
    let networks = detector.networks.clone().unwrap();
    let paths = networks.each_ref().map(|network| network.path());
    assert_eq!(paths, [path(b"p\xff.onnx"), path(b"r.onnx"), path(b"o\xfe.onnx")].map(Some));
    assert!(detector.set("networks", path(b"p\xff.onnx,r.onnx")).is_err());
    assert!(detector.set("factor", path(b"0.7\xff")).is_err());
}
