//! A part of an export as a Parquet file.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float32Builder, Int32Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Float32Type;
use arrow_array::{Array, ArrayRef, FixedSizeListArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use crate::dataset::Failure;
use crate::extract::ExtractedFace;
use crate::job::check_record;
use crate::store::Description;
use facenet_core::detect::Face;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::fence::fenced;
use facenet_core::internal::files;
use facenet_core::internal::limits::excerpt;

/// Name of the entry in a file's metadata that holds an [`About`].
const KEY: &str = "facenet";

/// What a file says of itself and of the images that are not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct About {
    #[serde(default)]
    pub(super) version: u32,
    #[serde(flatten)]
    pub(super) description: Description,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) failures: Vec<Failure>,
}

/// Rows that are being gathered.
pub(super) struct Rows {
    schema: SchemaRef,
    path: StringBuilder,
    person: StringBuilder,
    face: Int32Builder,
    /// Edges of the box and score.
    numbers: [Float32Builder; 5],
    landmarks: ListBuilder<Float32Builder>,
    embedding: FixedSizeListBuilder<Float32Builder>,
}

/// The columns of [`Rows::numbers`].
const NUMBERS: [&str; 5] = ["left", "top", "right", "bottom", "score"];

fn item() -> Field {
    Field::new_list_field(DataType::Float32, false)
}

impl Rows {
    pub(super) fn new(dimension: usize) -> Self {
        let mut fields = vec![
            Field::new("path", DataType::Utf8, false),
            Field::new("person", DataType::Utf8, false),
            Field::new("face", DataType::Int32, false),
        ];
        fields.extend(NUMBERS.map(|name| Field::new(name, DataType::Float32, true)));
        // Of variable size, since many readers cannot tell a list of fixed size that is null.
        fields.push(Field::new("landmarks", DataType::List(Arc::new(item())), true));
        fields.push(Field::new_fixed_size_list("embedding", item(), dimension as i32, false));
        Self {
            schema: Arc::new(Schema::new(fields)),
            path: StringBuilder::new(),
            person: StringBuilder::new(),
            face: Int32Builder::new(),
            numbers: Default::default(),
            landmarks: ListBuilder::new(Float32Builder::new()).with_field(item()),
            embedding: FixedSizeListBuilder::new(Float32Builder::new(), dimension as i32).with_field(item()),
        }
    }

    pub(super) fn push(&mut self, path: &str, person: &str, number: usize, found: &ExtractedFace) {
        self.path.append_value(path);
        self.person.append_value(person);
        self.face.append_value(number as i32);
        let numbers = |Face { rect, score, .. }: Face| [rect.x1, rect.y1, rect.x2, rect.y2, score];
        let numbers = found.face.map(numbers);
        for (index, column) in self.numbers.iter_mut().enumerate() {
            column.append_option(numbers.map(|numbers| numbers[index]));
        }
        let points =
            found.face.map(|face| face.landmarks.0.into_iter().flat_map(|point| [Some(point.x), Some(point.y)]));
        self.landmarks.append_option(points);
        self.embedding.values().append_slice(found.embedding.values());
        self.embedding.append(true);
    }

