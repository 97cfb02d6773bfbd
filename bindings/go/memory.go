package facenet

// #include <stdlib.h>
// #include <facenet.h>
import "C"

import "unsafe"

// first points to the first of some values, or nowhere if there is none. T is C's name of the type V.
func first[T, V any](values []V) *T {
	if len(values) == 0 {
		return nil
	}
	return (*T)(unsafe.Pointer(&values[0]))
}

// toCBytes copies bytes to C, where they live until free is called: a struct that is handed over must not point into Go's memory.
func toCBytes(values []byte) (copied C.facenet_bytes, free func()) {
	if len(values) == 0 {
		return C.facenet_bytes{}, func() {}
	}
	pointer := C.CBytes(values)
	return C.facenet_bytes{data: (*C.uint8_t)(pointer), size: C.size_t(len(values))}, func() { C.free(pointer) }
}
