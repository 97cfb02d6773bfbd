package facenet

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// maxPixels is the most pixels of a frame.
const maxPixels = 1 << 28

// FrameOf gives the pixels of a picture of the standard library. These are not copied: [*RGB], [*image.RGBA],
// [*image.NRGBA], [*image.Gray], and an [*image.YCbCr] of 4:2:0 (what [image/jpeg] gives of most files) whose corner is at
// even numbers. Others are converted to RGBA first. Sub-images are fine.
//
// Boxes and landmarks count from the corner of the picture, Bounds().Min. Alpha is dropped, so that an [*image.RGBA] looks as
// if it lay on black. Exif orientation is unknown to the standard library, and its decoders differ from the library's by a few
// levels: where results must be exactly those of the facenet program, use [Open] or [Decode].
func FrameOf(img image.Image) Frame {
	switch p := img.(type) {
	case nil:
		return Frame{}
	case *RGB:
		return packed(FormatRGB, p.Rect, p.Pix, p.Stride)
	case *image.RGBA:
		return packed(FormatRGBA, p.Rect, p.Pix, p.Stride)
	case *image.NRGBA:
		return packed(FormatRGBA, p.Rect, p.Pix, p.Stride)
	case *image.Gray:
		return packed(FormatGray8, p.Rect, p.Pix, p.Stride)
	case *image.YCbCr:
		// Else a block of four pixels would begin outside of the picture.
		even := (p.Rect.Min.X|p.Rect.Min.Y)&1 == 0
		if p.SubsampleRatio == image.YCbCrSubsampleRatio420 && even {
			frame := packed(FormatI420, p.Rect, p.Y, p.YStride)
			frame.Planes = append(frame.Planes, Plane{p.Cb, p.CStride}, Plane{p.Cr, p.CStride})
			frame.Range, frame.Matrix = RangeFull, MatrixBT601
			return frame
		}
	}
	// What the library would refuse is not converted: pictures of the standard library may be endless.
	if size := img.Bounds().Size(); size.X > math.MaxUint16 || size.Y > math.MaxUint16 || size.X*size.Y > maxPixels {
		return Frame{Width: size.X, Height: size.Y}
	}
	copied := image.NewRGBA(img.Bounds())
	draw.Draw(copied, copied.Rect, img, copied.Rect.Min, draw.Src)
	return FrameOf(copied)
}

func packed(format PixelFormat, bounds image.Rectangle, data []byte, stride int) Frame {
	return Frame{Format: format, Width: bounds.Dx(), Height: bounds.Dy(), Planes: []Plane{{data, stride}}}
}

// RGB is a picture of 8-bit red, green and blue in Go's memory. It is an [image.Image].
type RGB struct {
	// 3 bytes a pixel, row after row from the top.
	Pix []uint8
	// Bytes from a row to the one below it.
	Stride int
	Rect   image.Rectangle
}

// NewRGB gives a black picture.
func NewRGB(bounds image.Rectangle) *RGB {
	return &RGB{Pix: make([]uint8, 3*bounds.Dx()*bounds.Dy()), Stride: 3 * bounds.Dx(), Rect: bounds}
}

// ColorModel is that of RGBA.
func (p *RGB) ColorModel() color.Model { return color.RGBAModel }

// Bounds is the place of the picture.
func (p *RGB) Bounds() image.Rectangle { return p.Rect }

// At gives a pixel.
func (p *RGB) At(x, y int) color.Color {
	if !(image.Point{X: x, Y: y}.In(p.Rect)) {
		return color.RGBA{}
	}
	at := p.Pix[(y-p.Rect.Min.Y)*p.Stride+3*(x-p.Rect.Min.X):]
	return color.RGBA{R: at[0], G: at[1], B: at[2], A: 0xff}
}
