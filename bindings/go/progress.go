package facenet

// #include "shim.h"
// extern uint32_t facenetGoProgress(uint64_t done, uint64_t total, void *user);
import "C"

import (
	"context"
	"errors"
	"runtime/cgo"
	"sync"
	"unsafe"
)

// Progress is told how much of how much is done. It is called on other goroutines than the call's, by one at a time. A panic
// of it stops the call, and goes on where the call was made.
type Progress func(done, total uint64)

// watch is what a long call reports to.
type watch struct {
	mutex    sync.Mutex
	context  context.Context
	progress Progress
	panicked any
}

// tell says whether the call is to stop.
func (w *watch) tell(done, total uint64) (stop bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	defer func() {
		if panicked := recover(); panicked != nil {
			w.panicked, stop = panicked, true
		}
	}()
	if w.panicked == nil && w.progress != nil {
		w.progress(done, total)
	}
	return w.panicked != nil || w.context.Err() != nil
}

// long runs a function of C that takes long, and stops it when the context is done.
func long(ctx context.Context, progress Progress, body func(call *C.facenet_call) C.facenet_status) error {
	if err := ctx.Err(); err != nil {
		return &Error{Status: ErrCancelled, Message: err.Error(), cause: err}
	}
	var cancel *C.facenet_cancel
	if err := call(func() C.facenet_status { return C.facenet_cancel_new(&cancel) }); err != nil {
		return err
	}
	defer C.facenet_cancel_free(cancel)
	defer requestWhenDone(ctx, cancel)()
	w := &watch{context: ctx, progress: progress}
	listener := cgo.NewHandle(w)
	defer listener.Delete()
	made := C.shim_call_new(C.facenet_progress_callback(C.facenetGoProgress), C.uintptr_t(listener), cancel)
	defer C.free(unsafe.Pointer(made))
	err := call(func() C.facenet_status { return body(&made.call) })
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.panicked != nil {
		panic(w.panicked)
	}
	var failed *Error
	if errors.As(err, &failed) && failed.Status == ErrCancelled {
		failed.cause = ctx.Err()
	}
	return err
}

// requestWhenDone requests the stop when the context is done, until the function it returns was called.
func requestWhenDone(ctx context.Context, cancel *C.facenet_cancel) (end func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
			C.facenet_cancel_request(cancel)
		case <-over:
		}
	}()
	return func() {
		close(over)
		<-ended
	}
}

//export facenetGoProgress
func facenetGoProgress(done, total C.uint64_t, user unsafe.Pointer) C.uint32_t {
	w := cgo.Handle(*(*C.uintptr_t)(user)).Value().(*watch)
	return flag(w.tell(uint64(done), uint64(total)))
}

// flag is a truth value of C.
func flag(value bool) C.uint32_t {
	if value {
		return 1
	}
	return 0
}
