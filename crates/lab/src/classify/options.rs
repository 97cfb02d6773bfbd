//! Which kind of classifier, and its settings, in one struct: as programs and other languages name them.

use ndarray::ArrayView2;

use super::{Method, SoftmaxOptions, TemplateKind, TemplateOptions, ThresholdChoice};
use facenet_core::error::Result;
use facenet_core::options::Options;

facenet_core::choices! {
    /// A kind of classifier.
    pub enum ClassifierKind {
        /// The nearest template, or nobody.
        Template = "template",
        /// Linear support vector machines with probabilities.
        Svm = "svm",
        /// Multinomial logistic regression.
        Softmax = "softmax",
    }
}

facenet_core::options! {
    /// Which kind of classifier is trained, and how: the options of all kinds together, of which each kind takes its own.
    ///
    /// ```
    /// use facenet::classify::{ClassifierOptions, Method};
    ///
    /// let options = ClassifierOptions { fpir: 0.001, ..ClassifierOptions::default() };
    /// assert!(matches!(options.method(None)?, Method::Template(_)));
    /// # Ok::<(), facenet::Error>(())
    /// ```
    pub struct ClassifierOptions {
        /// ClassifierKind of classifier.
        method: ClassifierKind = ClassifierKind::Template;
        /// What stands for a person among templates: the mean of the faces, or each of them.
        kind: TemplateKind = TemplateKind::Mean;
        /// False positive identification rate: the share of strangers who may be taken for somebody.
        fpir: f64 = 0.01, |rate| *rate > 0.0 && *rate < 1.0 => "a number between 0 and 1, ends excluded";
        /// The least cosine of a face and a template, or probability of a softmax, with which a face is given a name, instead of
        /// one that is measured.
        threshold: Option<f32> = None, |score| score.is_none_or(f32::is_finite) => "a finite number";
        /// How much errors count against large coefficients, C; by default 10 of a softmax, 1 of support vector machines.
        cost: Option<f64> = None, |cost| cost.is_none_or(|cost| cost > 0.0 && cost.is_finite()) => "a finite number above 0";
        /// Each person counts the same however many faces there are, for a softmax.
        balanced: bool = false;
        /// Decides how faces are shuffled for the probabilities of support vector machines.
        seed: u64 = 666;
    }
}

impl ClassifierOptions {
    /// Where strangers begin.
    pub fn threshold(&self) -> ThresholdChoice {
        self.threshold.map_or(ThresholdChoice::Fpir(self.fpir), ThresholdChoice::Score)
    }

    /// The method of these options, with `strangers`, vectors (m x d) of people who are not among the classes. A softmax knows
    /// strangers if there are some, or a threshold.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](facenet_core::ErrorKind::InvalidArgument) if an option is out of its range;
    /// [`ErrorKind::Unsupported`](facenet_core::ErrorKind::Unsupported) for support vector machines, in a build without them.
    pub fn method<'a>(&self, strangers: Option<ArrayView2<'a, f32>>) -> Result<Method<'a>> {
        self.check()?;
        Ok(match self.method {
            ClassifierKind::Template => {
                Method::Template(TemplateOptions { kind: self.kind, threshold: self.threshold(), strangers })
            }
            #[cfg(feature = "svm")]
            ClassifierKind::Svm => {
                let default = super::SvmOptions::default();
                Method::Svm(super::SvmOptions { cost: self.cost.unwrap_or(default.cost), seed: self.seed })
            }
            #[cfg(not(feature = "svm"))]
            ClassifierKind::Svm => {
                let message = "support vector machines are not part of this build: it lacks the feature `svm`";
                return Err(facenet_core::Error::new(facenet_core::ErrorKind::Unsupported, message));
            }
            ClassifierKind::Softmax => Method::Softmax(SoftmaxOptions {
                cost: self.cost.unwrap_or(SoftmaxOptions::default().cost),
                balanced: self.balanced,
                threshold: (strangers.is_some() || self.threshold.is_some()).then(|| self.threshold()),
                strangers,
            }),
        })
    }
}
