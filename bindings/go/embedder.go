package facenet

// #include <facenet.h>
import "C"

import (
	"errors"
	"fmt"
)

// Standardization is what is done to pixels before the network.
type Standardization uint32

// Kinds of standardization.
const (
	// What the model's description says.
	StandardizeAsModel Standardization = C.FACENET_STANDARDIZATION_MODEL
	// Mean and deviation of the picture itself (facenet's prewhitening).
	StandardizePerImage Standardization = C.FACENET_STANDARDIZATION_PER_IMAGE
	// (x - 127.5) / 128.
	StandardizeFixed Standardization = C.FACENET_STANDARDIZATION_FIXED
	// (x - 127.5) / 127.5.
	StandardizeSymmetric Standardization = C.FACENET_STANDARDIZATION_SYMMETRIC
	// x / 255.
	StandardizeUnit Standardization = C.FACENET_STANDARDIZATION_UNIT
	// x.
	StandardizeRaw Standardization = C.FACENET_STANDARDIZATION_RAW
)

// Mirror is what is made of a face and its mirror image.
type Mirror uint32

// What mirror images are used for.
const (
	// The mirror image is not looked at.
	MirrorOff Mirror = C.FACENET_MIRROR_OFF
	// The sum of both vectors, scaled to length one. Costs twice the time.
	MirrorAverage Mirror = C.FACENET_MIRROR_AVERAGE
	// Both vectors one after the other, scaled to length one. Costs twice the time.
	MirrorConcatenate Mirror = C.FACENET_MIRROR_CONCATENATE
)

// EmbedderAlignment is how the crops of an embedder were cut out.
type EmbedderAlignment uint32

// Ways to cut out.
const (
	// As the model's description says.
	EmbedderAlignAsModel EmbedderAlignment = C.FACENET_EMBEDDER_ALIGNMENT_MODEL
	// The box, widened by a margin.
	EmbedderAlignMargin EmbedderAlignment = C.FACENET_EMBEDDER_ALIGNMENT_MARGIN
	// The landmarks, warped to the template of ArcFace.
	EmbedderAlignArcface EmbedderAlignment = C.FACENET_EMBEDDER_ALIGNMENT_ARCFACE
)

// EmbedderOptions are settings of an embedder: begin with [DefaultEmbedderOptions].
type EmbedderOptions struct {
	// Model file; "" for the one that ships with the library.
	Model string
	// The model file in memory, for programs that have it in themselves; then Model is "".
	ModelBytes      []byte
	Standardization Standardization
	Mirror          Mirror
	// Most pictures in one run of the network, 1 or more; 16.
	BatchSize uint32
	// How the crops were cut out; it becomes part of the fingerprint.
	Alignment EmbedderAlignment
	// For [EmbedderAlignMargin]: pixels by which the box was made wider and higher; 32.
	Margin uint32
}

// DefaultEmbedderOptions are those of the model that ships.
func DefaultEmbedderOptions() EmbedderOptions {
	var o C.facenet_embedder_options
	C.facenet_embedder_options_init(&o, C.sizeof_facenet_embedder_options)
	return EmbedderOptions{
		Standardization: Standardization(o.standardization),
		Mirror:          Mirror(o.mirror),
		BatchSize:       uint32(o.batch_size),
		Alignment:       EmbedderAlignment(o.alignment),
		Margin:          uint32(o.margin),
	}
}

// with hands the options to a function of C, NULL if they are nil.
func (o *EmbedderOptions) with(body func(*C.facenet_embedder_options) C.facenet_status) error {
	if o == nil {
		return call(func() C.facenet_status { return body(nil) })
	}
	texts, free, err := toC(o.Model)
	if err != nil {
		return err
	}
	defer free()
	model, free := toCBytes(o.ModelBytes)
	defer free()
	var options C.facenet_embedder_options
	C.facenet_embedder_options_init(&options, C.sizeof_facenet_embedder_options)
	options.model = optional(texts[0])
	options.model_bytes = model
	options.standardization = C.facenet_standardization(o.Standardization)
	options.mirror = C.facenet_mirror(o.Mirror)
	options.batch_size = C.uint32_t(o.BatchSize)
	options.alignment = C.uint32_t(o.Alignment)
	options.margin = C.uint32_t(o.Margin)
	return call(func() C.facenet_status { return body(&options) })
}

// Embedder turns aligned faces into vectors of length one.
type Embedder struct {
	*handle[*C.facenet_embedder]
}

func newEmbedder(made *C.facenet_embedder) *Embedder {
	return &Embedder{newHandle(made, func(e *C.facenet_embedder) { C.facenet_embedder_free(e) })}
}

// NewEmbedder makes an embedder. Options may be nil.
func NewEmbedder(runtime *Runtime, options *EmbedderOptions) (*Embedder, error) {
	on, err := runtime.acquire()
	if err != nil {
		return nil, err
	}
	defer runtime.release()
	var made *C.facenet_embedder
	if err := options.with(func(options *C.facenet_embedder_options) C.facenet_status {
		return C.facenet_embedder_new(on, options, &made)
	}); err != nil {
		return nil, err
	}
	return newEmbedder(made), nil
}

// Aligner gives an aligner that cuts faces out as the embedder's model needs them.
func (e *Embedder) Aligner() (*Aligner, error) {
	embedder, err := e.acquire()
	if err != nil {
		return nil, err
	}
	defer e.release()
	var made *C.facenet_aligner
	if err := call(func() C.facenet_status { return C.facenet_embedder_aligner(embedder, &made) }); err != nil {
		return nil, err
	}
	return newAligner(made), nil
}

// InputSize is the width and height in pixels of the crops that the model takes; 0 after Close.
func (e *Embedder) InputSize() int {
	embedder, err := e.acquire()
	if err != nil {
		return 0
	}
	defer e.release()
	return int(C.facenet_embedder_input_size(embedder))
}

