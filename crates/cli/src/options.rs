//! Options of the library as options of the command line.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::builder::{BoolishValueParser, OsStringValueParser, TypedValueParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches};
use facenet_core::detect::DetectorOptions;
use facenet_core::embed::EmbedderOptions;
use facenet_core::options::{Field, OptionValue, Options};
use facenet_lab::classify::ClassifierOptions;
use facenet_lab::cluster::ClusterOptions;
use facenet_lab::dataset::{AlignOptions, SplitOptions};
use facenet_lab::evaluate::{BlufrOptions, CalibrationOptions, FoldOptions, RateOptions};
#[cfg(feature = "parquet")]
use facenet_lab::export::ExportOptions;
use facenet_lab::folder::FolderAlignmentOptions;
use facenet_lab::shards::PackOptions;

use crate::rates::metric;

/// Options of the library, and which of them a command has.
pub trait Flags: Options + Clone {
    /// Heading above them in the help; none for that of the command's own options.
    const HEADING: Option<&str> = None;
    /// Options that most commands set themselves, and by what; without words where some commands have a flag for it.
    const CHOSEN: &[(&str, &str)] = &[];

    /// What else there is to say of the flag of an option, which [`Arg::get_id`] names.
    fn flag(arg: Arg) -> Arg {
        arg
    }
}

impl Flags for DetectorOptions {
    const HEADING: Option<&str> = Some("Detection");
    const CHOSEN: &[(&str, &str)] = &[("selection", ""), ("max_faces", "")];

    fn flag(arg: Arg) -> Arg {
        if arg.get_id() == "selection" { arg.long("select") } else { arg }
    }
}

impl Flags for EmbedderOptions {
    const HEADING: Option<&str> = Some("Embedding");
}

impl Flags for ClusterOptions {
    const CHOSEN: &[(&str, &str)] = &[
        ("min_samples", "`--min-cluster-size`"),
        ("exact_neighbors_up_to", "none"),
        ("memory_limit", "`--memory-limit`, in MiB"),
    ];

    fn flag(arg: Arg) -> Arg {
        match arg.get_id().as_str() {
            "threshold" => arg
                .visible_alias("cluster-threshold")
                .help("Distance or similarity at which to decide [default: the one measured for the model]"),
            "min_cluster_size" => arg.help(
                "Faces that a cluster needs; for dbscan, also those that must be near a face to make it a core point \
                 [default: 1]",
            ),
            _ => arg,
        }
    }
}

impl Flags for FolderAlignmentOptions {}

impl Flags for AlignOptions {
    const CHOSEN: &[(&str, &str)] = &[("order", "`--random-order` and `--seed`"), ("batch", "none")];

    fn flag(arg: Arg) -> Arg {
        if arg.get_id() == "multiple_faces" { arg.long("detect-multiple-faces") } else { arg }
    }
}

#[cfg(feature = "parquet")]
impl Flags for ExportOptions {
    fn flag(arg: Arg) -> Arg {
        if arg.get_id() == "label_strings_name" { arg.long("labels-strings-name") } else { arg }
    }
}

impl Flags for PackOptions {}

impl Flags for ClassifierOptions {
    const CHOSEN: &[(&str, &str)] = &[("seed", "`--seed` of the split")];

    fn flag(arg: Arg) -> Arg {
        match arg.get_id().as_str() {
            "method" => arg.long("classifier"),
            "kind" => arg.long("templates"),
            "fpir" => arg.conflicts_with("threshold"),
            _ => arg,
        }
    }
}

impl Flags for SplitOptions {
    fn flag(arg: Arg) -> Arg {
        match arg.get_id().as_str() {
            "min_images" => arg.long("min-nrof-images-per-class").requires("use_split_dataset"),
            "train_images" => arg.long("nrof-train-images-per-class").requires("use_split_dataset"),
            _ => arg.help(
                "Decides which images are trained on, and how they are shuffled for the probabilities [default: 666]",
            ),
        }
    }
}

impl Flags for RateOptions {
    const HEADING: Option<&str> = Some("Error rates");

    fn flag(arg: Arg) -> Arg {
        if arg.get_id() == "false_match_rates" { arg.long("fmr").value_name("RATE,...") } else { arg }
    }
}

impl Flags for FoldOptions {
    const CHOSEN: &[(&str, &str)] = &[("mirror", "`--mirror` of the embeddings"), ("wanted_far", "none")];

