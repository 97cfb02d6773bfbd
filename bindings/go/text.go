package facenet

// #include <stdlib.h>
// #include <facenet.h>
import "C"

import (
	"fmt"
	"strings"
	"unsafe"
)

// toC copies texts to C, where they live until free is called. Those with a zero byte, which C would take to end there, are
// refused.
func toC(texts ...string) (copies []*C.char, free func(), err error) {
	for _, text := range texts {
		if strings.IndexByte(text, 0) >= 0 {
			return nil, nil, refuse(ErrInvalidArgument, fmt.Sprintf("%q has a zero byte in it", text))
		}
	}
	for _, text := range texts {
		copies = append(copies, C.CString(text))
	}
	return copies, func() {
		for _, text := range copies {
			C.free(unsafe.Pointer(text))
		}
	}, nil
}

// optional is NULL for an empty text.
func optional(text *C.char) *C.char {
	if *text == 0 {
		return nil
	}
	return text
}

// filled gives the text that a call writes to a buffer, asking again with a larger one where the first is too small.
func filled(fill func(buffer *C.char, capacity C.size_t, needed *C.size_t) C.facenet_status) (string, error) {
	buffer := make([]byte, 4096)
	for {
		var needed C.size_t
		err := call(func() C.facenet_status {
			return fill((*C.char)(unsafe.Pointer(&buffer[0])), C.size_t(len(buffer)), &needed)
		})
		if err != nil {
			return "", err
		}
		if int(needed) < len(buffer) {
			return string(buffer[:needed]), nil
		}
		buffer = make([]byte, needed+1)
	}
}
