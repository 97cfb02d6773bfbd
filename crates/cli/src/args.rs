//! Arguments that commands share.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use facenet_core::detect::DetectorOptions;
use facenet_core::options::OptionValue;
use facenet_core::runtime::Provider;
use facenet_core::{Runtime, RuntimeOptions};

use crate::options::Given;

/// Where networks run.
#[derive(Args)]
#[command(next_help_heading = "Runtime")]
pub(crate) struct RuntimeArgs {
    /// What runs the networks: cpu, cuda, cuda:1, tensorrt, tensorrt:1 or auto
    #[arg(long, default_value_t)]
    provider: Provider,
    /// Number of threads [default: one per core]
    #[arg(long)]
    threads: Option<usize>,
    /// Folder with the shipped models [default: looked for beside the program]
    #[arg(long, value_name = "FOLDER")]
    models: Option<PathBuf>,
    /// ONNX Runtime library, or the folder it lies in [default: looked for]
    #[arg(long, value_name = "FILE")]
    ort_library: Option<PathBuf>,
}

impl RuntimeArgs {
    /// Loads ONNX Runtime.
    pub(crate) fn start(&self) -> facenet_core::Result<Runtime> {
        Runtime::new(self.options())
    }

    pub(crate) fn options(&self) -> RuntimeOptions {
        RuntimeOptions {
            provider: self.provider,
            threads: self.threads,
            models: self.models.clone(),
            library: self.ort_library.clone(),
            ..RuntimeOptions::default()
        }
    }
}

/// How faces are found.
pub(crate) type DetectorArgs = Given<DetectorOptions>;

/// A distance: neither NaN nor infinite, which would make a decision without a look at the faces.
pub(crate) fn distance(text: &str) -> Result<f32, String> {
    match text.trim().parse::<f32>() {
        Ok(distance) if distance.is_finite() => Ok(distance),
        Ok(_) => Err("a distance is a finite number".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// The choice called `text`.
pub(crate) fn word<T: OptionValue>(text: &str) -> Result<T, String> {
    T::parse(text).ok_or_else(|| format!("it must be {}", T::values()))
}

/// Flags with an optional `True` or `False`.
const SWITCHES: [&str; 1] = ["--detect-multiple-faces"];

/// Brings the spellings of the original programs into ours: `--image_size` means `--image-size`, and
/// `--detect_multiple_faces True` means `--detect-multiple-faces=True`. Values are left alone.
pub(crate) fn normalise(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut normal: Vec<OsString> = Vec::new();
    let mut only_values = false;
    for arg in args {
        let text = arg.to_str().filter(|_| !only_values);
        match (text, normal.last_mut()) {
            (Some("--"), _) => {
                only_values = true;
                normal.push(arg);
            }
            (Some(flag), _) if flag.starts_with("--") => normal.push(with_hyphens(flag).into()),
            (Some(value), Some(flag)) if is_switch(flag) && is_python_bool(value) => {
                flag.push("=");
                flag.push(value);
            }
            _ => normal.push(arg),
        }
    }
    normal
}

fn with_hyphens(flag: &str) -> String {
    let (name, value) = flag.split_at(flag.find('=').unwrap_or(flag.len()));
    format!("{}{value}", name.replace('_', "-"))
}

fn is_switch(flag: &OsString) -> bool {
    SWITCHES.iter().any(|switch| flag == switch)
}

fn is_python_bool(value: &str) -> bool {
    ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// The name of a file for a page.
pub(crate) fn page(text: &str) -> Result<PathBuf, String> {
    if cfg!(feature = "html") { Ok(text.into()) } else { Err(lacks("html")) }
}

/// Why an option of this build cannot be used.
pub(crate) fn lacks(feature: &str) -> String {
    format!("this program was built without the feature `{feature}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(args: &str) -> String {
        let args = normalise(args.split(' ').map(OsString::from));
        args.iter().map(|arg| arg.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_of_flags_may_have_underscores_and_values_keep_theirs() {
        assert_eq!(normal("align in_a out_b --image_size 182"), "align in_a out_b --image-size 182");
        assert_eq!(
            normal("align --ort_library=/a_b/c_d --models my_models"),
            "align --ort-library=/a_b/c_d --models my_models"
        );
        assert_eq!(normal("align --json -- --in_put out_put"), "align --json -- --in_put out_put");
        assert_eq!(normal("align -q_x a"), "align -q_x a");
    }

    #[test]
    fn the_original_way_to_switch_on_several_faces_is_understood() {
        assert_eq!(normal("align --detect_multiple_faces True a b"), "align --detect-multiple-faces=True a b");
        assert_eq!(normal("align --detect-multiple-faces false a b"), "align --detect-multiple-faces=false a b");
        assert_eq!(normal("align --detect_multiple_faces a b"), "align --detect-multiple-faces a b");
        assert_eq!(normal("align --detect_multiple_faces=True a b"), "align --detect-multiple-faces=True a b");
        assert_eq!(normal("align --json True a b"), "align --json True a b");
    }
}
