package facenet

// #include "shim.h"
import "C"

import "unsafe"

// EmbeddedFace is a face that was found, with its crop and its vector.
type EmbeddedFace struct {
	Face
	// The face as the network saw it.
	Crop *RGB
	// Of length one.
	Vector []float32
}

// Pipeline finds, aligns and embeds the faces of pictures.
type Pipeline struct {
	*handle[*C.facenet_pipeline]
	dimension int
}

// NewPipeline makes a pipeline of the detector that ships and the model of the embedder; faces are cut as that model needs.
// Either options may be nil.
func NewPipeline(runtime *Runtime, detector *DetectorOptions, embedder *EmbedderOptions) (*Pipeline, error) {
	on, err := runtime.acquire()
	if err != nil {
		return nil, err
	}
	defer runtime.release()
	var made *C.facenet_pipeline
	if err := detector.with(func(detector *C.facenet_detector_options) error {
		return embedder.with(func(embedder *C.facenet_embedder_options) C.facenet_status {
			return C.facenet_pipeline_new(on, detector, embedder, &made)
		})
	}); err != nil {
		return nil, err
	}
	pipeline := &Pipeline{handle: newHandle(made, func(p *C.facenet_pipeline) { C.facenet_pipeline_free(p) })}
	model, err := pipeline.Embedder()
	if err != nil {
		return nil, err
	}
	defer model.Close()
	pipeline.dimension = model.Dimension()
	return pipeline, nil
}

// Embedder gives the embedder of a pipeline, to ask for thresholds, metric and fingerprint. It shares the pipeline's model.
func (p *Pipeline) Embedder() (*Embedder, error) {
	pipeline, err := p.acquire()
	if err != nil {
		return nil, err
	}
	defer p.release()
	var made *C.facenet_embedder
	if err := call(func() C.facenet_status { return C.facenet_pipeline_embedder(pipeline, &made) }); err != nil {
		return nil, err
	}
	return newEmbedder(made), nil
}

// Process finds, aligns and embeds the faces of a picture, none if there is none.
func (p *Pipeline) Process(picture Picture) ([]EmbeddedFace, error) {
	return p.process(picture, nil)
}

// ProcessIn finds, aligns and embeds the faces in a part of a picture, in the coordinates of the whole.
func (p *Pipeline) ProcessIn(picture Picture, region Rect) ([]EmbeddedFace, error) {
	return p.process(picture, region.c())
}

// ProcessFile finds, aligns and embeds the faces of an image file.
func (p *Pipeline) ProcessFile(path string) ([]EmbeddedFace, error) {
	image, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	return p.Process(image)
}

func (p *Pipeline) process(picture Picture, region *C.facenet_rect) ([]EmbeddedFace, error) {
	pipeline, err := p.acquire()
	if err != nil {
		return nil, err
	}
	defer p.release()
	var found *C.facenet_embedded_faces
	err = withPixels(picture, func(pixels *pixels) C.facenet_status {
		return C.shim_pipeline_process(pipeline, &pixels.shape, pixels.planes[0], pixels.planes[1], pixels.planes[2],
			pixels.planes[3], region, &found)
	})
	if err != nil {
		return nil, err
	}
	defer C.facenet_embedded_faces_free(found)
	return p.faces(found), nil
}

// ProcessBatch finds, aligns and embeds the faces of many pictures; all networks run on faces of many pictures at once. The
// pictures are the library's, because C cannot be lent any number of frames in Go's memory; [NewImage] makes them of frames.
func (p *Pipeline) ProcessBatch(pictures []*Image) ([][]EmbeddedFace, error) {
	pipeline, err := p.acquire()
	if err != nil {
		return nil, err
	}
	defer p.release()
	frames := make([]C.facenet_frame, len(pictures))
	for i, picture := range pictures {
		if picture == nil {
			return nil, refuse(ErrInvalidArgument, "a picture is nil")
		}
		image, err := picture.acquire()
		if err != nil {
			return nil, err
		}
		defer picture.release()
		C.facenet_frame_init(&frames[i], C.sizeof_facenet_frame)
		if err := call(func() C.facenet_status { return C.facenet_image_frame(image, &frames[i]) }); err != nil {
			return nil, err
		}
	}
	found := make([]*C.facenet_embedded_faces, len(pictures))
	err = call(func() C.facenet_status {
		return C.facenet_pipeline_process_batch(pipeline, first[C.facenet_frame](frames), C.size_t(len(frames)),
			first[*C.facenet_embedded_faces](found))
	})
	if err != nil {
		return nil, err
	}
	faces := make([][]EmbeddedFace, len(pictures))
	for i, found := range found {
		defer C.facenet_embedded_faces_free(found)
		faces[i] = p.faces(found)
	}
	return faces, nil
}

// faces copies what was found into Go's memory.
func (p *Pipeline) faces(found *C.facenet_embedded_faces) []EmbeddedFace {
	faces := make([]EmbeddedFace, C.facenet_embedded_faces_count(found))
	for i := range faces {
		index := C.size_t(i)
		vector := unsafe.Slice((*float32)(unsafe.Pointer(C.facenet_embedded_faces_embedding(found, index))), p.dimension)
		faces[i] = EmbeddedFace{
			Face:   faceOf(C.facenet_embedded_faces_face(found, index)),
			Crop:   rgb(C.facenet_embedded_faces_crop(found, index)),
			Vector: append([]float32(nil), vector...),
		}
	}
	return faces
}
