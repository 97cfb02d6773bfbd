package facenet

// #include "shim.h"
import "C"

// Rect is a rectangle between two corners, in pixels of the stored picture. The x axis points right, the y axis down.
type Rect struct {
	X1 float32 `json:"x1"`
	Y1 float32 `json:"y1"`
	X2 float32 `json:"x2"`
	Y2 float32 `json:"y2"`
}

// Point is a position in pixels of the stored picture.
type Point struct {
	X float32 `json:"x"`
	Y float32 `json:"y"`
}

// Face is a face that was found.
type Face struct {
	// Bounding box; may reach past the edges of the picture.
	Rect Rect `json:"rect"`
	// Probability that this is a face, 0 to 1.
	Score float32 `json:"score"`
	// Left eye, right eye, nose, left and right corner of the mouth, as they lie in the picture.
	Landmarks [5]Point `json:"landmarks"`
}

// Selection says which faces of a picture are given back.
type Selection uint32

// Which faces.
const (
	// Every face, the most probable first.
	SelectAll Selection = C.FACENET_SELECTION_ALL
	// The face with the largest box.
	SelectLargest Selection = C.FACENET_SELECTION_LARGEST
	// The face with the best of area minus twice the squared distance to the centre.
	SelectCentral Selection = C.FACENET_SELECTION_CENTRAL
	// The face with the highest score.
	SelectMostProbable Selection = C.FACENET_SELECTION_MOST_PROBABLE
)

// Rotations says which ways up a picture is searched.
type Rotations uint32

// Which ways up.
const (
	// As it is given.
	RotateNone Rotations = C.FACENET_ROTATIONS_NONE
	// Also turned by 90, 180 and 270 degrees, of which the one counts whose faces have the highest sum of scores. Takes four
	// times the time.
	RotateQuarterTurns Rotations = C.FACENET_ROTATIONS_QUARTER_TURNS
)

// DetectorOptions are settings of a detector: begin with [DefaultDetectorOptions].
type DetectorOptions struct {
	// Smallest face that is looked for, in pixels, 4 to 65536; 20. Time grows with the inverse square.
	MinFaceSize float32
	// The same as a share of the shorter side of the picture, above 0 up to 1; 0 to use pixels.
	MinFaceShare float32
	// Probabilities that a face must reach in each of the three networks, each between 0 and 1; 0.6, 0.7, 0.7.
	Thresholds [3]float32
	// Which faces are given back; all.
	Selection Selection
	// Ratio of neighbouring sizes in the image pyramid, 0.1 to 0.95; 0.709.
	Factor float64
	// Most faces to give back; 0 for all.
	MaxFaces uint32
	// The files of P-Net, R-Net and O-Net in memory, for programs that have them in themselves; none for those that ship.
	Networks [3][]byte
	// Which ways up a picture is searched; as it is given.
	Rotations Rotations
}

// DefaultDetectorOptions are those of the facenet toolkit.
func DefaultDetectorOptions() DetectorOptions {
	var o C.facenet_detector_options
	C.facenet_detector_options_init(&o, C.sizeof_facenet_detector_options)
	return DetectorOptions{
		MinFaceSize:  float32(o.min_face_size),
		MinFaceShare: float32(o.min_face_share),
		Thresholds:   [3]float32{float32(o.thresholds[0]), float32(o.thresholds[1]), float32(o.thresholds[2])},
		Selection:    Selection(o.selection),
		Factor:       float64(o.factor),
		MaxFaces:     uint32(o.max_faces),
		Rotations:    Rotations(o.rotations),
	}
}

// with hands the options to a function of C, NULL if they are nil.
func (o *DetectorOptions) with(body func(*C.facenet_detector_options) error) error {
	if o == nil {
		return body(nil)
	}
	var options C.facenet_detector_options
	C.facenet_detector_options_init(&options, C.sizeof_facenet_detector_options)
	options.min_face_size = C.float(o.MinFaceSize)
	options.min_face_share = C.float(o.MinFaceShare)
	for i, threshold := range o.Thresholds {
		options.thresholds[i] = C.float(threshold)
	}
	options.selection = C.facenet_selection(o.Selection)
	options.factor = C.double(o.Factor)
	options.max_faces = C.uint32_t(o.MaxFaces)
	options.rotations = C.uint32_t(o.Rotations)
	for i, network := range o.Networks {
		given, free := toCBytes(network)
		defer free()
		options.networks[i] = given
	}
	return body(&options)
}

// Detector finds faces and their landmarks with MTCNN.
type Detector struct {
	*handle[*C.facenet_detector]
}

// NewDetector makes a detector, with the networks that ship with the library unless the options give others. Options may be nil.
func NewDetector(runtime *Runtime, options *DetectorOptions) (*Detector, error) {
	on, err := runtime.acquire()
	if err != nil {
		return nil, err
	}
	defer runtime.release()
	var made *C.facenet_detector
	if err := options.with(func(options *C.facenet_detector_options) error {
		return call(func() C.facenet_status { return C.facenet_detector_new(on, options, &made) })
	}); err != nil {
		return nil, err
	}
	return &Detector{newHandle(made, func(d *C.facenet_detector) { C.facenet_detector_free(d) })}, nil
}

// Detect finds the faces of a picture, none if there is none.
func (d *Detector) Detect(picture Picture) ([]Face, error) {
	return d.detect(picture, nil)
}

// DetectIn finds the faces in a part of a picture, in the coordinates of the whole. Only this part is converted.
func (d *Detector) DetectIn(picture Picture, region Rect) ([]Face, error) {
	return d.detect(picture, region.c())
}

// DetectFile finds the faces of an image file.
func (d *Detector) DetectFile(path string) ([]Face, error) {
	image, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	return d.Detect(image)
}

func (d *Detector) detect(picture Picture, region *C.facenet_rect) ([]Face, error) {
	detector, err := d.acquire()
	if err != nil {
		return nil, err
	}
	defer d.release()
	var found *C.facenet_faces
	err = withPixels(picture, func(p *pixels) C.facenet_status {
		return C.shim_detector_detect(
			detector, &p.shape, p.planes[0], p.planes[1], p.planes[2], p.planes[3], region, &found)
	})
	if err != nil {
		return nil, err
	}
	defer C.facenet_faces_free(found)
	faces := make([]Face, C.facenet_faces_count(found))
	for i := range faces {
		faces[i] = faceOf(C.facenet_faces_get(found, C.size_t(i)))
	}
	return faces, nil
}

func faceOf(face *C.facenet_face) Face {
	found := Face{
		Rect:  Rect{float32(face.rect.x1), float32(face.rect.y1), float32(face.rect.x2), float32(face.rect.y2)},
		Score: float32(face.score),
	}
	for i, point := range face.landmarks {
		found.Landmarks[i] = Point{float32(point.x), float32(point.y)}
	}
	return found
}

func (f Face) c() *C.facenet_face {
	face := &C.facenet_face{rect: *f.Rect.c(), score: C.float(f.Score)}
	for i, point := range f.Landmarks {
		face.landmarks[i] = C.facenet_point{x: C.float(point.X), y: C.float(point.Y)}
	}
	return face
}

func (r Rect) c() *C.facenet_rect {
	return &C.facenet_rect{x1: C.float(r.X1), y1: C.float(r.Y1), x2: C.float(r.X2), y2: C.float(r.Y2)}
}
