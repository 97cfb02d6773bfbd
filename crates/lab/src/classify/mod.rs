//! Naming faces: classifiers that are trained on the embeddings of known people.
//!
//! A [`Classifier`] learns from vectors with the class of each and says of other vectors whose they are. There are three
//! kinds:
//!
//! - **Templates** ([`Templates`], the default): a face belongs to the person whose template is nearest, or to nobody if
//!   that is not near enough. How near is measured while training: the threshold is the lowest that recognises
//!   somebody in no more than a given share of the faces of strangers. Training is one pass, prediction one matrix
//!   product, however many people there are.
//! - **Support vector machines** ([`Svm`]): a linear machine for each pair of people with probabilities, as the original
//!   facenet program trains with scikit-learn's `SVC(kernel="linear", probability=True)`. It knows no strangers: every face is
//!   given the name of one of the people, and the probability of it is no measure of whether it is one of them.
//! - **Softmax** ([`Softmax`]): multinomial logistic regression, one linear score for each person, as scikit-learn's
//!   `LogisticRegression`. Training goes to the one optimum there is, with any number of threads to the same numbers. A
//!   threshold on the probability makes strangers of those below it, if one is given or measured on faces of strangers.
//!
//! ```
//! use facenet::Watch;
//! use facenet::classify::{Classifier, Method, TemplateOptions, ThresholdChoice, TrainingSet};
//! use facenet::store::Description;
//! use facenet::{Fingerprint, Metric};
//!
//! let fingerprint = Fingerprint::of("a model");
//! let description = Description { model: "a model".into(), fingerprint, dimension: 2, metric: Metric::Euclidean };
//! let names = ["Ada".to_string(), "Grace".to_string()];
//! let vectors = ndarray::array![[1.0, 0.1], [1.0, -0.1], [0.0, 1.0]];
//! let set = TrainingSet { vectors: vectors.view(), labels: &[0, 0, 1], names: &names };
//! // Three faces are too few to measure where strangers begin.
//! let method = Method::Template(TemplateOptions { threshold: ThresholdChoice::Score(0.7), ..Default::default() });
//! let classifier = Classifier::train(&set, description, &method, &Watch::none())?;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("people.facenet");
//! classifier.save(&path)?;
//! let classifier = Classifier::load(&path)?;
//! let faces = classifier.predict(ndarray::array![[0.1, 2.0], [-1.0, 0.0]].view(), fingerprint)?;
//! assert_eq!(faces[0].class.map(|class| &*classifier.classes()[class].name), Some("Grace"));
//! assert_eq!(faces[1].class, None);
//! # Ok::<(), facenet::Error>(())
//! ```
//!
//! A softmax over the same faces:
//!
//! ```
//! # use facenet::Watch;
//! # use facenet::classify::{Classifier, Method, Rule, SoftmaxOptions, TrainingSet};
//! # use facenet::store::Description;
//! # use facenet::{Fingerprint, Metric};
//! # let fingerprint = Fingerprint::of("a model");
//! # let description = Description { model: "a model".into(), fingerprint, dimension: 2, metric: Metric::Euclidean };
//! # let names = ["Ada".to_string(), "Grace".to_string()];
//! # let vectors = ndarray::array![[1.0, 0.1], [1.0, -0.1], [0.0, 1.0]];
//! # let set = TrainingSet { vectors: vectors.view(), labels: &[0, 0, 1], names: &names };
//! let method = Method::Softmax(SoftmaxOptions { cost: 10.0, ..Default::default() });
//! let classifier = Classifier::train(&set, description, &method, &Watch::none())?;
//! let Rule::Softmax(softmax) = classifier.rule() else { unreachable!() };
//! let probabilities = softmax.probabilities(ndarray::array![[0.1, 2.0]].view())?;
//! assert!(probabilities[[0, 1]] > 0.7);
//! # Ok::<(), facenet::Error>(())
//! ```
//!
//! # Sources
//!
//! - The machines are those of LIBSVM (Chang and Lin, *LIBSVM: a library for support vector machines*, ACM TIST 2011),
//!   solved by the crate `libsvm-rs` with the working set selection of Fan, Chen and Lin (JMLR 2005).
//! - A decision becomes a probability by Platt's sigmoid, fitted as Lin, Lin and Weng say (*A note on Platt's probabilistic
//!   outputs for support vector machines*, Machine Learning 2007) to decisions of five-fold cross-validation.
//! - Probabilities of pairs are joined by the second method of Wu, Lin and Weng (*Probability estimates for multi-class
//!   classification by pairwise coupling*, JMLR 2004).
//! - The softmax has the loss of scikit-learn's `LogisticRegression`: squares of the coefficients over two, and `cost` times the
//!   negative logarithms of the probabilities; with two classes the binomial one. It is minimised with the limited memory
//!   method of Nocedal and Wright (*Numerical Optimization*, 2006, algorithm 7.5), in double precision over scores in single
//!   precision, until the coefficients are known to 1e-4 of their length.
//! - The error rates are defined in ISO/IEC 19795-1, and so is the "rule of 3" by which a rate is too low for the
//!   number of trials.
//!
//! # The file
//!
//! [`Classifier::save`] writes a [safetensors](https://github.com/huggingface/safetensors) file: numbers and text, nothing
//! that could run. Its metadata has one entry, `facenet.classifier`, which is JSON:
//!
//! | field | |
//! |---|---|
//! | `format` | 1; other numbers are refused |
//! | `kind` | `template`, `svm` or `softmax` |
//! | `model`, `fingerprint`, `dimension`, `metric` | what made the embeddings, see [`Description`] |
//! | `classes` | a list of `name` and `images`, the number of images trained on |
//! | `template` | `mean` or `each`, see [`TemplateKind`]; templates only |
//! | `operating_point` | see [`IdentificationPoint`]; templates, and a softmax that knows strangers |
//! | `split` | the [`SplitOptions`] if part of a folder was trained on |
//!
//! With k classes, d values of an embedding and p = k (k - 1) / 2 pairs in the order (0, 1), (0, 2) ... (1, 2) ..., the
//! tensors are, for templates:
//!
//! | tensor | type | shape | |
//! |---|---|---|---|
//! | `templates` | F32 | m, d | rows of unit norm |
//! | `classes` | U32 | m | the class of each |
//!
//! and for support vector machines, as scikit-learn has them:
//!
//! | tensor | type | shape | |
//! |---|---|---|---|
//! | `support_vectors` | F32 | m, d | class by class, rows of unit norm |
//! | `n_support` | U32 | k | how many are of each class |
//! | `dual_coef` | F64 | k - 1, m | coefficients against each other class, in their order |
//! | `intercept` | F64 | p | added to the decision; above 0 is the first class of the pair |
//! | `prob_a`, `prob_b` | F64 | p | the probability of the first class is `1 / (1 + exp(a * decision + b))` |
//!
//! and for a softmax:
//!
//! | tensor | type | shape | |
//! |---|---|---|---|
//! | `coef` | F32 | k, d | the coefficients of the score of each class |
//! | `intercept` | F64 | k | added to the score; the probabilities are `exp(score)` over their sum |

