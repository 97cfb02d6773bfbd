//! Folders of people and their shards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use facenet::Watch;
use facenet::model::Standardization;
use facenet::shards::{PackJob, PackOptions, PackSummary, ShardFolder};
use facenet::train::{Augmentation, Feed, FeedOptions, TrainingImages};
use facenet::{Error, ErrorKind, Image};
use ndarray::Array4;

use crate::skip;

/// A folder of people and a place for shards.
pub struct Place {
    pub root: tempfile::TempDir,
}

impl Place {
    /// Pictures with these names, each of them different.
    pub fn new(images: &[&str]) -> Self {
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

    pub fn faces(&self) -> PathBuf {
        self.root.path().join("faces")
    }

    pub fn shards(&self) -> PathBuf {
        self.root.path().join("shards")
    }

    pub fn shard(&self, number: usize) -> PathBuf {
        self.shards().join(format!("faces-{number:05}.tar"))
    }

    pub fn plan(&self, shard_size: usize) -> Result<PackJob, Error> {
        PackJob::plan(self.faces(), self.shards(), PackOptions { shard_size })
    }

    pub fn pack(&self, shard_size: usize) -> PackSummary {
        self.plan(shard_size).unwrap().run(&Watch::none()).unwrap()
    }

    /// A tar file among the shards with these members, of which the content is that of the file, or the text if there is none.
    pub fn write_tar(&self, name: &str, members: &[(&str, &str)]) {
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

    /// Makes only the first shards, as a run that is stopped.
    pub fn pack_some(&self, shard_size: usize, images: u64) -> PackSummary {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let cancel = AtomicBool::new(false);
        let stop = |done, _| cancel.store(done > images, Ordering::Relaxed);
        pool.install(|| self.plan(shard_size).unwrap().run(&Watch::new(&stop, &cancel)).unwrap())
    }

    pub fn plan_refused(&self, shard_size: usize, kind: ErrorKind, word: &str) {
        let error = self.plan(shard_size).expect_err(word);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }

    pub fn refused(&self, word: &str) {
        let error = ShardFolder::find(self.shards()).map(drop).expect_err(word);
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
        assert!(error.to_string().contains(word), "{error}");
    }
}

pub const PEOPLE: [&str; 9] = [
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
pub fn seen(folder: &Path) -> (Vec<usize>, Vec<String>, Vec<Array4<f32>>) {
    let TrainingImages { paths, labels, names, .. } = TrainingImages::open(folder).unwrap();
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

pub fn read_all(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.file_name().unwrap().into(), fs::read(&path).unwrap())).collect()
}

/// Runs GNU tar, which is how the shards of others look.
pub fn gnu_tar(arguments: &[&str]) -> Option<String> {
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

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
