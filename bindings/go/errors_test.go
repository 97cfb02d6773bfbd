package facenet_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"facenet"
)

func TestErrors(t *testing.T) {
	_, err := facenet.Open("no such file.jpg")
	var failed *facenet.Error
	if !errors.As(err, &failed) || failed.Status != facenet.ErrNotFound {
		t.Fatalf("%v", err)
	}
	if !errors.Is(err, facenet.ErrNotFound) || !errors.Is(err, fs.ErrNotExist) || errors.Is(err, facenet.ErrIO) {
		t.Errorf("kinds of %v", err)
	}
	if !strings.Contains(err.Error(), "no such file.jpg") || !strings.Contains(err.Error(), "NotFound") {
		t.Errorf("message %q", err)
	}
}

func TestBadArguments(t *testing.T) {
	onnx, pipeline, embedder := shared(t)
	frame := facenet.FrameOf(image.NewRGBA(image.Rect(0, 0, 40, 40)))
	changed := func(change func(*facenet.Frame)) facenet.Frame {
		bad := frame
		change(&bad)
		return bad
	}
	process := func(picture facenet.Picture) func() error {
		return func() error { _, err := pipeline.Process(picture); return err }
	}
	var noImage *facenet.Image
	for name, c := range map[string]struct {
		call func() error
		kind facenet.Status
	}{
		"nil picture":     {process(nil), facenet.ErrInvalidArgument},
		"nil image":       {process(noImage), facenet.ErrInvalidArgument},
		"empty frame":     {process(facenet.Frame{}), facenet.ErrFrameInvalid},
		"empty picture":   {process(facenet.FrameOf(image.NewRGBA(image.Rectangle{}))), facenet.ErrFrameInvalid},
		"no image":        {process(facenet.FrameOf(nil)), facenet.ErrFrameInvalid},
		"endless picture": {process(facenet.FrameOf(image.NewUniform(color.White))), facenet.ErrImageTooLarge},
		"too many pixels": {process(facenet.FrameOf(huge{})), facenet.ErrImageTooLarge},
		"negative width":  {process(changed(func(f *facenet.Frame) { f.Width = -40 })), facenet.ErrFrameInvalid},
		"huge height":     {process(changed(func(f *facenet.Frame) { f.Height = math.MaxInt })), facenet.ErrFrameInvalid},
		"higher":          {process(changed(func(f *facenet.Frame) { f.Height = 41 })), facenet.ErrFrameInvalid},
		"no planes":       {process(changed(func(f *facenet.Frame) { f.Planes = nil })), facenet.ErrFrameInvalid},
		"five planes":     {process(changed(func(f *facenet.Frame) { f.Planes = make([]facenet.Plane, 5) })), facenet.ErrFrameInvalid},
		"missing planes":  {process(changed(func(f *facenet.Frame) { f.Format = facenet.FormatI420 })), facenet.ErrFrameInvalid},
		"small stride":    {process(changed(func(f *facenet.Frame) { f.Planes = []facenet.Plane{{f.Planes[0].Data, 159}} })), facenet.ErrFrameInvalid},
		"unknown format":  {process(changed(func(f *facenet.Frame) { f.Format = 77 })), facenet.ErrInvalidArgument},
		"odd rotation":    {process(changed(func(f *facenet.Frame) { f.Rotation = 45 })), facenet.ErrInvalidArgument},
		"zero in a path":  {func() error { _, err := facenet.Open("a\x00b"); return err }, facenet.ErrInvalidArgument},
		"nil in a batch":  {func() error { _, err := pipeline.ProcessBatch([]*facenet.Image{nil}); return err }, facenet.ErrInvalidArgument},
		"no options":      {func() error { _, err := facenet.NewDetector(onnx, &facenet.DetectorOptions{}); return err }, facenet.ErrInvalidArgument},
		"no such model": {func() error {
			_, err := facenet.NewEmbedder(onnx, &facenet.EmbedderOptions{Model: "none.onnx", BatchSize: 1})
			return err
		}, facenet.ErrNotFound},
		"small crop": {func() error { _, err := embedder.Embed(facenet.NewRGB(image.Rect(0, 0, 159, 160))); return err }, facenet.ErrInvalidArgument},
		"cut crop": {func() error {
			_, err := embedder.Embed(&facenet.RGB{Stride: 480, Rect: image.Rect(0, 0, 160, 160)})
			return err
		}, facenet.ErrInvalidArgument},
		"nil crop": {func() error { _, err := embedder.Embed(nil); return err }, facenet.ErrInvalidArgument},
		"lengths": {func() error {
			_, err := facenet.Distance([]float32{1}, []float32{1, 0}, facenet.MetricCosine)
			return err
		}, facenet.ErrDimensionMismatch},
		"short vectors":  {func() error { _, err := embedder.Compare([]float32{1}, []float32{1}); return err }, facenet.ErrDimensionMismatch},
		"no values":      {func() error { _, err := facenet.Distance(nil, nil, facenet.MetricCosine); return err }, facenet.ErrDimensionMismatch},
		"unknown metric": {func() error { _, err := facenet.Distance([]float32{1}, []float32{1}, 9); return err }, facenet.ErrInvalidArgument},
		"ragged":         {func() error { _, err := facenet.NewVectors([]float32{1}, []float32{1, 2}); return err }, facenet.ErrDimensionMismatch},
		"broken vectors": {func() error { _, err := cluster(facenet.Vectors{Values: make([]float32, 5), Dimension: 2}); return err }, facenet.ErrDimensionMismatch},
		"minus dimension": {func() error {
			_, err := cluster(facenet.Vectors{Values: make([]float32, 4), Dimension: -2})
			return err
		}, facenet.ErrDimensionMismatch},
		"nil extractor": {func() error { _, err := facenet.ExportFolder(context.Background(), nil, "a", "b", nil); return err }, facenet.ErrInvalidArgument},
		"no such folder": {func() error {
			_, err := facenet.ExportFolder(context.Background(), embedder, "no such folder", t.TempDir(), nil)
			return err
		}, facenet.ErrNotFound},
	} {
		if err := c.call(); !errors.Is(err, c.kind) {
			t.Errorf("%s: %v, want %v", name, err, c.kind)
		}
	}
}

