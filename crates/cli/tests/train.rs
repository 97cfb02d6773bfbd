//! `facenet train` and `facenet plot`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use testkit::cli::{program, run};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A stand-in for Python that has everything: it keeps what it was called with, and the settings.
fn python(folder: &Path, code: u8) -> std::path::PathBuf {
    let path = folder.join("python");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = -c ] && exit 0\necho \"$@\" > {0}/arguments; echo \"$FACENET_COMMAND\" > {0}/command\nfor last; do :; done\n\
         [ -d \"$last\" ] || cp \"$last\" {0}/settings\nexit {code}\n",
        text(folder)
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn options_reach_the_steps() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--data_dir", "faces", "--random-crop", "--learning_rate", "0.05", "--epoch-size", "7"];
    let more = ["--optimizer", "RMSPROP", "--random_flip", "--nproc-per-node", "2"];
    let arguments = [&["train", "triplet", "--people-per-batch", "9"][..], &options, &more].concat();
    let result = program(arguments).env("FACENET_PYTHON", python(folder.path(), 130)).output().unwrap();
    assert_eq!(result.status.code(), Some(130), "{}", String::from_utf8_lossy(&result.stderr));
    let arguments = fs::read_to_string(folder.path().join("arguments")).unwrap();
    assert!(arguments.starts_with("-m torch.distributed.run --standalone --nproc-per-node=2 -m facenet_rs.train "));
    let settings: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("settings")).unwrap()).unwrap();
    let wanted = json!({
        "method": "triplet", "people_per_batch": 9, "data_dir": "faces", "random_crop": true, "random_flip": true,
        "learning_rate": 0.05, "epoch_size": 7, "optimizer": "RMSPROP",
    });
    assert_eq!(settings, wanted);
}

/// A stand-in for Python that trains for a minute: it writes down that it was asked to end, and ends when it was asked `requests` times.
fn patient_python(folder: &Path, requests: u32) -> std::path::PathBuf {
    let path = folder.join("python");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = -c ] && exit 0\n\
         n=0\nasked() {{ n=$((n+1)); echo \"$1\" >> {0}/asked; [ $n -ge {requests} ] && exit 130; }}\n\
         trap 'asked TERM' TERM; trap 'asked HUP' HUP; trap 'asked INT' INT\necho $$ > {0}/begun\n\
         for _ in $(seq 1200); do sleep 0.05; done\n",
        text(folder)
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Waits for `file` to have text, and gives it.
fn awaited(file: &Path) -> String {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        match fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => assert!(std::time::Instant::now() < deadline, "{} does not appear", file.display()),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn kill(signal: &str, process: &str) {
    assert!(Command::new("kill").args([signal, process.trim()]).status().unwrap().success());
}

#[test]
fn requests_to_end_reach_the_training_and_are_waited_for() {
    for (signal, name) in [("-TERM", "TERM"), ("-HUP", "HUP"), ("-INT", "INT")] {
        let folder = tempfile::tempdir().unwrap();
        let python = patient_python(folder.path(), 2);
        let arguments = ["train", "softmax", "--data-dir", "faces"];
        let mut facenet = program(arguments).env("FACENET_PYTHON", python).spawn().unwrap();
        awaited(&folder.path().join("begun"));
        kill(signal, &facenet.id().to_string());
        assert_eq!(awaited(&folder.path().join("asked")), format!("{name}\n"));
        assert!(facenet.try_wait().unwrap().is_none(), "it waits for the training");
        kill(signal, &facenet.id().to_string());
        assert_eq!(facenet.wait().unwrap().code(), Some(130));
        assert_eq!(awaited(&folder.path().join("asked")), format!("{name}\n{name}\n"));
    }
}

#[test]
fn no_training_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let python = patient_python(folder.path(), 1);
    let arguments = ["train", "softmax", "--data-dir", "faces"];
    let mut facenet = program(arguments).env("FACENET_PYTHON", python).spawn().unwrap();
    awaited(&folder.path().join("begun"));
    facenet.kill().unwrap();
    facenet.wait().unwrap();
    assert_eq!(awaited(&folder.path().join("asked")), "TERM\n");
}

#[test]
fn what_makes_no_sense_fails_before_python_is_asked() {
    for (options, word) in [
        (&["--data-dir", "faces", "--keep_probability", "0"][..], "--keep-probability must lie above 0"),
        (&["--data-dir", "faces", "--learning-rate", "-1"], "--learning-rate-schedule-file is missing"),
        (&["--data-dir", "faces", "--learning-rate", "abc"], "--learning-rate is \"abc\": it must be a number"),
        (&["--data-dir", "faces", "--optimizer", "SGD"], "SGD"),
        (&["--data-dir", "faces", "--epoch-size", "many"], "many"),
        (&[], "--data-dir"),
    ] {
        let result =
            program([&["train", "softmax"][..], options].concat()).env("FACENET_PYTHON", "/no/python").output();
        let result = result.unwrap();
        assert_eq!(result.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&result.stderr).contains(word), "{result:?}");
    }
    let result = program(["train", "softmax", "--data-dir", "x"]).env("FACENET_PYTHON", "/no/python").output().unwrap();
    assert_eq!(result.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&result.stderr).contains("FACENET_PYTHON"));
}

