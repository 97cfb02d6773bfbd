//! What a call through libfacenet costs beside the same call of the Rust interface: both take turns in one process, and the
//! processor time of all its threads is counted, so that other work on the machine matters little. What two sessions of ONNX
//! Runtime differ by without any C between them is shown by the rows that compare Rust with Rust.
//!
//! The library is loaded as a C program would; build it first (`cargo build --release -p facenet-capi`).

#![allow(unsafe_code, reason = "it calls functions of C")]

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use facenet_core::{
    Aligner, Detector, DetectorOptions, Embedder, EmbedderOptions, Image, Metric, Pipeline, PipelineOptions, Runtime,
    RuntimeOptions, embedding,
};
use libloading::{Library, Symbol};

/// A handle, which only the library looks into.
type Handle = *mut std::ffi::c_void;

/// `facenet_plane`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Plane {
    data: *const u8,
    size: usize,
    stride: isize,
}

/// `facenet_frame`, of upright RGB: all other numbers are 0.
#[repr(C)]
struct Frame {
    struct_size: usize,
    format: u32,
    width: u32,
    height: u32,
    others: [u32; 5],
    planes: [Plane; 4],
}

impl Frame {
    /// Borrows the pixels, which must outlive it.
    fn of(image: &Image) -> Self {
        let mut planes = [Plane { data: std::ptr::null(), size: 0, stride: 0 }; 4];
        planes[0] = Plane { data: image.data().as_ptr(), size: image.data().len(), stride: 3 * image.width() as isize };
        let (width, height) = (image.width(), image.height());
        Self { struct_size: size_of::<Self>(), format: 0, width, height, others: [0; 5], planes }
    }
}

/// `FACENET_METRIC_EUCLIDEAN`.
const EUCLIDEAN: u32 = 0;

/// The functions of C that are called here.
struct Api<'a> {
    detect: Symbol<'a, unsafe extern "C" fn(Handle, *const Frame, *mut Handle) -> i32>,
    free_faces: Symbol<'a, unsafe extern "C" fn(Handle)>,
    process: Symbol<'a, unsafe extern "C" fn(Handle, *const Frame, *mut Handle) -> i32>,
    free_embedded: Symbol<'a, unsafe extern "C" fn(Handle)>,
    embed: Symbol<'a, unsafe extern "C" fn(Handle, *const u8, usize, *mut f32, usize, *mut usize) -> i32>,
    distance: Symbol<'a, unsafe extern "C" fn(*const f32, *const f32, usize, u32, *mut f32) -> i32>,
    dimension: Symbol<'a, unsafe extern "C" fn(Handle) -> usize>,
}

/// What is called through C.
struct Handles {
    detector: Handle,
    pipeline: Handle,
    embedder: Handle,
    frame: Frame,
}

