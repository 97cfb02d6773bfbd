//! Folders of people in tar files.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use common::skip;
use facenet::model::Standardization;
use facenet::packed::{PackJob, PackOptions, PackSummary, Packed};
use facenet::train::{Augmentation, Feed, FeedOptions, TrainingImages};
use facenet::{Error, ErrorKind, Image};
use ndarray::Array4;

/// A folder of people and a place for shards.
struct Place {
    root: tempfile::TempDir,
}

impl Place {
    /// Pictures with these names, each of them different.
    fn new(images: &[&str]) -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        for (number, name) in images.iter().enumerate() {
            let path = place.faces().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let (width, height) = (20 + number as u32 % 7, 21 + number as u32 % 5);
            let value = |at: u32| (at.wrapping_mul(37) ^ (number as u32 * 101)) as u8;
            Image::from_rgb(width, height, (0..width * height * 3).map(value).collect()).unwrap().save(&path).unwrap();
        }
        place
    }

    fn faces(&self) -> PathBuf {
        self.root.path().join("faces")
    }

    fn shards(&self) -> PathBuf {
        self.root.path().join("shards")
    }

    fn shard(&self, number: usize) -> PathBuf {
        self.shards().join(format!("faces-{number:05}.tar"))
    }

    fn plan(&self, shard_size: usize) -> Result<PackJob, Error> {
        PackJob::plan(self.faces(), self.shards(), PackOptions { shard_size })
    }

    fn pack(&self, shard_size: usize) -> PackSummary {
        self.plan(shard_size).unwrap().run(|_| {}, &AtomicBool::new(false)).unwrap()
    }

    /// A tar file among the shards with these members, of which the content is that of the file, or the text if there is none.
    fn write_tar(&self, name: &str, members: &[(&str, &str)]) {
        fs::create_dir_all(self.shards()).unwrap();
        let mut tar = tar::Builder::new(fs::File::create(self.shards().join(name)).unwrap());
        for (member, content) in members {
            let bytes = fs::read(self.faces().join(content)).unwrap_or_else(|_| content.as_bytes().to_vec());
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, member, &*bytes).unwrap();
        }
        tar.finish().unwrap();
    }

    fn refused(&self, word: &str) {
        let error = Packed::find(self.shards()).map(drop).expect_err(word);
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
        assert!(error.to_string().contains(word), "{error}");
    }
}

const PEOPLE: [&str; 9] = [
    "Ada/1.png",
    "Ada/10.png",
    "Ada/2.png",
    "Ada/summer/1.png",
    "Bob B. Bob/1.png",
    "Bob B. Bob/2.png",
    "Zoë/Zoë.jpg",
    "bob/1.png",
    "bob/2.png",
];

/// All images of a folder as two epochs of a training see them.
fn seen(folder: &Path) -> (Vec<usize>, Vec<String>, Vec<Array4<f32>>) {
    let TrainingImages { paths, labels, names } = TrainingImages::open(folder).unwrap();
    let all: Vec<usize> = (0..paths.len()).rev().chain([0, 0]).collect();
    let options = FeedOptions {
        image_size: 16,
        augmentation: Augmentation { crop: true, flip: true, rotate: true },
        standardization: Standardization::PerImage,
        seed: 3,
        threads: 2,
    };
    let feed = Feed::new(paths, options).unwrap();
    (labels, names, [1, 2].map(|epoch| feed.batch(&all, epoch).unwrap()).into())
}

fn read_all(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.file_name().unwrap().into(), fs::read(&path).unwrap())).collect()
}

#[test]
fn shards_are_seen_as_the_folder_is() {
    let long = format!("Ada/{}.png", "x".repeat(150));
    let place = Place::new(&[&PEOPLE[..], &[&long]].concat());
    let summary = place.pack(4);
    assert_eq!((summary.images, summary.shards, summary.processed, summary.packed), (10, 3, 10, Some(10)));
    let wanted = seen(&place.faces());
    assert_eq!(wanted.1, ["Ada", "Bob B. Bob", "Zoë", "bob"]);
    assert_eq!(seen(&place.shards()), wanted);
    for number in 0..3 {
        fs::remove_file(place.shard(number).with_extension("index")).unwrap();
    }
    assert_eq!(seen(&place.shards()), wanted);
}

