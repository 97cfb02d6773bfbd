//! The hardware that runs networks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// The hardware and library that run networks (ONNX Runtime's execution provider).
///
/// Written as `cpu`, `cuda`, `cuda:1`, `tensorrt`, `tensorrt:1` or `auto`; without a number the first GPU is meant.
/// A provider is strict: if it does not run here, or not the whole network, that is an error. Only [`Provider::Auto`]
/// falls back to another, and [`Runtime::info`](super::Runtime::info) tells which one runs and why.
///
/// ```
/// use facenet::runtime::Provider;
///
/// assert_eq!("cuda:1".parse::<Provider>()?, Provider::Cuda { device: 1 });
/// assert_eq!(Provider::TensorRt { device: 0 }.to_string(), "tensorrt:0");
/// assert!("cuda:-1".parse::<Provider>().is_err());
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Provider {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU, by CUDA and cuDNN.
    Cuda {
        /// Number of the GPU, from 0.
        device: u16,
    },
    /// An NVIDIA GPU, by TensorRT 10, and CUDA for what that cannot do.
    ///
    /// The first load of a network builds an engine for the GPU, which can take minutes; it is kept in
    /// [`RuntimeOptions::engine_cache`](super::RuntimeOptions::engine_cache).
    TensorRt {
        /// Number of the GPU, from 0.
        device: u16,
    },
    /// The first of TensorRT, CUDA and the processor that runs here.
    Auto,
}

impl Provider {
    /// ONNX Runtime's name; none for [`Provider::Auto`].
    pub(super) fn onnxruntime_name(self) -> Option<&'static str> {
        match self {
            Self::Cpu => Some("CPUExecutionProvider"),
            Self::Cuda { .. } => Some("CUDAExecutionProvider"),
            Self::TensorRt { .. } => Some("TensorrtExecutionProvider"),
            Self::Auto => None,
        }
    }

    /// The number of the GPU; none for a provider without one.
    pub(super) fn device(self) -> Option<u16> {
        match self {
            Self::Cuda { device } | Self::TensorRt { device } => Some(device),
            Self::Cpu | Self::Auto => None,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda { device } => write!(f, "cuda:{device}"),
            Self::TensorRt { device } => write!(f, "tensorrt:{device}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl FromStr for Provider {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fail = || {
            let message =
                format!("there is no provider {text:?}; write cpu, cuda, cuda:1, tensorrt, tensorrt:1 or auto");
            Error::new(ErrorKind::InvalidArgument, message)
        };
        let (name, device) = match text.split_once(':') {
            Some((name, device)) if device.bytes().all(|byte| byte.is_ascii_digit()) => {
                (name, Some(device.parse().map_err(|_| fail())?))
            }
            Some(_) => return Err(fail()),
            None => (text, None),
        };
        match (name.to_ascii_lowercase().as_str(), device) {
            ("cpu", None) => Ok(Self::Cpu),
            ("auto", None) => Ok(Self::Auto),
            ("cuda", device) => Ok(Self::Cuda { device: device.unwrap_or(0) }),
            ("tensorrt", device) => Ok(Self::TensorRt { device: device.unwrap_or(0) }),
            _ => Err(fail()),
        }
    }
}

impl From<Provider> for String {
    fn from(provider: Provider) -> Self {
        provider.to_string()
    }
}

impl TryFrom<String> for Provider {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let all = [
            Provider::Cpu,
            Provider::Cuda { device: 0 },
            Provider::Cuda { device: 65535 },
            Provider::TensorRt { device: 7 },
            Provider::Auto,
        ];
        for provider in all {
            assert_eq!(provider.to_string().parse::<Provider>().expect("a provider"), provider);
            let json = serde_json::to_string(&provider).expect("it is written");
            assert_eq!(serde_json::from_str::<Provider>(&json).expect("it is read"), provider);
        }
        assert_eq!("CUDA".parse::<Provider>().expect("a provider"), Provider::Cuda { device: 0 });
        assert_eq!("TensorRT:2".parse::<Provider>().expect("a provider"), Provider::TensorRt { device: 2 });
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "gpu", "cpu:0", "auto:1", "cuda:", "cuda:+1", "cuda:-1", "cuda:65536", "cuda:0:1", " cpu", "cuda :1"]
        {
            let error = text.parse::<Provider>().expect_err("a refusal");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text:?}");
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }
}
