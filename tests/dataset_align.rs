//! The alignment job, with workers that need no model.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use facenet::Watch;
use facenet::dataset::{AlignJob, AlignOptions, AlignSummary, AlignedFace, Order, Partition};
use facenet::{Error, ErrorKind, Image, Result};

/// A folder of images whose first pixel says how many faces they "show".
struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    fn new(images: &[(&str, u8)]) -> Self {
        let folder = Self { dir: tempfile::tempdir().unwrap() };
        for (name, faces) in images {
            folder.add(name, *faces);
        }
        folder
    }

    fn numbered(count: usize) -> Self {
        let names: Vec<String> = (0..count).map(|i| format!("Name_{}/Name_{i:04}.png", i / 3)).collect();
        Self::new(&names.iter().map(|name| (name.as_str(), 1)).collect::<Vec<_>>())
    }

    fn input(&self) -> PathBuf {
        self.dir.path().join("in")
    }

    fn output(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn add(&self, name: impl AsRef<Path>, faces: u8) {
        let path = self.input().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let pixels = image::RgbImage::from_pixel(8, 6, image::Rgb([faces; 3]));
        pixels.save_with_format(&path, image::ImageFormat::Png).unwrap();
    }

    fn run(&self, options: &AlignOptions) -> AlignSummary {
        self.run_with(options, count_faces).unwrap()
    }

    fn run_with(
        &self,
        options: &AlignOptions,
        worker: impl Fn(&[Image]) -> Result<Vec<Result<Vec<AlignedFace>>>> + Sync,
    ) -> Result<AlignSummary> {
        let job = AlignJob::plan(self.input(), self.output(), options)?;
        job.run(&pool(), worker, &Watch::none())
    }

    /// Everything in the output folder but the records of the runs.
    fn written(&self) -> BTreeSet<String> {
        files(&self.output()).into_iter().filter(|name| !is_record(name)).collect()
    }

    /// The lines of all files whose names begin so.
    fn lines(&self, prefix: &str) -> Vec<String> {
        let names = files(&self.output()).into_iter().filter(|name| name.starts_with(prefix));
        names.flat_map(|name| read_lines(&self.output().join(name))).collect()
    }
}

fn files(folder: &Path) -> Vec<String> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(|entry| entry.ok());
    let files = walk.filter(|entry| entry.file_type().is_file());
    files.map(|entry| entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned()).collect()
}

fn read_lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(String::from).collect()
}

fn is_record(name: &str) -> bool {
    name.starts_with("align_report_") || name.starts_with("bounding_boxes_")
}

fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap()
}

/// As many faces as the first pixel says; 255 is an error.
fn count_faces(images: &[Image]) -> Result<Vec<Result<Vec<AlignedFace>>>> {
    Ok(images.iter().map(faces_of).collect())
}

fn faces_of(image: &Image) -> Result<Vec<AlignedFace>> {
    let count = image.data()[0];
    if count == 255 {
        return Err(Error::new(ErrorKind::ImageUnsupported, "not for this worker"));
    }
    let face = |i: u8| AlignedFace {
        crop: Image::from_rgb(2, 2, vec![i; 12]).unwrap(),
        bounding_box: [i32::from(i), 1, image.width() as i32, image.height() as i32],
    };
    Ok((0..count).map(face).collect())
}

fn multiple() -> AlignOptions {
    AlignOptions { multiple_faces: true, ..AlignOptions::default() }
}

#[test]
fn faces_are_written_beside_the_lines_of_the_original() {
    let folder = Folder::new(&[("Ada/Ada_0001.jpg", 2), ("Bob/Bob_0001.jpg", 0), ("lone.png", 1)]);
    let summary = folder.run(&AlignOptions::default());

    assert_eq!(folder.written(), BTreeSet::from(["Ada/Ada_0001.png".into(), "lone.png".into()]));
    let crop = Image::open(folder.output().join("Ada/Ada_0001.png")).unwrap();
    assert_eq!((crop.width(), crop.height(), crop.data()), (2, 2, &[0_u8; 12][..]));

    let output = folder.output();
    let mut expected = vec![
        format!("{} 0 1 8 6", output.join("Ada/Ada_0001.png").display()),
        format!("{}", output.join("Bob/Bob_0001.png").display()),
        format!("{} 0 1 8 6", output.join("lone.png").display()),
    ];
    expected.sort();
    let mut lines = read_lines(summary.bounding_boxes.as_ref().unwrap());
    lines.sort();
    assert_eq!(lines, expected);

    assert_eq!((summary.job.images, summary.aligned, summary.faces, summary.no_face), (3, 2, 2, 1));
    assert_eq!((summary.job.remaining(), summary.job.interrupted), (0, false));
    let name = summary.bounding_boxes.unwrap().file_stem().unwrap().to_str().unwrap().to_owned();
    let number = name.strip_prefix("bounding_boxes_").unwrap();
    assert!(number.len() == 5 && number.parse::<u32>().is_ok(), "{name}");
}

