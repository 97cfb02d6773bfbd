package facenet_test

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"sync"
	"testing"

	// Decoders.
	_ "image/jpeg"
	_ "image/png"

	"facenet"
)

const photos = "../../examples/photos"

// What the tests share, made by the first that needs it.
var (
	making   sync.Once
	onnx     *facenet.Runtime
	largest  *facenet.Pipeline
	embedder *facenet.Embedder
	failed   error
)

// shared gives a runtime, a pipeline for the largest face, and its embedder.
func shared(t testing.TB) (*facenet.Runtime, *facenet.Pipeline, *facenet.Embedder) {
	t.Helper()
	making.Do(func() {
		if onnx, failed = facenet.NewRuntime(nil); failed != nil {
			return
		}
		options := facenet.DefaultDetectorOptions()
		options.Selection = facenet.SelectLargest
		if largest, failed = facenet.NewPipeline(onnx, &options, nil); failed != nil {
			return
		}
		embedder, failed = largest.Embedder()
	})
	if failed != nil {
		t.Fatal(failed)
	}
	return onnx, largest, embedder
}

func photo(name string) string {
	return filepath.Join(photos, name)
}

// must gives a value, and ends the test if there is none.
func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// decoded is a photo as the standard library reads it.
func decoded(t testing.TB, name string) image.Image {
	t.Helper()
	file := must(os.Open(photo(name)))(t)
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// people makes a folder of people of the photos, as Labeled Faces in the Wild is laid out.
func people(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	for from, to := range map[string]string{
		"obama.jpg":     "Barack_Obama/Barack_Obama_0001.jpg",
		"obama2.jpg":    "Barack_Obama/Barack_Obama_0002.jpg",
		"obama3.jpg":    "Barack_Obama/Barack_Obama_0003.jpg",
		"biden.jpg":     "Joe_Biden/Joe_Biden_0001.jpg",
		"astronaut.png": "Eileen_Collins/Eileen_Collins_0001.png",
	} {
		path := filepath.Join(folder, to)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, must(os.ReadFile(photo(from)))(t), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// vectorOf is the vector of the largest face of a photo.
func vectorOf(t testing.TB, name string) []float32 {
	t.Helper()
	_, pipeline, _ := shared(t)
	faces := must(pipeline.ProcessFile(photo(name)))(t)
	if len(faces) != 1 {
		t.Fatalf("%s: %d faces", name, len(faces))
	}
	return faces[0].Vector
}

// resident is the memory that the process has.
func resident(t testing.TB) int {
	t.Helper()
	var pages int
	if _, err := fmt.Sscanf(string(must(os.ReadFile("/proc/self/statm"))(t)), "%d %d", new(int), &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
