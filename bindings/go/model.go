package facenet

// #include <facenet.h>
import "C"

import "encoding/json"

// ColorOrder is the order of a model's channels.
type ColorOrder uint32

// Orders of channels.
const (
	// What is known of the model already, or the usual.
	ColorOrderDefault ColorOrder = C.FACENET_COLOR_ORDER_DEFAULT
	// Red, green, blue.
	ColorOrderRGB ColorOrder = C.FACENET_COLOR_ORDER_RGB
	// Blue, green, red.
	ColorOrderBGR ColorOrder = C.FACENET_COLOR_ORDER_BGR
)

// ModelImportOptions are what an imported model is to say of itself: begin with [DefaultModelImportOptions].
type ModelImportOptions struct {
	// Name of the model; "" for the file's.
	Name string
	// SPDX expression of the licence of the weights; "" if it is not known.
	License string
	// Every embedding network needs it, and the wrong one costs accuracy without an error. facenet's models of 2018 and
	// facenet-pytorch have [StandardizeFixed], facenet's of 2017 [StandardizePerImage].
	Standardization Standardization
	// A foreign ONNX file needs it.
	ColorOrder ColorOrder
	// Whether Alignment and Margin are given; a foreign ONNX file needs them.
	HasAlignment bool
	Alignment    Alignment
	// In pixels, for [AlignMargin].
	Margin uint32
	// Width and height of the input in pixels; 0 for the file's, or 160.
	InputSize uint32
	Metric    Metric
	// Whether to store weights as 32-bit floats, twice the size, not as 16 bits.
	FullPrecision bool
}

// DefaultModelImportOptions leave to the file what it says of itself.
func DefaultModelImportOptions() ModelImportOptions {
	var o C.facenet_model_import_options
	C.facenet_model_import_options_init(&o, C.sizeof_facenet_model_import_options)
	return ModelImportOptions{
		Standardization: Standardization(o.standardization),
		ColorOrder:      ColorOrder(o.color_order),
		HasAlignment:    o.has_alignment == 1,
		Alignment:       Alignment(o.alignment),
		Margin:          uint32(o.margin),
		InputSize:       uint32(o.input_size),
		Metric:          Metric(o.metric),
		FullPrecision:   o.full_precision == 1,
	}
}

// ImportModel makes a model file of a frozen TensorFlow graph (.pb), a safetensors file with facenet-pytorch's names, or an
// ONNX file. The target appears whole or not at all.
func ImportModel(source, target string, options ModelImportOptions) error {
	texts, free, err := toC(source, target, options.Name, options.License)
	if err != nil {
		return err
	}
	defer free()
	var o C.facenet_model_import_options
	C.facenet_model_import_options_init(&o, C.sizeof_facenet_model_import_options)
	o.name = optional(texts[2])
	o.license = optional(texts[3])
	o.standardization = C.facenet_standardization(options.Standardization)
	o.color_order = C.facenet_color_order(options.ColorOrder)
	o.has_alignment = flag(options.HasAlignment)
	o.alignment = C.facenet_alignment(options.Alignment)
	o.margin = C.uint32_t(options.Margin)
	o.input_size = C.uint32_t(options.InputSize)
	o.metric = C.facenet_metric(options.Metric)
	o.full_precision = flag(options.FullPrecision)
	return call(func() C.facenet_status { return C.facenet_model_import(texts[0], texts[1], &o) })
}

// ModelInfo is what a model file says of itself, as JSON. Every byte of its weights is checked.
func ModelInfo(path string) (json.RawMessage, error) {
	texts, free, err := toC(path)
	if err != nil {
		return nil, err
	}
	defer free()
	info, err := filled(func(buffer *C.char, capacity C.size_t, needed *C.size_t) C.facenet_status {
		return C.facenet_model_info(texts[0], buffer, capacity, needed)
	})
	return json.RawMessage(info), err
}
