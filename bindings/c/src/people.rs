//! People: the embeddings of a folder of people.

use std::ffi::c_char;

use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::Watch;
use facenet_lab::dataset::Dataset;
use facenet_lab::people::LabelledFaces;

use crate::arguments::Arguments;
use crate::call::facenet_call;
use crate::embedder::facenet_embedder;
use crate::pipeline::facenet_pipeline;
use crate::runtime::json;
use crate::status::facenet_status;
use crate::{extractor, messages};

/// The embeddings of people's pictures and the person of each: the input of classifiers, clusters and calibration.
///
/// Immutable: many threads may use one at once.
///
/// @since 0.1
pub struct facenet_people {
    faces: LabelledFaces,
    subjects: Vec<u32>,
}

/// Embeds the pictures of a folder of people. Of a picture with several faces, the first is taken. Pictures that give no
/// face, or lie in no person's folder, are left out: see facenet_people_left_out. Folders that cannot be read are
/// reported to the log.
///
/// Give the embedder if the folder holds aligned faces, or the pipeline if it holds photos, and NULL for the other; the
/// pipeline should be one that gives one face a photo (FACENET_SELECTION_CENTRAL, FACENET_SELECTION_LARGEST).
///
/// @param embedder  the embedder, for aligned faces; or NULL
/// @param pipeline  the pipeline, for photos; or NULL
/// @param folder    a folder per person below it
/// @param call      progress (in pictures) and cancellation, or NULL
/// @param people    gets the embeddings; free them with facenet_people_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_embed(
    embedder: *const facenet_embedder,
    pipeline: *const facenet_pipeline,
    folder: *const c_char,
    call: *const facenet_call,
    people: *mut *mut facenet_people,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_long(call, |args, progress| {
        args.give(people, "people", || {
            let extractor = extractor::read(args, embedder, pipeline)?;
            let dataset = Dataset::open(args.path(folder, "folder")?)?;
            dataset.check_unicode()?;
            for problem in dataset.problems() {
                messages::log(&format!("left out {}: {}", problem.path.display(), problem.reason));
            }
            let embed = |watch: &Watch<'_>| LabelledFaces::embed_people(&extractor, &dataset, watch, |_| {});
            let faces = progress.watch(embed)?.first_of_each_image();
            Ok(facenet_people { subjects: faces.subjects()?, faces })
        })
    })
}

/// Number of embeddings; 0 if `people` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_faces(people: *const facenet_people) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(people, "people")?.faces.len()))
}

/// The embeddings, one after the other, each of the embedder's dimension; valid until `people` is freed, NULL if that is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_embeddings(people: *const facenet_people) -> *const f32 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }
        .value_or(std::ptr::null(), |args| Ok(args.get(people, "people")?.faces.view().as_ptr()))
}

/// The number of each embedding's person, from 0; valid until `people` is freed, NULL if that is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_subjects(people: *const facenet_people) -> *const u32 {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }
        .value_or(std::ptr::null(), |args| Ok(args.get(people, "people")?.subjects.as_ptr()))
}

/// Number of people; 0 if `people` is NULL. Of some there may be no embedding.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_count(people: *const facenet_people) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(people, "people")?.faces.people.len()))
}

/// The name of a person.
///
/// @param people    the people
/// @param person    number of the person, from 0
/// @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity  bytes of `buffer`; a longer text is cut
/// @param needed    gets the bytes of the whole text without the closing zero; may be NULL
/// @return          FACENET_ERROR_NOT_FOUND if there is no such person
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_name(
    people: *const facenet_people,
    person: usize,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let name = text_of(&args.get(people, "people")?.faces.people, person, "people", String::as_str)?;
        args.give_text(name, buffer, capacity, needed)
    })
}

/// The picture of an embedding, below the folder.
///
/// @param people    the people
/// @param index     number of the embedding, from 0
/// @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity  bytes of `buffer`; a longer text is cut
/// @param needed    gets the bytes of the whole text without the closing zero; may be NULL
/// @return          FACENET_ERROR_NOT_FOUND if there is no such embedding
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_image(
    people: *const facenet_people,
    index: usize,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let image = text_of(&args.get(people, "people")?.faces.faces, index, "embeddings", |face| &face.name)?;
        args.give_text(image, buffer, capacity, needed)
    })
}

/// The pictures that were left out and why, as JSON: a list of objects with `image` and `reason`.
///
/// @param people    the people
/// @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity  bytes of `buffer`; a longer text is cut
/// @param needed    gets the bytes of the whole text without the closing zero; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_left_out(
    people: *const facenet_people,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let left_out = &args.get(people, "people")?.faces.left_out;
        args.give_text(&json(left_out)?, buffer, capacity, needed)
    })
}

/// Frees people. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_people_free(people: *mut facenet_people) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(people)
}

fn text_of<'a, T>(all: &'a [T], index: usize, what: &str, text: impl FnOnce(&'a T) -> &'a str) -> Result<&'a str> {
    all.get(index).map(text).ok_or_else(|| {
        let message = format!("there are {} {what}: there is no number {index}", all.len());
        Error::new(ErrorKind::NotFound, message)
    })
}
