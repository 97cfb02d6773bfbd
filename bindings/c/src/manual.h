/**
 * @file
 * facenet: face detection, alignment, embedding and comparison.
 *
 *     facenet_runtime *runtime = NULL;
 *     facenet_pipeline *pipeline = NULL;
 *     facenet_image *image = NULL;
 *     facenet_embedded_faces *faces = NULL;
 *     facenet_frame frame;
 *
 *     facenet_runtime_new(NULL, &runtime);
 *     facenet_pipeline_new(runtime, NULL, NULL, &pipeline);
 *     facenet_image_open("group.jpg", &image);
 *     facenet_frame_init(&frame, sizeof frame);
 *     facenet_image_frame(image, &frame);
 *     facenet_pipeline_process(pipeline, &frame, &faces);
 *     for (size_t i = 0; i < facenet_embedded_faces_count(faces); ++i) {
 *         const float *embedding = facenet_embedded_faces_embedding(faces, i);
 *         ...
 *     }
 *
 * (each call returns a facenet_status, which is to be looked at).
 *
 * Order. From simple to advanced: runtime, frames and images, the pipeline that does all stages in one call, the distance
 * of two embeddings; then the stages one by one, model files, and long calls on many embeddings or whole folders. The types,
 * options and functions of each concept stand together.
 *
 * Status. Every call that can fail returns a facenet_status, 0 for success. facenet_last_error has the message, which belongs
 * to the thread; long calls can also write it to a buffer of their own. Results are written on success only. Nothing is
 * printed and nothing ends the program: an internal error of the library is a status too.
 *
 * Memory. What comes through a pointer to a pointer belongs to the caller, who gives it back to the function that ends in
 * _free; that takes NULL. What is returned as a pointer to const is borrowed, and valid until its owner is freed. Frames,
 * texts and buffers that are handed over are borrowed for the call. Where a call fills a buffer, `capacity` says how much
 * room there is, `needed` gets how much is needed, also if that is more, and a capacity of 0 only asks.
 *
 * Pointers. NULL is refused with FACENET_ERROR_INVALID_ARGUMENT, except where it is said to be fine. A pointer that is not
 * NULL must point to what its type says.
 *
 * Threads. A pointer to a const handle: any number of threads at once. A pointer to a handle that is not const: one at a
 * time. Free a handle when no call with it is under way. After fork, a child makes its own handles. After dlclose, the
 * library stays in memory until the process ends, as ONNX Runtime does.
 *
 * Sizes. Structs that begin with struct_size may grow in later versions; a program that was compiled with an older header keeps
 * working. Options, frames and facenet_call are filled by their init function, then changed; NULL means the defaults. For a
 * result, the caller sets struct_size: `facenet_threshold threshold = {.struct_size = sizeof threshold};`. In an array of such
 * structs, struct_size of the first is the size of each.
 *
 * Flavours. The library of the flavour `core` lacks what stands between `#if defined(FACENET_FULL)` and `#endif`. An installed
 * header knows the flavour of its library from facenet/config.h.
 *
 * Texts are UTF-8 and end with a zero; paths on systems other than Windows may be any bytes.
 *
 * ONNX Runtime 1.24 or later is loaded while running, from the first of: facenet_runtime_options.library, the environment
 * variables FACENET_ORT_DYLIB and ORT_DYLIB_PATH, a copy that the process has loaded, beside libfacenet, the Python package
 * onnxruntime of the active environment, the system. Models are looked for in facenet_runtime_options.models,
 * FACENET_MODELS, and beside libfacenet in models, ../share/facenet/models and ../../share/facenet/models, unless
 * facenet_detector_options.networks and facenet_embedder_options.model_bytes give them in memory. The first
 * runtime sets ORT_DISABLE_TELEMETRY=1, the one change to the environment.
 */