fn main() {
    let path = std::env::current_exe().expect("a path").with_file_name("libfacenet.so");
    // SAFETY: libfacenet runs no code when it is loaded.
    let library = unsafe { Library::new(&path) };
    let library = library.unwrap_or_else(|error| panic!("{error}: run `cargo build --release -p facenet-capi` first"));
    let api = Api::of(&library);
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/photos/obama.jpg");
    let image = small(&Image::open(photo).expect("a shipped photo"));
    let handles = Handles::new(&library, &image);

    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let detector = Detector::new(&runtime, DetectorOptions::default()).expect("the shipped networks");
    let embedder = Embedder::new(&runtime, EmbedderOptions::default()).expect("the shipped model");
    let pipeline = Pipeline::new(&runtime, PipelineOptions::default()).expect("the shipped models");
    let face = detector.detect(&image.frame()).expect("faces")[0];
    let aligner = Aligner::new(embedder.spec().alignment, embedder.spec().input_size).expect("an aligner");
    let crop = aligner.align(&image.frame(), &face.rect, &face.landmarks).expect("a crop");
    let crops = vec![crop.clone(); 8];
    let bytes: Vec<u8> = crops.iter().flat_map(|crop| crop.data().to_vec()).collect();
    let vectors = embedder.embed(&crops[..1]).expect("a vector");
    let other_runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let other_detector = Detector::new(&other_runtime, DetectorOptions::default()).expect("the shipped networks");
    let other_embedder = Embedder::new(&other_runtime, EmbedderOptions::default()).expect("the shipped model");
    let vector = vectors[0].values();
    let mut place = vec![0.0f32; 8 * vector.len()];

    let title = format!("detect, {}x{}", image.width(), image.height());
    compare(&title, 200, 1, || detector.detect(&image.frame()).expect("faces"), || api.detect(&handles));
    let other = || other_detector.detect(&image.frame()).expect("faces");
    compare("  Rust for C", 200, 1, || detector.detect(&image.frame()).expect("faces"), other);
    let title = format!("detect, align and embed, {}x{}", image.width(), image.height());
    compare(&title, 100, 1, || pipeline.process(&image.frame()).expect("faces"), || api.process(&handles));
    for (count, rounds) in [(1, 100), (8, 20)] {
        let rust = || embedder.embed(&crops[..count]).expect("vectors");
        compare(&format!("embed, batch of {count}"), rounds, 1, rust, || {
            api.embed(&handles, &bytes[..bytes.len() / 8 * count], count, &mut place);
        });
        compare("  Rust for C", rounds, 1, rust, || other_embedder.embed(&crops[..count]).expect("vectors"));
    }
    let rust = || embedding::distance(black_box(vector), black_box(vector), Metric::Euclidean).expect("a distance");
    compare("distance of two vectors", 200, 10_000, rust, || api.distance(black_box(vector), black_box(vector)));
    compare(
        "dimension of the embedder",
        200,
        10_000,
        || black_box(&embedder).dimension(),
        || {
            // SAFETY: the embedder lives.
            unsafe { (api.dimension)(black_box(handles.embedder)) }
        },
    );
}

/// Every nth pixel, so that the shorter side has 250 or a few more.
fn small(image: &Image) -> Image {
    let step = (image.width().min(image.height()) / 250).max(1) as usize;
    let (width, height) = (image.width() as usize / step, image.height() as usize / step);
    let pixel = |index: usize| {
        let (x, y) = (index % width * step, index / width * step);
        &image.data()[3 * (y * image.width() as usize + x)..][..3]
    };
    let pixels = (0..width * height).flat_map(|index| pixel(index).to_vec()).collect();
    Image::from_rgb(width as u32, height as u32, pixels).expect("an image")
}

/// What all threads of this process have taken of the processors.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the place for the result is there.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) }, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Times both by turns, `calls` calls at a time, and prints the medians, and that of the ratios.
fn compare<A, B>(title: &str, rounds: usize, calls: u32, mut rust: impl FnMut() -> A, mut c: impl FnMut() -> B) {
    let time = |call: &mut dyn FnMut()| {
        let start = processor_time();
        (0..calls).for_each(|_| call());
        (processor_time() - start) / calls
    };
    let (mut rust, mut c) = (|| drop(black_box(rust())), || drop(black_box(c())));
    let (mut of_rust, mut of_c) = (Vec::new(), Vec::new());
    for round in 0..rounds + 3 {
        // Neither is always the one that comes second.
        let (first, second): (&mut dyn FnMut(), &mut dyn FnMut()) =
            if round % 2 == 0 { (&mut rust, &mut c) } else { (&mut c, &mut rust) };
        let times = [time(first), time(second)];
        if round >= 3 {
            of_rust.push(times[round % 2]);
            of_c.push(times[1 - round % 2]);
        }
    }
    let median = |mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    };
    // Of neighbours in time, which had the same machine to themselves or not.
    let ratio = median(of_c.iter().zip(&of_rust).map(|(c, rust)| c.as_secs_f64() / rust.as_secs_f64()).collect());
    let micros = |times: Vec<Duration>| median(times.iter().map(|time| time.as_secs_f64() * 1e6).collect());
    let (of_rust, of_c) = (micros(of_rust), micros(of_c));
    println!("{title:<40} Rust {of_rust:>12.3} us   C {of_c:>12.3} us   ratio {ratio:.4}");
}

