//! Clusters: faces of the same person, without known people.

use std::mem::offset_of;

use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::cluster::{self, Agreement, Algorithm, ClusterOptions, Clusters};

use crate::arguments::Arguments;
use crate::call::facenet_call;
use crate::embedder::facenet_embedder;
use crate::growing::{self, Growing};
use crate::matrix;
use crate::status::facenet_status;

/// Algorithm that clusters: FACENET_CLUSTERING_...
///
/// @since 0.1
pub type facenet_clustering = u32;
/// DBSCAN, exact. The threshold is a Euclidean distance.
pub const FACENET_CLUSTERING_DBSCAN: facenet_clustering = 0;
/// Chinese Whispers. The threshold is a dot product.
pub const FACENET_CLUSTERING_CHINESE_WHISPERS: facenet_clustering = 1;
/// Average linkage, exact. The threshold is a mean Euclidean distance. Takes `2 * count * count` bytes of memory.
pub const FACENET_CLUSTERING_AVERAGE_LINK: facenet_clustering = 2;
/// Average linkage along the graph of nearest neighbours, for any number of faces. The threshold is the root of a mean
/// squared distance.
pub const FACENET_CLUSTERING_KNN_GRAPH: facenet_clustering = 3;

/// The clusters of some embeddings.
///
/// Immutable: many threads may use one at once.
///
/// @since 0.1
pub struct facenet_clusters(Clusters);

/// Settings of a clustering: fill them with facenet_cluster_options_init, then set the threshold.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_cluster_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Distance or likeness at which to decide. There is no default that holds for every model: see
    /// facenet_cluster_threshold.
    pub threshold: f64,
    /// FACENET_CLUSTERING_...; FACENET_CLUSTERING_KNN_GRAPH by default.
    pub algorithm: facenet_clustering,
    /// For DBSCAN: neighbours of a core point, itself among them; 1.
    pub min_samples: u32,
    /// Clusters with fewer members are dissolved; 1.
    pub min_cluster_size: u32,
    /// For Chinese Whispers: most rounds; 20.
    pub iterations: u32,
    /// Seed: the same seed and embeddings give the same clusters; 0.
    pub seed: u64,
    /// Most bytes for what grows with the square of the number of embeddings; 4 GiB.
    pub memory_limit: u64,
    /// For FACENET_CLUSTERING_KNN_GRAPH: neighbours of each embedding that are looked at; 32.
    pub neighbors: u32,
    /// For FACENET_CLUSTERING_KNN_GRAPH: most embeddings whose neighbours are found by comparing all with all; 50000.
    pub exact_neighbors_up_to: u32,
}

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_cluster_options {
    const FIRST_SIZE: usize = offset_of!(Self, neighbors);

    fn defaults() -> Self {
        let defaults = ClusterOptions::default();
        Self {
            struct_size: size_of::<Self>(),
            threshold: f64::NAN,
            algorithm: FACENET_CLUSTERING_KNN_GRAPH,
            min_samples: defaults.min_samples as u32,
            min_cluster_size: defaults.min_cluster_size as u32,
            iterations: defaults.iterations as u32,
            seed: defaults.seed,
            memory_limit: defaults.memory_limit,
            neighbors: defaults.neighbors as u32,
            exact_neighbors_up_to: defaults.exact_neighbors_up_to as u32,
        }
    }
}

/// How well clusters agree with people that are known: precision, recall and their harmonic mean, 0 to 1 each.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_agreement {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Share of what is clustered together that belongs together.
    pub precision: f64,
    /// Share of what belongs together that is clustered together.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f: f64,
}

// SAFETY: numbers, the size first.
unsafe impl Growing for facenet_agreement {
    const FIRST_SIZE: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self { struct_size: size_of::<Self>(), precision: 0.0, recall: 0.0, f: 0.0 }
    }
}

/// Fills options with the defaults; the threshold is NaN and must be set.
///
/// @param options  the options
/// @param size     sizeof(facenet_cluster_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_cluster_options_init(
    options: *mut facenet_cluster_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// The threshold that was measured for an algorithm on embeddings of an embedder.
///
/// @param embedder   the embedder
/// @param algorithm  FACENET_CLUSTERING_...
/// @param threshold  gets the threshold
/// @return           FACENET_ERROR_NOT_FOUND if none was measured
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_cluster_threshold(
    embedder: *const facenet_embedder,
    algorithm: facenet_clustering,
    threshold: *mut f64,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_writing(threshold, "threshold", |args| {
        let algorithm = read(algorithm)?;
        let embedder = &args.get(embedder, "embedder")?.0;
        let Some(measured) = algorithm.threshold(embedder.fingerprint()) else {
            let message =
                format!("no threshold was measured for clustering embeddings of {} used like this", embedder.name());
            return Err(Error::new(ErrorKind::NotFound, message));
        };
        Ok(measured)
    })
}

