//! Files that were made to do harm: each is refused, in little memory, and nothing is printed.

use std::io::Cursor;

use facenet::evaluate::{InsightfacePairs, Pairs, Profile};
use facenet::export::read_part;
use facenet::model::{Alignment, ColorOrder, ImportOptions, ModelFile, Standardization, import_bytes};
use facenet::runtime::{Network, NetworkOptions};
use facenet::store::{Stored, description_path, names_path};
use facenet::train::TrainingSettings;
use facenet::{Classifier, ErrorKind, Image};
use image::{DynamicImage, ImageFormat};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use testkit::fuzz::mutate;
use testkit::runtime::{Child, FLOAT, Model, bytes, library, relu, runtime};

/// More than the process of a test needs for itself, and less than hostile headers ask for.
const ADDRESS_SPACE_KIB: u64 = 3 << 20;

/// The address space that reading a file of a few bytes may take besides, in KiB.
const LITTLE_KIB: u64 = 96 << 10;

/// Runs an ignored test of this module in a process of little memory, in which nothing may panic.
fn in_little_memory(test: &str) {
    let mut child = Child::new(module_path!(), test, None).memory(ADDRESS_SPACE_KIB);
    if let Some(library) = library() {
        child = child.env("FACENET_ORT_DYLIB", library);
    }
    let output = child.run();
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

/// A message as it may be printed.
fn is_short(message: &str) {
    assert!(message.len() < 1000 && !message.contains('\n'), "{} bytes: {message:.300}", message.len());
}

/// A file in NumPy's format with a header, and as many bytes behind it.
fn npy(header: &str, bytes: usize) -> Vec<u8> {
    let start = [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat();
    [start, vec![0; bytes]].concat()
}

#[test]
fn files_are_read_within_limits() {
    in_little_memory("limits");
}

#[test]
#[ignore = "runs in a process of its own"]
fn limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faces.npy");
    for header in [
        r#"{"descr": "<f4", "fortran_order": False, "shape": (1000000000, 512), }"#,
        "{'descr':'<f8','fortran_order':True,'shape':(512,1000000000)}",
        "{'shape': (18446744073709551615, 18446744073709551615), 'descr': \"<f4\", 'fortran_order': False}",
        "{'shape': (4294967296, 0), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': (99999999999999999999999, 1), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': (1_000_000_000, 512), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': (0x40000000, 512), 'descr': u'<f4', 'fortran_order': False}",
        "{'\\x73hape': (1000000000, 512), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': (4, 4), 'shape': (1000000000, 512), 'descr': '<f4', 'fortran_order': False}",
        "{'shape': (1000000000, 512), 'descr': [('a', '<f4')], 'fortran_order': False}",
    ] {
        std::fs::write(&path, npy(header, 64)).unwrap();
        let error = in_little(header, || Stored::read(&path)).expect_err(header);
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid, "{header}: {error}");
        is_short(&error.to_string());
    }
    // A file with holes that has all the bytes that it says, and takes no place on the disk.
    let header = "{'shape': (2147483648, 128), 'descr': '<f4', 'fortran_order': False}";
    std::fs::write(&path, npy(header, 0)).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(10 + header.len() as u64 + (1 << 40)).unwrap();
    assert_eq!(Stored::read(&path).unwrap_err().kind(), ErrorKind::DatasetInvalid);

    std::fs::write(&path, npy("{'shape': (1, 1), 'descr': '<f4', 'fortran_order': False}", 4)).unwrap();
    for (beside, length) in [(names_path(&path), 2 << 30), (description_path(&path), 2 << 20)] {
        std::fs::File::create(&beside).unwrap().set_len(length).unwrap();
        let error = in_little("what lies beside", || Stored::read(&path)).unwrap_err();
        assert!(error.to_string().contains("never has"), "{error}");
        std::fs::remove_file(beside).unwrap();
    }
    let large = folder.path().join("large");
    std::fs::File::create(&large).unwrap().set_len(5 << 30).unwrap();
    type Read = fn(&std::path::Path) -> facenet::Result<()>;
    let readers: [(&str, Read); 4] = [
        ("classifier", |path| Classifier::load(path).map(drop)),
        ("pairs", |path| Pairs::read(path).map(drop)),
        ("pickle", |path| InsightfacePairs::read(path).map(drop)),
        ("profile", |path| Profile::read(path).map(drop)),
    ];
    for (what, read) in readers {
        let error = in_little(what, || read(&large)).expect_err(what);
        assert!(error.to_string().contains("never has"), "{what}: {error}");
        is_short(&error.to_string());
    }
}

