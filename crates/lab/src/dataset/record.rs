//! The two files that every alignment run leaves in the output folder.
//!
//! `bounding_boxes_NNNNN.txt` has the lines of the original facenet: the path of a face and the box it was cut
//! from, or only the path for an image without a face. `align_report_NNNNN.jsonl` says how the faces were made and
//! lists the images that gave none, so that later runs leave them alone. Each run has files of its own, with a
//! number nobody else has; the report is locked while its run lives.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{AlignOptions, portable_bytes};
use crate::job::{RECORD_VERSION, check_record};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::limits::{self, excerpt};

/// Values by name.
type Settings = BTreeMap<String, String>;

/// How a run makes faces: the first line of its report.
#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    #[serde(default)]
    version: u32,
    /// What must be the same for all faces of a folder.
    settings: Settings,
    /// What decides whether a face is found.
    #[serde(default)]
    detection: Settings,
}

impl Header {
    pub(super) fn of(options: &AlignOptions) -> Self {
        let mut settings = options.settings.clone();
        // The two ways to name the outputs must not meet in one folder.
        settings.insert("detect_multiple_faces".into(), options.multiple_faces.to_string());
        Self { version: RECORD_VERSION, settings, detection: options.detection.clone() }
    }
}

/// Why an entry of the input folder gave no face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    NoFace,
    Broken,
    Duplicate,
    Unreadable,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Header(Header),
    Entry {
        path: String,
        /// The bytes of a path that is no Unicode.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path_bytes: Option<Vec<u8>>,
        status: Status,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

/// What earlier runs have left in an output folder.
#[derive(Default)]
pub(super) struct Past {
    failed: HashSet<Vec<u8>>,
}

impl Past {
    /// Reads the reports in `folder`, which need not exist.
    pub(super) fn read(folder: &Path, now: &Header) -> Result<Self> {
        let entries = match folder.read_dir() {
            Ok(entries) => entries,
            Err(e) if e.kind() == IoErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => {
                return Err(match folder.ancestors().find(|path| path.is_file()) {
                    Some(file) => {
                        let message =
                            format!("{} is a file, not a folder: choose another output folder", file.display());
                        Error::new(ErrorKind::InvalidArgument, message)
                    }
                    None => Error::io("read", folder, e),
                });
            }
        };
        let mut past = Self::default();
        for entry in entries {
            let entry = entry.map_err(|e| Error::io("read", folder, e))?;
            if is_report(&entry.file_name().to_string_lossy()) {
                past.read_report(&entry.path(), folder, now)?;
            }
        }
        Ok(past)
    }

    /// Whether an earlier run that looked in the same way found no face in the image, or found it broken.
    pub(super) fn has_failed(&self, image: &Path) -> bool {
        !self.failed.is_empty() && self.failed.contains(&portable_bytes(image))
    }

    fn read_report(&mut self, path: &Path, folder: &Path, now: &Header) -> Result<()> {
        let fail = |e| Error::io("read", path, e);
        let mut looked_alike = false;
        for line in limits::lines(File::open(path).map_err(fail)?) {
            // A run that was killed leaves its last line unfinished; one that is cut for its length is no entry either.
            match serde_json::from_slice(&line.map_err(fail)?) {
                Ok(Line::Header(before)) => {
                    check_record(path, before.version)?;
                    same_settings(folder, &before.settings, &now.settings)?;
                    looked_alike = before.detection == now.detection;
                }
                Ok(Line::Entry { path, path_bytes, status: Status::NoFace | Status::Broken, .. }) if looked_alike => {
                    self.failed.insert(path_bytes.unwrap_or(path.into_bytes()));
                }
                Ok(Line::Entry { .. }) | Err(_) => {}
            }
        }
        Ok(())
    }
}

fn same_settings(folder: &Path, before: &Settings, now: &Settings) -> Result<()> {
    match now.iter().find_map(|(name, value)| Some((name, value, before.get(name).filter(|old| *old != value)?))) {
        None => Ok(()),
        Some((name, value, old)) => {
            let (folder, old) = (folder.display(), excerpt(old));
            let message =
                format!("{folder} holds faces made with {name} {old}, not {value}: choose another output folder");
            Err(Error::new(ErrorKind::InvalidArgument, message))
        }
    }
}

/// The files of this run. They go away again if nothing was noted in them.
pub(super) struct Record {
    number: u32,
    report: Log,
    bounding_boxes: Log,
}

struct Log {
    path: PathBuf,
    noted: AtomicBool,
    file: Mutex<File>,
}

impl Record {
    /// Creates the two files in `folder`, under a number that is still free.
    pub(super) fn create(folder: &Path, header: Header) -> Result<Self> {
        const TRIES: usize = 1000;
        for _ in 0..TRIES {
            let number = rand::random_range(0..100_000);
            let Some(report) = Log::create(folder.join(report_name(number)))? else { continue };
            let Some(bounding_boxes) = Log::create(folder.join(format!("bounding_boxes_{number:05}.txt")))? else {
                std::fs::remove_file(&report.path).map_err(|e| Error::io("remove", &report.path, e))?;
                continue;
            };
            let record = Self { number, report, bounding_boxes };
            record.report.lock();
            record.report.append_json(&Line::Header(header))?;
            record.report.noted.store(false, Ordering::Relaxed);
            return Ok(record);
        }
        let message = format!("{} is full of bounding_boxes_*.txt: remove old ones", folder.display());
        Err(Error::new(ErrorKind::DatasetInvalid, message))
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn report_path(&self) -> &Path {
        &self.report.path
    }

    pub(super) fn bounding_boxes_path(&self) -> &Path {
        &self.bounding_boxes.path
    }

    /// Whether no image has been noted.
    pub(super) fn is_empty(&self) -> bool {
        [&self.report, &self.bounding_boxes].iter().all(|log| !log.noted.load(Ordering::Relaxed))
    }

    /// Notes that `path` of the input folder gave no face.
    pub(super) fn failure(&self, path: &Path, status: Status, reason: Option<String>) -> Result<()> {
        let (path, path_bytes) = match String::from_utf8(portable_bytes(path)) {
            Ok(path) => (path, None),
            Err(e) => (String::from_utf8_lossy(e.as_bytes()).into_owned(), Some(e.into_bytes())),
        };
        self.report.append_json(&Line::Entry { path, path_bytes, status, reason })
    }

    /// Notes the boxes from which the faces at these output paths were cut.
    pub(super) fn faces<'a>(&self, faces: impl Iterator<Item = (PathBuf, &'a [i32; 4])>) -> Result<()> {
        let mut lines = Vec::new();
        for (output, [x1, y1, x2, y2]) in faces {
            lines.extend(one_line(&output));
            lines.extend(format!(" {x1} {y1} {x2} {y2}\n").into_bytes());
        }
        self.bounding_boxes.append(&lines)
    }

    /// Notes that the image with this output path has no face.
    pub(super) fn no_face(&self, output: &Path) -> Result<()> {
        let mut line = one_line(output);
        line.push(b'\n');
        self.bounding_boxes.append(&line)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if self.is_empty() {
            for log in [&self.report, &self.bounding_boxes] {
                // An empty record that stays is harmless.
                let _ = std::fs::remove_file(&log.path);
            }
        }
    }
}

