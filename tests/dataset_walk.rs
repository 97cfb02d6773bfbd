//! Walking folders of people and splitting them into parts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use facenet::ErrorKind;
use facenet::dataset::{Dataset, Partition};
use proptest::prelude::*;

fn tree(files: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"").unwrap();
    }
    root
}

fn images(dataset: &Dataset) -> Vec<&str> {
    dataset.images().map(|path| path.to_str().unwrap()).collect()
}

#[test]
fn people_and_images_come_sorted_and_only_images_are_taken() {
    let root = tree(&[
        "Zoë/b.JPG",
        "Zoë/a.jpeg",
        "Zoë/notes.txt",
        "Ada Lovelace/with space.png",
        "Ada Lovelace/deep/er/x.WebP",
        "Ada Lovelace/.hidden.jpg",
        ".cache/x.jpg",
        "direct.bmp",
        "Empty/readme",
        "no_extension",
    ]);
    let dataset = Dataset::open(root.path()).unwrap();
    let names: Vec<_> = dataset.people().iter().map(|person| person.name.to_str().unwrap()).collect();
    assert_eq!(names, ["", "Ada Lovelace", "Zoë"]);
    let expected =
        ["direct.bmp", "Ada Lovelace/deep/er/x.WebP", "Ada Lovelace/with space.png", "Zoë/a.jpeg", "Zoë/b.JPG"];
    assert_eq!(images(&dataset), expected);
    assert!(dataset.problems().is_empty(), "{:?}", dataset.problems());
}