// huge is a picture of more pixels than a frame may have, of which there is none.
type huge struct{ image.Image }

func (huge) Bounds() image.Rectangle { return image.Rect(0, 0, 60000, 60000) }

func cluster(vectors facenet.Vectors) (*facenet.Clusters, error) {
	options := facenet.DefaultClusterOptions()
	options.Threshold = 0.5
	return facenet.Cluster(context.Background(), vectors, options, nil)
}

func TestClose(t *testing.T) {
	onnx, _, _ := shared(t)
	detector := must(facenet.NewDetector(onnx, nil))(t)
	picture := must(facenet.Open(photo("astronaut.png")))(t)
	if detector.Close() != nil || detector.Close() != nil {
		t.Error("Close fails")
	}
	if _, err := detector.Detect(picture); !errors.Is(err, facenet.ErrClosed) {
		t.Errorf("%v", err)
	}
	picture.Close()
	if !picture.Bounds().Empty() {
		t.Error("a closed picture has a size")
	}
	if _, err := new(facenet.Detector).Detect(picture); !errors.Is(err, facenet.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestCloseDuringCalls(t *testing.T) {
	onnx, _, _ := shared(t)
	detector := must(facenet.NewDetector(onnx, nil))(t)
	picture := must(facenet.Open(photo("astronaut.png")))(t)
	results := make(chan error)
	for i := 0; i < 4; i++ {
		go func() {
			for {
				faces, err := detector.Detect(picture)
				if err == nil && len(faces) == 1 {
					continue
				}
				results <- err
				return
			}
		}()
	}
	runtime.Gosched()
	detector.Close()
	picture.Close()
	for i := 0; i < 4; i++ {
		if err := <-results; !errors.Is(err, facenet.ErrClosed) {
			t.Errorf("%v", err)
		}
	}
}

func TestForgottenHandlesAreFreed(t *testing.T) {
	picture := facenet.FrameOf(facenet.NewRGB(image.Rect(0, 0, 4000, 4000)))
	before := resident(t)
	for i := 0; i < 60; i++ {
		must(facenet.NewImage(picture))(t)
		runtime.GC()
	}
	if more := resident(t) - before; more > 1<<30 {
		t.Errorf("%d bytes of 60 pictures of 48 MB are left", more)
	}
}

func TestExamine(t *testing.T) {
	found := must(facenet.Examine(nil))(t)
	if !found.Works || found.Telemetry || found.Version != facenet.Version() || found.LibraryProblem != "" {
		t.Errorf("%+v", found)
	}
	if _, err := os.Stat(found.Library); err != nil {
		t.Error(err)
	}
	if len(found.Providers) != 3 || found.Providers[0] != (facenet.ProviderFinding{Name: "cpu"}) {
		t.Errorf("%+v", found.Providers)
	}
	for _, model := range found.Models {
		file, err := os.Stat(filepath.Join(found.ModelsFolder, model.File))
		if err != nil || uint64(file.Size()) != model.Size || model.Problem != "" {
			t.Errorf("%+v: %v", model, err)
		}
	}
	if (len(found.GPUs) == 0) != (found.GPUsProblem != "") || len(found.Models) == 0 {
		t.Errorf("%+v", found)
	}
	found = must(facenet.Examine(&facenet.RuntimeOptions{Models: "/no/such/folder", Threads: 5000}))(t)
	if found.Works || found.OptionsProblem == "" || found.ModelsFolder != "" || found.ModelsProblem == "" || len(found.Advice) == 0 {
		t.Errorf("%+v", found)
	}
}

func TestDoctorAndInfo(t *testing.T) {
	onnx, _, _ := shared(t)
	report, works, err := facenet.Doctor(nil)
	if err != nil || !works || report == "" {
		t.Errorf("%v %v\n%s", works, err, report)
	}
	if json, works, err := facenet.DoctorJSON(&facenet.RuntimeOptions{Library: "/no/such/folder"}); err != nil || works || json[0] != '{' {
		t.Errorf("%v %v\n%s", works, err, json)
	}
	if info := must(onnx.Info())(t); !strings.Contains(string(info), `"cpu"`) {
		t.Errorf("%s", info)
	}
	if facenet.Version() == "" {
		t.Error("no version")
	}
	if err := facenet.LogTo(func(string) {}); err != nil {
		t.Error(err)
	}
	if err := facenet.LogTo(nil); err != nil {
		t.Error(err)
	}
}