/// Finds clusters among embeddings.
///
/// @param embeddings    `count` embeddings one after the other
/// @param count      number of embeddings
/// @param dimension  values of each
/// @param options    the settings
/// @param call       progress (in thousandths) and cancellation, or NULL
/// @param clusters   gets the clusters; free them with facenet_clusters_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_cluster(
    embeddings: *const f32,
    count: usize,
    dimension: usize,
    options: *const facenet_cluster_options,
    call: *const facenet_call,
    clusters: *mut *mut facenet_clusters,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_long(call, |args, progress| {
        args.give(clusters, "clusters", || {
            let embeddings = matrix::read(args, embeddings, count, dimension, "embeddings")?;
            let options = growing::read(args, options)?;
            let options = ClusterOptions {
                min_samples: options.min_samples as usize,
                min_cluster_size: options.min_cluster_size as usize,
                iterations: options.iterations as usize,
                seed: options.seed,
                memory_limit: options.memory_limit,
                neighbors: options.neighbors as usize,
                exact_neighbors_up_to: options.exact_neighbors_up_to as usize,
                ..ClusterOptions::new(read(options.algorithm)?, options.threshold)
            };
            let found = progress.watch(|watch| cluster::cluster(embeddings, &options, watch))?;
            Ok(facenet_clusters(found))
        })
    })
}

/// Number of clusters; 0 if `clusters` is NULL.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_clusters_count(clusters: *const facenet_clusters) -> usize {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.value_or(0, |args| Ok(args.get(clusters, "clusters")?.0.count()))
}

/// The number of each embedding's cluster, from 0; -1 for an embedding that is in none.
///
/// @param clusters  the clusters
/// @param labels    gets a number for each embedding; may be NULL if `capacity` is 0
/// @param capacity  numbers that `labels` has room for; 0 only asks for `needed`
/// @param needed    gets the number of embeddings; may be NULL
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_clusters_labels(
    clusters: *const facenet_clusters,
    labels: *mut i64,
    capacity: usize,
    needed: *mut usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let clusters = &args.get(clusters, "clusters")?.0;
        let numbers: Vec<i64> = clusters.labels().iter().map(|label| label.map_or(-1, i64::from)).collect();
        args.fill(&numbers, labels, capacity, needed)
    })
}

/// Scores clusters by the people that are known. An embedding that is in no cluster counts as a cluster of one.
///
/// @param clusters  the clusters
/// @param people    the person of each embedding, as any number
/// @param count     number of embeddings
/// @param bcubed    gets the mean over embeddings (BCubed)
/// @param pairwise  gets the shares of pairs
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_clusters_scores(
    clusters: *const facenet_clusters,
    people: *const i64,
    count: usize,
    bcubed: *mut facenet_agreement,
    pairwise: *mut facenet_agreement,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| {
        let bcubed = growing::place(args, bcubed, "bcubed")?;
        let pairwise = growing::place(args, pairwise, "pairwise")?;
        let clusters = &args.get(clusters, "clusters")?.0;
        let people = args.slice(people, count, "people")?;
        let scores = cluster::scores(clusters.labels(), people)?;
        bcubed.fill([scores.bcubed.into()]);
        pairwise.fill([scores.pairwise.into()]);
        Ok(())
    })
}

/// Frees clusters. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_clusters_free(clusters: *mut facenet_clusters) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(clusters)
}

impl From<Agreement> for facenet_agreement {
    fn from(Agreement { precision, recall, f }: Agreement) -> Self {
        Self { struct_size: size_of::<Self>(), precision, recall, f }
    }
}

fn read(algorithm: facenet_clustering) -> Result<Algorithm> {
    match algorithm {
        FACENET_CLUSTERING_DBSCAN => Ok(Algorithm::Dbscan),
        FACENET_CLUSTERING_CHINESE_WHISPERS => Ok(Algorithm::ChineseWhispers),
        FACENET_CLUSTERING_AVERAGE_LINK => Ok(Algorithm::AverageLink),
        FACENET_CLUSTERING_KNN_GRAPH => Ok(Algorithm::KnnGraph),
        other => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("algorithm is {other}, which this version of the library does not know"),
        )),
    }
}
