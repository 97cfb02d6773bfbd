//! Image files: what is read, what is refused, and how files are written.

use std::io::Cursor;

use facenet::ErrorKind;
use facenet::frame::{DecodeOptions, Image};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat};

const CMYK_JPEG: &[u8] = include_bytes!("data/images/cmyk.jpg");
const PALETTE_PNG: &[u8] = include_bytes!("data/images/palette.png");
const PROGRESSIVE_JPEG: &[u8] = include_bytes!("data/images/progressive.jpg");
const LOSSY_WEBP: &[u8] = include_bytes!("data/images/lossy.webp");

/// 24 x 16 pixels of smooth colour, with a bright top left corner.
fn picture() -> Image {
    let data = (0..16u8).flat_map(|y| {
        (0..24u8).flat_map(move |x| if x < 8 && y < 8 { [250, 240, 230] } else { [10 * x, 15 * y, 100] })
    });
    Image::from_rgb(24, 16, data.collect()).unwrap()
}

fn dynamic(image: &Image) -> DynamicImage {
    image::RgbImage::from_raw(image.width(), image.height(), image.data().to_vec()).unwrap().into()
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn pixel(image: &Image, x: usize, y: usize) -> [u8; 3] {
    image.view().row(y)[3 * x..][..3].try_into().unwrap()
}

fn largest_difference(a: &Image, b: &Image) -> u8 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    a.data().iter().zip(b.data()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

fn refused(bytes: &[u8]) -> ErrorKind {
    Image::decode(bytes).unwrap_err().kind()
}

#[test]
fn lossless_formats_give_the_very_pixels() {
    let picture = picture();
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP] {
        assert_eq!(Image::decode(&encode(&dynamic(&picture), format)).unwrap(), picture, "{format:?}");
    }
}

#[test]
fn lossy_formats_come_near() {
    let picture = picture();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 95).encode_image(&dynamic(&picture)).unwrap();
    assert!(largest_difference(&Image::decode(&jpeg).unwrap(), &picture) <= 16);

    let gradient = (0..32u8).flat_map(|y| (0..32u8).flat_map(move |x| [8 * x, 8 * y, 128])).collect();
    let gradient = Image::from_rgb(32, 32, gradient).unwrap();
    for bytes in [PROGRESSIVE_JPEG, LOSSY_WEBP] {
        assert!(largest_difference(&Image::decode(bytes).unwrap(), &gradient) <= 24);
    }
}

#[test]
fn depths_and_channels_become_eight_bit_rgb() {
    let rgb = dynamic(&picture());
    let expected = |wanted: &DynamicImage| {
        let rgb = wanted.to_rgb8();
        Image::from_rgb(rgb.width(), rgb.height(), rgb.into_raw()).unwrap()
    };
    let mut translucent = rgb.to_rgba8();
    translucent.pixels_mut().for_each(|pixel| pixel.0[3] = 3);
    let translucent = DynamicImage::from(translucent);
    let png = |picture: &DynamicImage| Image::decode(&encode(picture, ImageFormat::Png)).unwrap();

    assert_eq!(png(&translucent), picture(), "alpha is dropped, colours stay");
    assert_eq!(png(&rgb.to_rgb16().into()), picture(), "16 bits are scaled to 8");
    assert_eq!(png(&translucent.to_rgba16().into()), picture());
    for gray in [rgb.to_luma8().into(), rgb.to_luma_alpha8().into(), rgb.to_luma16().into()] {
        let gray: DynamicImage = gray;
        assert_eq!(png(&gray), expected(&gray));
    }
    let gray_tiff: DynamicImage = rgb.to_luma16().into();
    assert_eq!(Image::decode(&encode(&gray_tiff, ImageFormat::Tiff)).unwrap(), expected(&gray_tiff));
    let gray_jpeg: DynamicImage = rgb.to_luma8().into();
    let decoded = Image::decode(&encode(&gray_jpeg, ImageFormat::Jpeg)).unwrap();
    assert!(decoded.data().as_chunks::<3>().0.iter().all(|[r, g, b]| r == g && g == b));
}

