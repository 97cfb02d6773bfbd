//! The orientation that an image file says its pixels have: in Exif data, else in XMP, as Pillow's `exif_transpose` takes it.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;
use image::ImageFormat;

/// Tags of the first directory.
const ORIENTATION: u16 = 274;
const XMP: u16 = 700;

/// The most bytes of a text that is stored compressed.
const LONGEST_TEXT: u64 = 1 << 20;

/// What a file says about itself, still packed.
#[derive(Default)]
struct Metadata<'a> {
    exif: Option<Cow<'a, [u8]>>,
    xmp: Option<Cow<'a, [u8]>>,
}

/// The orientation as the Exif standard counts them, 1 to 8; 1, upright, if the file says nothing or something else.
pub(super) fn orientation(format: ImageFormat, bytes: &[u8]) -> u8 {
    let metadata = match format {
        ImageFormat::Jpeg => of_jpeg(bytes),
        ImageFormat::Png => of_png(bytes),
        ImageFormat::WebP => of_webp(bytes),
        ImageFormat::Tiff => of_tiff(bytes),
        _ => Metadata::default(),
    };
    let exif = metadata.exif.as_deref().and_then(|exif| Directory::first(exif)?.number(ORIENTATION));
    let found = exif.or_else(|| in_xmp(metadata.xmp.as_deref()?));
    found.filter(|found| (1.0..=8.0).contains(found) && found.fract() == 0.0).map_or(1, |found| found as u8)
}

/// The segments of the application before the first scan.
fn of_jpeg(bytes: &[u8]) -> Metadata<'_> {
    const EXIF: &[u8] = b"Exif\0\0";
    const ADOBE: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

    let mut found = Metadata::default();
    let mut rest = bytes;
    while let Some(start) = rest.iter().position(|&byte| byte == 0xff) {
        let Some((&code, after)) = rest[start + 1..].split_first() else { break };
        rest = match code {
            0xd9 | 0xda => break,
            0xff => &rest[start + 1..],
            0x00..=0x01 | 0xd0..=0xd8 => after,
            _ => {
                let length = after.first_chunk().map_or(0, |&length| u16::from_be_bytes(length).into());
                let content = after.get(2..length).unwrap_or_default();
                if code == 0xe1 {
                    if let Some(more) = content.strip_prefix(EXIF) {
                        // What is too long for a segment goes on in the next.
                        found.exif = match found.exif.take() {
                            None => Some(more.into()),
                            Some(exif) => Some([&exif, more].concat().into()),
                        };
                    } else if let Some(xmp) = content.strip_prefix(ADOBE) {
                        found.xmp = Some(xmp.into());
                    }
                }
                after.get(length..).unwrap_or_default()
            }
        };
    }
    found
}

/// The chunk for Exif data, or the text that ImageMagick keeps it in.
fn of_png(bytes: &[u8]) -> Metadata<'_> {
    let mut found = Metadata::default();
    let mut raw = None;
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some((name, content)) = after.split_first_chunk::<4>() else { break };
        let Some((content, after)) = content.split_at_checked(length) else { break };
        match name {
            b"eXIf" => found.exif = Some(content.into()),
            b"tEXt" | b"zTXt" | b"iTXt" => match text(*name, content) {
                Some((b"Raw profile type exif", text)) => raw = from_hex(&text),
                Some((b"XML:com.adobe.xmp", text)) => found.xmp = Some(text),
                _ => {}
            },
            _ => {}
        }
        // Over the checksum.
        rest = after.get(4..).unwrap_or_default();
    }
    found.exif = found.exif.or(raw.map(Cow::Owned));
    found
}

/// Keyword and text of a chunk of PNG.
fn text(name: [u8; 4], content: &[u8]) -> Option<(&[u8], Cow<'_, [u8]>)> {
    let (keyword, rest) = split_at_zero(content)?;
    let (is_compressed, text) = match &name {
        b"tEXt" => (false, rest),
        b"zTXt" => (true, rest.get(1..)?),
        _ => {
            let (&[is_compressed, _method], rest) = rest.split_first_chunk()?;
            let (_language, rest) = split_at_zero(rest)?;
            let (_translated, rest) = split_at_zero(rest)?;
            (is_compressed != 0, rest)
        }
    };
    if !is_compressed {
        return Some((keyword, text.into()));
    }
    let mut unpacked = Vec::new();
    ZlibDecoder::new(text).take(LONGEST_TEXT).read_to_end(&mut unpacked).ok()?;
    Some((keyword, unpacked.into()))
}

fn split_at_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

/// The bytes of a raw profile: an empty line, its name, its length, and then pairs of hexadecimal digits.
fn from_hex(profile: &[u8]) -> Option<Vec<u8>> {
    let lines = profile.split(|&byte| byte == b'\n').skip(3);
    let digits: Vec<u8> = lines.flatten().copied().filter(|digit| !digit.is_ascii_whitespace()).collect();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |&[high, low]: &[u8; 2]| Some((digit(high)? << 4 | digit(low)?) as u8);
    digits.as_chunks().0.iter().map(byte).collect()
}

