//! `facenet cluster` as a user runs it.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use facenet::cluster::Algorithm;
use facenet::store::{self, Description};
use facenet::{Embedder, EmbedderOptions, Fingerprint, Image, Metric, Runtime, RuntimeOptions};
use ndarray::array;
use testkit::cli::{expect, program, stderr, stdout};
use testkit::{has_runtime, photo};
use walkdir::WalkDir;

/// Five images of three people, and embeddings in which one of Bob's looks like Ada's.
fn write_faces(folder: &Path) {
    let names = ["in/Ada/1.png", "in/Ada/2.png", "in/Bob/1.png", "in/Bob/2.png", "in/Cy/1.png"];
    for (shade, name) in (0u8..).zip(names) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        Image::from_rgb(8, 8, vec![40 * shade; 8 * 8 * 3]).unwrap().save(&path).unwrap();
    }
    let description = Description {
        model: "a model".into(),
        fingerprint: Fingerprint::of("a model"),
        dimension: 2,
        metric: Metric::Euclidean,
    };
    let vectors = array![[1.0, 0.0], [0.96, 0.28], [0.96, -0.28], [0.0, 1.0], [-1.0, 0.0]];
    store::write(folder.join("faces.npy"), &description, None, names, vectors.view()).unwrap();
}

fn cluster(folder: &Path, args: &[&str]) -> Output {
    program(["cluster", "faces.npy", "--quiet"].iter().chain(args)).current_dir(folder).output().unwrap()
}

#[test]
fn no_threshold_is_taken_from_another_model() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    let result = cluster(folder.path(), &[]);
    expect(&result, 2);
    assert!(stderr(&result).contains("--threshold"), "{}", stderr(&result));
    fs::remove_file(folder.path().join("faces.model.json")).unwrap();
    expect(&cluster(folder.path(), &[]), 2);
    expect(&cluster(folder.path(), &["--cluster_threshold", "0.7"]), 0);
}

#[test]
fn the_shipped_model_has_thresholds() {
    if !has_runtime() {
        return;
    }
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let embedder = Embedder::new(&runtime, EmbedderOptions::default()).unwrap();
    for &algorithm in Algorithm::ALL {
        assert!(algorithm.threshold(embedder.fingerprint()).is_some(), "{algorithm:?}");
    }
}

#[test]
fn clusters_are_printed_listed_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    let result = cluster(folder.path(), &["--threshold", "0.7", "--score", "--csv", "out.csv"]);
    expect(&result, 0);
    assert!(stdout(&result).contains("Number of clusters: 3, 2 of them with one face"), "{}", stdout(&result));
    // Of the pairs in the cluster of three one is right; of the two that belong together one is found.
    assert!(stdout(&result).contains("Pairwise: precision 0.3333, recall 0.5000, F 0.4000"), "{}", stdout(&result));
    let csv = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    assert_eq!(csv, "image,cluster\nin/Ada/1.png,0\nin/Ada/2.png,0\nin/Bob/1.png,0\nin/Bob/2.png,1\nin/Cy/1.png,2\n");

    let result = cluster(folder.path(), &["--threshold", "0.7", "--json", "--min-cluster-size", "2"]);
    let report: serde_json::Value = serde_json::from_str(&stdout(&result)).unwrap();
    assert_eq!(report["clusters"], 1);
    assert_eq!(report["algorithm"], "knn-graph");
    assert_eq!(report["faces"][2], serde_json::json!({"name": "in/Bob/1.png", "cluster": 0}));
    assert_eq!(report["faces"][3]["cluster"], serde_json::Value::Null);
}

#[test]
fn every_algorithm_can_be_named() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    for (algorithm, threshold) in
        [("dbscan", "0.3"), ("chinese-whispers", "0.9"), ("average-link", "0.5"), ("knn-graph", "0.5")]
    {
        let result = cluster(folder.path(), &["--algorithm", algorithm, "--threshold", threshold]);
        expect(&result, 0);
        assert!(stdout(&result).contains("Number of clusters: 3,"), "{algorithm}: {}", stdout(&result));
    }
    for wrong in [["--threshold", "-1"], ["--threshold", "nan"], ["--threshold", "x"], ["--algorithm", "k-means"]] {
        expect(&cluster(folder.path(), &wrong), 2);
    }
}