mod evaluation;
mod file;
mod lbfgs;
mod open_set;
mod options;
#[cfg(feature = "svm")]
mod pair;
mod softmax;
#[cfg(feature = "svm")]
mod svm;
mod template;
mod vectors;

use std::path::Path;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::dataset::SplitOptions;
use crate::store::Description;
use crate::watch::Watch;
pub use evaluation::Evaluation;
use facenet_core::embedding::Fingerprint;
use facenet_core::error::{Error, ErrorKind, Result};
pub use open_set::{IdentificationPoint, IdentificationRate, ThresholdChoice};
pub use options::{ClassifierKind, ClassifierOptions};
pub use softmax::{Softmax, SoftmaxOptions};
#[cfg(feature = "svm")]
pub use svm::{MAX_SVM_CLASSES, Svm, SvmOptions};
pub use template::{TemplateKind, TemplateOptions, Templates};
pub use vectors::TrainingSet;

/// How to learn.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Method<'a> {
    /// The nearest template, or nobody.
    Template(TemplateOptions<'a>),
    /// A support vector machine for each pair of classes.
    #[cfg(feature = "svm")]
    Svm(SvmOptions),
    /// A softmax over a linear score for each class.
    Softmax(SoftmaxOptions<'a>),
}

impl Default for Method<'_> {
    fn default() -> Self {
        Self::Template(TemplateOptions::default())
    }
}

/// Fails unless `cost`, of errors against large coefficients, is one.
fn check_cost(cost: f64) -> Result<()> {
    match cost.is_finite() && cost > 0.0 {
        true => Ok(()),
        false => {
            let message = format!("the cost is {cost}: it must be a finite number above 0");
            Err(Error::new(ErrorKind::InvalidArgument, message))
        }
    }
}

/// A person that a classifier knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Class {
    /// The name, that of no other class.
    pub name: String,
    /// The number of images that were trained on.
    pub images: u64,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// The nearest template, or nobody.
    Template(Templates),
    /// A support vector machine for each pair of classes.
    #[cfg(feature = "svm")]
    Svm(Svm),
    /// A softmax over a linear score for each class.
    Softmax(Softmax),
}

impl Rule {
    /// The kind, as files and the command line name it: `template`, `svm` or `softmax`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Template(_) => "template",
            #[cfg(feature = "svm")]
            Self::Svm(_) => "svm",
            Self::Softmax(_) => "softmax",
        }
    }

    /// The score at which strangers begin, with the rates measured at it; none if every face is given the name of somebody.
    pub fn operating_point(&self) -> Option<&IdentificationPoint> {
        match self {
            Self::Template(templates) => Some(templates.operating_point()),
            #[cfg(feature = "svm")]
            Self::Svm(_) => None,
            Self::Softmax(softmax) => softmax.operating_point(),
        }
    }
}

