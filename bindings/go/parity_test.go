package facenet_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"facenet"
)

// cases are what the tests of every language are fed with: see tests/parity/README.md.
type cases struct {
	Tolerance    float64
	Pictures     []string
	MinFaceSizes []int `json:"min_face_sizes"`
	Pairs        [][2]string
}

func parityCases(t *testing.T) (c cases) {
	if err := json.Unmarshal(must(os.ReadFile("../../tests/parity/cases.json"))(t), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Pictures) == 0 || len(c.MinFaceSizes) == 0 || len(c.Pairs) == 0 {
		t.Fatal("no cases")
	}
	return c
}

// program runs the facenet program that was installed with the library, or that of PATH, and gives what it prints.
func program(t *testing.T, arguments ...string) []byte {
	t.Helper()
	prefix := must(exec.Command("pkg-config", "--variable=prefix", "facenet").Output())(t)
	path := filepath.Join(strings.TrimSpace(string(prefix)), "bin", "facenet")
	if _, err := os.Stat(path); err != nil {
		path = must(exec.LookPath("facenet"))(t)
	}
	command := exec.Command(path, arguments...)
	var said bytes.Buffer
	command.Stderr = &said
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", path, arguments, err, said.String())
	}
	return printed
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	// A NaN is near nothing.
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %v, the program says %v", what, got, want)
	}
}

func paths(names []string) (paths []string) {
	for _, name := range names {
		paths = append(paths, photo(name))
	}
	return paths
}

func TestParityOfDetection(t *testing.T) {
	c := parityCases(t)
	onnx, _, _ := shared(t)
	for _, size := range c.MinFaceSizes {
		options := facenet.DefaultDetectorOptions()
		options.MinFaceSize = float32(size)
		detector := must(facenet.NewDetector(onnx, &options))(t)
		defer detector.Close()
		var wanted []struct{ Faces []facenet.Face }
		arguments := append([]string{"detect", "--json", "--min-face-size", strconv.Itoa(size)}, paths(c.Pictures)...)
		if err := json.Unmarshal(program(t, arguments...), &wanted); err != nil {
			t.Fatal(err)
		}
		for i, name := range c.Pictures {
			faces := must(detector.DetectFile(photo(name)))(t)
			if len(faces) != len(wanted[i].Faces) || len(faces) == 0 {
				t.Fatalf("%s from %d pixels: %d faces, the program says %d", name, size, len(faces), len(wanted[i].Faces))
			}
			for j, face := range faces {
				want, pixels := wanted[i].Faces[j], 1000*c.Tolerance
				near(t, name+" score", float64(face.Score), float64(want.Score), c.Tolerance)
				near(t, name+" x1", float64(face.Rect.X1), float64(want.Rect.X1), pixels)
				near(t, name+" y1", float64(face.Rect.Y1), float64(want.Rect.Y1), pixels)
				near(t, name+" x2", float64(face.Rect.X2), float64(want.Rect.X2), pixels)
				near(t, name+" y2", float64(face.Rect.Y2), float64(want.Rect.Y2), pixels)
				for k, point := range face.Landmarks {
					near(t, name+" landmark", float64(point.X), float64(want.Landmarks[k].X), pixels)
					near(t, name+" landmark", float64(point.Y), float64(want.Landmarks[k].Y), pixels)
				}
			}
		}
	}
}

func TestParityOfEmbedding(t *testing.T) {
	c := parityCases(t)
	onnx, _, _ := shared(t)
	output := filepath.Join(t.TempDir(), "faces.npy")
	program(t, append([]string{"embed", "--quiet", "--output", output}, paths(c.Pictures)...)...)
	values := numpy(t, output)
	stages := stagesOf(t, onnx)
	for i, name := range c.Pictures {
		vector := vectorOf(t, name)
		if len(values) != len(vector)*len(c.Pictures) {
			t.Fatalf("%d values in the program's file", len(values))
		}
		one := stages.vectorOf(t, name)
		for j, value := range vector {
			want := float64(values[i*len(vector)+j])
			near(t, name+" by the pipeline", float64(value), want, c.Tolerance)
			near(t, name+" by stages", float64(one[j]), want, c.Tolerance)
		}
	}
}

func TestParityOfComparison(t *testing.T) {
	c := parityCases(t)
	_, _, embedder := shared(t)
	for _, pair := range c.Pairs {
		var wanted struct {
			Fingerprint string
			Threshold   float64
			Pairs       []struct {
				Distance float64
				Same     bool
			}
		}
		if err := json.Unmarshal(program(t, "compare", "--json", photo(pair[0]), photo(pair[1])), &wanted); err != nil {
			t.Fatal(err)
		}
		got := must(embedder.Compare(vectorOf(t, pair[0]), vectorOf(t, pair[1])))(t)
		near(t, "distance", float64(got.Distance), wanted.Pairs[0].Distance, c.Tolerance)
		near(t, "threshold", float64(got.Threshold.Distance), wanted.Threshold, c.Tolerance)
		if got.Same != wanted.Pairs[0].Same {
			t.Errorf("%v: the program says %v", pair, wanted.Pairs[0].Same)
		}
		if fingerprint := must(embedder.Fingerprint())(t); fingerprint != wanted.Fingerprint {
			t.Errorf("fingerprint %s, the program says %s", fingerprint, wanted.Fingerprint)
		}
	}
}

// numpy reads the 32-bit floats of a file of NumPy.
func numpy(t *testing.T, path string) []float32 {
	t.Helper()
	file := must(os.ReadFile(path))(t)
	if len(file) < 10 || string(file[:6]) != "\x93NUMPY" || file[6] != 1 {
		t.Fatalf("%s is not a file of NumPy, version 1", path)
	}
	body := file[10+int(binary.LittleEndian.Uint16(file[8:])):]
	values := make([]float32, len(body)/4)
	if err := binary.Read(bytes.NewReader(body), binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	return values
}

// stages are a detector, an aligner and an embedder.
type stages struct {
	detector *facenet.Detector
	aligner  *facenet.Aligner
	embedder *facenet.Embedder
}

func stagesOf(t *testing.T, onnx *facenet.Runtime) (s stages) {
	options := facenet.DefaultDetectorOptions()
	options.Selection = facenet.SelectLargest
	s.detector = must(facenet.NewDetector(onnx, &options))(t)
	s.embedder = must(facenet.NewEmbedder(onnx, nil))(t)
	s.aligner = must(s.embedder.Aligner())(t)
	t.Cleanup(func() {
		s.detector.Close()
		s.embedder.Close()
		s.aligner.Close()
	})
	return s
}

func (s stages) vectorOf(t *testing.T, name string) []float32 {
	picture := must(facenet.Open(photo(name)))(t)
	defer picture.Close()
	faces := must(s.detector.Detect(picture))(t)
	if len(faces) != 1 {
		t.Fatalf("%s: %d faces", name, len(faces))
	}
	crop := must(s.aligner.Align(picture, faces[0]))(t)
	return must(s.embedder.Embed(crop))(t).At(0)
}
