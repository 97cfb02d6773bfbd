//! `facenet export` as a user runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::AtomicBool;

use facenet::Watch;
use facenet::export::{ExportJob, ExportOptions};
use facenet::store::Stored;
use facenet::{Extractor, Pipeline, PipelineOptions, Runtime, RuntimeOptions};
use ndarray::{Array1, Array2};
use ndarray_npy::read_npy;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{ListAccessor, RowAccessor};
use testkit::cli::{expect, program, run, stderr, stdout, write_gray};
use testkit::{has_runtime, photo};

/// A folder of photos of three people: five pictures with a face, one without, one broken.
fn people(root: &Path) -> PathBuf {
    let folder = root.join("people");
    for (person, photos) in [
        ("Barack Obama", &["obama.jpg", "obama2.jpg", "obama3.jpg"][..]),
        ("Joe_Biden", &["biden.jpg"]),
        ("Ödön", &["astronaut.png"]),
    ] {
        fs::create_dir_all(folder.join(person)).unwrap();
        for name in photos {
            fs::copy(photo(name), folder.join(person).join(name)).unwrap();
        }
    }
    write_gray(&folder.join("Joe_Biden/wall.png"));
    fs::write(folder.join("Joe_Biden/broken.jpg"), b"\xff\xd8\xff\xe0 and no more").unwrap();
    folder
}

fn export(input: &Path, output: &Path, more: &[&str]) -> std::process::Output {
    let mut args = vec!["export", input.to_str().unwrap(), output.to_str().unwrap(), "--quiet", "--json"];
    args.extend(more);
    run(args)
}

fn counts(output: &std::process::Output) -> serde_json::Value {
    expect(output, 0);
    serde_json::from_str(&stdout(output)).unwrap()
}

fn parts(output: &Path) -> Vec<PathBuf> {
    let mut parts: Vec<PathBuf> = output.join("parts").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    parts.sort();
    parts
}

/// The strings of a NumPy array of Unicode, and the width of its type.
fn strings(path: &Path) -> (usize, Vec<String>) {
    let bytes = fs::read(path).unwrap();
    let data = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!(data % 64, 0);
    let header = std::str::from_utf8(&bytes[10..data]).unwrap();
    let width = header.split("'<U").nth(1).unwrap().split('\'').next().unwrap().parse::<usize>().unwrap();
    let text = |bytes: &[u8]| {
        let code = |bytes: &[u8]| char::from_u32(u32::from_le_bytes(bytes.try_into().unwrap())).unwrap();
        bytes.chunks(4).map(code).take_while(|&character| character != '\0').collect()
    };
    (width, bytes[data..].chunks(4 * width).map(text).collect())
}

#[test]
fn arrays_are_those_of_the_original_program() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (people(dir.path()), dir.path().join("out"));
    let counts = counts(&export(&input, &output, &["--raw", "--part-size", "2"]));
    assert_eq!((&counts["images"], &counts["faces"], &counts["failed"]), (&7.into(), &5.into(), &2.into()));

    let embeddings: Array2<f64> = read_npy(output.join("embeddings.npy")).unwrap();
    let labels: Array1<i64> = read_npy(output.join("labels.npy")).unwrap();
    assert_eq!(embeddings.dim(), (5, 512));
    assert_eq!(labels.to_vec(), [0, 0, 0, 1, 2]);
    let names = ["Barack Obama", "Barack Obama", "Barack Obama", "Joe_Biden", "Ödön"];
    assert_eq!(strings(&output.join("label_strings.npy")), ("Barack Obama".len(), names.map(String::from).to_vec()));
    let failures = fs::read_to_string(output.join("failures.jsonl")).unwrap();
    assert_eq!(failures.lines().count(), 2);
    assert!(failures.contains("Joe_Biden/broken.jpg") && failures.contains("no face found"), "{failures}");

    // The same vectors as another command makes of the same photos.
    let all = dir.path().join("all.npy");
    expect(&run(["embed", input.to_str().unwrap(), "--face", "central", "-o", all.to_str().unwrap(), "--quiet"]), 1);
    let (stored, direct) = (Stored::read(output.join("embeddings.npy")).unwrap(), Stored::read(&all).unwrap());
    assert_eq!(stored.description, direct.description);
    assert_eq!(stored.values.dim(), direct.values.dim());
    for (a, b) in stored.values.iter().zip(&direct.values) {
        assert!((a - b).abs() < 1e-5);
    }
    assert_eq!(stored.names[3], "Joe_Biden/biden.jpg");

    // And the same in Parquet.
    let mut rows = Vec::new();
    for part in parts(&output) {
        let reader = SerializedFileReader::new(fs::File::open(part).unwrap()).unwrap();
        rows.extend(reader.get_row_iter(None).unwrap().map(|row| {
            let row = row.unwrap();
            let list = row.get_list(9).unwrap();
            let embedding = (0..list.len()).map(|index| f64::from(list.get_float(index).unwrap()));
            (row.get_string(0).unwrap().clone(), row.get_string(1).unwrap().clone(), embedding.collect::<Vec<_>>())
        }));
    }
    assert_eq!(rows.len(), 5);
    for ((path, person, embedding), (row, name)) in rows.iter().zip(embeddings.rows().into_iter().zip(&stored.names)) {
        assert_eq!(path, name);
        assert!(path.starts_with(person.as_str()));
        assert_eq!(embedding.len(), row.len());
        assert!(embedding.iter().zip(row).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}

#[test]
fn a_run_does_only_what_is_missing() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (people(dir.path()), dir.path().join("out"));
    let more = ["--raw", "--part-size", "1"];
    counts(&export(&input, &output, &more));
    let whole = fs::read(output.join("embeddings.npy")).unwrap();

    // As if it had been killed between two parts, and one of them were of another folder.
    fs::remove_file(output.join("embeddings.npy")).unwrap();
    fs::remove_file(&parts(&output)[2]).unwrap();
    let again = counts(&export(&input, &output, &more));
    assert_eq!((&again["done_before"], &again["processed"]), (&6.into(), &1.into()));
    assert_eq!(fs::read(output.join("embeddings.npy")).unwrap(), whole);

    // A photo that is added is the only one that is looked at; one that is gone leaves no row.
    fs::copy(photo("obama.jpg"), input.join("Barack Obama/again.jpg")).unwrap();
    fs::remove_file(input.join("Ödön/astronaut.png")).unwrap();
    let changed = counts(&export(&input, &output, &more));
    assert_eq!((&changed["images"], &changed["processed"], &changed["complete"]), (&7.into(), &1.into(), &true.into()));
    let stored = Stored::read(output.join("embeddings.npy")).unwrap();
    assert_eq!(stored.names[0], "Barack Obama/again.jpg");
    assert_eq!(stored.names.len(), 5);
    assert_eq!(stored.values.row(0), stored.values.row(1));
    assert_eq!(parts(&output).len(), 7);
}