#[test]
fn files_move_into_folders_and_an_interrupted_move_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    let args = ["--threshold", "0.7", "--move", "-o", "out"];
    let last = folder.path().join("in/Cy/1.png");
    let content = fs::read(&last).unwrap();
    expect(&cluster(folder.path(), &args), 0);
    let out = folder.path().join("out");
    for (file, there) in
        [("0/1.png", true), ("0/1-2.png", true), ("0/2.png", true), ("1/2.png", true), ("2/1.png", true)]
    {
        assert_eq!(out.join(file).exists(), there, "{file}");
    }
    assert_eq!(fs::read(out.join("2/1.png")).unwrap(), content);
    let again = cluster(folder.path(), &args);
    expect(&again, 0);
    assert!(stdout(&again).contains("5 images are in the folders of out already"), "{}", stdout(&again));
    expect(&cluster(folder.path(), &["--threshold", "0.8", "--move", "-o", "out"]), 2);

    // As if it had been stopped before the last file.
    fs::rename(out.join("placement.jsonl"), out.join("placement.unfinished.jsonl")).unwrap();
    fs::rename(out.join("2/1.png"), &last).unwrap();
    expect(&cluster(folder.path(), &["--threshold", "0.7", "--copy", "-o", "out"]), 2);
    let result = cluster(folder.path(), &args);
    expect(&result, 0);
    assert!(stdout(&result).contains("5 images"), "{}", stdout(&result));
    assert_eq!(fs::read(out.join("2/1.png")).unwrap(), content);
    assert!(!last.exists());
}

/// What changes files.
const WRITING: &str = "mkdir,openat,write,fsync,fchmod,rename,renameat,link,linkat,unlink,symlink,copy_file_range,sendfile,\
                       utimensat";

/// Kills `facenet cluster` at its `nth` system call that changes files; false if it has fewer.
fn killed_at(folder: &Path, nth: usize, args: &[&str]) -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={WRITING}")]);
    strace.args(["-e", &format!("inject={WRITING}:signal=SIGKILL:when={nth}")]);
    strace.arg(testkit::cli::path()).args(["cluster", "faces.npy", "--quiet"]).args(args).current_dir(folder);
    let output = strace.output().unwrap();
    match (output.status.signal(), output.status.code()) {
        (Some(9), _) | (_, Some(137)) => true,
        (_, Some(0)) => false,
        other => panic!("{other:?}: {}", stderr(&output)),
    }
}

#[test]
fn a_placement_goes_on_after_a_kill_at_any_system_call() {
    if !testkit::has("strace") {
        return;
    }
    for transfer in ["--copy", "--move"] {
        let args = ["--threshold", "0.7", transfer, "-o", "out"];
        for nth in 1.. {
            let folder = tempfile::tempdir().unwrap();
            write_faces(folder.path());
            let killed = killed_at(folder.path(), nth, &args);
            let what = format!("{transfer} killed at call {nth}");
            let result = cluster(folder.path(), &args);
            assert_eq!(result.status.code(), Some(0), "{what}: {}", stderr(&result));
            let out = folder.path().join("out");
            let files = WalkDir::new(&out).sort_by_file_name().into_iter().map(Result::unwrap);
            let files = files.filter(|entry| entry.file_type().is_file());
            let files: Vec<_> =
                files.map(|entry| entry.path().strip_prefix(&out).unwrap().display().to_string()).collect();
            assert_eq!(files, ["0/1-2.png", "0/1.png", "0/2.png", "1/2.png", "2/1.png", "placement.jsonl"], "{what}");
            assert_eq!(folder.path().join("in/Cy/1.png").exists(), transfer == "--copy", "{what}");
            if !killed {
                assert!(nth > 20, "{nth} calls are too few to have been looked at");
                break;
            }
        }
    }
}

#[test]
fn only_the_largest_cluster_is_put_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    let args = ["--threshold", "0.7", "--largest_cluster_only", "--copy", "-o", "out", "--html", "page.html"];
    expect(&cluster(folder.path(), &args), 0);
    assert_eq!(fs::read_dir(folder.path().join("out/0")).unwrap().count(), 3);
    assert!(!folder.path().join("out/1").exists());
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("Cluster 0, 3 faces") && page.contains("2 smaller clusters not shown"), "{page}");
    assert!(page.contains("5 faces, 3 clusters") && !page.contains("In no cluster"), "{page}");
}

#[test]
fn the_largest_cluster_keeps_its_number() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    let names = ["in/Cy/1.png", "in/Ada/1.png", "in/Ada/2.png"];
    let description = Description {
        model: "a model".into(),
        fingerprint: Fingerprint::of("a model"),
        dimension: 2,
        metric: Metric::Euclidean,
    };
    let vectors = array![[-1.0, 0.0], [1.0, 0.0], [0.96, 0.28]];
    store::write(folder.path().join("faces.npy"), &description, None, names, vectors.view()).unwrap();
    let args = ["--threshold", "0.7", "--largest-cluster-only", "--copy", "-o", "out", "--html", "p", "--csv", "c"];
    let result = cluster(folder.path(), &args);
    expect(&result, 0);
    assert!(stdout(&result).contains("cluster 1: 2 faces"), "{}", stdout(&result));
    assert_eq!(fs::read_dir(folder.path().join("out/1")).unwrap().count(), 2);
    assert!(!folder.path().join("out/0").exists());
    assert!(fs::read_to_string(folder.path().join("p")).unwrap().contains("Cluster 1, 2 faces"));
    assert!(fs::read_to_string(folder.path().join("c")).unwrap().contains("in/Ada/1.png,1\n"));
}

