//! Walking over an encoded protobuf message field by field, without copying or decoding what is in them.

use bytes::Bytes;

use crate::error::{Error, ErrorKind, Result};

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Payload {
    /// A number of up to 64 bits, in its encoded bytes.
    Number(Bytes),
    /// A string, bytes, a message or packed numbers.
    Bytes(Bytes),
}

impl Payload {
    /// The bytes of a string, message or packed field; nothing for a number.
    pub(crate) fn bytes(self) -> Option<Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Number(_) => None,
        }
    }
}

/// A field of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// Its number in the schema.
    pub(crate) number: u64,
    /// What it holds.
    pub(crate) payload: Payload,
    /// The field as it is encoded, with its number.
    pub(crate) encoded: Bytes,
}

/// The fields of a message, in their order; ends with an error where the bytes are no message.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    rest: Bytes,
}

impl Fields {
    /// The fields of the encoded message `bytes`.
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self { rest: bytes }
    }

    /// The payloads of those fields that have the number `number` and are no plain numbers.
    pub(crate) fn messages(self, number: u64) -> impl Iterator<Item = Result<Bytes>> {
        self.filter_map(move |field| match field {
            Ok(field) if field.number == number => field.payload.bytes().map(Ok),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }

    fn field(&mut self) -> Option<Field> {
        let start = self.rest.clone();
        let key = self.varint()?.0;
        let payload = match key & 7 {
            0 => Payload::Number(self.varint()?.1),
            1 => Payload::Number(self.take(8)?),
            2 => {
                let length = self.varint()?.0;
                Payload::Bytes(self.take(length)?)
            }
            5 => Payload::Number(self.take(4)?),
            _ => return None,
        };
        let encoded = start.slice(..start.len() - self.rest.len());
        (key >> 3 != 0).then_some(Field { number: key >> 3, payload, encoded })
    }

    fn varint(&mut self) -> Option<(u64, Bytes)> {
        let mut value = 0;
        for (i, &byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                return Some((value, self.rest.split_to(i + 1)));
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<Bytes> {
        let length = usize::try_from(length).ok().filter(|&length| length <= self.rest.len())?;
        Some(self.rest.split_to(length))
    }
}

impl Iterator for Fields {
    type Item = Result<Field>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.rest = Bytes::new();
        }
        Some(field.ok_or_else(|| Error::new(ErrorKind::ModelInvalid, "the file is damaged or breaks off")))
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;
    use crate::model::onnx;

    #[test]
    fn fields_are_those_that_prost_wrote() {
        let model = onnx::Model {
            ir_version: 300,
            producer_name: "facenet".into(),
            metadata_props: vec![onnx::Property { key: "a".into(), value: "b".into() }; 2],
            ..Default::default()
        };
        let bytes = Bytes::from(model.encode_to_vec());
        let fields: Vec<Field> = Fields::new(bytes.clone()).collect::<Result<_>>().expect("a message");
        assert_eq!(fields.iter().map(|field| field.number).collect::<Vec<_>>(), [1, 2, 14, 14]);
        assert_eq!(fields[0].payload, Payload::Number(Bytes::from_static(&[0xac, 0x02])));
        assert_eq!(fields[1].payload, Payload::Bytes(Bytes::from_static(b"facenet")));
        assert_eq!(fields.iter().flat_map(|field| field.encoded.to_vec()).collect::<Vec<_>>(), bytes);
    }

    #[test]
    fn what_is_no_message_ends_with_one_error() {
        for bytes in
            [&b"\x0a\xff"[..], b"\x08", b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x00\x01", b"\x0b"]
        {
            let fields: Vec<Result<Field>> = Fields::new(Bytes::from_static(bytes)).collect();
            assert!(matches!(fields.as_slice(), [Err(_)]), "{bytes:?}: {fields:?}");
        }
        let huge = b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
        assert!(Fields::new(Bytes::from_static(huge)).all(|field| field.is_err()));
    }
}
