package facenet

// #include "shim.h"
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
)

// ClassifierKind is a way to name faces.
type ClassifierKind uint32

// Ways to name faces.
const (
	// The nearest template, or nobody.
	ClassifierTemplate ClassifierKind = C.FACENET_CLASSIFIER_TEMPLATE
	// A linear support vector machine with probabilities. It cannot say "nobody".
	ClassifierSVM ClassifierKind = C.FACENET_CLASSIFIER_SVM
	// A softmax over a linear score for each person: multinomial logistic regression. It can say "nobody" if there are strangers
	// or a threshold in its options.
	ClassifierSoftmax ClassifierKind = C.FACENET_CLASSIFIER_SOFTMAX
)

// ClassifierOptions say how to learn: begin with [DefaultClassifierOptions].
type ClassifierOptions struct {
	Kind ClassifierKind
	// For templates: keep every vector, not the mean of each person.
	KeepEach bool
	// For templates, and a softmax with strangers: false positive identification rate, between 0 and 1, by which the threshold
	// is chosen; 0.01.
	FPIR float64
	// The threshold itself: of templates a cosine from -1 to 1, of a softmax a probability; NaN to choose it by FPIR.
	Threshold float64
	// For templates and a softmax: vectors of people who are not to be recognised, by which the threshold is chosen too, that
	// of a softmax by them alone; may be empty.
	Strangers Vectors
	// For support vector machines and a softmax: the penalty of errors; NaN for 1 and 10.
	Cost float64
	// The same seed gives the same machine.
	Seed uint64
	// For a softmax: each person counts the same however many vectors there are.
	Balanced bool
}

// DefaultClassifierOptions are templates with a threshold by rate.
func DefaultClassifierOptions() ClassifierOptions {
	var o C.facenet_classifier_options
	C.facenet_classifier_options_init(&o, C.sizeof_facenet_classifier_options)
	return ClassifierOptions{
		Kind:      ClassifierKind(o.kind),
		KeepEach:  o.keep_each == 1,
		FPIR:      float64(o.fpir),
		Threshold: float64(o.threshold),
		Cost:      float64(o.cost),
		Seed:      uint64(o.seed),
		Balanced:  o.balanced == 1,
	}
}

// c gives the options in C's terms, without the strangers.
func (o *ClassifierOptions) c() *C.facenet_classifier_options {
	options := new(C.facenet_classifier_options)
	C.facenet_classifier_options_init(options, C.sizeof_facenet_classifier_options)
	options.kind = C.facenet_classifier_kind(o.Kind)
	options.keep_each = flag(o.KeepEach)
	options.fpir = C.double(o.FPIR)
	options.threshold = C.double(o.Threshold)
	options.cost = C.double(o.Cost)
	options.seed = C.uint64_t(o.Seed)
	options.balanced = flag(o.Balanced)
	return options
}

// Classifier names the faces of people whom it was trained on.
type Classifier struct {
	*handle[*C.facenet_classifier]
}

func newClassifier(made *C.facenet_classifier) *Classifier {
	return &Classifier{newHandle(made, func(c *C.facenet_classifier) { C.facenet_classifier_free(c) })}
}

// Train learns to name people. The embedder is what made the vectors; people are the names of those whose vectors they are,
// one for each vector, and are numbered as they come first. Options and progress may be nil.
func Train(
	ctx context.Context, embedder *Embedder, vectors Vectors, people []string, options *ClassifierOptions, progress Progress,
) (*Classifier, error) {
	by, err := embedder.acquire()
	if err != nil {
		return nil, err
	}
	defer embedder.release()
	if options == nil {
		defaults := DefaultClassifierOptions()
		options = &defaults
	}
	if err := vectors.of(by); err != nil {
		return nil, err
	}
	if options.Strangers.Count() > 0 {
		if err := options.Strangers.of(by); err != nil {
			return nil, err
		}
	}
	if len(people) != vectors.Count() {
		return nil, refuse(ErrInvalidArgument, fmt.Sprintf("%d vectors and %d names", vectors.Count(), len(people)))
	}
	names, numbers := numbered(people)
	texts, free, err := toC(names...)
	if err != nil {
		return nil, err
	}
	defer free()
	var made *C.facenet_classifier
	err = long(ctx, progress, func(call *C.facenet_call) C.facenet_status {
		return C.shim_classifier_train(by, first[C.float](vectors.Values), first[C.uint32_t](numbers),
			C.size_t(vectors.Count()), first[*C.char](texts), C.size_t(len(names)), options.c(),
			first[C.float](options.Strangers.Values), C.size_t(options.Strangers.Count()), call, &made)
	})
	if err != nil {
		return nil, err
	}
	return newClassifier(made), nil
}