#[test]
fn shards_together_make_the_whole() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (input, one, many) = (people(dir.path()), dir.path().join("one"), dir.path().join("many"));
    counts(&export(&input, &one, &["--raw"]));
    let mut complete = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let counts = counts(&export(&input, &many, &["--raw", "--part-size", "1", "--shard", shard]));
        complete.push(counts["complete"].as_bool().unwrap());
        assert_eq!(many.join("embeddings.npy").exists(), *complete.last().unwrap());
    }
    assert!(complete[2]);
    for name in ["labels.npy", "label_strings.npy", "embeddings.names.txt", "embeddings.model.json", "failures.jsonl"] {
        assert_eq!(fs::read(one.join(name)).unwrap(), fs::read(many.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn an_export_of_another_kind_is_left_alone() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (people(dir.path()), dir.path().join("out"));
    counts(&export(&input, &output, &["--raw"]));
    let whole = fs::read(output.join("embeddings.npy")).unwrap();
    for (more, code, reason) in [
        (&["--raw", "--mirror", "average"][..], 1, "choose another folder"),
        (&["--raw", "--min-face-size", "40"], 2, "choose another folder"),
        (&[], 2, "choose another folder"),
        (&["--raw", "--labels-name", "../labels.npy"], 2, "it must be the name of a file in the output folder"),
        (&["--raw", "--labels-name", "embeddings.npy"], 2, "two arrays"),
        (&["--raw", "--part-size", "0"], 2, "part_size is 0"),
    ] {
        let refused = export(&input, &output, more);
        expect(&refused, code);
        assert!(stderr(&refused).contains(reason), "{}", stderr(&refused));
    }
    assert_eq!(fs::read(output.join("embeddings.npy")).unwrap(), whole);

    fs::write(&parts(&output)[0], "no Parquet").unwrap();
    let broken = export(&input, &output, &["--raw"]);
    expect(&broken, 1);
    assert!(stderr(&broken).contains("is no part of an export"), "{}", stderr(&broken));
}

#[test]
fn photos_are_not_taken_for_aligned_faces() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (people(dir.path()), dir.path().join("out"));
    let refused = export(&input, &output, &[]);
    expect(&refused, 1);
    assert!(stderr(&refused).contains("--raw"), "{}", stderr(&refused));
    assert!(fs::read_to_string(output.join("failures.jsonl")).unwrap().contains("160x160 pixels"));
    let none: Array2<f64> = read_npy(output.join("embeddings.npy")).unwrap();
    assert_eq!(none.dim(), (0, 512));
}

#[test]
fn a_run_that_is_stopped_leaves_whole_parts_and_goes_on() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (people(dir.path()), dir.path().join("out"));
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let extractor = Extractor::of_photos(Pipeline::new(&runtime, PipelineOptions::default()).unwrap());
    let plan = || {
        let options = ExportOptions { part_size: 1, ..ExportOptions::default() };
        ExportJob::plan(&input, &output, extractor.clone(), options).unwrap()
    };
    let stopped = plan().run(&Watch::new(&|_, _| {}, &AtomicBool::new(true))).unwrap();
    assert!(stopped.job.interrupted && !stopped.complete);
    assert_eq!(stopped.job.processed, 0);
    assert!(!output.join("embeddings.npy").exists());
    let whole = plan().run(&Watch::none()).unwrap();
    assert!(whole.complete && whole.job.processed == 7, "{whole:?}");
}

#[test]
fn people_whose_names_would_become_one_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;

    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for name in [b"\xff\xfe", b"\xff\xfd"] {
        let folder = dir.path().join("people").join(std::ffi::OsStr::from_bytes(name));
        fs::create_dir_all(&folder).unwrap();
        fs::copy(photo("biden.jpg"), folder.join("1.jpg")).unwrap();
    }
    let refused = export(&dir.path().join("people"), &dir.path().join("out"), &["--raw"]);
    expect(&refused, 1);
    assert!(stderr(&refused).contains("not Unicode"), "{}", stderr(&refused));
}

#[test]
fn work_is_done_though_nobody_reads_what_is_printed() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (people(dir.path()), dir.path().join("people.facenet"));
    let args = ["classify", "train", input.to_str().unwrap(), output.to_str().unwrap(), "--raw", "--threshold", "0.5"];
    let mut child = program(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(output.exists());

    let args =
        ["compare", "--exit-code"].map(PathBuf::from).into_iter().chain([photo("obama.jpg"), photo("biden.jpg")]);
    let mut child = program(args).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(3));
}