fn symbol<'a, T>(library: &'a Library, name: &str) -> Symbol<'a, T> {
    // SAFETY: the types are those of facenet.h.
    unsafe { library.get(name) }.unwrap_or_else(|error| panic!("{error}"))
}

impl<'a> Api<'a> {
    fn of(library: &'a Library) -> Self {
        Self {
            detect: symbol(library, "facenet_detector_detect"),
            free_faces: symbol(library, "facenet_faces_free"),
            process: symbol(library, "facenet_pipeline_process"),
            free_embedded: symbol(library, "facenet_embedded_faces_free"),
            embed: symbol(library, "facenet_embedder_embed"),
            distance: symbol(library, "facenet_distance"),
            dimension: symbol(library, "facenet_embedder_dimension"),
        }
    }

    fn detect(&self, handles: &Handles) {
        let mut faces = std::ptr::null_mut();
        // SAFETY: the handles live, and the frame's pixels too.
        assert_eq!(unsafe { (self.detect)(handles.detector, &handles.frame, &mut faces) }, 0);
        // SAFETY: the faces are this function's.
        unsafe { (self.free_faces)(faces) };
    }

    fn process(&self, handles: &Handles) {
        let mut faces = std::ptr::null_mut();
        // SAFETY: the handles live, and the frame's pixels too.
        assert_eq!(unsafe { (self.process)(handles.pipeline, &handles.frame, &mut faces) }, 0);
        // SAFETY: the faces are this function's.
        unsafe { (self.free_embedded)(faces) };
    }

    fn embed(&self, handles: &Handles, crops: &[u8], count: usize, vectors: &mut [f32]) {
        let (place, capacity) = (vectors.as_mut_ptr(), vectors.len());
        // SAFETY: the handle lives, and there are as many crops.
        let status =
            unsafe { (self.embed)(handles.embedder, crops.as_ptr(), count, place, capacity, std::ptr::null_mut()) };
        assert_eq!(status, 0);
    }

    fn distance(&self, a: &[f32], b: &[f32]) -> f32 {
        let mut distance = 0.0;
        // SAFETY: both have as many values.
        assert_eq!(unsafe { (self.distance)(a.as_ptr(), b.as_ptr(), a.len(), EUCLIDEAN, &mut distance) }, 0);
        distance
    }
}

impl Handles {
    /// With the defaults. They live to the end of the program.
    fn new(library: &Library, image: &Image) -> Self {
        let none = std::ptr::null();
        let made = |make: &dyn Fn(*mut Handle) -> i32| {
            let mut handle = std::ptr::null_mut();
            assert_eq!(make(&mut handle), 0, "a handle");
            handle
        };
        let runtime: Symbol<'_, unsafe extern "C" fn(*const u8, *mut Handle) -> i32> =
            symbol(library, "facenet_runtime_new");
        // SAFETY: NULL means the defaults.
        let runtime = made(&|to| unsafe { runtime(none, to) });
        let stage = |name: &str| {
            let make: Symbol<'_, unsafe extern "C" fn(Handle, *const u8, *mut Handle) -> i32> = symbol(library, name);
            // SAFETY: the runtime lives, and NULL means the defaults.
            made(&|to| unsafe { make(runtime, none, to) })
        };
        let pipeline: Symbol<'_, unsafe extern "C" fn(Handle, *const u8, *const u8, *mut Handle) -> i32> =
            symbol(library, "facenet_pipeline_new");
        Self {
            detector: stage("facenet_detector_new"),
            embedder: stage("facenet_embedder_new"),
            // SAFETY: the runtime lives, and NULL means the defaults.
            pipeline: made(&|to| unsafe { pipeline(runtime, none, none, to) }),
            frame: Frame::of(image),
        }
    }
}
