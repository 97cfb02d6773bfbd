//! Image files that few programs write, read as libjpeg-turbo, Pillow and browsers do.

use std::io::{Cursor, Write};
use std::path::Path;

use facenet::ErrorKind;
use facenet::frame::{DecodeOptions, Image};
use image::{DynamicImage, ImageFormat, RgbImage};

/// The orientations that Pillow takes from blocks of Exif data.
const EXIF: &str = include_str!("data/images/exif.txt");

/// 64x48 pixels, the first with Exif data that say it is turned, which do not count in HEIF.
const PHONE: [(&str, &[u8]); 2] =
    [("HEIC", include_bytes!("data/images/phone.heic")), ("AVIF", include_bytes!("data/images/phone.avif"))];

const PROGRESSIVE_JPEG: &[u8] = include_bytes!("data/images/progressive.jpg");

#[test]
fn sampling_factors_and_inks_give_the_pixels_of_pillow() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/images/sampling");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jpg") {
            assert_eq!(Image::open(&path).unwrap(), Image::open(path.with_extension("png")).unwrap(), "{path:?}");
            count += 1;
        }
    }
    assert_eq!(count, 18);
}

/// A picture none of whose corners are alike.
fn picture() -> DynamicImage {
    RgbImage::from_fn(24, 16, |x, y| image::Rgb([9 * x as u8, 15 * y as u8, 100])).into()
}

fn encode(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(segments: &[&[u8]]) -> Vec<u8> {
    let mut bytes = encode(ImageFormat::Jpeg);
    for segment in segments.iter().rev() {
        let length = (segment.len() as u16 + 2).to_be_bytes();
        bytes.splice(2..2, [&[0xff, 0xe1][..], &length, segment].concat());
    }
    bytes
}

/// A PNG with chunks behind its header, or behind its pixels.
fn png(chunks: &[(&[u8; 4], &[u8])], at_the_end: bool) -> Vec<u8> {
    let mut bytes = encode(ImageFormat::Png);
    let place = if at_the_end { bytes.len() - 12 } else { 33 };
    for (name, content) in chunks.iter().rev() {
        let mut checksum = flate2::Crc::new();
        checksum.update(*name);
        checksum.update(content);
        let length = (content.len() as u32).to_be_bytes();
        bytes.splice(place..place, [&length[..], *name, content, &checksum.sum().to_be_bytes()].concat());
    }
    bytes
}

/// An extended WebP whose header announces what `flags` says.
fn webp(flags: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let padding = &[0][..content.len() % 2];
        [&name[..], &(content.len() as u32).to_le_bytes(), content, padding].concat()
    };
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &[flags, 0, 0, 0, 23, 0, 0, 15, 0, 0]));
    body.extend(&encode(ImageFormat::WebP)[12..]);
    chunks.iter().for_each(|(name, content)| body.extend(chunk(name, content)));
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

/// A TIFF with an orientation, if it is not 0, and with XMP.
fn tiff(orientation: u8, xmp: &[u8]) -> Vec<u8> {
    let pixels = picture().into_bytes();
    let directory = 8 + pixels.len() as u32;
    let beyond = directory + 2 + 12 * 12 + 4;
    let mut bytes = [b"II*\0", &directory.to_le_bytes()[..], &pixels].concat();
    let mut entries =
        vec![(256, 3, 1, 24), (257, 3, 1, 16), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 8)];
    entries[2] = (258, 3, 3, beyond);
    entries.extend((orientation > 0).then_some((274, 3, 1, orientation.into())));
    entries.extend([(277, 3, 1, 3), (278, 3, 1, 16), (279, 4, 1, pixels.len() as u32)]);
    entries.extend((!xmp.is_empty()).then_some((700, 1, xmp.len() as u32, beyond + 6)));
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in &entries {
        bytes.extend([u16::to_le_bytes(*tag), u16::to_le_bytes(*kind)].concat());
        bytes.extend([u32::to_le_bytes(*count), u32::to_le_bytes(*value)].concat());
    }
    bytes.resize(beyond as usize, 0);
    bytes.extend([8, 0, 8, 0, 8, 0]);
    bytes.extend(xmp);
    bytes
}

