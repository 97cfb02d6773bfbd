package facenet

// #include <facenet.h>
import "C"

import (
	"context"
)

// AlignFolderOptions say what [Runtime.AlignFolder] writes: begin with [DefaultAlignFolderOptions].
type AlignFolderOptions struct {
	// Width and height of an aligned face in pixels, 1 to 4096; 160.
	ImageSize uint32
	// Pixels by which the detected box is made wider and higher; 32.
	Margin uint32
	// Whether to write every face of an image, not the most central one.
	MultipleFaces bool
	// Whether to try again images that gave no face in an earlier call.
	RetryFailed bool
	// To share the work among machines: the number of this part of the images, from 1, and the number of parts; 1 and 1.
	Part, Parts uint32
	// [OrderSorted] by default.
	Order Order
	// Most images that are worked on together, 1 or more; 64.
	Batch uint32
	// For [OrderRandom]: the same seed gives the same order.
	Seed uint64
}

// Order is the order in which the images of a folder are worked on.
type Order uint32

const (
	// OrderSorted is by name.
	OrderSorted Order = C.FACENET_ORDER_SORTED
	// OrderRandom is shuffled: processes that share an output folder get in each other's way less with different seeds.
	OrderRandom Order = C.FACENET_ORDER_RANDOM
)

// DefaultAlignFolderOptions are those of facenet's align_dataset_mtcnn, with the size of the model that ships.
func DefaultAlignFolderOptions() AlignFolderOptions {
	var o C.facenet_align_folder_options
	C.facenet_align_folder_options_init(&o, C.sizeof_facenet_align_folder_options)
	return AlignFolderOptions{
		ImageSize:     uint32(o.image_size),
		Margin:        uint32(o.margin),
		MultipleFaces: o.multiple_faces == 1,
		RetryFailed:   o.retry_failed == 1,
		Part:          uint32(o.part),
		Parts:         uint32(o.parts),
		Order:         Order(o.order),
		Batch:         uint32(o.batch),
		Seed:          uint64(o.seed),
	}
}

func (o *AlignFolderOptions) c() *C.facenet_align_folder_options {
	if o == nil {
		return nil
	}
	options := new(C.facenet_align_folder_options)
	C.facenet_align_folder_options_init(options, C.sizeof_facenet_align_folder_options)
	options.image_size = C.uint32_t(o.ImageSize)
	options.margin = C.uint32_t(o.Margin)
	options.multiple_faces = flag(o.MultipleFaces)
	options.retry_failed = flag(o.RetryFailed)
	options.part = C.uint32_t(o.Part)
	options.parts = C.uint32_t(o.Parts)
	options.order = C.facenet_order(o.Order)
	options.batch = C.uint32_t(o.Batch)
	options.seed = C.uint64_t(o.Seed)
	return options
}

// AlignSummary says what came of aligning a folder. Every image is in one of the counts from DoneBefore to Broken.
type AlignSummary struct {
	// Images in the folder, or in this part of it.
	Images uint64
	// Images whose faces were there already.
	DoneBefore uint64
	// Images without a face, or broken, according to an earlier call.
	FailedBefore uint64
	// Images that would be written to the output of another image (a.png beside a.jpg).
	Duplicates uint64
	// Images of which a face was written.
	Aligned uint64
	// Images without a face.
	NoFace uint64
	// Images that could not be read or cut.
	Broken uint64
	// Faces that were written.
	Faces uint64
	// Folders and links that could not be read.
	Unreadable uint64
}

