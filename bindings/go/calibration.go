package facenet

// #include <facenet.h>
import "C"

import (
	"context"
	"fmt"
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
	found := thresholdsOf(len(rates))
	err := long(ctx, progress, func(call *C.facenet_call) C.facenet_status {
		return C.facenet_calibrate(first[C.float](vectors.Values), first[C.uint32_t](people), C.size_t(len(people)),
			C.size_t(vectors.Dimension), C.facenet_metric(metric), first[C.double](rates), C.size_t(len(rates)), call,
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
	given := thresholdsOf(len(measured))
	for i, threshold := range measured {
		given[i].distance = C.float(threshold.Distance)
		given[i].false_match_rate = C.double(threshold.FalseMatchRate)
		given[i].false_non_match_rate = C.double(threshold.FalseNonMatchRate)
	}
	return call(func() C.facenet_status {
		return C.facenet_profile_write(embedder, C.facenet_metric(metric), first[C.facenet_threshold](given),
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
	var metric C.facenet_metric
	var needed C.size_t
	if err := call(func() C.facenet_status {
		return C.facenet_profile_read(texts[0], embedder, &metric, nil, 0, &needed)
	}); err != nil {
		return MetricEuclidean, nil, err
	}
	found := thresholdsOf(int(needed))
	err = call(func() C.facenet_status {
		return C.facenet_profile_read(texts[0], embedder, &metric, first[C.facenet_threshold](found), needed, &needed)
	})
	if err != nil {
		return MetricEuclidean, nil, err
	}
	return Metric(metric), thresholds(found[:needed]), nil
}

// thresholdsOf are structs of C with their size.
func thresholdsOf(count int) []C.facenet_threshold {
	thresholds := make([]C.facenet_threshold, count)
	for i := range thresholds {
		thresholds[i].struct_size = C.sizeof_facenet_threshold
	}
	return thresholds
}

func thresholds(found []C.facenet_threshold) []Threshold {
	thresholds := make([]Threshold, len(found))
	for i, one := range found {
		thresholds[i] = threshold(one)
	}
	return thresholds
}
