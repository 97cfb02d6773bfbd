//! Which algorithm, and its settings.

use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::options::Options;
use serde::Serialize;

facenet_core::choices! {
    /// A way to find clusters.
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
        Dbscan = "dbscan",
        /// Chinese Whispers (Biemann, 2006); what facenet's `clustering.py` used.
        ///
        /// Faces whose dot product is more than the threshold are joined by an edge of this weight. Each face begins in a
        /// cluster of its own, then takes over, in random order, the cluster with the most weight among its neighbours;
        /// this is repeated [`iterations`](ClusterOptions::iterations) times, or until nothing changes. Equal rows count as
        /// one face of their joint weight. A face without an edge is a cluster of one (`clustering.py` leaves it out).
        ///
        /// The edges take up to 36 bytes each.
        ChineseWhispers = "chinese-whispers",
        /// Agglomerative clustering with average linkage (UPGMA; Sokal and Michener, 1958), exact.
        ///
        /// The two clusters with the least mean Euclidean distance between their members are joined, again and again, while
        /// it is no more than the threshold. Takes 2 n² bytes of memory: 350 MB for 13,000 faces.
        ///
        /// The last two fifths of the progress are one step on one thread that cannot be cancelled and takes time with the
        /// square of the faces: less than 5 seconds for 13,000, some 60 times that for 100,000.
        AverageLink = "average-link",
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
        KnnGraph = "knn-graph",
    }
}

impl Algorithm {
    /// Whether the threshold is a distance, of which less means more alike; otherwise it is a similarity.
    pub fn uses_distance(self) -> bool {
        self != Self::ChineseWhispers
    }
}

facenet_core::options! {
    /// What is to be done by [`cluster`](super::cluster).
    ///
    /// There is no default threshold, because there is none that holds for every model:
    ///
    /// ```
    /// use facenet::cluster::{Algorithm, ClusterOptions};
    ///
    /// // As `cluster.py` of the original: Euclidean distance of 1 and every face in a cluster.
    /// let options = ClusterOptions::new(Algorithm::Dbscan, 1.0);
    /// assert_eq!(options.min_samples, 1);
    /// ```
    #[derive(Serialize)]
    pub struct ClusterOptions {
        /// How clusters are found.
        algorithm: Algorithm = Algorithm::RECOMMENDED;
        /// Distance or similarity at which to decide, which must be named; one was measured for some models.
        threshold: Option<f64> = None, |threshold| threshold.is_none_or(f64::is_finite) => "a finite number";
        /// Faces near a face, itself among them, that make it a core point of dbscan.
        min_samples: usize = 1;
        /// Clusters with fewer faces are dissolved, and their faces belong to no cluster.
        min_cluster_size: usize = 1;
        /// Most rounds of chinese-whispers over all faces.
        iterations: usize = 20;
        /// Start of the random numbers of chinese-whispers and knn-graph: the same seed and the same faces give the same
        /// clusters.
        seed: u64 = 0;
        /// Neighbours of a face that knn-graph looks at.
        neighbors: usize = 32, |neighbors| *neighbors > 0 => "1 or more";
        /// Most faces whose neighbours knn-graph finds by comparing all with all.
        exact_neighbors_up_to: usize = 50_000;
        /// Most bytes for the distances of average-link, the edges of chinese-whispers (36 each) and the neighbours of
        /// knn-graph (24 each).
        memory_limit: u64 = 4 << 30;
    }
}

impl ClusterOptions {
    /// The algorithm with this threshold and the default of everything else.
    pub fn new(algorithm: Algorithm, threshold: f64) -> Self {
        Self { algorithm, threshold: Some(threshold), ..Self::default() }
    }

    /// The threshold, once all options are known to make sense together.
    pub(super) fn checked_threshold(&self) -> Result<f64> {
        self.check()?;
        match self.threshold {
            None => Err(invalid("there is no threshold that holds for every model: name one".into())),
            Some(threshold) if self.algorithm.uses_distance() && threshold < 0.0 => {
                Err(invalid(format!("threshold is {threshold}: it must be a distance of 0 or more")))
            }
            Some(threshold) => Ok(threshold),
        }
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}