#[test]
fn palettes_and_cmyk_are_read() {
    let palette = Image::decode(PALETTE_PNG).unwrap();
    assert_eq!(pixel(&palette, 0, 0), [10, 20, 30]);
    assert_eq!(pixel(&palette, 1, 0), [200, 100, 50], "the colour under a transparent pixel");

    let squares = [[0, 0, 0, 0], [255, 0, 0, 0], [0, 200, 100, 0], [30, 60, 90, 120]];
    let cmyk = Image::decode(CMYK_JPEG).unwrap();
    for (square, [c, m, y, k]) in squares.into_iter().enumerate() {
        let ink = |ink: i32| (255 - ink) * (255 - k) / 255;
        let is = pixel(&cmyk, 8 + square % 2 * 16, 8 + square / 2 * 16);
        for (is, want) in is.into_iter().zip([ink(c), ink(m), ink(y)]) {
            assert!((i32::from(is) - want).abs() <= 3, "square {square}: {is} is not {want}");
        }
    }
}

#[test]
fn the_first_picture_of_an_animation_is_read() {
    let frame = |color: [u8; 4]| image::Frame::new(image::RgbaImage::from_pixel(6, 5, image::Rgba(color)));
    let mut gif = Vec::new();
    image::codecs::gif::GifEncoder::new(&mut gif)
        .encode_frames([frame([255, 0, 0, 255]), frame([0, 0, 255, 255])])
        .unwrap();
    let image = Image::decode(&gif).unwrap();
    assert_eq!((image.width(), image.height(), pixel(&image, 3, 3)), (6, 5, [255, 0, 0]));
}

/// A little-endian Exif block with nothing but an orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    block
}

fn write_with_exif(mut encoder: impl ImageEncoder, orientation: u8) {
    encoder.set_exif_metadata(exif(orientation)).unwrap();
    encoder.write_image(picture().data(), 24, 16, ExtendedColorType::Rgb8).unwrap();
}

#[test]
fn exif_orientation_turns_the_image() {
    // Where the bright top left corner of the stored pixels belongs, by the Exif standard: right?, bottom?, turned?
    let corners = [
        (1, false, false, false),
        (2, true, false, false),
        (3, true, true, false),
        (4, false, true, false),
        (5, false, false, true),
        (6, true, false, true),
        (7, true, true, true),
        (8, false, true, true),
        (9, false, false, false),
    ];
    let picture = picture();
    for (orientation, right, bottom, turned) in corners {
        for jpeg in [true, false] {
            let mut bytes = Vec::new();
            if jpeg {
                write_with_exif(JpegEncoder::new_with_quality(&mut bytes, 95), orientation);
            } else {
                write_with_exif(image::codecs::png::PngEncoder::new(&mut bytes), orientation);
            }
            let image = Image::decode(&bytes).unwrap();
            let (width, height) = if turned { (16, 24) } else { (24, 16) };
            assert_eq!((image.width(), image.height()), (width, height), "orientation {orientation}");
            let x = if right { width as usize - 3 } else { 2 };
            let y = if bottom { height as usize - 3 } else { 2 };
            assert!(pixel(&image, x, y).iter().all(|&value| value > 220), "orientation {orientation}, jpeg {jpeg}");

            let stored = DecodeOptions { apply_orientation: false, ..DecodeOptions::default() };
            let image = Image::decode_with(&bytes, &stored).unwrap();
            assert!(largest_difference(&image, &picture) <= 16);
        }
    }
}

