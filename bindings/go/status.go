package facenet

// #cgo pkg-config: facenet
// #include <facenet.h>
import "C"

import (
	"errors"
	"io/fs"
	"runtime"
	"unsafe"
)

// Status is the kind of a failure. The numbers keep their meaning for ever. A Status is an error, to be compared with:
//
//	if errors.Is(err, facenet.ErrImageDecode) { ... }
type Status int32

// What can go wrong.
const (
	// An argument is outside of what the function accepts.
	ErrInvalidArgument Status = C.FACENET_ERROR_INVALID_ARGUMENT
	// A file or folder that was named does not exist. It is an fs.ErrNotExist too.
	ErrNotFound Status = C.FACENET_ERROR_NOT_FOUND
	// The operating system refused to read or write.
	ErrIO Status = C.FACENET_ERROR_IO
	// The context of the call is done.
	ErrCancelled Status = C.FACENET_ERROR_CANCELLED
	// A fault of the library.
	ErrInternal Status = C.FACENET_ERROR_INTERNAL
	// The operation exists, but not for this input or on this machine.
	ErrUnsupported Status = C.FACENET_ERROR_UNSUPPORTED
	// The library met a fault of its own and stopped the call. Close what took part; do not use it again.
	ErrPanic Status = C.FACENET_ERROR_PANIC
	// The description of a frame contradicts itself or its planes.
	ErrFrameInvalid Status = C.FACENET_ERROR_FRAME_INVALID
	// The bytes are not an image, or an image that breaks off.
	ErrImageDecode Status = C.FACENET_ERROR_IMAGE_DECODE
	// The image is of a kind the library does not read.
	ErrImageUnsupported Status = C.FACENET_ERROR_IMAGE_UNSUPPORTED
	// The image has more pixels than the limit.
	ErrImageTooLarge Status = C.FACENET_ERROR_IMAGE_TOO_LARGE
	// No face was found where one is needed.
	ErrNoFace Status = C.FACENET_ERROR_NO_FACE
	// ONNX Runtime was not found.
	ErrRuntimeNotFound Status = C.FACENET_ERROR_RUNTIME_NOT_FOUND
	// ONNX Runtime was found and does not load, or is too old.
	ErrRuntimeLoad Status = C.FACENET_ERROR_RUNTIME_LOAD
	// The wanted execution provider does not run here.
	ErrProviderUnavailable Status = C.FACENET_ERROR_PROVIDER_UNAVAILABLE
	// ONNX Runtime failed while running a model.
	ErrInference Status = C.FACENET_ERROR_INFERENCE
	// The file is not a model, or one that breaks off.
	ErrModelInvalid Status = C.FACENET_ERROR_MODEL_INVALID
	// The file is a model, but not of a kind the library runs.
	ErrModelUnsupported Status = C.FACENET_ERROR_MODEL_UNSUPPORTED
	// The model is not the one that was expected.
	ErrModelMismatch Status = C.FACENET_ERROR_MODEL_MISMATCH
	// Two embeddings come from different models or preprocessing.
	ErrFingerprintMismatch Status = C.FACENET_ERROR_FINGERPRINT_MISMATCH
	// Two vectors have different lengths, or a vector has the wrong one.
	ErrDimensionMismatch Status = C.FACENET_ERROR_DIMENSION_MISMATCH
	// A folder of images or a list file is not laid out as needed.
	ErrDatasetInvalid Status = C.FACENET_ERROR_DATASET_INVALID
)

// ErrClosed says that something was used after its Close.
var ErrClosed = errors.New("facenet: used after Close")

// Error gives the name of the status, such as "NotFound".
func (s Status) Error() string {
	return C.GoString(C.facenet_status_name(C.facenet_status(s)))
}

// Is says that [ErrNotFound] is an [fs.ErrNotExist].
func (s Status) Is(target error) bool {
	return s == ErrNotFound && target == fs.ErrNotExist
}

// Error is a call that failed.
type Error struct {
	// The kind of the failure.
	Status Status
	// What was wrong with which input, and what to do.
	Message string
	// Why the call was stopped, if it was.
	cause error
}

// Error gives the message and the name of the status.
func (e *Error) Error() string {
	return "facenet: " + e.Message + " (" + e.Status.Error() + ")"
}

// Is says whether target is the error of the context that stopped the call.
func (e *Error) Is(target error) bool {
	return e.cause != nil && errors.Is(e.cause, target)
}

// Unwrap gives the status.
func (e *Error) Unwrap() error {
	return e.Status
}

// call runs a function of C. The message of a failure belongs to the thread, which therefore is held until it is read.
func call(body func() C.facenet_status) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	status := body()
	if status == C.FACENET_OK {
		return nil
	}
	message := make([]byte, C.facenet_last_error(nil, 0)+1)
	length := C.facenet_last_error((*C.char)(unsafe.Pointer(&message[0])), C.size_t(len(message)))
	return &Error{Status: Status(status), Message: string(message[:length])}
}

// refuse is what the library would say of an argument that cannot be handed to it.
func refuse(status Status, message string) error {
	return &Error{Status: status, Message: message}
}