/// The plainest block of Exif data.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    block
}

/// Fails unless the file is read as if it had that orientation; `plain` is such a file.
fn assert_turned(what: &str, bytes: &[u8], orientation: u8, plain: impl Fn(u8) -> Vec<u8>) {
    let read = Image::decode(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = (1..=8).find(|&orientation| Image::decode(&plain(orientation)).unwrap() == read);
    assert_eq!(found, Some(orientation), "{what}");
}

fn plain_jpeg(orientation: u8) -> Vec<u8> {
    jpeg(&[&[b"Exif\0\0", &exif(orientation)[..]].concat()])
}

fn plain_png(orientation: u8) -> Vec<u8> {
    png(&[(b"eXIf", &exif(orientation))], false)
}

fn plain_webp(orientation: u8) -> Vec<u8> {
    webp(8, &[(b"EXIF", &exif(orientation))])
}

#[test]
fn exif_of_any_kind_turns_as_in_pillow() {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    for line in EXIF.lines() {
        let (orientation, block) = line.split_once(' ').unwrap();
        let orientation = orientation.parse().unwrap();
        let block: Vec<u8> = block.as_bytes().chunks(2).map(digits).collect();
        let named = [b"Exif\0\0", &block[..]].concat();
        assert_turned(line, &jpeg(&[&named]), orientation, plain_jpeg);
        assert_turned(line, &png(&[(b"eXIf", &block)], false), orientation, plain_png);
        assert_turned(line, &webp(8, &[(b"EXIF", &block)]), orientation, plain_webp);
        assert_turned(line, &webp(8, &[(b"EXIF", &named)]), orientation, plain_webp);
    }
}

#[test]
fn each_container_has_its_places_for_the_orientation() {
    let (six, eight) = (exif(6), exif(8));
    let named = [b"Exif\0\0", &six[..]].concat();
    // In two segments, without its name, behind the scan.
    assert_turned("halves", &jpeg(&[&named[..12], &[b"Exif\0\0", &named[12..]].concat()]), 6, plain_jpeg);
    assert_turned("nameless", &jpeg(&[&six]), 1, plain_jpeg);
    let mut late = encode(ImageFormat::Jpeg);
    let place = late.len() - 2;
    late.splice(place..place, jpeg(&[&named])[2..6 + named.len()].iter().copied());
    assert_turned("late", &late, 1, plain_jpeg);

    let hex: String = named.iter().map(|byte| format!("{byte:02x}")).collect();
    let profile = format!("\nexif\n{:8}\n{}\n{}\n", named.len(), &hex[..30], &hex[30..]);
    let keyword = b"Raw profile type exif\0";
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(profile.as_bytes()).unwrap();
    let text = [&keyword[..], profile.as_bytes()].concat();
    let compressed = [&keyword[..], &[0], &packed.finish().unwrap()].concat();
    for at_the_end in [false, true] {
        assert_turned("chunk", &png(&[(b"eXIf", &six)], at_the_end), 6, plain_png);
        assert_turned("profile", &png(&[(b"tEXt", &text)], at_the_end), 6, plain_png);
        assert_turned("packed", &png(&[(b"zTXt", &compressed)], at_the_end), 6, plain_png);
    }
    assert_turned("both", &png(&[(b"tEXt", &text), (b"eXIf", &eight)], false), 8, plain_png);
    assert_turned("not announced", &webp(0, &[(b"EXIF", &six)]), 1, plain_webp);
    (1..=8).for_each(|orientation| assert_turned("TIFF", &tiff(orientation, b""), orientation, |is| tiff(is, b"")));
}

#[test]
fn xmp_says_it_where_exif_does_not() {
    let adobe = |xmp: &[u8]| [b"http://ns.adobe.com/xap/1.0/\0", xmp].concat();
    let text = |xmp: &[u8]| [b"XML:com.adobe.xmp\0\0\0\0\0", xmp].concat();
    for (xmp, orientation) in [
        (&br#"<x tiff:Orientation="6"/>"#[..], 6),
        (b"<tiff:Orientation>8</tiff:Orientation>", 8),
        (br#"<x tiff:Orientation="9"/>"#, 1),
        (br#"<x tiff:Orientation = "6"/>"#, 1),
    ] {
        assert_turned("JPEG", &jpeg(&[&adobe(xmp)]), orientation, plain_jpeg);
        assert_turned("PNG", &png(&[(b"iTXt", &text(xmp))], false), orientation, plain_png);
        assert_turned("WebP", &webp(4, &[(b"XMP ", xmp)]), orientation, plain_webp);
        assert_turned("TIFF", &tiff(0, xmp), orientation, |orientation| tiff(orientation, b""));
        let named = [b"Exif\0\0", &exif(3)[..]].concat();
        assert_turned("both", &jpeg(&[&adobe(xmp), &named]), 3, plain_jpeg);
    }
    let options = DecodeOptions { apply_orientation: false, ..DecodeOptions::default() };
    assert_eq!(Image::decode_with(&plain_jpeg(6), &options).unwrap(), Image::decode(&jpeg(&[])).unwrap());
}

#[test]
fn a_jpeg_whose_pixels_are_all_there_is_read_with_a_doubt() {
    let plain = encode(ImageFormat::Jpeg);
    for whole in [&plain[..], PROGRESSIVE_JPEG] {
        let image = Image::decode(whole).unwrap();
        assert_eq!(image.doubt(), None);
        let (body, _) = whole.split_at(whole.len() - 2);
        let other = encode(ImageFormat::Jpeg);
        for behind in
            [&b""[..], b"\xff", b"a trailer", &[0; 40], &[0xff; 40], b"\xff\xc3\0\x0b\x08\0\x01\0\x01", &other]
        {
            let read = Image::decode(&[body, behind].concat()).unwrap();
            assert_eq!(read, image, "{behind:?}");
            assert!(read.doubt().unwrap().contains("without its end marker"), "{:?}", read.doubt());
        }
        let read = Image::decode(&[whole, &other].concat()).unwrap();
        assert_eq!((&read, read.doubt()), (&image, None));
        let tables = whole.windows(2).position(|marker| marker == [0xff, 0xdb]).unwrap();
        let (before, after) = whole.split_at(tables);
        let read = Image::decode(&[before, b"stray", after].concat()).unwrap();
        assert!(read == image && read.doubt().unwrap().contains("5 stray bytes"), "{:?}", read.doubt());
        // Without a byte of its pixels, or the half of them.
        for length in [body.len() - 1, body.len() / 2] {
            assert_eq!(Image::decode(&body[..length]).unwrap_err().kind(), ErrorKind::ImageDecode);
        }
    }
    // A doubt about a file is no difference of its pixels, and stays with a picture that is turned.
    let turned = plain_jpeg(6);
    assert!(Image::decode(&turned[..turned.len() - 2]).unwrap().doubt().is_some());
}

#[test]
fn photos_of_phones_are_read_where_libheif_is_installed() {
    for (name, bytes) in PHONE {
        let image = match Image::decode(bytes) {
            Ok(image) => image,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ImageUnsupported, "{error}");
                assert!(error.to_string().starts_with(name) && error.to_string().contains("libheif1"), "{error}");
                testkit::skip("libheif is not installed");
                continue;
            }
        };
        assert_eq!((image.width(), image.height()), (64, 48));
        // Not near the edge of the bright corner, where the codecs blur.
        for (x, y) in (24..64).flat_map(|x| (24..48).map(move |y| (x, y))) {
            let pixel = &image.view().row(y)[3 * x..][..3];
            let expected = [4 * x, 5 * y, 100];
            assert!(
                pixel.iter().zip(expected).all(|(&is, want)| usize::from(is).abs_diff(want) <= 24),
                "{x} {y}: {pixel:?}"
            );
        }
        assert!(image.view().row(4)[12..15].iter().all(|&value| value > 210));
        let small = DecodeOptions { max_pixels: 64 * 48 - 1, ..DecodeOptions::default() };
        assert_eq!(Image::decode_with(bytes, &small).unwrap_err().kind(), ErrorKind::ImageTooLarge);
        for length in [20, 100, bytes.len() / 2, bytes.len() - 40] {
            assert_eq!(Image::decode(&bytes[..length]).unwrap_err().kind(), ErrorKind::ImageDecode, "{length}");
        }
    }
}
