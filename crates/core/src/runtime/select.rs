//! Choosing the provider that runs, strictly.

use std::path::Path;

use serde::Serialize;

use super::environment::Loaded;
use super::gpu::{self, Driver, Gpu};
use super::nvidia::{self, Needed};
use super::session::Backend;
use super::{Provider, ffi, probe, tensorrt};
use crate::error::{Error, ErrorKind, Hint, Result};

/// A provider that [`Provider::Auto`] would have preferred, and why it does not run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PassedOver {
    /// The provider.
    pub provider: Provider,
    /// What is missing, and how to get it.
    pub reason: String,
}

/// The backend for `wanted`, with the better providers that it is not.
pub(super) fn choose(
    wanted: Provider,
    loaded: &'static Loaded,
    engine_cache: Option<&Path>,
) -> Result<(Backend, Vec<PassedOver>)> {
    if wanted != Provider::Auto {
        return Ok((open(wanted, loaded, engine_cache)?, Vec::new()));
    }
    let mut passed_over = Vec::new();
    for provider in [Provider::TensorRt { device: 0 }, Provider::Cuda { device: 0 }] {
        match open(provider, loaded, engine_cache) {
            Ok(backend) => return Ok((backend, passed_over)),
            Err(error) => passed_over.push(PassedOver { provider, reason: error.to_string() }),
        }
    }
    Ok((open(Provider::Cpu, loaded, engine_cache)?, passed_over))
}

/// The backend for one provider, which is known to work when this returns.
pub(super) fn open(provider: Provider, loaded: &'static Loaded, engine_cache: Option<&Path>) -> Result<Backend> {
    let Some(device) = provider.device() else {
        let backend = Backend { loaded, provider: Provider::Cpu, engines: None };
        return probe::probe(&backend).map(|()| backend);
    };
    let fail = |reason: String| Error::new(ErrorKind::ProviderUnavailable, format!("provider {provider}: {reason}"));
    check_build(provider, loaded).map_err(|reason| fail(reason).with_hint(Hint::InstallGpuRuntime))?;
    let driver = gpu::driver().map_err(fail)?;
    let gpu = pick(&driver, device).map_err(fail)?;
    let missing = nvidia::preload(&nvidia::CUDA, &loaded.library.path);
    let engines = match provider {
        Provider::TensorRt { .. } => {
            let absent = !nvidia::preload(&nvidia::TENSORRT, &loaded.library.path).is_empty();
            let version = nvidia::tensorrt_version().filter(|_| !absent).ok_or_else(|| {
                let reason = "libnvinfer.so.10 was not found; install TensorRT 10, which the Python package \
                              tensorrt-cu13-libs has too";
                fail(reason.to_owned()).with_hint(Hint::InstallTensorRt)
            })?;
            Some(tensorrt::engine_folder(engine_cache, &driver, gpu, version, &loaded.library.version)?)
        }
        _ => None,
    };
    let backend = Backend { loaded, provider, engines };
    probe::probe(&backend).map_err(|error| match missing.as_slice() {
        [] => error,
        missing => Error::new(error.kind(), format!("{error}; {}", absent(missing)))
            .with_source(error)
            .with_hint(Hint::InstallCuda),
    })?;
    Ok(backend)
}

/// Whether the library was built with the provider.
fn check_build(provider: Provider, loaded: &Loaded) -> Result<(), String> {
    let library = loaded.library;
    let built_with = ffi::available_providers(loaded).map_err(|error| error.to_string())?;
    if built_with.iter().any(|name| Some(name.as_str()) == provider.onnxruntime_name()) {
        return Ok(());
    }
    Err(format!(
        "ONNX Runtime {} in {} is built without it (it has {}); install a build for NVIDIA GPUs, such as the Python \
         package onnxruntime-gpu in place of onnxruntime, or name one in FACENET_ORT_DYLIB",
        library.version,
        library.path.display(),
        built_with.join(", ")
    ))
}

fn pick(driver: &Driver, device: u16) -> Result<&Gpu, String> {
    driver.gpus.get(usize::from(device)).ok_or_else(|| {
        let names = driver.gpus.iter().enumerate().map(|(number, gpu)| format!("{number}: {}", gpu.name));
        format!("there is no GPU {device}; this machine has {}", names.collect::<Vec<_>>().join(", "))
    })
}

fn absent(missing: &[Needed]) -> String {
    let names: Vec<&str> = missing.iter().map(|needed| needed.name).collect();
    format!(
        "not found: {}; install CUDA and cuDNN, which come with the Python package onnxruntime-gpu too",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gpu_that_is_not_there_is_refused_with_those_that_are() {
        let gpu = |name: &str| Gpu { name: name.into(), compute_capability: (9, 0), memory: 80 << 30 };
        let driver = Driver { cuda: (13, 0), gpus: vec![gpu("A"), gpu("B")] };
        assert_eq!(pick(&driver, 1).expect("it is there").name, "B");
        let reason = pick(&driver, 2).expect_err("it is not there");
        assert_eq!(reason, "there is no GPU 2; this machine has 0: A, 1: B");
    }
}
