/**
 * @file
 * facenet: face detection, alignment, embedding and comparison.
 *
 *     facenet_runtime *runtime = NULL;
 *     facenet_pipeline *pipeline = NULL;
 *     facenet_image *image = NULL;
 *     facenet_embedded *faces = NULL;
 *     facenet_frame frame;
 *
 *     facenet_runtime_new(NULL, &runtime);
 *     facenet_pipeline_new(runtime, NULL, NULL, &pipeline);
 *     facenet_image_open("group.jpg", &image);
 *     facenet_frame_init(&frame, sizeof frame);
 *     facenet_image_frame(image, &frame);
 *     facenet_pipeline_process(pipeline, &frame, &faces);
 *     for (size_t i = 0; i < facenet_embedded_count(faces); ++i) {
 *         const float *vector = facenet_embedded_vector(faces, i);
 *         ...
 *     }
 *
 * (each call returns a facenet_status, which is to be looked at).
 *
 * Order. From simple to advanced: runtime, frames and pictures, the pipeline that does all stages in one call, the distance
 * of two vectors; then the stages one by one, model files, and what works on whole folders.
 *
 * Status. Every call that can fail returns a facenet_status, 0 if all went well. The words to it are those of
 * facenet_last_error, which belong to the thread. Results are written on success only. Nothing is printed, nothing ends
 * the program: a fault of the library is a status too.
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
 * Options. Structs of options and frames begin with their size and may grow in later versions. Fill them with their init
 * function, then change fields; a program that was compiled with an older header keeps working. NULL means the defaults.
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
