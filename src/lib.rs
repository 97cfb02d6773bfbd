//! Face detection, alignment, embedding and comparison: MTCNN and FaceNet on ONNX Runtime.
//!
//! # Two photos
//!
//! A [`Runtime`] loads ONNX Runtime and finds the models; a [`Pipeline`] has a picture's faces found, aligned and embedded. Both are
//! cheap to clone and may be used from many threads at once.
//!
//! ```no_run
//! use facenet::{Image, Metric, Pipeline, PipelineOptions, Runtime, RuntimeOptions};
//!
//! let runtime = Runtime::new(RuntimeOptions::default())?;
//! let pipeline = Pipeline::new(&runtime, PipelineOptions::default())?;
//! let faces = |path| pipeline.process(&Image::open(path)?.frame());
//! let (a, b) = (faces("a.jpg")?, faces("b.jpg")?);
//! if let ([a, ..], [b, ..]) = (&a[..], &b[..]) {
//!     // FaceNet's embeddings of one person are nearer than some 1.1.
//!     println!("{:.4}", a.embedding.distance(&b.embedding, Metric::Euclidean)?);
//! }
//! # Ok::<(), facenet::Error>(())
//! ```
//!
//! # The way of a picture
//!
//! Data flows one way: bytes or a camera frame → [`frame`] → [`detect`] → [`align`] → [`embed`] → [`embedding`], comparison. The
//! stages do not know each other; [`Pipeline`] joins them.
//!
//! - [`Image`] owns pixels, [`Frame`] borrows those of a camera or another library, in RGB, BGR, gray, NV12, I420 and others.
//! - [`Detector`] finds faces with five landmarks, [`Aligner`] cuts them out, [`Embedder`] makes vectors of the crops.
//! - [`Embeddings`] remember the [`Fingerprint`] of what made them, so that vectors of two models are never compared.
//! - An [`Error`] has a [kind](ErrorKind) for programs, and a message for people that says what was wrong with which input.
//!
//! # What must be there
//!
//! ONNX Runtime 1.24 or later, as a shared library, for instance by `pip install onnxruntime`; see [`runtime`] for where it is looked
//! for. The models: the folder `models` of the repository, beside the program or named in [`RuntimeOptions::models`] or the environment
//! variable `FACENET_MODELS`. [`runtime::doctor`] says what works on a machine. Linux only; tested on x86-64.
//!
//! # Features
//!
//! All are on by default. Without any, this crate is the way of one picture.
//!
//! | feature | what |
//! |---|---|
//! | `lab` | folders of people: `dataset`, `people`, `evaluate`, `cluster`, `classify`, `shards` and the feed of `train` |
//! | `html` | of `lab`: pages with pictures, `evaluate::report` and `cluster::page`; with `plots` |
//! | `parquet` | of `lab`: `export`, embeddings as NumPy arrays and Parquet files |
//! | `plots` | of `lab`: ROC, DET and learning curves as SVG and PNG |
//! | `svm` | of `lab`: support vector machines among the classifiers |

#![deny(unsafe_code)]

pub use facenet_core::{
    Aligner, Detector, DetectorOptions, EmbeddedFace, Embedder, EmbedderOptions, Embedding, Embeddings, Error,
    ErrorKind, Face, Fingerprint, Frame, Image, Landmarks, Metric, Pipeline, PipelineOptions, Point, Provider, Rect,
    Result, Runtime, RuntimeOptions,
};
pub use facenet_core::{
    align, detect, embed, embedding, embeddings, error, frame, geometry, model, options, pipeline, runtime,
};
#[cfg(feature = "parquet")]
pub use facenet_lab::export;
#[cfg(feature = "lab")]
pub use facenet_lab::{Classifier, Extractor, LabelledFaces, Watch};
#[cfg(feature = "lab")]
pub use facenet_lab::{classify, cluster, dataset, evaluate, extract, folder, job, people, shards, store, train};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
