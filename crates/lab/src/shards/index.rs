//! The index of a shard: what its headers say, in lines of JSON.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::scan::{BLOCK, Member, plain, seal};
use crate::dataset::Failure;
use facenet_core::error::{Error, Result};
use facenet_core::internal::files::{write_json_line, write_whole};

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
        match File::open(path).and_then(Self::parse) {
            Ok(index) => Ok(Some(index).filter(|index| index.about.version == VERSION)),
            Err(error) if error.raw_os_error().is_none() || error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", path, error)),
        }
    }

    fn parse(file: File) -> io::Result<Self> {
        let mut lines = BufReader::new(file).lines();
        let about: About = serde_json::from_str(&lines.next().ok_or(io::ErrorKind::UnexpectedEof)??)?;
        let members = lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<io::Result<Vec<Member>>>()?;
        // A path that leads out of the tar would have another file read in its name.
        let is_inside = |member: &Member| plain(&member.path).as_ref() == Some(&member.path);
        match about.members == members.len() {
            true if members.iter().all(is_inside) => Ok(Self { about, members }),
            true => Err(io::ErrorKind::InvalidData.into()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Whether the index seems to be that of a tar file: its length is the same, and so are its first and its last header.
    /// Each of the others is looked at when its image is read.
    pub(super) fn fits(&self, tar: &File) -> bool {
        let is_there = |member: &Member| {
            let mut header = [0; BLOCK as usize];
            let place = member.offset.checked_sub(BLOCK);
            place.is_some_and(|place| tar.read_exact_at(&mut header, place).is_ok()) && seal(&header) == member.seal
        };
        tar.metadata().is_ok_and(|found| found.len() == self.about.length)
            && self.members.first().is_none_or(is_there)
            && self.members.last().is_none_or(is_there)
    }
}
