// Are the faces of two pictures those of the same person?
//
//	go run . a.jpg b.jpg
package main

import (
	"fmt"
	"os"

	"facenet"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: compare A B")
		os.Exit(2)
	}
	compared, err := compare(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	verdict := "different people"
	if compared.Same {
		verdict = "same person"
	}
	fmt.Printf("%.6f: %s\n", compared.Distance, verdict)
}

func compare(paths ...string) (facenet.Comparison, error) {
	runtime, err := facenet.NewRuntime(nil)
	if err != nil {
		return facenet.Comparison{}, err
	}
	defer runtime.Close()
	largest := facenet.DefaultDetectorOptions()
	largest.Selection = facenet.SelectLargest
	pipeline, err := facenet.NewPipeline(runtime, &largest, nil)
	if err != nil {
		return facenet.Comparison{}, err
	}
	defer pipeline.Close()
	embedder, err := pipeline.Embedder()
	if err != nil {
		return facenet.Comparison{}, err
	}
	defer embedder.Close()

	var vectors [][]float32
	for _, path := range paths {
		faces, err := pipeline.ProcessFile(path)
		if err != nil {
			return facenet.Comparison{}, err
		}
		if len(faces) == 0 {
			return facenet.Comparison{}, fmt.Errorf("%s: no face found", path)
		}
		vectors = append(vectors, faces[0].Vector)
	}
	return embedder.Compare(vectors[0], vectors[1])
}