#[test]
fn several_faces_are_numbered() {
    let folder = Folder::new(&[("Ada/a.jpg", 3), ("Ada/b.jpg", 1), ("Ada/c.jpg", 0)]);
    let summary = folder.run(&multiple());
    let expected = ["Ada/a_0.png", "Ada/a_1.png", "Ada/a_2.png", "Ada/b_0.png"].map(String::from);
    assert_eq!(folder.written(), BTreeSet::from(expected));
    assert_eq!(Image::open(folder.output().join("Ada/a_2.png")).unwrap().data(), [2; 12]);
    assert_eq!((summary.aligned, summary.faces, summary.no_face), (2, 4, 1));
    assert!(folder.lines("bounding_boxes").contains(&format!("{}", folder.output().join("Ada/c.png").display())));

    let again = folder.run(&multiple());
    assert_eq!((again.job.done_before, again.failed_before, again.job.processed), (2, 1, 0));

    // The first face is written last: without it, the others are from a run that was killed.
    fs::remove_file(folder.output().join("Ada/a_0.png")).unwrap();
    assert_eq!(folder.run(&multiple()).faces, 3);
}

#[test]
fn a_second_run_does_only_what_is_left() {
    let folder = Folder::new(&[("A/a.png", 1), ("A/none.png", 0), ("A/odd.png", 255)]);
    fs::write(folder.input().join("A/broken.jpg"), b"these are no pixels").unwrap();
    let first = folder.run(&AlignOptions::default());
    assert_eq!((first.job.images, first.aligned, first.no_face, first.broken), (4, 1, 1, 2));

    let report = folder.lines("align_report");
    let entry = |name: &str| -> serde_json::Value {
        let line = report.iter().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name} in {report:?}"));
        serde_json::from_str(line).unwrap()
    };
    assert_eq!(entry("A/none.png")["status"], "no_face");
    assert_eq!(entry("A/broken.jpg")["status"], "broken");
    assert!(entry("A/broken.jpg")["reason"].as_str().unwrap().len() > 5);
    assert_eq!(entry("A/odd.png")["reason"], "not for this worker");

    folder.add("A/new.png", 1);
    let second = folder.run(&AlignOptions::default());
    assert_eq!((second.job.done_before, second.failed_before, second.aligned), (1, 3, 1));
    assert_eq!(second.job.processed, 1);

    let before = files(&folder.output());
    let third = folder.run(&AlignOptions::default());
    assert_eq!((third.job.processed, third.report), (0, None));
    assert_eq!(files(&folder.output()), before, "a run with nothing to do leaves nothing");

    folder.add("A/broken.jpg", 1);
    let retried = folder.run(&AlignOptions { retry_failed: true, ..AlignOptions::default() });
    assert_eq!((retried.aligned, retried.no_face, retried.broken), (1, 1, 1));
}

#[test]
fn a_plan_writes_nothing() {
    let folder = Folder::new(&[("A/a.jpg", 1), ("A/b.jpg", 1)]);
    let job = AlignJob::plan(folder.input(), folder.output(), &multiple()).unwrap();
    let pending: Vec<_> = job.pending().collect();
    assert_eq!(pending[0], (folder.input().join("A/a.jpg"), folder.output().join("A/a_0.png")));
    assert_eq!(job.summary().job.remaining(), 2);
    assert!(!folder.output().exists());
}

