//! The index of a shard: what its headers say, in lines of JSON.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::scan::{BLOCK, Member, plain, seal};
use crate::dataset::Failure;
use facenet_core::error::{ErrorKind, Result};
use facenet_core::internal::files::{write_json_line, write_whole};
use facenet_core::internal::limits;

const VERSION: u32 = 1;

/// A shard among those that were made together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Counts from 0.
    pub(super) shard: usize,
    /// How many there are.
    pub(super) shards: usize,
    /// Identifies the images that were to be packed, their people, and their order: see [`plan::digest`](super::plan::digest).
    pub(super) set: u64,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    version: u32,
    /// Bytes of the tar file.
    length: u64,
    /// Lines that follow.
    members: usize,
    /// Which of the shards of its set it is.
    #[serde(flatten)]
    pub(super) part: Part,
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
    pub(super) fn new(length: u64, part: Part, members: Vec<Member>, failures: Vec<Failure>) -> Self {
        Self { about: About { version: VERSION, length, members: members.len(), part, failures }, members }
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        write_whole(path, |file| {
            write_json_line(file, &self.about)?;
            self.members.iter().try_for_each(|member| write_json_line(file, member))
        })
    }

    /// The index in a file; none if it is missing, damaged or of another version or program.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        match limits::INDEX.read(path) {
            Ok(bytes) => Ok(Self::parse(&bytes).filter(|index| index.about.version == VERSION)),
            Err(error) if error.kind() == ErrorKind::Io => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = str::from_utf8(bytes).ok()?.lines();
        let about: About = serde_json::from_str(lines.next()?).ok()?;
        let members: Vec<Member> = lines.map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
        // A path that leads out of the tar would have another file read in its name.
        let is_inside = |member: &Member| plain(&member.path).as_ref() == Some(&member.path);
        (about.members == members.len() && members.iter().all(is_inside)).then_some(Self { about, members })
    }

    /// Whether the index seems to be that of a tar file: its length is the same, its images lie within, and its first and its
    /// last header are the same.
    /// Each of the others is looked at when its image is read.
    pub(super) fn fits(&self, tar: &File) -> bool {
        let is_there = |member: &Member| {
            let mut header = [0; BLOCK as usize];
            let place = member.offset.checked_sub(BLOCK);
            place.is_some_and(|place| tar.read_exact_at(&mut header, place).is_ok()) && seal(&header) == member.seal
        };
        let is_inside =
            |member: &Member| member.offset.checked_add(member.length).is_some_and(|end| end <= self.about.length);
        tar.metadata().is_ok_and(|found| found.len() == self.about.length)
            && self.members.iter().all(is_inside)
            && self.members.first().is_none_or(is_there)
            && self.members.last().is_none_or(is_there)
    }
}
