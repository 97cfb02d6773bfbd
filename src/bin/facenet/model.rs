//! `facenet model`: importing, describing and checking model files.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use facenet::Result;
use facenet::model::{Alignment, ImportOptions, Standardization, Threshold, import};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a model file from a TensorFlow graph or a safetensors file
    Import(Import),
}

#[derive(Args)]
pub(crate) struct Import {
    /// Frozen TensorFlow graph (.pb) or safetensors file
    source: PathBuf,
    /// Model file to write (.onnx)
    out: PathBuf,
    /// Name of the model [default: name of the source]
    #[arg(long)]
    name: Option<String>,
    /// Where the weights come from [default: name of the source]
    #[arg(long)]
    origin: Option<String>,
    /// SPDX expression of the licence of the weights
    #[arg(long)]
    license: Option<String>,
    /// Width and height of the input in pixels
    #[arg(long, default_value_t = 160)]
    input_size: u32,
    /// How pixel values are standardised
    #[arg(long, value_enum, default_value_t = StandardizationArg::PerImage)]
    standardization: StandardizationArg,
    /// Pixels added to the width and height of the detected box
    #[arg(long, default_value_t = 32)]
    margin: u32,
    /// Distance for a decision, with its false match rate and false non-match rate; the default one first
    #[arg(long, value_name = "DISTANCE,FMR,FNMR", value_parser = threshold)]
    threshold: Vec<Threshold>,
    /// Data and protocol with which the thresholds were measured
    #[arg(long, default_value = "")]
    measured_on: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum StandardizationArg {
    PerImage,
    Fixed,
}

impl Command {
    pub(crate) fn run(self) -> Result<()> {
        match self {
            Self::Import(command) => command.run(),
        }
    }
}

impl Import {
    fn run(self) -> Result<()> {
        let measured_on = &self.measured_on;
        let options = ImportOptions {
            name: self.name,
            source: self.origin,
            license: self.license,
            input_size: self.input_size,
            standardization: match self.standardization {
                StandardizationArg::PerImage => Standardization::PerImage,
                StandardizationArg::Fixed => Standardization::Fixed,
            },
            alignment: Alignment::Margin { margin: self.margin },
            thresholds: self
                .threshold
                .into_iter()
                .map(|threshold| Threshold { measured_on: measured_on.clone(), ..threshold })
                .collect(),
            ..Default::default()
        };
        import(&self.source, &options)?.write(&self.out)
    }
}

fn threshold(text: &str) -> std::result::Result<Threshold, String> {
    let parts: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse().map_err(|e| format!("`{part}`: {e}")))
        .collect::<std::result::Result<_, _>>()?;
    let &[distance, false_match_rate, false_non_match_rate] = parts.as_slice() else {
        return Err("three numbers are needed: DISTANCE,FMR,FNMR".into());
    };
    Ok(Threshold { distance: distance as f32, false_match_rate, false_non_match_rate, measured_on: String::new() })
}