#[test]
fn what_is_not_read_is_named() {
    assert_eq!(refused(b""), ErrorKind::ImageDecode);
    assert_eq!(refused(b"a"), ErrorKind::ImageDecode);
    assert_eq!(refused(b"hello, this is text"), ErrorKind::ImageDecode);
    let message = |bytes: &[u8]| {
        let error = Image::decode(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ImageUnsupported, "{error}");
        error.to_string()
    };
    for (bytes, name) in [
        (&b"\0\0\0\x0cjP  \r\n\x87\n"[..], "JPEG 2000"),
        (b"\xff\x0a\0\0\0\0", "JPEG XL"),
        (b"P6 1 1 255 abc", "PNM"),
        (b"qoif\0\0\0\0\0\0\0\0", "QOI"),
    ] {
        assert!(message(bytes).starts_with(name), "{name}");
    }
    let float: DynamicImage = dynamic(&picture()).to_rgb32f().into();
    assert!(message(&encode(&float, ImageFormat::Tiff)).starts_with("TIFF with pixels of floating point"));

    let jpeg = encode(&dynamic(&picture()), ImageFormat::Jpeg);
    let frame_header = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    for (code, name) in [(0xc3, "lossless"), (0xc5, "hierarchical"), (0xc9, "arithmetic-coded")] {
        let mut other = jpeg.clone();
        other[frame_header + 1] = code;
        assert!(message(&other).starts_with(name));
    }
    let mut deep = jpeg.clone();
    deep[frame_header + 4] = 12;
    assert!(message(&deep).starts_with("12-bit"));
}

#[test]
fn a_file_that_breaks_off_is_an_error() {
    let picture = dynamic(&picture());
    let formats =
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Gif];
    let files = formats.map(|format| encode(&picture, format));
    let others = [CMYK_JPEG, PALETTE_PNG, PROGRESSIVE_JPEG, LOSSY_WEBP].map(<[u8]>::to_vec);
    for whole in files.into_iter().chain(others) {
        let image = Image::decode(&whole).unwrap();
        for length in 0..whole.len() {
            match Image::decode(&whole[..length]) {
                // The last bytes of some formats say nothing but that the file ends.
                Ok(cut) => assert!(cut == image && whole.len() - length < 16, "{length} of {}", whole.len()),
                Err(error) => assert_eq!(error.kind(), ErrorKind::ImageDecode, "{error}"),
            }
        }
    }
}

#[test]
fn stray_bytes_between_the_parts_of_a_jpeg_do_no_harm() {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 95).encode_image(&dynamic(&picture())).unwrap();
    let image = Image::decode(&jpeg).unwrap();
    let tables = jpeg.windows(2).position(|marker| marker == [0xff, 0xdb]).unwrap();
    for stray in [&[0, 0, 0][..], &[0xff, 0xff]] {
        let mut bytes = jpeg.clone();
        bytes.splice(tables..tables, stray.iter().copied());
        assert_eq!(Image::decode(&bytes).unwrap(), image);
    }
    jpeg.extend(b"and what a camera writes behind the image");
    assert_eq!(Image::decode(&jpeg).unwrap(), image);
}

#[test]
fn a_palette_that_ends_within_a_colour_is_an_error() {
    let start = PALETTE_PNG.windows(4).position(|name| name == b"PLTE").unwrap();
    let length = u32::from_be_bytes(PALETTE_PNG[start - 4..start].try_into().unwrap()) as usize;
    let mut chunk = PALETTE_PNG[start..start + 4 + length - 1].to_vec();
    let mut checksum = flate2::Crc::new();
    checksum.update(&chunk);
    chunk.extend(checksum.sum().to_be_bytes());
    chunk.splice(0..0, (length as u32 - 1).to_be_bytes());
    let mut bytes = PALETTE_PNG.to_vec();
    bytes.splice(start - 4..start + 8 + length, chunk);
    assert_eq!(refused(&bytes), ErrorKind::ImageDecode);
}

#[test]
fn a_chunk_of_a_webp_that_claims_more_than_the_file_has_is_an_error() {
    let with_exif = |claimed: u32| {
        let mut bytes = [LOSSY_WEBP, b"EXIF", &claimed.to_le_bytes(), b"MM\0*"].concat();
        let length = bytes.len() as u32 - 8;
        bytes[4..8].copy_from_slice(&length.to_le_bytes());
        bytes
    };
    assert_eq!(Image::decode(&with_exif(4)).unwrap(), Image::decode(LOSSY_WEBP).unwrap());
    for claimed in [5, 0xfa00_005e, u32::MAX] {
        let error = Image::decode(&with_exif(claimed)).unwrap_err();
        assert!(error.to_string().contains("chunk"), "{claimed}: {error}");
    }
}