#[test]
fn images_have_any_usual_ending() {
    let names = ["1.jfif", "2.JPE", "3.jif", "4.JFI", "5.pjpeg", "6.pjp", "7.dib", "8.mpo"];
    let root = tree(&names.map(|name| format!("Ada/{name}")).iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(Dataset::open(root.path()).unwrap().images().count(), names.len());
}

#[test]
fn pictures_that_are_not_read_are_problems() {
    let root = tree(&["Ada/a.jpg", "Ada/b.PSD", "Ada/c.cr2", "d.jxl", "Ada/notes.txt"]);
    let dataset = Dataset::open(root.path()).unwrap();
    assert_eq!(images(&dataset), ["Ada/a.jpg"]);
    let problem =
        |name: &str| &dataset.problems().iter().find(|problem| problem.path == Path::new(name)).unwrap().reason;
    assert_eq!(dataset.problems().len(), 3);
    assert!(problem("Ada/b.PSD").contains("Photoshop is not read: convert it"), "{}", problem("Ada/b.PSD"));
    assert!(problem("Ada/c.cr2").starts_with("camera raw"));

    fs::remove_file(root.path().join("Ada/a.jpg")).unwrap();
    let error = Dataset::open(root.path()).unwrap().check_not_empty().unwrap_err().to_string();
    assert!(error.contains("no image in the folder") && error.contains("2 others"), "{error}");

    // Images where libheif is installed, else named with what to do.
    let root = tree(&["phone.HEIC"]);
    let dataset = Dataset::open(root.path()).unwrap();
    match dataset.problems() {
        [] => assert_eq!(images(&dataset), ["phone.HEIC"]),
        [problem] => assert!(problem.reason.contains("libheif1"), "{}", problem.reason),
        more => panic!("{more:?}"),
    }
}

#[test]
fn folders_of_the_system_are_left_out() {
    let root = tree(&[
        "Ada/a.jpg",
        "Ada/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg",
        "Ada/._a.jpg",
        "Ada/.DS_Store",
        "Ada/Thumbs.db",
        ".@__thumb/a.jpg",
        "#recycle/b.jpg",
        "$Recycle.Bin/b.jpg",
        "System Volume Information/b.jpg",
        "__MACOSX/Ada/a.jpg",
        "lost+found/b.jpg",
        ".AppleDouble/a.jpg",
        "@recycle.jpg",
    ]);
    let dataset = Dataset::open(root.path()).unwrap();
    assert_eq!(images(&dataset), ["@recycle.jpg", "Ada/a.jpg"]);
    assert!(dataset.problems().is_empty(), "{:?}", dataset.problems());
    let hidden: BTreeSet<_> = dataset.hidden().iter().map(|path| path.to_str().unwrap()).collect();
    let expected = [
        "#recycle",
        "$Recycle.Bin",
        ".@__thumb",
        ".AppleDouble",
        "Ada/._a.jpg",
        "Ada/@eaDir",
        "System Volume Information",
        "__MACOSX",
        "lost+found",
    ];
    assert_eq!(hidden, BTreeSet::from(expected));
}

#[test]
fn a_folder_inside_can_be_left_out() {
    let root = tree(&["Ada/a.jpg", "aligned/Ada/a.png"]);
    let dataset = Dataset::open_except(root.path(), root.path().join("Ada/../aligned")).unwrap();
    assert_eq!(images(&dataset), ["Ada/a.jpg"]);
    let elsewhere = tree(&[]);
    assert_eq!(Dataset::open_except(root.path(), elsewhere.path()).unwrap().people().len(), 2);
}

#[test]
fn roots_that_are_no_folders_are_refused() {
    let root = tree(&["Ada/a.jpg"]);
    let missing = Dataset::open(root.path().join("nowhere")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let file = Dataset::open(root.path().join("Ada/a.jpg")).unwrap_err();
    assert_eq!(file.kind(), ErrorKind::DatasetInvalid);
}

#[cfg(unix)]
mod links {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_and_loops_are_reported() {
        let store = tree(&["photo.jpg"]);
        let root = tree(&["Ada/a.jpg"]);
        symlink(store.path(), root.path().join("Bob")).unwrap();
        symlink(store.path().join("photo.jpg"), root.path().join("Ada/linked.jpg")).unwrap();
        symlink(root.path(), root.path().join("Ada/back")).unwrap();
        symlink("nowhere.jpg", root.path().join("Ada/broken.jpg")).unwrap();

        let dataset = Dataset::open(root.path()).unwrap();
        assert_eq!(images(&dataset), ["Ada/a.jpg", "Ada/linked.jpg", "Bob/photo.jpg"]);
        let problems: BTreeSet<_> = dataset.problems().iter().map(|problem| problem.path.as_path()).collect();
        assert_eq!(problems, BTreeSet::from([Path::new("Ada/back"), Path::new("Ada/broken.jpg")]));
        assert!(dataset.problems().iter().any(|problem| problem.reason.contains("leads back")));
    }

    #[test]
    fn a_folder_that_is_left_out_is_left_out_behind_links_too() {
        let store = tree(&["photo.jpg", "out/Ada/a.png"]);
        let root = tree(&["Ada/a.jpg"]);
        symlink(store.path(), root.path().join("Bob")).unwrap();
        symlink(store.path().join("out"), root.path().join("aligned")).unwrap();
        symlink(store.path().join("out/Ada"), root.path().join("Cem")).unwrap();
        symlink(store.path().join("out/Ada/a.png"), root.path().join("Ada/linked.png")).unwrap();
        let dataset = Dataset::open_except(root.path(), store.path().join("out")).unwrap();
        assert_eq!(images(&dataset), ["Ada/a.jpg", "Bob/photo.jpg"]);
        let around = Dataset::open_except(store.path().join("out"), store.path()).unwrap();
        assert_eq!(images(&around), ["Ada/a.png"]);
    }

    #[test]
    fn names_need_not_be_unicode() {
        let root = tree(&[]);
        let folder = root.path().join(OsStr::from_bytes(b"J\xfcrgen"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(OsStr::from_bytes(b"\xe4.jpg")), b"").unwrap();
        let dataset = Dataset::open(root.path()).unwrap();
        assert_eq!(dataset.people()[0].name.as_bytes(), b"J\xfcrgen");
        assert_eq!(dataset.people()[0].images, [Path::new(OsStr::from_bytes(b"J\xfcrgen/\xe4.jpg"))]);
    }

    #[test]
    fn a_pipe_with_the_name_of_an_image_is_no_image() {
        let root = tree(&["Ada/a.jpg"]);
        let made = std::process::Command::new("mkfifo").arg(root.path().join("Ada/pipe.jpg")).status();
        if !made.is_ok_and(|status| status.success()) {
            return testkit::skip("there is no mkfifo on this machine");
        }
        assert_eq!(images(&Dataset::open(root.path()).unwrap()), ["Ada/a.jpg"]);
    }
}

#[test]
fn shards_are_written_from_one() {
    for (text, index, count) in [("1/1", 1, 1), ("3/3", 3, 3), ("7/1000", 7, 1000)] {
        let shard: Partition = text.parse().unwrap();
        assert_eq!((shard.index(), shard.count()), (index, count));
        assert_eq!(shard.to_string(), text);
    }
    for text in ["0/4", "5/4", "1/0", "4", "a/b", "1/4/2", "-1/4", "", "1/99999999999"] {
        let error = text.parse::<Partition>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}: {error}");
    }
}

#[test]
fn shards_are_of_about_equal_size() {
    let paths: Vec<PathBuf> = (0..8000).map(|i| format!("Name_{}/Name_{i:04}.jpg", i / 5).into()).collect();
    for index in 1..=8 {
        let shard = Partition::new(index, 8).unwrap();
        let size = paths.iter().filter(|path| shard.contains(path)).count();
        // Five standard deviations of a binomial distribution with p = 1/8.
        assert!((852..=1148).contains(&size), "part {index} has {size} of 8000");
    }
}

proptest! {
    #[test]
    fn every_path_is_in_exactly_one_shard(path in "[a-zé /]{1,30}", count in 1_u32..50) {
        let parts = (1..=count).filter(|&index| Partition::new(index, count).unwrap().contains(&path)).count();
        prop_assert_eq!(parts, 1);
    }
}
