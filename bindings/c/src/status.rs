//! Status of a call, and the message of a failure.

use std::ffi::c_char;

use crate::arguments::Arguments;
use crate::{barrier, messages};

/// Result of a call: FACENET_OK, or the kind of error. The numbers keep their meaning in all versions.
///
/// @since 0.1
pub type facenet_status = i32;

/// The call succeeded.
pub const FACENET_OK: facenet_status = 0;
/// An argument is NULL where that is not allowed, or outside the range that the function accepts.
pub const FACENET_ERROR_INVALID_ARGUMENT: facenet_status = 1;
/// A file or folder that was named does not exist.
pub const FACENET_ERROR_NOT_FOUND: facenet_status = 2;
/// The operating system refused to read or write.
pub const FACENET_ERROR_IO: facenet_status = 3;
/// The call was stopped by its progress callback or its facenet_cancel.
pub const FACENET_ERROR_CANCELLED: facenet_status = 4;
/// An internal error of this library.
pub const FACENET_ERROR_INTERNAL: facenet_status = 5;
/// The operation exists, but not for this input or on this machine.
pub const FACENET_ERROR_UNSUPPORTED: facenet_status = 6;
/// An internal error stopped the call with a panic. The handles of the call may be freed, but not used again.
pub const FACENET_ERROR_PANIC: facenet_status = 99;
/// The description of a frame contradicts itself or its buffers.
pub const FACENET_ERROR_FRAME_INVALID: facenet_status = 100;
/// The bytes are not an image, or an image that breaks off.
pub const FACENET_ERROR_IMAGE_DECODE: facenet_status = 101;
/// The image is of a kind this library does not read.
pub const FACENET_ERROR_IMAGE_UNSUPPORTED: facenet_status = 102;
/// The image has more pixels than the limit.
pub const FACENET_ERROR_IMAGE_TOO_LARGE: facenet_status = 103;
/// No face was found where one is needed.
pub const FACENET_ERROR_NO_FACE: facenet_status = 104;
/// ONNX Runtime was not found.
pub const FACENET_ERROR_RUNTIME_NOT_FOUND: facenet_status = 200;
/// ONNX Runtime was found and does not load, or is too old.
pub const FACENET_ERROR_RUNTIME_LOAD: facenet_status = 201;
/// The requested execution provider does not run here.
pub const FACENET_ERROR_PROVIDER_UNAVAILABLE: facenet_status = 202;
/// ONNX Runtime failed while running a model.
pub const FACENET_ERROR_INFERENCE: facenet_status = 203;
/// The file is not a model, or one that breaks off.
pub const FACENET_ERROR_MODEL_INVALID: facenet_status = 300;
/// The file is a model, but not of a kind this library runs.
pub const FACENET_ERROR_MODEL_UNSUPPORTED: facenet_status = 301;
/// The model is not the one that was expected.
pub const FACENET_ERROR_MODEL_MISMATCH: facenet_status = 302;
/// Two embeddings come from different models or preprocessing.
pub const FACENET_ERROR_FINGERPRINT_MISMATCH: facenet_status = 400;
/// Two embeddings have different lengths, or an embedding has the wrong one.
pub const FACENET_ERROR_DIMENSION_MISMATCH: facenet_status = 401;
/// A folder of images or a list file is not laid out as needed.
pub const FACENET_ERROR_DATASET_INVALID: facenet_status = 500;

/// The name of a status, such as "NotFound": static text, never NULL; "Unknown" for other numbers.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub extern "C" fn facenet_status_name(status: facenet_status) -> *const c_char {
    barrier::value_or(c"Unknown".as_ptr(), || {
        Ok(match status {
            FACENET_OK => c"Ok",
            FACENET_ERROR_PANIC => c"Panic",
            FACENET_ERROR_INVALID_ARGUMENT => c"InvalidArgument",
            FACENET_ERROR_NOT_FOUND => c"NotFound",
            FACENET_ERROR_IO => c"Io",
            FACENET_ERROR_CANCELLED => c"Cancelled",
            FACENET_ERROR_INTERNAL => c"Internal",
            FACENET_ERROR_UNSUPPORTED => c"Unsupported",
            FACENET_ERROR_FRAME_INVALID => c"FrameInvalid",
            FACENET_ERROR_IMAGE_DECODE => c"ImageDecode",
            FACENET_ERROR_IMAGE_UNSUPPORTED => c"ImageUnsupported",
            FACENET_ERROR_IMAGE_TOO_LARGE => c"ImageTooLarge",
            FACENET_ERROR_NO_FACE => c"NoFace",
            FACENET_ERROR_RUNTIME_NOT_FOUND => c"RuntimeNotFound",
            FACENET_ERROR_RUNTIME_LOAD => c"RuntimeLoad",
            FACENET_ERROR_PROVIDER_UNAVAILABLE => c"ProviderUnavailable",
            FACENET_ERROR_INFERENCE => c"Inference",
            FACENET_ERROR_MODEL_INVALID => c"ModelInvalid",
            FACENET_ERROR_MODEL_UNSUPPORTED => c"ModelUnsupported",
            FACENET_ERROR_MODEL_MISMATCH => c"ModelMismatch",
            FACENET_ERROR_FINGERPRINT_MISMATCH => c"FingerprintMismatch",
            FACENET_ERROR_DIMENSION_MISMATCH => c"DimensionMismatch",
            FACENET_ERROR_DATASET_INVALID => c"DatasetInvalid",
            _ => c"Unknown",
        }
        .as_ptr())
    })
}

/// Copies the message of the last call of this thread that failed: what was wrong with which input, and what to do.
///
/// Calls that succeed leave it as it is. Messages belong to threads: ask on the thread that made the call, before it makes
/// another one.
///
/// @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
/// @param capacity  bytes of `buffer`; a longer text is cut at a character
/// @return          bytes of the whole text, without the closing zero: more than `capacity - 1` if it was cut
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_last_error(buffer: *mut c_char, capacity: usize) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| args.copy_text(&messages::last(), buffer, capacity))
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use facenet_core::ErrorKind;

    use super::*;

    #[test]
    fn every_kind_of_error_has_its_status() {
        for kind in ErrorKind::ALL {
            // SAFETY: static text.
            let name = unsafe { CStr::from_ptr(facenet_status_name(kind.number())) };
            assert_eq!(name.to_str().unwrap(), kind.name());
        }
    }
}
