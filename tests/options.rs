//! Options by name and as text.

use facenet::options::Options;
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

/// A place where another language tells the options of a struct: the file, and what comes before and after them.
struct Telling {
    file: &'static str,
    block: (&'static str, &'static str),
    /// A field, as it stands there.
    spelled: fn(&str) -> String,
    /// Fields that are not there, for a reason.
    left_out: &'static [&'static str],
}

fn words(name: &str, first: bool) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let words = name.split('_').enumerate();
    words.map(|(index, word)| if index > 0 || first { capital(word) } else { word.to_string() }).collect()
}

fn assert_told<T: Options>(tellings: &[Telling]) {
    for Telling { file, block: (start, end), spelled, left_out } in tellings {
        let text = std::fs::read_to_string(testkit::root().join(file)).expect("the file is there");
        let (_, text) = text.split_once(start).unwrap_or_else(|| panic!("{file} has no {start}"));
        let (text, _) = text.split_once(end).unwrap_or_else(|| panic!("{file} has no {end} after {start}"));
        // Arrays and pointers of C.
        let text = text.replace('[', ";").replace('*', " ");
        for field in T::FIELDS.iter().filter(|field| !left_out.contains(&field.name)) {
            let spelled = spelled(field.name);
            assert!(text.contains(&spelled), "{file} lacks `{spelled}` of the option {} in {start}", field.name);
        }
    }
}

/// `left_out` of Node: it has models in files only.
fn tellings(of: [&'static str; 7], left_out: &'static [&'static str]) -> [Telling; 7] {
    let c = |name: &str| format!(" {name};");
    let go = |name: &str| format!("\t{} ", words(name, true));
    let node = |name: &str| format!("    {}:", words(name, false));
    let typed = |name: &str| format!("  {}?:", words(name, false));
    let python = |name: &str| format!("            \"{name}\": ");
    let [header, struct_name, go_file, go_struct, node_kind, node_type, python_file] = of;
    let telling = |file, block, spelled, left_out| Telling { file, block, spelled, left_out };
    [
        telling("include/facenet.h", (header, "\n}"), c, &[]),
        telling(go_file, (go_struct, "\n}"), go, &[]),
        telling("bindings/node/lib/library.js", (struct_name, "  },"), |name| format!("    {name}:"), &[]),
        telling("bindings/node/lib/arguments.js", (node_kind, "  },"), node, left_out),
        telling("bindings/node/index.d.ts", (node_type, "\n}"), typed, left_out),
        telling(python_file, ("options = {", "}"), python, &[]),
        telling("python/facenet_rs/facenet.py", ("def __init__", "@property"), python, &["selection", "max_faces"]),
    ]
}

#[test]
fn every_language_has_every_option() {
    assert_told::<DetectorOptions>(&tellings(
        [
            "\nstruct facenet_detector_options {",
            "  facenet_detector_options: {",
            "bindings/go/detector.go",
            "type DetectorOptions struct {",
            "  detector: {",
            "export interface DetectorOptions {",
            "python/facenet_rs/detector.py",
        ],
        &["networks"],
    ));
    assert_told::<EmbedderOptions>(&tellings(
        [
            "\nstruct facenet_embedder_options {",
            "  facenet_embedder_options: {",
            "bindings/go/embedder.go",
            "type EmbedderOptions struct {",
            "  embedder: {",
            "export interface EmbedderOptions {",
            "python/facenet_rs/embedder.py",
        ],
        &[],
    ));
}
