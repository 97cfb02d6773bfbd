package facenet_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"os"
	"testing"

	"facenet"
)

// painted paints a picture of odd size, whose colours change slowly.
func painted(to draw.Image) draw.Image {
	bounds := to.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			to.Set(x, y, color.NRGBA{R: uint8(2 * x), G: uint8(3 * y), B: uint8(x + y), A: 255})
		}
	}
	return to
}

// upright is a picture as the library sees it.
func upright(t *testing.T, picture facenet.Picture) *facenet.RGB {
	t.Helper()
	seen := must(facenet.NewImage(picture))(t)
	defer seen.Close()
	return must(seen.RGB())(t)
}

// same compares what the library sees with the standard library's colours.
func same(t *testing.T, what string, got *facenet.RGB, want image.Image, tolerance int) {
	t.Helper()
	if got.Rect.Size() != want.Bounds().Size() {
		t.Fatalf("%s: %v, want %v", what, got.Rect.Size(), want.Bounds().Size())
	}
	for y := 0; y < got.Rect.Dy(); y++ {
		for x := 0; x < got.Rect.Dx(); x++ {
			a := got.At(x, y).(color.RGBA)
			b := color.NRGBAModel.Convert(want.At(want.Bounds().Min.X+x, want.Bounds().Min.Y+y)).(color.NRGBA)
			for _, difference := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
				if difference > tolerance || difference < -tolerance {
					t.Fatalf("%s at %d, %d: %v, want %v", what, x, y, a, b)
				}
			}
		}
	}
}

func TestPicturesOfTheStandardLibrary(t *testing.T) {
	bounds := image.Rect(-3, 5, 58, 52)
	part := image.Rect(4, 8, 41, 39)
	pictures := map[string]draw.Image{
		"RGBA":   painted(image.NewRGBA(bounds)),
		"NRGBA":  painted(image.NewNRGBA(bounds)),
		"Gray":   painted(image.NewGray(bounds)),
		"RGBA64": painted(image.NewRGBA64(bounds)),
	}
	for name, picture := range pictures {
		same(t, name, upright(t, facenet.FrameOf(picture)), picture, 0)
		sub := picture.(interface {
			SubImage(image.Rectangle) image.Image
		}).SubImage(part)
		same(t, name+", a part", upright(t, facenet.FrameOf(sub)), sub, 0)
	}
	rgb := upright(t, facenet.FrameOf(pictures["NRGBA"]))
	same(t, "RGB", upright(t, facenet.FrameOf(rgb)), rgb, 0)
}

func TestPicturesOfDecodedJPEG(t *testing.T) {
	whole := decoded(t, "obama.jpg").(*image.YCbCr)
	even := whole.SubImage(image.Rect(380, 100, 611, 420)).(*image.YCbCr)
	odd := whole.SubImage(image.Rect(381, 101, 611, 420)).(*image.YCbCr)
	// Decoders round differently, and may look at neighbours for chroma.
	for name, picture := range map[string]*image.YCbCr{"even": even, "odd": odd} {
		same(t, name, upright(t, facenet.FrameOf(picture)), picture, 3)
	}
	if whole.SubsampleRatio == image.YCbCrSubsampleRatio420 {
		if frame := facenet.FrameOf(even); &frame.Planes[0].Data[0] != &even.Y[0] || &frame.Planes[2].Data[0] != &even.Cr[0] {
			t.Error("the planes were copied")
		}
	}
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422} {
		picture := image.NewYCbCr(image.Rect(0, 0, 13, 9), ratio)
		for i := range picture.Y {
			picture.Y[i] = uint8(i)
		}
		same(t, ratio.String(), upright(t, facenet.FrameOf(picture)), picture, 1)
	}
}

func TestFramesAreNotCopied(t *testing.T) {
	rgba, nrgba, gray := image.NewRGBA(image.Rect(0, 0, 8, 8)), image.NewNRGBA(image.Rect(0, 0, 8, 8)), image.NewGray(image.Rect(0, 0, 8, 8))
	for name, pair := range map[string][2]*uint8{
		"RGBA":  {&facenet.FrameOf(rgba).Planes[0].Data[0], &rgba.Pix[0]},
		"NRGBA": {&facenet.FrameOf(nrgba).Planes[0].Data[0], &nrgba.Pix[0]},
		"Gray":  {&facenet.FrameOf(gray).Planes[0].Data[0], &gray.Pix[0]},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s was copied", name)
		}
	}
}