// AlignFolder makes a folder of people's photos into a folder of aligned faces: input/Name/a.jpg becomes output/Name/a.png. A
// call that was stopped is taken up by the next one with the same folders; several processes may share them. Images that gave
// no face are named, with the reason, in align_report_NNNNN.jsonl in the output folder.
//
// Selection of the detector's options is not used. Options and progress, which counts images, may be nil.
func (r *Runtime) AlignFolder(
	ctx context.Context, input, output string, detector *DetectorOptions, options *AlignFolderOptions, progress Progress,
) (AlignSummary, error) {
	runtime, err := r.acquire()
	if err != nil {
		return AlignSummary{}, err
	}
	defer r.release()
	texts, free, err := toC(input, output)
	if err != nil {
		return AlignSummary{}, err
	}
	defer free()
	s := C.facenet_align_summary{struct_size: C.sizeof_facenet_align_summary}
	err = detector.with(func(detector *C.facenet_detector_options) error {
		return long(ctx, progress, func(call *C.facenet_call) C.facenet_status {
			return C.facenet_align_folder(runtime, texts[0], texts[1], detector, options.c(), call, &s)
		})
	})
	return AlignSummary{
		Images:       uint64(s.images),
		DoneBefore:   uint64(s.done_before),
		FailedBefore: uint64(s.failed_before),
		Duplicates:   uint64(s.duplicates),
		Aligned:      uint64(s.aligned),
		NoFace:       uint64(s.no_face),
		Broken:       uint64(s.broken),
		Faces:        uint64(s.faces),
		Unreadable:   uint64(s.unreadable),
	}, err
}

// ExportSummary says what came of an export.
type ExportSummary struct {
	// Images in the folder.
	Images uint64
	// Images that were exported before.
	DoneBefore uint64
	// Images that this call has looked at.
	Processed uint64
	// Faces among them.
	Faces uint64
	// Those without a face, or broken: they are named in failures.jsonl.
	Failed uint64
}

// ExportFolder writes the vectors of a folder of people as NumPy arrays and Parquet files. A call that was stopped is taken up
// by the next one with the same folders. Progress, which counts images, may be nil.
func ExportFolder(
	ctx context.Context, extractor Extractor, input, output string, progress Progress,
) (ExportSummary, error) {
	return ExportFolderWith(ctx, extractor, input, output, nil, progress)
}

// ExportOptions are settings of an export: begin with [DefaultExportOptions].
type ExportOptions struct {
	// About how many images go into a Parquet file, 1 or more; 512. The memory needed grows with it.
	PartSize uint32
	// To share the work among machines: the number of this part of the Parquet files, from 1, and the number of parts; 1 and 1.
	Part, Parts uint32
	// Name of the array of vectors; empty for embeddings.npy.
	EmbeddingsName string
	// Name of the array of numbers of people; empty for labels.npy.
	LabelsName string
	// Name of the array of names of people; empty for label_strings.npy.
	LabelStringsName string
}

// DefaultExportOptions are those of [ExportFolder].
func DefaultExportOptions() ExportOptions {
	var o C.facenet_export_options
	C.facenet_export_options_init(&o, C.sizeof_facenet_export_options)
	return ExportOptions{PartSize: uint32(o.part_size), Part: uint32(o.part), Parts: uint32(o.parts)}
}

// ExportFolderWith is [ExportFolder] with options, which may be nil.
func ExportFolderWith(
	ctx context.Context, extractor Extractor, input, output string, options *ExportOptions, progress Progress,
) (ExportSummary, error) {
	o := DefaultExportOptions()
	if options != nil {
		o = *options
	}
	var settings C.facenet_export_options
	C.facenet_export_options_init(&settings, C.sizeof_facenet_export_options)
	settings.part_size = C.uint32_t(o.PartSize)
	settings.part = C.uint32_t(o.Part)
	settings.parts = C.uint32_t(o.Parts)
	names, free, err := toC(o.EmbeddingsName, o.LabelsName, o.LabelStringsName)
	if err != nil {
		return ExportSummary{}, err
	}
	defer free()
	settings.embeddings_name = optional(names[0])
	settings.labels_name = optional(names[1])
	settings.label_strings_name = optional(names[2])
	s := C.facenet_export_summary{struct_size: C.sizeof_facenet_export_summary}
	err = overFolder(extractor, []string{input, output}, func(
		embedder *C.facenet_embedder, pipeline *C.facenet_pipeline, paths []*C.char,
	) error {
		return long(ctx, progress, func(call *C.facenet_call) C.facenet_status {
			return C.facenet_export_folder_with(embedder, pipeline, paths[0], paths[1], &settings, call, &s)
		})
	})
	return ExportSummary{
		Images:     uint64(s.images),
		DoneBefore: uint64(s.done_before),
		Processed:  uint64(s.processed),
		Faces:      uint64(s.faces),
		Failed:     uint64(s.failed),
	}, err
}
