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

#ifndef FACENET_H
#define FACENET_H

#include <stddef.h>
#include <stdint.h>

/** Version of this header. */
#define FACENET_VERSION_MAJOR 0
/** Version of this header. */
#define FACENET_VERSION_MINOR 1
/** Version of this header. */
#define FACENET_VERSION_PATCH 0
/** Version of this header. */
#define FACENET_VERSION_STRING "0.1.0"


/**
 * Number that changes when a program must be compiled again: facenet_abi_version() must equal it.
 */
#define FACENET_ABI_VERSION 0

/**
 * Red, green, blue; `3 * width` bytes a row.
 */
#define FACENET_PIXEL_FORMAT_RGB 0

/**
 * Blue, green, red; `3 * width` bytes a row. OpenCV's order.
 */
#define FACENET_PIXEL_FORMAT_BGR 1

/**
 * Red, green, blue, alpha; `4 * width` bytes a row. The alpha is dropped.
 */
#define FACENET_PIXEL_FORMAT_RGBA 2

/**
 * Blue, green, red, alpha; `4 * width` bytes a row. The alpha is dropped.
 */
#define FACENET_PIXEL_FORMAT_BGRA 3

/**
 * Red, green, blue, one unused byte; `4 * width` bytes a row.
 */
#define FACENET_PIXEL_FORMAT_RGBX 4

/**
 * Blue, green, red, one unused byte; `4 * width` bytes a row.
 */
#define FACENET_PIXEL_FORMAT_BGRX 5

/**
 * Luma alone; `width` bytes a row.
 */
#define FACENET_PIXEL_FORMAT_GRAY8 6

/**
 * 4:2:0 in two planes: Y, then U and V in turn.
 */
#define FACENET_PIXEL_FORMAT_NV12 7

/**
 * 4:2:0 in two planes: Y, then V and U in turn.
 */
#define FACENET_PIXEL_FORMAT_NV21 8

/**
 * 4:2:0 in three planes: Y, U, V.
 */
#define FACENET_PIXEL_FORMAT_I420 9

/**
 * 4:2:2 in one plane, also called YUYV: Y, U, Y, V; `4 * ceil(width / 2)` bytes a row.
 */
#define FACENET_PIXEL_FORMAT_YUY2 10

/**
 * 4:2:2 in one plane: U, Y, V, Y; `4 * ceil(width / 2)` bytes a row.
 */
#define FACENET_PIXEL_FORMAT_UYVY 11

/**
 * The range that is usual for the format: limited for YUV, full for gray and RGB.
 */
#define FACENET_COLOR_RANGE_DEFAULT 0

/**
 * Luma from 16 to 235, chroma from 16 to 240: what video decoders and most cameras give.
 */
#define FACENET_COLOR_RANGE_LIMITED 1

/**
 * All values from 0 to 255: decoded JPEG and motion JPEG.
 */
#define FACENET_COLOR_RANGE_FULL 2

/**
 * BT.601 up to a height of 576, BT.709 above.
 */
#define FACENET_COLOR_MATRIX_DEFAULT 0

/**
 * ITU-R BT.601: standard definition, JPEG.
 */
#define FACENET_COLOR_MATRIX_BT601 1

/**
 * ITU-R BT.709: high definition.
 */
#define FACENET_COLOR_MATRIX_BT709 2

/**
 * ITU-R BT.2020, non-constant luminance: ultra high definition.
 */
#define FACENET_COLOR_MATRIX_BT2020 3

/**
 * Pixels in main memory.
 */
#define FACENET_MEMORY_HOST 0

/**
 * Most planes of a frame.
 */
#define FACENET_MAX_PLANES 4

/**
 * Euclidean distance, 0 to 2 for vectors of length one.
 */
#define FACENET_METRIC_EUCLIDEAN 0

/**
 * Squared Euclidean distance, 0 to 4 for vectors of length one.
 */
#define FACENET_METRIC_SQUARED_EUCLIDEAN 1

/**
 * Angle between the vectors over pi, 0 to 1.
 */
#define FACENET_METRIC_ANGULAR 2

/**
 * Cosine of the angle, -1 to 1: the only one that grows with likeness.
 */
#define FACENET_METRIC_COSINE 3

/**
 * Every face, the most probable first.
 */
#define FACENET_SELECTION_ALL 0

/**
 * The face with the largest box.
 */
#define FACENET_SELECTION_LARGEST 1

/**
 * The face with the best of area minus twice the squared distance to the centre.
 */
#define FACENET_SELECTION_CENTRAL 2

/**
 * The face with the highest score.
 */
#define FACENET_SELECTION_MOST_PROBABLE 3

/**
 * Pictures are searched as they are given.
 */
#define FACENET_ROTATIONS_NONE 0

/**
 * Also turned by 90, 180 and 270 degrees, of which the one counts whose faces have the highest sum of scores. Takes four times
 * the time.
 */
#define FACENET_ROTATIONS_QUARTER_TURNS 1

/**
 * The box, widened and resized, not turned: facenet's way.
 */
#define FACENET_ALIGNMENT_MARGIN 0

/**
 * The landmarks brought onto the template of ArcFace.
 */
#define FACENET_ALIGNMENT_ARCFACE 1

/**
 * What the model's description says.
 */
#define FACENET_STANDARDIZATION_MODEL 0

/**
 * Mean and deviation of the picture itself (facenet's prewhitening).
 */
#define FACENET_STANDARDIZATION_PER_IMAGE 1

/**
 * `(x - 127.5) / 128`.
 */
#define FACENET_STANDARDIZATION_FIXED 2

/**
 * `(x - 127.5) / 127.5`.
 */
#define FACENET_STANDARDIZATION_SYMMETRIC 3

/**
 * `x / 255`.
 */
#define FACENET_STANDARDIZATION_UNIT 4

/**
 * `x`.
 */
#define FACENET_STANDARDIZATION_RAW 5

/**
 * As the model's description says.
 */
#define FACENET_EMBEDDER_ALIGNMENT_MODEL 0

/**
 * The box, widened by a margin.
 */
#define FACENET_EMBEDDER_ALIGNMENT_MARGIN 1

/**
 * The landmarks, warped to the template of ArcFace.
 */
#define FACENET_EMBEDDER_ALIGNMENT_ARCFACE 2

/**
 * The mirror image is not looked at.
 */
#define FACENET_MIRROR_OFF 0

/**
 * The sum of the vectors of a face and its mirror image, scaled to length one. Costs twice the time.
 */
#define FACENET_MIRROR_AVERAGE 1

/**
 * Both vectors one after the other, scaled to length one. Costs twice the time.
 */
#define FACENET_MIRROR_CONCATENATE 2

/**
 * What is known of the model already, or the usual.
 */
#define FACENET_COLOR_ORDER_DEFAULT 0

/**
 * Red, green, blue.
 */
#define FACENET_COLOR_ORDER_RGB 1

/**
 * Blue, green, red.
 */
#define FACENET_COLOR_ORDER_BGR 2

/**
 * The nearest template, or nobody.
 */
#define FACENET_CLASSIFIER_TEMPLATE 0

/**
 * A linear support vector machine with probabilities. It cannot say "nobody".
 */
#define FACENET_CLASSIFIER_SVM 1

/**
 * A softmax over a linear score for each person: multinomial logistic regression. It can say "nobody" if there are strangers or
 * a threshold in its options.
 */
#define FACENET_CLASSIFIER_SOFTMAX 2

/**
 * DBSCAN, exact. The threshold is a Euclidean distance.
 */
#define FACENET_CLUSTERING_DBSCAN 0

/**
 * Chinese Whispers. The threshold is a dot product.
 */
#define FACENET_CLUSTERING_CHINESE_WHISPERS 1

/**
 * Average linkage, exact. The threshold is a mean Euclidean distance. Takes `2 * count * count` bytes of memory.
 */
#define FACENET_CLUSTERING_AVERAGE_LINK 2

/**
 * Average linkage along the graph of nearest neighbours, for any number of faces. The threshold is the root of a mean
 * squared distance.
 */
#define FACENET_CLUSTERING_KNN_GRAPH 3

/**
 * Cuts faces out of frames: square, upright, 8-bit RGB.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_aligner facenet_aligner;

/**
 * Names the faces of people whom it was trained on.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_classifier facenet_classifier;

/**
 * The clusters of some vectors.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_clusters facenet_clusters;

/**
 * Finds faces and their landmarks with MTCNN.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_detector facenet_detector;

/**
 * The faces of a frame with their crops and vectors, in the order of the detector.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_embedded facenet_embedded;

/**
 * Turns aligned faces into vectors of length one.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_embedder facenet_embedder;

/**
 * Measures how well pairs of faces are told apart, by the protocol of Labeled Faces in the Wild.
 *
 * @since 0.1
 */
typedef struct facenet_evaluator facenet_evaluator;

