//! Looking at a machine: what of it works, what does not, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::environment::{self, Loaded};
use super::gpu::{self, Gpu};
use super::models::Models;
use super::{LibrarySource, Provider, RuntimeOptions, probe, select};

/// What [`examine`] found.
///
/// Made to be read by people, as text by [`Display`](fmt::Display), and by programs, through [`serde`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Version of this library.
    pub version: &'static str,
    /// Operating system and processor this library was built for.
    pub platform: String,
    /// The processor.
    pub cpu: Cpu,
    /// The ONNX Runtime library, or why there is none.
    pub library: Finding<Library>,
    /// The providers, or why they do not run here.
    pub providers: Vec<ProviderReport>,
    /// The GPUs, or why there are none.
    pub gpus: Finding<Vec<Gpu>>,
    /// The files in the models folder, or why there is no such folder.
    pub models: Finding<ModelsFolder>,
    /// Whether ONNX Runtime sends usage data. Always false: it is switched off before the library is loaded.
    pub telemetry: bool,
    /// What to do to make more of this machine.
    pub advice: Vec<String>,
}

/// Something, or the reason why it is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding<T> {
    /// It is there.
    Found(T),
    /// It is not; this says why.
    Missing(String),
}

/// The processor, and how much of it this process may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cpu {
    /// The maker's name of the product.
    pub name: String,
    /// Those of its extensions that make networks fast.
    pub features: Vec<&'static str>,
    /// Cores of the machine.
    pub cores: usize,
    /// Cores this process may use, by its affinity and the limit of its container.
    pub usable_cores: usize,
}

/// The ONNX Runtime library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Library {
    /// The file.
    pub path: PathBuf,
    /// How it was found.
    pub source: LibrarySource,
    /// Its version.
    pub version: String,
}

/// Whether a provider runs here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderReport {
    /// The provider.
    pub provider: Provider,
    /// Why it does not run here; absent if it does.
    pub problem: Option<String>,
}

/// The folder with the models that ship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelsFolder {
    /// The folder.
    pub path: PathBuf,
    /// The model files in it.
    pub files: Vec<ModelReport>,
}

/// A model file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelReport {
    /// Name of the file.
    pub file: String,
    /// Its size in bytes.
    pub size: u64,
    /// What is wrong with it; absent if nothing is.
    pub problem: Option<String>,
}

/// Examines this machine, as a [`Runtime`](super::Runtime) with `options` would find it.
///
/// Loads ONNX Runtime and runs a tiny network on each provider. Never fails: what does not work is in the report.
///
/// ```no_run
/// use facenet::RuntimeOptions;
/// use facenet::runtime::doctor;
///
/// let report = doctor::examine(&RuntimeOptions::default());
/// print!("{report}");
/// assert!(report.works());
/// ```
pub fn examine(options: &RuntimeOptions) -> Report {
    let loaded = environment::load(options.library.as_deref());
    let device = options.provider.device().unwrap_or(0);
    let providers = [Provider::Cpu, Provider::Cuda { device }, Provider::TensorRt { device }];
    let providers = match &loaded {
        Ok(loaded) => providers.map(|provider| try_provider(provider, loaded, options)).to_vec(),
        Err(_) => Vec::new(),
    };
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION"),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        cpu: Cpu::here(),
        library: match loaded {
            Ok(Loaded { library, .. }) => Finding::Found(Library {
                path: library.path.clone(),
                source: library.source,
                version: library.version.clone(),
            }),
            Err(error) => Finding::Missing(error.to_string()),
        },
        providers,
        gpus: gpu::driver().map_or_else(Finding::Missing, |driver| Finding::Found(driver.gpus)),
        models: look_at_models(options),
        telemetry: false,
        advice: Vec::new(),
    };
    report.advice = advise(&report);
    report
}

impl Report {
    /// Whether faces can be recognised on the CPU: the library runs and the models are whole.
    pub fn works(&self) -> bool {
        let cpu = self.providers.iter().any(|report| report.provider == Provider::Cpu && report.problem.is_none());
        let models = match &self.models {
            Finding::Found(folder) => folder.files.iter().all(|file| file.problem.is_none()),
            Finding::Missing(_) => false,
        };
        cpu && models
    }
}
