//! Classifier: the names of known people.

use std::ffi::c_char;
use std::mem::offset_of;

use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::classify::{
    Class, Classifier, ClassifierKind, ClassifierOptions, IdentificationPoint, Method, TemplateKind, TrainingSet,
};
use facenet_lab::store::Description;
use serde::Serialize;

use crate::arguments::{self, Arguments};
use crate::call::facenet_call;
use crate::embedder::facenet_embedder;
use crate::growing::{self, Growing};
use crate::matrix;
use crate::runtime::json;
use crate::status::facenet_status;

/// Kind of classifier: FACENET_CLASSIFIER_...
///
/// @since 0.1
pub type facenet_classifier_kind = u32;
/// The nearest template, or no known person.
pub const FACENET_CLASSIFIER_TEMPLATE: facenet_classifier_kind = 0;
/// A linear support vector machine with probabilities. It always names a known person.
pub const FACENET_CLASSIFIER_SVM: facenet_classifier_kind = 1;
/// A softmax over a linear score for each person: multinomial logistic regression. It can answer "no known person" if its
/// options have strangers or a threshold.
pub const FACENET_CLASSIFIER_SOFTMAX: facenet_classifier_kind = 2;

/// Predicts the names of the people that it was trained on.
///
/// Many threads may use one at once.
///
/// @since 0.1
pub struct facenet_classifier(Classifier);

/// Settings of a classifier: fill them with facenet_classifier_options_init.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_classifier_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// FACENET_CLASSIFIER_...
    pub kind: facenet_classifier_kind,
    /// For templates: 1 to keep every embedding, 0 for the mean of each person, the default.
    pub keep_each: u32,
    /// For templates, and a softmax with strangers: false positive identification rate, between 0 and 1, by which the threshold
    /// is chosen; 0.01.
    pub fpir: f64,
    /// The threshold itself: of templates a cosine from -1 to 1, of a softmax a probability; NaN, the default, to
    /// choose it by `fpir`.
    pub threshold: f64,
    /// For templates and a softmax: embeddings of people who are not to be recognised, by which the threshold is chosen too, that
    /// of a softmax by them alone; may be NULL.
    pub strangers: *const f32,
    /// Number of them.
    pub stranger_count: usize,
    /// For support vector machines and a softmax: the penalty of errors; NaN, the default, for 1 and 10.
    pub cost: f64,
    /// Seed: the same seed gives the same machine.
    pub seed: u64,
    /// For a softmax: 1 to weight every person the same, 0, the default, to weight every embedding the same.
    pub balanced: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: numbers and pointers, the size first.
unsafe impl Growing for facenet_classifier_options {
    const FIRST_SIZE: usize = offset_of!(Self, balanced);

    fn defaults() -> Self {
        let ClassifierOptions { fpir, seed, .. } = ClassifierOptions::default();
        Self {
            struct_size: size_of::<Self>(),
            kind: FACENET_CLASSIFIER_TEMPLATE,
            keep_each: 0,
            fpir,
            threshold: f64::NAN,
            strangers: std::ptr::null(),
            stranger_count: 0,
            cost: f64::NAN,
            seed,
            balanced: 0,
            reserved: 0,
        }
    }
}

/// Prediction of a person for an embedding.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_prediction {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Number of the person, from 0; -1 if it is no known person.
    pub person: i64,
    /// The person with the highest score, known or not.
    pub nearest: i64,
    /// The score of `nearest`: a cosine for templates, a probability for support vector machines and a softmax.
    pub score: f32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_prediction {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self { struct_size: size_of::<Self>(), person: -1, nearest: -1, score: 0.0, reserved: 0 }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_classifier_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_options_init(
    options: *mut facenet_classifier_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// Trains a classifier.
///
/// @param embedder      the embedder that computed the embeddings
/// @param embeddings       `count` embeddings one after the other, each of the embedder's dimension
/// @param people        the person of each embedding, a number below `people_count`
/// @param count         number of embeddings
/// @param names         the name of each person, UTF-8
/// @param people_count  number of people, each of whom has an embedding at least
/// @param options       settings, or NULL
/// @param call          progress and cancellation, or NULL
/// @param classifier    gets the classifier; free it with facenet_classifier_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_train(
    embedder: *const facenet_embedder,
    embeddings: *const f32,
    people: *const u32,
    count: usize,
    names: *const *const c_char,
    people_count: usize,
    options: *const facenet_classifier_options,
    call: *const facenet_call,
    classifier: *mut *mut facenet_classifier,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_long(call, |args, progress| {
        args.give(classifier, "classifier", || {
            let description = Description::of(&args.get(embedder, "embedder")?.0);
            let embeddings = matrix::read(args, embeddings, count, description.dimension, "embeddings")?;
            let labels = args.slice(people, count, "people")?;
            let labels: Vec<usize> = labels.iter().map(|&person| person as usize).collect();
            let names = args.slice(names, people_count, "names")?;
            let names = names.iter().map(|&name| args.text(name, "names").map(str::to_string));
            let names = names.collect::<Result<Vec<String>>>()?;
            let options = growing::read(args, options)?;
            let method = method(args, &options, description.dimension)?;
            let set = TrainingSet { vectors: embeddings, labels: &labels, names: &names };
            let trained = progress.watch(|watch| Classifier::train(&set, description, &method, watch))?;
            Ok(facenet_classifier(trained))
        })
    })
}

/// Predicts the people of embeddings.
///
/// @param classifier   the classifier
/// @param embedder     the embedder that computed the embeddings; FACENET_ERROR_FINGERPRINT_MISMATCH if the classifier was trained on others
/// @param embeddings      `count` embeddings one after the other, each of the embedder's dimension
/// @param count        number of embeddings
/// @param predictions  gets `count` predictions
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_predict(
    classifier: *const facenet_classifier,
    embedder: *const facenet_embedder,
    embeddings: *const f32,
    count: usize,
    predictions: *mut facenet_prediction,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let classifier = &args.get(classifier, "classifier")?.0;
        let embedder = &args.get(embedder, "embedder")?.0;
        let embeddings = matrix::read(args, embeddings, count, embedder.dimension(), "embeddings")?;
        let places = growing::places(args, predictions, count, "predictions")?;
        let found = classifier.predict(embeddings, embedder.fingerprint())?;
        places.fill(found.into_iter().map(|found| facenet_prediction {
            struct_size: size_of::<facenet_prediction>(),
            person: found.class.map_or(-1, |person| person as i64),
            nearest: found.nearest as i64,
            score: found.score,
            reserved: 0,
        }));
        Ok(())
    })
}