#[test]
fn the_last_of_an_option_that_is_repeated_counts() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--data_dir", "faces", "--learning_rate", "0.1", "--random_flip", "--random_flip"];
    let arguments =
        [&["train", "softmax"][..], &options, &["--learning_rate", "0.05", "--data_dir", "others"]].concat();
    let result = program(arguments).env("FACENET_PYTHON", python(folder.path(), 0)).output().unwrap();
    assert_eq!(result.status.code(), Some(0), "{}", String::from_utf8_lossy(&result.stderr));
    let settings: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("settings")).unwrap()).unwrap();
    let wanted = json!({ "method": "softmax", "data_dir": "others", "random_flip": true, "learning_rate": 0.05 });
    assert_eq!(settings, wanted);
}

#[test]
fn a_run_is_exported_by_python() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["train", "export", text(folder.path()), "--best"];
    let result = program(arguments).env("FACENET_PYTHON", python(folder.path(), 0)).output().unwrap();
    assert_eq!(result.status.code(), Some(0), "{}", String::from_utf8_lossy(&result.stderr));
    let called = fs::read_to_string(folder.path().join("arguments")).unwrap();
    assert_eq!(called, format!("-m facenet_rs.train export --best -- {}\n", text(folder.path())));
    let command = fs::read_to_string(folder.path().join("command")).unwrap();
    assert!(command.ends_with(&format!(" train export {} --best\n", text(folder.path()))), "{command}");
}

#[test]
fn a_folder_is_packed_and_packed_no_more() {
    let root = tempfile::tempdir().unwrap();
    let (faces, shards) = (root.path().join("faces"), root.path().join("shards"));
    for number in 0..3 {
        let path = faces.join(format!("Ada/{number}.png"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        facenet::Image::from_rgb(8, 8, vec![number; 192]).unwrap().save(&path).unwrap();
    }
    fs::write(faces.join("Ada/broken.jpg"), b"nothing").unwrap();
    let pack = |size: &str, more: &[&str]| {
        run([&["train", "pack", text(&faces), text(&shards), "--shard_size", size][..], more].concat())
    };
    let result = pack("2", &["--json"]);
    assert_eq!(result.status.code(), Some(0), "{result:?}");
    let counts: Value = serde_json::from_slice(&result.stdout).unwrap();
    assert_eq!((&counts["images"], &counts["shards"], &counts["packed"]), (&json!(4), &json!(2), &json!(3)));
    let result = pack("2", &[]);
    let said = String::from_utf8_lossy(&result.stdout);
    assert!(said.contains("4 packed before") && said.contains("1 broken and left out"), "{said}");
    for (size, word) in [("3", "faces-00000.tar"), ("0", "shard_size")] {
        let result = pack(size, &[]);
        assert_eq!(result.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&result.stderr).contains(word), "{result:?}");
    }
    fs::remove_dir_all(&shards).unwrap();
    (0..3).for_each(|number| fs::write(faces.join(format!("Ada/{number}.png")), b"nothing").unwrap());
    assert_eq!(pack("2", &["--quiet"]).status.code(), Some(1));
}

#[test]
fn curves_of_several_runs_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("curves.svg");
    let runs = ["first", "second"].map(|name| folder.path().join(name));
    for run in &runs {
        fs::create_dir(run).unwrap();
        let step = |step: u32| format!("{{\"step\":{step},\"loss\":{},\"lr\":0.1}}\n", 7.0 / f64::from(step));
        fs::write(run.join("history.jsonl"), (1..50).map(step).collect::<String>()).unwrap();
    }
    let [first, second] = &runs;
    assert!(run(["plot", text(first), text(second), "-o", text(&picture)]).status.success());
    let drawn = fs::read_to_string(&picture).unwrap();
    assert!(drawn.contains("first") && drawn.contains("second") && drawn.contains("Learning rate"));
    assert_eq!(run(["plot", "/no/run", "-o", text(&picture)]).status.code(), Some(1));
}