/**
 * The faces of a picture, the most probable first.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_faces facenet_faces;

/**
 * An upright picture: 8-bit RGB, row after row from the top, without padding.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_image facenet_image;

/**
 * The vectors of people's pictures, and whose each of them is: what classifiers, clusters and calibration take.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_people facenet_people;

/**
 * Finds, aligns and embeds the faces of frames.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_pipeline facenet_pipeline;

/**
 * What an evaluation found.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_report facenet_report;

/**
 * A loaded ONNX Runtime with a provider and worker threads.
 *
 * Many threads may use one at once. What is made from it keeps what it needs: it may be freed before them. After fork, a
 * child makes its own.
 *
 * @since 0.1
 */
typedef struct facenet_runtime facenet_runtime;

/**
 * What came of a call: FACENET_OK, or the kind of what went wrong. The numbers keep their meaning for ever.
 *
 * @since 0.1
 */
typedef int32_t facenet_status;

/**
 * Receives a message of the library.
 *
 * It may be called on any thread, several at once, and must not call back into the library.
 *
 * @param message  text that lives as long as the call
 * @param user     the pointer that was given to facenet_log_to
 * @since 0.1
 */
typedef void (*facenet_log_callback)(const char *message, void *user);

/**
 * Settings of a runtime: fill them with facenet_runtime_options_init.
 *
 * @since 0.1
 */
typedef struct facenet_runtime_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * What runs the networks: "cpu", "cuda", "cuda:1", "tensorrt", "tensorrt:1" or "auto"; NULL for "cpu". It runs there
     * or is an error; only "auto" takes the best that works.
     */
    const char *provider;
    /**
     * The ONNX Runtime library, or the folder it lies in; NULL to look for it (see the top of this file).
     */
    const char *library;
    /**
     * The folder with the models that ship with the library; NULL to look for it (see the top of this file).
     */
    const char *models;
    /**
     * The folder where TensorRT keeps its engines; NULL for the user's cache folder.
     */
    const char *engine_cache;
    /**
     * Threads that work on one call, 1 to 1024; 0 for one a core.
     */
    uint32_t threads;
    /**
     * Zero.
     */
    uint32_t reserved;
} facenet_runtime_options;

/**
 * Whether a provider runs on this machine.
 *
 * @since 0.1
 */
typedef struct facenet_provider_finding {
    /**
     * "cpu", "cuda:0", "tensorrt:0".
     */
    const char *name;
    /**
     * Why it does not run; NULL if it does.
     */
    const char *problem;
} facenet_provider_finding;

/**
 * A GPU.
 *
 * @since 0.1
 */
typedef struct facenet_gpu_finding {
    /**
     * The maker's name of the product.
     */
    const char *name;
    /**
     * Bytes of memory.
     */
    uint64_t memory;
    /**
     * Number before the point of the CUDA compute capability.
     */
    uint32_t capability_major;
    /**
     * Number after it.
     */
    uint32_t capability_minor;
} facenet_gpu_finding;

/**
 * A model file that ships with the library.
 *
 * @since 0.1
 */
typedef struct facenet_model_finding {
    /**
     * Name of the file.
     */
    const char *file;
    /**
     * What is wrong with it; NULL if every byte is right.
     */
    const char *problem;
    /**
     * Bytes of the file; 0 if it is not there.
     */
    uint64_t size;
} facenet_model_finding;

/**
 * What facenet_findings_new found on this machine. Texts and lists live until facenet_findings_free; a list has NULL where
 * its count is 0.
 *
 * The library makes it, with its own size in `struct_size`: members beyond that are of a later version. Lists are of pointers,
 * for what they point to may get more members too.
 *
 * @since 0.1
 */
typedef struct facenet_findings {
    /**
     * Bytes of this struct in the library that made it.
     */
    size_t struct_size;
    /**
     * 1 if a runtime can be made on the CPU and the models are whole, else 0.
     */
    uint32_t works;
    /**
     * 1 if ONNX Runtime sends usage data. Always 0: it is switched off before the library is loaded.
     */
    uint32_t telemetry;
    /**
     * Version of this library.
     */
    const char *version;
    /**
     * Operating system and processor that this library was built for, as "linux x86_64".
     */
    const char *platform;
    /**
     * Why no runtime can be made with the options, whatever the machine; NULL if one can.
     */
    const char *options_problem;
    /**
     * The maker's name of the processor.
     */
    const char *processor;
    /**
     * Those of its extensions that make networks fast, with spaces between, as "avx2 fma".
     */
    const char *processor_features;
    /**
     * Cores of the machine.
     */
    uint32_t cores;
    /**
     * Cores that this process may use.
     */
    uint32_t usable_cores;
    /**
     * File of the ONNX Runtime library; NULL if there is none.
     */
    const char *library;
    /**
     * Its version; NULL if there is none.
     */
    const char *library_version;
    /**
     * How it was found, in words; NULL if there is none.
     */
    const char *library_source;
    /**
     * Why there is none; NULL if there is one.
     */
    const char *library_problem;
    /**
     * The providers; none without the library.
     */
    const struct facenet_provider_finding *const *providers;
    /**
     * Number of them.
     */
    size_t provider_count;
    /**
     * The GPUs.
     */
    const struct facenet_gpu_finding *const *gpus;
    /**
     * Number of them.
     */
    size_t gpu_count;
    /**
     * Why there are none; NULL if there are.
     */
    const char *gpus_problem;
    /**
     * Folder with the models that ship; NULL if there is none.
     */
    const char *models_folder;
    /**
     * Why there is none; NULL if there is one.
     */
    const char *models_problem;
    /**
     * The models that ship; none without the folder.
     */
    const struct facenet_model_finding *const *models;
    /**
     * Number of them.
     */
    size_t model_count;
    /**
     * What to do to make more of this machine, most urgent first.
     */
    const char *const *advice;
    /**
     * Number of pieces of advice.
     */
    size_t advice_count;
} facenet_findings;

/**
 * Bytes of a frame, borrowed for a call.
 *
 * @since 0.1
 */
typedef struct facenet_plane {
    /**
     * The byte with the lowest address.
     */
    const uint8_t *data;
    /**
     * Bytes from `data` to the end. The last row may end where its pixels end.
     */
    size_t size;
    /**
     * Bytes from the start of a row to the start of the row below it, no fewer than those of a row. Negative if the
     * rows are stored from the bottom up: `data` then begins with the bottom row.
     */
    ptrdiff_t stride;
} facenet_plane;

/**
 * A picture of the caller, borrowed for a call: fill it with facenet_frame_init, then set format, size and planes.
 *
 * Every plane is checked against its size before a byte of it is read. Widths and heights that a format halves are
 * rounded up.
 *
 * @since 0.1
 */
typedef struct facenet_frame {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * FACENET_PIXEL_FORMAT_...
     */
    uint32_t format;
    /**
     * Width in pixels, 1 to 65535.
     */
    uint32_t width;
    /**
     * Height in pixels, 1 to 65535; together no more than 2^28 pixels.
     */
    uint32_t height;
    /**
     * FACENET_COLOR_RANGE_...
     */
    uint32_t range;
    /**
     * FACENET_COLOR_MATRIX_...
     */
    uint32_t matrix;
    /**
     * Degrees by which the pixels must be turned clockwise to stand upright: 0, 90, 180 or 270.
     */
    uint32_t rotation;
    /**
     * 1 if the upright picture is then to be mirrored left to right, else 0.
     */
    uint32_t mirror;
    /**
     * FACENET_MEMORY_HOST.
     */
    uint32_t memory_type;
    /**
     * As many planes as the format has.
     */
    struct facenet_plane planes[FACENET_MAX_PLANES];
} facenet_frame;

/**
 * A rectangle between two corners, in pixels of the stored picture. The x axis points right, the y axis down.
 *
 * @since 0.1
 */
typedef struct facenet_rect {
    /**
     * Left edge.
     */
    float x1;
    /**
     * Top edge.
     */
    float y1;
    /**
     * Right edge.
     */
    float x2;
    /**
     * Bottom edge.
     */
    float y2;
} facenet_rect;

/**
 * A position in pixels of the stored picture.
 *
 * @since 0.1
 */
typedef struct facenet_point {
    /**
     * Distance from the left edge.
     */
    float x;
    /**
     * Distance from the top edge.
     */
    float y;
} facenet_point;

/**
 * A face that was found.
 *
 * @since 0.1
 */
typedef struct facenet_face {
    /**
     * Bounding box; may reach past the edges of the picture.
     */
    struct facenet_rect rect;
    /**
     * Probability that this is a face, 0 to 1.
     */
    float score;
    /**
     * Left eye, right eye, nose, left and right corner of the mouth, as they lie in the picture.
     */
    struct facenet_point landmarks[5];
} facenet_face;

/**
 * Bytes of the caller, borrowed for a call. Nothing is NULL and 0.
 *
 * @since 0.1
 */