/// Number of people; 0 if `classifier` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_count(classifier: *const facenet_classifier) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(classifier, "classifier")?.0.classes().len()))
}

/// The name of a person.
///
/// @param classifier  the classifier
/// @param person      number of the person, from 0
/// @param buffer      where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity    bytes of `buffer`; a longer text is cut
/// @param needed      gets the bytes of the whole text without the closing zero; may be NULL
/// @return            FACENET_ERROR_NOT_FOUND if there is no such person
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_name(
    classifier: *const facenet_classifier,
    person: usize,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let classes = args.get(classifier, "classifier")?.0.classes();
        let class = classes.get(person).ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("the classifier knows {} people: there is no number {person}", classes.len()),
            )
        })?;
        args.give_text(&class.name, buffer, capacity, needed)
    })
}

/// The description of a classifier, as JSON: the model it was trained on, the people, and for a classifier that knows strangers the
/// threshold with the error rates measured at it.
///
/// @param classifier  the classifier
/// @param buffer      where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity    bytes of `buffer`; a longer text is cut
/// @param needed      gets the bytes of the whole text without the closing zero; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_info(
    classifier: *const facenet_classifier,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let classifier = &args.get(classifier, "classifier")?.0;
        args.give_text(&json(&Info::of(classifier))?, buffer, capacity, needed)
    })
}

/// Writes a classifier to a file that appears whole or not at all: numbers and text, nothing that could run.
///
/// @param classifier  the classifier
/// @param path        the file
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_save(
    classifier: *const facenet_classifier,
    path: *const c_char,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let classifier = &args.get(classifier, "classifier")?.0;
        classifier.save(args.path(path, "path")?)
    })
}

/// Reads a classifier from a file. Everything in it is checked.
///
/// @param path        the file
/// @param classifier  gets the classifier; free it with facenet_classifier_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_load(
    path: *const c_char,
    classifier: *mut *mut facenet_classifier,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(classifier, "classifier", |args| {
        let loaded = Classifier::load(args.path(path, "path")?)?;
        Ok(facenet_classifier(loaded))
    })
}

/// Frees a classifier. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_classifier_free(classifier: *mut facenet_classifier) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(classifier)
}

/// What facenet_classifier_info tells.
#[derive(Serialize)]
struct Info<'a> {
    #[serde(flatten)]
    description: &'a Description,
    kind: &'static str,
    classes: &'a [Class],
    operating_point: Option<&'a IdentificationPoint>,
}

impl<'a> Info<'a> {
    fn of(classifier: &'a Classifier) -> Self {
        let rule = classifier.rule();
        Self {
            description: classifier.description(),
            kind: rule.kind(),
            classes: classifier.classes(),
            operating_point: rule.operating_point(),
        }
    }
}

/// The method that the caller wants.
fn method<'a>(args: Arguments<'a>, options: &facenet_classifier_options, dimension: usize) -> Result<Method<'a>> {
    let strangers = || match (options.strangers.is_null(), options.stranger_count) {
        (true, 0) => Ok(None),
        // None at all is another thing than nobody asked: a threshold cannot be measured on them.
        (_, count) => matrix::read(args, options.strangers, count, dimension, "options.strangers").map(Some),
    };
    let given = |value: f64| (!value.is_nan()).then_some(value);
    let kind = match arguments::flag(options.keep_each, "options.keep_each")? {
        true => TemplateKind::Each,
        false => TemplateKind::Mean,
    };
    let (method, strangers) = match options.kind {
        FACENET_CLASSIFIER_TEMPLATE => (ClassifierKind::Template, strangers()?),
        FACENET_CLASSIFIER_SVM => (ClassifierKind::Svm, None),
        FACENET_CLASSIFIER_SOFTMAX => (ClassifierKind::Softmax, strangers()?),
        other => {
            let message = format!("options.kind is {other}, which this version of the library does not know");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
    };
    let options = ClassifierOptions {
        method,
        kind,
        fpir: options.fpir,
        threshold: given(options.threshold).map(|threshold| threshold as f32),
        cost: given(options.cost),
        balanced: arguments::flag(options.balanced, "options.balanced")?,
        seed: options.seed,
    };
    options.method(strangers)
}
