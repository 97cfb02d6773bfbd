//! `facenet align` as a user runs it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use facenet::Image;
use testkit::cli::{expect, program, run, stderr, stdout, write_gray, write_lfw};
use testkit::has_runtime;

/// Names of the aligned faces below a folder, relative to it.
fn faces(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(|entry| entry.ok());
    let files = entries.map(|entry| entry.into_path()).filter(|path| path.extension().is_some_and(|end| end == "png"));
    files.map(|path| path.strip_prefix(folder).unwrap().to_path_buf()).collect()
}

/// All lines of the files in a folder whose names begin so.
fn lines(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(prefix));
    files.flat_map(|path| fs::read_to_string(path).unwrap().lines().map(String::from).collect::<Vec<_>>()).collect()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in"), dir.path().join("out"));
    write_gray(&input.join("Ada/a.png"));
    let (input, output) = (input.to_str().unwrap(), output.to_str().unwrap());
    for args in [
        vec!["align", input],
        vec!["align", input, output, "--shard", "0/3"],
        vec!["align", input, output, "--thresholds", "0.6,0.7"],
        vec!["align", input, output, "--no-such-flag"],
        vec!["align", input, output, "--detect_multiple_faces=perhaps"],
        vec!["align", input, input],
    ] {
        let result = run(&args);
        expect(&result, 2);
        assert!(!stderr(&result).is_empty());
    }
    let missing = run(["align", "/nowhere/at/all", output]);
    expect(&missing, 1);
    assert!(stderr(&missing).starts_with("facenet: cannot read /nowhere/at/all"), "{}", stderr(&missing));
    assert!(!Path::new(output).exists());
}

#[test]
fn a_dry_run_lists_the_work_and_does_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in"), dir.path().join("out"));
    write_gray(&input.join("Ada L/a.png"));
    write_gray(&input.join("Ada L/a.bmp"));
    let args = [OsStr::new("align"), input.as_os_str(), output.as_os_str(), OsStr::new("--dry-run")];
    let result = run(args);
    expect(&result, 0);
    let expected = format!("{} -> {}", input.join("Ada L/a.bmp").display(), output.join("Ada L/a.png").display());
    assert!(stdout(&result).contains(&expected), "{}", stdout(&result));
    assert!(stderr(&result).contains("a.png"), "the second image with this output is named: {}", stderr(&result));
    assert!(!output.exists());

    let counts = json(&stdout(&run(args.into_iter().chain([OsStr::new("--json"), OsStr::new("--quiet")]))));
    assert_eq!((&counts["images"], &counts["remaining"], &counts["duplicates"]), (&2.into(), &1.into(), &1.into()));
}

#[test]
fn a_pipe_that_closes_early_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    write_gray(&input.join("Ada/original.png"));
    // More than fits into a pipe.
    for i in 0..2000 {
        let link = input.join(format!("Ada/{i:0100}.png"));
        fs::hard_link(input.join("Ada/original.png"), link).unwrap();
    }
    let mut command = program([OsStr::new("align"), input.as_os_str(), dir.path().join("out").as_os_str()]);
    let mut child = command.arg("--dry-run").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let result = child.wait_with_output().unwrap();
    expect(&result, 0);
    assert_eq!(stderr(&result), "");
    assert!(first.contains(" -> "), "{first}");
}

#[test]
fn a_missing_library_is_a_failure_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    write_gray(&dir.path().join("in/Ada/a.png"));
    let mut command =
        program([OsStr::new("align"), dir.path().join("in").as_os_str(), dir.path().join("out").as_os_str()]);
    let result = command.args(["--ort_library", "/nowhere/libonnxruntime.so"]).output().unwrap();
    expect(&result, 1);
    assert!(stderr(&result).contains("/nowhere/libonnxruntime.so"), "{}", stderr(&result));
}

