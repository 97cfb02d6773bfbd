//! Packing folders of people into tar files.

use std::fs;
use std::path::{Path, PathBuf};

use facenet::ErrorKind;
use facenet::Watch;
use facenet::shards::{PackJob, PackOptions};
use facenet::train::TrainingImages;
use testkit::shards::{PEOPLE, Place, gnu_tar, read_all, seen, text};

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
    let summary = place.pack_some(70, 100);
    assert!(summary.job.interrupted && summary.packed.is_none());
    assert_eq!((summary.job.processed, summary.job.remaining()), (70, 130));
    place.refused("1 of 3 shards");
    assert_eq!(read_all(&place.shards()).len(), 2, "one shard with its index, and nothing besides");
    let first = fs::metadata(place.shard(0)).unwrap().modified().unwrap();
    let job = place.plan(70).unwrap();
    assert_eq!((job.summary().job.done_before, job.summary().job.remaining()), (70, 130));
    let summary = job.run(&Watch::none()).unwrap();
    assert_eq!((summary.job.processed, summary.packed, summary.job.remaining()), (130, Some(200), 0));
    assert_eq!(fs::metadata(place.shard(0)).unwrap().modified().unwrap(), first);
    assert_eq!(read_all(&place.shards()), read_all(&whole.shards()));
    let summary = place.pack(70);
    assert_eq!((summary.job.processed, summary.packed), (0, Some(200)));
}

#[test]
fn what_is_no_image_is_left_out_and_listed() {
    let place = Place::new(&PEOPLE);
    fs::write(place.faces().join("Ada/2.png"), b"\x89PNG\r\n\x1a\nnothing").unwrap();
    fs::write(place.faces().join("bob/1.png"), b"").unwrap();
    let summary = place.pack(20);
    assert_eq!((summary.job.processed, summary.job.failed, summary.packed), (9, 2, Some(7)));
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
    let refused = |size, word| place.plan_refused(size, ErrorKind::InvalidArgument, word);
    refused(4, "faces-00000.tar");
    refused(9, "faces-00000.tar");
    fs::rename(place.shard(1).with_extension("index"), place.root.path().join("kept")).unwrap();
    refused(5, "faces-00001.tar");
    fs::rename(place.root.path().join("kept"), place.shard(1).with_extension("index")).unwrap();
    assert_eq!(place.plan(5).unwrap().summary().job.done_before, 9);
    place.write_tar("other.tar", &[]);
    refused(5, "other.tar");
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let place = Place::new(&PEOPLE);
    fs::write(place.shards(), b"a file").unwrap();
    let error = place.plan(5).and_then(|job| job.run(&Watch::none())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains(text(&place.shards())), "{error}");
}

#[test]
fn shards_are_not_written_among_people() {
    let place = Place::new(&PEOPLE);
    let options = PackOptions::default();
    for output in [place.faces(), place.root.path().into(), place.faces().join("Ada/..")] {
        let error = PackJob::plan(place.faces(), output, options.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
    fs::create_dir_all(place.shards().join("Eve")).unwrap();
    place.plan_refused(9, ErrorKind::DatasetInvalid, "Eve");
    let inside = place.faces().join("shards");
    PackJob::plan(place.faces(), &inside, options).unwrap().run(&Watch::none()).unwrap();
    assert_eq!(seen(&inside).1, ["Ada", "Bob B. Bob", "Zoë", "bob"]);
}

#[test]
fn a_damaged_shard_is_not_taken_for_made() {
    let place = Place::new(&PEOPLE);
    place.pack(4);
    let whole = fs::read(place.shard(1)).unwrap();
    for damaged in [&whole[..whole.len() - 512], &[&[1], &whole[1..]].concat()] {
        fs::write(place.shard(1), damaged).unwrap();
        place.plan_refused(4, ErrorKind::DatasetInvalid, "faces-00001.tar is damaged");
    }
    fs::remove_file(place.shard(1)).unwrap();
    assert_eq!(place.pack(4).job.processed, 4);
    assert_eq!(fs::read(place.shard(1)).unwrap(), whole);
}

#[test]
fn a_file_that_cannot_be_read_ends_the_run() {
    let place = Place::new(&PEOPLE);
    place.pack_some(1, 4);
    let made = read_all(&place.shards());
    let job = place.plan(1).unwrap();
    assert_eq!((job.summary().job.done_before, job.summary().job.remaining()), (5, 4));
    let left = |name: &&&str| !made.iter().any(|(_, bytes)| bytes.windows(name.len()).any(|w| w == name.as_bytes()));
    let last = place.faces().join(PEOPLE.iter().find(left).unwrap());
    let kept = fs::read(&last).unwrap();
    fs::remove_file(&last).unwrap();
    let error = job.run(&Watch::none()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let message = error.to_string();
    assert!(message.contains("run it again") && message.contains(text(&last)), "{message}");
    fs::write(&last, kept).unwrap();
    assert_eq!(place.pack(1).packed, Some(9));
    assert_eq!(seen(&place.shards()), seen(&place.faces()));
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let place = Place::new(&PEOPLE);
    fs::create_dir(place.shards()).unwrap();
    fs::write(place.shards().join(".facenet-pack-a1B2c3"), b"half").unwrap();
    fs::write(place.shards().join(".other"), b"of somebody else").unwrap();
    place.pack(9);
    let names: Vec<PathBuf> = read_all(&place.shards()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, [".other", "faces-00000.index", "faces-00000.tar", "failures.jsonl"].map(PathBuf::from));
}

#[cfg(unix)]
#[test]
fn folders_that_cannot_be_read_are_counted_and_listed() {
    let place = Place::new(&PEOPLE);
    std::os::unix::fs::symlink("nowhere", place.faces().join("Zed")).unwrap();
    let summary = place.pack(9);
    assert_eq!((summary.job.unreadable, summary.job.failed, summary.packed), (1, 0, Some(9)));
    let listed = fs::read_to_string(place.shards().join("failures.jsonl")).unwrap();
    assert!(listed.starts_with("{\"image\":\"Zed\",") && listed.lines().count() == 1, "{listed}");
    let problems = TrainingImages::open(place.faces()).unwrap().problems;
    assert_eq!(problems.iter().map(|problem| &*problem.path).collect::<Vec<_>>(), [Path::new("Zed")]);
}