typedef struct facenet_bytes {
    /**
     * The first byte.
     */
    const uint8_t *data;
    /**
     * Number of bytes.
     */
    size_t size;
} facenet_bytes;

/**
 * Settings of a detector: fill them with facenet_detector_options_init. The defaults are those of the facenet toolkit.
 *
 * @since 0.1
 */
typedef struct facenet_detector_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Smallest face that is looked for, in pixels, 4 to 65536; 20 by default. Time grows with the inverse square.
     */
    float min_face_size;
    /**
     * The same as a share of the shorter side of the picture, above 0 up to 1; 0, the default, to use pixels.
     */
    float min_face_share;
    /**
     * Probabilities that a face must reach in each of the three networks, each between 0 and 1; 0.6, 0.7, 0.7.
     */
    float thresholds[3];
    /**
     * FACENET_SELECTION_...
     */
    uint32_t selection;
    /**
     * Ratio of neighbouring sizes in the image pyramid, 0.1 to 0.95; 0.709.
     */
    double factor;
    /**
     * Most faces to give back; 0, the default, for all.
     */
    uint32_t max_faces;
    /**
     * Zero.
     */
    uint32_t reserved;
    /**
     * The model files of P-Net, R-Net and O-Net in memory; nothing, the default, for those that ship with the library.
     * They are copied.
     */
    struct facenet_bytes networks[3];
    /**
     * FACENET_ROTATIONS_...
     */
    uint32_t rotations;
    /**
     * Zero.
     */
    uint32_t reserved2;
} facenet_detector_options;

/**
 * Settings of an embedder: fill them with facenet_embedder_options_init.
 *
 * @since 0.1
 */
typedef struct facenet_embedder_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Model file; NULL for the one that ships with the library, or for `model_bytes`.
     */
    const char *model;
    /**
     * FACENET_STANDARDIZATION_...
     */
    uint32_t standardization;
    /**
     * FACENET_MIRROR_...
     */
    uint32_t mirror;
    /**
     * Most pictures in one run of the network, 1 or more; 16.
     */
    uint32_t batch_size;
    /**
     * Zero.
     */
    uint32_t reserved;
    /**
     * A model file in memory, instead of `model`; nothing by default. It is copied.
     */
    struct facenet_bytes model_bytes;
    /**
     * How the crops were cut out, FACENET_EMBEDDER_ALIGNMENT_...; as the model says by default. It becomes part of the
     * fingerprint.
     */
    uint32_t alignment;
    /**
     * For FACENET_EMBEDDER_ALIGNMENT_MARGIN: pixels by which the box was made wider and higher; 32.
     */
    uint32_t margin;
} facenet_embedder_options;

/**
 * Settings of an aligner: fill them with facenet_aligner_options_init. The defaults are those of the model that ships.
 *
 * @since 0.1
 */
typedef struct facenet_aligner_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * FACENET_ALIGNMENT_...
     */
    uint32_t alignment;
    /**
     * Pixels by which the box is made wider and higher, half of them on each side; 32. For FACENET_ALIGNMENT_MARGIN.
     */
    uint32_t margin;
    /**
     * Width and height of a crop in pixels, 1 to 4096; 160.
     */
    uint32_t size;
    /**
     * Zero.
     */
    uint32_t reserved;
} facenet_aligner_options;

/**
 * A distance at which to decide, with the error rates it was measured to have.
 *
 * @since 0.1
 */
typedef struct facenet_threshold {
    /**
     * Two faces within it are taken for the same person, in the embedder's metric.
     */
    float distance;
    /**
     * Share of pairs of different people that are taken for the same.
     */
    double false_match_rate;
    /**
     * Share of pairs of the same person that are taken for different.
     */
    double false_non_match_rate;
} facenet_threshold;

/**
 * What an imported model is to say of itself: fill it with facenet_model_import_options_init.
 *
 * @since 0.1
 */
typedef struct facenet_model_import_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Name of the model; NULL for the file's.
     */
    const char *name;
    /**
     * SPDX expression of the licence of the weights; NULL if it is not known.
     */
    const char *license;
    /**
     * FACENET_STANDARDIZATION_...: every embedding network needs it, and the wrong one costs accuracy without an error.
     * facenet's models of 2018 and facenet-pytorch have FIXED, facenet's of 2017 PER_IMAGE.
     */
    uint32_t standardization;
    /**
     * FACENET_COLOR_ORDER_...; a foreign ONNX file needs it.
     */
    uint32_t color_order;
    /**
     * 1 if alignment and margin below are given (a foreign ONNX file needs them), else 0.
     */
    uint32_t has_alignment;
    /**
     * FACENET_ALIGNMENT_...
     */
    uint32_t alignment;
    /**
     * Pixels of margin, for FACENET_ALIGNMENT_MARGIN.
     */
    uint32_t margin;
    /**
     * Width and height of the input in pixels; 0 for the file's, or 160.
     */
    uint32_t input_size;
    /**
     * FACENET_METRIC_...
     */
    uint32_t metric;
    /**
     * 1 to store weights as 32-bit floats, twice the size; 0 for 16 bits.
     */
    uint32_t full_precision;
} facenet_model_import_options;

/**
 * Is told how far a long call is, and says whether it is to go on.
 *
 * It may be called on a thread of the library, but by one at a time, and must not use the handles of the call.
 *
 * @param done   how much is done
 * @param total  how much there is to do
 * @param user   what was given with the callback
 * @return       0 to go on; anything else stops the call soon, which then returns FACENET_ERROR_CANCELLED
 * @since 0.1
 */
typedef uint32_t (*facenet_progress_callback)(uint64_t done, uint64_t total, void *user);

/**
 * How to learn: fill it with facenet_classifier_options_init.
 *
 * @since 0.1
 */
typedef struct facenet_classifier_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * FACENET_CLASSIFIER_...
     */
    uint32_t kind;
    /**
     * For templates: 1 to keep every vector, 0 for the mean of each person, the default.
     */
    uint32_t keep_each;
    /**
     * For templates, and a softmax with strangers: false positive identification rate, between 0 and 1, by which the threshold
     * is chosen; 0.01.
     */
    double fpir;
    /**
     * The threshold itself: of templates a cosine from -1 to 1, of a softmax a probability; not a number, the default, to
     * choose it by `fpir`.
     */
    double threshold;
    /**
     * For templates and a softmax: vectors of people who are not to be recognised, by which the threshold is chosen too, that
     * of a softmax by them alone; may be NULL.
     */
    const float *strangers;
    /**
     * Number of them.
     */
    size_t stranger_count;
    /**
     * For support vector machines and a softmax: the penalty of errors; not a number, the default, for 1 and 10.
     */
    double cost;
    /**
     * The same seed gives the same machine.
     */
    uint64_t seed;
    /**
     * For a softmax: 1 for each person to count the same however many vectors there are; 0, the default, for each vector to.
     */
    uint32_t balanced;
    /**
     * Zero.
     */
    uint32_t reserved;
} facenet_classifier_options;

/**
 * Whose face a vector is of.
 *
 * @since 0.1
 */
typedef struct facenet_prediction {
    /**
     * Number of the person, from 0; -1 if the face is of nobody known.
     */
    int64_t person;
    /**
     * The person with the highest score, known or not.
     */
    int64_t nearest;
    /**
     * The score of `nearest`: a cosine for templates, a probability for support vector machines and a softmax.
     */
    float score;
    /**
     * Zero.
     */
    uint32_t reserved;
} facenet_prediction;

/**
 * How to cluster: fill it with facenet_cluster_options_init, then set the threshold.
 *
 * @since 0.1
 */
typedef struct facenet_cluster_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Distance or likeness at which to decide. There is no default that holds for every model: see
     * facenet_cluster_threshold.
     */
    double threshold;
    /**
     * FACENET_CLUSTERING_...; FACENET_CLUSTERING_KNN_GRAPH by default.
     */
    uint32_t algorithm;
    /**
     * For DBSCAN: neighbours of a core point, itself among them; 1.
     */
    uint32_t min_samples;
    /**
     * Clusters with fewer members are dissolved; 1.
     */
    uint32_t min_cluster_size;
    /**
     * For Chinese Whispers: most rounds; 20.
     */
    uint32_t iterations;
    /**
     * The same seed and the same vectors give the same clusters; 0.
     */
    uint64_t seed;
    /**
     * Most bytes for what grows with the square of the number of vectors; 4 GiB.
     */
    uint64_t memory_limit;
    /**
     * For FACENET_CLUSTERING_KNN_GRAPH: neighbours of each vector that are looked at; 32.
     */
    uint32_t neighbors;
    /**
     * For FACENET_CLUSTERING_KNN_GRAPH: most vectors whose neighbours are found by comparing all with all; 50000.
     */
    uint32_t exact_neighbors_up_to;
} facenet_cluster_options;