/// Whose face a vector is of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Prediction {
    /// The class, an index into [`Classifier::classes`]; none if the face counts as unknown.
    pub class: Option<usize>,
    /// The class with the highest score, known or not.
    pub nearest: usize,
    /// Its score: the cosine of the angle to its template, -1 to 1, or the probability that a support vector machine or
    /// a softmax gives, 0 to 1.
    pub score: f32,
}

/// Names the faces of people whom it was trained on. May be used from many threads at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Classifier {
    description: Description,
    classes: Vec<Class>,
    split: Option<SplitOptions>,
    rule: Rule,
}

impl Classifier {
    /// Learns from `set`, whose vectors were made as `description` says. `watch` receives, from any thread, how many of how
    /// many steps are done. Runs on the current rayon pool.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a class has no vector, a name is used twice, a vector is zero or not of numbers, an
    /// option is out of range, a machine would have fewer than two classes or more than [`MAX_SVM_CLASSES`], a softmax
    /// would have fewer than two or no end, or the vectors are too few to choose a threshold by; [`ErrorKind::DimensionMismatch`] if lengths do not fit;
    /// [`ErrorKind::Cancelled`].
    pub fn train(
        set: &TrainingSet<'_>,
        description: Description,
        method: &Method<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self> {
        let counts = set.counts()?;
        vectors::check_dimension(set.vectors, description.dimension)?;
        let rule = match method {
            Method::Template(options) => Rule::Template(Templates::train(set, options, watch)?),
            #[cfg(feature = "svm")]
            Method::Svm(options) => Rule::Svm(Svm::train(set, options, watch)?),
            Method::Softmax(options) => Rule::Softmax(Softmax::train(set, &counts, options, watch)?),
        };
        let class = |(name, images): (&String, u64)| Class { name: name.clone(), images };
        let classes = set.names.iter().zip(counts).map(class).collect();
        Ok(Self { description, classes, split: None, rule })
    }

    /// The same classifier, which remembers that it was trained on one part of a folder.
    #[must_use]
    pub fn with_split(self, split: SplitOptions) -> Self {
        Self { split: Some(split), ..self }
    }

    /// Whose face each of `vectors` (n x d, of any scale) is. Runs on the current rayon pool.
    ///
    /// # Errors
    /// [`ErrorKind::FingerprintMismatch`] unless `fingerprint`, that of what made the vectors, is the one of what the
    /// classifier was trained on; [`ErrorKind::DimensionMismatch`] if the vectors have another length;
    /// [`ErrorKind::InvalidArgument`] if one is zero or not of numbers.
    pub fn predict(&self, vectors: ArrayView2<'_, f32>, fingerprint: Fingerprint) -> Result<Vec<Prediction>> {
        self.check(fingerprint)?;
        match &self.rule {
            Rule::Template(templates) => templates.predict(vectors),
            #[cfg(feature = "svm")]
            Rule::Svm(svm) => svm.predict(vectors),
            Rule::Softmax(softmax) => softmax.predict(vectors),
        }
    }

    /// Fails unless embeddings with this fingerprint can be named.
    ///
    /// # Errors
    /// [`ErrorKind::FingerprintMismatch`].
    pub fn check(&self, fingerprint: Fingerprint) -> Result<()> {
        let Description { model, fingerprint: trained, .. } = &self.description;
        if fingerprint == *trained {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::FingerprintMismatch,
            format!(
                "the classifier was trained on embeddings {trained} of {model}, these are {fingerprint}: embed with the same \
                 model and settings, or train again"
            ),
        ))
    }

    /// What made the embeddings that were trained on.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The people, in the order of the indices of predictions.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Which part of a folder was trained on; none if all of it or something else.
    pub fn split(&self) -> Option<SplitOptions> {
        self.split
    }

    /// What was learnt.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Writes the classifier to a file, see [the module](self#the-file).
    ///
    /// # Errors
    /// Those of [`write_whole`](facenet_core::internal::files::write_whole).
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        file::save(self, path.as_ref())
    }

    /// What [`save`](Self::save) writes.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the classifier cannot be described.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        file::to_bytes(self)
    }

    /// Reads a classifier from a file. Everything in it is checked.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and [`ErrorKind::Io`] if it cannot be read, [`ErrorKind::ModelInvalid`] if it is no classifier
    /// or damaged, [`ErrorKind::ModelUnsupported`] if it is of a later version.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        file::load(path.as_ref())
    }

    /// Reads a classifier from the bytes of a file.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        file::from_bytes(bytes)
    }
}
