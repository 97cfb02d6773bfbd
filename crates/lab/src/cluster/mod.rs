//! Faces of the same person together, without knowing anybody: clustering of embeddings.
//!
//! [`cluster`] takes a matrix with a row for each face and gives each row the number of its cluster:
//!
//! ```
//! use facenet::Watch;
//! use facenet::cluster::{self, Algorithm, ClusterOptions};
//! use ndarray::array;
//!
//! let faces = array![[1.0, 0.0], [0.6, 0.8], [0.96, 0.28], [0.61, 0.79]];
//! let options = ClusterOptions::new(Algorithm::AverageLink, 0.5);
//! let clusters = cluster::cluster(faces.view(), &options, &Watch::none())?;
//! assert_eq!(clusters.labels(), [Some(0), Some(1), Some(0), Some(1)]);
//!
//! let scores = cluster::scores(clusters.labels(), &["Ada", "Bob", "Ada", "Bob"])?;
//! assert_eq!(scores.bcubed.f, 1.0);
//! # Ok::<(), facenet::Error>(())
//! ```
//!
//! What [`Algorithm`] to take, and how good each is on real faces, is told by the table in `benches/README.md`.
//! [`Algorithm::threshold`] knows the thresholds that were measured for a model; one that was measured for another
//! model says nothing.
//!
//! [`Placement`] puts the image files of each cluster into a folder of its own, [`page()`] shows them.

mod average_link;
mod blocks;
mod chinese_whispers;
mod clusters;
mod components;
mod content;
mod dbscan;
mod forest;
mod knn_graph;
mod merge;
mod neighbors;
mod options;
#[cfg(feature = "html")]
mod page;
mod parts;
mod placement;
mod scores;
mod thresholds;
mod transfer;

pub use clusters::Clusters;
pub use options::{Algorithm, ClusterOptions};
#[cfg(feature = "html")]
pub use page::{PageOptions, page};
pub use placement::{Entry, Origin, Placed, Placement, Transfer};
pub use scores::{Agreement, Scores, scores};

use ndarray::ArrayView2;

use self::parts::Parts;
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};

/// Longest vector, squared: sums and differences of two stay within the range of `f32`.
const MOST_SQUARED_LENGTH: f64 = 1e36;

/// Finds clusters among the rows of a matrix (n x d).
///
/// The rows are embeddings of one model, or any vectors whose Euclidean distances mean something. The work is spread
/// over the current rayon pool; call it in [`rayon::ThreadPool::install`] for another. `watch` receives on the calling
/// thread how many thousandths of the work are done. When it is cancelled the work ends soon, but for the last step of
/// [`Algorithm::AverageLink`], which it waits for.
///
/// The result depends on the rows and the options only, not on the number of threads; and not on the order of the rows,
/// but for the numbering of the clusters and [`Algorithm::Dbscan`]'s border points.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if a value is not finite or very large, the rows have no values, or an option makes
/// no sense; [`ErrorKind::Unsupported`] if the algorithm would need more memory than [`ClusterOptions::memory_limit`];
/// [`ErrorKind::Cancelled`].
pub fn cluster(vectors: ArrayView2<'_, f32>, options: &ClusterOptions, watch: &Watch<'_>) -> Result<Clusters> {
    let threshold = options.checked_threshold()?;
    check(vectors)?;
    let mut parts = Parts::new(watch);
    let clusters = match options.algorithm {
        _ if vectors.nrows() == 0 => Clusters::from_keys(std::iter::empty::<Option<u32>>()),
        Algorithm::Dbscan => dbscan::dbscan(vectors, threshold, options, &mut parts)?,
        Algorithm::ChineseWhispers => chinese_whispers::chinese_whispers(vectors, threshold, options, &mut parts)?,
        Algorithm::AverageLink => average_link::average_link(vectors, threshold, options, &mut parts)?,
        Algorithm::KnnGraph => knn_graph::knn_graph(vectors, threshold, options, &mut parts)?,
    };
    parts.show(1.0)?;
    Ok(clusters.without_small(options.min_cluster_size))
}

fn check(vectors: ArrayView2<'_, f32>) -> Result<()> {
    let invalid = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
    let (rows, columns) = vectors.dim();
    if rows > 0 && columns == 0 {
        return invalid(format!("{rows} vectors without values cannot be compared"));
    }
    if u32::try_from(rows).is_err() {
        return invalid(format!("{rows} vectors are more than can be clustered at once ({})", u32::MAX));
    }
    for (index, row) in vectors.rows().into_iter().enumerate() {
        let squared_length: f64 = row.iter().map(|&value| f64::from(value).powi(2)).sum();
        if squared_length.is_nan() || squared_length > MOST_SQUARED_LENGTH {
            return invalid(format!("vector {index} has a value that is not a number or is too large"));
        }
    }
    Ok(())
}
