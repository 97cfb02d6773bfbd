//! `facenet detect` as a user runs it.

use std::path::Path;
use std::process::Stdio;

use facenet::{Face, Image, Rect};
use serde::Deserialize;
use testkit::cli::{expect, program, stderr, stdout, write_gray};
use testkit::{has_runtime, photo};

#[derive(Deserialize)]
struct Found {
    image: String,
    error: Option<String>,
    faces: Vec<Face>,
}

fn detect_json(images: &[&Path]) -> (i32, Vec<Found>, String) {
    let result = program(["detect", "--json"]).args(images).output().unwrap();
    let found = serde_json::from_str(&stdout(&result)).unwrap_or_else(|e| panic!("{e}: {}", stderr(&result)));
    (result.status.code().unwrap(), found, stderr(&result))
}

#[test]
fn faces_of_photos_are_those_of_the_original() {
    let Some(reference) = testkit::reference::reference_data().filter(|_| has_runtime()) else { return };
    let text = std::fs::read_to_string(reference.join("golden/mtcnn_photos.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    for name in ["astronaut.png", "biden.jpg", "obama.jpg", "obama2.jpg"] {
        let (code, found, _) = detect_json(&[&photo(name)]);
        assert_eq!((code, found.len()), (0, 1));
        let boxes = golden[name]["boxes"].as_array().unwrap();
        assert_eq!(found[0].faces.len(), boxes.len(), "{name}");
        for (face, expected) in found[0].faces.iter().zip(boxes) {
            let edge = |index: usize| expected[index].as_f64().unwrap() as f32;
            let expected = Rect::new(edge(0), edge(1), edge(2), edge(3));
            assert!(face.rect.iou(&expected) > 0.97, "{name}: {:?} is not {expected:?}", face.rect);
        }
    }
}

#[test]
fn broken_images_are_named_and_do_not_stop_the_others() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (broken, gray, missing) =
        (dir.path().join("broken.jpg"), dir.path().join("gray.png"), dir.path().join("missing.jpg"));
    std::fs::write(&broken, "no image").unwrap();
    write_gray(&gray);
    let (code, found, said) = detect_json(&[&broken, &gray, &missing, &photo("biden.jpg")]);
    assert_eq!(code, 1);
    assert_eq!(found.iter().map(|found| found.faces.len()).collect::<Vec<_>>(), [0, 0, 0, 1]);
    assert_eq!(found.iter().map(|found| found.error.is_some()).collect::<Vec<_>>(), [true, false, true, false]);
    assert_eq!(found[1].image, gray.display().to_string());
    assert!(said.contains("broken.jpg") && said.contains("missing.jpg") && !said.contains("gray.png"), "{said}");

    // A folder stands for its images; an image without a face is no failure.
    std::fs::remove_file(&broken).unwrap();
    let (code, found, said) = detect_json(&[dir.path()]);
    assert_eq!((code, found.len(), said.as_str()), (0, 1, ""));
}

#[test]
fn comma_separated_values_keep_odd_names_apart() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let odd = dir.path().join("one, \"two\".jpg");
    std::fs::copy(photo("obama2.jpg"), &odd).unwrap();
    let result = program(["detect", "--csv"]).arg(&odd).output().unwrap();
    expect(&result, 0);
    let text = stdout(&result);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0].split(',').count(), 16);
    let folder = dir.path().display();
    let values = lines[1].strip_prefix(&format!("\"{folder}/one, \"\"two\"\".jpg\",")).expect(lines[1]);
    assert_eq!(values.split(',').filter(|value| value.parse::<f32>().is_ok()).count(), 15);
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_marked_copy_shows_the_faces() {
    if !has_runtime() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let marked = dir.path().join("marked.png");
    let result = program(["detect", "--annotate"]).arg(&marked).arg(photo("biden.jpg")).output().unwrap();
    expect(&result, 0);
    let (before, after) = (Image::open(photo("biden.jpg")).unwrap(), Image::open(&marked).unwrap());
    assert_eq!((before.width(), before.height()), (after.width(), after.height()));
    let changed = before.data().chunks(3).zip(after.data().chunks(3)).filter(|(before, after)| before != after).count();
    let share = changed as f64 / (f64::from(before.width()) * f64::from(before.height()));
    assert!(share > 0.0005 && share < 0.05, "{share} of the pixels are marks");
    let (_, found, _) = detect_json(&[&photo("biden.jpg")]);
    let rect = found[0].faces[0].rect;
    let pixel = after.view().row(rect.y1 as usize)[3 * rect.center().x as usize..][..3].to_vec();
    assert_eq!(pixel, [0, 255, 0], "the upper edge of the box is drawn");

    let two =
        program(["detect", "--annotate"]).arg(&marked).args([photo("biden.jpg"), photo("obama.jpg")]).output().unwrap();
    expect(&two, 2);
}

