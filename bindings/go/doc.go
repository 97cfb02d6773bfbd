// Package facenet finds faces, aligns them, turns them into vectors and compares them: MTCNN and FaceNet on ONNX Runtime.
// It is the Go interface of libfacenet.
//
//	runtime, err := facenet.NewRuntime(nil)
//	...
//	pipeline, err := facenet.NewPipeline(runtime, nil, nil)
//	...
//	faces, err := pipeline.ProcessFile("group.jpg")
//	...
//	for _, face := range faces {
//		fmt.Println(face.Rect, face.Score, face.Vector[:4])
//	}
//
// # Pictures
//
// Everything that looks at pixels takes a [Picture]: a [Frame] over pixels of yours, in the formats of cameras and
// decoders, or an [*Image] that the library has read from a file. [FrameOf] makes a frame of an [image.Image]. Frames are
// read where they are; nothing is copied, and nothing of them is kept after the call. Boxes and landmarks are in pixels of
// the frame as it is stored.
//
// # Memory
//
// Types with a Close method hold memory of the library, which the garbage collector does not see: a pipeline holds more
// than 100 MB. Call Close when you are done; what was forgotten is freed by a finalizer, at some time. Close may be called
// at any time and more than once: calls under way end as if nothing had happened, later ones fail with [ErrClosed]. What is
// made from something keeps what it needs, so that a runtime may be closed before its detectors. Faces, vectors, crops and
// figures are ordinary Go values.
//
// # Goroutines
//
// Everything may be used by any number of goroutines at once. One pipeline for all of them is the normal case: it holds the
// networks once. A call keeps a thread of the operating system busy, and works with as many threads as
// [RuntimeOptions].Threads says; where many goroutines call at once, 1 is often best.
//
// # Errors
//
// Failures of the library are of type [*Error]: its message says what was wrong with which input and what to do, its
// [Status] is one of the Err constants, to be asked for with [errors.Is]. A missing file is also an [io/fs.ErrNotExist].
// Calls that take long take a [context.Context]. When it is done they stop soon, with an error that is both [ErrCancelled]
// and the context's.
//
// # Options
//
// Options begin with the defaults of the library, which Default...Options functions give; nil means all of them.
package facenet