/// The chunks that the header of the extended format announces.
fn of_webp(bytes: &[u8]) -> Metadata<'_> {
    const EXIF: u8 = 8;
    const XMP: u8 = 4;

    let mut found = Metadata::default();
    let mut flags = 0;
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some((name, after)) = rest.split_first_chunk::<4>() {
        let Some((length, content)) = after.split_first_chunk::<4>() else { break };
        let length = u32::from_le_bytes(*length) as usize;
        let Some(chunk) = content.get(..length) else { break };
        match name {
            b"VP8X" => flags = chunk.first().copied().unwrap_or_default(),
            b"EXIF" if flags & EXIF != 0 => found.exif = found.exif.or(Some(chunk.into())),
            b"XMP " if flags & XMP != 0 => found.xmp = found.xmp.or(Some(chunk.into())),
            _ => {}
        }
        rest = content.get(length.next_multiple_of(2)..).unwrap_or_default();
    }
    found
}

/// The file itself.
fn of_tiff(bytes: &[u8]) -> Metadata<'_> {
    let xmp = Directory::first(bytes).and_then(|directory| directory.bytes_of(XMP));
    Metadata { exif: Some(bytes.into()), xmp: xmp.map(Into::into) }
}

/// The digit behind the name of the property, as an attribute or an element.
fn in_xmp(xmp: &[u8]) -> Option<f64> {
    const NAME: &[u8] = b"tiff:Orientation";

    let mut places = xmp.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME);
    places.find_map(|(place, _)| {
        let value = &xmp[place + NAME.len()..];
        let value = value.strip_prefix(b"=\"").or_else(|| value.strip_prefix(b">"))?;
        value.first().filter(|digit| digit.is_ascii_digit()).map(|digit| f64::from(digit - b'0'))
    })
}

/// A directory of a TIFF file, or of Exif data, which are laid out alike. In a BigTIFF, counts and places have 64 bits.
struct Directory<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
    is_big: bool,
    place: u64,
}

impl<'a> Directory<'a> {
    /// The first directory of `bytes`, before which Exif data may name themselves.
    fn first(bytes: &'a [u8]) -> Option<Self> {
        const NAME: &[u8] = b"Exif\0\0";

        let mut bytes = bytes;
        for _ in 0..2 {
            bytes = bytes.strip_prefix(NAME).unwrap_or(bytes);
        }
        let is_big_endian = match bytes.get(..2)? {
            b"MM" => true,
            b"II" => false,
            _ => return None,
        };
        let mut directory = Self { bytes, is_big_endian, is_big: false, place: 0 };
        // Some programs write the version in the other order.
        match bytes.get(2..4)? {
            [42, 0] | [0, 42] => directory.place = directory.read(4, 4)?,
            [43, 0] | [0, 43] => {
                directory.is_big = true;
                directory.place = directory.read(8, 8)?;
            }
            _ => return None,
        }
        Some(directory)
    }

    /// Kind and values of the first entry for a tag whose values are in the file.
    fn find(&self, tag: u16) -> Option<(u16, &'a [u8])> {
        let (number, counter) = if self.is_big { (8, 8) } else { (4, 2) };
        let count = self.read(self.place, counter)?;
        for index in 0..count {
            let entry = self.place.checked_add(counter)?.checked_add(index.checked_mul(4 + 2 * number)?)?;
            let found = self.read(entry, 2)?;
            if found != u64::from(tag) {
                continue;
            }
            let kind = self.read(entry + 2, 2)? as u16;
            let count = self.read(entry + 4, number)?;
            let Some(length) = width(kind).and_then(|width| count.checked_mul(width)) else { continue };
            let inside = entry + 4 + number;
            let place = if length > number { self.read(inside, number)? } else { inside };
            if let Some(values) = self.stretch(place, length).filter(|values| !values.is_empty()) {
                return Some((kind, values));
            }
        }
        None
    }

    /// The values of a tag, as they are stored.
    fn bytes_of(&self, tag: u16) -> Option<&'a [u8]> {
        Some(self.find(tag)?.1)
    }

    /// The first value of a tag that has numbers.
    fn number(&self, tag: u16) -> Option<f64> {
        let (kind, values) = self.find(tag)?;
        let value = self.join(values.get(..width(kind)? as usize)?);
        let (high, low) = ((value >> 32) as u32, value as u32);
        // The numerator comes first, whatever the order of its bytes.
        let (above, below) = if self.is_big_endian { (high, low) } else { (low, high) };
        Some(match kind {
            3 | 4 | 13 | 16 => value as f64,
            5 => f64::from(above) / f64::from(below),
            6 => f64::from(value as i8),
            8 => f64::from(value as i16),
            9 => f64::from(value as i32),
            10 => f64::from(above as i32) / f64::from(below as i32),
            11 => f64::from(f32::from_bits(low)),
            12 => f64::from_bits(value),
            // Bytes and texts are no numbers.
            _ => return None,
        })
    }

    fn read(&self, place: u64, width: u64) -> Option<u64> {
        self.stretch(place, width).map(|bytes| self.join(bytes))
    }

    fn join(&self, bytes: &[u8]) -> u64 {
        let join = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        if self.is_big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }

    fn stretch(&self, place: u64, length: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(place).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    }
}

/// Bytes of a value of a kind that is known.
fn width(kind: u16) -> Option<u64> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16 => Some(8),
        _ => None,
    }
}
