//! Settings of a training, under the names that facenet's programs have for them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::limits::{self, excerpt};

/// What a network is trained with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrainingMethod {
    /// A classifier of the people, as `train_softmax.py`.
    Softmax,
    /// Triplets of faces, as `train_tripletloss.py`.
    Triplet,
}

/// How the steps are made from the gradient, with TensorFlow's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Optimizer {
    /// Adagrad (Duchi, Hazan and Singer, 2011).
    Adagrad,
    /// Adadelta (Zeiler, 2012), decay 0.9.
    Adadelta,
    /// Adam (Kingma and Ba, 2015), epsilon 0.1.
    Adam,
    /// RMSProp (Tieleman and Hinton, 2012), decay and momentum 0.9, epsilon 1.
    Rmsprop,
    /// Momentum 0.9 after Nesterov.
    Mom,
}

/// Where networks are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrainingDevice {
    /// A GPU if there is one.
    Auto,
    /// The processor.
    Cpu,
    /// An NVIDIA GPU.
    Cuda,
    /// An Apple GPU.
    Mps,
}

/// The numbers that activations are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits.
    Float32,
    /// 16 bits with the range of 32, where PyTorch holds it for safe.
    Bfloat16,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr,)*) => {
        /// Settings of a training. Names, meanings and defaults are those of facenet's `train_softmax.py` and
        /// `train_tripletloss.py`; the last few are new.
        ///
        /// ```
        /// use facenet::train::{TrainingMethod, TrainingSettings};
        ///
        /// let settings = TrainingSettings { data_dir: "faces_182".into(), ..TrainingSettings::new(TrainingMethod::Softmax) };
        /// settings.check()?;
        /// assert_eq!((settings.batch_size, settings.learning_rate), (90, 0.1));
        /// # Ok::<(), facenet::Error>(())
        /// ```
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct TrainingSettings {
            /// What to train with.
            pub method: TrainingMethod,
            $($(#[doc = $doc])+ pub $name: $type,)*
        }

        impl TrainingSettings {
            /// The name of each setting but `method`, and what it means.
            pub const ALL: &'static [(&'static str, &'static str)] = &[$((stringify!($name), concat!($($doc),+)),)*];

            /// The defaults.
            pub fn new(method: TrainingMethod) -> Self {
                Self { method, $($name: $default,)* }
            }
        }
    };
}

settings! {
    /// Folder below which a folder, named after the time, gets the logs.
    logs_base_dir: String = "~/logs/facenet".into(),
    /// Folder below which a folder of the same name gets the checkpoints and the model.
    models_base_dir: String = "~/models/facenet".into(),
    /// Go on with the newest checkpoint of this folder, one below `models_base_dir`.
    resume: Option<String> = None,
    /// Begin with these weights: a checkpoint or a folder of some, safetensors with facenet-pytorch's names, or a model file
    /// of this library. Another number of people gets a new classifier.
    pretrained_model: Option<String> = None,
    /// A folder with a folder of aligned faces for each person, or with the shards that `facenet train pack` makes of one.
    data_dir: String = String::new(),
    /// `inception_resnet_v1`, `inception_resnet_v2` or `squeezenet`; `models.` may precede it.
    model_def: String = "inception_resnet_v1".into(),
    /// Epochs to train for.
    max_nrof_epochs: u32 = 500,
    /// Images in a step of one process; of triplets, a multiple of three.
    batch_size: u32 = 90,
    /// Width and height of what the network sees, in pixels.
    image_size: u32 = 160,
    /// Steps in an epoch.
    epoch_size: u32 = 1000,
    /// Length of the embeddings.
    embedding_size: u32 = 128,
    /// Cut a square out at a random place instead of the centre.
    random_crop: bool = false,
    /// Mirror every other image.
    random_flip: bool = false,
    /// Turn by up to ten degrees either way.
    random_rotate: bool = false,
    /// `(x - 127.5) / 128` instead of mean 0 and deviation 1 for each image.
    use_fixed_image_standardization: bool = false,
    /// Share of the units that dropout keeps, above 0 up to 1.
    keep_probability: f64 = 1.0,
    /// Factor of the L2 loss of the weights.
    weight_decay: f64 = 0.0,
    /// Factor of the center loss (Wen, Zhang, Li and Qiao, 2016).
    center_loss_factor: f64 = 0.0,
    /// How slowly centres follow, 0 to 1.
    center_loss_alfa: f64 = 0.95,
    /// Factor of the norm of the activations before the classifier.
    prelogits_norm_loss_factor: f64 = 0.0,
    /// The norm: 1 for the sum of magnitudes, 2 for the length.
    prelogits_norm_p: f64 = 1.0,
    /// The end of the histogram of these activations.
    prelogits_hist_max: f64 = 10.0,
    /// How steps are made from the gradient.
    optimizer: Optimizer = Optimizer::Adagrad,
    /// The learning rate; not above zero: as `learning_rate_schedule_file` says.
    learning_rate: f64 = 0.1,
    /// Epochs after which the learning rate is multiplied with the factor below.
    learning_rate_decay_epochs: u32 = 100,
    /// That factor, above 0 up to 1.
    learning_rate_decay_factor: f64 = 1.0,
    /// Learning rates by epoch, lines `EPOCH: RATE`.
    learning_rate_schedule_file: String = String::new(),
    /// Decay of the moving average of the weights, which are evaluated and exported; 0 to 1.
    moving_average_decay: f64 = 0.9999,
    /// The same seed gives the same run on the same machine.
    seed: u64 = 666,
    /// Threads that read and cut images.
    nrof_preprocess_threads: usize = 4,
    /// Write histograms of the weights for TensorBoard.
    log_histograms: bool = false,
    /// HDF5 file with the distance of each image to the centre of its person.
    filter_filename: String = String::new(),
    /// Leave out the images beyond this percentile of distances, 0 to 100.
    filter_percentile: f64 = 100.0,
    /// Leave out people with fewer images after that.
    filter_min_nrof_images_per_class: u32 = 0,
    /// Epochs between validations.
    validate_every_n_epochs: u32 = 5,
    /// Share of the images of a person that is set aside for validation, 0 to below 1.
    validation_set_split_ratio: f64 = 0.0,
    /// People with fewer images for validation have none there.
    min_nrof_val_images_per_class: u32 = 0,
    /// Aligned faces of LFW, evaluated after each epoch; none if empty.
    lfw_dir: String = String::new(),
    /// The list of pairs of LFW.
    lfw_pairs: String = String::new(),
    /// Images in one run of the network there and in validation.
    lfw_batch_size: u32 = 100,
    /// Folds of the evaluation.
    lfw_nrof_folds: u32 = 10,
    /// 0: squared Euclidean distance, 1: angle.
    lfw_distance_metric: u32 = 0,
    /// Evaluate faces with their mirror images.
    lfw_use_flipped_images: bool = false,
    /// Subtract the mean of the embeddings in the evaluation.
    lfw_subtract_mean: bool = false,
    /// Share of the GPU's memory that may be taken.
    gpu_memory_fraction: f64 = 1.0,
    /// Triplets only: by how much a stranger must be farther than a face of the same person.
    alpha: f64 = 0.2,
    /// Triplets only: people that triplets are chosen from at a time.
    people_per_batch: u32 = 45,
    /// Triplets only: images of each of them.
    images_per_person: u32 = 40,
    /// Where to train.
    device: TrainingDevice = TrainingDevice::Auto,
    /// The numbers that activations are kept in.
    precision: Precision = Precision::Float32,
    /// Keep the channels of a pixel together in memory.
    channels_last: bool = false,
    /// Compile the network before the first step.
    compile: bool = false,
    /// Parts that the images of a step go through the network in, one after the other.
    gradient_accumulation: u32 = 1,
    /// Steps between checkpoints, beside the one after each epoch; 0 for none.
    checkpoint_every: u32 = 0,
}

/// What to say of a value of the wrong kind.
fn wrong(name: &str, value: &Value, default: &Value, error: &serde_json::Error) -> String {
    match default {
        Value::Bool(_) => format!("{name} is {value}: it must be true or false"),
        Value::Number(number) if number.is_f64() => format!("{name} is {value}: it must be a number"),
        Value::Number(_) => format!("{name} is {value}: it must be a whole number, 0 or more"),
        _ => format!("{name}: {error}"),
    }
}

const MODELS: [&str; 3] = ["inception_resnet_v1", "inception_resnet_v2", "squeezenet"];

impl TrainingSettings {
    /// Reads settings from JSON; what is not there has its default.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a name is not known, a value is of the wrong kind, or [`check`](Self::check) fails.
    pub fn from_json(text: &str) -> Result<Self> {
        limits::SETTINGS.check(text.len()).map_err(|error| error.context("settings"))?;
        let invalid = |error: serde_json::Error| {
            Error::new(ErrorKind::InvalidArgument, format!("settings: {}", excerpt(&error.to_string())))
        };
        let given: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).map_err(invalid)?;
        let method = given.get("method").cloned().map(serde_json::from_value).transpose().map_err(invalid)?;
        let defaults = Self::new(method.unwrap_or(TrainingMethod::Softmax));
        let mut all = serde_json::to_value(defaults).map_err(invalid)?;
        for (name, value) in given {
            let known = all.get(&name).cloned();
            all[&name] = value;
            // One at a time, so that the message names the one that is wrong.
            if let (Some(default), Err(error)) = (known, Self::deserialize(&all)) {
                return Err(Error::new(ErrorKind::InvalidArgument, wrong(&name, &all[&name], &default, &error)));
            }
        }
        let settings: Self = serde_json::from_value(all).map_err(invalid)?;
        settings.check()?;
        Ok(settings)
    }

    /// The network, without `models.` before it.
    pub fn network(&self) -> &str {
        self.model_def.strip_prefix("models.").unwrap_or(&self.model_def)
    }

    /// Fails if a setting is out of range, or two contradict each other.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`], with what to change.
    pub fn check(&self) -> Result<()> {
        let triplet = self.method == TrainingMethod::Triplet;
        let classes = self.center_loss_factor > 0.0 || self.prelogits_norm_loss_factor > 0.0;
        let between = |value: f64, low: f64, high: f64| value >= low && value <= high;
        let rules: [(bool, &str); 27] = [
            (
                !self.data_dir.is_empty(),
                "data_dir is missing: name a folder with a folder of aligned faces for each person, or with shards of one",
            ),
            (
                MODELS.contains(&self.network()),
                "model_def must be inception_resnet_v1, inception_resnet_v2 or squeezenet",
            ),
            (self.max_nrof_epochs > 0, "max_nrof_epochs is 0: nothing would be trained"),
            (self.epoch_size > 0, "epoch_size is 0: an epoch must have a step"),
            (self.batch_size > 1, "batch_size must be 2 or more: batch normalisation needs several images"),
            (!triplet || self.batch_size.is_multiple_of(3), "batch_size must be a multiple of 3 for triplets"),
            (
                between(self.image_size.into(), if self.network() == "squeezenet" { 25.0 } else { 75.0 }, 4096.0),
                "image_size must lie between 75 (of squeezenet, 25) and 4096",
            ),
            (between(self.embedding_size.into(), 2.0, 65536.0), "embedding_size must lie between 2 and 65536"),
            (self.keep_probability > 0.0 && self.keep_probability <= 1.0, "keep_probability must lie above 0, up to 1"),
            (between(self.weight_decay, 0.0, 1.0), "weight_decay must lie between 0 and 1"),
            (between(self.center_loss_factor, 0.0, f64::MAX), "center_loss_factor must be 0 or more"),
            (between(self.center_loss_alfa, 0.0, 1.0), "center_loss_alfa must lie between 0 and 1"),
            (between(self.prelogits_norm_loss_factor, 0.0, f64::MAX), "prelogits_norm_loss_factor must be 0 or more"),
            (self.prelogits_norm_p > 0.0, "prelogits_norm_p must be above 0"),
            (self.prelogits_hist_max > 0.0, "prelogits_hist_max must be above 0"),
            (
                !triplet || !classes,
                "center loss and the norm of prelogits belong to softmax: leave them out for triplets",
            ),
            (self.learning_rate.is_finite(), "learning_rate is no number"),
            (
                self.learning_rate > 0.0 || !self.learning_rate_schedule_file.is_empty(),
                "learning_rate is not above 0, which means the schedule file, but learning_rate_schedule_file is missing",
            ),
            (
                self.learning_rate_decay_factor > 0.0 && self.learning_rate_decay_factor <= 1.0,
                "learning_rate_decay_factor must lie above 0, up to 1",
            ),
            (self.learning_rate_decay_epochs > 0, "learning_rate_decay_epochs must be 1 or more"),
            (between(self.moving_average_decay, 0.0, 1.0), "moving_average_decay must lie between 0 and 1"),
            ((1..=1024).contains(&self.nrof_preprocess_threads), "nrof_preprocess_threads must lie between 1 and 1024"),
            (between(self.filter_percentile, 0.0, 100.0), "filter_percentile must lie between 0 and 100"),
            (
                between(self.validation_set_split_ratio, 0.0, 0.999) && self.validate_every_n_epochs > 0,
                "validation_set_split_ratio must lie between 0 and below 1, validate_every_n_epochs be 1 or more",
            ),
            (
                self.lfw_distance_metric < 2 && self.lfw_nrof_folds > 1 && self.lfw_batch_size > 0,
                "lfw_distance_metric must be 0 or 1, lfw_nrof_folds 2 or more, lfw_batch_size 1 or more",
            ),
            (
                !triplet || self.alpha > 0.0 && self.people_per_batch > 1 && self.images_per_person > 1,
                "alpha must be above 0, people_per_batch and images_per_person 2 or more",
            ),
            (
                self.gradient_accumulation > 0 && self.gpu_memory_fraction > 0.0 && self.gpu_memory_fraction <= 1.0,
                "gradient_accumulation must be 1 or more, gpu_memory_fraction lie above 0, up to 1",
            ),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, message)) => Err(Error::new(ErrorKind::InvalidArgument, *message)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |json: &str, word: &str| {
            let error = TrainingSettings::from_json(json).expect_err(json);
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains(word), "{json}: {error}");
        };
        refused("{}", "data_dir");
        refused("[]", "settings");
        refused(r#"{"method":"magic"}"#, "magic");
        refused(r#"{"method":"softmax"}"#, "data_dir");
        for (setting, word) in [
            (r#""learning_rat": 1"#, "learning_rat"),
            (r#""batch_size": "many""#, "batch_size is \"many\": it must be a whole number"),
            (r#""epoch_size": -3"#, "epoch_size is -3: it must be a whole number"),
            (r#""learning_rate": "abc""#, "learning_rate is \"abc\": it must be a number"),
            (r#""random_crop": "maybe""#, "random_crop is \"maybe\": it must be true or false"),
            (r#""optimizer": "SGD""#, "SGD"),
            (r#""model_def": "models.vgg""#, "model_def"),
            (r#""keep_probability": 0"#, "keep_probability"),
            (r#""learning_rate": -1"#, "learning_rate_schedule_file"),
            (r#""method": "triplet", "batch_size": 91"#, "multiple of 3"),
            (r#""method": "triplet", "center_loss_factor": 0.1"#, "softmax"),
            (r#""moving_average_decay": 1.5"#, "moving_average_decay"),
        ] {
            refused(&format!(r#"{{"method":"softmax","data_dir":"faces",{setting}}}"#), word);
        }
    }

    #[test]
    fn what_is_not_there_has_its_default() {
        let json = r#"{"method":"triplet","data_dir":"faces","model_def":"models.squeezenet","learning_rate":0.05}"#;
        let settings = TrainingSettings::from_json(json).unwrap();
        assert_eq!((settings.network(), settings.learning_rate, settings.seed), ("squeezenet", 0.05, 666));
        let again = TrainingSettings::from_json(&serde_json::to_string(&settings).unwrap()).unwrap();
        assert_eq!(again, settings);
    }
}
