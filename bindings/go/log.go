package facenet

// #include <facenet.h>
// extern void facenetGoLog(char *message, void *user);
import "C"

import (
	"sync/atomic"
	"unsafe"
)

var logger atomic.Pointer[func(message string)]

// LogTo sends what the library has to say beside its results, faults of its own among it, to a function, or nowhere if that
// is nil, as at first. It holds for the whole process. The function may be called on any goroutine, several at once, and must
// not call this package.
func LogTo(say func(message string)) error {
	if say == nil {
		logger.Store(nil)
		return call(func() C.facenet_status { return C.facenet_log_to(nil, nil) })
	}
	logger.Store(&say)
	return call(func() C.facenet_status {
		return C.facenet_log_to(C.facenet_log_callback(C.facenetGoLog), nil)
	})
}

//export facenetGoLog
func facenetGoLog(message *C.char, _ unsafe.Pointer) {
	if say := logger.Load(); say != nil {
		(*say)(C.GoString(message))
	}
}
