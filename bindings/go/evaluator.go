package facenet

// #include "shim.h"
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
)

// EvaluatorOptions are settings of an evaluation: begin with [DefaultEvaluatorOptions].
type EvaluatorOptions struct {
	// Number of folds, 2 or more; 10.
	Folds uint32
	// [MetricSquaredEuclidean] by default.
	Metric Metric
	// Whether to subtract the mean of the vectors trained on.
	SubtractMean bool
	// How often people are drawn for confidence intervals; 1000, 0 for none.
	Replicates uint32
	// False accept rate at which the validation rate is taken, between 0 and 1; 0.001.
	WantedFAR float64
	// The same seed gives the same intervals.
	Seed uint64
	// Share of confidence of the intervals, between 0 and 1; 0.95.
	Confidence float64
	// False match rates for which thresholds are wanted, each between 0 and 1; empty for 0.01, 0.001 and 0.0001.
	FalseMatchRates []float64
	// What was made of mirror images, for the grid of thresholds: [MirrorOff] by default. Where an embedder makes the vectors,
	// it is the embedder's.
	Mirror Mirror
	// How many of the hardest pairs of each kind the report names; 12.
	Hardest uint32
}

// DefaultEvaluatorOptions are those of facenet's validate_on_lfw.
func DefaultEvaluatorOptions() EvaluatorOptions {
	var o C.facenet_evaluator_options
	C.facenet_evaluator_options_init(&o, C.sizeof_facenet_evaluator_options)
	return EvaluatorOptions{
		Folds:        uint32(o.folds),
		Metric:       Metric(o.metric),
		SubtractMean: o.subtract_mean == 1,
		Replicates:   uint32(o.replicates),
		WantedFAR:    float64(o.wanted_far),
		Seed:         uint64(o.seed),
		Confidence:   float64(o.confidence),
		Mirror:       Mirror(o.mirror),
		Hardest:      uint32(o.hardest),
	}
}

// c gives the options in C's terms, without the rates.
func (o *EvaluatorOptions) c() *C.facenet_evaluator_options {
	if o == nil {
		return nil
	}
	options := new(C.facenet_evaluator_options)
	C.facenet_evaluator_options_init(options, C.sizeof_facenet_evaluator_options)
	options.folds = C.uint32_t(o.Folds)
	options.metric = C.facenet_metric(o.Metric)
	options.subtract_mean = flag(o.SubtractMean)
	options.replicates = C.uint32_t(o.Replicates)
	options.wanted_far = C.double(o.WantedFAR)
	options.seed = C.uint64_t(o.Seed)
	options.confidence = C.double(o.Confidence)
	options.mirror = C.facenet_mirror(o.Mirror)
	options.hardest = C.uint32_t(o.Hardest)
	return options
}

// Extractor turns image files into vectors: an [*Embedder] those of aligned faces, a [*Pipeline] photos.
type Extractor interface {
	// extractor gives one of both, which is valid until release is called.
	extractor() (embedder *C.facenet_embedder, pipeline *C.facenet_pipeline, release func(), err error)
}

func (e *Embedder) extractor() (*C.facenet_embedder, *C.facenet_pipeline, func(), error) {
	embedder, err := e.acquire()
	return embedder, nil, e.release, err
}

func (p *Pipeline) extractor() (*C.facenet_embedder, *C.facenet_pipeline, func(), error) {
	pipeline, err := p.acquire()
	return nil, pipeline, p.release, err
}

// Evaluator measures how well pairs of vectors are told apart, by the protocol of Labeled Faces in the Wild.
type Evaluator struct {
	*handle[*C.facenet_evaluator]
	// Held to write while a pair is added.
	pairs sync.RWMutex
}

// NewEvaluator makes an evaluator without pairs. Options may be nil.
func NewEvaluator(options *EvaluatorOptions) (*Evaluator, error) {
	var made *C.facenet_evaluator
	var rates []float64
	if options != nil {
		rates = options.FalseMatchRates
	}
	err := call(func() C.facenet_status {
		return C.shim_evaluator_new(options.c(), first[C.double](rates), C.size_t(len(rates)), &made)
	})
	if err != nil {
		return nil, err
	}
	return &Evaluator{handle: newHandle(made, func(e *C.facenet_evaluator) { C.facenet_evaluator_free(e) })}, nil
}

// AddPair adds a pair of vectors, and whether they are of the same person. Folds are made of the pairs in the order of adding.
func (e *Evaluator) AddPair(a, b []float32, same bool) error {
	evaluator, err := e.acquire()
	if err != nil {
		return err
	}
	defer e.release()
	if len(a) != len(b) {
		return refuse(ErrDimensionMismatch, fmt.Sprintf("a pair of vectors of %d and %d values", len(a), len(b)))
	}
	e.pairs.Lock()
	defer e.pairs.Unlock()
	return call(func() C.facenet_status {
		return C.facenet_evaluator_add_pair(
			evaluator, first[C.float](a), first[C.float](b), C.size_t(len(a)), flag(same))
	})
}

// Report evaluates the pairs that were added. Whose they are is not known: there are no confidence intervals.
func (e *Evaluator) Report() (*Report, error) {
	evaluator, err := e.acquire()
	if err != nil {
		return nil, err
	}
	defer e.release()
	e.pairs.RLock()
	defer e.pairs.RUnlock()
	var made *C.facenet_report
	if err := call(func() C.facenet_status { return C.facenet_evaluator_report(evaluator, &made) }); err != nil {
		return nil, err
	}
	return newReport(made), nil
}

