//! Image files by number, loose or in tar files, read in any order by any number of threads.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::scan::{BLOCK, Member, seal};
use super::{EXTENSION, Shard, index_of};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::{DecodeOptions, Image, read_file};

/// Tar files that are kept open. Systems allow a process about a thousand files, and a training has two sets of images.
const MOST_OPEN: usize = 256;

/// Image files, loose or in tar files, known by their place in a list.
pub(crate) struct ImageFiles {
    paths: Vec<PathBuf>,
    /// Where the bytes of each lie; none for a loose file.
    places: Vec<Option<Place>>,
    tars: Vec<Tar>,
}

/// Where an image lies in a tar file.
#[derive(Clone, Copy)]
struct Place {
    tar: u32,
    offset: u64,
    length: u64,
    seal: u64,
}

/// A tar file, open or not.
struct Tar {
    path: PathBuf,
    open: Option<File>,
}

impl ImageFiles {
    /// The files at `paths`; a path that goes through a tar file means an image in it.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] if a tar file is damaged, [`ErrorKind::NotFound`] if an image is not in it,
    /// [`ErrorKind::Io`] if it cannot be read.
    pub(crate) fn new(paths: Vec<PathBuf>) -> Result<Self> {
        let mut by_tar: HashMap<&Path, Vec<usize>> = HashMap::new();
        let mut is_tar: HashMap<&Path, bool> = HashMap::new();
        for (index, path) in paths.iter().enumerate() {
            if let Some(tar) = through(path, |path| *is_tar.entry(path).or_insert_with(|| path.is_file())) {
                by_tar.entry(tar).or_default().push(index);
            }
        }
        let mut by_tar: Vec<(&Path, Vec<usize>)> = by_tar.into_iter().collect();
        by_tar.sort_unstable();
        let find = |(number, (path, images)): (usize, &(&Path, Vec<usize>))| {
            let (file, places) = find(number, path, images.iter().map(|&image| &paths[image]))?;
            Ok((Tar { path: path.to_path_buf(), open: (number < MOST_OPEN).then_some(file) }, places))
        };
        let found: Vec<(Tar, Vec<Place>)> = by_tar.par_iter().enumerate().map(find).collect::<Result<_>>()?;
        let mut places = vec![None; paths.len()];
        let mut tars = Vec::with_capacity(found.len());
        for ((tar, of_tar), (_, images)) in found.into_iter().zip(&by_tar) {
            for (place, &image) in of_tar.into_iter().zip(images) {
                places[image] = Some(place);
            }
            tars.push(tar);
        }
        drop(by_tar);
        Ok(Self { paths, places, tars })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }

    /// The path of an image.
    pub(crate) fn path(&self, index: usize) -> &Path {
        &self.paths[index]
    }

    /// Reads and decodes an image. `bytes` is room for its file, kept from one to the next.
    ///
    /// # Errors
    /// Those of [`Image::open`]; [`ErrorKind::DatasetInvalid`] if the tar file is not what it was.
    pub(crate) fn read(&self, index: usize, bytes: &mut Vec<u8>) -> Result<Image> {
        let options = DecodeOptions::default();
        let path = &self.paths[index];
        let contents = match self.places[index] {
            None => {
                read_file(path, &options, bytes)?;
                &bytes[..]
            }
            Some(place) => self.read_place(path, place, &options, bytes)?,
        };
        Image::decode_with(contents, &options).map_err(|error| error.context(path.display()))
    }

    /// The bytes of an image in a tar file, read together with its header, which tells that they are still its.
    fn read_place<'a>(
        &self,
        path: &Path,
        place: Place,
        options: &DecodeOptions,
        bytes: &'a mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        let tar = &self.tars[place.tar as usize];
        let unreadable = |error| Error::io("read", path, error);
        // One byte past the limit, which the decoder then refuses, is as good as all of them.
        let length = place.length.min(options.max_bytes.saturating_add(1));
        bytes.resize((BLOCK + length) as usize, 0);
        let reopened;
        let file = match &tar.open {
            Some(file) => file,
            None => {
                reopened = File::open(&tar.path).map_err(unreadable)?;
                &reopened
            }
        };
        let is_whole = match file.read_exact_at(bytes, place.offset.saturating_sub(BLOCK)) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
            Err(error) => return Err(unreadable(error)),
        };
        let (header, contents) = bytes.split_at(BLOCK as usize);
        if !is_whole || seal(header) != place.seal {
            let index = index_of(&tar.path);
            let message = format!(
                "{}: the tar file has changed since it was looked at. If it did not change just now, its index is wrong: remove {}",
                path.display(),
                index.display()
            );
            return Err(Error::new(ErrorKind::DatasetInvalid, message));
        }
        Ok(contents)
    }
}

/// The part of a path up to the first component that is a tar file, if more follows. Folders may be called so too.
fn through<'a>(path: &'a Path, mut is_file: impl FnMut(&'a Path) -> bool) -> Option<&'a Path> {
    let is_called_so = |path: &&Path| path.extension().is_some_and(|extension| extension == EXTENSION);
    path.ancestors().skip(1).filter(is_called_so).filter(|path| is_file(path)).last()
}

/// Opens tar file `number` and finds the images at `paths` in it.
fn find<'a>(number: usize, tar: &Path, paths: impl Iterator<Item = &'a PathBuf>) -> Result<(File, Vec<Place>)> {
    let Shard { file, contents, .. } = Shard::open(tar)?;
    let members: HashMap<&Path, &Member> = contents.members.iter().map(|member| (&*member.path, member)).collect();
    let place = |path: &PathBuf| {
        let found = path.strip_prefix(tar).ok().and_then(|inside| members.get(inside));
        let &Member { offset, length, seal, .. } = *found.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("cannot read {}: it is not in the tar file", path.display()))
        })?;
        Ok(Place { tar: number as u32, offset, length, seal })
    };
    Ok((file, paths.map(place).collect::<Result<_>>()?))
}
