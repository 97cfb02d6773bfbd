//! The one error type of the library.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use crate::internal::limits::escape;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        /// What went wrong, as a number that never changes its meaning.
        ///
        /// The numbers are grouped by hundreds: general, images, runtime, models, embeddings, folders.
        /// They are the status codes of the C interface and are never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum ErrorKind {
            $($(#[$doc])* $name = $number,)*
        }

        impl ErrorKind {
            /// Every kind, in the order of the numbers.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name,)*];

            /// The kind's name, as it is written in source.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ErrorKind::$name => stringify!($name),)*
                }
            }
        }
    };
}

kinds! {
    /// An argument is outside of what the function accepts.
    InvalidArgument = 1,
    /// A file or folder that was named does not exist.
    NotFound = 2,
    /// The operating system refused to read or write.
    Io = 3,
    /// The caller asked for the work to stop.
    Cancelled = 4,
    /// A fault of this library.
    Internal = 5,
    /// The operation exists, but not for this input or on this machine.
    Unsupported = 6,

    /// The description of a frame contradicts itself or its buffers.
    FrameInvalid = 100,
    /// The bytes are not an image, or an image that breaks off.
    ImageDecode = 101,
    /// The image is of a kind this library does not read.
    ImageUnsupported = 102,
    /// The image has more pixels than the limit.
    ImageTooLarge = 103,
    /// No face was found where one is needed.
    NoFace = 104,

    /// ONNX Runtime was not found.
    RuntimeNotFound = 200,
    /// ONNX Runtime was found and does not load, or is too old.
    RuntimeLoad = 201,
    /// The wanted execution provider does not run here.
    ProviderUnavailable = 202,
    /// ONNX Runtime failed while running a model.
    Inference = 203,

    /// The file is not a model, or one that breaks off.
    ModelInvalid = 300,
    /// The file is a model, but not of a kind this library runs.
    ModelUnsupported = 301,
    /// The model is not the one that was expected (checksum, task).
    ModelMismatch = 302,

    /// Two embeddings come from different models or preprocessing.
    FingerprintMismatch = 400,
    /// Two vectors, or two lists that belong together, have different lengths, or a vector has the wrong one.
    DimensionMismatch = 401,

    /// A folder of images or a list file is not laid out as needed.
    DatasetInvalid = 500,
}

impl ErrorKind {
    /// The stable number of the kind.
    pub const fn number(self) -> i32 {
        self as i32
    }
}

/// A remedy that a program takes by a command or a function, which are its own.
///
/// Messages say what is wrong with what. Each program that speaks to a person (the command line, the Python package) adds
/// what to type there.
///
/// ```
/// use facenet::ErrorKind;
/// use facenet::error::{Error, Hint};
///
/// let error = Error::new(ErrorKind::ModelInvalid, "net.pb is not an ONNX file").with_hint(Hint::ImportModel);
/// let advice = match error.hint() {
///     Some(Hint::ImportModel) => "choose File > Import first",
///     _ => "",
/// };
/// # assert!(!advice.is_empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hint {
    /// Import the model file: convert it to ONNX and add the description of its input and output.
    ImportModel,
    /// Install ONNX Runtime.
    InstallRuntime,
    /// Install a build of ONNX Runtime for NVIDIA GPUs, in place of the one that was found.
    InstallGpuRuntime,
    /// Install the CUDA and cuDNN libraries that ONNX Runtime needs.
    InstallCuda,
    /// Install TensorRT 10.
    InstallTensorRt,
    /// Have faces found in the images, which are photos and not aligned faces.
    FindFaces,
    /// Embed the faces, and store the embeddings with the description of what made them.
    EmbedFaces,
    /// Embed a whole folder of people, so that the names say who is who.
    EmbedPeople,
    /// Measure a profile of thresholds.
    Calibrate,
    /// Train a classifier.
    TrainClassifier,
    /// Pack the folder of people into shards.
    PackShards,
    /// If it is a checkpoint of a training by this library: export the training.
    ExportTraining,
}

/// What went wrong, and with which input.
///
/// ```
/// use facenet::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::InvalidArgument, "factor is 1.5: it must lie between 0 and 1");
/// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
/// assert_eq!(error.kind().number(), 1);
/// assert_eq!(error.to_string(), "factor is 1.5: it must lie between 0 and 1");
/// ```
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
    hint: Option<Hint>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The most bytes of a message. Names and paths in it may come from elsewhere.
const LONGEST: usize = 2000;

/// The message with escapes for what would steer a terminal, and without its middle if it is too long: what is wrong stands
/// at the beginning, what to do at the end.
fn bounded(message: Cow<'static, str>) -> Cow<'static, str> {
    let escaped = match escape(&message, char::is_control) {
        Cow::Owned(escaped) => Some(escaped),
        Cow::Borrowed(_) => None,
    };
    let message = escaped.map_or(message, Cow::Owned);
    if message.len() <= LONGEST {
        return message;
    }
    let start = message.floor_char_boundary(LONGEST * 3 / 4);
    let end = message.ceil_char_boundary(message.len() - LONGEST / 4);
    format!("{} ... {}", &message[..start], &message[end..]).into()
}

impl Error {
    /// An error of `kind` that says `message`. Of a message of more than 2000 bytes, the middle is left out.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: bounded(message.into()), hint: None, source: None }
    }

    /// The same error, caused by `source`.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same error, with what would help.
    #[must_use]
    pub fn with_hint(mut self, hint: Hint) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The same error, its message preceded by what was being worked on.
    #[must_use]
    pub fn context(mut self, what: impl fmt::Display) -> Self {
        self.message = bounded(format!("{what}: {}", self.message).into());
        self
    }

    /// An input or output error on `path`.
    pub fn io(action: &str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            _ => ErrorKind::Io,
        };
        Self::new(kind, format!("cannot {action} {}: {source}", path.as_ref().display())).with_source(source)
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What would help, if it is something to do with this library.
    pub fn hint(&self) -> Option<Hint> {
        self.hint
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascending() {
        let numbers: Vec<i32> = ErrorKind::ALL.iter().map(|kind| kind.number()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    }

    #[test]
    fn messages_do_not_steer_a_terminal() {
        assert_eq!(Error::new(ErrorKind::Io, "a\u{1b}[31m\u{9b}b\nc").to_string(), "a\\u001b[31m\\u009bb\\u000ac");
    }

    #[test]
    fn messages_have_an_end() {
        let long = Error::new(ErrorKind::Io, format!("cannot read {}: free some space", "ä".repeat(1 << 20)));
        let message = long.context("b".repeat(1 << 20)).to_string();
        assert!(
            message.len() < 3000 && message.starts_with("bbb") && message.ends_with(": free some space"),
            "{message}"
        );
    }

    #[test]
    fn context_precedes_the_message_and_keeps_the_rest() {
        let cause = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let error = Error::io("write", "out.png", cause).with_hint(Hint::EmbedFaces).context("align");
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(error.hint(), Some(Hint::EmbedFaces));
        assert!(error.to_string().starts_with("align: cannot write out.png"), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
}
