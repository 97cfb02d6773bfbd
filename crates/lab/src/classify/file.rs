//! Classifiers as files; `mod.rs` describes the format.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use ndarray::{Array2, ArrayView1, ArrayView2};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use super::open_set::IdentificationPoint;
use super::softmax::Softmax;
#[cfg(feature = "svm")]
use super::svm::Svm;
use super::template::{TemplateKind, Templates};
use super::{Class, Classifier, Rule};
use crate::dataset::SplitOptions;
use crate::store::Description;
use facenet_core::embedding::norm;
use facenet_core::error::{Error, ErrorKind, Hint, Result};
use facenet_core::internal::limits::excerpt;
use facenet_core::internal::{files, limits};

/// The version of the format that is written, and the only one that is read.
const FORMAT: u32 = 1;
/// The entry of the metadata.
const ENTRY: &str = "facenet.classifier";
/// How far from a cosine a stored threshold may be.
const ROUNDING: f32 = 1e-5;
/// How far from 1 the length of a stored direction may be.
const LENGTH_TOLERANCE: f64 = 1e-3;

#[derive(Deserialize)]
struct Version {
    format: u32,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    #[serde(flatten)]
    description: Description,
    classes: Vec<Class>,
    #[serde(flatten)]
    rule: RuleHeader,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    split: Option<SplitOptions>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum RuleHeader {
    Template {
        template: TemplateKind,
        operating_point: IdentificationPoint,
    },
    Svm,
    Softmax {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operating_point: Option<IdentificationPoint>,
    },
}

/// A tensor to be written.
struct Tensor {
    name: &'static str,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

pub(super) fn to_bytes(classifier: &Classifier) -> Result<Vec<u8>> {
    let (rule, tensors) = match &classifier.rule {
        Rule::Template(Templates { kind, vectors, classes, operating_point }) => (
            RuleHeader::Template { template: *kind, operating_point: *operating_point },
            vec![floats("templates", vectors.view()), integers("classes", classes)],
        ),
        #[cfg(feature = "svm")]
        Rule::Svm(svm) => (
            RuleHeader::Svm,
            vec![
                floats("support_vectors", svm.support.view()),
                integers("n_support", &svm.counts),
                doubles("dual_coef", svm.coefficients.shape(), svm.coefficients.iter()),
                doubles("intercept", &[svm.intercepts.len()], &svm.intercepts),
                doubles("prob_a", &[svm.slopes.len()], &svm.slopes),
                doubles("prob_b", &[svm.offsets.len()], &svm.offsets),
            ],
        ),
        Rule::Softmax(Softmax { coefficients, intercepts, operating_point }) => (
            RuleHeader::Softmax { operating_point: *operating_point },
            vec![floats("coef", coefficients.view()), doubles("intercept", &[intercepts.len()], intercepts)],
        ),
    };
    let header = Header {
        format: FORMAT,
        description: classifier.description.clone(),
        classes: classifier.classes.clone(),
        rule,
        split: classifier.split,
    };
    let internal = |error: String| Error::new(ErrorKind::Internal, format!("cannot describe the classifier: {error}"));
    let header = serde_json::to_string(&header).map_err(|error| internal(error.to_string()))?;
    let views: Vec<(&str, TensorView<'_>)> = tensors
        .iter()
        .map(|tensor| Ok((tensor.name, TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes)?)))
        .collect::<Result<_, safetensors::SafeTensorError>>()
        .map_err(|error| internal(error.to_string()))?;
    safetensors::serialize(views, Some(HashMap::from([(ENTRY.to_string(), header)])))
        .map_err(|error| internal(error.to_string()))
}

pub(super) fn save(classifier: &Classifier, path: &Path) -> Result<()> {
    let bytes = to_bytes(classifier)?;
    files::write_whole(path, |out| out.write_all(&bytes))
}

pub(super) fn load(path: &Path) -> Result<Classifier> {
    let metadata = path.metadata().map_err(|error| Error::io("read", path, error))?;
    if !metadata.is_file() {
        return Err(invalid("not a file").context(path.display()));
    }
    from_bytes(&limits::CLASSIFIER.read(path)?).map_err(|error| error.context(path.display()))
}

pub(super) fn from_bytes(bytes: &[u8]) -> Result<Classifier> {
    let damaged = |error: safetensors::SafeTensorError| invalid(format!("it is damaged or breaks off: {error}"));
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let Some(text) = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY)) else {
        return Err(invalid("a safetensors file of something else"));
    };
    let undescribed = |error: serde_json::Error| invalid(format!("its description is damaged: {error}"));
    let Version { format } = serde_json::from_str(text).map_err(undescribed)?;
    if format != FORMAT {
        let message = format!("classifier files of format {format} are not read by this version, only {FORMAT}");
        return Err(Error::new(ErrorKind::ModelUnsupported, message));
    }
    let Header { description, classes, rule, split, .. } = serde_json::from_str(text).map_err(undescribed)?;
    let mut names = HashSet::with_capacity(classes.len());
    if classes.is_empty() || !classes.iter().all(|class| names.insert(&class.name)) {
        return Err(invalid("it has no class, or two of one name"));
    }
    let (tensors, count, dimension) = (Tensors(tensors), classes.len(), description.dimension);
    let rule = match rule {
        RuleHeader::Template { template, operating_point } => {
            Rule::Template(tensors.templates(template, operating_point, count, dimension)?)
        }
        #[cfg(feature = "svm")]
        RuleHeader::Svm => Rule::Svm(tensors.svm(count, dimension)?),
        #[cfg(not(feature = "svm"))]
        RuleHeader::Svm => {
            let message = "this build reads no support vector machines: it lacks the feature `svm`";
            return Err(Error::new(ErrorKind::ModelUnsupported, message));
        }
        RuleHeader::Softmax { operating_point } => Rule::Softmax(tensors.softmax(operating_point, count, dimension)?),
    };
    Ok(Classifier { description, classes, split, rule })
}