/**
 * How well clusters agree with people that are known: precision, recall and their harmonic mean, 0 to 1 each.
 *
 * @since 0.1
 */
typedef struct facenet_agreement {
    /**
     * How much of what is together belongs together.
     */
    double precision;
    /**
     * How much of what belongs together is together.
     */
    double recall;
    /**
     * Harmonic mean of both.
     */
    double f;
} facenet_agreement;

/**
 * The figures of a report.
 *
 * @since 0.1
 */
typedef struct facenet_figures {
    /**
     * Share of right decisions, mean over folds.
     */
    double accuracy;
    /**
     * Its standard deviation over folds.
     */
    double accuracy_deviation;
    /**
     * Share of the pairs of one person that are accepted at the wanted false accept rate, mean over folds.
     */
    double validation_rate;
    /**
     * Its standard deviation over folds.
     */
    double validation_rate_deviation;
    /**
     * The false accept rate there, mean over folds.
     */
    double far;
    /**
     * Area under the mean ROC curve.
     */
    double area_under_curve;
    /**
     * Equal error rate of the mean ROC curve.
     */
    double equal_error_rate;
    /**
     * Pairs of the protocol.
     */
    uint64_t pairs;
    /**
     * Pairs of which an image is missing or gave no face: they are in no figure.
     */
    uint64_t pairs_left_out;
    /**
     * Images that are not there.
     */
    uint64_t images_missing;
    /**
     * Images that gave no face, or cannot be read.
     */
    uint64_t images_failed;
} facenet_figures;

/**
 * The rates of errors at one threshold.
 *
 * @since 0.1
 */
typedef struct facenet_roc_point {
    /**
     * The decision is "same" within this distance; not a number where everything is rejected.
     */
    float threshold;
    /**
     * Zero.
     */
    uint32_t reserved;
    /**
     * Share of the pairs of different people that are taken for the same.
     */
    double false_match_rate;
    /**
     * Share of the pairs of one person that are taken for different people.
     */
    double false_non_match_rate;
} facenet_roc_point;

/**
 * Settings of an evaluation: fill it with facenet_evaluator_options_init. The defaults are those of facenet's
 * validate_on_lfw.
 *
 * @since 0.1
 */
typedef struct facenet_evaluator_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Number of folds, 2 or more; 10.
     */
    uint32_t folds;
    /**
     * FACENET_METRIC_...; the squared Euclidean distance by default.
     */
    uint32_t metric;
    /**
     * 1 to subtract the mean of the vectors trained on, else 0.
     */
    uint32_t subtract_mean;
    /**
     * How often people are drawn for confidence intervals; 1000, 0 for none.
     */
    uint32_t replicates;
    /**
     * False accept rate at which the validation rate is taken, between 0 and 1; 0.001.
     */
    double wanted_far;
    /**
     * The same seed gives the same intervals.
     */
    uint64_t seed;
    /**
     * 1 to keep pictures of the hardest pairs for facenet_report_write_html, for which images are read again; 0, the
     * default, for none.
     */
    uint32_t pictures;
    /**
     * Zero.
     */
    uint32_t reserved;
} facenet_evaluator_options;

/**
 * How a folder of photos is made into a folder of aligned faces: fill it with facenet_align_folder_options_init. The
 * defaults are those of facenet's align_dataset_mtcnn, with the size of the model that ships.
 *
 * @since 0.1
 */
typedef struct facenet_align_folder_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Width and height of an aligned face in pixels, 1 to 4096; 160.
     */
    uint32_t image_size;
    /**
     * Pixels by which the detected box is made wider and higher; 32.
     */
    uint32_t margin;
    /**
     * 1 to write every face of an image, 0, the default, for the most central one.
     */
    uint32_t multiple_faces;
    /**
     * 1 to try again images that gave no face in an earlier call, else 0.
     */
    uint32_t retry_failed;
    /**
     * To share the work among machines: the number of this part of the images, from 1; 1.
     */
    uint32_t part;
    /**
     * Number of parts; 1.
     */
    uint32_t parts;
} facenet_align_folder_options;

/**
 * What came of aligning a folder. Every image is in one of the counts from `done_before` to `broken`.
 *
 * @since 0.1
 */
typedef struct facenet_align_summary {
    /**
     * Images in the folder, or in this part of it.
     */
    uint64_t images;
    /**
     * Images whose faces were there already.
     */
    uint64_t done_before;
    /**
     * Images without a face, or broken, according to an earlier call.
     */
    uint64_t failed_before;
    /**
     * Images that would be written to the output of another image (a.png beside a.jpg).
     */
    uint64_t duplicates;
    /**
     * Images of which a face was written.
     */
    uint64_t aligned;
    /**
     * Images without a face.
     */
    uint64_t no_face;
    /**
     * Images that could not be read or cut.
     */
    uint64_t broken;
    /**
     * Faces that were written.
     */
    uint64_t faces;
    /**
     * Folders and links that could not be read.
     */
    uint64_t unreadable;
} facenet_align_summary;

/**
 * What came of an export.
 *
 * @since 0.1
 */
typedef struct facenet_export_summary {
    /**
     * Images in the folder.
     */
    uint64_t images;
    /**
     * Images that were exported before.
     */
    uint64_t done_before;
    /**
     * Images that this call has looked at.
     */
    uint64_t processed;
    /**
     * Faces among them.
     */
    uint64_t faces;
    /**
     * Those without a face, or broken: they are named in failures.jsonl.
     */
    uint64_t failed;
} facenet_export_summary;

/**
 * The call did what it says.
 */
#define FACENET_OK 0

/**
 * An argument is NULL that must not be, or outside of what the function accepts.
 */
#define FACENET_ERROR_INVALID_ARGUMENT 1

/**
 * A file or folder that was named does not exist.
 */
#define FACENET_ERROR_NOT_FOUND 2

/**
 * The operating system refused to read or write.
 */
#define FACENET_ERROR_IO 3

/**
 * A callback asked for the work to stop.
 */
#define FACENET_ERROR_CANCELLED 4

/**
 * A fault of this library.
 */
#define FACENET_ERROR_INTERNAL 5

/**
 * The operation exists, but not for this input or on this machine.
 */
#define FACENET_ERROR_UNSUPPORTED 6

/**
 * The library met a fault of its own and stopped the call. Handles that took part may be freed; do not use them again.
 */
#define FACENET_ERROR_PANIC 99

/**
 * The description of a frame contradicts itself or its buffers.
 */
#define FACENET_ERROR_FRAME_INVALID 100

/**
 * The bytes are not an image, or an image that breaks off.
 */
#define FACENET_ERROR_IMAGE_DECODE 101

/**
 * The image is of a kind this library does not read.
 */
#define FACENET_ERROR_IMAGE_UNSUPPORTED 102

/**
 * The image has more pixels than the limit.
 */
#define FACENET_ERROR_IMAGE_TOO_LARGE 103

/**
 * No face was found where one is needed.
 */
#define FACENET_ERROR_NO_FACE 104

/**
 * ONNX Runtime was not found.
 */
#define FACENET_ERROR_RUNTIME_NOT_FOUND 200

/**
 * ONNX Runtime was found and does not load, or is too old.
 */
#define FACENET_ERROR_RUNTIME_LOAD 201

/**
 * The wanted execution provider does not run here.
 */
#define FACENET_ERROR_PROVIDER_UNAVAILABLE 202

/**
 * ONNX Runtime failed while running a model.
 */
#define FACENET_ERROR_INFERENCE 203

/**
 * The file is not a model, or one that breaks off.
 */
#define FACENET_ERROR_MODEL_INVALID 300

/**
 * The file is a model, but not of a kind this library runs.
 */
#define FACENET_ERROR_MODEL_UNSUPPORTED 301

/**
 * The model is not the one that was expected.
 */
#define FACENET_ERROR_MODEL_MISMATCH 302

/**
 * Two embeddings come from different models or preprocessing.
 */
#define FACENET_ERROR_FINGERPRINT_MISMATCH 400

/**
 * Two vectors have different lengths, or a vector has the wrong one.
 */
#define FACENET_ERROR_DIMENSION_MISMATCH 401

/**
 * A folder of images or a list file is not laid out as needed.
 */
#define FACENET_ERROR_DATASET_INVALID 500

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library that is loaded, as "0.1.0": static text.
 *
 * Compare with FACENET_VERSION_STRING, the version of the header.
 *
 * @since 0.1
 */
const char *facenet_version(void);

/**
 * FACENET_ABI_VERSION of the library that is loaded.
 *
 * @since 0.1
 */
uint32_t facenet_abi_version(void);

/**
 * The name of a status, such as "NotFound": static text, never NULL; "Unknown" for a number that is none.
 *
 * @since 0.1
 */
const char *facenet_status_name(facenet_status status);

