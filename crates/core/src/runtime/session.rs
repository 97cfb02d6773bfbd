//! Making sessions: one network on one provider, and nothing of it elsewhere.

use std::path::PathBuf;

use ort::ErrorCode;
use ort::ep::{ArenaExtendStrategy, CUDA, ExecutionProviderDispatch, TensorRT, cuda::ConvAlgorithmSearch};
use ort::session::Session;
use ort::session::builder::{AutoDevicePolicy, SessionBuilder};

use super::Provider;
use super::environment::Loaded;
use super::ffi::{self, Assignment};
use super::network::NetworkOptions;
use super::source::{Source, words};
use super::tensorrt::{engine_prefix, written_shape};
use crate::error::{Error, ErrorKind, Result};

/// What makes sessions: the library, and the provider that was chosen.
pub(super) struct Backend {
    pub(super) loaded: &'static Loaded,
    /// Never [`Provider::Auto`].
    pub(super) provider: Provider,
    /// Where TensorRT's engines are kept; present if that is the provider.
    pub(super) engines: Option<PathBuf>,
}

impl Backend {
    /// Loads `source` so that the provider runs all of it.
    pub(super) fn session(&self, source: &Source, options: &NetworkOptions) -> Result<Session> {
        let providers = match self.provider {
            Provider::Cpu | Provider::Auto => Vec::new(),
            Provider::Cuda { device } => vec![cuda(device)],
            Provider::TensorRt { device } => vec![self.tensorrt(device, source, options)?, cuda(device)],
        };
        let on_cpu = providers.is_empty();
        let mut builder = builder(self.loaded, options)
            .and_then(|builder| if on_cpu { Ok(builder) } else { Ok(builder.with_disable_cpu_fallback()?) })
            .and_then(|builder| Ok(builder.with_execution_providers(providers)?))
            .map_err(|error| self.unavailable(&error))?;
        let session = builder.commit_from_memory(&source.bytes).map_err(|error| match error.code() {
            // Nothing but the provider can be to blame, or ONNX Runtime cannot tell.
            ErrorCode::ExecutionProviderFailure | ErrorCode::GenericFailure if !on_cpu => self.unavailable(&error),
            _ => source.refused(error),
        })?;
        let assignments = ffi::assignments(&session).map_err(|error| source.refused(error))?;
        match misplaced(self.provider, &assignments) {
            None => Ok(session),
            Some(problem) => {
                let message = format!("{} cannot run on provider {}: {problem}", source.label, self.provider);
                Err(Error::new(ErrorKind::ProviderUnavailable, message))
            }
        }
    }

    fn unavailable(&self, error: &ort::Error) -> Error {
        let message = format!("provider {} does not start: {}", self.provider, words(error));
        Error::new(ErrorKind::ProviderUnavailable, message)
    }

    fn tensorrt(&self, device: u16, source: &Source, options: &NetworkOptions) -> Result<ExecutionProviderDispatch> {
        let folder = self
            .engines
            .as_deref()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "TensorRT was chosen without a folder for its engines"))?;
        std::fs::create_dir_all(folder).map_err(|error| Error::io("create engine cache", folder, error))?;
        let path = folder.to_str().filter(|path| !path.contains('\0')).ok_or_else(|| {
            let message = format!("the engine cache {} must have a name in UTF-8", folder.display());
            Error::new(ErrorKind::InvalidArgument, message)
        })?;
        let provider = TensorRT::default()
            .with_device_id(device.into())
            .with_engine_cache(true)
            .with_engine_cache_path(path)
            .with_engine_cache_prefix(engine_prefix(&source.name, &source.sha256()))
            .with_timing_cache(true)
            .with_timing_cache_path(path)
            .with_fp16(false);
        let Some(profile) = options.profile else { return Ok(provider.build().error_on_failure()) };
        profile.check()?;
        let input = self.input_name(source)?;
        Ok(provider
            .with_profile_min_shapes(written_shape(&input, profile.min))
            .with_profile_opt_shapes(written_shape(&input, profile.opt))
            .with_profile_max_shapes(written_shape(&input, profile.max))
            .build()
            .error_on_failure())
    }

    /// The name of the network's input, which a profile must mention; only a session tells it.
    fn input_name(&self, source: &Source) -> Result<String> {
        let mut builder = builder(self.loaded, &NetworkOptions::default()).map_err(|error| source.refused(error))?;
        let session = builder.commit_from_memory(&source.bytes).map_err(|error| source.refused(error))?;
        Ok(session.inputs().first().map(|input| input.name().to_owned()).unwrap_or_default())
    }
}

