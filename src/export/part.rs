//! A part of an export as a Parquet file.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float32Builder, Int32Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Float32Type;
use arrow_array::{Array, ArrayRef, FixedSizeListArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use crate::detect::Face;
use crate::error::{Error, ErrorKind, Result};
use crate::extract::ExtractedFace;
use crate::files;
use crate::stored::Description;

/// Name of the entry in a file's metadata that holds an [`About`].
const KEY: &str = "facenet";

/// What a file says of itself and of the images that are not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct About {
    #[serde(flatten)]
    pub(super) description: Description,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) failures: Vec<Failure>,
}

/// An image that gave no face.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) image: String,
    pub(super) reason: String,
}

/// Rows that are being gathered.
pub(super) struct Rows {
    schema: SchemaRef,
    path: StringBuilder,
    person: StringBuilder,
    face: Int32Builder,
    rect: FixedSizeListBuilder<Float32Builder>,
    score: Float32Builder,
    landmarks: FixedSizeListBuilder<Float32Builder>,
    embedding: FixedSizeListBuilder<Float32Builder>,
}

fn list(size: usize) -> DataType {
    DataType::new_fixed_size_list(DataType::Float32, size as i32, false)
}

fn list_builder(size: usize) -> FixedSizeListBuilder<Float32Builder> {
    let item = Field::new_list_field(DataType::Float32, false);
    FixedSizeListBuilder::new(Float32Builder::new(), size as i32).with_field(item)
}

impl Rows {
    pub(super) fn new(dimension: usize) -> Self {
        let schema = Schema::new(vec![
            Field::new("path", DataType::Utf8, false),
            Field::new("person", DataType::Utf8, false),
            Field::new("face", DataType::Int32, false),
            Field::new("box", list(4), true),
            Field::new("score", DataType::Float32, true),
            Field::new("landmarks", list(10), true),
            Field::new("embedding", list(dimension), false),
        ]);
        Self {
            schema: Arc::new(schema),
            path: StringBuilder::new(),
            person: StringBuilder::new(),
            face: Int32Builder::new(),
            rect: list_builder(4),
            score: Float32Builder::new(),
            landmarks: list_builder(10),
            embedding: list_builder(dimension),
        }
    }

    pub(super) fn push(&mut self, path: &str, person: &str, number: usize, found: &ExtractedFace) {
        self.path.append_value(path);
        self.person.append_value(person);
        self.face.append_value(number as i32);
        let rect = |face: &Face| [face.rect.x1, face.rect.y1, face.rect.x2, face.rect.y2];
        append(&mut self.rect, found.face.as_ref().map(rect));
        self.score.append_option(found.face.as_ref().map(|face| face.score));
        let points = |face: &Face| -> [f32; 10] {
            std::array::from_fn(|i| if i % 2 == 0 { face.landmarks.0[i / 2].x } else { face.landmarks.0[i / 2].y })
        };
        append(&mut self.landmarks, found.face.as_ref().map(points));
        append(&mut self.embedding, Some(found.embedding.values()));
    }

    /// Writes the rows to a file that appears whole, and begins anew.
    pub(super) fn write(&mut self, path: &Path, about: &About) -> Result<()> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.path.finish()),
            Arc::new(self.person.finish()),
            Arc::new(self.face.finish()),
            Arc::new(self.rect.finish()),
            Arc::new(self.score.finish()),
            Arc::new(self.landmarks.finish()),
            Arc::new(self.embedding.finish()),
        ];
        let internal = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Internal, format!("rows: {error}"));
        let rows = RecordBatch::try_new(self.schema.clone(), columns).map_err(|error| internal(&error))?;
        let about = serde_json::to_string(about).map_err(|error| internal(&error))?;
        files::write_whole(path, |out| {
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                // Vectors neither repeat nor shrink.
                .set_column_dictionary_enabled("embedding.list.element".into(), false)
                .set_column_compression("embedding.list.element".into(), Compression::UNCOMPRESSED)
                .set_key_value_metadata(Some(vec![KeyValue::new(KEY.to_string(), about.clone())]))
                .build();
            // The writer wants to send what it writes to; the bytes of a part are few.
            let mut bytes = Vec::new();
            let mut writer = ArrowWriter::try_new(&mut bytes, self.schema.clone(), Some(properties))?;
            writer.write(&rows)?;
            writer.close()?;
            out.write_all(&bytes)
        })
    }
}

fn append(list: &mut FixedSizeListBuilder<Float32Builder>, values: Option<impl AsRef<[f32]>>) {
    match &values {
        Some(values) => list.values().append_slice(values.as_ref()),
        None => {
            let size = list.value_length() as usize;
            list.values().append_value_n(0.0, size);
        }
    }
    list.append(values.is_some());
}

/// A file of a part.
pub(super) struct Reader {
    path: std::path::PathBuf,
    builder: ParquetRecordBatchReaderBuilder<File>,
    pub(super) about: About,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| invalid(path, &error))?;
        let entries = builder.metadata().file_metadata().key_value_metadata();
        let about = entries.into_iter().flatten().find(|entry| entry.key == KEY);
        let Some(about) = about.and_then(|entry| entry.value.as_deref()) else {
            return Err(invalid(path, &"it does not say what made it"));
        };
        let about = serde_json::from_str(about).map_err(|error| invalid(path, &error))?;
        Ok(Self { path: path.to_path_buf(), builder, about })
    }

    pub(super) fn rows(&self) -> usize {
        usize::try_from(self.builder.metadata().file_metadata().num_rows()).unwrap_or_default()
    }

    /// Hands one column to `each`, some rows at a time.
    fn column(self, name: &str, mut each: impl FnMut(&dyn Array) -> Option<Result<()>>) -> Result<()> {
        let Self { path, builder, .. } = self;
        let mask = ProjectionMask::columns(builder.parquet_schema(), [name]);
        let reader = builder.with_projection(mask).build().map_err(|error| invalid(&path, &error))?;
        for rows in reader {
            let rows = rows.map_err(|error| invalid(&path, &error))?;
            let column = rows.columns().first().and_then(|column| each(column));
            column.unwrap_or_else(|| Err(invalid(&path, &format!("column `{name}` is missing or of another type"))))?;
        }
        Ok(())
    }

    /// Hands each value of a column of texts to `each`.
    pub(super) fn texts(self, name: &str, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
        self.column(name, |column| {
            let texts: &StringArray = column.as_string_opt::<i32>()?;
            Some(texts.iter().flatten().try_for_each(&mut each))
        })
    }

    /// Hands each embedding to `each`.
    pub(super) fn embeddings(self, mut each: impl FnMut(&[f32]) -> Result<()>) -> Result<()> {
        let dimension = self.about.description.dimension;
        self.column("embedding", |column| {
            let lists: &FixedSizeListArray = column.as_fixed_size_list_opt()?;
            let values = lists.values().as_primitive_opt::<Float32Type>()?.values();
            (lists.value_length() as usize == dimension).then(|| values.chunks_exact(dimension).try_for_each(&mut each))
        })
    }
}

fn invalid(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    let message = format!("{} is no part of an export (remove it to make it again): {reason}", path.display());
    Error::new(ErrorKind::DatasetInvalid, message)
}
