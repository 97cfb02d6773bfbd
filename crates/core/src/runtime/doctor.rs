//! Looking at a machine: what of it works, what does not, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::environment::{self, Loaded};
use super::gpu::{self, Gpu};
use super::models::{self, Models};
use super::{LibrarySource, Provider, RuntimeOptions, library, select};
use crate::model::{Manifest, ModelFile};

/// What [`examine`] found.
///
/// Made to be read by people, as text by [`Display`](fmt::Display), and by programs, through [`serde`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Version of this library.
    pub version: &'static str,
    /// Operating system and processor this library was built for.
    pub platform: String,
    /// Why no runtime can be made with the options, whatever the machine; absent if one can.
    pub options_problem: Option<String>,
    /// The processor.
    pub cpu: Cpu,
    /// The ONNX Runtime library, or why there is none.
    pub library: Finding<Library>,
    /// The providers, or why they do not run here.
    pub providers: Vec<ProviderReport>,
    /// The GPUs, or why there are none.
    pub gpus: Finding<Vec<Gpu>>,
    /// The models that ship, or why there is no folder with them.
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
#[non_exhaustive]
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
#[non_exhaustive]
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
#[non_exhaustive]
pub struct ProviderReport {
    /// The provider.
    pub provider: Provider,
    /// Why it does not run here; absent if it does.
    pub problem: Option<String>,
}

/// The folder with the models that ship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModelsFolder {
    /// The folder.
    pub path: PathBuf,
    /// The models that ship with this version, by the names of their files.
    pub files: Vec<ModelReport>,
}

/// A model file, checked byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModelReport {
    /// Name of the file.
    pub file: String,
    /// Its size in bytes; 0 if it is not there.
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
    let gpus = gpu::driver().map_or_else(Finding::Missing, |driver| Finding::Found(driver.gpus));
    let device = options.provider.device().unwrap_or(0);
    let providers = [Provider::Cpu, Provider::Cuda { device }, Provider::TensorRt { device }];
    let providers = match &loaded {
        Ok(loaded) => providers.map(|provider| try_provider(provider, loaded, &gpus, options)).to_vec(),
        Err(_) => Vec::new(),
    };
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION"),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        options_problem: options.thread_count().err().map(|error| error.to_string()),
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
        gpus,
        models: look_at_models(options),
        telemetry: false,
        advice: Vec::new(),
    };
    report.advice = advise(&report, options);
    report
}

impl Report {
    /// Whether faces can be recognised on the CPU: the options make sense, the library runs and the models are whole.
    pub fn works(&self) -> bool {
        let cpu = self.providers.iter().any(|report| report.provider == Provider::Cpu && report.problem.is_none());
        let models = match &self.models {
            Finding::Found(folder) => folder.files.iter().all(|file| file.problem.is_none()),
            Finding::Missing(_) => false,
        };
        self.options_problem.is_none() && cpu && models
    }
}

fn try_provider(
    provider: Provider,
    loaded: &'static Loaded,
    gpus: &Finding<Vec<Gpu>>,
    options: &RuntimeOptions,
) -> ProviderReport {
    let problem = match (provider, gpus) {
        (Provider::Cuda { .. } | Provider::TensorRt { .. }, Finding::Missing(reason)) => Some(reason.clone()),
        _ => select::open(provider, loaded, options.engine_cache.as_deref()).err().map(|error| error.to_string()),
    };
    ProviderReport { provider, problem }
}

fn look_at_models(options: &RuntimeOptions) -> Finding<ModelsFolder> {
    let models = match Models::find(options.models.as_deref()) {
        Ok(models) => models,
        Err(error) => return Finding::Missing(error.to_string()),
    };
    let Some(folder) = models.found() else { return Finding::Missing(models.absence()) };
    let files = Manifest::shipped().models.iter().map(|model| look_at_model(folder, &model.file));
    Finding::Found(ModelsFolder { path: folder.to_path_buf(), files: files.collect() })
}

fn look_at_model(folder: &Path, file: &str) -> ModelReport {
    let path = folder.join(file);
    let verified = ModelFile::read(&path).and_then(|model| model.verify());
    ModelReport {
        file: file.to_owned(),
        size: std::fs::metadata(&path).map_or(0, |metadata| metadata.len()),
        problem: verified.err().map(|error| error.to_string()),
    }
}

