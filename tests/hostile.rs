//! Files that were made to do harm: each is refused, in little memory, and nothing is printed.

use std::io::Cursor;

use facenet::{ErrorKind, Image};
use image::{DynamicImage, ImageFormat};
use testkit::runtime::Child;

/// More than the process of a test needs for itself, and less than hostile headers ask for.
const ADDRESS_SPACE_KIB: u64 = 3 << 20;

/// The address space that reading a file of a few bytes may take besides, in KiB.
const LITTLE_KIB: u64 = 96 << 10;

/// Runs an ignored test of this module in a process of little memory, in which nothing may panic.
fn in_little_memory(test: &str) {
    let output = Child::new(module_path!(), test, None).memory(ADDRESS_SPACE_KIB).run();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked") && !said.contains("LimitsExceeded"), "{said}");
}

/// The largest address space that this process has had, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What `work` gives, which must not take much memory.
fn in_little<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let before = peak_kib();
    let result = work();
    let grown = peak_kib() - before;
    assert!(grown < LITTLE_KIB, "{what} takes {grown} KiB");
    result
}

fn refused(what: &str, bytes: &[u8]) -> String {
    let error = in_little(what, || Image::decode(bytes)).expect_err(what);
    let kinds = [ErrorKind::ImageDecode, ErrorKind::ImageUnsupported, ErrorKind::ImageTooLarge];
    assert!(kinds.contains(&error.kind()), "{what}: {error}");
    error.to_string()
}

/// A TIFF of 32-bit places with these entries: tag, kind of its values, their count, and the value or its place.
fn tiff(entries: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = [&b"II*\0\x08\0\0\0"[..], &(entries.len() as u16).to_le_bytes()].concat();
    for (tag, kind, count, value) in entries {
        bytes.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        bytes.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    }
    bytes.extend([0; 4]);
    bytes
}

const SHORT: u16 = 3;
const LONG: u16 = 4;

/// A gray image of 8 x 8 pixels in one strip, with the entry `other` in place of its own or added.
fn tiff_with(other: (u16, u16, u32, u32)) -> Vec<u8> {
    let mut entries = vec![
        (256, SHORT, 1, 8),
        (257, SHORT, 1, 8),
        (258, SHORT, 1, 8),
        (259, SHORT, 1, 1),
        (262, SHORT, 1, 1),
        (273, LONG, 1, 256),
        (277, SHORT, 1, 1),
        (278, LONG, 1, 8),
        (279, LONG, 1, 64),
    ];
    entries.retain(|entry| entry.0 != other.0);
    entries.push(other);
    entries.sort_unstable();
    let mut bytes = tiff(&entries);
    bytes.resize(256 + 64, 7);
    bytes
}

#[test]
fn directories_of_tiffs_are_not_believed() {
    in_little_memory("tiffs");
}

#[test]
#[ignore = "runs in a process of its own"]
fn tiffs() {
    let plain = Image::decode(&tiff_with((274, SHORT, 1, 1))).unwrap();
    assert_eq!((plain.width(), plain.height()), (8, 8));
    for tag in [256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 338, 339, 347, 530] {
        for kind in 1..=18 {
            for (count, place) in [(u32::MAX, 8), (16 << 20, 8), (300_000, 300), (10_000_000, 0)] {
                refused(&format!("tag {tag} of kind {kind}, {count} values"), &tiff_with((tag, kind, count, place)));
            }
        }
    }
    // All values are in the file: bytes of it, each of which the decoder makes many of.
    let mut long = tiff_with((274, 1, 8 << 20, 512));
    long.resize(9 << 20, 1);
    assert!(refused("many values", &long).contains("8388608 values"));
    // A text for a number, which the decoder prints.
    let mut text = tiff_with((274, 2, 3000, 320));
    text.resize(4000, b'a');
    assert!(refused("a text", &text).contains("number"));
    // Samples that are no colour: rows of 8 * 65535 bytes, or of a thousand times that.
    let samples = tiff_with((277, SHORT, 1, 65535));
    assert!(refused("samples", &samples).contains("65535 samples"));
    // A JPEG in a strip that says it has 16000 x 16000 pixels.
    let jpeg = b"\xff\xd8\xff\xc0\0\x0b\x08\x3e\x80\x3e\x80\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\xff\xd9";
    let mut strip = tiff_with((259, SHORT, 1, 7));
    strip[256..256 + jpeg.len()].copy_from_slice(jpeg);
    assert!(refused("a JPEG", &strip).contains("larger than the image"));
}

#[test]
fn headers_of_images_take_no_memory() {
    in_little_memory("headers");
}

#[test]
#[ignore = "runs in a process of its own"]
fn headers() {
    let picture = DynamicImage::from(image::RgbImage::from_fn(9, 7, |x, y| image::Rgb([x as u8, y as u8, 40])));
    let formats =
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Gif];
    let mut files: Vec<Vec<u8>> = Vec::new();
    for format in formats {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        files.push(bytes.into_inner());
    }
    files.extend(
        [
            &include_bytes!("data/images/cmyk.jpg")[..],
            include_bytes!("data/images/palette.png"),
            include_bytes!("data/images/progressive.jpg"),
            include_bytes!("data/images/lossy.webp"),
        ]
        .map(<[u8]>::to_vec),
    );
    // Chunks for what is not pixels.
    let webp = files[2].clone();
    for name in [b"EXIF", b"ICCP", b"XMP ", b"ALPH", b"ANIM", b"ANMF"] {
        let mut bytes = [&webp[..], &name[..], &12_u32.to_le_bytes(), b"MM\0*\0\0\0\x08\0\x01\x01\x12"].concat();
        let length = bytes.len() as u32 - 8;
        bytes[4..8].copy_from_slice(&length.to_le_bytes());
        files.push(bytes);
    }
    let options = facenet::frame::DecodeOptions { max_pixels: 1 << 16, ..Default::default() };
    for (number, file) in files.iter().enumerate() {
        for place in 0..file.len().saturating_sub(4).min(1200) {
            for value in
                [[0xff; 4], [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0xf0], [0x10, 0, 0, 0]]
            {
                let mut bytes = file.clone();
                bytes[place..place + 4].copy_from_slice(&value);
                let what = format!("file {number} with {value:?} at {place}");
                let _ = in_little(&what, || Image::decode_with(&bytes, &options));
            }
        }
    }
}

/// A progressive JPEG of a size, with so many scans that change nothing.
fn with_scans(side: u16, scans: usize) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xc2\0\x0b\x08".to_vec();
    bytes.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
    bytes.extend(b"\x01\x01\x11\0");
    for _ in 0..scans {
        bytes.extend(b"\xff\xda\0\x08\x01\x01\0\x01\x05\0\0");
    }
    bytes.extend(b"\xff\xd9");
    bytes
}

#[test]
fn a_jpeg_of_too_many_scans_is_refused_by_name() {
    for (side, scans) in [(10_000, 4000), (10_000, 65), (2000, 300)] {
        let error = Image::decode(&with_scans(side, scans)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ImageUnsupported);
        assert!(error.to_string().contains(&format!("{scans} scans of {side}x{side}")), "{error}");
    }
    for (side, scans) in [(10_000, 12), (1000, 200)] {
        // Its tables are missing, which is another thing.
        let error = Image::decode(&with_scans(side, scans)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ImageDecode, "{error}");
    }
}