/**
 * Copies the message of the last call of this thread that failed: what was wrong with which input, and what to do.
 *
 * Calls that succeed leave it as it is. Messages belong to threads: ask on the thread that made the call, before it makes
 * another one.
 *
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut at a character
 * @return          bytes of the whole text, without the closing zero: more than `capacity - 1` if it was cut
 * @since 0.1
 */
size_t facenet_last_error(char *buffer,
                          size_t capacity);

/**
 * Sends the messages of the library that belong to no result, among them those of its own faults, to `callback`. NULL, the
 * state at first, discards them. The library prints nothing. Holds for the whole process.
 *
 * @since 0.1
 */
facenet_status facenet_log_to(facenet_log_callback callback,
                              void *user);

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_runtime_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_runtime_options_init(struct facenet_runtime_options *options, size_t size);

/**
 * Finds and loads ONNX Runtime, and starts the worker threads.
 *
 * A process uses one ONNX Runtime library: the first call loads it, later ones use the same. A failure leaves nothing
 * behind.
 *
 * @param options  settings, or NULL
 * @param runtime  gets the runtime; free it with facenet_runtime_free
 * @since 0.1
 */
facenet_status facenet_runtime_new(const struct facenet_runtime_options *options, struct facenet_runtime **runtime);

/**
 * What a runtime runs on, as JSON: library, version, provider, threads, models, and the providers passed over.
 *
 * @param runtime   the runtime
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_runtime_info(const struct facenet_runtime *runtime,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *needed);

/**
 * Frees a runtime. NULL is fine.
 *
 * @since 0.1
 */
void facenet_runtime_free(struct facenet_runtime *runtime);

/**
 * Looks at this machine: what of it works, what does not, and what to do about it. Does not fail because of what it finds.
 *
 * @param options   settings of the runtime that is wanted, or NULL
 * @param as_json   1 for JSON, 0 for text to be read
 * @param works     gets 1 if a runtime can be made and the models are whole, else 0; may be NULL
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_doctor(const struct facenet_runtime_options *options,
                              uint32_t as_json,
                              uint32_t *works,
                              char *buffer,
                              size_t capacity,
                              size_t *needed);

/**
 * Looks at this machine, as facenet_doctor does, for programs that act on what is found. Does not fail because of that.
 *
 * @param options   settings of the runtime that is wanted, or NULL
 * @param findings  gets what was found; free it with facenet_findings_free
 * @since 0.1
 */
facenet_status facenet_findings_new(const struct facenet_runtime_options *options, struct facenet_findings **findings);

/**
 * Frees findings. NULL is fine.
 *
 * @since 0.1
 */
void facenet_findings_free(struct facenet_findings *findings);

/**
 * Fills a frame with the defaults: RGB of no size, upright.
 *
 * @param frame  the frame
 * @param size   sizeof(facenet_frame) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_frame_init(struct facenet_frame *frame, size_t size);

/**
 * Reads an image file: JPEG, PNG, WebP, BMP, TIFF or GIF, known by its content. Exif orientation is applied.
 *
 * @param path   the file, UTF-8
 * @param image  gets the picture; free it with facenet_image_free
 * @since 0.1
 */
facenet_status facenet_image_open(const char *path, struct facenet_image **image);

/**
 * Reads an image file that is in memory.
 *
 * @param bytes  the file
 * @param size   its bytes
 * @param image  gets the picture; free it with facenet_image_free
 * @since 0.1
 */
facenet_status facenet_image_decode(const uint8_t *bytes, size_t size, struct facenet_image **image);

/**
 * The upright picture of a frame of any format.
 *
 * @param frame  the frame
 * @param image  gets the picture; free it with facenet_image_free
 * @since 0.1
 */
facenet_status facenet_image_from_frame(const struct facenet_frame *frame, struct facenet_image **image);

/**
 * Writes a picture to a file that appears whole or not at all: PNG if the name ends in .png, JPEG if in .jpg or .jpeg.
 *
 * @param image  the picture
 * @param path   the file, UTF-8
 * @since 0.1
 */
facenet_status facenet_image_save(const struct facenet_image *image, const char *path);

/**
 * A frame over the pixels of a picture, to be handed to functions that take frames. It is valid until the picture is freed.
 *
 * @param image  the picture
 * @param frame  gets the frame; it has been filled with facenet_frame_init
 * @since 0.1
 */
facenet_status facenet_image_frame(const struct facenet_image *image,
                                   struct facenet_frame *frame);

/**
 * Width of a picture in pixels; 0 if it is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_image_width(const struct facenet_image *image);

/**
 * Height of a picture in pixels; 0 if it is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_image_height(const struct facenet_image *image);

/**
 * The pixels of a picture, `3 * width * height` bytes, valid until it is freed; NULL if it is NULL.
 *
 * @since 0.1
 */
const uint8_t *facenet_image_data(const struct facenet_image *image);

/**
 * Frees a picture. NULL is fine.
 *
 * @since 0.1
 */
void facenet_image_free(struct facenet_image *image);

/**
 * Number of faces; 0 if `faces` is NULL.
 *
 * @since 0.1
 */
size_t facenet_faces_count(const struct facenet_faces *faces);

/**
 * Face number `index`, from 0, valid until `faces` is freed; NULL if there is no such face.
 *
 * @since 0.1
 */
const struct facenet_face *facenet_faces_get(const struct facenet_faces *faces, size_t index);

/**
 * Frees faces. NULL is fine.
 *
 * @since 0.1
 */
void facenet_faces_free(struct facenet_faces *faces);

/**
 * Makes a pipeline of the detector that ships and the model of the embedder; faces are cut as that model needs.
 *
 * @param runtime   what runs the networks
 * @param detector  settings of the detector, or NULL
 * @param embedder  settings of the embedder, or NULL
 * @param pipeline  gets the pipeline; free it with facenet_pipeline_free
 * @since 0.1
 */
facenet_status facenet_pipeline_new(const struct facenet_runtime *runtime,
                                    const struct facenet_detector_options *detector,
                                    const struct facenet_embedder_options *embedder,
                                    struct facenet_pipeline **pipeline);

/**
 * The embedder of a pipeline, to ask for thresholds, metric and fingerprint.
 *
 * @param pipeline  the pipeline
 * @param embedder  gets the embedder, which shares the pipeline's model; free it with facenet_embedder_free
 * @since 0.1
 */
facenet_status facenet_pipeline_embedder(const struct facenet_pipeline *pipeline, struct facenet_embedder **embedder);

/**
 * Finds, aligns and embeds the faces of a frame.
 *
 * @param pipeline  the pipeline
 * @param frame     the frame
 * @param faces     gets the faces, none of them if there is none; free them with facenet_embedded_free
 * @since 0.1
 */
facenet_status facenet_pipeline_process(const struct facenet_pipeline *pipeline,
                                        const struct facenet_frame *frame,
                                        struct facenet_embedded **faces);

/**
 * Finds, aligns and embeds the faces in a part of a frame, in the coordinates of the whole frame.
 *
 * @param pipeline  the pipeline
 * @param frame     the frame
 * @param region    the part, in pixels of the stored picture
 * @param faces     gets the faces; free them with facenet_embedded_free
 * @since 0.1
 */
facenet_status facenet_pipeline_process_in(const struct facenet_pipeline *pipeline,
                                           const struct facenet_frame *frame,
                                           const struct facenet_rect *region,
                                           struct facenet_embedded **faces);

/**
 * Finds, aligns and embeds the faces of many frames; all networks run on faces of many frames at once.
 *
 * @param pipeline  the pipeline
 * @param frames    the frames, one after the other; all of the same struct_size as facenet_frame has in this header
 * @param count     number of frames
 * @param faces     gets `count` results; free each with facenet_embedded_free
 * @since 0.1
 */
facenet_status facenet_pipeline_process_batch(const struct facenet_pipeline *pipeline,
                                              const struct facenet_frame *frames,
                                              size_t count,
                                              struct facenet_embedded **faces);

/**
 * Frees a pipeline. NULL is fine.
 *
 * @since 0.1
 */
void facenet_pipeline_free(struct facenet_pipeline *pipeline);

/**
 * Number of faces; 0 if `faces` is NULL.
 *
 * @since 0.1
 */
size_t facenet_embedded_count(const struct facenet_embedded *faces);

/**
 * Box, score and landmarks of face number `index`, valid until `faces` is freed; NULL if there is no such face.
 *
 * @since 0.1
 */
const struct facenet_face *facenet_embedded_face(const struct facenet_embedded *faces, size_t index);

/**
 * The aligned face number `index`, valid until `faces` is freed; NULL if there is no such face.
 *
 * @since 0.1
 */
const struct facenet_image *facenet_embedded_crop(const struct facenet_embedded *faces, size_t index);

/**
 * The vector of face number `index`, valid until `faces` is freed; NULL if there is no such face. It has as many values as
 * facenet_embedder_dimension says.
 *
 * @since 0.1
 */
