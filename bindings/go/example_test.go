package facenet_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log"

	"facenet"
)

// Are the faces of two photos those of the same person?
func Example() {
	runtime, err := facenet.NewRuntime(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer runtime.Close()
	options := facenet.DefaultDetectorOptions()
	options.Selection = facenet.SelectLargest
	pipeline, err := facenet.NewPipeline(runtime, &options, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer pipeline.Close()
	embedder, err := pipeline.Embedder()
	if err != nil {
		log.Fatal(err)
	}
	defer embedder.Close()

	var vectors [][]float32
	for _, path := range []string{"../../examples/photos/obama.jpg", "../../examples/photos/obama2.jpg"} {
		faces, err := pipeline.ProcessFile(path)
		if err != nil {
			log.Fatal(err)
		}
		if len(faces) == 0 {
			log.Fatal(path, ": no face found")
		}
		vectors = append(vectors, faces[0].Vector)
	}
	compared, err := embedder.Compare(vectors[0], vectors[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f: same person %v\n", compared.Distance, compared.Same)
	// Output: 0.677: same person true
}

// A camera gives NV12 in planes with padded rows, and hangs upside down.
func ExampleFrame() {
	luma, chroma := make([]byte, 704*480), make([]byte, 704*240)
	frame := facenet.Frame{
		Format:   facenet.FormatNV12,
		Width:    640,
		Height:   480,
		Planes:   []facenet.Plane{{Data: luma, Stride: 704}, {Data: chroma, Stride: 704}},
		Range:    facenet.RangeLimited,
		Rotation: 180,
	}
	picture, err := facenet.NewImage(frame)
	if err != nil {
		log.Fatal(err)
	}
	defer picture.Close()
	fmt.Println(picture.Bounds().Size())
	// Output: (640,480)
}

func ExampleFrameOf() {
	picture := image.NewRGBA(image.Rect(0, 0, 64, 48))
	frame := facenet.FrameOf(picture)
	fmt.Println(frame.Width, frame.Height, &frame.Planes[0].Data[0] == &picture.Pix[0])
	// Output: 64 48 true
}

func ExampleError() {
	_, err := facenet.Decode([]byte("no image"))
	var failed *facenet.Error
	fmt.Println(errors.Is(err, facenet.ErrImageDecode), errors.Is(err, facenet.ErrImageUnsupported), errors.As(err, &failed))
	// Output: true false true
}

// The stages one by one: find, cut out, embed.
func ExampleEmbedder_Embed() {
	runtime, err := facenet.NewRuntime(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer runtime.Close()
	detector, err := facenet.NewDetector(runtime, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer detector.Close()
	embedder, err := facenet.NewEmbedder(runtime, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer embedder.Close()
	aligner, err := embedder.Aligner()
	if err != nil {
		log.Fatal(err)
	}
	defer aligner.Close()

	picture, err := facenet.Open("../../examples/photos/astronaut.png")
	if err != nil {
		log.Fatal(err)
	}
	defer picture.Close()
	faces, err := detector.Detect(picture)
	if err != nil {
		log.Fatal(err)
	}
	var crops []*facenet.RGB
	for _, face := range faces {
		crop, err := aligner.Align(picture, face)
		if err != nil {
			log.Fatal(err)
		}
		crops = append(crops, crop)
	}
	vectors, err := embedder.Embed(crops...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(vectors.Count(), vectors.Dimension)
	// Output: 1 512
}

func ExampleCluster() {
	vectors, err := facenet.NewVectors([]float32{1, 0}, []float32{0, 1}, []float32{1, 0.01})
	if err != nil {
		log.Fatal(err)
	}
	options := facenet.DefaultClusterOptions()
	options.Algorithm = facenet.DBSCAN
	options.Threshold = 0.5
	clusters, err := facenet.Cluster(context.Background(), vectors, options, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer clusters.Close()
	labels, err := clusters.Labels()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels, clusters.Count())
	// Output: [0 1 0] 2
}

// A stop, as by Ctrl-C: the next call goes on where this one was.
func ExampleRuntime_AlignFolder() {
	runtime, err := facenet.NewRuntime(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer runtime.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = runtime.AlignFolder(ctx, "photos", "aligned", nil, nil, func(done, total uint64) {
		fmt.Printf("\r%d of %d", done, total)
	})
	fmt.Println(errors.Is(err, context.Canceled), errors.Is(err, facenet.ErrCancelled))
	// Output: true true
}