func TestFramesTurnedAndUpsideDown(t *testing.T) {
	picture := painted(image.NewRGBA(image.Rect(0, 0, 37, 23))).(*image.RGBA)
	frame := facenet.FrameOf(picture)

	// Rows from the bottom up.
	flipped := image.NewRGBA(picture.Rect)
	for y := 0; y < 23; y++ {
		copy(flipped.Pix[y*flipped.Stride:], picture.Pix[(22-y)*picture.Stride:][:4*37])
	}
	upside := frame
	upside.Planes = []facenet.Plane{{Data: flipped.Pix, Stride: -flipped.Stride}}
	same(t, "bottom up", upright(t, upside), picture, 0)

	// A quarter clockwise: what was at the bottom left is at the top left.
	turned := image.NewRGBA(image.Rect(0, 0, 23, 37))
	for y := 0; y < 37; y++ {
		for x := 0; x < 23; x++ {
			turned.Set(x, y, picture.At(y, 22-x))
		}
	}
	quarter := frame
	quarter.Rotation = 90
	same(t, "turned", upright(t, quarter), turned, 0)

	mirrored := image.NewRGBA(picture.Rect)
	for y := 0; y < 23; y++ {
		for x := 0; x < 37; x++ {
			mirrored.Set(x, y, picture.At(36-x, y))
		}
	}
	mirror := frame
	mirror.Mirror = true
	same(t, "mirrored", upright(t, mirror), mirrored, 0)
}

func TestFacesOfPicturesOfTheStandardLibrary(t *testing.T) {
	_, pipeline, embedder := shared(t)
	for _, name := range []string{"obama2.jpg", "astronaut.png"} {
		faces := must(pipeline.Process(facenet.FrameOf(decoded(t, name))))(t)
		if len(faces) != 1 {
			t.Fatalf("%s: %d faces", name, len(faces))
		}
		compared := must(embedder.Compare(faces[0].Vector, vectorOf(t, name)))(t)
		// The same pixels, but for the decoder.
		if !compared.Same || compared.Distance > 0.1 {
			t.Errorf("%s: %v from the same photo, read by the library", name, compared.Distance)
		}
	}
}

func TestPartsOfPictures(t *testing.T) {
	onnx, pipeline, _ := shared(t)
	detector := must(facenet.NewDetector(onnx, nil))(t)
	defer detector.Close()
	picture := must(facenet.Open(photo("obama2.jpg")))(t)
	defer picture.Close()
	right := facenet.Rect{X1: 600, Y1: 0, X2: float32(picture.Bounds().Dx()), Y2: float32(picture.Bounds().Dy())}
	face := must(pipeline.Process(picture))(t)[0]
	for _, found := range must(detector.DetectIn(picture, right))(t) {
		if found.Rect.X2 < right.X1 {
			t.Errorf("%v was found outside of %v", found.Rect, right)
		}
	}
	around := facenet.Rect{X1: face.Rect.X1 - 150, Y1: face.Rect.Y1 - 150, X2: face.Rect.X2 + 150, Y2: face.Rect.Y2 + 150}
	inside := must(pipeline.ProcessIn(picture, around))(t)
	if len(inside) != 1 {
		t.Fatalf("%d faces", len(inside))
	}
	if got, want := inside[0].Rect.X1, face.Rect.X1; got < want-20 || got > want+20 {
		t.Errorf("left edge at %v, in the whole picture at %v", got, want)
	}
}

func TestBatches(t *testing.T) {
	_, pipeline, _ := shared(t)
	var pictures []*facenet.Image
	for _, name := range []string{"obama.jpg", "biden.jpg", "obama.jpg"} {
		picture := must(facenet.Open(photo(name)))(t)
		defer picture.Close()
		pictures = append(pictures, picture)
	}
	// The same picture twice is fine.
	pictures = append(pictures, pictures[1])
	faces := must(pipeline.ProcessBatch(pictures))(t)
	for i, name := range []string{"obama.jpg", "biden.jpg", "obama.jpg", "biden.jpg"} {
		distance := must(facenet.Distance(faces[i][0].Vector, vectorOf(t, name), facenet.MetricEuclidean))(t)
		if distance > 1e-4 {
			t.Errorf("picture %d: %v from the same alone", i, distance)
		}
	}
	if faces := must(pipeline.ProcessBatch(nil))(t); len(faces) != 0 {
		t.Errorf("%d results of no pictures", len(faces))
	}
}

func TestImageFiles(t *testing.T) {
	file := must(os.ReadFile(photo("astronaut.png")))(t)
	picture := must(facenet.Decode(file))(t)
	defer picture.Close()
	same(t, "decoded", must(picture.RGB())(t), decoded(t, "astronaut.png"), 0)

	path := t.TempDir() + "/copy.png"
	if err := picture.Save(path); err != nil {
		t.Fatal(err)
	}
	again := must(facenet.Open(path))(t)
	defer again.Close()
	if !bytes.Equal(must(again.RGB())(t).Pix, must(picture.RGB())(t).Pix) {
		t.Error("the picture changed on its way through a file")
	}
	if _, err := facenet.Decode(file[:len(file)/2]); !errors.Is(err, facenet.ErrImageDecode) {
		t.Errorf("half a file: %v", err)
	}
}
