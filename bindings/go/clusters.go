package facenet

// #include <facenet.h>
import "C"

import (
	"context"
)

// Clustering is an algorithm that finds clusters.
type Clustering uint32

// Algorithms.
const (
	// DBSCAN, exact. The threshold is a Euclidean distance.
	DBSCAN Clustering = C.FACENET_CLUSTERING_DBSCAN
	// Chinese Whispers. The threshold is a dot product.
	ChineseWhispers Clustering = C.FACENET_CLUSTERING_CHINESE_WHISPERS
	// Average linkage, exact. The threshold is a mean Euclidean distance. Takes 2 * count * count bytes of memory.
	AverageLink Clustering = C.FACENET_CLUSTERING_AVERAGE_LINK
	// Average linkage along the graph of nearest neighbours, for any number of faces. The threshold is the root of a mean
	// squared distance.
	KNNGraph Clustering = C.FACENET_CLUSTERING_KNN_GRAPH
)

// ClusterOptions say how to cluster: begin with [DefaultClusterOptions] and set the threshold.
type ClusterOptions struct {
	// Distance or likeness at which to decide. There is no default that holds for every model: see
	// [Embedder.ClusterThreshold].
	Threshold float64
	// [KNNGraph] by default.
	Algorithm Clustering
	// For DBSCAN: neighbours of a core point, itself among them; 1.
	MinSamples uint32
	// Clusters with fewer members are dissolved; 1.
	MinClusterSize uint32
	// For Chinese Whispers: most rounds; 20.
	Iterations uint32
	// The same seed and the same vectors give the same clusters; 0.
	Seed uint64
	// Most bytes for what grows with the square of the number of vectors; 4 GiB.
	MemoryLimit uint64
	// For [KNNGraph]: neighbours of each vector that are looked at; 32.
	Neighbors uint32
	// For [KNNGraph]: most vectors whose neighbours are found by comparing all with all; 50000.
	ExactNeighborsUpTo uint32
}

// DefaultClusterOptions have a threshold that is not a number, and must be set.
func DefaultClusterOptions() ClusterOptions {
	var o C.facenet_cluster_options
	C.facenet_cluster_options_init(&o, C.sizeof_facenet_cluster_options)
	return ClusterOptions{
		Threshold:          float64(o.threshold),
		Algorithm:          Clustering(o.algorithm),
		MinSamples:         uint32(o.min_samples),
		MinClusterSize:     uint32(o.min_cluster_size),
		Iterations:         uint32(o.iterations),
		Seed:               uint64(o.seed),
		MemoryLimit:        uint64(o.memory_limit),
		Neighbors:          uint32(o.neighbors),
		ExactNeighborsUpTo: uint32(o.exact_neighbors_up_to),
	}
}

func (o ClusterOptions) c() *C.facenet_cluster_options {
	options := new(C.facenet_cluster_options)
	C.facenet_cluster_options_init(options, C.sizeof_facenet_cluster_options)
	options.threshold = C.double(o.Threshold)
	options.algorithm = C.facenet_clustering(o.Algorithm)
	options.min_samples = C.uint32_t(o.MinSamples)
	options.min_cluster_size = C.uint32_t(o.MinClusterSize)
	options.iterations = C.uint32_t(o.Iterations)
	options.seed = C.uint64_t(o.Seed)
	options.memory_limit = C.uint64_t(o.MemoryLimit)
	options.neighbors = C.uint32_t(o.Neighbors)
	options.exact_neighbors_up_to = C.uint32_t(o.ExactNeighborsUpTo)
	return options
}

// ClusterThreshold is the threshold that was measured for an algorithm on vectors of the embedder. It fails with [ErrNotFound]
// if none was.
func (e *Embedder) ClusterThreshold(algorithm Clustering) (float64, error) {
	embedder, err := e.acquire()
	if err != nil {
		return 0, err
	}
	defer e.release()
	var threshold C.double
	err = call(func() C.facenet_status {
		return C.facenet_cluster_threshold(embedder, C.facenet_clustering(algorithm), &threshold)
	})
	return float64(threshold), err
}

// Clusters are the clusters of some vectors.
type Clusters struct {
	*handle[*C.facenet_clusters]
}

// Cluster finds clusters among vectors. Progress, in thousandths, may be nil.
func Cluster(ctx context.Context, vectors Vectors, options ClusterOptions, progress Progress) (*Clusters, error) {
	if err := vectors.check(); err != nil {
		return nil, err
	}
	var made *C.facenet_clusters
	err := long(ctx, progress, func(call *C.facenet_call) C.facenet_status {
		return C.facenet_cluster(first[C.float](vectors.Values), C.size_t(vectors.Count()), C.size_t(vectors.Dimension),
			options.c(), call, &made)
	})
	if err != nil {
		return nil, err
	}
	return &Clusters{newHandle(made, func(c *C.facenet_clusters) { C.facenet_clusters_free(c) })}, nil
}

// Count is the number of clusters; 0 after Close.
func (c *Clusters) Count() int {
	clusters, err := c.acquire()
	if err != nil {
		return 0
	}
	defer c.release()
	return int(C.facenet_clusters_count(clusters))
}

// Labels are the number of each vector's cluster, from 0; -1 for a vector that is in none.
func (c *Clusters) Labels() ([]int64, error) {
	clusters, err := c.acquire()
	if err != nil {
		return nil, err
	}
	defer c.release()
	var needed C.size_t
	if err := call(func() C.facenet_status {
		return C.facenet_clusters_labels(clusters, nil, 0, &needed)
	}); err != nil {
		return nil, err
	}
	labels := make([]int64, needed)
	err = call(func() C.facenet_status {
		return C.facenet_clusters_labels(clusters, first[C.int64_t](labels), needed, &needed)
	})
	return labels, err
}

// Agreement says how well clusters agree with people that are known, 0 to 1 each.
type Agreement struct {
	// How much of what is together belongs together.
	Precision float64
	// How much of what belongs together is together.
	Recall float64
	// Harmonic mean of both.
	F float64
}

// Scores scores clusters by the people that are known, the person of each vector by any numbers: the mean over vectors
// (BCubed) and the shares of pairs. A vector that is in no cluster counts as a cluster of one.
func (c *Clusters) Scores(people []int64) (bcubed, pairwise Agreement, err error) {
	clusters, err := c.acquire()
	if err != nil {
		return bcubed, pairwise, err
	}
	defer c.release()
	b := C.facenet_agreement{struct_size: C.sizeof_facenet_agreement}
	p := b
	err = call(func() C.facenet_status {
		return C.facenet_clusters_scores(clusters, first[C.int64_t](people), C.size_t(len(people)), &b, &p)
	})
	return agreement(b), agreement(p), err
}

func agreement(a C.facenet_agreement) Agreement {
	return Agreement{float64(a.precision), float64(a.recall), float64(a.f)}
}