    /// Writes the rows to a file that appears whole, and begins anew.
    pub(super) fn write(&mut self, path: &Path, about: &About) -> Result<()> {
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(self.path.finish()), Arc::new(self.person.finish()), Arc::new(self.face.finish())];
        columns.extend(self.numbers.iter_mut().map(|column| -> ArrayRef { Arc::new(column.finish()) }));
        columns.push(Arc::new(self.landmarks.finish()));
        columns.push(Arc::new(self.embedding.finish()));
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

/// A file of a part.
pub(super) struct Reader {
    path: std::path::PathBuf,
    builder: ParquetRecordBatchReaderBuilder<File>,
    pub(super) about: About,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, error))?;
        let length = file.metadata().map_err(|error| Error::io("read", path, error))?.len();
        let opened = fenced(|| {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
            let columns = builder.metadata().row_groups().iter().flat_map(|group| group.columns());
            let is_inside = |(start, bytes): (u64, u64)| start.checked_add(bytes).is_some_and(|end| end <= length);
            match columns.into_iter().all(|column| is_inside(column.byte_range())) {
                true => Ok(builder),
                false => Err(ParquetError::EOF("a column is not in the file".into())),
            }
        });
        let builder = opened.map_err(|text| damaged(path, &text))?;
        let builder = builder.map_err(|error| invalid(path, &error))?;
        let entries = builder.metadata().file_metadata().key_value_metadata();
        let about = entries.into_iter().flatten().find(|entry| entry.key == KEY);
        let Some(about) = about.and_then(|entry| entry.value.as_deref()) else {
            return Err(invalid(path, &"it does not say what made it"));
        };
        let about: About = serde_json::from_str(about).map_err(|error| invalid(path, &error))?;
        check_record(path, about.version)?;
        Ok(Self { path: path.to_path_buf(), builder, about })
    }

    pub(super) fn rows(&self) -> usize {
        usize::try_from(self.builder.metadata().file_metadata().num_rows()).unwrap_or_default()
    }

    /// Hands one column to `each`, some rows at a time.
    fn column(self, name: &str, mut each: impl FnMut(&dyn Array) -> Option<Result<()>>) -> Result<()> {
        let expected = self.rows();
        let mut rows_read = 0;
        let Self { path, builder, .. } = self;
        let mask = ProjectionMask::columns(builder.parquet_schema(), [name]);
        let reader = fenced(|| builder.with_projection(mask).build()).map_err(|text| damaged(&path, &text))?;
        let mut reader = reader.map_err(|error| invalid(&path, &error))?;
        while let Some(rows) = fenced(|| reader.next()).map_err(|text| damaged(&path, &text))? {
            let rows = rows.map_err(|error| invalid(&path, &error))?;
            rows_read += rows.num_rows();
            let column = rows.columns().first().filter(|column| column.null_count() == 0);
            let column = column.and_then(|column| each(column));
            column.unwrap_or_else(|| Err(invalid(&path, &format!("column `{name}` is missing or of another type"))))?;
        }
        match rows_read == expected {
            true => Ok(()),
            false => Err(invalid(&path, &format!("column `{name}` has {rows_read} rows where it says {expected}"))),
        }
    }

    /// Hands each value of a column of texts to `each`.
    pub(super) fn texts(self, name: &str, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
        self.column(name, |column| {
            let texts: &StringArray = column.as_string_opt::<i32>()?;
            Some(texts.iter().flatten().try_for_each(&mut each))
        })
    }

    /// Hands each embedding, which must have so many values, to `each`.
    pub(super) fn embeddings(self, dimension: usize, mut each: impl FnMut(&[f32]) -> Result<()>) -> Result<()> {
        self.column("embedding", |column| {
            let lists: &FixedSizeListArray = column.as_fixed_size_list_opt()?;
            let values = lists.values().as_primitive_opt::<Float32Type>()?.values();
            (dimension > 0 && lists.value_length() as usize == dimension)
                .then(|| values.chunks_exact(dimension).try_for_each(&mut each))
        })
    }
}

/// Reads all of a part that is needed at the end of a job, and gives its number of rows. For the fuzz targets.
pub fn read_part(path: &Path) -> Result<usize> {
    let rows = Reader::open(path)?.rows();
    Reader::open(path)?.texts("path", |_| Ok(()))?;
    Reader::open(path)?.texts("person", |_| Ok(()))?;
    let reader = Reader::open(path)?;
    let dimension = reader.about.description.dimension;
    reader.embeddings(dimension, |_| Ok(()))?;
    Ok(rows)
}

/// The error of a part whose reader panicked.
fn damaged(path: &Path, text: &str) -> Error {
    let message = format!("{} is damaged: remove it to make it again ({})", path.display(), excerpt(text));
    Error::new(ErrorKind::DatasetInvalid, message)
}

fn invalid(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    let reason = excerpt(&reason.to_string());
    let message = format!("{} is no part of an export (remove it to make it again): {reason}", path.display());
    Error::new(ErrorKind::DatasetInvalid, message)
}
