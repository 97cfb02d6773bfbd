//! The directory of a TIFF: what it says before the decoder believes it.

use super::{Fault, scans};

/// Most values of a tag: the decoder (`tiff` 0.11.3) makes 24 bytes of each, and prints to the standard error when they are
/// letters of a text and too many. More strips or tiles than this no image has.
const MOST_VALUES: u64 = 1 << 18;

/// Most samples of a pixel. Of those that are no colour, whole rows are read.
const MOST_SAMPLES: u64 = 64;

/// Pixels of a large tile, which may be larger than its image.
const LARGE_TILE: u64 = 2048 * 2048;

/// What the decoder looks at, all of it numbers.
const READ: [u16; 20] =
    [256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 322, 323, 324, 325, 338, 339, 347, 530];

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const COMPRESSION: u16 = 259;
const STRIP_OFFSETS: u16 = 273;
const SAMPLES: u16 = 277;
const STRIP_BYTES: u16 = 279;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTES: u16 = 325;

/// The compression that puts a JPEG into each strip or tile.
const JPEG: u64 = 7;

/// Looks through the first directory, the only one that is decoded.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    // Where there is no directory, the decoder says so.
    let Some(directory) = Directory::first(bytes) else { return Ok(()) };
    for entry in directory.entries().filter(|entry| READ.contains(&entry.tag)) {
        if entry.width().is_none() {
            return Err(Fault::Damaged("one of its tags has a text, or nothing known, for a number"));
        }
        if entry.count > MOST_VALUES {
            return Err(Fault::Unsupported(format!("a TIFF with {} values of tag {}", entry.count, entry.tag).into()));
        }
        if entry.count > 0 && directory.value(&entry, entry.count - 1).is_none() {
            return Err(Fault::Damaged("one of its tags has more values than the file has bytes"));
        }
    }
    let samples = directory.number(SAMPLES).unwrap_or_default();
    if samples > MOST_SAMPLES {
        return Err(Fault::Unsupported(format!("a TIFF with {samples} samples for each pixel").into()));
    }
    let [width, height, tile_width, tile_height] =
        [WIDTH, HEIGHT, TILE_WIDTH, TILE_HEIGHT].map(|tag| directory.number(tag).unwrap_or_default());
    let most_pixels = width.saturating_mul(height).max(LARGE_TILE);
    if tile_width.saturating_mul(tile_height) > most_pixels {
        return Err(Fault::Damaged("its tiles are larger than the image"));
    }
    if directory.number(COMPRESSION) == Some(JPEG) { check_jpegs(&directory, most_pixels) } else { Ok(()) }
}

/// Refuses strips and tiles with a JPEG larger than the image: its decoder makes room for what the JPEG says.
fn check_jpegs(directory: &Directory<'_>, most_pixels: u64) -> Result<(), Fault> {
    for (offsets, lengths) in [(STRIP_OFFSETS, STRIP_BYTES), (TILE_OFFSETS, TILE_BYTES)] {
        let Some((offsets, lengths)) = directory.find(offsets).zip(directory.find(lengths)) else { continue };
        for index in 0..offsets.count.min(lengths.count) {
            let place = directory.value(&offsets, index).zip(directory.value(&lengths, index));
            let jpeg = place.map_or(&[][..], |(offset, length)| directory.stretch(offset, length));
            let (width, height) = scans::frame_size(jpeg).unwrap_or_default();
            if u64::from(width) * u64::from(height) > most_pixels {
                return Err(Fault::Damaged("the JPEG in one of its strips is larger than the image"));
            }
            scans::check(jpeg)?;
        }
    }
    Ok(())
}

/// An entry of a directory.
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// Where its values lie.
    place: u64,
}

impl Entry {
    /// Bytes of a value, if it is a number.
    fn width(&self) -> Option<u64> {
        match self.kind {
            // Bytes, signed or not, or of no known meaning.
            1 | 6 | 7 => Some(1),
            3 | 8 => Some(2),
            4 | 9 | 11 | 13 => Some(4),
            5 | 10 | 12 | 16..=18 => Some(8),
            _ => None,
        }
    }
}

/// A directory, whose numbers are of 32 bits, or in a BigTIFF of 64.
struct Directory<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
    is_big: bool,
    start: u64,
}

impl<'a> Directory<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let is_big_endian = bytes.starts_with(b"MM");
        let mut directory = Self { bytes, is_big_endian, is_big: false, start: 0 };
        directory.is_big = directory.read(2, 2)? == 43;
        directory.start = if directory.is_big { directory.read(8, 8)? } else { directory.read(4, 4)? };
        Some(directory)
    }

    /// The entries that are in the file.
    fn entries(&self) -> impl Iterator<Item = Entry> {
        // Widths of a count and a place, which an entry has behind its tag and the kind of its values.
        let (number, counter) = if self.is_big { (8, 8) } else { (4, 2) };
        let count = self.read(self.start, counter).unwrap_or_default();
        (0..count).map_while(move |index| {
            let entry = self.start.checked_add(counter)?.checked_add(index.checked_mul(4 + 2 * number)?)?;
            let (tag, kind) = (self.read(entry, 2)? as u16, self.read(entry + 2, 2)? as u16);
            let (count, inside) = (self.read(entry + 4, number)?, entry + 4 + number);
            let mut found = Entry { tag, kind, count, place: inside };
            if found.width().is_none_or(|width| count.saturating_mul(width) > number) {
                found.place = self.read(inside, number)?;
            }
            Some(found)
        })
    }

    fn find(&self, tag: u16) -> Option<Entry> {
        self.entries().find(|entry| entry.tag == tag)
    }

    /// The first value of a tag.
    fn number(&self, tag: u16) -> Option<u64> {
        self.value(&self.find(tag)?, 0)
    }

    /// A value of an entry, if it is in the file.
    fn value(&self, entry: &Entry, index: u64) -> Option<u64> {
        let width = entry.width()?;
        self.read(entry.place.checked_add(index.checked_mul(width)?)?, width)
    }

    fn read(&self, place: u64, width: u64) -> Option<u64> {
        let bytes = Some(self.stretch(place, width)).filter(|bytes| bytes.len() as u64 == width)?;
        let join = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        Some(if self.is_big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) })
    }

    /// So many bytes from a place on, as far as they are there.
    fn stretch(&self, place: u64, length: u64) -> &'a [u8] {
        let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(self.bytes.len());
        &self.bytes[at(place)..at(place.saturating_add(length))]
    }
}