/// What is wrong with `assignments`, if a node runs where `provider` does not want it.
fn misplaced(provider: Provider, assignments: &[Assignment]) -> Option<String> {
    let wanted = provider.onnxruntime_name()?;
    let cuda = Provider::Cuda { device: 0 }.onnxruntime_name()?;
    // TensorRT leaves to CUDA what it cannot do, but something it must do.
    let may_use_cuda = matches!(provider, Provider::TensorRt { .. });
    let allowed = |name: &str| name == wanted || may_use_cuda && name == cuda;
    if let Some(Assignment { provider, nodes }) = assignments.iter().find(|nodes| !allowed(&nodes.provider)) {
        let first: Vec<&str> = nodes.iter().take(5).map(String::as_str).collect();
        return Some(format!("{} of its nodes would run on {provider}, among them {}", nodes.len(), first.join(", ")));
    }
    let runs = assignments.is_empty() || assignments.iter().any(|nodes| nodes.provider == wanted);
    (!runs).then(|| format!("none of its nodes would run on {wanted}"))
}

/// Settings of a session that do not depend on the provider.
fn builder(loaded: &Loaded, options: &NetworkOptions) -> ort::Result<SessionBuilder> {
    Ok(Session::builder(&loaded.environment)?
        .with_intra_threads(options.intra_threads)?
        // Between the operators of a run, waiting threads spin: waking them takes a good tenth of the time of a single
        // image. Between runs they sleep: the processor belongs to the program that embeds us.
        .with_intra_op_spinning(options.intra_threads > 1)?
        .with_config_entry("session.force_spinning_stop", "1")?
        .with_memory_pattern(options.memory_pattern)?
        .with_auto_device(AutoDevicePolicy::PreferCPU)?
        .with_config_entry("session.record_ep_graph_assignment_info", "1")?)
}

fn cuda(device: u16) -> ExecutionProviderDispatch {
    CUDA::default()
        .with_device_id(device.into())
        // An exhaustive search costs most of a second for each new shape, and gains nothing after that.
        .with_conv_algorithm_search(ConvAlgorithmSearch::Heuristic)
        .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested)
        .build()
        .error_on_failure()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_on_another_provider_are_named() {
        const CPU: &str = "CPUExecutionProvider";
        const CUDA: &str = "CUDAExecutionProvider";
        const TENSORRT: &str = "TensorrtExecutionProvider";
        let (cpu, cuda, tensorrt) = (Provider::Cpu, Provider::Cuda { device: 1 }, Provider::TensorRt { device: 0 });
        let problem = |provider, names: &[&str]| {
            let on = |name: &&str| Assignment { provider: (*name).into(), nodes: vec![format!("Conv on {name}")] };
            misplaced(provider, &names.iter().map(on).collect::<Vec<_>>())
        };
        for (provider, names) in
            [(cpu, &[CPU][..]), (cuda, &[CUDA]), (tensorrt, &[TENSORRT]), (tensorrt, &[CUDA, TENSORRT]), (cuda, &[])]
        {
            assert_eq!(problem(provider, names), None, "{provider} {names:?}");
        }
        for (provider, names) in [(cuda, &[CUDA, CPU][..]), (tensorrt, &[TENSORRT, CUDA, CPU]), (cuda, &[CPU])] {
            let problem = problem(provider, names).expect("a problem");
            assert!(problem.contains("1 of its nodes") && problem.contains("Conv on CPU"), "{problem}");
        }
        assert!(problem(tensorrt, &[CUDA]).expect("a problem").contains("none of its nodes"));
        assert!(problem(cuda, &[TENSORRT]).is_some());
    }
}