fn floats(name: &'static str, values: ArrayView2<'_, f32>) -> Tensor {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor { name, dtype: Dtype::F32, shape: values.shape().to_vec(), bytes }
}

fn doubles<'a>(name: &'static str, shape: &[usize], values: impl IntoIterator<Item = &'a f64>) -> Tensor {
    let bytes = values.into_iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor { name, dtype: Dtype::F64, shape: shape.to_vec(), bytes }
}

fn integers(name: &'static str, values: &[usize]) -> Tensor {
    // There are fewer vectors than 2^32: they would have more bytes than any machine.
    let bytes = values.iter().flat_map(|&value| (value as u32).to_le_bytes()).collect();
    Tensor { name, dtype: Dtype::U32, shape: vec![values.len()], bytes }
}

/// The tensors of a file, none of which is trusted.
struct Tensors<'a>(SafeTensors<'a>);

impl Tensors<'_> {
    fn templates(
        &self,
        kind: TemplateKind,
        operating_point: IdentificationPoint,
        count: usize,
        dimension: usize,
    ) -> Result<Templates> {
        let vectors = self.directions("templates", dimension)?;
        let classes = self.integers("classes")?;
        if classes.len() != vectors.nrows() || classes.iter().any(|&class| class >= count) {
            return Err(invalid("its templates do not fit its classes"));
        }
        // Rounding may take a cosine, and a threshold above it, a little past 1.
        if vectors.is_empty() || operating_point.threshold.is_nan() || operating_point.threshold.abs() > 1.0 + ROUNDING
        {
            return Err(invalid("it has no templates, or a threshold that is no cosine"));
        }
        Ok(Templates { kind, vectors, classes, operating_point })
    }

    #[cfg(feature = "svm")]
    fn svm(&self, count: usize, dimension: usize) -> Result<Svm> {
        let pairs = count.checked_mul(count - 1).map(|twice| twice / 2);
        let support = self.directions("support_vectors", dimension)?;
        let counts = self.integers("n_support")?;
        let total = counts.iter().try_fold(0usize, |total, &count| total.checked_add(count));
        if count < 2 || counts.len() != count || total != Some(support.nrows()) {
            return Err(invalid("its support vectors do not fit its classes"));
        }
        let (shape, coefficients) = self.doubles("dual_coef")?;
        let [against, of] = shape[..] else { return Err(invalid("its coefficients are no matrix")) };
        if (against, of) != (count - 1, support.nrows()) {
            return Err(invalid("its coefficients do not fit its classes"));
        }
        let coefficients =
            Array2::from_shape_vec((against, of), coefficients).map_err(|error| invalid(error.to_string()))?;
        let of_pairs = |name| match self.doubles(name)? {
            (_, values) if Some(values.len()) == pairs => Ok(values),
            (_, values) => Err(invalid(format!("{} values of `{name}` do not fit its classes", values.len()))),
        };
        let (intercepts, slopes, offsets) = (of_pairs("intercept")?, of_pairs("prob_a")?, of_pairs("prob_b")?);
        Ok(Svm { support, counts, coefficients, intercepts, slopes, offsets })
    }

    fn softmax(&self, operating_point: Option<IdentificationPoint>, count: usize, dimension: usize) -> Result<Softmax> {
        let coefficients = self.floats("coef", dimension)?;
        let (_, intercepts) = self.doubles("intercept")?;
        if count < 2 || (coefficients.nrows(), intercepts.len()) != (count, count) {
            return Err(invalid("its coefficients do not fit its classes"));
        }
        // Of single precision, scores are sums of products: they must not overflow.
        let is_sane = |value: f64| value.abs() < 1e30;
        if !coefficients.iter().all(|&value| is_sane(value.into())) || !intercepts.iter().all(|&value| is_sane(value)) {
            return Err(invalid("one of its coefficients is no number, or too large"));
        }
        if operating_point.is_some_and(|point| !(0.0..=1.0).contains(&point.threshold)) {
            return Err(invalid("it has a threshold that is no probability"));
        }
        Ok(Softmax { coefficients, intercepts, operating_point })
    }

    /// Rows of unit norm with `dimension` values.
    fn directions(&self, name: &str, dimension: usize) -> Result<Array2<f32>> {
        let rows = self.floats(name, dimension)?;
        let is_unit =
            |row: ArrayView1<'_, f32>| (norm(row.as_slice().unwrap_or_default()) - 1.0).abs() < LENGTH_TOLERANCE;
        match rows.outer_iter().position(|row| !is_unit(row)) {
            Some(row) => Err(invalid(format!("row {row} of `{name}` is no vector of length one"))),
            None => Ok(rows),
        }
    }

    /// Rows with `dimension` values.
    fn floats(&self, name: &str, dimension: usize) -> Result<Array2<f32>> {
        let (shape, data) = self.tensor(name, Dtype::F32)?;
        let [rows, columns] = shape[..] else { return Err(invalid(format!("`{name}` is no matrix"))) };
        if columns != dimension || dimension == 0 {
            return Err(invalid(format!("`{name}` has {columns} columns for embeddings of {dimension} values")));
        }
        let values: Vec<f32> = data.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
        Array2::from_shape_vec((rows, columns), values).map_err(|error| invalid(error.to_string()))
    }

    fn integers(&self, name: &str) -> Result<Vec<usize>> {
        let (_, data) = self.tensor(name, Dtype::U32)?;
        Ok(data.as_chunks().0.iter().map(|&value| u32::from_le_bytes(value) as usize).collect())
    }

    fn doubles(&self, name: &str) -> Result<(Vec<usize>, Vec<f64>)> {
        let (shape, data) = self.tensor(name, Dtype::F64)?;
        let values: Vec<f64> = data.as_chunks().0.iter().map(|&value| f64::from_le_bytes(value)).collect();
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            return Err(invalid(format!("value {place} of `{name}` is no finite number")));
        }
        Ok((shape, values))
    }

    fn tensor(&self, name: &str, dtype: Dtype) -> Result<(Vec<usize>, &[u8])> {
        let tensor = self.0.tensor(name).map_err(|error| invalid(format!("`{name}` is missing: {error}")))?;
        if tensor.dtype() != dtype {
            return Err(invalid(format!("`{name}` is of type {:?}, not {dtype:?}", tensor.dtype())));
        }
        Ok((tensor.shape().to_vec(), tensor.data()))
    }
}

fn invalid(reason: impl std::fmt::Display) -> Error {
    let reason = excerpt(&reason.to_string());
    Error::new(ErrorKind::ModelInvalid, format!("not a classifier of this library: {reason}"))
        .with_hint(Hint::TrainClassifier)
}
