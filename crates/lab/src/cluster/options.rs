//! Which algorithm, and its settings.

use serde::{Deserialize, Serialize};

use facenet_core::error::{Error, ErrorKind, Result};

/// A way to find clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// DBSCAN (Ester, Kriegel, Sander and Xu, 1996), exact; what facenet's `cluster.py` used.
    ///
    /// The threshold is `eps`, the Euclidean distance up to which two faces are neighbours. A face with
    /// [`min_samples`](ClusterOptions::min_samples) neighbours, itself among them, is a core point; neighbouring core
    /// points share a cluster. A face that is none but has a core point for a neighbour, a border point, goes to the
    /// first of the clusters it could go to; all others belong to no cluster. Labels are those of scikit-learn:
    /// clusters are numbered by their first core point, not by their first member.
    ///
    /// With `min_samples` of 1, clusters are chains of faces, each near the next, and the more faces there are the more
    /// different people are chained together.
    Dbscan,
    /// Chinese Whispers (Biemann, 2006); what facenet's `clustering.py` used.
    ///
    /// Faces whose dot product is more than the threshold are joined by an edge of this weight. Each face begins in a
    /// cluster of its own, then takes over, in random order, the cluster with the most weight among its neighbours;
    /// this is repeated [`iterations`](ClusterOptions::iterations) times, or until nothing changes. Equal rows count as
    /// one face of their joint weight. A face without an edge is a cluster of one (`clustering.py` leaves it out).
    ///
    /// The edges take up to 36 bytes each.
    ChineseWhispers,
    /// Agglomerative clustering with average linkage (UPGMA; Sokal and Michener, 1958), exact.
    ///
    /// The two clusters with the least mean Euclidean distance between their members are joined, again and again, while
    /// it is no more than the threshold. Takes 2 n² bytes of memory: 350 MB for 13,000 faces.
    ///
    /// The last two fifths of the progress are one step on one thread that cannot be cancelled and takes time with the
    /// square of the faces: less than 5 seconds for 13,000, some 60 times that for 100,000.
    AverageLink,
    /// Average linkage along the graph of nearest neighbours: for any number of faces.
    ///
    /// As [`AverageLink`](Self::AverageLink), but only clusters are joined of which a member has a member of the other
    /// among its [`neighbors`](ClusterOptions::neighbors) nearest, and the threshold is for the root of the mean
    /// *squared* distance between members, which follows from sums and needs no matrix of distances. Neighbours are
    /// exact for up to [`exact_neighbors_up_to`](ClusterOptions::exact_neighbors_up_to) faces, from there on they come
    /// from a forest of random projection trees (Dasgupta and Freund, 2008). Equal rows count as one face of their
    /// joint weight.
    ///
    /// The memory for a face is constant: that of two vectors and of its neighbours.
    ///
    /// Two clusters are joined only while they are within the threshold, the nearest first among those that the graph
    /// connects. The reverse is not promised: a connection between clusters that are too far apart is dropped, and is
    /// made again only if one of them joins a cluster that is connected to the other. If what it joins is near the
    /// other but not connected to it, the two may stay apart although the union is within the threshold.
    KnnGraph,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Dbscan, Self::ChineseWhispers, Self::AverageLink, Self::KnnGraph];

    /// Whether the threshold is a distance, of which less means more alike; otherwise it is a similarity.
    pub fn uses_distance(self) -> bool {
        self != Self::ChineseWhispers
    }
}

/// What is to be done by [`cluster`](super::cluster).
///
/// There is no default, because there is no threshold that holds for every model:
///
/// ```
/// use facenet::cluster::{Algorithm, ClusterOptions};
///
/// // As `cluster.py` of the original: Euclidean distance of 1 and every face in a cluster.
/// let options = ClusterOptions::new(Algorithm::Dbscan, 1.0);
/// assert_eq!(options.min_samples, 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterOptions {
    /// The way to find clusters.
    pub algorithm: Algorithm,
    /// Distance or similarity at which to decide; see [`Algorithm`] for its meaning.
    pub threshold: f64,
    /// For [`Algorithm::Dbscan`]: neighbours of a core point, itself among them; 1 by default.
    pub min_samples: usize,
    /// Clusters with fewer members are dissolved, and their members belong to no cluster; 1 by default.
    pub min_cluster_size: usize,
    /// For [`Algorithm::ChineseWhispers`]: most rounds over all faces; 20 by default.
    pub iterations: usize,
    /// For [`Algorithm::ChineseWhispers`] and the forest of [`Algorithm::KnnGraph`]: the same seed and the same faces
    /// give the same clusters.
    pub seed: u64,
    /// For [`Algorithm::KnnGraph`]: neighbours of each face that are looked at; 32 by default.
    pub neighbors: usize,
    /// For [`Algorithm::KnnGraph`]: most faces whose neighbours are found by comparing all with all; 50,000 by default.
    pub exact_neighbors_up_to: usize,
    /// Most bytes for the matrix of distances of [`Algorithm::AverageLink`], the edges of
    /// [`Algorithm::ChineseWhispers`] (36 each), or the neighbours of [`Algorithm::KnnGraph`] (24 each); 4 GiB by
    /// default.
    pub memory_limit: u64,
}

impl ClusterOptions {
    /// The algorithm with this threshold and the default of everything else.
    pub fn new(algorithm: Algorithm, threshold: f64) -> Self {
        Self {
            algorithm,
            threshold,
            min_samples: 1,
            min_cluster_size: 1,
            iterations: 20,
            seed: 0,
            neighbors: 32,
            exact_neighbors_up_to: 50_000,
            memory_limit: 4 << 30,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
        if !self.threshold.is_finite() || self.algorithm.uses_distance() && self.threshold < 0.0 {
            let needed = if self.algorithm.uses_distance() { "a distance of 0 or more" } else { "a finite number" };
            return invalid(format!("the threshold is {}: it must be {needed}", self.threshold));
        }
        if self.algorithm == Algorithm::KnnGraph && self.neighbors == 0 {
            return invalid("0 neighbors make no graph: one is needed at least".into());
        }
        Ok(())
    }
}