// ValidateLFW evaluates a model on a folder of people and a list of pairs, as facenet's validate_on_lfw. A pipeline should be
// one that gives one face a photo ([SelectCentral]). Images that are missing or give no face are counted in the report.
//
// The folder has a folder per person below it, the list is as pairs.txt of Labeled Faces in the Wild. Options and progress,
// which counts images, may be nil.
func ValidateLFW(
	ctx context.Context, extractor Extractor, folder, pairs string, options *EvaluatorOptions, progress Progress,
) (*Report, error) {
	evaluator, err := NewEvaluator(options)
	if err != nil {
		return nil, err
	}
	defer evaluator.Close()
	var made *C.facenet_report
	err = overFolder(extractor, []string{folder, pairs}, func(
		embedder *C.facenet_embedder, pipeline *C.facenet_pipeline, paths []*C.char,
	) error {
		return long(ctx, progress, func(call *C.facenet_call) C.facenet_status {
			return C.facenet_evaluator_run_lfw(
				evaluator.pointer, embedder, pipeline, paths[0], paths[1], call, &made)
		})
	})
	if err != nil {
		return nil, err
	}
	return newReport(made), nil
}

// overFolder hands an extractor and paths to a function of C.
func overFolder(
	extractor Extractor,
	paths []string,
	body func(embedder *C.facenet_embedder, pipeline *C.facenet_pipeline, paths []*C.char) error,
) error {
	if extractor == nil {
		return refuse(ErrInvalidArgument, "the extractor is nil")
	}
	embedder, pipeline, release, err := extractor.extractor()
	if err != nil {
		return err
	}
	defer release()
	texts, free, err := toC(paths...)
	if err != nil {
		return err
	}
	defer free()
	return body(embedder, pipeline, texts)
}

// Report is what an evaluation found.
type Report struct {
	*handle[*C.facenet_report]
}

func newReport(made *C.facenet_report) *Report {
	return &Report{newHandle(made, func(r *C.facenet_report) { C.facenet_report_free(r) })}
}

// Figures are the figures of a report.
type Figures struct {
	// Share of right decisions, mean over folds, and its standard deviation.
	Accuracy, AccuracyDeviation float64
	// Share of the pairs of one person that are accepted at the wanted false accept rate, mean over folds, and its standard
	// deviation.
	ValidationRate, ValidationRateDeviation float64
	// The false accept rate there, mean over folds.
	FAR float64
	// Area under the mean ROC curve.
	AreaUnderCurve float64
	// Equal error rate of the mean ROC curve.
	EqualErrorRate float64
	// Pairs of the protocol.
	Pairs uint64
	// Pairs of which an image is missing or gave no face: they are in no figure.
	PairsLeftOut uint64
	// Images that are not there.
	ImagesMissing uint64
	// Images that gave no face, or cannot be read.
	ImagesFailed uint64
}

// Figures gives the figures.
func (r *Report) Figures() (Figures, error) {
	report, err := r.acquire()
	if err != nil {
		return Figures{}, err
	}
	defer r.release()
	f := C.facenet_figures{struct_size: C.sizeof_facenet_figures}
	err = call(func() C.facenet_status { return C.facenet_report_figures(report, &f) })
	return Figures{
		Accuracy:                float64(f.accuracy),
		AccuracyDeviation:       float64(f.accuracy_deviation),
		ValidationRate:          float64(f.validation_rate),
		ValidationRateDeviation: float64(f.validation_rate_deviation),
		FAR:                     float64(f.far),
		AreaUnderCurve:          float64(f.area_under_curve),
		EqualErrorRate:          float64(f.equal_error_rate),
		Pairs:                   uint64(f.pairs),
		PairsLeftOut:            uint64(f.pairs_left_out),
		ImagesMissing:           uint64(f.images_missing),
		ImagesFailed:            uint64(f.images_failed),
	}, err
}

// ROCPoint is the rates of errors at one threshold.
type ROCPoint struct {
	// The decision is "same" within this distance; NaN where everything is rejected.
	Threshold float32
	// Share of the pairs of different people that are taken for the same.
	FalseMatchRate float64
	// Share of the pairs of one person that are taken for different people.
	FalseNonMatchRate float64
}

// ROC gives the points of the exact ROC curve over all pairs.
func (r *Report) ROC() ([]ROCPoint, error) {
	report, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer r.release()
	roc := make([]ROCPoint, C.facenet_report_roc_count(report))
	for i := range roc {
		p := C.facenet_report_roc(report, C.size_t(i))
		roc[i] = ROCPoint{float32(p.threshold), float64(p.false_match_rate), float64(p.false_non_match_rate)}
	}
	return roc, nil
}

// JSON is everything in a report: folds, error rates with counts and confidence intervals, images left out, hardest pairs.
func (r *Report) JSON() (json.RawMessage, error) {
	report, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer r.release()
	text, err := filled(func(buffer *C.char, capacity C.size_t, needed *C.size_t) C.facenet_status {
		return C.facenet_report_json(report, buffer, capacity, needed)
	})
	return json.RawMessage(text), err
}

// WriteHTML writes a report as a page for a browser, whole in one file, with curves and the hardest pairs in pictures. Model and
// data tell the reader what was evaluated on what.
func (r *Report) WriteHTML(path, model, data string) error {
	report, err := r.acquire()
	if err != nil {
		return err
	}
	defer r.release()
	texts, free, err := toC(path, model, data)
	if err != nil {
		return err
	}
	defer free()
	return call(func() C.facenet_status {
		return C.facenet_report_write_html(report, texts[0], texts[1], texts[2])
	})
}