#[test]
fn sizes_are_checked_before_decoding() {
    let png = encode(&dynamic(&picture()), ImageFormat::Png);
    let limited = |max_pixels, max_bytes| {
        let options = DecodeOptions { max_pixels, max_bytes, ..DecodeOptions::default() };
        Image::decode_with(&png, &options).map_err(|error| error.kind())
    };
    assert!(limited(24 * 16, png.len() as u64).is_ok());
    assert_eq!(limited(24 * 16 - 1, u64::MAX).unwrap_err(), ErrorKind::ImageTooLarge);
    assert_eq!(limited(u64::MAX, png.len() as u64 - 1).unwrap_err(), ErrorKind::ImageTooLarge);

    // A phone of 200 megapixels is within the limit, without any option.
    assert!(DecodeOptions::default().max_pixels >= 16_384 * 12_288);

    // A header that promises 20000 x 20000 pixels, and nothing behind it.
    let mut jpeg = encode(&dynamic(&picture()), ImageFormat::Jpeg);
    let frame_header = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame_header + 5..][..4].copy_from_slice(&[0x4e, 0x20, 0x4e, 0x20]);
    assert_eq!(refused(&jpeg), ErrorKind::ImageTooLarge);
    let mut bmp = encode(&dynamic(&picture()), ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0x20, 0x4e, 0, 0, 0x20, 0x4e, 0, 0]);
    assert_eq!(refused(&bmp), ErrorKind::ImageTooLarge);
}

#[test]
fn files_are_known_by_content_and_errors_name_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("really a png.jpg");
    std::fs::write(&path, encode(&dynamic(&picture()), ImageFormat::Png)).unwrap();
    assert_eq!(Image::open(&path).unwrap(), picture());

    let broken = folder.path().join("broken.png");
    std::fs::write(&broken, &std::fs::read(&path).unwrap()[..100]).unwrap();
    let error = Image::open(&broken).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ImageDecode);
    assert!(error.to_string().contains("broken.png"), "{error}");

    assert_eq!(Image::open(folder.path().join("absent.png")).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(Image::open(folder.path()).unwrap_err().kind(), ErrorKind::Io);
    let small = DecodeOptions { max_bytes: 50, ..DecodeOptions::default() };
    assert_eq!(Image::open_with(&path, &small).unwrap_err().kind(), ErrorKind::ImageTooLarge);
}

#[test]
fn saved_files_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let picture = picture();
    let png = folder.path().join("picture.PNG");
    picture.save(&png).unwrap();
    picture.save(&png).unwrap();
    assert_eq!(Image::open(&png).unwrap(), picture);
    for name in ["picture.jpg", "picture.jpeg"] {
        let path = folder.path().join(name);
        picture.save(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap()[..3], [0xff, 0xd8, 0xff]);
        assert!(largest_difference(&Image::open(&path).unwrap(), &picture) <= 16);
    }
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 3, "nothing else is left in the folder");
}

#[test]
fn what_cannot_be_saved_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let kind = |name: &str| picture().save(folder.path().join(name)).unwrap_err().kind();
    assert_eq!(kind("picture.gif"), ErrorKind::InvalidArgument);
    assert_eq!(kind("picture"), ErrorKind::InvalidArgument);
    assert_eq!(kind("absent/picture.png"), ErrorKind::NotFound);
    std::fs::create_dir(folder.path().join("taken.png")).unwrap();
    assert_eq!(kind("taken.png"), ErrorKind::Io);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn saved_files_have_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (saved, plain) = (folder.path().join("saved.png"), folder.path().join("plain"));
    picture().save(&saved).unwrap();
    std::fs::write(&plain, b"").unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&saved), mode(&plain));
}