const float *facenet_embedded_vector(const struct facenet_embedded *faces,
                                     size_t index);

/**
 * Frees faces. NULL is fine.
 *
 * @since 0.1
 */
void facenet_embedded_free(struct facenet_embedded *faces);

/**
 * Distance (with FACENET_METRIC_COSINE, likeness) of two vectors. They must come from embedders with the same fingerprint.
 *
 * @param a          the first vector
 * @param b          the second vector
 * @param dimension  values of each
 * @param metric     FACENET_METRIC_...
 * @param distance   gets the distance
 * @since 0.1
 */
facenet_status facenet_distance(const float *a,
                                const float *b,
                                size_t dimension,
                                uint32_t metric,
                                float *distance);

/**
 * Whether a distance is within a threshold: no more than it, or for FACENET_METRIC_COSINE, a likeness, no less.
 *
 * @param metric     FACENET_METRIC_...
 * @param distance   the distance
 * @param threshold  the threshold
 * @return           1 if it is, 0 if it is not or the metric is unknown
 * @since 0.1
 */
uint32_t facenet_metric_within(uint32_t metric, float distance, float threshold);

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_detector_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_detector_options_init(struct facenet_detector_options *options, size_t size);

/**
 * Makes a detector.
 *
 * @param runtime   what runs the networks
 * @param options   settings, or NULL
 * @param detector  gets the detector; free it with facenet_detector_free
 * @since 0.1
 */
facenet_status facenet_detector_new(const struct facenet_runtime *runtime,
                                    const struct facenet_detector_options *options,
                                    struct facenet_detector **detector);

/**
 * Finds the faces of a frame.
 *
 * @param detector  the detector
 * @param frame     the frame
 * @param faces     gets the faces, none of them if there is none; free them with facenet_faces_free
 * @since 0.1
 */
facenet_status facenet_detector_detect(const struct facenet_detector *detector,
                                       const struct facenet_frame *frame,
                                       struct facenet_faces **faces);

/**
 * Finds the faces in a part of a frame, in the coordinates of the whole frame. Only this part is converted.
 *
 * @param detector  the detector
 * @param frame     the frame
 * @param region    the part, in pixels of the stored picture
 * @param faces     gets the faces; free them with facenet_faces_free
 * @since 0.1
 */
facenet_status facenet_detector_detect_in(const struct facenet_detector *detector,
                                          const struct facenet_frame *frame,
                                          const struct facenet_rect *region,
                                          struct facenet_faces **faces);

/**
 * Frees a detector. NULL is fine.
 *
 * @since 0.1
 */
void facenet_detector_free(struct facenet_detector *detector);

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_aligner_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_aligner_options_init(struct facenet_aligner_options *options, size_t size);

/**
 * Makes an aligner. To cut faces as an embedder needs them, use facenet_embedder_aligner.
 *
 * @param options  settings, or NULL
 * @param aligner  gets the aligner; free it with facenet_aligner_free
 * @since 0.1
 */
facenet_status facenet_aligner_new(const struct facenet_aligner_options *options, struct facenet_aligner **aligner);

/**
 * Width and height of the crops in pixels; 0 if `aligner` is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_aligner_size(const struct facenet_aligner *aligner);

/**
 * Cuts a face out of a frame, into pixels of the caller.
 *
 * @param aligner   the aligner
 * @param frame     the frame in which the face was found
 * @param face      the face
 * @param crop      gets `3 * size * size` bytes of RGB, row after row from the top; may be NULL if `capacity` is 0
 * @param capacity  bytes of `crop`; 0 only asks for `needed`
 * @param needed    gets the bytes of a crop; may be NULL
 * @since 0.1
 */
facenet_status facenet_aligner_align(const struct facenet_aligner *aligner,
                                     const struct facenet_frame *frame,
                                     const struct facenet_face *face,
                                     uint8_t *crop,
                                     size_t capacity,
                                     size_t *needed);

/**
 * Cuts a face out of a frame, as a picture.
 *
 * @param aligner  the aligner
 * @param frame    the frame in which the face was found
 * @param face     the face
 * @param image    gets the picture; free it with facenet_image_free
 * @since 0.1
 */
facenet_status facenet_aligner_align_image(const struct facenet_aligner *aligner,
                                           const struct facenet_frame *frame,
                                           const struct facenet_face *face,
                                           struct facenet_image **image);

/**
 * Frees an aligner. NULL is fine.
 *
 * @since 0.1
 */
void facenet_aligner_free(struct facenet_aligner *aligner);

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_embedder_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_embedder_options_init(struct facenet_embedder_options *options, size_t size);

/**
 * Makes an embedder.
 *
 * @param runtime   what runs the network
 * @param options   settings, or NULL
 * @param embedder  gets the embedder; free it with facenet_embedder_free
 * @since 0.1
 */
facenet_status facenet_embedder_new(const struct facenet_runtime *runtime,
                                    const struct facenet_embedder_options *options,
                                    struct facenet_embedder **embedder);

/**
 * An aligner that cuts faces out as the embedder's model needs them.
 *
 * @param embedder  the embedder
 * @param aligner   gets the aligner; free it with facenet_aligner_free
 * @since 0.1
 */
facenet_status facenet_embedder_aligner(const struct facenet_embedder *embedder, struct facenet_aligner **aligner);

/**
 * Width and height in pixels of the crops that the model takes; 0 if `embedder` is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_embedder_input_size(const struct facenet_embedder *embedder);

/**
 * Number of values of a vector; 0 if `embedder` is NULL.
 *
 * @since 0.1
 */
size_t facenet_embedder_dimension(const struct facenet_embedder *embedder);

/**
 * The metric of the thresholds, FACENET_METRIC_...; FACENET_METRIC_EUCLIDEAN if `embedder` is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_embedder_metric(const struct facenet_embedder *embedder);

/**
 * A threshold that was measured for the model, used as it is here: number 0 is the default.
 *
 * @param embedder   the embedder
 * @param index      number of the threshold, from 0
 * @param threshold  gets the threshold
 * @return           FACENET_ERROR_NOT_FOUND if there is none of this number
 * @since 0.1
 */
facenet_status facenet_embedder_threshold(const struct facenet_embedder *embedder,
                                          size_t index,
                                          struct facenet_threshold *threshold);

/**
 * The fingerprint of model and preprocessing, 32 hexadecimal digits. Vectors of different fingerprints cannot be compared:
 * keep it beside vectors that are stored.
 *
 * @param embedder  the embedder
 * @param buffer    gets the text and its closing zero
 * @param capacity  bytes of `buffer`, 33 or more
 * @since 0.1
 */
facenet_status facenet_embedder_fingerprint(const struct facenet_embedder *embedder,
                                            char *buffer,
                                            size_t capacity);

/**
 * Turns crops into vectors.
 *
 * @param embedder  the embedder
 * @param crops     `count` crops one after the other, each `3 * size * size` bytes of RGB, see facenet_embedder_input_size
 * @param count     number of crops; a batch costs less than its crops one by one
 * @param vectors   gets `count` vectors one after the other; may be NULL if `capacity` is 0
 * @param capacity  values that `vectors` has room for; 0 only asks for `needed`
 * @param needed    gets the number of values, `count` times the dimension; may be NULL
 * @since 0.1
 */
facenet_status facenet_embedder_embed(const struct facenet_embedder *embedder,
                                      const uint8_t *crops,
                                      size_t count,
                                      float *vectors,
                                      size_t capacity,
                                      size_t *needed);

/**
 * Frees an embedder. NULL is fine.
 *
 * @since 0.1
 */
void facenet_embedder_free(struct facenet_embedder *embedder);

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_model_import_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_model_import_options_init(struct facenet_model_import_options *options, size_t size);

/**
 * Makes a model file of a frozen TensorFlow graph (.pb), a safetensors file with facenet-pytorch's names, or an ONNX file.
 *
 * @param source   the file to read
 * @param target   the file to write; it appears whole or not at all
 * @param options  what the model is to say of itself, or NULL
 * @since 0.1
 */
facenet_status facenet_model_import(const char *source,
                                    const char *target,
                                    const struct facenet_model_import_options *options);

/**
 * What a model file says of itself, as JSON. Every byte of its weights is checked.
 *
 * @param path      the file
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_model_info(const char *path, char *buffer, size_t capacity, size_t *needed);

/**
 * Embeds the pictures of a folder of people. Of a picture with several faces, the first is taken. Pictures that give no
 * face, or lie in no person's folder, are left out: see facenet_people_left_out. Folders that cannot be read are told to the
 * log.
 *
 * Give the embedder if the folder holds aligned faces, or the pipeline if it holds photos, and NULL for the other; the
 * pipeline should be one that gives one face a photo (FACENET_SELECTION_CENTRAL, FACENET_SELECTION_LARGEST).
 *
 * @param embedder  what embeds aligned faces, or NULL
 * @param pipeline  what finds, aligns and embeds faces, or NULL
 * @param folder    a folder per person below it
 * @param progress  is told how many pictures are done, or NULL
 * @param user      for `progress`
 * @param people    gets the vectors; free them with facenet_people_free
 * @since 0.1
 */
