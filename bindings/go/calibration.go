package facenet

// #include <facenet.h>
import "C"

import (
	"context"
	"fmt"
	"unsafe"
)

// Calibrate finds thresholds for wanted false match rates, each between 0 and 1, on vectors of people who are known, the
// person of each vector by any numbers. A rate that the number of pairs does not support gets a threshold whose distance is
// not a number. Progress may be nil.
func Calibrate(
	ctx context.Context, vectors Vectors, people []uint32, metric Metric, rates []float64, progress Progress,
) ([]Threshold, error) {
	if err := vectors.check(); err != nil {
		return nil, err
	}
	if len(people) != vectors.Count() {
		return nil, refuse(ErrDimensionMismatch, fmt.Sprintf("%d people for %d vectors", len(people), vectors.Count()))
	}
	found := make([]C.facenet_threshold, len(rates))
	err := long(ctx, progress, func(callback C.facenet_progress_callback, user unsafe.Pointer) C.facenet_status {
		return C.facenet_calibrate(first[C.float](vectors.Values), first[C.uint32_t](people), C.size_t(len(people)),
			C.size_t(vectors.Dimension), C.uint32_t(metric), first[C.double](rates), C.size_t(len(rates)), callback, user,
			first[C.facenet_threshold](found))
	})
	if err != nil {
		return nil, err
	}
	return thresholds(found), nil
}

// WriteProfile writes thresholds to a file, as `facenet calibrate` does, the default first; `facenet compare --profile` takes
// it. They were measured on vectors of the embedder, on what measuredOn says. The file appears whole or not at all.
func (e *Embedder) WriteProfile(path string, metric Metric, measured []Threshold, measuredOn string) error {
	embedder, err := e.acquire()
	if err != nil {
		return err
	}
	defer e.release()
	texts, free, err := toC(measuredOn, path)
	if err != nil {
		return err
	}
	defer free()
	given := make([]C.facenet_threshold, len(measured))
	for i, threshold := range measured {
		given[i] = C.facenet_threshold{
			distance:             C.float(threshold.Distance),
			false_match_rate:     C.double(threshold.FalseMatchRate),
			false_non_match_rate: C.double(threshold.FalseNonMatchRate),
		}
	}
	return call(func() C.facenet_status {
		return C.facenet_profile_write(embedder, C.uint32_t(metric), first[C.facenet_threshold](given),
			C.size_t(len(given)), texts[0], texts[1])
	})
}

// ReadProfile reads the thresholds of a file that [Embedder.WriteProfile] or `facenet calibrate` wrote, the default first, and
// their metric. It fails with [ErrFingerprintMismatch] if they are for another embedder.
func (e *Embedder) ReadProfile(path string) (Metric, []Threshold, error) {
	embedder, err := e.acquire()
	if err != nil {
		return MetricEuclidean, nil, err
	}
	defer e.release()
	texts, free, err := toC(path)
	if err != nil {
		return MetricEuclidean, nil, err
	}
	defer free()
	var metric C.uint32_t
	var needed C.size_t
	if err := call(func() C.facenet_status {
		return C.facenet_profile_read(texts[0], embedder, &metric, nil, 0, &needed)
	}); err != nil {
		return MetricEuclidean, nil, err
	}
	found := make([]C.facenet_threshold, needed)
	err = call(func() C.facenet_status {
		return C.facenet_profile_read(texts[0], embedder, &metric, first[C.facenet_threshold](found), needed, &needed)
	})
	return Metric(metric), thresholds(found), err
}

func thresholds(found []C.facenet_threshold) []Threshold {
	thresholds := make([]Threshold, len(found))
	for i, one := range found {
		thresholds[i] = threshold(one)
	}
	return thresholds
}