#[test]
fn a_pickle_takes_little_more_memory_than_its_file() {
    in_little_memory("pickles");
}

#[test]
#[ignore = "runs in a process of its own"]
fn pickles() {
    for opcode in [b']', b')', b'(', b'N', 0x88, 0x94] {
        let pickle = [&b"\x80\x02]"[..], &vec![opcode; 48 << 20], b"."].concat();
        let before = peak_kib();
        let error = InsightfacePairs::parse(&pickle[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
        assert!(peak_kib() - before < 4 * (48 << 10), "{opcode} takes {} KiB", peak_kib() - before);
    }
}

#[test]
fn messages_repeat_little_of_what_a_file_says() {
    let long = "x".repeat(4 << 20);
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("staff.toml");
    for text in [long.clone(), format!("{long} 1 2"), format!("Ada 1 {long}"), "Ada\x1b[31m\u{7} 1 b 2 3 4".to_string()]
    {
        let error = Pairs::parse(&text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
        is_short(&error.to_string());
        assert!(!error.to_string().contains(['\x1b', '\u{7}']), "{error}");
    }
    let long = "y".repeat(1 << 19);
    for json in [format!(r#"{{"method":"{long}"}}"#), format!(r#"{{"{long}":1,"data_dir":"faces"}}"#)] {
        is_short(&TrainingSettings::from_json(&json).unwrap_err().to_string());
    }
    for toml in [format!("version = 1\n{long} = 2"), format!("version = \"{long}\""), long] {
        std::fs::write(&profile, toml).unwrap();
        is_short(&Profile::read(&profile).unwrap_err().to_string());
    }
}

/// An encoded message of one field.
fn message(field: u64, content: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    bytes(&mut message, field, content);
    message
}

/// A tensor called `w` whose values lie in the file `secret.bin`.
fn external() -> Vec<u8> {
    let entry = [message(1, b"location"), message(2, b"secret.bin")].concat();
    [message(8, b"w"), message(13, &entry)].concat()
}

#[test]
fn tensors_in_other_files_are_refused_wherever_they_are() {
    let model =
        || Model::default().node("Relu", &["x"], "y").input("x", FLOAT, &[0, 3, 8, 8]).output("y", FLOAT, &[0, 8]);
    let node = |attribute: Vec<u8>| message(5, &attribute);
    let graph = message(5, &external());
    let in_graph: [(&str, u64, Vec<u8>); 9] = [
        ("an initializer", 5, external()),
        ("a sparse initializer", 15, message(1, &external())),
        ("the places of a sparse initializer", 15, message(2, &external())),
        ("an attribute", 1, node(message(5, &external()))),
        ("a list of tensors", 1, node(message(10, &external()))),
        ("a graph within", 1, node(message(6, &graph))),
        ("a list of graphs", 1, node(message(11, &graph))),
        ("a node of a graph within", 1, node(message(6, &message(1, &node(message(5, &external())))))),
        ("a sparse tensor", 1, node(message(22, &message(1, &external())))),
    ];
    let mut files: Vec<(&str, Vec<u8>)> =
        in_graph.map(|(what, field, part)| (what, model().part(field, &part).build())).into();
    let function = message(25, &message(7, &node(message(5, &external()))));
    files.push(("a function", [model().build(), function].concat()));
    files.push(("a training", [model().build(), message(20, &message(2, &graph))].concat()));
    for (what, file) in files {
        let imported = import_bytes(file.clone(), &as_embedding()).expect_err(what);
        let mut errors = vec![imported];
        if let Some(runtime) = runtime(facenet::RuntimeOptions::default()) {
            errors.push(Network::from_bytes(&runtime, "test", &file, NetworkOptions::default()).expect_err(what));
        }
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::ModelUnsupported, "{what}: {error}");
            assert!(error.to_string().contains("`w` is kept in another file"), "{what}: {error}");
        }
    }
}

fn as_embedding() -> ImportOptions {
    ImportOptions {
        name: Some("test".into()),
        color_order: Some(ColorOrder::Rgb),
        standardization: Some(Standardization::Fixed),
        alignment: Some(Alignment::Arcface),
        ..ImportOptions::default()
    }
}

#[test]
fn the_checksum_covers_all_that_computes() {
    let base =
        || Model::default().input("x", FLOAT, &[0, 3, 8, 8]).output("y", FLOAT, &[0, 8]).constant("w", &[1], &[2.0]);
    let value = |value: f32| {
        let tensor = [message(9, &value.to_le_bytes()), message(8, b"v")].concat();
        let attribute = [message(1, b"value"), message(5, &tensor)].concat();
        [message(2, b"c"), message(4, b"Constant"), message(5, &attribute)].concat()
    };
    let function = message(25, &message(1, b"f"));
    let files = [
        base().node("Mul", &["x", "w"], "y").build(),
        base().node("Add", &["x", "w"], "y").build(),
        base().node("Add", &["w", "x"], "y").build(),
        base().node("Add", &["x", "c"], "y").part(1, &value(1.0)).build(),
        base().node("Add", &["x", "c"], "y").part(1, &value(1.5)).build(),
        base().node("Mul", &["x", "w"], "y").part(15, &message(3, b"\x01")).build(),
        [base().node("Mul", &["x", "w"], "y").build(), function].concat(),
    ];
    let mut sums: Vec<String> = Vec::new();
    for file in &files {
        let model = import_bytes(file.clone(), &as_embedding()).unwrap();
        model.verify().unwrap();
        sums.push(model.spec().weights_sha256.clone());
        // The description is not part of it.
        let options = ImportOptions { license: Some("MIT".into()), ..as_embedding() };
        assert_eq!(import_bytes(file.clone(), &options).unwrap().spec().weights_sha256, model.spec().weights_sha256);
    }
    sums.sort_unstable();
    sums.dedup();
    assert_eq!(sums.len(), files.len());
    // Stored embeddings depend on those of the models that ship: `models/manifest.toml` has them from before.
    for model in &facenet::model::Manifest::shipped().models {
        assert_eq!(
            ModelFile::read(testkit::model::shipped(&model.file)).unwrap().spec().weights_sha256,
            model.weights_sha256
        );
    }
}

#[test]
fn shapes_that_make_no_sense_are_refused() {
    if testkit::has_runtime() {
        in_little_memory("shapes");
    }
}

#[test]
#[ignore = "runs in a process of its own"]
fn shapes() {
    let runtime = runtime(facenet::RuntimeOptions::default()).unwrap();
    let big = i64::MAX as u64;
    for shape in [[0, 3, -8_i64 as u64, 8], [-2_i64 as u64, 3, 8, 8], [i64::MIN as u64, 3, 8, 8], [big, big, big, big]]
    {
        let model =
            Model::default().node("Relu", &["x"], "y").input("x", FLOAT, &shape).output("y", FLOAT, &shape).build();
        let error = Network::from_bytes(&runtime, "test", &model, NetworkOptions::default());
        if let Err(error) = error {
            assert_eq!(error.kind(), ErrorKind::ModelInvalid, "{shape:?}: {error}");
            is_short(&error.to_string());
        }
    }
    let options = ImportOptions { name: Some("x".repeat(1 << 20)), ..as_embedding() };
    is_short(&import_bytes(relu(), &options).unwrap_err().to_string());
}

#[test]
fn many_properties_are_read_once() {
    let Some(runtime) = runtime(facenet::RuntimeOptions::default()) else { return };
    // One after the other was looked for among all, which took half a minute.
    let shape = [0, 3, 0, 0];
    let model = Model::default().node("Relu", &["x"], "y").input("x", FLOAT, &shape).output("y", FLOAT, &shape);
    let model = (0..16_000).fold(model, |model, number| model.metadata(&format!("key {number}"), "value"));
    let network = Network::from_bytes(&runtime, "test", &model.build(), NetworkOptions::default()).unwrap();
    assert_eq!(network.metadata("key 15999"), Some("value"));
}

#[test]
fn parts_of_an_export_are_fenced() {
    in_little_memory("parts");
}

#[test]
#[ignore = "runs in a process of its own"]
fn parts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("part.parquet");
    let seeds = testkit::root().join("fuzz/seeds");
    std::fs::copy(seeds.join("hostile/part/part-byte-stream-split.parquet"), &path).unwrap();
    let error = read_part(&path).unwrap_err();
    assert!(error.to_string().contains("is damaged: remove it to make it again"), "{error}");
    let plain = std::fs::read(seeds.join("part/plain.parquet")).unwrap();
    std::fs::write(&path, &plain).unwrap();
    assert_eq!(read_part(&path).unwrap(), 2);
    let mut random = StdRng::seed_from_u64(1);
    for _ in 0..2000 {
        let mut bytes = plain.clone();
        mutate(&mut bytes, &mut random);
        std::fs::write(&path, &bytes).unwrap();
        if let Err(error) = read_part(&path) {
            assert_eq!(error.kind(), ErrorKind::DatasetInvalid, "{error}");
            is_short(&error.to_string());
        }
    }
}
