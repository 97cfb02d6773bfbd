package facenet

import "unsafe"

// first points to the first of some values, or nowhere if there is none. T is C's name of the type V.
func first[T, V any](values []V) *T {
	if len(values) == 0 {
		return nil
	}
	return (*T)(unsafe.Pointer(&values[0]))
}