#[test]
fn a_size_below_zero_is_answered_with_the_range() {
    if !has_runtime() {
        return;
    }
    for size in [&["--min-face-size", "-5"][..], &["--min-face-size=-5"]] {
        let result = program(["detect"]).args(size).arg(photo("obama.jpg")).output().unwrap();
        expect(&result, 2);
        let said = stderr(&result);
        assert!(said.contains("-5") && !said.contains("unexpected argument"), "{said}");
    }
}

#[test]
fn a_signal_ends_every_command_in_the_documented_way() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let image = photo("obama.jpg");
    let many = folder.path().join("many");
    std::fs::create_dir(&many).unwrap();
    for number in 0..5000 {
        std::os::unix::fs::symlink(&image, many.join(format!("{number:04}.jpg"))).unwrap();
    }
    let target = folder.path().join("faces.npy");
    let (many, target) = (many.to_str().unwrap(), target.to_str().unwrap());
    for signal in [libc::SIGINT, libc::SIGTERM] {
        for arguments in [&["detect", many, "--csv"][..], &["embed", many, "-o", target], &["compare", many]] {
            let mut command = program(arguments.iter().copied());
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            // At once, and while it works.
            if signal == libc::SIGTERM {
                std::thread::sleep(std::time::Duration::from_secs(2));
            }
            // SAFETY: a signal to a child that has not been waited for.
            while unsafe { libc::kill(child.id() as i32, 0) } == 0 && !listens(child.id()) {
                assert!(child.try_wait().unwrap().is_none());
            }
            // SAFETY: as above.
            assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
            let output = child.wait_with_output().unwrap();
            expect(&output, 130);
            assert!(output.stdout.is_empty() || output.stdout.ends_with(b"\n"), "{arguments:?} breaks off in a line");
            assert!(!Path::new(target).exists());
        }
    }
}

/// Whether a process has a handler for the termination signal: before, it is still being started.
fn listens(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    caught & (1 << (libc::SIGTERM - 1)) != 0
}

#[test]
fn a_name_does_not_command_the_terminal_and_stays_exact_in_json() {
    if !has_runtime() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "=cmd\u{1b}]0;owned\u{7}\n.png";
    write_gray(&folder.path().join(name));
    let found = |option: Option<&str>| {
        let result = program(["detect", name].into_iter().chain(option)).current_dir(folder.path()).output().unwrap();
        expect(&result, 0);
        stdout(&result)
    };
    assert_eq!(found(None), "=cmd\\u001b]0;owned\\u0007\\u000a.png: 0 faces\n");
    let json: serde_json::Value = serde_json::from_str(&found(Some("--json"))).unwrap();
    assert_eq!(json[0]["image"], name);

    std::fs::write(folder.path().join("\u{1b}[31m.jpg"), b"no image").unwrap();
    let broken = program(["detect", "\u{1b}[31m.jpg"]).current_dir(folder.path()).output().unwrap();
    expect(&broken, 1);
    assert!(stderr(&broken).contains("\\u001b[31m.jpg") && !stderr(&broken).contains('\u{1b}'), "{}", stderr(&broken));
}
