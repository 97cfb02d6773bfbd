//! Named tensors of 32-bit floats: what every source of weights is turned into.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::internal::limits::excerpt;

/// A tensor in row-major order; convolution weights are `[out, in, height, width]`, dense weights `[out, in]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tensor {
    /// A tensor of `shape` with the values `data`.
    pub(crate) fn new(shape: Vec<usize>, data: Vec<f32>) -> Result<Self> {
        match element_count(&shape) {
            Some(count) if count == data.len() => Ok(Self { shape, data }),
            _ => Err(Error::new(
                ErrorKind::ModelInvalid,
                format!("a tensor of shape {shape:?} cannot hold {} values", data.len()),
            )),
        }
    }

    /// A tensor whose value at a position is `value(position)`.
    pub(crate) fn from_fn(shape: &[usize], mut value: impl FnMut(&[usize]) -> f32) -> Self {
        let count = shape.iter().product();
        let mut data = Vec::with_capacity(count);
        let mut index = vec![0; shape.len()];
        for _ in 0..count {
            data.push(value(&index));
            for axis in (0..shape.len()).rev() {
                index[axis] += 1;
                if index[axis] < shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        Self { shape: shape.to_vec(), data }
    }

    /// A vector.
    pub(crate) fn vector(data: Vec<f32>) -> Self {
        Self { shape: vec![data.len()], data }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(crate) fn data(&self) -> &[f32] {
        &self.data
    }

    /// The value at `index`, which must lie within the shape.
    pub(crate) fn at(&self, index: &[usize]) -> f32 {
        debug_assert_eq!(index.len(), self.shape.len());
        let offset = index.iter().zip(&self.shape).fold(0, |offset, (i, size)| offset * size + i);
        self.data[offset]
    }

    /// The tensor with its axes in the order `axes`.
    pub(crate) fn permuted(&self, axes: &[usize]) -> Self {
        let shape: Vec<usize> = axes.iter().map(|&axis| self.shape[axis]).collect();
        let mut source = vec![0; axes.len()];
        Self::from_fn(&shape, |index| {
            for (&axis, &i) in axes.iter().zip(index) {
                source[axis] = i;
            }
            self.at(&source)
        })
    }

    /// The same values under another shape of the same size.
    pub(crate) fn reshaped(&self, shape: &[usize]) -> Result<Self> {
        Self::new(shape.to_vec(), self.data.clone())
    }

    /// The rows (first axis) of all `parts`, one after the other. The parts must agree in their other axes.
    pub(crate) fn concatenated(parts: &[Self]) -> Result<Self> {
        let mut shape = parts.first().map(|part| part.shape.clone()).unwrap_or_default();
        if let Some(rows) = shape.first_mut() {
            *rows = parts.iter().filter_map(|part| part.shape.first()).sum();
        }
        Self::new(shape, parts.iter().flat_map(|part| part.data.iter().copied()).collect())
    }

    /// Every value multiplied by the factor of its row (first axis).
    pub(crate) fn with_scaled_rows(mut self, factors: &[f32]) -> Self {
        let row = self.data.len() / factors.len().max(1);
        if row > 0 {
            for (values, factor) in self.data.chunks_exact_mut(row).zip(factors) {
                values.iter_mut().for_each(|value| *value *= factor);
            }
        }
        self
    }
}

/// The number of values in a tensor of `shape`, if it fits in memory's address space.
pub(crate) fn element_count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |count, &size| count.checked_mul(size))
}

/// Tensors by name, from whichever file they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weights {
    tensors: BTreeMap<String, Tensor>,
}

impl Weights {
    pub(crate) fn insert(&mut self, name: impl Into<String>, tensor: Tensor) {
        self.tensors.insert(name.into(), tensor);
    }

    /// The same tensors without what precedes `name` in the name of one of them (`module.`, for instance).
    pub(crate) fn without_prefix_of(self, name: &str) -> Self {
        let prefix = self.tensors.keys().find_map(|key| key.strip_suffix(name)).unwrap_or_default().to_owned();
        let strip = |key: String| key.strip_prefix(&prefix).map(str::to_owned).unwrap_or(key);
        Self { tensors: self.tensors.into_iter().map(|(key, tensor)| (strip(key), tensor)).collect() }
    }

    /// How many tensors there are, and the name of one, for messages.
    pub(crate) fn summary(&self) -> String {
        match self.tensors.keys().next() {
            None => "no tensors of floats".into(),
            Some(name) => format!("{} tensors, `{}` among them", self.tensors.len(), excerpt(name)),
        }
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The tensor `name`, of any shape, with finite values.
    pub(crate) fn get(&self, name: &str) -> Result<&Tensor> {
        let tensor = self.tensors.get(name).ok_or_else(|| {
            Error::new(
                ErrorKind::ModelInvalid,
                format!("the weight `{name}` is missing: the file is incomplete or of another architecture"),
            )
        })?;
        match tensor.data().iter().position(|value| !value.is_finite()) {
            None => Ok(tensor),
            Some(at) => Err(Error::new(
                ErrorKind::ModelInvalid,
                format!(
                    "value {at} of the weight `{name}` is {}: the training diverged or the file is damaged",
                    tensor.data()[at]
                ),
            )),
        }
    }

    /// The tensor `name`, whose shape must be `shape`; `None` stands for any size.
    pub(crate) fn shaped(&self, name: &str, shape: &[Option<usize>]) -> Result<&Tensor> {
        let tensor = self.get(name)?;
        let fits = tensor.shape().len() == shape.len()
            && tensor
                .shape()
                .iter()
                .zip(shape)
                .all(|(&size, wanted)| size > 0 && wanted.is_none_or(|wanted| wanted == size));
        if fits {
            return Ok(tensor);
        }
        let wanted: Vec<String> = shape.iter().map(|size| size.map_or("any".into(), |size| size.to_string())).collect();
        Err(Error::new(
            ErrorKind::ModelInvalid,
            format!(
                "the weight `{name}` has shape {:?} where [{}] is needed: the file is of another architecture",
                tensor.shape(),
                wanted.join(", ")
            ),
        ))
    }

    /// The vector `name` of `size` values.
    pub(crate) fn vector(&self, name: &str, size: usize) -> Result<&[f32]> {
        Ok(self.shaped(name, &[Some(size)])?.data())
    }

    /// The vector `name` of `size` values if there is such a tensor, else `size` times `default`.
    pub(crate) fn vector_or(&self, name: &str, size: usize, default: f32) -> Result<Vec<f32>> {
        if self.contains(name) { self.vector(name, size).map(<[f32]>::to_vec) } else { Ok(vec![default; size]) }
    }

    /// The single value `name` if there is such a tensor, else `default`.
    pub(crate) fn scalar_or(&self, name: &str, default: f32) -> Result<f32> {
        if self.contains(name) { Ok(self.shaped(name, &[])?.data()[0]) } else { Ok(default) }
    }
}
