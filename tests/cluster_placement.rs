//! Files in the folders of clusters: nothing is lost, nothing is overwritten.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use facenet::ErrorKind;
use facenet::Watch;
use facenet::cluster::{Clusters, Origin, Placed, Placement, Transfer};

/// Files with these contents in a folder, by their paths relative to it.
fn write(folder: &Path, files: &[(&str, &str)]) -> Vec<PathBuf> {
    let write = |(name, content): &(&str, &str)| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    };
    files.iter().map(write).collect()
}

/// The contents of all files below a folder, but for the list, by their paths relative to it.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap().into_path());
    let files = files.filter(|path| !path.is_dir() && path.extension().is_none_or(|end| end != "jsonl"));
    let relative = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_string();
    files.map(|path| (relative(&path), fs::read_to_string(&path).unwrap())).collect()
}

fn clusters(labels: &[Option<u32>]) -> Clusters {
    Clusters::from_keys(labels.iter().copied())
}

fn run(placement: &Placement) -> Placed {
    placement.run(&Watch::none()).unwrap()
}

const ALL: [Transfer; 3] = [Transfer::Copy, Transfer::Link, Transfer::Move];

#[test]
fn every_file_gets_to_its_cluster_under_a_name_of_its_own() {
    for transfer in ALL {
        let folder = tempfile::tempdir().unwrap();
        let (from, out) = (folder.path().join("in"), folder.path().join("out"));
        let files =
            write(&from, &[("a/x.png", "1"), ("b/x.png", "2"), ("c/X.PNG", "3"), ("d/x.png", "4"), ("e/y", "5")]);
        let placement = Placement::plan(&out, transfer, &clusters(&[Some(0), Some(0), Some(0), Some(1), None]), &files);
        let placement = placement.unwrap();
        assert!(!out.exists());
        assert_eq!(run(&placement), Placed { files: 4, failures: vec![], remaining: 0 });
        let expected = [("0/x.png", "1"), ("0/x-2.png", "2"), ("0/X-3.PNG", "3"), ("1/x.png", "4")];
        assert_eq!(contents(&out), expected.map(|(path, text)| (path.to_string(), text.to_string())).into());
        let left: Vec<bool> = files.iter().map(|file| file.exists()).collect();
        let stays = transfer != Transfer::Move;
        assert_eq!(left, [stays, stays, stays, stays, true], "{transfer:?}");
        assert!(out.join("placement.jsonl").exists() && Placement::resume(&out).unwrap().is_none());
    }
}

#[test]
fn what_was_stopped_goes_on() {
    for transfer in ALL {
        let folder = tempfile::tempdir().unwrap();
        let (from, out) = (folder.path().join("in"), folder.path().join("out"));
        let files = write(&from, &[("a", "1"), ("b", "2"), ("c", "3")]);
        let placement = Placement::plan(&out, transfer, &clusters(&[Some(0), Some(1), Some(0)]), &files).unwrap();
        let cancel = AtomicBool::new(false);
        let placed =
            placement.run(&Watch::new(&|done, _| cancel.store(done == 1, Ordering::Relaxed), &cancel)).unwrap();
        assert_eq!((placed.files, placed.remaining), (1, 2));
        let present = contents(&from).len() + contents(&out).len();
        assert_eq!(present, if transfer == Transfer::Move { 3 } else { 4 });

        let again = Placement::resume(&out).unwrap().expect("something is left to do");
        assert_eq!(again, placement);
        assert_eq!(run(&again).files, 3, "{transfer:?}");
        let expected = [("0/a", "1"), ("0/c", "3"), ("1/b", "2")];
        assert_eq!(contents(&out), expected.map(|(path, text)| (path.to_string(), text.to_string())).into());
        assert!(Placement::resume(&out).unwrap().is_none());
    }
}

