//! A [`ModelSpec`] as ONNX metadata: one readable key for each property, so that any ONNX reader can use them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::spec::{Alignment, EmbeddingSpec, ModelSpec, Standardization, Task};
use crate::error::{Error, ErrorKind, Result};
use crate::internal::limits::excerpt;

/// What all keys begin with.
pub(crate) const PREFIX: &str = "facenet.";
/// Version of the set of keys; a reader refuses a higher one.
const FORMAT: u32 = 1;

/// The properties that describe a model, in the order they are written.
pub(crate) fn to_properties(spec: &ModelSpec) -> Vec<(String, String)> {
    let mut properties = Vec::new();
    let mut put = |key: &str, value: String| properties.push((format!("{PREFIX}{key}"), value));
    put("format", FORMAT.to_string());
    put("name", spec.name.clone());
    put("task", word(&spec.task));
    put("weights_sha256", spec.weights_sha256.clone());
    put("source", spec.source.clone());
    put("license", spec.license.clone());
    if let Some(embedding) = &spec.embedding {
        put("input_size", embedding.input_size.to_string());
        put("color_order", word(&embedding.color_order));
        put("standardization", word(&embedding.standardization));
        match embedding.alignment {
            Alignment::Margin { margin } => {
                put("alignment", "margin".into());
                put("margin", margin.to_string());
            }
            Alignment::Arcface => put("alignment", "arcface".into()),
        }
        put("embedding_size", embedding.embedding_size.to_string());
        put("metric", word(&embedding.metric));
        put("thresholds", serde_json::to_string(&embedding.thresholds).unwrap_or_default());
    }
    properties
}

/// Whether `properties` hold a description.
pub(crate) fn are_ours(properties: &BTreeMap<String, String>) -> bool {
    properties.contains_key(&format!("{PREFIX}format"))
}

/// The description that `properties` hold; those with other prefixes are none of our business.
pub(crate) fn from_properties(properties: &BTreeMap<String, String>) -> Result<ModelSpec> {
    let properties = Properties(properties);
    let format: u32 = properties.number("format")?;
    if format > FORMAT {
        return Err(Error::new(
            ErrorKind::ModelUnsupported,
            format!(
                "the model's metadata has format {format}, this version of facenet reads up to {FORMAT}: update facenet"
            ),
        ));
    }
    let task = properties.word("task")?;
    let name = properties.text("name")?;
    if excerpt(name) != name {
        return Err(invalid("name", name, &"a name is short and on one line"));
    }
    Ok(ModelSpec {
        name: name.into(),
        task,
        weights_sha256: properties.text("weights_sha256")?.into(),
        source: properties.text("source")?.into(),
        license: properties.text("license")?.into(),
        embedding: if task == Task::Embedding { Some(properties.embedding()?) } else { None },
    })
}

/// What `properties` say of the images that a network was trained with, if they do: input size and standardisation. A file of weights
/// says no more.
pub(crate) fn preparation(properties: &BTreeMap<String, String>) -> Result<(Option<u32>, Option<Standardization>)> {
    let has = |key: &str| properties.contains_key(&format!("{PREFIX}{key}"));
    let properties = Properties(properties);
    Ok((
        has("input_size").then(|| properties.number("input_size")).transpose()?,
        has("standardization").then(|| properties.word("standardization")).transpose()?,
    ))
}

struct Properties<'a>(&'a BTreeMap<String, String>);

impl Properties<'_> {
    fn text(&self, key: &str) -> Result<&str> {
        self.0
            .get(&format!("{PREFIX}{key}"))
            .map(String::as_str)
            .ok_or_else(|| Error::new(ErrorKind::ModelInvalid, format!("the model's metadata lacks `{PREFIX}{key}`")))
    }

    fn number<T: FromStr<Err: Display>>(&self, key: &str) -> Result<T> {
        let value = self.text(key)?;
        value.parse().map_err(|e| invalid(key, value, &e))
    }

    fn word<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        let value = self.text(key)?;
        let deserializer: StrDeserializer<'_, WordError> = value.into_deserializer();
        T::deserialize(deserializer).map_err(|e| invalid(key, value, &e))
    }

    fn embedding(&self) -> Result<EmbeddingSpec> {
        let alignment = match self.text("alignment")? {
            "margin" => Alignment::Margin { margin: self.number("margin")? },
            "arcface" => Alignment::Arcface,
            other => return Err(invalid("alignment", other, &"expected `margin` or `arcface`")),
        };
        let thresholds = self.text("thresholds")?;
        Ok(EmbeddingSpec {
            input_size: self.number("input_size")?,
            color_order: self.word("color_order")?,
            standardization: self.word("standardization")?,
            alignment,
            embedding_size: self.number("embedding_size")?,
            metric: self.word("metric")?,
            thresholds: serde_json::from_str(thresholds).map_err(|e| invalid("thresholds", thresholds, &e))?,
        })
    }
}

fn invalid(key: &str, value: &str, reason: &dyn Display) -> Error {
    let (value, reason) = (excerpt(value), excerpt(&reason.to_string()));
    Error::new(ErrorKind::ModelInvalid, format!("the model's metadata `{PREFIX}{key}` is `{value}`: {reason}"))
}

/// The name under which serde knows a variant without fields.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("{other:?} is not a word"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::spec::{ColorOrder, Metric, Mirror, Threshold};

    #[test]
    fn every_description_survives_the_round_trip() {
        let threshold = Threshold {
            distance: 1.1,
            mirror: Mirror::Concatenate,
            false_match_rate: 1e-6,
            false_non_match_rate: 0.25,
            measured_on: "a \"test\"\n".into(),
        };
        let orders = [ColorOrder::Rgb, ColorOrder::Bgr];
        let alignments = [Alignment::Arcface, Alignment::Margin { margin: 0 }, Alignment::Margin { margin: u32::MAX }];
        let metrics = [Metric::Euclidean, Metric::SquaredEuclidean, Metric::Angular, Metric::Cosine];
        let standardizations = [
            Standardization::PerImage,
            Standardization::Fixed,
            Standardization::Symmetric,
            Standardization::Unit,
            Standardization::Raw,
        ];
        for i in 0..60 {
            let embedding = EmbeddingSpec {
                input_size: 160 + i as u32,
                color_order: orders[i % 2],
                standardization: standardizations[i % 5],
                alignment: alignments[i % 3],
                embedding_size: 512,
                metric: metrics[i % 4],
                thresholds: vec![threshold.clone(); i % 3],
            };
            let tasks = [Task::Embedding, Task::MtcnnProposal, Task::MtcnnRefine, Task::MtcnnOutput];
            let task = tasks[(i / 4) % 4];
            let spec = ModelSpec {
                name: "ünïcode".into(),
                task,
                weights_sha256: "00".into(),
                source: String::new(),
                license: "MIT OR Apache-2.0".into(),
                embedding: (task == Task::Embedding).then_some(embedding),
            };
            let mut properties: BTreeMap<String, String> = to_properties(&spec).into_iter().collect();
            properties.insert("author".into(), "somebody".into());
            assert_eq!(from_properties(&properties).expect("a description"), spec);
        }
    }
}
