//! The smallest network that shows whether a provider works: a convolution that doubles.

use bytes::Bytes;
use ort::value::TensorRef;

use super::network::NetworkOptions;
use super::session::Backend;
use super::source::Source;
use crate::error::{Error, ErrorKind, Result};

/// An ONNX model (IR 8, opset 13): input `x` [1, 1, 2, 2], output `y` = Conv(`x`, `w`) with the one weight `w` = 2.
///
/// A convolution, because that is what needs cuDNN, which is only loaded when it is used.
const MODEL: &[u8] = b"\x08\x08:g\n\x0f\n\x01x\n\x01w\x12\x01y\"\x04Conv\x12\x05probe\
    *\x13\x08\x01\x08\x01\x08\x01\x08\x01\x10\x01B\x01wJ\x04\x00\x00\x00@\
    Z\x1b\n\x01x\x12\x16\n\x14\x08\x01\x12\x10\n\x02\x08\x01\n\x02\x08\x01\n\x02\x08\x02\n\x02\x08\x02\
    b\x1b\n\x01y\x12\x16\n\x14\x08\x01\x12\x10\n\x02\x08\x01\n\x02\x08\x01\n\x02\x08\x02\n\x02\x08\x02B\x04\n\x00\x10\r";

/// Loads and runs the network on `backend`.
pub(super) fn probe(backend: &Backend) -> Result<()> {
    let mut session =
        backend.session(&Source::of_bytes("probe", Bytes::from_static(MODEL)), &NetworkOptions::default())?;
    let input = [1.0, -2.0, 3.0, 0.5f32];
    let result = (|| {
        let tensor = TensorRef::from_array_view(([1usize, 1, 2, 2], &input[..]))?;
        let outputs = session.run(ort::inputs![tensor])?;
        let (_, values) = outputs[0].try_extract_tensor::<f32>()?;
        Ok(values.iter().eq(input.map(|x| 2.0 * x).iter()))
    })();
    let problem = match result {
        Ok(true) => return Ok(()),
        Ok(false) => "it computes wrong results".to_owned(),
        Err(error) => ort::Error::to_string(&error),
    };
    Err(Error::new(ErrorKind::ProviderUnavailable, format!("provider {} does not work: {problem}", backend.provider)))
}
