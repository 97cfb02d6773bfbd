package facenet

// #include <facenet.h>
import "C"

import "fmt"

// Vectors are vectors of one dimension, one after the other.
type Vectors struct {
	Values    []float32
	Dimension int
}

// NewVectors copies vectors, which must have one dimension, one after the other.
func NewVectors(rows ...[]float32) (Vectors, error) {
	var vectors Vectors
	for i, row := range rows {
		if i == 0 {
			vectors.Dimension = len(row)
			vectors.Values = make([]float32, 0, len(rows)*len(row))
		}
		if len(row) != vectors.Dimension {
			return Vectors{}, refuse(ErrDimensionMismatch, fmt.Sprintf(
				"vector %d has %d values, those before it have %d", i, len(row), vectors.Dimension))
		}
		vectors.Values = append(vectors.Values, row...)
	}
	return vectors, nil
}

// Count is the number of vectors.
func (v Vectors) Count() int {
	if v.Dimension <= 0 {
		return 0
	}
	return len(v.Values) / v.Dimension
}

// At gives vector number i, from 0, without copying it.
func (v Vectors) At(i int) []float32 {
	return v.Values[i*v.Dimension : (i+1)*v.Dimension : (i+1)*v.Dimension]
}

// check refuses values that are not those of whole vectors.
func (v Vectors) check() error {
	if v.Dimension < 0 || v.Count()*v.Dimension != len(v.Values) {
		return refuse(ErrDimensionMismatch, fmt.Sprintf(
			"%d values are not those of whole vectors of %d", len(v.Values), v.Dimension))
	}
	return nil
}

// of refuses vectors that are not whole, or of another dimension than those of an embedder.
func (v Vectors) of(embedder *C.facenet_embedder) error {
	if wanted := int(C.facenet_embedder_dimension(embedder)); v.Dimension != wanted {
		return refuse(ErrDimensionMismatch, fmt.Sprintf(
			"vectors of %d values where the embedder gives %d", v.Dimension, wanted))
	}
	return v.check()
}

// Metric is a way to compare vectors.
type Metric uint32

// Metrics.
const (
	// Euclidean distance, 0 to 2 for vectors of length one.
	MetricEuclidean Metric = C.FACENET_METRIC_EUCLIDEAN
	// Squared Euclidean distance, 0 to 4 for vectors of length one.
	MetricSquaredEuclidean Metric = C.FACENET_METRIC_SQUARED_EUCLIDEAN
	// Angle between the vectors over pi, 0 to 1.
	MetricAngular Metric = C.FACENET_METRIC_ANGULAR
	// Cosine of the angle, -1 to 1: the only one that grows with likeness.
	MetricCosine Metric = C.FACENET_METRIC_COSINE
)

// Within says whether a distance is no more than a threshold; for [MetricCosine], a likeness no less.
func (m Metric) Within(distance, threshold float32) bool {
	return C.facenet_metric_within(C.facenet_metric(m), C.float(distance), C.float(threshold)) == 1
}

// Distance of two vectors; with [MetricCosine], likeness. They must come from embedders with the same fingerprint.
func Distance(a, b []float32, metric Metric) (float32, error) {
	if len(a) != len(b) {
		return 0, refuse(ErrDimensionMismatch, fmt.Sprintf(
			"a vector of %d values cannot be compared with one of %d", len(a), len(b)))
	}
	var distance C.float
	err := call(func() C.facenet_status {
		return C.facenet_distance(first[C.float](a), first[C.float](b), C.size_t(len(a)), C.facenet_metric(metric), &distance)
	})
	return float32(distance), err
}
