//! Time of each stage on the shipped photos and models.
//!
//! The figures depend on the machine; `benches/peers` puts them beside those of other libraries in one run.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use facenet::frame::{ColorMatrix, ColorRange, PixelFormat, Plane};
use facenet::model::Alignment;
use facenet::{
    Aligner, Detector, DetectorOptions, Embedder, EmbedderOptions, Frame, Image, Metric, Runtime, RuntimeOptions,
    embedding,
};

fn photo(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/photos").join(name)).expect("a shipped photo")
}

fn frames(criterion: &mut Criterion) {
    let jpeg = photo("obama.jpg");
    let mut group = criterion.benchmark_group("frame");
    group.bench_function("decode a JPEG of 910x1137", |bencher| bencher.iter(|| Image::decode(black_box(&jpeg))));

    let (luma, chroma) = (vec![90u8; 1920 * 1080], vec![120u8; 1920 * 540]);
    let planes = [Plane::new(&luma, 1920), Plane::new(&chroma, 1920)];
    let frame = Frame::new(PixelFormat::Nv12, 1920, 1080, &planes)
        .expect("a valid frame")
        .with_range(ColorRange::Limited)
        .with_matrix(ColorMatrix::Bt709);
    let mut rgb = Image::default();
    group.bench_function("NV12 of 1920x1080 to RGB", |bencher| bencher.iter(|| frame.upright_into(&mut rgb)));
    group.finish();
}

fn detect(criterion: &mut Criterion) {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let detector = Detector::new(&runtime, DetectorOptions::default()).expect("the shipped networks");
    let mut group = criterion.benchmark_group("detect");
    group.sample_size(20);
    for name in ["astronaut.png", "obama.jpg"] {
        let image = Image::decode(&photo(name)).expect("a photo");
        let title = format!("{}x{}, faces from 20 pixels", image.width(), image.height());
        group.bench_function(&title, |bencher| bencher.iter(|| detector.detect(&image.frame())));
    }
    group.finish();
}

fn align(criterion: &mut Criterion) {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let detector = Detector::new(&runtime, DetectorOptions::default()).expect("the shipped networks");
    let image = Image::decode(&photo("obama.jpg")).expect("a photo");
    let face = detector.detect(&image.frame()).expect("faces")[0];
    let mut group = criterion.benchmark_group("align");
    for (title, alignment, size) in
        [("margin crop, 160", Alignment::Margin { margin: 32 }, 160), ("similarity warp, 112", Alignment::Arcface, 112)]
    {
        let aligner = Aligner::new(alignment, size).expect("a valid alignment");
        group.bench_function(title, |bencher| {
            bencher.iter(|| aligner.align(&image.frame(), &face.rect, &face.landmarks));
        });
    }
    group.finish();
}

fn embed(criterion: &mut Criterion) {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("ONNX Runtime");
    let embedder = Embedder::new(&runtime, EmbedderOptions::default()).expect("the shipped model");
    let mut group = criterion.benchmark_group("embed");
    group.sample_size(10);
    for count in [1usize, 32] {
        let pixels = |seed: usize| (0..160 * 160 * 3).map(|i| (i * (7 + seed) % 251) as u8).collect();
        let faces: Vec<Image> =
            (0..count).map(|seed| Image::from_rgb(160, 160, pixels(seed)).expect("the right length")).collect();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("batch {count}"), |bencher| bencher.iter(|| embedder.embed(&faces)));
    }
    group.finish();
}

fn compare(criterion: &mut Criterion) {
    let vector = |seed: usize| (0..512).map(|i| ((i * seed) % 17) as f32 - 8.0).collect::<Vec<f32>>();
    let mut group = criterion.benchmark_group("compare");
    for metric in [Metric::Euclidean, Metric::Cosine] {
        group.bench_function(format!("{metric:?}, 512 values"), |bencher| {
            bencher.iter_batched(
                || (vector(3), vector(5)),
                |(a, b)| embedding::distance(&a, &b, metric),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(stages, frames, detect, align, embed, compare);
criterion_main!(stages);
