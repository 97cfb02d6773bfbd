//! The index of a shard: what its headers say, in lines of JSON.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::read_exact_at;
use super::scan::{BLOCK, Member, seal};
use crate::error::Result;
use crate::files::write_whole;

const VERSION: u32 = 1;

/// An image that is not in the shard, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) image: String,
    pub(super) reason: String,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    version: u32,
    /// Bytes of the tar file.
    length: u64,
    /// Lines that follow.
    members: usize,
    /// Identifies the images that were to be packed, and their people: see [`Plan`](super::plan::Plan).
    pub(super) plan: u64,
    /// Those among them that are no images.
    pub(super) failures: Vec<Failure>,
}

/// What a shard holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) about: About,
    pub(super) members: Vec<Member>,
}

impl Index {
    pub(super) fn new(length: u64, plan: u64, members: Vec<Member>, failures: Vec<Failure>) -> Self {
        Self { about: About { version: VERSION, length, members: members.len(), plan, failures }, members }
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        write_whole(path, |mut file| {
            serde_json::to_writer(&mut file, &self.about)?;
            writeln!(file)?;
            for member in &self.members {
                serde_json::to_writer(&mut file, member)?;
                writeln!(file)?;
            }
            Ok(())
        })
    }

    /// The index in a file; none if it is missing, damaged or of another version.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let mut lines = BufReader::new(File::open(path).ok()?).lines();
        let about: About = serde_json::from_str(&lines.next()?.ok()?).ok()?;
        let members: Vec<Member> = lines.map(|line| serde_json::from_str(&line.ok()?).ok()).collect::<Option<_>>()?;
        (about.version == VERSION && about.members == members.len()).then_some(Self { about, members })
    }

    /// Whether the index seems to be that of a tar file: its length is the same, and so are its first and its last header.
    /// Each of the others is looked at when its image is read.
    pub(super) fn fits(&self, tar: &File) -> bool {
        let is_there = |member: &Member| {
            let mut header = [0; BLOCK as usize];
            let place = member.offset.checked_sub(BLOCK);
            place.is_some_and(|place| read_exact_at(tar, &mut header, place).is_ok()) && seal(&header) == member.seal
        };
        tar.metadata().is_ok_and(|found| found.len() == self.about.length)
            && self.members.first().is_none_or(is_there)
            && self.members.last().is_none_or(is_there)
    }
}
