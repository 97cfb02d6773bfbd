package facenet

// #include "shim.h"
import "C"

import (
	"image"
	"unsafe"
)

// Image is an upright picture of 8-bit RGB in the library's memory. It never changes.
type Image struct {
	*handle[*C.facenet_image]
}

func newImage(made *C.facenet_image) *Image {
	return &Image{newHandle(made, func(i *C.facenet_image) { C.facenet_image_free(i) })}
}

// Open reads an image file: JPEG, PNG, WebP, BMP, TIFF or GIF, and where libheif is installed HEIC or AVIF, known by its
// content. Exif orientation is applied.
func Open(path string) (*Image, error) {
	texts, free, err := toC(path)
	if err != nil {
		return nil, err
	}
	defer free()
	var made *C.facenet_image
	if err := call(func() C.facenet_status { return C.facenet_image_open(texts[0], &made) }); err != nil {
		return nil, err
	}
	return newImage(made), nil
}

// Decode reads an image file that is in memory, as [Open].
func Decode(file []byte) (*Image, error) {
	var made *C.facenet_image
	if err := call(func() C.facenet_status {
		return C.facenet_image_decode(first[C.uint8_t](file), C.size_t(len(file)), &made)
	}); err != nil {
		return nil, err
	}
	return newImage(made), nil
}

// NewImage makes an upright picture of a frame of any format.
func NewImage(picture Picture) (*Image, error) {
	var made *C.facenet_image
	err := withPixels(picture, func(p *pixels) C.facenet_status {
		return C.shim_image_from_frame(&p.shape, p.planes[0], p.planes[1], p.planes[2], p.planes[3], &made)
	})
	if err != nil {
		return nil, err
	}
	return newImage(made), nil
}

// Bounds is the size of the picture in pixels; empty after Close.
func (i *Image) Bounds() image.Rectangle {
	picture, err := i.acquire()
	if err != nil {
		return image.Rectangle{}
	}
	defer i.release()
	return bounds(picture)
}

// RGB copies the picture into Go's memory.
func (i *Image) RGB() (*RGB, error) {
	picture, err := i.acquire()
	if err != nil {
		return nil, err
	}
	defer i.release()
	return rgb(picture), nil
}

// Save writes a picture to a file that appears whole or not at all: PNG if the name ends in .png, JPEG if in .jpg or .jpeg.
func (i *Image) Save(path string) error {
	picture, err := i.acquire()
	if err != nil {
		return err
	}
	defer i.release()
	texts, free, err := toC(path)
	if err != nil {
		return err
	}
	defer free()
	return call(func() C.facenet_status { return C.facenet_image_save(picture, texts[0]) })
}

func (i *Image) borrow() (Frame, func(), error) {
	if i == nil {
		return Frame{}, nil, refuse(ErrInvalidArgument, "the picture is nil")
	}
	picture, err := i.acquire()
	if err != nil {
		return Frame{}, nil, err
	}
	size := bounds(picture)
	return packed(FormatRGB, size, seen(picture), 3*size.Dx()), i.release, nil
}

// rgb is a copy of a picture.
func rgb(picture *C.facenet_image) *RGB {
	copied := NewRGB(bounds(picture))
	copy(copied.Pix, seen(picture))
	return copied
}

func bounds(picture *C.facenet_image) image.Rectangle {
	return image.Rect(0, 0, int(C.facenet_image_width(picture)), int(C.facenet_image_height(picture)))
}

// seen is the memory of a picture.
func seen(picture *C.facenet_image) []byte {
	data := (*byte)(unsafe.Pointer(C.facenet_image_data(picture)))
	size := bounds(picture)
	return unsafe.Slice(data, 3*size.Dx()*size.Dy())
}
