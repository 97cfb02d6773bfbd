//! Providers are strict: a GPU that is not there is an error, unless any hardware will do.

use facenet::runtime::LibrarySource;
use facenet::runtime::{Network, NetworkOptions};
use facenet::{ErrorKind, Provider, Runtime, RuntimeOptions};
use testkit::runtime::{relu, runtime};

fn options(provider: Provider) -> RuntimeOptions {
    RuntimeOptions { provider, ..RuntimeOptions::default() }
}

#[test]
fn the_cpu_is_the_default_and_is_reported() {
    let Some(runtime) = runtime(RuntimeOptions { threads: Some(3), ..RuntimeOptions::default() }) else { return };
    let info = runtime.info();
    assert_eq!((info.provider, runtime.provider()), (Provider::Cpu, Provider::Cpu));
    assert_eq!((info.threads, runtime.threads(), runtime.pool().current_num_threads()), (3, 3, 3));
    assert_eq!(info.passed_over, []);
    assert!(info.built_with.iter().any(|name| name == "CPUExecutionProvider"), "{info:?}");
    assert!(info.library.is_absolute() && info.library.is_file(), "{info:?}");
    assert!(info.version.starts_with("1."), "{info:?}");
    assert!(info.build.contains("ORT Build Info"), "{info:?}");
    assert_ne!(info.source, LibrarySource::Options);
}

#[test]
fn a_gpu_that_does_not_serve_is_an_error_that_says_why() {
    if runtime(RuntimeOptions::default()).is_none() {
        return;
    }
    // No machine has this many.
    for provider in [Provider::Cuda { device: 999 }, Provider::TensorRt { device: 999 }] {
        let error = Runtime::new(options(provider)).err().expect("a refusal");
        assert_eq!(error.kind(), ErrorKind::ProviderUnavailable);
        let message = error.to_string();
        assert!(message.contains(&provider.to_string()), "{message}");
        let reasons = ["onnxruntime-gpu", "NVIDIA driver", "there is no GPU 999"];
        assert!(reasons.iter().any(|reason| message.contains(reason)), "{message}");
    }
}

#[test]
fn any_hardware_will_do_if_the_caller_says_so() {
    let Some(runtime) = runtime(options(Provider::Auto)) else { return };
    let info = runtime.info();
    assert_ne!(info.provider, Provider::Auto);
    let better = match info.provider {
        Provider::Cpu => vec![Provider::TensorRt { device: 0 }, Provider::Cuda { device: 0 }],
        Provider::Cuda { .. } => vec![Provider::TensorRt { device: 0 }],
        _ => vec![],
    };
    assert_eq!(info.passed_over.iter().map(|passed| passed.provider).collect::<Vec<_>>(), better);
    assert!(info.passed_over.iter().all(|passed| !passed.reason.is_empty()));
    let network = Network::from_bytes(&runtime, "relu", &relu(), NetworkOptions::default()).expect("it loads");
    assert_eq!(network.run([1, 3, 1, 1], &[1.0, -1.0, 2.0], |_, y| y.to_vec()).expect("it runs"), [1.0, 0.0, 2.0]);
}
