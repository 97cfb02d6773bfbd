package facenet

// #include <facenet.h>
import "C"

import (
	"encoding/json"
	"fmt"
	"strings"
	"unsafe"
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

// Findings are what [Examine] found on a machine.
type Findings struct {
	// Whether a runtime can be made on the CPU and the models are whole.
	Works bool
	// Whether ONNX Runtime sends usage data: never.
	Telemetry bool
	// Version of this library.
	Version string
	// Operating system and processor that the library was built for, as "linux x86_64".
	Platform string
	// Why no runtime can be made with the options, whatever the machine; "" if one can.
	OptionsProblem string
	// The maker's name of the processor.
	Processor string
	// Those of its extensions that make networks fast.
	ProcessorFeatures []string
	// Cores of the machine, and those that this process may use.
	Cores, UsableCores int
	// File of the ONNX Runtime library, its version, and how it was found; "" if there is none.
	Library, LibraryVersion, LibrarySource string
	// Why there is none; "" if there is one.
	LibraryProblem string
	// The providers; none without the library.
	Providers []ProviderFinding
	GPUs      []GPUFinding
	// Why there are none; "" if there are.
	GPUsProblem string
	// Folder with the models that ship; "" if there is none.
	ModelsFolder string
	// Why there is none; "" if there is one.
	ModelsProblem string
	// The models that ship; none without the folder.
	Models []ModelFinding
	// What to do to make more of this machine, most urgent first.
	Advice []string
}

// ProviderFinding says whether a provider runs on a machine.
type ProviderFinding struct {
	// "cpu", "cuda:0", "tensorrt:0".
	Name string
	// Why it does not run; "" if it does.
	Problem string
}

// GPUFinding is a GPU.
type GPUFinding struct {
	Name string
	// Bytes of memory.
	Memory uint64
	// CUDA compute capability, before and after the point.
	CapabilityMajor, CapabilityMinor int
}

// ModelFinding is a model file that ships with the library.
type ModelFinding struct {
	File string
	// What is wrong with it; "" if every byte is right.
	Problem string
	// Bytes of the file; 0 if it is not there.
	Size uint64
}

// Examine looks at this machine, as [Doctor] does, for programs that act on what is found. Options may be nil.
func Examine(options *RuntimeOptions) (*Findings, error) {
	var made *C.facenet_findings
	err := options.with(func(options *C.facenet_runtime_options) error {
		return call(func() C.facenet_status { return C.facenet_findings_new(options, &made) })
	})
	if err != nil {
		return nil, err
	}
	defer C.facenet_findings_free(made)
	// GoString of NULL is "".
	found := &Findings{
		Works:             made.works == 1,
		Telemetry:         made.telemetry == 1,
		Version:           C.GoString(made.version),
		Platform:          C.GoString(made.platform),
		OptionsProblem:    C.GoString(made.options_problem),
		Processor:         C.GoString(made.processor),
		ProcessorFeatures: strings.Fields(C.GoString(made.processor_features)),
		Cores:             int(made.cores),
		UsableCores:       int(made.usable_cores),
		Library:           C.GoString(made.library),
		LibraryVersion:    C.GoString(made.library_version),
		LibrarySource:     C.GoString(made.library_source),
		LibraryProblem:    C.GoString(made.library_problem),
		GPUsProblem:       C.GoString(made.gpus_problem),
		ModelsFolder:      C.GoString(made.models_folder),
		ModelsProblem:     C.GoString(made.models_problem),
	}
	for _, one := range unsafe.Slice(made.providers, made.provider_count) {
		found.Providers = append(found.Providers, ProviderFinding{C.GoString(one.name), C.GoString(one.problem)})
	}
	for _, one := range unsafe.Slice(made.gpus, made.gpu_count) {
		found.GPUs = append(found.GPUs, GPUFinding{
			Name:            C.GoString(one.name),
			Memory:          uint64(one.memory),
			CapabilityMajor: int(one.capability_major),
			CapabilityMinor: int(one.capability_minor),
		})
	}
	for _, one := range unsafe.Slice(made.models, made.model_count) {
		found.Models = append(found.Models, ModelFinding{C.GoString(one.file), C.GoString(one.problem), uint64(one.size)})
	}
	for _, one := range unsafe.Slice(made.advice, made.advice_count) {
		found.Advice = append(found.Advice, C.GoString(one))
	}
	return found, nil
}