#[test]
fn a_move_that_was_killed_half_way_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let files = write(folder.path(), &[("a", "1"), ("b", "2")]);
    fs::create_dir_all(out.join("0")).unwrap();
    let parked = folder.path().join("parked");
    fs::rename(&out, &parked).unwrap();
    let placement = Placement::plan(&out, Transfer::Move, &clusters(&[Some(0), Some(0)]), &files).unwrap();
    fs::rename(&parked, &out).unwrap();
    // One has both names, of the other there are two copies.
    fs::hard_link(&files[0], out.join("0/a")).unwrap();
    fs::copy(&files[1], out.join("0/b")).unwrap();
    assert_eq!(run(&placement).files, 2);
    assert_eq!(contents(&out).len(), 2);
    assert!(files.iter().all(|file| !file.exists()));
}

#[test]
fn another_file_is_never_overwritten() {
    for transfer in ALL {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let files = write(folder.path(), &[("a", "mine"), ("b", "other")]);
        let placement = Placement::plan(&out, transfer, &clusters(&[Some(0), Some(0)]), &files).unwrap();
        write(&out, &[("0/a", "text")]);
        let placed = run(&placement);
        assert_eq!((placed.files, placed.failures.len()), (1, 1), "{transfer:?}");
        assert_eq!(placed.failures[0].0, files[0]);
        assert_eq!(contents(&out)["0/a"], "text");
        assert_eq!(fs::read_to_string(&files[0]).unwrap(), "mine");
        // It is tried again when the reason is gone.
        fs::remove_file(out.join("0/a")).unwrap();
        assert_eq!(run(&Placement::resume(&out).unwrap().unwrap()).files, 2);
        assert_eq!(contents(&out)["0/a"], "mine");
    }
}

#[test]
fn a_file_that_is_gone_is_told() {
    for transfer in ALL {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let files = write(folder.path(), &[("a", "1"), ("b", "2")]);
        let placement = Placement::plan(&out, transfer, &clusters(&[Some(0), Some(0)]), &files).unwrap();
        fs::remove_file(&files[0]).unwrap();
        let placed = run(&placement);
        assert_eq!((placed.files, placed.failures.len()), (1, 1), "{transfer:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn files_move_to_another_file_system() {
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else { return };
    let folder = tempfile::tempdir().unwrap();
    let files = write(folder.path(), &[("a", "1")]);
    let modified = files[0].metadata().unwrap().modified().unwrap();
    let out = other.path().join("out");
    assert_eq!(run(&Placement::plan(&out, Transfer::Move, &clusters(&[Some(0)]), &files).unwrap()).files, 1);
    assert_eq!(fs::read_to_string(out.join("0/a")).unwrap(), "1");
    assert_eq!(out.join("0/a").metadata().unwrap().modified().unwrap(), modified);
    assert!(!files[0].exists());
}

#[test]
#[cfg(unix)]
fn a_link_that_moves_leads_where_it_led() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("real/a", "1")]);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("real/a", &link).unwrap();
    let out = folder.path().join("out");
    assert_eq!(run(&Placement::plan(&out, Transfer::Move, &clusters(&[Some(0)]), &[&link]).unwrap()).files, 1);
    assert_eq!(fs::read_to_string(out.join("0/link")).unwrap(), "1");
    assert!(link.symlink_metadata().is_err() && folder.path().join("real/a").exists());
}

#[test]
fn a_file_with_several_faces_is_placed_once_in_each_cluster_but_not_moved_to_two() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let photo = &write(folder.path(), &[("photo", "1")])[0];
    let labels = clusters(&[Some(0), Some(0), Some(1)]);
    let plan = |transfer| Placement::plan(&out, transfer, &labels, &[photo; 3]);
    assert_eq!(plan(Transfer::Move).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(run(&plan(Transfer::Copy).unwrap()).files, 2);
    assert_eq!(contents(&out).len(), 2);
    // Now it is not empty.
    assert_eq!(plan(Transfer::Copy).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let error = Placement::plan(&out, Transfer::Copy, &labels, &[photo]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DimensionMismatch);
}

#[test]
fn a_list_that_breaks_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for text in
        ["", "{}", "{\"transfer\":\"move\",\"files\":1}\n", "{\"transfer\":\"move\",\"files\":1}\n{\"source\":\"a\"}"]
    {
        fs::write(folder.path().join("placement.unfinished.jsonl"), text).unwrap();
        assert_eq!(Placement::resume(folder.path()).unwrap_err().kind(), ErrorKind::DatasetInvalid, "{text:?}");
    }
}