#[test]
fn cancelling_between_batches_keeps_what_is_finished() {
    let folder = Folder::numbered(40);
    let options = AlignOptions { batch: 4, ..AlignOptions::default() };
    let job = AlignJob::plan(folder.input(), folder.output(), &options).unwrap();
    let cancel = AtomicBool::new(false);
    let stop = |done, _| {
        if done >= 8 {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let summary = job.run(&pool(), count_faces, &Watch::new(&stop, &cancel)).unwrap();
    assert!(summary.job.interrupted && summary.job.remaining() > 0, "{summary:?}");
    assert!(summary.aligned >= 8, "{summary:?}");
    assert_eq!(folder.written().len() as u64, summary.aligned);
    for name in folder.written() {
        assert_eq!(Image::open(folder.output().join(&name)).unwrap().width(), 2, "{name}");
    }

    let rest = folder.run(&options);
    assert_eq!((rest.job.done_before, rest.aligned), (summary.aligned, 40 - summary.aligned));
    assert_eq!(folder.lines("bounding_boxes").len(), 40);
}

#[test]
fn a_worker_may_give_up_when_cancelled() {
    let folder = Folder::numbered(9);
    let job = AlignJob::plan(folder.input(), folder.output(), &AlignOptions::default()).unwrap();
    let cancel = AtomicBool::new(false);
    let worker = |_: &[Image]| {
        cancel.store(true, Ordering::Relaxed);
        Err(Error::new(ErrorKind::Cancelled, "interrupted"))
    };
    let summary = job.run(&pool(), worker, &Watch::new(&|_, _| {}, &cancel)).unwrap();
    assert_eq!((summary.job.interrupted, summary.job.remaining(), summary.report), (true, 9, None));
    assert!(files(&folder.output()).is_empty());
    assert_eq!(folder.run(&AlignOptions::default()).aligned, 9);
}

#[test]
fn a_failing_worker_stops_the_job_and_loses_nothing() {
    let folder = Folder::numbered(20);
    let calls = AtomicUsize::new(0);
    let options = AlignOptions { batch: 3, ..AlignOptions::default() };
    let failing = |images: &[Image]| match calls.fetch_add(1, Ordering::Relaxed) {
        3 => Err(Error::new(ErrorKind::Inference, "the card is on fire")),
        _ => count_faces(images),
    };
    let error = folder.run_with(&options, failing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Inference);
    assert!(error.to_string().contains("the card is on fire"), "{error}");
    assert_eq!(folder.written().len(), 9);
    assert_eq!(folder.run(&options).aligned, 11);
}

#[test]
fn a_worker_that_miscounts_is_an_error() {
    let folder = Folder::numbered(3);
    let error = folder.run_with(&AlignOptions::default(), |_| Ok(vec![])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
}

#[test]
fn shards_divide_the_work() {
    let folder = Folder::numbered(60);
    let mut total = 0;
    for index in 1..=4 {
        let options = AlignOptions { shard: Partition::new(index, 4).unwrap(), ..AlignOptions::default() };
        let summary = folder.run(&options);
        assert_eq!(summary.job.done_before, 0, "no image belongs to two parts");
        assert_eq!(summary.job.images, summary.aligned);
        total += summary.aligned;
    }
    assert_eq!((total, folder.written().len()), (60, 60));
}

#[test]
fn processes_may_share_an_output_folder() {
    let folder = Folder::numbered(90);
    let run = |seed| {
        let options = AlignOptions { order: Order::Random { seed }, batch: 5, ..AlignOptions::default() };
        folder.run(&options)
    };
    let (a, b) = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(1));
        (run(2), other.join().unwrap())
    });
    assert_eq!(folder.written().len(), 90);
    assert!(a.aligned + b.aligned >= 90);
    assert_eq!((a.job.remaining(), b.job.remaining()), (0, 0));
    assert!(files(&folder.output()).iter().all(|name| !name.ends_with(".tmp")));
}

#[test]
fn the_seed_decides_the_order() {
    let folder = Folder::numbered(30);
    let order = |order| {
        let options = AlignOptions { order, ..AlignOptions::default() };
        let job = AlignJob::plan(folder.input(), folder.output(), &options).unwrap();
        job.pending().map(|(input, _)| input).collect::<Vec<_>>()
    };
    let sorted = order(Order::Sorted);
    assert!(sorted.is_sorted());
    let shuffled = order(Order::Random { seed: 7 });
    assert_eq!(shuffled, order(Order::Random { seed: 7 }));
    assert_ne!(shuffled, order(Order::Random { seed: 8 }));
    assert_ne!(shuffled, sorted);
    assert_eq!(BTreeSet::from_iter(shuffled), BTreeSet::from_iter(sorted));
}