#[test]
fn more_shards_than_are_kept_open() {
    let names: Vec<String> = (0..300).map(|i| format!("{}/{i}.png", i % 2)).collect();
    let place = Place::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(place.pack(1).shards, 300);
    assert_eq!(seen(&place.shards()), seen(&place.faces()));
}

/// Runs GNU tar, which is how the shards of others look.
fn gnu_tar(arguments: &[&str]) -> Option<String> {
    let is_gnu =
        Command::new("tar").arg("--version").output().is_ok_and(|output| output.stdout.starts_with(b"tar (GNU"));
    if !is_gnu {
        skip("there is no GNU tar");
        return None;
    }
    let output = Command::new("tar").args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn gnu_tar_reads_the_bytes_that_were_packed() {
    let place = Place::new(&PEOPLE);
    place.pack(5);
    let out = place.root.path().join("out");
    fs::create_dir(&out).unwrap();
    for number in 0..2 {
        if gnu_tar(&["-xf", text(&place.shard(number)), "-C", text(&out)]).is_none() {
            return;
        }
    }
    for name in PEOPLE {
        assert_eq!(fs::read(out.join(name)).unwrap(), fs::read(place.faces().join(name)).unwrap());
        let label = fs::read_to_string(out.join(name).with_extension("cls")).unwrap();
        let person = ["Ada", "Bob B. Bob", "Zoë", "bob"].iter().position(|&person| name.starts_with(person)).unwrap();
        assert_eq!(label, person.to_string());
    }
    let listed = gnu_tar(&["--full-time", "--utc", "-tvf", text(&place.shard(0))]).unwrap();
    assert_eq!(listed.lines().count(), 10);
    assert!(
        listed.lines().all(|line| line.starts_with("-rw-r--r-- 0/0 ") && line.contains("1970-01-01 00:00:00")),
        "{listed}"
    );
}

#[test]
fn shards_of_gnu_tar_are_seen_as_the_folder_is() {
    let long = format!("{}/{}.png", "y".repeat(120), "x".repeat(150));
    let place = Place::new(&[&PEOPLE[..], &[&long]].concat());
    fs::create_dir(place.shards()).unwrap();
    let tar = place.shards().join("all.tar");
    for format in ["--format=gnu", "--format=posix"] {
        if gnu_tar(&[format, "-C", text(&place.faces()), "-cf", text(&tar), "."]).is_none() {
            return;
        }
        assert_eq!(seen(&place.shards()), seen(&place.faces()));
    }
}

#[test]
fn members_in_no_folder_have_their_class() {
    let place = Place::new(&["a/1.png", "b/2.png", "b/3.png"]);
    let one =
        [("000.png", "a/1.png"), ("000.cls", "7"), ("000.json", "{}"), ("001.cls", "12\n"), ("001.png", "b/2.png")];
    place.write_tar("one.tar", &one);
    place.write_tar("two.tar", &[("002.png", "b/3.png"), ("002.cls", "12")]);
    let images = TrainingImages::open(place.shards()).unwrap();
    assert_eq!((images.names, images.labels), (vec!["12".into(), "7".into()], vec![0, 0, 1]));
    let files: Vec<_> = images.paths.iter().map(|path| path.strip_prefix(place.shards()).unwrap()).collect();
    assert_eq!(files, ["one.tar/001.png", "two.tar/002.png", "one.tar/000.png"].map(Path::new));
}

#[test]
fn the_same_folder_gives_the_same_bytes() {
    let (one, other) = (Place::new(&PEOPLE), Place::new(&PEOPLE));
    one.pack(4);
    let few = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    few.install(|| other.pack(4));
    assert_eq!(read_all(&one.shards()), read_all(&other.shards()));
}

#[test]
fn a_run_that_was_stopped_goes_on() {
    let names: Vec<String> = (0..200).map(|i| format!("{}/{i}.png", i % 3)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (whole, place) = (Place::new(&names), Place::new(&names));
    whole.pack(70);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let cancel = AtomicBool::new(false);
    let stop = |so_far: &PackSummary| cancel.store(so_far.processed > 100, Ordering::Relaxed);
    let summary = pool.install(|| place.plan(70).unwrap().run(stop, &cancel).unwrap());
    assert!(summary.interrupted && summary.packed.is_none());
    assert_eq!(read_all(&place.shards()).len(), 2, "one shard with its index, and nothing besides");
    let first = fs::metadata(place.shard(0)).unwrap().modified().unwrap();
    let job = place.plan(70).unwrap();
    assert_eq!((job.summary().done_before, job.summary().remaining()), (70, 130));
    let summary = job.run(|_| {}, &AtomicBool::new(false)).unwrap();
    assert_eq!((summary.processed, summary.packed, summary.remaining()), (130, Some(200), 0));
    assert_eq!(fs::metadata(place.shard(0)).unwrap().modified().unwrap(), first);
    assert_eq!(read_all(&place.shards()), read_all(&whole.shards()));
    let summary = place.pack(70);
    assert_eq!((summary.processed, summary.packed), (0, Some(200)));
}

#[test]
fn what_is_no_image_is_left_out_and_listed() {
    let place = Place::new(&PEOPLE);
    fs::write(place.faces().join("Ada/2.png"), b"\x89PNG\r\n\x1a\nnothing").unwrap();
    fs::write(place.faces().join("bob/1.png"), b"").unwrap();
    let summary = place.pack(20);
    assert_eq!((summary.processed, summary.failed, summary.packed), (9, 2, Some(7)));
    let listed = fs::read_to_string(place.shards().join("failures.jsonl")).unwrap();
    let mut listed: Vec<serde_json::Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    listed.sort_by_key(|failure| failure["image"].to_string());
    assert_eq!(listed.iter().map(|failure| &failure["image"]).collect::<Vec<_>>(), ["Ada/2.png", "bob/1.png"]);
    assert!(listed[1]["reason"].as_str().unwrap().contains("empty"), "{listed:?}");
    // The list is that of all shards, not of the last run.
    fs::remove_file(place.shards().join("failures.jsonl")).unwrap();
    assert_eq!(place.pack(20).packed, Some(7));
    assert_eq!(fs::read_to_string(place.shards().join("failures.jsonl")).unwrap().lines().count(), 2);
    fs::remove_file(place.faces().join("Ada/2.png")).unwrap();
    fs::remove_file(place.faces().join("bob/1.png")).unwrap();
    assert_eq!(seen(&place.shards()), seen(&place.faces()));
}

#[test]
fn shards_of_something_else_are_not_written_over() {
    let place = Place::new(&PEOPLE);
    assert_eq!(place.plan(0).unwrap_err().kind(), ErrorKind::InvalidArgument);
    place.pack(5);
    let refused = |size: usize, word: &str| {
        let error = place.plan(size).expect_err(word);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains(word), "{error}");
    };
    refused(4, "faces-00000.tar");
    refused(9, "faces-00001.tar");
    fs::rename(place.shard(1).with_extension("index"), place.root.path().join("kept")).unwrap();
    refused(5, "faces-00001.tar");
    fs::rename(place.root.path().join("kept"), place.shard(1).with_extension("index")).unwrap();
    assert_eq!(place.plan(5).unwrap().summary().done_before, 9);
    place.write_tar("other.tar", &[]);
    refused(5, "other.tar");
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let place = Place::new(&PEOPLE);
    fs::write(place.shards(), b"a file").unwrap();
    let error = place.plan(5).and_then(|job| job.run(|_| {}, &AtomicBool::new(false))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains(text(&place.shards())), "{error}");
}

#[test]
fn what_cannot_be_trained_with_is_refused() {
    let place = Place::new(&PEOPLE);
    assert!(Packed::find(place.faces()).unwrap().is_none());
    assert_eq!(Packed::find(place.shards()).unwrap_err().kind(), ErrorKind::NotFound);
    place.write_tar("a.tar", &[("notes.txt", "nothing")]);
    place.refused("no image");
    place.write_tar("a.tar", &[("000.png", "Ada/1.png"), ("001.cls", "1")]);
    place.refused("a.tar/000.png");
    place.write_tar("a.tar", &[("Ada/1.png", "Ada/1.png"), ("Ada/2.png", "Ada/2.png")]);
    assert!(Packed::find(place.shards()).unwrap().is_some());
    place.write_tar("b.tar", &[("./Ada/2.png", "Ada/2.png")]);
    place.refused("b.tar/Ada/2.png");
    fs::remove_file(place.shards().join("b.tar")).unwrap();
    fs::create_dir(place.shards().join("Bob")).unwrap();
    place.refused("Bob");
}

#[test]
fn a_damaged_tar_file_is_refused() {
    let place = Place::new(&PEOPLE);
    let members = [("Ada/1.png", "Ada/1.png"), ("Ada/2.png", "Ada/2.png")];
    place.write_tar("a.tar", &members);
    let tar = place.shards().join("a.tar");
    let whole = fs::read(&tar).unwrap();
    let second = 512 + fs::metadata(place.faces().join("Ada/1.png")).unwrap().len().next_multiple_of(512) as usize;
    for (length, word) in [(second + 700, "a.tar"), (second + 100, "a.tar"), (second, "breaks off"), (0, "breaks off")]
    {
        fs::write(&tar, &whole[..length]).unwrap();
        place.refused(word);
    }
    fs::write(&tar, [&whole[..], &whole].concat()).unwrap();
    place.refused("joined");
    fs::write(&tar, [b"\x1f\x8b\x08\x00", &whole[4..]].concat()).unwrap();
    place.refused("not a tar file");
    fs::write(&tar, &whole).unwrap();
    assert!(Packed::find(place.shards()).unwrap().is_some());
    // A link to an image has no bytes of its own.
    let mut builder = tar::Builder::new(fs::File::create(&tar).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Link);
    header.set_size(0);
    builder.append_link(&mut header, "Ada/3.png", "Ada/1.png").unwrap();
    builder.finish().unwrap();
    drop(builder);
    place.refused("link");
}

#[test]
fn an_index_is_believed_only_of_its_own_tar_file() {
    let place = Place::new(&PEOPLE);
    place.pack(9);
    let index = fs::read_to_string(place.shard(0).with_extension("index")).unwrap();
    let wanted = seen(&place.faces());
    for damaged in [&index[..index.len() / 2], "", "{}\n", &index.replace("\"version\":1", "\"version\":2")] {
        fs::write(place.shard(0).with_extension("index"), damaged).unwrap();
        assert_eq!(seen(&place.shards()), wanted);
    }
    // Another tar file under its name.
    fs::write(place.shard(0).with_extension("index"), &index).unwrap();
    place.write_tar("faces-00000.tar", &PEOPLE.map(|name| (name, name)));
    assert_eq!(seen(&place.shards()), wanted);
}

#[test]
fn a_tar_file_that_changes_is_noticed() {
    let place = Place::new(&PEOPLE);
    place.pack(9);
    let TrainingImages { paths, .. } = TrainingImages::open(place.shards()).unwrap();
    let options = FeedOptions {
        image_size: 16,
        augmentation: Augmentation::default(),
        standardization: Standardization::Raw,
        seed: 0,
        threads: 1,
    };
    let feed = Feed::new(paths.clone(), options.clone()).unwrap();
    let all: Vec<usize> = (0..9).collect();
    feed.batch(&all, 1).unwrap();
    // One header in the middle says something else.
    let mut bytes = fs::read(place.shard(0)).unwrap();
    let index = fs::read_to_string(place.shard(0).with_extension("index")).unwrap();
    let line: serde_json::Value = serde_json::from_str(index.lines().nth(4).unwrap()).unwrap();
    bytes[line["offset"].as_u64().unwrap() as usize - 512 + 1] ^= 1;
    let changed = place.root.path().join("changed");
    fs::write(&changed, &bytes).unwrap();
    fs::copy(&changed, place.shard(0)).unwrap();
    for feed in [feed, Feed::new(paths.clone(), options.clone()).unwrap()] {
        let error = feed.batch(&all, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
        assert!(error.to_string().contains("faces-00000.index"), "{error}");
    }
    fs::remove_file(place.shard(0).with_extension("index")).unwrap();
    assert!(Packed::find(place.shards()).is_err());
    for (missing, kind) in
        [("faces-00000.tar/Ada/9.png", ErrorKind::NotFound), ("none.tar/Ada/1.png", ErrorKind::NotFound)]
    {
        let place = Place::new(&PEOPLE);
        place.pack(9);
        let feed = Feed::new(vec![place.shards().join(missing)], options.clone());
        let error = feed.and_then(|feed| feed.batch(&[0], 1)).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(missing), "{error}");
    }
}