#[test]
fn a_list_that_leads_out_of_its_folders_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (folder.path().join("in"), folder.path().join("out"));
    let files = write(folder.path(), &[("in/a.png", "1"), ("secret", "2")]);
    fs::create_dir(&out).unwrap();
    let resume = |source: &Path, target: &str| {
        let origin = serde_json::json!({"root": root, "request": ""});
        let header = serde_json::json!({"transfer": "move", "files": 1, "origin": origin});
        let entry = serde_json::json!({"source": source, "target": target});
        fs::write(out.join("placement.unfinished.jsonl"), format!("{header}\n{entry}\n")).unwrap();
        Placement::resume(&out)
    };
    let absolute = folder.path().join("escaped");
    for target in ["../escaped", "0/../../escaped", "", ".", absolute.to_str().unwrap()] {
        assert_eq!(resume(&files[0], target).unwrap_err().kind(), ErrorKind::DatasetInvalid, "{target:?}");
    }
    for source in [&files[1], &root.join("../secret"), &root, Path::new("a.png")] {
        assert_eq!(resume(source, "0/a.png").unwrap_err().kind(), ErrorKind::DatasetInvalid, "{source:?}");
    }
    assert_eq!(resume(&files[0], "0/a.png").unwrap().expect("it is unfinished").entries().len(), 1);
}

#[test]
fn a_placement_that_goes_on_knows_what_it_is_of() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let files = write(folder.path(), &[("in/a", "1"), ("in/b", "2")]);
    let origin = Origin { root: Some(folder.path().join("in")), request: "\"words\"\n".into() };
    let placement = Placement::plan(&out, Transfer::Copy, &clusters(&[Some(0), Some(0)]), &files).unwrap();
    assert_eq!(placement.origin(), &Origin::default());
    let placement = placement.of(origin.clone());
    placement.run(&Watch::new(&|_, _| {}, &AtomicBool::new(true))).unwrap();
    assert_eq!(Placement::resume(&out).unwrap().unwrap().origin(), &origin);
}

#[test]
fn files_that_are_gone_keep_no_placement_from_its_end() {
    for transfer in ALL {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let files = write(folder.path(), &[("a", "1"), ("b", "2"), ("c", "3")]);
        let labels = clusters(&[Some(0), Some(0), Some(0)]);
        let placement = Placement::plan(&out, transfer, &labels, &files).unwrap();
        // One was brought to its place, then removed; one is lost.
        write(&out, &[("0/a", "1")]);
        fs::remove_file(&files[0]).unwrap();
        fs::remove_file(&files[1]).unwrap();
        let placed = run(&placement);
        assert_eq!((placed.files, placed.failures.len()), (2, 1), "{transfer:?}");
        assert_eq!(placed.failures[0].0, files[1]);
        assert!(Placement::resume(&out).unwrap().is_none(), "{transfer:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_file_and_a_link_to_it_are_not_moved() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let files = write(folder.path(), &[("A/a.png", "1")]);
    let (link, far) = (folder.path().join("A/b.png"), folder.path().join("B/a.png"));
    symlink("a.png", &link).unwrap();
    symlink("A", folder.path().join("B")).unwrap();
    for other in [&link, &far] {
        for (labels, both) in [([Some(0), Some(0)], [&files[0], other]), ([Some(0), Some(1)], [other, &files[0]])] {
            let plan = |transfer| Placement::plan(&out, transfer, &clusters(&labels), &both);
            let error = plan(Transfer::Move).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains("link"), "{error}");
            assert_eq!(plan(Transfer::Copy).unwrap().entries().len(), 2);
        }
    }
}
