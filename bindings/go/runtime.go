package facenet

// #include <facenet.h>
import "C"

import (
	"encoding/json"
	"fmt"
)

// RuntimeOptions are settings of a runtime. The zero value is the defaults.
type RuntimeOptions struct {
	// What runs the networks: "cpu", "cuda", "cuda:1", "tensorrt", "tensorrt:1" or "auto"; "" for "cpu". It runs there or
	// is an error; only "auto" takes the best that works.
	Provider string
	// The ONNX Runtime library, or the folder it lies in; "" to look for it.
	Library string
	// The folder with the models that ship with the library; "" to look for it.
	Models string
	// The folder where TensorRT keeps its engines; "" for the user's cache folder.
	EngineCache string
	// Threads that work on one call, 1 to 1024; 0 for one a core.
	Threads uint32
}

// with hands the options to a function of C, NULL if they are nil.
func (o *RuntimeOptions) with(body func(*C.facenet_runtime_options) error) error {
	if o == nil {
		return body(nil)
	}
	texts, free, err := toC(o.Provider, o.Library, o.Models, o.EngineCache)
	if err != nil {
		return err
	}
	defer free()
	var options C.facenet_runtime_options
	C.facenet_runtime_options_init(&options, C.sizeof_facenet_runtime_options)
	options.provider = optional(texts[0])
	options.library = optional(texts[1])
	options.models = optional(texts[2])
	options.engine_cache = optional(texts[3])
	options.threads = C.uint32_t(o.Threads)
	return body(&options)
}

// Runtime is a loaded ONNX Runtime with a provider and worker threads.
type Runtime struct {
	*handle[*C.facenet_runtime]
}

// NewRuntime finds and loads ONNX Runtime, and starts the worker threads. A process uses one ONNX Runtime library: the first
// call loads it, later ones use the same. Options may be nil.
//
// The library is the first of: [RuntimeOptions].Library, the environment variables FACENET_ORT_DYLIB and ORT_DYLIB_PATH, a
// copy that the process has loaded, beside libfacenet, the Python package onnxruntime of the active environment, the system.
func NewRuntime(options *RuntimeOptions) (*Runtime, error) {
	// Numbers of the header that this package was compiled with.
	if got, want := uint32(C.facenet_abi_version()), uint32(C.FACENET_ABI_VERSION); got != want {
		return nil, refuse(ErrUnsupported, fmt.Sprintf(
			"libfacenet %s has ABI version %d, this program was compiled for %d: compile it again", Version(), got, want))
	}
	var made *C.facenet_runtime
	err := options.with(func(options *C.facenet_runtime_options) error {
		return call(func() C.facenet_status { return C.facenet_runtime_new(options, &made) })
	})
	if err != nil {
		return nil, err
	}
	return &Runtime{newHandle(made, func(r *C.facenet_runtime) { C.facenet_runtime_free(r) })}, nil
}

// Info says what a runtime runs on, as JSON: library, version, provider, threads, models, and the providers passed over.
func (r *Runtime) Info() (json.RawMessage, error) {
	runtime, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer r.release()
	info, err := filled(func(buffer *C.char, capacity C.size_t, needed *C.size_t) C.facenet_status {
		return C.facenet_runtime_info(runtime, buffer, capacity, needed)
	})
	return json.RawMessage(info), err
}

// Version is the version of libfacenet that is loaded, as "0.1.0".
func Version() string {
	return C.GoString(C.facenet_version())
}

// Doctor looks at this machine for a runtime with these options, which may be nil: a text that says what of it works, what
// does not, and what to do about it, and whether a runtime can be made and the models are whole. It does not fail because of
// what it finds.
func Doctor(options *RuntimeOptions) (report string, works bool, err error) {
	return examine(options, false)
}

// DoctorJSON is as [Doctor], for programs.
func DoctorJSON(options *RuntimeOptions) (report json.RawMessage, works bool, err error) {
	text, works, err := examine(options, true)
	return json.RawMessage(text), works, err
}

func examine(options *RuntimeOptions, asJSON bool) (report string, works bool, err error) {
	var sound C.uint32_t
	err = options.with(func(options *C.facenet_runtime_options) (err error) {
		report, err = filled(func(buffer *C.char, capacity C.size_t, needed *C.size_t) C.facenet_status {
			return C.facenet_doctor(options, flag(asJSON), &sound, buffer, capacity, needed)
		})
		return err
	})
	return report, sound == 1, err
}
