//! Pipeline: detection, alignment and embedding in one call.

use facenet_core::{EmbeddedFace, Pipeline, PipelineOptions, Result};

use crate::arguments::Arguments;
use crate::detector::{self, facenet_detector_options};
use crate::embedder::{self, facenet_embedder, facenet_embedder_options};
use crate::faces::{facenet_face, facenet_rect};
use crate::frame::{self, facenet_frame};
use crate::image::facenet_image;
use crate::runtime::facenet_runtime;
use crate::status::facenet_status;

/// Finds, aligns and embeds the faces of frames.
///
/// Many threads may use one at once.
///
/// @since 0.1
pub struct facenet_pipeline(pub(crate) Pipeline);

/// The faces of a frame with their crops and embeddings, in the order of the detector.
///
/// Immutable: many threads may use one at once.
///
/// @since 0.1
pub struct facenet_embedded_faces(Vec<Embedded>);

struct Embedded {
    face: facenet_face,
    crop: facenet_image,
    embedding: Vec<f32>,
}

impl From<EmbeddedFace> for Embedded {
    fn from(found: EmbeddedFace) -> Self {
        Self { face: found.face.into(), crop: facenet_image(found.crop), embedding: found.embedding.values().to_vec() }
    }
}

impl facenet_embedded_faces {
    fn of(faces: Vec<EmbeddedFace>) -> Self {
        Self(faces.into_iter().map(Into::into).collect())
    }
}

/// Makes a pipeline of the detector that ships and the model of the embedder; faces are cut as that model needs.
///
/// @param runtime   the runtime
/// @param detector  settings of the detector, or NULL
/// @param embedder  settings of the embedder, or NULL
/// @param pipeline  gets the pipeline; free it with facenet_pipeline_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_pipeline_new(
    runtime: *const facenet_runtime,
    detector: *const facenet_detector_options,
    embedder: *const facenet_embedder_options,
    pipeline: *mut *mut facenet_pipeline,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(pipeline, "pipeline", |args| {
        let runtime = args.get(runtime, "runtime")?;
        let options =
            PipelineOptions { detector: detector::read(args, detector)?, embedder: embedder::read(args, embedder)? };
        Ok(facenet_pipeline(Pipeline::new(&runtime.0, options)?))
    })
}

/// The embedder of a pipeline, to ask for thresholds, metric and fingerprint.
///
/// @param pipeline  the pipeline
/// @param embedder  gets the embedder, which shares the pipeline's model; free it with facenet_embedder_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_pipeline_embedder(
    pipeline: *const facenet_pipeline,
    embedder: *mut *mut facenet_embedder,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(embedder, "embedder", |args| {
        Ok(facenet_embedder(args.get(pipeline, "pipeline")?.0.embedder().clone()))
    })
}

/// Finds, aligns and embeds the faces of a frame.
///
/// @param pipeline  the pipeline
/// @param frame     the frame
/// @param faces     gets the faces, which may be none; free them with facenet_embedded_faces_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_pipeline_process(
    pipeline: *const facenet_pipeline,
    frame: *const facenet_frame,
    faces: *mut *mut facenet_embedded_faces,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(faces, "faces", |args| {
        let (pipeline, frame) = (args.get(pipeline, "pipeline")?, frame::read(args, frame)?);
        let found = facenet_embedded_faces::of(pipeline.0.process(&frame)?);
        Ok(found)
    })
}

/// Finds, aligns and embeds the faces in a part of a frame, in the coordinates of the whole frame.
///
/// @param pipeline  the pipeline
/// @param frame     the frame
/// @param region    the part, in pixels of the stored picture
/// @param faces     gets the faces; free them with facenet_embedded_faces_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_pipeline_process_in(
    pipeline: *const facenet_pipeline,
    frame: *const facenet_frame,
    region: *const facenet_rect,
    faces: *mut *mut facenet_embedded_faces,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(faces, "faces", |args| {
        let (pipeline, frame) = (args.get(pipeline, "pipeline")?, frame::read(args, frame)?);
        let region = *args.get(region, "region")?;
        let found = facenet_embedded_faces::of(pipeline.0.process_in(&frame, region.into())?);
        Ok(found)
    })
}

/// Finds, aligns and embeds the faces of many frames; all networks run on faces of many frames at once.
///
/// @param pipeline  the pipeline
/// @param frames    the frames, one after the other
/// @param count     number of frames
/// @param faces     gets `count` results; free each with facenet_embedded_faces_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_pipeline_process_batch(
    pipeline: *const facenet_pipeline,
    frames: *const facenet_frame,
    count: usize,
    faces: *mut *mut facenet_embedded_faces,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let pipeline = args.get(pipeline, "pipeline")?;
        let places = args.slice_mut(faces, count, "faces")?;
        let frames = frame::read_many(args, frames, count)?;
        let found = pipeline.0.process_batch(&frames)?;
        for (place, faces) in places.iter_mut().zip(found) {
            *place = Box::into_raw(Box::new(facenet_embedded_faces::of(faces)));
        }
        Ok(())
    })
}

/// Frees a pipeline. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_pipeline_free(pipeline: *mut facenet_pipeline) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(pipeline)
}

/// Number of faces; 0 if `faces` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedded_faces_count(faces: *const facenet_embedded_faces) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(faces, "faces")?.0.len()))
}

/// Box, score and landmarks of face number `index`, valid until `faces` is freed; NULL if there is no such face.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedded_faces_face(
    faces: *const facenet_embedded_faces,
    index: usize,
) -> *const facenet_face {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }
        .value_or(std::ptr::null(), |args| Ok(get(args, faces, index)?.map_or(std::ptr::null(), |found| &found.face)))
}

/// The aligned face number `index`, valid until `faces` is freed; NULL if there is no such face.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedded_faces_crop(
    faces: *const facenet_embedded_faces,
    index: usize,
) -> *const facenet_image {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }
        .value_or(std::ptr::null(), |args| Ok(get(args, faces, index)?.map_or(std::ptr::null(), |found| &found.crop)))
}

/// The embedding of face number `index`, valid until `faces` is freed; NULL if there is no such face. It has as many values as
/// facenet_embedder_dimension says.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedded_faces_embedding(
    faces: *const facenet_embedded_faces,
    index: usize,
) -> *const f32 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(std::ptr::null(), |args| {
        Ok(get(args, faces, index)?.map_or(std::ptr::null(), |found| found.embedding.as_ptr()))
    })
}

/// Frees faces. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_embedded_faces_free(faces: *mut facenet_embedded_faces) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(faces)
}

fn get<'a>(args: Arguments<'a>, faces: *const facenet_embedded_faces, index: usize) -> Result<Option<&'a Embedded>> {
    Ok(args.get(faces, "faces")?.0.get(index))
}