#[test]
fn images_with_the_same_output_are_reported() {
    let folder = Folder::new(&[("A/a.jpg", 1), ("A/a.png", 2), ("B/a.png", 1)]);
    let summary = folder.run(&multiple());
    assert_eq!((summary.job.images, summary.aligned, summary.duplicates, summary.job.remaining()), (3, 2, 1, 0));
    assert_eq!(folder.written(), BTreeSet::from(["A/a_0.png".into(), "B/a_0.png".into()]));
    let report = folder.lines("align_report");
    assert!(report.iter().any(|line| line.contains("A/a.png") && line.contains("A/a.jpg")), "{report:?}");
}

#[test]
fn other_settings_need_another_folder() {
    let folder = Folder::new(&[("A/a.jpg", 1)]);
    let options = |size: &str| AlignOptions {
        settings: [("image_size".to_string(), size.to_string())].into(),
        ..AlignOptions::default()
    };
    folder.run(&options("160"));
    let error = AlignJob::plan(folder.input(), folder.output(), &options("182")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("image_size 160, not 182"), "{error}");
    assert_eq!(folder.run(&options("160")).job.done_before, 1);
}

#[test]
fn one_face_and_several_need_folders_of_their_own() {
    let folder = Folder::new(&[("A/a.jpg", 2), ("A/a_1.jpg", 1)]);
    folder.run(&AlignOptions::default());
    let error = AlignJob::plan(folder.input(), folder.output(), &multiple()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("detect_multiple_faces false, not true"), "{error}");
    assert_eq!(folder.run(&AlignOptions::default()).job.done_before, 2);
}

#[test]
fn another_way_of_looking_tries_failures_again() {
    let folder = Folder::new(&[("A/a.jpg", 1), ("A/none.jpg", 0), ("A/odd.jpg", 255)]);
    let looking = |size: &str| AlignOptions {
        detection: [("min_face_size".to_string(), size.to_string())].into(),
        ..AlignOptions::default()
    };
    let counts = |summary: AlignSummary| (summary.job.done_before, summary.failed_before, summary.job.processed);
    assert_eq!(counts(folder.run(&looking("20"))), (0, 0, 3));
    assert_eq!(counts(folder.run(&looking("20"))), (1, 2, 0));
    assert_eq!(counts(folder.run(&looking("10"))), (1, 0, 2));
    assert_eq!(counts(folder.run(&looking("10"))), (1, 2, 0));
    assert_eq!(counts(folder.run(&looking("20"))), (1, 2, 0), "its own report is still there");
}

#[test]
fn folders_without_images_and_folders_onto_themselves_are_refused() {
    let folder = Folder::new(&[]);
    fs::create_dir_all(folder.input().join("Ada")).unwrap();
    let plan = |output: PathBuf| AlignJob::plan(folder.input(), output, &AlignOptions::default()).unwrap_err();
    assert_eq!(plan(folder.output()).kind(), ErrorKind::DatasetInvalid);
    folder.add("Ada/a.jpg", 1);
    assert_eq!(plan(folder.input().join("Ada/..")).kind(), ErrorKind::InvalidArgument);
}

#[test]
fn an_output_folder_inside_the_input_folder_is_not_read() {
    let folder = Folder::new(&[("A/a.jpg", 1)]);
    let output = folder.input().join("aligned");
    for done_before in [0, 1] {
        let job = AlignJob::plan(folder.input(), &output, &AlignOptions::default()).unwrap();
        let summary = job.run(&pool(), count_faces, &Watch::none()).unwrap();
        assert_eq!((summary.job.images, summary.job.done_before), (1, done_before));
    }
}

#[test]
fn empty_outputs_and_torn_reports_of_a_crash_are_overcome() {
    let folder = Folder::new(&[("A/a.jpg", 1), ("A/b.jpg", 0), ("A/c.jpg", 0)]);
    folder.run(&AlignOptions::default());
    fs::write(folder.output().join("A/a.png"), b"").unwrap();
    let report = files(&folder.output()).into_iter().find(|name| name.starts_with("align_report")).unwrap();
    let report = folder.output().join(report);
    let text = fs::read(&report).unwrap();
    fs::write(&report, &text[..text.len() - 5]).unwrap();

    let summary = folder.run(&AlignOptions::default());
    assert_eq!((summary.aligned, summary.failed_before, summary.no_face), (1, 1, 1));
}