/// Makes a finished placement look as if it had been stopped before the last file.
fn stop_before_the_last(out: &Path) {
    fs::rename(out.join("placement.jsonl"), out.join("placement.unfinished.jsonl")).unwrap();
    fs::remove_file(out.join("2/1.png")).unwrap();
}

#[test]
fn what_was_begun_is_finished_only_by_the_same_request() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    let out = folder.path().join("out");
    let args = ["--threshold", "0.7", "--copy", "-o", "out", "--csv", "a.csv"];
    expect(&cluster(folder.path(), &args), 0);
    stop_before_the_last(&out);
    for ext in ["npy", "names.txt", "model.json"] {
        fs::copy(folder.path().join(format!("faces.{ext}")), folder.path().join(format!("other.{ext}"))).unwrap();
    }
    let refused = |result: Output| {
        expect(&result, 2);
        assert!(stderr(&result).contains("not finished"), "{}", stderr(&result));
        assert!(!out.join("2/1.png").exists());
    };
    for more in [
        &["--csv", "b.csv"][..],
        &["--csv", "a.csv", "--html", "a.html"],
        &["--csv", "a.csv", "--json"],
        &["--csv", "a.csv", "--score"],
        &["--csv", "a.csv", "--largest-cluster-only"],
        &["--csv", "a.csv", "--algorithm", "dbscan"],
        &[],
    ] {
        refused(cluster(folder.path(), &[&args[..5], more].concat()));
    }
    refused(cluster(folder.path(), &["--threshold", "0.8", "--copy", "-o", "out", "--csv", "a.csv"]));
    let other = [&["cluster", "other.npy", "--quiet"][..], &args].concat();
    refused(program(other).current_dir(folder.path()).output().unwrap());
    assert!(!folder.path().join("b.csv").exists() && !folder.path().join("a.html").exists());
    expect(&cluster(folder.path(), &args), 0);
    assert!(out.join("2/1.png").exists());

    // A file that is none of the faces'.
    stop_before_the_last(&out);
    let list = out.join("placement.unfinished.jsonl");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replace("in/Cy/1.png", "faces.npy")).unwrap();
    refused(cluster(folder.path(), &args));
}

#[test]
fn a_reader_that_is_gone_keeps_nothing_from_its_place() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    for (out, more) in [("a", None), ("b", Some("--json"))] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let page = format!("{out}.html");
        let args =
            ["cluster", "faces.npy", "--threshold", "0.7", "--copy", "-o", out, "--csv", "x.csv", "--html", &page];
        let mut command = program(args);
        let status = command.args(more).current_dir(folder.path()).stdout(writer).status().unwrap();
        assert_eq!(status.code(), Some(0));
        assert!(folder.path().join(out).join("2/1.png").exists() && folder.path().join(page).exists());
    }
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    for wrong in
        [&["--model", "none"][..], &["--raw"], &["--standardization", "fixed"], &["--csv", "x", "--html", "./x"]]
    {
        let result = cluster(folder.path(), &[&["--threshold", "0.7"], wrong].concat());
        expect(&result, 2);
        assert!(stderr(&result).contains(wrong[0]), "{}", stderr(&result));
    }
}

#[test]
fn images_of_nobody_are_told_before_the_work() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    fs::write(folder.path().join("in/loose.png"), "no image").unwrap();
    let result = program(["cluster", "in", "--score"]).current_dir(folder.path()).output().unwrap();
    expect(&result, 1);
    // The image was not read.
    assert!(stderr(&result).contains("in no folder") && stderr(&result).lines().count() == 1, "{}", stderr(&result));
}

#[test]
fn a_page_shows_the_clusters() {
    let folder = tempfile::tempdir().unwrap();
    write_faces(folder.path());
    expect(&cluster(folder.path(), &["--threshold", "0.7", "--html", "page.html"]), 0);
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert_eq!(page.matches("<img src=\"data:image/jpeg;base64,").count(), 5);
    assert!(page.contains("Cluster 0, 3 faces") && page.contains("Clusters of one, 2 faces"));
    fs::remove_file(folder.path().join("in/Cy/1.png")).unwrap();
    let result = cluster(folder.path(), &["--threshold", "0.7", "--html", "page.html"]);
    expect(&result, 1);
    assert!(stderr(&result).contains("in/Cy/1.png"), "{}", stderr(&result));
}

#[test]
fn photos_are_clustered_by_their_faces() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, person) in [("obama.jpg", "a"), ("obama2.jpg", "a"), ("biden.jpg", "b")] {
        fs::create_dir_all(folder.path().join(person)).unwrap();
        fs::copy(photo(name), folder.path().join(person).join(name)).unwrap();
    }
    let page = folder.path().join("page.html");
    let args = ["cluster", folder.path().to_str().unwrap(), "--raw", "--score", "--html", page.to_str().unwrap()];
    let result = program(args).output().unwrap();
    expect(&result, 0);
    assert!(stdout(&result).contains("BCubed: precision 1.0000, recall 1.0000"), "{}", stdout(&result));
    assert_eq!(fs::read_to_string(page).unwrap().matches("<img").count(), 3);
}