/// What is worth doing about `report` of `options`, most urgent first.
fn advise(report: &Report, options: &RuntimeOptions) -> Vec<String> {
    let mut advice = Vec::new();
    if report.options_problem.is_some() {
        advice.push("Correct the options".to_owned());
    }
    if let Finding::Missing(_) = report.library {
        advice.push(library::remedy(options.library.as_deref()));
    }
    let gpus = matches!(report.gpus, Finding::Found(_));
    let cuda = report.providers.iter().find(|report| matches!(report.provider, Provider::Cuda { .. }));
    if let Some(ProviderReport { provider, problem: Some(_) }) = cuda.filter(|_| gpus) {
        advice.push(format!("To make use of the GPU, see what {provider} lacks"));
    }
    match &report.models {
        Finding::Missing(_) => advice.push(models::REMEDY.to_owned()),
        Finding::Found(folder) => {
            let broken = folder.files.iter().filter(|file| file.problem.is_some()).map(|file| file.file.as_str());
            advice
                .extend(broken.map(|file| format!("Replace the model file {file} by that of the source distribution")));
        }
    }
    if report.cpu.usable_cores < report.cpu.cores {
        let Cpu { usable_cores, cores, .. } = report.cpu;
        advice.push(format!(
            "Only {usable_cores} of {cores} cores may be used: widen the affinity or the container's limit"
        ));
    }
    if cfg!(target_arch = "x86_64") && !report.cpu.features.contains(&"avx2") {
        advice.push(
            "Expect a tenth of the usual speed: this processor, or the machine it is emulated by, has no AVX2"
                .to_owned(),
        );
    }
    advice
}

impl Cpu {
    fn here() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let mut names = info.lines().filter_map(|line| line.strip_prefix("model name"));
        let name = names.next().and_then(|rest| rest.split_once(':')).map(|(_, name)| name.trim());
        let usable_cores = std::thread::available_parallelism().map_or(1, Into::into);
        Self {
            name: name.unwrap_or("unknown").to_owned(),
            features: features(),
            // Where the file says nothing, what may be used is all that is known.
            cores: info.lines().filter(|line| line.starts_with("processor")).count().max(usable_cores),
            usable_cores,
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    let all = [
        ("avx", is_x86_feature_detected!("avx")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("f16c", is_x86_feature_detected!("f16c")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512vnni", is_x86_feature_detected!("avx512vnni")),
    ];
    all.into_iter().filter(|(_, detected)| *detected).map(|(name, _)| name).collect()
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<&'static str> {
    let all = [
        ("neon", std::arch::is_aarch64_feature_detected!("neon")),
        ("fp16", std::arch::is_aarch64_feature_detected!("fp16")),
        ("dotprod", std::arch::is_aarch64_feature_detected!("dotprod")),
        ("i8mm", std::arch::is_aarch64_feature_detected!("i8mm")),
        ("sve", std::arch::is_aarch64_feature_detected!("sve")),
    ];
    all.into_iter().filter(|(_, detected)| *detected).map(|(name, _)| name).collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<&'static str> {
    Vec::new()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cpu { name, features, cores, usable_cores } = &self.cpu;
        writeln!(f, "facenet      {} for {}", self.version, self.platform)?;
        if let Some(problem) = &self.options_problem {
            writeln!(f, "options      {}", indented(problem))?;
        }
        writeln!(f, "processor    {name}; {usable_cores} of {cores} cores; {}", features.join(" "))?;
        match &self.library {
            Finding::Found(library) => {
                writeln!(f, "onnxruntime  {} in {} ({})", library.version, library.path.display(), library.source)?;
            }
            Finding::Missing(reason) => writeln!(f, "onnxruntime  {}", indented(reason))?,
        }
        match &self.gpus {
            Finding::Found(gpus) => {
                for (number, gpu) in gpus.iter().enumerate() {
                    let gigabytes = gpu.memory as f64 / f64::from(1 << 30);
                    writeln!(f, "gpu {number}        {}, {gigabytes:.1} GiB", gpu.name)?;
                }
            }
            Finding::Missing(reason) => writeln!(f, "gpu          {}", indented(reason))?,
        }
        for ProviderReport { provider, problem } in &self.providers {
            let provider = provider.to_string();
            writeln!(f, "{provider:<12} {}", indented(problem.as_deref().unwrap_or("works")))?;
        }
        match &self.models {
            Finding::Found(folder) => {
                writeln!(f, "models       {}", folder.path.display())?;
                for ModelReport { file, size, problem } in &folder.files {
                    let megabytes = *size as f64 / 1e6;
                    writeln!(f, "model        {file} ({megabytes:.2} MB): {}", problem.as_deref().unwrap_or("whole"))?;
                }
            }
            Finding::Missing(reason) => writeln!(f, "models       {}", indented(reason))?,
        }
        writeln!(f, "usage data   {}", if self.telemetry { "sent" } else { "not sent" })?;
        for advice in &self.advice {
            writeln!(f, "-> {}", indented(advice))?;
        }
        let verdict = if self.works() { "Ready: faces can be recognised on this machine." } else { "Not ready." };
        writeln!(f, "{verdict}")
    }
}

/// `text` with its further lines below the first in the second column.
fn indented(text: &str) -> String {
    text.replace('\n', "\n             ")
}