#[test]
fn left_over_temporaries_go_but_those_of_the_living_stay() {
    let folder = Folder::new(&[("A/a.jpg", 1)]);
    fs::create_dir_all(folder.output().join("A")).unwrap();
    fs::write(folder.output().join("align_report_00042.jsonl"), "{\"settings\":{}}\n").unwrap();
    let living = fs::File::create(folder.output().join("align_report_00043.jsonl")).unwrap();
    living.lock().unwrap();
    for name in [".facenet-00042-dead.tmp", ".facenet-00043-alive.tmp", ".facenet-00044-lost.tmp", ".other.tmp"] {
        fs::write(folder.output().join("A").join(name), b"half a pict").unwrap();
    }
    folder.run(&AlignOptions::default());
    let expected = ["A/.facenet-00043-alive.tmp", "A/.other.tmp", "A/a.png"].map(String::from);
    assert_eq!(folder.written(), BTreeSet::from(expected));
}

#[test]
fn an_output_folder_that_goes_away_is_an_error() {
    let folder = Folder::new(&[("A/a.jpg", 1), ("B/b.jpg", 0)]);
    let none = |images: &[Image]| {
        let _ = fs::remove_dir_all(folder.output());
        Ok(images.iter().map(|_| Ok(Vec::new())).collect())
    };
    let error = folder.run_with(&AlignOptions::default(), none).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("was removed while the job ran"), "{error}");
}

#[test]
fn names_of_any_kind_are_kept() {
    let names = ["Jürgen von Übel/höchst seltsam.jpg", "名前/写真 1.jpg", "two\nlines/a.jpg", "dots/v1.2.final.jpg"];
    let folder = Folder::new(&names.map(|name| (name, 1)));
    folder.run(&AlignOptions::default());
    let expected = names.map(|name| name.replace(".jpg", ".png"));
    assert_eq!(folder.written(), BTreeSet::from(expected));
    assert_eq!(folder.lines("bounding_boxes").len(), names.len());
}

#[cfg(unix)]
#[test]
fn names_that_are_no_unicode_are_kept_and_resumed() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new(&[]);
    folder.add(Path::new(OsStr::from_bytes(b"J\xfcrgen/\xe4.jpg")), 1);
    folder.add(Path::new(OsStr::from_bytes(b"J\xfcrgen/\xf6.jpg")), 0);
    let first = folder.run(&AlignOptions::default());
    assert_eq!((first.aligned, first.no_face), (1, 1));
    assert!(folder.output().join(OsStr::from_bytes(b"J\xfcrgen/\xe4.png")).exists());
    let boxes = fs::read(first.bounding_boxes.unwrap()).unwrap();
    assert!(boxes.windows(8).any(|window| window == b"J\xfcrgen/\xe4"), "{}", boxes.escape_ascii());
    let second = folder.run(&AlignOptions::default());
    assert_eq!((second.job.done_before, second.failed_before), (1, 1));
}

#[cfg(unix)]
#[test]
fn a_name_too_long_for_its_number_is_only_this_image() {
    let long = format!("A/{}.jpg", "x".repeat(250));
    let folder = Folder::new(&[(&long, 1), ("A/short.jpg", 1)]);
    let summary = folder.run(&multiple());
    assert_eq!((summary.aligned, summary.broken), (1, 1));
}

#[cfg(unix)]
#[test]
fn faces_can_be_read_by_whom_other_files_can() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new(&[("A/a.jpg", 1)]);
    folder.run(&AlignOptions::default());
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    fs::write(folder.dir.path().join("plain"), b"").unwrap();
    assert_eq!(mode(folder.output().join("A/a.png")), mode(folder.dir.path().join("plain")));
}

#[test]
fn an_output_that_cannot_be_a_folder_is_an_error_before_any_work() {
    let folder = Folder::new(&[("A/a.jpg", 1)]);
    let file = folder.dir.path().join("file");
    fs::write(&file, b"").unwrap();
    for output in [file.clone(), file.join("below")] {
        let called = AtomicBool::new(false);
        let worker = |images: &[Image]| {
            called.store(true, Ordering::Relaxed);
            count_faces(images)
        };
        let result = AlignJob::plan(folder.input(), &output, &AlignOptions::default())
            .and_then(|job| job.run(&pool(), worker, &Watch::none()));
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().starts_with(&format!("{} is a file, not a folder", file.display())), "{error}");
        assert!(!called.load(Ordering::Relaxed));
    }
}

#[cfg(target_os = "linux")]
mod small_disks {
    use std::process::Command;

    use super::*;

    /// A mounted tmpfs that goes away again.
    struct Mount(PathBuf);