#[test]
fn the_options_of_the_original_are_understood() {
    let Some(reference) = testkit::reference::reference_data().filter(|_| has_runtime()) else { return };
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("raw"), dir.path().join("aligned"));
    write_lfw(&reference, &input, |_| true, 5);
    write_gray(&input.join("Nobody/Nobody_0001.png"));
    fs::write(input.join("Nobody/Nobody_0002.jpg"), "no image").unwrap();
    let folders = [input.as_os_str(), output.as_os_str()];
    let options =
        "--image_size 182 --margin=44 --random_order --gpu_memory_fraction=0.25 --detect_multiple_faces False";
    let align = || program(["align"]).args(folders).args(options.split(' ')).output().unwrap();

    let first = align();
    expect(&first, 0);
    let text = stdout(&first);
    assert!(text.starts_with("Total number of images: 7\nNumber of successfully aligned images: 5\n"), "{text}");
    assert!(text.contains("1 without a face\n") && text.contains("1 broken\n"), "{text}");
    assert!(stderr(&first).contains("--gpu-memory-fraction has no effect"), "{}", stderr(&first));
    assert_eq!(faces(&output).len(), 5);
    for face in faces(&output) {
        let face = Image::open(output.join(face)).unwrap();
        assert_eq!((face.width(), face.height()), (182, 182));
    }
    let boxes = lines(&output, "bounding_boxes_");
    assert_eq!(boxes.len(), 6);
    for line in &boxes {
        let mut words = line.rsplitn(5, ' ');
        let numbers: Option<Vec<i32>> = words.by_ref().take(4).map(|word| word.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[y2, x2, y1, x1]) => {
                assert!(0 <= x1 && x1 < x2 && x2 <= 250 && 0 <= y1 && y1 < y2 && y2 <= 250, "{line}")
            }
            _ => assert_eq!(*line, output.join("Nobody/Nobody_0001.png").display().to_string()),
        }
    }

    let second = align();
    expect(&second, 0);
    let text = stdout(&second);
    assert!(text.starts_with("Total number of images: 7\nNumber of successfully aligned images: 0\n"), "{text}");
    assert!(text.contains("5 done before\n"), "{text}");

    let other_size = program(["align"]).args(folders).output().unwrap();
    expect(&other_size, 2);
    assert!(stderr(&other_size).contains("image_size 182, not 160"), "{}", stderr(&other_size));
}

#[test]
fn crops_are_those_of_the_original() {
    let Some(reference) = testkit::reference::reference_data().filter(|_| has_runtime()) else { return };
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("raw"), dir.path().join("aligned"));
    let golden: BTreeMap<String, PathBuf> = fs::read_dir(reference.join("golden/crops"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "png"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    write_lfw(&reference, &input, |name| golden.contains_key(name), usize::MAX);
    let result = run([OsStr::new("align"), input.as_os_str(), output.as_os_str(), OsStr::new("--json")]);
    expect(&result, 0);
    assert_eq!(json(&stdout(&result))["aligned"], golden.len());

    let mut near = 0;
    for face in faces(&output) {
        let ours = Image::open(output.join(&face)).unwrap();
        let theirs = Image::open(&golden[face.file_stem().unwrap().to_str().unwrap()]).unwrap();
        assert_eq!(ours.data().len(), theirs.data().len());
        let sum: u64 = ours.data().iter().zip(theirs.data()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        // A box that is one pixel off moves every edge in the picture.
        near += usize::from(sum as f64 / (ours.data().len() as f64) < 1.0);
    }
    assert!(near * 10 >= golden.len() * 9, "{near} of {} crops are near the original's", golden.len());
}

mod signals {
    use std::process::{Child, Command};

    use super::*;

    /// A job of thousands of images that is killed after its first face.
    fn interrupted(signal: &str) -> Option<(tempfile::TempDir, std::process::Output)> {
        let reference = testkit::reference::reference_data().filter(|_| has_runtime())?;
        let dir = tempfile::tempdir().unwrap();
        let (input, output) = (dir.path().join("raw"), dir.path().join("aligned"));
        let original = write_lfw(&reference, &input, |_| true, 1).remove(0);
        for i in 0..20_000 {
            fs::hard_link(&original, original.with_file_name(format!("{i:05}.jpg"))).unwrap();
        }
        let mut command = program([OsStr::new("align"), input.as_os_str(), output.as_os_str()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for_a_face(&mut child, &output);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let result = child.wait_with_output().unwrap();

        for face in faces(&output) {
            assert_eq!(Image::open(output.join(&face)).unwrap().width(), 160, "{}", face.display());
        }
        let mut command = program([OsStr::new("align"), input.as_os_str(), output.as_os_str()]);
        let resumed = command.args(["--dry-run", "--json"]).output().unwrap();
        expect(&resumed, 0);
        let counts = json(&stdout(&resumed));
        assert_eq!(counts["done_before"], faces(&output).len());
        assert_eq!(counts["remaining"], 20_001 - faces(&output).len());
        assert!(lines(&output, "bounding_boxes_").len() >= faces(&output).len());
        Some((dir, result))
    }

    fn wait_for_a_face(child: &mut Child, output: &Path) {
        while faces(output).is_empty() {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the job ended before its first face: {status}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn ctrl_c_ends_the_job_cleanly() {
        let Some((dir, result)) = interrupted("-INT") else { return };
        expect(&result, 130);
        assert!(stdout(&result).starts_with("Total number of images: 20001\n"), "{}", stdout(&result));
        assert!(stdout(&result).contains("left to do"), "{}", stdout(&result));
        let left_over = walkdir::WalkDir::new(dir.path()).into_iter().filter_map(|entry| entry.ok());
        assert!(!left_over.into_iter().any(|entry| entry.path().extension().is_some_and(|end| end == "tmp")));
    }

    #[test]
    fn a_killed_job_leaves_whole_faces_only() {
        let Some((_dir, result)) = interrupted("-KILL") else { return };
        assert_eq!(result.status.code(), None);
    }
}