// numbered gives different names, and the number of the name at each place.
func numbered(people []string) (names []string, numbers []uint32) {
	known := make(map[string]uint32)
	for _, name := range people {
		number, found := known[name]
		if !found {
			number = uint32(len(names))
			known[name] = number
			names = append(names, name)
		}
		numbers = append(numbers, number)
	}
	return names, numbers
}

// LoadClassifier reads a classifier from a file. Everything in it is checked.
func LoadClassifier(path string) (*Classifier, error) {
	texts, free, err := toC(path)
	if err != nil {
		return nil, err
	}
	defer free()
	var made *C.facenet_classifier
	if err := call(func() C.facenet_status { return C.facenet_classifier_load(texts[0], &made) }); err != nil {
		return nil, err
	}
	return newClassifier(made), nil
}

// Save writes a classifier to a file that appears whole or not at all: numbers and text, nothing that could run.
func (c *Classifier) Save(path string) error {
	classifier, err := c.acquire()
	if err != nil {
		return err
	}
	defer c.release()
	texts, free, err := toC(path)
	if err != nil {
		return err
	}
	defer free()
	return call(func() C.facenet_status { return C.facenet_classifier_save(classifier, texts[0]) })
}

// Names are the names of the people, by their numbers.
func (c *Classifier) Names() ([]string, error) {
	classifier, err := c.acquire()
	if err != nil {
		return nil, err
	}
	defer c.release()
	names := make([]string, C.facenet_classifier_count(classifier))
	for i := range names {
		names[i], err = filled(func(buffer *C.char, capacity C.size_t, needed *C.size_t) C.facenet_status {
			return C.facenet_classifier_name(classifier, C.size_t(i), buffer, capacity, needed)
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// Info says what a classifier is, as JSON: the model it was trained on, the people, and for templates the threshold with the
// error rates measured at it.
func (c *Classifier) Info() (json.RawMessage, error) {
	classifier, err := c.acquire()
	if err != nil {
		return nil, err
	}
	defer c.release()
	info, err := filled(func(buffer *C.char, capacity C.size_t, needed *C.size_t) C.facenet_status {
		return C.facenet_classifier_info(classifier, buffer, capacity, needed)
	})
	return json.RawMessage(info), err
}

// Nobody is the number of no person.
const Nobody = -1

// Prediction says whose face a vector is of.
type Prediction struct {
	// Number of the person in [Classifier.Names]; [Nobody] if the face is of nobody known.
	Person int
	// The person with the highest score, known or not.
	Nearest int
	// The score of Nearest: a cosine for templates, a probability for support vector machines.
	Score float32
}

// Predict names the faces of vectors. The embedder is what made them; it fails with [ErrFingerprintMismatch] if the classifier
// was trained on those of another.
func (c *Classifier) Predict(embedder *Embedder, vectors Vectors) ([]Prediction, error) {
	classifier, err := c.acquire()
	if err != nil {
		return nil, err
	}
	defer c.release()
	by, err := embedder.acquire()
	if err != nil {
		return nil, err
	}
	defer embedder.release()
	if err := vectors.of(by); err != nil {
		return nil, err
	}
	found := make([]C.facenet_prediction, vectors.Count())
	for i := range found {
		found[i].struct_size = C.sizeof_facenet_prediction
	}
	if err := call(func() C.facenet_status {
		return C.facenet_classifier_predict(classifier, by, first[C.float](vectors.Values), C.size_t(len(found)),
			first[C.facenet_prediction](found))
	}); err != nil {
		return nil, err
	}
	predictions := make([]Prediction, len(found))
	for i, p := range found {
		predictions[i] = Prediction{int(p.person), int(p.nearest), float32(p.score)}
	}
	return predictions, nil
}
