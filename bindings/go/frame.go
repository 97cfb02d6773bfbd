package facenet

// #include "shim.h"
import "C"

import (
	"fmt"
	"math"
	"unsafe"
)

// PixelFormat says how pixels lie in memory.
type PixelFormat uint32

// Formats of pixels. Widths and heights that a format halves are rounded up.
const (
	// Red, green, blue; 3 * width bytes a row.
	FormatRGB PixelFormat = C.FACENET_PIXEL_FORMAT_RGB
	// Blue, green, red; 3 * width bytes a row. OpenCV's order.
	FormatBGR PixelFormat = C.FACENET_PIXEL_FORMAT_BGR
	// Red, green, blue, alpha; 4 * width bytes a row. The alpha is dropped.
	FormatRGBA PixelFormat = C.FACENET_PIXEL_FORMAT_RGBA
	// Blue, green, red, alpha; 4 * width bytes a row. The alpha is dropped.
	FormatBGRA PixelFormat = C.FACENET_PIXEL_FORMAT_BGRA
	// Red, green, blue, one unused byte; 4 * width bytes a row.
	FormatRGBX PixelFormat = C.FACENET_PIXEL_FORMAT_RGBX
	// Blue, green, red, one unused byte; 4 * width bytes a row.
	FormatBGRX PixelFormat = C.FACENET_PIXEL_FORMAT_BGRX
	// Luma alone; width bytes a row.
	FormatGray8 PixelFormat = C.FACENET_PIXEL_FORMAT_GRAY8
	// 4:2:0 in two planes: Y, then U and V in turn.
	FormatNV12 PixelFormat = C.FACENET_PIXEL_FORMAT_NV12
	// 4:2:0 in two planes: Y, then V and U in turn.
	FormatNV21 PixelFormat = C.FACENET_PIXEL_FORMAT_NV21
	// 4:2:0 in three planes: Y, U, V.
	FormatI420 PixelFormat = C.FACENET_PIXEL_FORMAT_I420
	// 4:2:2 in one plane, also called YUYV: Y, U, Y, V; 4 * ceil(width / 2) bytes a row.
	FormatYUY2 PixelFormat = C.FACENET_PIXEL_FORMAT_YUY2
	// 4:2:2 in one plane: U, Y, V, Y; 4 * ceil(width / 2) bytes a row.
	FormatUYVY PixelFormat = C.FACENET_PIXEL_FORMAT_UYVY
)

// ColorRange says which values YUV pixels take.
type ColorRange uint32

// Ranges of values.
const (
	// What is usual for the format: limited for YUV, full for gray and RGB.
	RangeDefault ColorRange = C.FACENET_COLOR_RANGE_DEFAULT
	// Luma from 16 to 235, chroma from 16 to 240: what video decoders and most cameras give.
	RangeLimited ColorRange = C.FACENET_COLOR_RANGE_LIMITED
	// All values from 0 to 255: decoded JPEG and motion JPEG.
	RangeFull ColorRange = C.FACENET_COLOR_RANGE_FULL
)

// ColorMatrix says how YUV pixels were made of RGB.
type ColorMatrix uint32

// Matrices of YUV.
const (
	// BT.601 up to a height of 576, BT.709 above.
	MatrixDefault ColorMatrix = C.FACENET_COLOR_MATRIX_DEFAULT
	// ITU-R BT.601: standard definition, JPEG.
	MatrixBT601 ColorMatrix = C.FACENET_COLOR_MATRIX_BT601
	// ITU-R BT.709: high definition.
	MatrixBT709 ColorMatrix = C.FACENET_COLOR_MATRIX_BT709
	// ITU-R BT.2020, non-constant luminance: ultra high definition.
	MatrixBT2020 ColorMatrix = C.FACENET_COLOR_MATRIX_BT2020
)

// MaxPlanes is the most planes a frame can have.
const MaxPlanes = C.FACENET_MAX_PLANES

// Plane is bytes of a frame.
type Plane struct {
	// From the byte with the lowest address. The last row may end where its pixels end.
	Data []byte
	// Bytes from the start of a row to the start of the row below it. Negative if the rows are stored from the bottom up:
	// Data then begins with the bottom row.
	Stride int
}

// Frame is a picture of yours. Its bytes are borrowed for a call: they are read where they are, and must not be written to
// meanwhile. Memory of C may be lent with [unsafe.Slice].
type Frame struct {
	Format PixelFormat
	// In pixels, 1 to 65535; together no more than 2^28 pixels.
	Width, Height int
	// As many as the format has.
	Planes []Plane
	Range  ColorRange
	Matrix ColorMatrix
	// Degrees by which the pixels must be turned clockwise to stand upright: 0, 90, 180 or 270.
	Rotation int
	// Whether the upright picture is then to be mirrored left to right.
	Mirror bool
}

// Picture is what faces are looked for in: a [Frame] or an [*Image].
type Picture interface {
	// borrow gives the frame, which is valid until release is called.
	borrow() (frame Frame, release func(), err error)
}

func (f Frame) borrow() (Frame, func(), error) {
	return f, func() {}, nil
}

// pixels are a frame in C's terms: its pointers apart from the rest, as cgo wants them.
type pixels struct {
	shape  C.facenet_frame
	planes [MaxPlanes]*C.uint8_t
}

// withPixels hands the pixels of a picture to a function of C.
func withPixels(picture Picture, body func(p *pixels) C.facenet_status) error {
	if picture == nil {
		return refuse(ErrInvalidArgument, "the picture is nil")
	}
	frame, release, err := picture.borrow()
	if err != nil {
		return err
	}
	defer release()
	p, err := frame.pixels()
	if err != nil {
		return err
	}
	return call(func() C.facenet_status { return body(p) })
}

func (f Frame) pixels() (*pixels, error) {
	for _, number := range []int{f.Width, f.Height, f.Rotation} {
		if number < 0 || int64(number) > math.MaxUint32 {
			return nil, refuse(ErrFrameInvalid, fmt.Sprintf(
				"a frame of %d x %d pixels, turned by %d degrees, cannot be", f.Width, f.Height, f.Rotation))
		}
	}
	if len(f.Planes) > MaxPlanes {
		return nil, refuse(ErrFrameInvalid, fmt.Sprintf("a frame of %d planes cannot be", len(f.Planes)))
	}
	p := new(pixels)
	C.facenet_frame_init(&p.shape, C.sizeof_facenet_frame)
	p.shape.format = C.facenet_pixel_format(f.Format)
	p.shape.width = C.uint32_t(f.Width)
	p.shape.height = C.uint32_t(f.Height)
	p.shape._range = C.facenet_color_range(f.Range)
	p.shape.matrix = C.facenet_color_matrix(f.Matrix)
	p.shape.rotation = C.uint32_t(f.Rotation)
	p.shape.mirror = flag(f.Mirror)
	for i, plane := range f.Planes {
		if len(plane.Data) > 0 {
			p.planes[i] = (*C.uint8_t)(unsafe.Pointer(&plane.Data[0]))
		}
		p.shape.planes[i].size = C.size_t(len(plane.Data))
		p.shape.planes[i].stride = C.ptrdiff_t(plane.Stride)
	}
	return p, nil
}