facenet_status facenet_people_embed(const struct facenet_embedder *embedder,
                                    const struct facenet_pipeline *pipeline,
                                    const char *folder,
                                    facenet_progress_callback progress,
                                    void *user,
                                    struct facenet_people **people);

/**
 * Number of vectors; 0 if `people` is NULL.
 *
 * @since 0.1
 */
size_t facenet_people_faces(const struct facenet_people *people);

/**
 * The vectors, one after the other, each of the embedder's dimension; valid until `people` is freed, NULL if that is NULL.
 *
 * @since 0.1
 */
const float *facenet_people_vectors(const struct facenet_people *people);

/**
 * The number of each vector's person, from 0; valid until `people` is freed, NULL if that is NULL.
 *
 * @since 0.1
 */
const uint32_t *facenet_people_subjects(const struct facenet_people *people);

/**
 * Number of people; 0 if `people` is NULL. Of some there may be no vector.
 *
 * @since 0.1
 */
size_t facenet_people_count(const struct facenet_people *people);

/**
 * The name of a person.
 *
 * @param people    the people
 * @param person    number of the person, from 0
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @return          FACENET_ERROR_NOT_FOUND if there is no such person
 * @since 0.1
 */
facenet_status facenet_people_name(const struct facenet_people *people,
                                   size_t person,
                                   char *buffer,
                                   size_t capacity,
                                   size_t *needed);

/**
 * The picture of a vector, below the folder.
 *
 * @param people    the people
 * @param index     number of the vector, from 0
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @return          FACENET_ERROR_NOT_FOUND if there is no such vector
 * @since 0.1
 */
facenet_status facenet_people_image(const struct facenet_people *people,
                                    size_t index,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *needed);

/**
 * The pictures that were left out and why, as JSON: a list of objects with `image` and `reason`.
 *
 * @param people    the people
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_people_left_out(const struct facenet_people *people,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);

/**
 * Frees people. NULL is fine.
 *
 * @since 0.1
 */
void facenet_people_free(struct facenet_people *people);

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_classifier_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_classifier_options_init(struct facenet_classifier_options *options, size_t size);

/**
 * Learns to name people.
 *
 * @param embedder      what made the vectors
 * @param vectors       `count` vectors one after the other, each of the embedder's dimension
 * @param people        the person of each vector, a number below `people_count`
 * @param count         number of vectors
 * @param names         the name of each person, UTF-8
 * @param people_count  number of people, each of whom has a vector at least
 * @param options       how to learn, or NULL
 * @param progress      is told how far it is, or NULL
 * @param user          for `progress`
 * @param classifier    gets the classifier; free it with facenet_classifier_free
 * @since 0.1
 */
facenet_status facenet_classifier_train(const struct facenet_embedder *embedder,
                                        const float *vectors,
                                        const uint32_t *people,
                                        size_t count,
                                        const char *const *names,
                                        size_t people_count,
                                        const struct facenet_classifier_options *options,
                                        facenet_progress_callback progress,
                                        void *user,
                                        struct facenet_classifier **classifier);

/**
 * Names the faces of vectors.
 *
 * @param classifier   the classifier
 * @param embedder     what made the vectors; FACENET_ERROR_FINGERPRINT_MISMATCH if the classifier was trained on others
 * @param vectors      `count` vectors one after the other, each of the embedder's dimension
 * @param count        number of vectors
 * @param predictions  gets `count` predictions
 * @since 0.1
 */
facenet_status facenet_classifier_predict(const struct facenet_classifier *classifier,
                                          const struct facenet_embedder *embedder,
                                          const float *vectors,
                                          size_t count,
                                          struct facenet_prediction *predictions);

/**
 * Number of people; 0 if `classifier` is NULL.
 *
 * @since 0.1
 */
size_t facenet_classifier_count(const struct facenet_classifier *classifier);

/**
 * The name of a person.
 *
 * @param classifier  the classifier
 * @param person      number of the person, from 0
 * @param buffer      where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity    bytes of `buffer`; a longer text is cut
 * @param needed      gets the bytes of the whole text without the closing zero; may be NULL
 * @return            FACENET_ERROR_NOT_FOUND if there is no such person
 * @since 0.1
 */
facenet_status facenet_classifier_name(const struct facenet_classifier *classifier,
                                       size_t person,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);

/**
 * What a classifier is, as JSON: the model it was trained on, the people, and for a classifier that knows strangers the
 * threshold with the error rates measured at it.
 *
 * @param classifier  the classifier
 * @param buffer      where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity    bytes of `buffer`; a longer text is cut
 * @param needed      gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_classifier_info(const struct facenet_classifier *classifier,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);

/**
 * Writes a classifier to a file that appears whole or not at all: numbers and text, nothing that could run.
 *
 * @param classifier  the classifier
 * @param path        the file
 * @since 0.1
 */
facenet_status facenet_classifier_save(const struct facenet_classifier *classifier, const char *path);

/**
 * Reads a classifier from a file. Everything in it is checked.
 *
 * @param path        the file
 * @param classifier  gets the classifier; free it with facenet_classifier_free
 * @since 0.1
 */
facenet_status facenet_classifier_load(const char *path, struct facenet_classifier **classifier);

/**
 * Frees a classifier. NULL is fine.
 *
 * @since 0.1
 */
void facenet_classifier_free(struct facenet_classifier *classifier);

/**
 * Fills options with the defaults; the threshold is not a number, and must be set.
 *
 * @param options  the options
 * @param size     sizeof(facenet_cluster_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_cluster_options_init(struct facenet_cluster_options *options, size_t size);

/**
 * The threshold that was measured for an algorithm on vectors of an embedder.
 *
 * @param embedder   the embedder
 * @param algorithm  FACENET_CLUSTERING_...
 * @param threshold  gets the threshold
 * @return           FACENET_ERROR_NOT_FOUND if none was measured
 * @since 0.1
 */
facenet_status facenet_cluster_threshold(const struct facenet_embedder *embedder,
                                         uint32_t algorithm,
                                         double *threshold);

/**
 * Finds clusters among vectors.
 *
 * @param vectors    `count` vectors one after the other
 * @param count      number of vectors
 * @param dimension  values of each
 * @param options    how to cluster
 * @param progress   is told how far it is, in thousandths, or NULL
 * @param user       for `progress`
 * @param clusters   gets the clusters; free them with facenet_clusters_free
 * @since 0.1
 */
facenet_status facenet_cluster(const float *vectors,
                               size_t count,
                               size_t dimension,
                               const struct facenet_cluster_options *options,
                               facenet_progress_callback progress,
                               void *user,
                               struct facenet_clusters **clusters);

/**
 * Number of clusters; 0 if `clusters` is NULL.
 *
 * @since 0.1
 */
size_t facenet_clusters_count(const struct facenet_clusters *clusters);

/**
 * The number of each vector's cluster, from 0; -1 for a vector that is in none.
 *
 * @param clusters  the clusters
 * @param labels    gets a number for each vector; may be NULL if `capacity` is 0
 * @param capacity  numbers that `labels` has room for; 0 only asks for `needed`
 * @param needed    gets the number of vectors; may be NULL
 * @since 0.1
 */
facenet_status facenet_clusters_labels(const struct facenet_clusters *clusters,
                                       int64_t *labels,
                                       size_t capacity,
                                       size_t *needed);

/**
 * Scores clusters by the people that are known. A vector that is in no cluster counts as a cluster of one.
 *
 * @param clusters  the clusters
 * @param people    the person of each vector, by any numbers
 * @param count     number of vectors
 * @param bcubed    gets the mean over vectors (BCubed)
 * @param pairwise  gets the shares of pairs
 * @since 0.1
 */
facenet_status facenet_clusters_scores(const struct facenet_clusters *clusters,
                                       const int64_t *people,
                                       size_t count,
                                       struct facenet_agreement *bcubed,
                                       struct facenet_agreement *pairwise);

/**
 * Frees clusters. NULL is fine.
 *
 * @since 0.1
 */
void facenet_clusters_free(struct facenet_clusters *clusters);

/**
 * The figures of a report.
 *
 * @param report   the report
 * @param figures  gets the figures
 * @since 0.1
 */
facenet_status facenet_report_figures(const struct facenet_report *report, struct facenet_figures *figures);

/**
 * Number of points of the exact ROC curve over all pairs; 0 if `report` is NULL.
 *
 * @since 0.1
 */
size_t facenet_report_roc_count(const struct facenet_report *report);

