//! The embeddings of a folder of people as files for other programs: NumPy arrays and Parquet.
//!
//! The output folder of an [`ExportJob`] holds
//!
//! | file | what |
//! |---|---|
//! | `embeddings.npy` | 64-bit floats, faces x dimension |
//! | `labels.npy` | 64-bit integers: for each face, the number of its person among all people of the folder, sorted by name |
//! | `label_strings.npy` | Unicode: for each face, the name of its person |
//! | `embeddings.names.txt` | for each face, its image relative to the input folder (`image#2` for the second face of one) |
//! | `embeddings.model.json` | what made the embeddings, see [`Description`](crate::store::Description) |
//! | `failures.jsonl` | the images that gave no face, and why |
//! | `parts/*.parquet` | a row for each face, see below |
//!
//! The three arrays have the types and shapes of those of facenet's `export_embeddings`, and can be read back with
//! [`Stored`](crate::store::Stored).
//!
//! The columns of the Parquet files are `path` (relative to the input folder, joined by `/`), `person`, `face` (the number
//! of the face in its image, from 0), `left`, `top`, `right`, `bottom`, `score`, `landmarks` (x and y of both eyes, the nose
//! and both corners of the mouth) and `embedding` (a list of fixed size of 32-bit floats, scaled to length one). Boxes and
//! landmarks are in pixels of the photo; they and the score are null for faces that were aligned before. The metadata
//! entry `facenet` names model and fingerprint.

mod arrays;
mod job;
mod part;
mod plan;

pub use job::{ExportJob, ExportOptions, ExportSummary};
#[doc(hidden)]
pub use part::read_part;
