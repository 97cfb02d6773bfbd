//! How large a file from elsewhere may be, and how much of what it says a message repeats.
//!
//! Whatever is read whole is read through here: a file that is too large is refused before it is in memory. How much is
//! allowed is far more than what is met, and less than what a machine has.

use std::borrow::Cow;
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// How large a kind of file may be.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// In bytes.
    pub most: u64,
    what: &'static str,
    kind: ErrorKind,
}

const MIB: u64 = 1 << 20;

/// A model in one file. Protobuf reads no larger messages.
pub const MODEL: Limit = Limit::new(2048 * MIB - 1, "a model in one file", ErrorKind::ModelInvalid);
/// A classifier: templates or support vectors of millions of faces.
pub const CLASSIFIER: Limit = Limit::new(4096 * MIB, "a classifier", ErrorKind::ModelInvalid);
/// A profile of thresholds.
pub const PROFILE: Limit = Limit::new(MIB, "a profile of thresholds", ErrorKind::DatasetInvalid);
/// What made a matrix of embeddings.
pub const DESCRIPTION: Limit = Limit::new(MIB, "a description of embeddings", ErrorKind::DatasetInvalid);
/// The names of the rows of a matrix, one a line.
pub const NAMES: Limit = Limit::new(1024 * MIB, "a list of names", ErrorKind::DatasetInvalid);
/// A list of pairs of images.
pub const PAIRS: Limit = Limit::new(64 * MIB, "a list of pairs", ErrorKind::DatasetInvalid);
/// Pairs of images with their pictures.
pub const PICKLE: Limit = Limit::new(4096 * MIB, "a file of pairs", ErrorKind::DatasetInvalid);
/// Settings of a training.
pub const SETTINGS: Limit = Limit::new(MIB, "settings", ErrorKind::InvalidArgument);
/// What a training noted of its steps.
pub const HISTORY: Limit = Limit::new(256 * MIB, "a history of a training", ErrorKind::DatasetInvalid);
/// Where the images lie in a tar file.
pub const INDEX: Limit = Limit::new(1024 * MIB, "an index of a shard", ErrorKind::DatasetInvalid);
/// Which files are put where.
pub const PLACEMENT: Limit = Limit::new(1024 * MIB, "a list of files", ErrorKind::DatasetInvalid);

/// The longest line of a list that people write or programs append to, in bytes.
pub const LINE: usize = 64 << 10;

/// The most characters of a text from elsewhere that a message repeats.
const EXCERPT: usize = 200;

impl Limit {
    const fn new(most: u64, what: &'static str, kind: ErrorKind) -> Self {
        Self { most, what, kind }
    }

    /// The contents of the file at `path`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Io`] if it cannot be read, the kind of such files if it is too large. The
    /// message names the file.
    ///
    /// ```
    /// use facenet_core::internal::limits::PROFILE;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("staff.toml");
    /// std::fs::write(&path, "version = 1")?;
    /// assert_eq!(PROFILE.read(&path)?, b"version = 1");
    /// std::fs::write(&path, vec![b' '; 2 << 20])?;
    /// assert!(PROFILE.read(&path).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let io = |error| Error::io("read", path, error);
        let file = File::open(path).map_err(io)?;
        // Of a pipe, or of what never ends, the length is not known.
        let metadata = Some(file.metadata().map_err(io)?).filter(Metadata::is_file);
        let length = metadata.map_or(0, |metadata| usize::try_from(metadata.len()).unwrap_or(usize::MAX));
        self.check(length).map_err(|error| error.context(path.display()))?;
        self.read_from(file, path, length)
    }

    /// The text in the file at `path`.
    ///
    /// # Errors
    /// As [`read`](Self::read), and the kind of such files too if it is not UTF-8.
    pub fn read_text(&self, path: &Path) -> Result<String> {
        String::from_utf8(self.read(path)?)
            .map_err(|_| Error::new(self.kind, format!("{} is no text in UTF-8: save it as such", path.display())))
    }

    /// What `file` has, which messages call `name`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_from(&self, file: impl Read, name: impl AsRef<Path>, length: usize) -> Result<Vec<u8>> {
        let name = name.as_ref();
        let mut bytes = Vec::new();
        let room = bytes.try_reserve_exact(length).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory));
        room.and_then(|()| file.take(self.most.saturating_add(1)).read_to_end(&mut bytes))
            .map_err(|error| Error::io("read", name, error))?;
        self.check(bytes.len()).map_err(|error| error.context(name.display()))?;
        Ok(bytes)
    }

    /// Fails if so many bytes are too many.
    ///
    /// # Errors
    /// The kind of such files.
    pub fn check(&self, bytes: usize) -> Result<()> {
        if bytes as u64 <= self.most {
            return Ok(());
        }
        Err(Error::new(self.kind, format!("it has more than {} bytes, which {} never has", self.most, self.what)))
    }
}

