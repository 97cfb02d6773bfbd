//! How tar files of people are read, whoever made them.

use std::fs;
use std::path::Path;

use facenet::ErrorKind;
use facenet::model::Standardization;
use facenet::shards::ShardFolder;
use facenet::train::{Augmentation, Feed, FeedOptions, TrainingImages};
use proptest::prelude::*;
use testkit::shards::{PEOPLE, Place, gnu_tar, seen, text};

#[test]
fn shards_are_seen_as_the_folder_is() {
    let long = format!("Ada/{}.png", "x".repeat(150));
    let place = Place::new(&[&PEOPLE[..], &[&long]].concat());
    let summary = place.pack(4);
    assert_eq!((summary.job.images, summary.shards, summary.job.processed, summary.packed), (10, 3, 10, Some(10)));
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
fn what_cannot_be_trained_with_is_refused() {
    let place = Place::new(&PEOPLE);
    assert!(ShardFolder::find(place.faces()).unwrap().is_none());
    assert_eq!(ShardFolder::find(place.shards()).unwrap_err().kind(), ErrorKind::NotFound);
    place.write_tar("a.tar", &[("notes.txt", "nothing")]);
    place.refused("no image");
    place.write_tar("a.tar", &[("000.png", "Ada/1.png"), ("001.cls", "1")]);
    place.refused("a.tar/000.png");
    place.write_tar("a.tar", &[("Ada/1.png", "Ada/1.png"), ("Ada/2.png", "Ada/2.png")]);
    assert!(ShardFolder::find(place.shards()).unwrap().is_some());
    place.write_tar("b.tar", &[("./Ada/2.png", "Ada/2.png")]);
    place.refused("b.tar/Ada/2.png");
    fs::remove_file(place.shards().join("b.tar")).unwrap();
    place.write_tar("a.tar", &[("Ada/1.png", "Ada/1.png"), ("Ada/1.png", "Ada/2.png")]);
    place.refused("twice");
}

#[test]
fn shards_that_are_not_all_there_are_refused() {
    let place = Place::new(&PEOPLE);
    place.pack(3);
    let elsewhere = place.root.path().join("elsewhere");
    for number in 0..3 {
        fs::rename(place.shard(number), &elsewhere).unwrap();
        place.refused("2 of 3 shards");
        fs::rename(&elsewhere, place.shard(number)).unwrap();
    }
    // One without an index is there nevertheless.
    fs::remove_file(place.shard(1).with_extension("index")).unwrap();
    assert_eq!(seen(&place.shards()), seen(&place.faces()));
    // Those of another packing do not make up for it.
    let other = Place::new(&["Eve/1.png", "Eve/2.png", "Zed/1.png"]);
    other.pack(1);
    for ending in ["tar", "index"] {
        fs::copy(other.shard(1).with_extension(ending), place.shard(1).with_extension(ending)).unwrap();
    }
    place.refused("not packed together");
}

#[test]
fn what_stands_beside_shards_is_refused() {
    let place = Place::new(&PEOPLE);
    place.pack(9);
    for name in ["b.tar.gz", "b.TGZ", "b.tar.zst", "b.TAR", "1.png"] {
        fs::write(place.shards().join(name), b"something").unwrap();
        place.refused(name);
        place.plan_refused(9, ErrorKind::DatasetInvalid, name);
        fs::remove_file(place.shards().join(name)).unwrap();
    }
    fs::create_dir(place.shards().join(".hidden")).unwrap();
    assert!(ShardFolder::find(place.shards()).unwrap().is_some());
    fs::create_dir(place.shards().join("Bob")).unwrap();
    place.refused("Bob");
}

#[cfg(unix)]
#[test]
fn what_is_called_like_a_shard_is_not_passed_over() {
    let place = Place::new(&PEOPLE);
    place.pack(9);
    let other = place.shards().join("b.tar");
    std::os::unix::fs::symlink("nowhere", &other).unwrap();
    let error = ShardFolder::find(place.shards()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("b.tar"), "{error}");
    fs::remove_file(&other).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(&other).unwrap();
    place.refused("neither a file nor a folder");
}

#[test]
fn folders_may_be_called_like_shards() {
    let place = Place::new(&PEOPLE);
    place.pack(4);
    let folder = place.root.path().join("x.tar");
    fs::rename(place.shards(), &folder).unwrap();
    assert_eq!(seen(&folder), seen(&place.faces()));
    let place = Place::new(&["Ada.tar/1.png", "Bob/1.png"]);
    place.pack(4);
    assert_eq!(seen(&place.shards()), seen(&place.faces()));
}

#[test]
fn a_class_that_cannot_be_read_is_named() {
    let place = Place::new(&PEOPLE);
    fs::write(place.faces().join("latin"), b"Zo\xeb").unwrap();
    for (class, word) in [("latin", "a.tar/000.cls is not a text"), (&*"7".repeat(300), "a.tar/000.cls is longer")] {
        place.write_tar("a.tar", &[("000.png", "Ada/1.png"), ("000.cls", class)]);
        place.refused(word);
    }
}

#[test]
fn folders_that_are_no_people_are_refused() {
    let place = Place::new(&PEOPLE);
    let sample = |number: &str, image: &'static str, class: &'static str| {
        [(format!("{number}.png"), image), (format!("{number}.cls"), class)]
    };
    let write = |tar: &str, samples: &[[(String, &str); 2]]| {
        let members: Vec<(&str, &str)> = samples.iter().flatten().map(|(name, content)| (&**name, *content)).collect();
        place.write_tar(tar, &members);
    };
    // Keys such as those of img2dataset: the folder is a part of the set.
    write("a.tar", &[sample("00003/000001", "Ada/1.png", "1"), sample("00003/000002", "bob/1.png", "2")]);
    place.refused("a.tar/00003/000002.png has class 2");
    write("a.tar", &[sample("00003/000001", "Ada/1.png", "1")]);
    write("b.tar", &[sample("00003/000002", "bob/1.png", "2")]);
    place.refused("00003");
    write("b.tar", &[sample("00004/000002", "bob/1.png", "1")]);
    place.refused("00004");
    write("b.tar", &[sample("00004/000002", "bob/1.png", "2"), sample("00004/000003", "bob/2.png", "2")]);
    assert_eq!(TrainingImages::open(place.shards()).unwrap().labels, [0, 1, 1]);
    fs::remove_file(place.shards().join("b.tar")).unwrap();
    // tar -cf a.tar faces
    place.write_tar("a.tar", &[("faces/Ada/1.png", "Ada/1.png"), ("faces/bob/1.png", "bob/1.png")]);
    place.refused("tar -C faces");
    place.write_tar("b.tar", &[("other/Eve/1.png", "Ada/1.png")]);
    assert_eq!(TrainingImages::open(place.shards()).unwrap().names, ["faces", "other"]);
}

#[test]
fn files_with_holes_are_refused() {
    let place = Place::new(&PEOPLE);
    fs::OpenOptions::new().write(true).open(place.faces().join("Ada/1.png")).unwrap().set_len(1 << 20).unwrap();
    fs::create_dir(place.shards()).unwrap();
    let tar = place.shards().join("all.tar");
    for format in ["--format=gnu", "--format=posix"] {
        let made = gnu_tar(&[
            format,
            "--sparse",
            "--hole-detection=raw",
            "-C",
            text(&place.faces()),
            "-cf",
            text(&tar),
            "Ada/1.png",
            "Ada/2.png",
        ]);
        if made.is_none() {
            return;
        }
        place.refused("is stored with holes");
    }
}

#[test]
fn headers_without_sense_are_refused() {
    let place = Place::new(&PEOPLE);
    fs::create_dir(place.shards()).unwrap();
    let tar = place.shards().join("a.tar");
    let header = |name: &str, kind: tar::EntryType, size: u64| {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        header.as_bytes().to_vec()
    };
    for size in [u64::MAX, u64::MAX - 511, u64::MAX - 512, u64::MAX / 2, (1 << 63) - 1, 1 << 40] {
        for kind in [tar::EntryType::Regular, tar::EntryType::GNULongName, tar::EntryType::XHeader] {
            fs::write(&tar, [header("Ada/1.png", kind, size), vec![0; 2048]].concat()).unwrap();
            place.refused("a.tar");
        }
    }
    let (long, image) = (2 << 20, header("Ada/1.png", tar::EntryType::Regular, 0));
    let name = header("././@LongLink", tar::EntryType::GNULongName, long);
    fs::write(&tar, [name, vec![b'a'; long as usize], image, vec![0; 1024]].concat()).unwrap();
    place.refused("longer than 1 MiB");
}

proptest! {
    #[test]
    fn whatever_a_tar_file_holds_is_read_or_refused(
        changes in prop::collection::vec((0_usize..8192, any::<u8>()), 0..6),
        length in prop::option::of(0_usize..8192),
        format in prop::sample::select(vec!["pax", "gnu"]),
    ) {
        let place = Place::new(&["Ada/1.png"]);
        fs::create_dir(place.shards()).unwrap();
        let mut tar = tar::Builder::new(Vec::new());
        let long = format!("Ada/{}.png", "x".repeat(120));
        for (name, bytes) in [("Ada/1.png", &b"one"[..]), ("Ada/1.cls", b"1"), (&long, b"another")] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            if format == "pax" {
                header = tar::Header::new_ustar();
                header.set_size(bytes.len() as u64);
                tar.append_pax_extensions([("mtime", &b"1.5"[..]), ("path", name.as_bytes())]).unwrap();
            }
            tar.append_data(&mut header, name, bytes).unwrap();
        }
        let mut bytes = tar.into_inner().unwrap();
        for (at, value) in changes {
            let count = bytes.len();
            bytes[at % count] = value;
        }
        // Headers whose sum is right get further.
        for block in bytes.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        bytes.truncate(length.unwrap_or(usize::MAX));
        fs::write(place.shards().join("a.tar"), bytes).unwrap();
        if let Err(error) = TrainingImages::open(place.shards()) {
            prop_assert_eq!(error.kind(), ErrorKind::DatasetInvalid, "{}", error);
        }
    }
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
    assert!(ShardFolder::find(place.shards()).unwrap().is_some());
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
    let elsewhere = |path: &str| index.replacen("\"Ada/2.png\"", &format!("{path:?}"), 1);
    let outside = fs::canonicalize(place.faces()).unwrap().join("bob/2.png");
    for damaged in [
        &index[..index.len() / 2],
        "",
        "{}\n",
        &index.replace("\"version\":1", "\"version\":2"),
        &elsewhere(outside.to_str().unwrap()),
        &elsewhere("Ada/../../faces/bob/2.png"),
        // An image that is longer than the tar file.
        &index.replacen("\"length\":", "\"length\":9", 3).replacen("\"length\":9", "\"length\":", 1),
    ] {
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
    let feed = Feed::new(paths.clone(), options.clone()).unwrap();
    fs::OpenOptions::new().write(true).open(place.shard(0)).unwrap().set_len(700).unwrap();
    let error = feed.batch(&all, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
    assert!(error.to_string().contains("has changed"), "{error}");
    fs::copy(&changed, place.shard(0)).unwrap();
    fs::remove_file(place.shard(0).with_extension("index")).unwrap();
    assert!(ShardFolder::find(place.shards()).is_err());
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
