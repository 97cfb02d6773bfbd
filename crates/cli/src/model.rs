//! `facenet model`: importing, describing and checking model files.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use facenet_core::model::{
    Alignment, Architecture, ColorOrder, ImportOptions, Manifest, Metric, Mirror, ModelFile, ModelSpec,
    Standardization, Threshold, import,
};
use facenet_core::options::OptionValue;
use facenet_core::{Error, Result};
use serde::Serialize;

use crate::args::{RuntimeArgs, distance, word};
use crate::console;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a model file from a TensorFlow graph, a safetensors file or an ONNX file
    Import(Import),
    /// Show what a model file says of itself
    Info(Info),
    /// Check model files against their checksums
    Verify(Verify),
}

impl Command {
    pub(crate) fn run(self) -> Result<()> {
        match self {
            Self::Import(command) => command.run(),
            Self::Info(command) => command.run(),
            Self::Verify(command) => command.run(),
        }
    }
}

#[derive(Args)]
pub(crate) struct Import {
    /// Frozen TensorFlow graph (.pb), safetensors file or ONNX file
    source: PathBuf,
    /// Model file to write (.onnx)
    out: PathBuf,
    #[arg(
        long,
        value_parser = word::<Architecture>,
        help = format!("Network of the weights: {} [default: by the weights' names]", Architecture::CHOICES.join(", "))
    )]
    architecture: Option<Architecture>,
    /// Name of the model [default: name of the source]
    #[arg(long)]
    name: Option<String>,
    /// Where the weights come from [default: name of the source]
    #[arg(long)]
    origin: Option<String>,
    /// SPDX expression of the licence of the weights
    #[arg(long)]
    license: Option<String>,
    /// Width and height of the input in pixels [default: that of the source, or 160]
    #[arg(long)]
    input_size: Option<u32>,
    /// Order of the colour planes: rgb, bgr
    #[arg(long, value_parser = word::<ColorOrder>)]
    color_order: Option<ColorOrder>,
    /// How pixel values are standardised: per-image, fixed ((x - 127.5) / 128), symmetric (-1 to 1), unit (0 to 1), raw
    #[arg(long, value_parser = word::<Standardization>)]
    standardization: Option<Standardization>,
    /// Cut faces out with their detected box, widened by this many pixels [default for facenet's network: 32]
    #[arg(long, value_name = "PIXELS")]
    margin: Option<u32>,
    /// Warp faces to the five landmarks of ArcFace's template
    #[arg(long, conflicts_with = "margin")]
    arcface: bool,
    /// Metric of the thresholds: euclidean, squared-euclidean, angular, cosine [default: euclidean]
    #[arg(long, value_parser = word::<Metric>)]
    metric: Option<Metric>,
    /// Distance for a decision, its false match rate and false non-match rate, and how mirror images were treated (off,
    /// average, concatenate); the default one first
    #[arg(long, value_name = "DISTANCE,FMR,FNMR[,MIRROR]", value_parser = threshold, requires = "measured_on")]
    threshold: Vec<Threshold>,
    /// Data and protocol with which the thresholds were measured
    #[arg(long, value_name = "TEXT")]
    measured_on: Option<String>,
    /// Store weights as 32-bit floats: twice the size
    #[arg(long)]
    full_precision: bool,
}

impl Import {
    fn run(self) -> Result<()> {
        let measured_on = self.measured_on.unwrap_or_default();
        let thresholds = self.threshold.into_iter();
        let options = ImportOptions {
            architecture: self.architecture,
            name: self.name,
            source: self.origin,
            license: self.license,
            input_size: self.input_size,
            color_order: self.color_order,
            standardization: self.standardization,
            alignment: match (self.arcface, self.margin) {
                (true, _) => Some(Alignment::Arcface),
                (false, margin) => margin.map(|margin| Alignment::Margin { margin }),
            },
            metric: self.metric,
            thresholds: thresholds
                .map(|threshold| Threshold { measured_on: measured_on.clone(), ..threshold })
                .collect(),
            full_precision: self.full_precision,
        };
        import(&self.source, &options)?.write(&self.out)
    }
}

#[derive(Args)]
pub(crate) struct Info {
    /// Model file
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What `info` tells of a file.
#[derive(Serialize)]
struct Description<'a> {
    file: &'a Path,
    size: usize,
    input_shape: &'a [Option<usize>],
    output_shape: &'a [Option<usize>],
    spec: &'a ModelSpec,
}

