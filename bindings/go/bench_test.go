package facenet_test

import (
	"testing"

	"facenet"
)

func BenchmarkProcess(b *testing.B) {
	_, pipeline, _ := shared(b)
	frame := facenet.FrameOf(decoded(b, "astronaut.png"))
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		must(pipeline.Process(frame))(b)
	}
}

// The whole way to C and back with hardly any work there.
func BenchmarkDistance(b *testing.B) {
	a := make([]float32, 512)
	a[0] = 1
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		must(facenet.Distance(a, a, facenet.MetricEuclidean))(b)
	}
}

func BenchmarkNewImage(b *testing.B) {
	frame := facenet.FrameOf(decoded(b, "obama.jpg"))
	b.SetBytes(int64(frame.Width * frame.Height))
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		must(facenet.NewImage(frame))(b).Close()
	}
}
