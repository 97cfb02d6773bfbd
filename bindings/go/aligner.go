package facenet

// #include "shim.h"
import "C"

import "image"

// Alignment is a way to cut faces out.
type Alignment uint32

// Ways to cut faces out.
const (
	// The box, widened and resized, not turned: facenet's way.
	AlignMargin Alignment = C.FACENET_ALIGNMENT_MARGIN
	// The landmarks brought onto the template of ArcFace.
	AlignArcFace Alignment = C.FACENET_ALIGNMENT_ARCFACE
)

// AlignerOptions are settings of an aligner: begin with [DefaultAlignerOptions].
type AlignerOptions struct {
	Alignment Alignment
	// Pixels by which the box is made wider and higher, half of them on each side; 32. For [AlignMargin].
	Margin uint32
	// Width and height of a crop in pixels, 1 to 4096; 160.
	Size uint32
}

// DefaultAlignerOptions are those of the model that ships.
func DefaultAlignerOptions() AlignerOptions {
	var o C.facenet_aligner_options
	C.facenet_aligner_options_init(&o, C.sizeof_facenet_aligner_options)
	return AlignerOptions{Alignment: Alignment(o.alignment), Margin: uint32(o.margin), Size: uint32(o.size)}
}

func (o *AlignerOptions) c() *C.facenet_aligner_options {
	if o == nil {
		return nil
	}
	options := new(C.facenet_aligner_options)
	C.facenet_aligner_options_init(options, C.sizeof_facenet_aligner_options)
	options.alignment = C.facenet_alignment(o.Alignment)
	options.margin = C.uint32_t(o.Margin)
	options.size = C.uint32_t(o.Size)
	return options
}

// Aligner cuts faces out of pictures: square, upright, 8-bit RGB.
type Aligner struct {
	*handle[*C.facenet_aligner]
}

func newAligner(made *C.facenet_aligner) *Aligner {
	return &Aligner{newHandle(made, func(a *C.facenet_aligner) { C.facenet_aligner_free(a) })}
}

// NewAligner makes an aligner. To cut faces as an embedder needs them, use [Embedder.Aligner]. Options may be nil.
func NewAligner(options *AlignerOptions) (*Aligner, error) {
	var made *C.facenet_aligner
	if err := call(func() C.facenet_status { return C.facenet_aligner_new(options.c(), &made) }); err != nil {
		return nil, err
	}
	return newAligner(made), nil
}

// Size is the width and height of the crops in pixels; 0 after Close.
func (a *Aligner) Size() int {
	aligner, err := a.acquire()
	if err != nil {
		return 0
	}
	defer a.release()
	return int(C.facenet_aligner_size(aligner))
}

// Align cuts a face out of the picture in which it was found.
func (a *Aligner) Align(picture Picture, face Face) (*RGB, error) {
	aligner, err := a.acquire()
	if err != nil {
		return nil, err
	}
	defer a.release()
	size := int(C.facenet_aligner_size(aligner))
	crop := NewRGB(image.Rect(0, 0, size, size))
	err = withPixels(picture, func(p *pixels) C.facenet_status {
		return C.shim_aligner_align(aligner, &p.shape, p.planes[0], p.planes[1], p.planes[2], p.planes[3],
			face.c(), first[C.uint8_t](crop.Pix), C.size_t(len(crop.Pix)))
	})
	if err != nil {
		return nil, err
	}
	return crop, nil
}