impl Info {
    fn run(self) -> Result<()> {
        let file = ModelFile::read(&self.file)?;
        let description = Description {
            file: &self.file,
            size: file.bytes().len(),
            input_shape: file.input_shape(),
            output_shape: file.output_shape(),
            spec: file.spec(),
        };
        match self.json {
            true => console::print_json(&description),
            false => console::print(|out| description.write(out)),
        }
    }
}

impl Description<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut line = |label: &str, value: &dyn Display| writeln!(out, "{label:<16}{value}");
        line("name", &self.spec.name)?;
        line("task", &name(&self.spec.task))?;
        line("file", &format_args!("{}, {} bytes", self.file.display(), self.size))?;
        line("source", &self.spec.source)?;
        line("licence", &self.spec.license)?;
        line("weights", &format_args!("SHA-256 {}", self.spec.weights_sha256))?;
        line("input", &shape(self.input_shape))?;
        line("output", &shape(self.output_shape))?;
        let Some(embedding) = &self.spec.embedding else { return Ok(()) };
        line("colours", &name(&embedding.color_order))?;
        line("standardised", &name(&embedding.standardization))?;
        match embedding.alignment {
            Alignment::Margin { margin } => line("alignment", &format_args!("box with a margin of {margin} px"))?,
            Alignment::Arcface => line("alignment", &"five landmarks, ArcFace's template")?,
        }
        line("metric", &name(&embedding.metric))?;
        for threshold in &embedding.thresholds {
            let Threshold { distance, mirror, false_match_rate, false_non_match_rate, measured_on } = threshold;
            line(
                "threshold",
                &format_args!(
                    "{distance}: FMR {false_match_rate}, FNMR {false_non_match_rate}, mirror {} ({measured_on})",
                    name(mirror)
                ),
            )?;
        }
        Ok(())
    }
}

/// The name under which serde knows a variant.
fn name(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn shape(shape: &[Option<usize>]) -> String {
    shape.iter().map(|size| size.map_or("any".into(), |size| size.to_string())).collect::<Vec<_>>().join(" x ")
}

#[derive(Args)]
pub(crate) struct Verify {
    /// Model files
    #[arg(required_unless_present = "all")]
    files: Vec<PathBuf>,
    /// Check all models that ship with this version
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

impl Verify {
    fn run(mut self) -> Result<()> {
        if self.all {
            let runtime = self.runtime.start()?;
            self.files.extend(Manifest::shipped().models.iter().map(|model| runtime.models().join(&model.file)));
        }
        let (mut whole, mut failures) = (Vec::new(), Vec::new());
        for path in &self.files {
            match verify(path) {
                Ok(line) => whole.push(format!("{}: {line}", path.display())),
                Err(error) => failures.push(error),
            }
        }
        // A broken model must be known by the exit code, whoever reads what is printed.
        let printed = console::print(|out| whole.iter().try_for_each(|line| writeln!(out, "{line}")));
        failures.iter().for_each(console::warn);
        match failures.first() {
            None => printed,
            Some(error) => {
                let message = format!("{} of {} model files failed", failures.len(), self.files.len());
                Err(Error::new(error.kind(), message))
            }
        }
    }
}

fn verify(path: &Path) -> Result<String> {
    let file = ModelFile::read(path)?;
    let verified = file.verify().map_err(|e| e.context(path.display()))?;
    let origin = if verified.shipped { "as shipped" } else { "weights as described" };
    Ok(format!("{origin}, SHA-256 {}", verified.sha256))
}

fn threshold(text: &str) -> std::result::Result<Threshold, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let (numbers, mirror) = match *parts {
        [distance, fmr, fnmr] => ([distance, fmr, fnmr], Mirror::Off),
        [distance, fmr, fnmr, mirror] => ([distance, fmr, fnmr], word(mirror)?),
        _ => return Err("a distance and two rates are needed, as in 1.12,0.0067,0.018".into()),
    };
    let named = |text: &str, reason: String| format!("`{text}`: {reason}");
    let rate = |text: &str| text.parse::<f64>().map_err(|e| named(text, e.to_string()));
    let distance = distance(numbers[0]).map_err(|reason| named(numbers[0], reason))?;
    let [false_match_rate, false_non_match_rate] = [rate(numbers[1])?, rate(numbers[2])?];
    if ![false_match_rate, false_non_match_rate].iter().all(|rate| (0.0..=1.0).contains(rate)) {
        return Err("rates lie between 0 and 1".into());
    }
    Ok(Threshold { distance, mirror, false_match_rate, false_non_match_rate, measured_on: String::new() })
}
