package facenet

import (
	"runtime"
	"sync"
)

// handle owns a pointer P of the library. The pointer is freed when Close was called and the last call with it has ended.
type handle[P comparable] struct {
	mutex   sync.Mutex
	pointer P
	free    func(P)
	// Calls under way, and one more until Close.
	users  int
	closed bool
}

func newHandle[P comparable](pointer P, free func(P)) *handle[P] {
	h := &handle[P]{pointer: pointer, free: free, users: 1}
	runtime.SetFinalizer(h, (*handle[P]).Close)
	return h
}

// Close gives the memory back, as soon as the calls that are under way have ended. It always returns nil.
func (h *handle[P]) Close() error {
	if h == nil {
		return nil
	}
	h.mutex.Lock()
	first := !h.closed
	h.closed = true
	h.mutex.Unlock()
	if first {
		runtime.SetFinalizer(h, nil)
		h.release()
	}
	return nil
}

// acquire gives the pointer, which is valid until release.
func (h *handle[P]) acquire() (pointer P, err error) {
	if h == nil {
		return pointer, ErrClosed
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.closed {
		return pointer, ErrClosed
	}
	h.users++
	return h.pointer, nil
}

func (h *handle[P]) release() {
	h.mutex.Lock()
	h.users--
	last := h.users == 0
	h.mutex.Unlock()
	if last {
		h.free(h.pointer)
	}
}