    impl Mount {
        fn new(path: PathBuf, options: &str) -> Option<Self> {
            fs::create_dir_all(&path).unwrap();
            let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&path).output();
            if !mounted.is_ok_and(|output| output.status.success()) {
                eprintln!("skipped: a file system cannot be mounted here");
                return None;
            }
            Some(Self(path))
        }
    }

    impl Drop for Mount {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(&self.0).status();
        }
    }

    #[test]
    fn a_full_disk_is_an_error_and_leaves_only_whole_files() {
        let folder = Folder::numbered(60);
        let Some(_mount) = Mount::new(folder.output(), "size=64k") else { return };
        let big = |images: &[Image]| -> Result<Vec<Result<Vec<AlignedFace>>>> {
            let noise: Vec<u8> = (0..3 * 40 * 40_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            let crop = Image::from_rgb(40, 40, noise).unwrap();
            Ok(images.iter().map(|_| Ok(vec![AlignedFace { crop: crop.clone(), bounding_box: [0; 4] }])).collect())
        };
        let options = AlignOptions { batch: 4, ..AlignOptions::default() };
        let error = folder.run_with(&options, big).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("No space left"), "{error}");
        assert!(error.to_string().contains("free some space") && !error.to_string().contains(".facenet-"), "{error}");
        let records = files(&folder.output()).len();
        folder.run_with(&options, big).unwrap_err();
        assert_eq!(files(&folder.output()).len(), records, "a run that could write nothing leaves nothing");
        let written = folder.written();
        assert!(!written.is_empty());
        for name in written {
            assert_eq!(Image::open(folder.output().join(&name)).unwrap().width(), 40, "{name}");
        }
    }

    #[test]
    fn a_disk_that_cannot_be_written_is_an_error_before_any_work() {
        let folder = Folder::numbered(3);
        let Some(_mount) = Mount::new(folder.output(), "ro") else { return };
        let calls = Mutex::new(0);
        let error = folder.run_with(&AlignOptions::default(), |images| {
            *calls.lock().unwrap() += 1;
            count_faces(images)
        });
        let error = error.unwrap_err();
        assert!(error.to_string().contains("Read-only"), "{error}");
        assert_eq!(*calls.lock().unwrap(), 0);
    }
}

#[test]
fn large_images_are_decoded_a_few_at_a_time() {
    let folder = Folder::new(&[]);
    fs::create_dir_all(folder.input()).unwrap();
    // 12 images of 9 megapixels, of which at most 32 megapixels are held ahead, and one that has more alone.
    for i in 0..12 {
        let path = folder.input().join(format!("{i}.png"));
        image::GrayImage::from_pixel(3000, 3000, image::Luma([1])).save(path).unwrap();
    }
    image::GrayImage::from_pixel(7000, 5000, image::Luma([1])).save(folder.input().join("huge.png")).unwrap();
    let largest = AtomicU64::new(0);
    let worker = |images: &[Image]| {
        let pixels = images.iter().map(|image| u64::from(image.width()) * u64::from(image.height()));
        assert!(images.len() == 1 || images.iter().all(|image| image.width() == 3000));
        largest.fetch_max(pixels.sum(), Ordering::Relaxed);
        count_faces(images)
    };
    let summary = folder.run_with(&AlignOptions::default(), worker).unwrap();
    assert_eq!(summary.aligned, 13);
    assert!(largest.load(Ordering::Relaxed) <= 7000 * 5000, "{largest:?} pixels at once");
}

#[test]
fn images_of_doubt_are_aligned_and_counted() {
    let folder = Folder::new(&[("Ada/a.png", 1), ("Ada/b.png", 1)]);
    let path = folder.input().join("Ada/camera.jpg");
    Image::from_rgb(8, 6, vec![1; 144]).unwrap().save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 2);
    fs::write(&path, bytes).unwrap();

    let warned = Mutex::new(Vec::new());
    let warn = |path: &Path, doubt: &str| warned.lock().unwrap().push(format!("{}: {doubt}", path.display()));
    let job = AlignJob::plan(folder.input(), folder.output(), &AlignOptions::default()).unwrap();
    let summary = job.run(&pool(), count_faces, &Watch::none().warning(&warn)).unwrap();
    assert_eq!((summary.aligned, summary.broken, summary.doubtful), (3, 0, 1));
    let warned = warned.into_inner().unwrap();
    assert!(matches!(&warned[..], [one] if one.starts_with("Ada/camera.jpg: a JPEG without its end")), "{warned:?}");
}