impl Log {
    /// A new file; none if there is one with this name.
    fn create(path: PathBuf) -> Result<Option<Self>> {
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => Ok(Some(Self { path, noted: AtomicBool::new(false), file: Mutex::new(file) })),
            Err(e) if e.kind() == IoErrorKind::AlreadyExists => Ok(None),
            Err(e) => Err(Error::io("write", path, e)),
        }
    }

    /// Marks the file as in use. Where the file system has no locks, [`is_running`] takes every run for a living one.
    fn lock(&self) {
        let _ = self.file.lock().unwrap_or_else(PoisonError::into_inner).try_lock();
    }

    /// Appends whole lines in one system call.
    fn append(&self, lines: &[u8]) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(lines).map_err(|e| Error::io("write", &self.path, e))?;
        self.noted.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn append_json(&self, line: &Line) -> Result<()> {
        let mut json = serde_json::to_vec(line)
            .map_err(|e| Error::new(ErrorKind::Internal, "cannot write a line of the report").with_source(e))?;
        json.push(b'\n');
        self.append(&json)
    }
}

/// Whether the run with this number still works on `folder`.
pub(super) fn is_running(folder: &Path, number: u32) -> bool {
    match File::open(folder.join(report_name(number))) {
        Ok(report) => report.try_lock().is_err(),
        Err(e) => e.kind() != IoErrorKind::NotFound,
    }
}

fn report_name(number: u32) -> String {
    format!("align_report_{number:05}.jsonl")
}

fn is_report(name: &str) -> bool {
    name.starts_with("align_report_") && name.ends_with(".jsonl")
}

/// The bytes of a path, with line breaks escaped: a file name must not forge lines.
fn one_line(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.as_os_str().len());
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\n' => bytes.extend_from_slice(b"\\n"),
            b'\r' => bytes.extend_from_slice(b"\\r"),
            _ => bytes.push(byte),
        }
    }
    bytes
}