/**
 * The points of the ROC curve, valid until the report is freed; NULL if `report` is NULL.
 *
 * @since 0.1
 */
const struct facenet_roc_point *facenet_report_roc(const struct facenet_report *report);

/**
 * Everything in a report, as JSON: folds, error rates with counts and confidence intervals, images left out, hardest pairs.
 *
 * @param report    the report
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_report_json(const struct facenet_report *report,
                                   char *buffer,
                                   size_t capacity,
                                   size_t *needed);

/**
 * Writes a report as a page for a browser, whole in one file, with curves and the hardest pairs. They are in pictures
 * if facenet_evaluator_options.pictures was 1.
 *
 * @param report  the report
 * @param path    the file
 * @param model   what was evaluated, for the reader
 * @param data    on what, for the reader
 * @since 0.1
 */
facenet_status facenet_report_write_html(const struct facenet_report *report,
                                         const char *path,
                                         const char *model,
                                         const char *data);

/**
 * Frees a report. NULL is fine.
 *
 * @since 0.1
 */
void facenet_report_free(struct facenet_report *report);

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_evaluator_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_evaluator_options_init(struct facenet_evaluator_options *options, size_t size);

/**
 * Makes an evaluator without pairs.
 *
 * @param options    settings, or NULL
 * @param evaluator  gets the evaluator; free it with facenet_evaluator_free
 * @since 0.1
 */
facenet_status facenet_evaluator_new(const struct facenet_evaluator_options *options,
                                     struct facenet_evaluator **evaluator);

/**
 * Adds a pair of vectors. Folds are made of the pairs in the order of adding.
 *
 * @param evaluator  the evaluator
 * @param a          the first vector
 * @param b          the second vector
 * @param dimension  values of each, the same for all pairs
 * @param same       1 if both are of the same person, else 0
 * @since 0.1
 */
facenet_status facenet_evaluator_add_pair(struct facenet_evaluator *evaluator,
                                          const float *a,
                                          const float *b,
                                          size_t dimension,
                                          uint32_t same);

/**
 * Evaluates the pairs that were added. Whose they are is not known: there are no confidence intervals.
 *
 * @param evaluator  the evaluator
 * @param report     gets the report; free it with facenet_report_free
 * @since 0.1
 */
facenet_status facenet_evaluator_report(const struct facenet_evaluator *evaluator, struct facenet_report **report);

/**
 * Evaluates a model on a folder of people and a list of pairs, as facenet's validate_on_lfw.
 *
 * Give the embedder if the folder holds aligned faces, or the pipeline if it holds photos, and NULL for the other; the
 * pipeline should be one that gives one face a photo (FACENET_SELECTION_CENTRAL). Images that are missing or give no
 * face are counted in the report.
 *
 * @param evaluator  the settings
 * @param embedder   what embeds aligned faces, or NULL
 * @param pipeline   what finds, aligns and embeds faces, or NULL
 * @param folder     a folder per person below it
 * @param pairs      the list, as pairs.txt of Labeled Faces in the Wild
 * @param progress   is told how many images are done, or NULL
 * @param user       for `progress`
 * @param report     gets the report; free it with facenet_report_free
 * @since 0.1
 */
facenet_status facenet_evaluator_run_lfw(const struct facenet_evaluator *evaluator,
                                         const struct facenet_embedder *embedder,
                                         const struct facenet_pipeline *pipeline,
                                         const char *folder,
                                         const char *pairs,
                                         facenet_progress_callback progress,
                                         void *user,
                                         struct facenet_report **report);

/**
 * Evaluates a model on a file of pairs as InsightFace ships them, like lfw.bin or agedb_30.bin. Its faces were cut out in
 * another way than facenet's, and are scaled to the size that the model needs: the report says so.
 *
 * @param evaluator  the settings
 * @param embedder   what embeds the faces
 * @param path       the file
 * @param progress   is told how many images are done, or NULL
 * @param user       for `progress`
 * @param report     gets the report; free it with facenet_report_free
 * @since 0.1
 */
facenet_status facenet_evaluator_run_insightface(const struct facenet_evaluator *evaluator,
                                                 const struct facenet_embedder *embedder,
                                                 const char *path,
                                                 facenet_progress_callback progress,
                                                 void *user,
                                                 struct facenet_report **report);

/**
 * Frees an evaluator. NULL is fine.
 *
 * @since 0.1
 */
void facenet_evaluator_free(struct facenet_evaluator *evaluator);

/**
 * Finds thresholds for wanted false match rates on people's pictures.
 *
 * A rate that the number of pairs does not support gets a threshold whose distance is not a number.
 *
 * @param vectors     `count` vectors one after the other
 * @param subjects    the person of each vector, by any numbers
 * @param count       number of vectors
 * @param dimension   values of each
 * @param metric      FACENET_METRIC_...
 * @param rates       the wanted false match rates, each between 0 and 1
 * @param rate_count  number of them
 * @param progress    is told how far it is, or NULL
 * @param user        for `progress`
 * @param thresholds  gets `rate_count` thresholds
 * @since 0.1
 */
facenet_status facenet_calibrate(const float *vectors,
                                 const uint32_t *subjects,
                                 size_t count,
                                 size_t dimension,
                                 uint32_t metric,
                                 const double *rates,
                                 size_t rate_count,
                                 facenet_progress_callback progress,
                                 void *user,
                                 struct facenet_threshold *thresholds);

/**
 * Writes thresholds to a file, as `facenet calibrate` does. `facenet compare --profile` takes it.
 *
 * @param embedder     what made the vectors that the thresholds were measured on
 * @param metric       metric of the thresholds, FACENET_METRIC_...
 * @param thresholds   the thresholds, the default first
 * @param count        number of them, 1 or more; each distance is a number
 * @param measured_on  on what they were measured, for the reader
 * @param path         the file; it appears whole or not at all
 * @since 0.1
 */
facenet_status facenet_profile_write(const struct facenet_embedder *embedder,
                                     uint32_t metric,
                                     const struct facenet_threshold *thresholds,
                                     size_t count,
                                     const char *measured_on,
                                     const char *path);

/**
 * Reads the thresholds of a file that facenet_profile_write or `facenet calibrate` wrote.
 *
 * @param path        the file
 * @param embedder    what makes the vectors; FACENET_ERROR_FINGERPRINT_MISMATCH if the thresholds are for others
 * @param metric      gets the metric of the thresholds, FACENET_METRIC_...
 * @param thresholds  gets the thresholds, the default first; may be NULL if `capacity` is 0
 * @param capacity    thresholds that there is room for; 0 only asks for `needed`
 * @param needed      gets the number of thresholds; may be NULL
 * @since 0.1
 */
facenet_status facenet_profile_read(const char *path,
                                    const struct facenet_embedder *embedder,
                                    uint32_t *metric,
                                    struct facenet_threshold *thresholds,
                                    size_t capacity,
                                    size_t *needed);

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_align_folder_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_align_folder_options_init(struct facenet_align_folder_options *options, size_t size);

/**
 * Makes a folder of people's photos into a folder of aligned faces: input/Name/a.jpg becomes output/Name/a.png. A call
 * that was stopped is taken up by the next one with the same folders; several processes may share them.
 *
 * Images that gave no face are named, with the reason, in align_report_NNNNN.jsonl in the output folder. A face that could
 * not be cut out, though others of its image could, is told to the log.
 *
 * @param runtime   what runs the networks
 * @param input     a folder per person below it
 * @param output    the folder to write to; it is made if need be
 * @param detector  settings of the detector, of which `selection` is not used, or NULL
 * @param options   what to write, or NULL
 * @param progress  is told how many images are done, or NULL
 * @param user      for `progress`
 * @param summary   gets the counts; may be NULL
 * @since 0.1
 */
facenet_status facenet_align_folder(const struct facenet_runtime *runtime,
                                    const char *input,
                                    const char *output,
                                    const struct facenet_detector_options *detector,
                                    const struct facenet_align_folder_options *options,
                                    facenet_progress_callback progress,
                                    void *user,
                                    struct facenet_align_summary *summary);

/**
 * Writes the vectors of a folder of people as NumPy arrays and Parquet files. A call that was stopped is taken up by the
 * next one with the same folders.
 *
 * @param embedder  what embeds aligned faces, or NULL
 * @param pipeline  what finds, aligns and embeds faces of photos, or NULL; one of both
 * @param input     a folder per person below it
 * @param output    the folder to write to; it is made if need be
 * @param progress  is told how many images are done, or NULL
 * @param user      for `progress`
 * @param summary   gets the counts; may be NULL
 * @since 0.1
 */
facenet_status facenet_export_folder(const struct facenet_embedder *embedder,
                                     const struct facenet_pipeline *pipeline,
                                     const char *input,
                                     const char *output,
                                     facenet_progress_callback progress,
                                     void *user,
                                     struct facenet_export_summary *summary);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FACENET_H */