/// The lines of a file that programs append to. Of a line longer than [`LINE`], the beginning is given.
pub fn lines(file: impl Read) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    let mut file = BufReader::new(file);
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        match (&mut file).take(LINE as u64).read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) if line.last() == Some(&b'\n') => drop(line.pop()),
            Ok(_) => {
                if let Err(error) = file.skip_until(b'\n') {
                    return Some(Err(error));
                }
            }
            Err(error) => return Some(Err(error)),
        }
        Some(Ok(line))
    })
}

/// A text from elsewhere as messages repeat it: on one line, with what is not printed escaped, and no more of it than tells
/// which it is.
///
/// ```
/// use facenet_core::internal::limits::excerpt;
///
/// assert_eq!(excerpt("Ada\n1"), r"Ada\u000a1");
/// assert_eq!(excerpt(&"a".repeat(1000)).chars().count(), 201);
/// ```
pub fn excerpt(text: &str) -> String {
    let mut excerpt = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == EXCERPT {
            excerpt.push('…');
            break;
        }
        match character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}') {
            true => excerpt.push_str(&escaped(character)),
            false => excerpt.push(character),
        }
    }
    excerpt
}

/// The text with those of its characters that are `unprinted` as JSON writes them.
///
/// ```
/// use facenet_core::internal::limits::escape;
///
/// assert_eq!(escape("Ada\u{1b}[2J", char::is_control), r"Ada\u001b[2J");
/// ```
pub fn escape(text: &str, unprinted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&unprinted) {
        return text.into();
    }
    let escape = |character: char| match unprinted(character) {
        true => escaped(character),
        false => character.to_string(),
    };
    text.chars().map(escape).collect::<String>().into()
}

fn escaped(character: char) -> String {
    format!("\\u{:04x}", u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let limit = Limit::new(5, "a word", ErrorKind::DatasetInvalid);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("word");
        std::fs::write(&path, "seven").unwrap();
        assert_eq!(limit.read_text(&path).unwrap(), "seven");
        std::fs::write(&path, "eleven").unwrap();
        let error = limit.read(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
        assert!(error.to_string().contains("more than 5 bytes, which a word never has"), "{error}");
        assert_eq!(limit.read(Path::new("/dev/zero")).unwrap_err().kind(), ErrorKind::DatasetInvalid);
        assert_eq!(limit.read(folder.path()).unwrap_err().kind(), ErrorKind::Io);
        std::fs::write(&path, [0xff]).unwrap();
        assert_eq!(limit.read_text(&path).unwrap_err().kind(), ErrorKind::DatasetInvalid);
    }

    #[test]
    fn long_lines_are_cut_and_the_next_one_is_whole() {
        let text = [&b"a\n\n"[..], &[b'b'; 3 * LINE], b"\nc"].concat();
        let found: Vec<Vec<u8>> = lines(&text[..]).map(|line| line.unwrap()).collect();
        assert_eq!(found, [&b"a"[..], b"", &[b'b'; LINE], b"c"]);
    }
}