    fn flag(arg: Arg) -> Arg {
        match arg.get_id().as_str() {
            "folds" => {
                let help = "Folds of the cross-validation [default: what the list says, or 10]";
                arg.long("lfw-nrof-folds").help(help)
            }
            "metric" => {
                let parse = ValueParser::new(|text: &str| metric(text).map(|metric| OsString::from(metric.name())));
                let help = "0 or squared-euclidean, 1 or angular, euclidean, cosine [default: 0]";
                arg.long("distance-metric").value_name("METRIC").help(help).value_parser(parse)
            }
            _ => arg,
        }
    }
}

impl Flags for BlufrOptions {
    const HEADING: Option<&str> = Some("Splits of --protocol blufr");
    const CHOSEN: &[(&str, &str)] =
        &[("verification_far", "none"), ("identification_far", "none"), ("seed", "`--seed` of the error rates")];

    fn flag(arg: Arg) -> Arg {
        let long = format!("blufr-{}", arg.get_id().as_str().replace('_', "-"));
        arg.long(long)
    }
}

impl Flags for CalibrationOptions {
    const CHOSEN: &[(&str, &str)] = &[("metric", "`--distance-metric`; by default the model's")];

    fn flag(arg: Arg) -> Arg {
        arg.long("pairs")
    }
}

/// The options that were given; `ALL` where those that most commands set themselves can be given too.
pub(crate) struct Given<T, const ALL: bool = false> {
    options: T,
    names: BTreeSet<&'static str>,
}

impl<T: Flags, const ALL: bool> Given<T, ALL> {
    /// The options, with the defaults of those that were not given.
    pub(crate) fn options(&self) -> T {
        self.options.clone()
    }

    /// Whether the option called `name` was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether any option was given.
    pub(crate) fn any(&self) -> bool {
        !self.names.is_empty()
    }

    fn fields() -> impl Iterator<Item = &'static Field> {
        T::FIELDS.iter().filter(|field| ALL || chosen_by::<T>(field).is_none())
    }
}

impl<T: Flags, const ALL: bool> Args for Given<T, ALL> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(Self::fields().map(arg::<T>))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<T: Flags, const ALL: bool> FromArgMatches for Given<T, ALL> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Self { options: T::default(), names: BTreeSet::new() };
        given.update_from_arg_matches(matches)?;
        Ok(given)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for field in Self::fields() {
            if let Some(texts) = matches.get_many::<OsString>(field.name) {
                let refused = |error| clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("{error}\n"));
                let text = texts.cloned().reduce(|all, more| [all, more].join(",".as_ref())).unwrap_or_default();
                self.options.set(field.name, text).map_err(refused)?;
                self.names.insert(field.name);
            }
        }
        Ok(())
    }
}

/// What sets an option that has no flag in most commands.
fn chosen_by<T: Flags>(field: &Field) -> Option<&'static str> {
    T::CHOSEN.iter().find(|(name, _)| *name == field.name).map(|(_, by)| *by)
}

/// What sets an option on the command line, for the page of all options.
pub fn set_by<T: Flags>(field: &'static Field) -> String {
    match chosen_by::<T>(field) {
        Some(by) if !by.is_empty() => by.into(),
        _ => format!("`--{}`", arg::<T>(field).get_long().unwrap_or_default()),
    }
}

/// An option of the library as one of the command line.
fn arg<T: Flags>(field: &'static Field) -> Arg {
    let arg = Arg::new(field.name).long(field.name.replace('_', "-")).help_heading(T::HEADING);
    let help = field.help.trim_end_matches('.');
    if field.kind == SWITCH {
        let parse = BoolishValueParser::new().map(|on| OsString::from(on.to_string()));
        let arg = arg.value_name(field.kind).help(help).value_parser(ValueParser::new(parse));
        return T::flag(arg.num_args(0..=1).require_equals(true).default_missing_value("true"));
    }
    let notes = if field.choices.is_empty() { String::new() } else { format!(" ({})", field.choices.join(", ")) };
    let default = (field.default)();
    let default = if default.is_empty() { String::new() } else { format!(" [default: {default}]") };
    let parse = OsStringValueParser::new().try_map(|text| {
        let mut options = T::default();
        options.set(field.name, &text).and_then(|()| options.check()).map(|()| text)
    });
    let arg = if field.kind == LIST { arg.action(ArgAction::Append) } else { arg };
    let arg = arg.value_name(field.kind).help(format!("{help}{notes}{default}"));
    T::flag(arg.allow_negative_numbers(true).value_parser(parse))
}

/// The kind of options that need no value, and of those that may be given again for more.
const SWITCH: &str = <bool as OptionValue>::KIND;
const LIST: &str = <Vec<f64> as OptionValue>::KIND;
