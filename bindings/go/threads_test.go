package facenet_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"

	"facenet"
)

// Eight goroutines share a pipeline, on frames in Go's memory; each finds what one alone finds, and messages of failures stay
// with those whose they are.
func TestGoroutinesShareAPipeline(t *testing.T) {
	_, pipeline, _ := shared(t)
	names := []string{"obama2.jpg", "biden.jpg", "astronaut.png", "obama.jpg"}
	frames := make([]facenet.Frame, len(names))
	wanted := make([][]facenet.EmbeddedFace, len(names))
	for i, name := range names {
		frames[i] = facenet.FrameOf(decoded(t, name))
		wanted[i] = must(pipeline.Process(frames[i]))(t)
	}
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for i := range names {
				at := (worker + i) % len(names)
				faces, err := pipeline.Process(frames[at])
				if err != nil || !reflect.DeepEqual(faces, wanted[at]) {
					t.Errorf("%s: other faces than alone (%v)", names[at], err)
				}
				missing := names[at] + ".missing"
				if _, err := facenet.Open(missing); err == nil || !strings.Contains(err.Error(), missing) {
					t.Errorf("%v is said of %s", err, missing)
				}
			}
		}(worker)
	}
	group.Wait()
}