// Dimension is the number of values of a vector; 0 after Close.
func (e *Embedder) Dimension() int {
	embedder, err := e.acquire()
	if err != nil {
		return 0
	}
	defer e.release()
	return int(C.facenet_embedder_dimension(embedder))
}

// Fingerprint is that of model and preprocessing, 32 hexadecimal digits. Vectors of different fingerprints cannot be
// compared: keep it beside vectors that are stored.
func (e *Embedder) Fingerprint() (string, error) {
	embedder, err := e.acquire()
	if err != nil {
		return "", err
	}
	defer e.release()
	var digits [33]C.char
	err = call(func() C.facenet_status {
		return C.facenet_embedder_fingerprint(embedder, &digits[0], C.size_t(len(digits)))
	})
	return C.GoString(&digits[0]), err
}

// Embed turns crops of the model's size into vectors. Many at once cost less than one by one.
func (e *Embedder) Embed(crops ...*RGB) (Vectors, error) {
	embedder, err := e.acquire()
	if err != nil {
		return Vectors{}, err
	}
	defer e.release()
	size := int(C.facenet_embedder_input_size(embedder))
	joined, err := join(crops, size)
	if err != nil {
		return Vectors{}, err
	}
	dimension := int(C.facenet_embedder_dimension(embedder))
	vectors := Vectors{Values: make([]float32, len(crops)*dimension), Dimension: dimension}
	var needed C.size_t
	err = call(func() C.facenet_status {
		return C.facenet_embedder_embed(embedder, first[C.uint8_t](joined), C.size_t(len(crops)),
			first[C.float](vectors.Values), C.size_t(len(vectors.Values)), &needed)
	})
	if err != nil {
		return Vectors{}, err
	}
	return vectors, nil
}

// join gives the pixels of crops one after the other; those of one alone are not copied.
func join(crops []*RGB, size int) ([]byte, error) {
	joined := make([]byte, 0, 3*size*size*len(crops))
	for i, crop := range crops {
		if crop == nil || crop.Rect.Dx() != size || crop.Rect.Dy() != size {
			return nil, refuse(ErrInvalidArgument, fmt.Sprintf("crop %d is not of %d x %d pixels", i, size, size))
		}
		if crop.Stride < 3*size || len(crop.Pix) < crop.Stride*(size-1)+3*size {
			return nil, refuse(ErrInvalidArgument, fmt.Sprintf("crop %d has too few bytes for its size", i))
		}
		if len(crops) == 1 && crop.Stride == 3*size {
			return crop.Pix, nil
		}
		for y := 0; y < size; y++ {
			joined = append(joined, crop.Pix[y*crop.Stride:y*crop.Stride+3*size]...)
		}
	}
	return joined, nil
}

// Metric is the metric of the thresholds.
func (e *Embedder) Metric() Metric {
	embedder, err := e.acquire()
	if err != nil {
		return MetricEuclidean
	}
	defer e.release()
	return Metric(C.facenet_embedder_metric(embedder))
}

// Threshold is a distance at which to decide, with the error rates it was measured to have.
type Threshold struct {
	// Two faces within it are taken for the same person, in the embedder's metric.
	Distance float32
	// Share of pairs of different people that are taken for the same.
	FalseMatchRate float64
	// Share of pairs of the same person that are taken for different.
	FalseNonMatchRate float64
}

// Thresholds are those that were measured for the model, used as it is here, the default first. There may be none.
func (e *Embedder) Thresholds() ([]Threshold, error) {
	embedder, err := e.acquire()
	if err != nil {
		return nil, err
	}
	defer e.release()
	var thresholds []Threshold
	for {
		threshold, err := thresholdOf(embedder, len(thresholds))
		if errors.Is(err, ErrNotFound) {
			return thresholds, nil
		}
		if err != nil {
			return nil, err
		}
		thresholds = append(thresholds, threshold)
	}
}

func thresholdOf(embedder *C.facenet_embedder, index int) (Threshold, error) {
	t := C.facenet_threshold{struct_size: C.sizeof_facenet_threshold}
	err := call(func() C.facenet_status { return C.facenet_embedder_threshold(embedder, C.size_t(index), &t) })
	return threshold(t), err
}

func threshold(t C.facenet_threshold) Threshold {
	return Threshold{float32(t.distance), float64(t.false_match_rate), float64(t.false_non_match_rate)}
}

// Comparison is what two vectors say of two faces.
type Comparison struct {
	// In the metric of the embedder.
	Distance float32
	// The default of the embedder's model.
	Threshold Threshold
	// Whether both are taken for the same person.
	Same bool
}

// Compare decides whether two vectors of this embedder are of the same person. It fails with [ErrNotFound] if no threshold was
// measured for the model as it is used: then use [Distance] and a threshold of your own.
func (e *Embedder) Compare(a, b []float32) (Comparison, error) {
	embedder, err := e.acquire()
	if err != nil {
		return Comparison{}, err
	}
	defer e.release()
	if dimension := int(C.facenet_embedder_dimension(embedder)); len(a) != dimension || len(b) != dimension {
		return Comparison{}, refuse(ErrDimensionMismatch, fmt.Sprintf(
			"vectors of %d and %d values where the embedder gives %d", len(a), len(b), dimension))
	}
	threshold, err := thresholdOf(embedder, 0)
	if err != nil {
		return Comparison{}, err
	}
	metric := Metric(C.facenet_embedder_metric(embedder))
	distance, err := Distance(a, b, metric)
	if err != nil {
		return Comparison{}, err
	}
	return Comparison{distance, threshold, metric.Within(distance, threshold.Distance)}, nil
}
