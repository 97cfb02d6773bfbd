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
#ifndef FACENET_H
#define FACENET_H

#include <stddef.h>
#include <stdint.h>

/* An installed library says here which flavour it is. Without this file, every function is declared. */
#if defined(__has_include)
#if __has_include("facenet/config.h")
#include "facenet/config.h"
#endif
#endif
#if !defined(FACENET_CORE_ONLY) && !defined(FACENET_FULL)
/** Defined if the library has every function of this header; not defined for one of the flavour `core`. */
#define FACENET_FULL 1
#endif

/** Version of this header. */
#define FACENET_VERSION_MAJOR 0
/** Version of this header. */
#define FACENET_VERSION_MINOR 1
/** Version of this header. */
#define FACENET_VERSION_PATCH 0
/** Version of this header. */
#define FACENET_VERSION_STRING "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------------------
 * Versions
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Number that changes when a program must be compiled again: facenet_abi_version() must equal it.
 */
#define FACENET_ABI_VERSION 0

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

/* ------------------------------------------------------------------------------------------------------------------
 * Status of a call, and the message of a failure
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Result of a call: FACENET_OK, or the kind of error. The numbers keep their meaning in all versions.
 *
 * @since 0.1
 */
typedef int32_t facenet_status;

/**
 * The call succeeded.
 */
#define FACENET_OK 0
/**
 * An argument is NULL where that is not allowed, or outside the range that the function accepts.
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
 * The call was stopped by its progress callback or its facenet_cancel.
 */
#define FACENET_ERROR_CANCELLED 4
/**
 * An internal error of this library.
 */
#define FACENET_ERROR_INTERNAL 5
/**
 * The operation exists, but not for this input or on this machine.
 */
#define FACENET_ERROR_UNSUPPORTED 6
/**
 * An internal error stopped the call with a panic. The handles of the call may be freed, but not used again.
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
 * The requested execution provider does not run here.
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
 * Two embeddings have different lengths, or an embedding has the wrong one.
 */
#define FACENET_ERROR_DIMENSION_MISMATCH 401
/**
 * A folder of images or a list file is not laid out as needed.
 */
#define FACENET_ERROR_DATASET_INVALID 500

/**
 * The name of a status, such as "NotFound": static text, never NULL; "Unknown" for other numbers.
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

/* ------------------------------------------------------------------------------------------------------------------
 * Runtime: ONNX Runtime, and the threads that work on calls
 * ------------------------------------------------------------------------------------------------------------------ */

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
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_runtime_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_runtime_options_init(facenet_runtime_options *options, size_t size);

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
facenet_status facenet_runtime_new(const facenet_runtime_options *options, facenet_runtime **runtime);

/**
 * The properties of a runtime, as JSON: library, version, provider, threads, models, and the providers passed over.
 *
 * @param runtime   the runtime
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_runtime_info(const facenet_runtime *runtime,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *needed);

/**
 * Frees a runtime. NULL is fine.
 *
 * @since 0.1
 */
void facenet_runtime_free(facenet_runtime *runtime);

/**
 * Examines this machine: what works, what does not, and what to do about it. Its findings are no failure of the call.
 *
 * @param options   settings of the runtime that is wanted, or NULL
 * @param as_json   1 for JSON, 0 for text to be read
 * @param works     gets 1 if a runtime can be made and the models are whole, else 0; may be NULL
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_doctor(const facenet_runtime_options *options,
                              uint32_t as_json,
                              uint32_t *works,
                              char *buffer,
                              size_t capacity,
                              size_t *needed);

/* ------------------------------------------------------------------------------------------------------------------
 * Frames: pixels of the caller
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Layout of pixels in memory: FACENET_PIXEL_FORMAT_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_pixel_format;

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
 * Range of luma and chroma values: FACENET_COLOR_RANGE_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_color_range;

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
 * Matrix between YUV and RGB: FACENET_COLOR_MATRIX_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_color_matrix;

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
 * Where pixels lie: FACENET_MEMORY_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_memory;

/**
 * Pixels in main memory.
 */
#define FACENET_MEMORY_HOST 0
/**
 * Most planes of a frame.
 */
#define FACENET_MAX_PLANES 4

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
    facenet_pixel_format format;
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
    facenet_color_range range;
    /**
     * FACENET_COLOR_MATRIX_...
     */
    facenet_color_matrix matrix;
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
    facenet_memory memory_type;
    /**
     * As many planes as the format has.
     */
    facenet_plane planes[FACENET_MAX_PLANES];
} facenet_frame;

/**
 * Fills a frame with the defaults: RGB of no size, upright.
 *
 * @param frame  the frame
 * @param size   sizeof(facenet_frame) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_frame_init(facenet_frame *frame, size_t size);

/* ------------------------------------------------------------------------------------------------------------------
 * Images of the library
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * An upright picture: 8-bit RGB, row after row from the top, without padding.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_image facenet_image;

/**
 * Reads an image file: JPEG, PNG, WebP, BMP, TIFF or GIF, and where libheif is installed HEIC or AVIF, known by its content.
 * Exif orientation is applied.
 *
 * @param path   the file, UTF-8
 * @param image  gets the picture; free it with facenet_image_free
 * @since 0.1
 */
facenet_status facenet_image_open(const char *path,
                                  facenet_image **image);

/**
 * Reads an image file that is in memory.
 *
 * @param bytes  the file
 * @param size   its bytes
 * @param image  gets the picture; free it with facenet_image_free
 * @since 0.1
 */
facenet_status facenet_image_decode(const uint8_t *bytes, size_t size, facenet_image **image);

/**
 * The upright picture of a frame of any format.
 *
 * @param frame  the frame
 * @param image  gets the picture; free it with facenet_image_free
 * @since 0.1
 */
facenet_status facenet_image_from_frame(const facenet_frame *frame, facenet_image **image);

/**
 * Writes a picture to a file that appears whole or not at all: PNG if the name ends in .png, JPEG if in .jpg or .jpeg.
 *
 * @param image  the picture
 * @param path   the file, UTF-8
 * @since 0.1
 */
facenet_status facenet_image_save(const facenet_image *image, const char *path);

/**
 * A frame over the pixels of a picture, to be handed to functions that take frames. It is valid until the picture is freed.
 *
 * @param image  the picture
 * @param frame  gets the frame; it has been filled with facenet_frame_init
 * @since 0.1
 */
facenet_status facenet_image_frame(const facenet_image *image,
                                   facenet_frame *frame);

/**
 * Width of a picture in pixels; 0 if it is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_image_width(const facenet_image *image);

/**
 * Height of a picture in pixels; 0 if it is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_image_height(const facenet_image *image);

/**
 * The pixels of a picture, `3 * width * height` bytes, valid until it is freed; NULL if it is NULL.
 *
 * @since 0.1
 */
const uint8_t *facenet_image_data(const facenet_image *image);

/**
 * Frees a picture. NULL is fine.
 *
 * @since 0.1
 */
void facenet_image_free(facenet_image *image);

/* ------------------------------------------------------------------------------------------------------------------
 * Faces that were detected
 * ------------------------------------------------------------------------------------------------------------------ */

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
    facenet_rect rect;
    /**
     * Probability that this is a face, 0 to 1.
     */
    float score;
    /**
     * Left eye, right eye, nose, left and right corner of the mouth, as they lie in the picture.
     */
    facenet_point landmarks[5];
} facenet_face;

/**
 * The faces of a picture, the most probable first.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_faces facenet_faces;

/**
 * Number of faces; 0 if `faces` is NULL.
 *
 * @since 0.1
 */
size_t facenet_faces_count(const facenet_faces *faces);

/**
 * Face number `index`, from 0, valid until `faces` is freed; NULL if there is no such face.
 *
 * @since 0.1
 */
const facenet_face *facenet_faces_get(const facenet_faces *faces, size_t index);

/**
 * Frees faces. NULL is fine.
 *
 * @since 0.1
 */
void facenet_faces_free(facenet_faces *faces);

/* ------------------------------------------------------------------------------------------------------------------
 * Pipeline: detection, alignment and embedding in one call
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Finds, aligns and embeds the faces of frames.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_pipeline facenet_pipeline;

/**
 * The faces of a frame with their crops and embeddings, in the order of the detector.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_embedded_faces facenet_embedded_faces;

typedef struct facenet_detector_options facenet_detector_options;

typedef struct facenet_embedder_options facenet_embedder_options;

/**
 * Makes a pipeline of the detector that ships and the model of the embedder; faces are cut as that model needs.
 *
 * @param runtime   the runtime
 * @param detector  settings of the detector, or NULL
 * @param embedder  settings of the embedder, or NULL
 * @param pipeline  gets the pipeline; free it with facenet_pipeline_free
 * @since 0.1
 */
facenet_status facenet_pipeline_new(const facenet_runtime *runtime,
                                    const facenet_detector_options *detector,
                                    const facenet_embedder_options *embedder,
                                    facenet_pipeline **pipeline);

/**
 * Computes the embeddings of aligned faces, which have unit norm.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_embedder facenet_embedder;

/**
 * The embedder of a pipeline, to ask for thresholds, metric and fingerprint.
 *
 * @param pipeline  the pipeline
 * @param embedder  gets the embedder, which shares the pipeline's model; free it with facenet_embedder_free
 * @since 0.1
 */
facenet_status facenet_pipeline_embedder(const facenet_pipeline *pipeline, facenet_embedder **embedder);

/**
 * Finds, aligns and embeds the faces of a frame.
 *
 * @param pipeline  the pipeline
 * @param frame     the frame
 * @param faces     gets the faces, which may be none; free them with facenet_embedded_faces_free
 * @since 0.1
 */
facenet_status facenet_pipeline_process(const facenet_pipeline *pipeline,
                                        const facenet_frame *frame,
                                        facenet_embedded_faces **faces);

/**
 * Finds, aligns and embeds the faces in a part of a frame, in the coordinates of the whole frame.
 *
 * @param pipeline  the pipeline
 * @param frame     the frame
 * @param region    the part, in pixels of the stored picture
 * @param faces     gets the faces; free them with facenet_embedded_faces_free
 * @since 0.1
 */
facenet_status facenet_pipeline_process_in(const facenet_pipeline *pipeline,
                                           const facenet_frame *frame,
                                           const facenet_rect *region,
                                           facenet_embedded_faces **faces);

/**
 * Finds, aligns and embeds the faces of many frames; all networks run on faces of many frames at once.
 *
 * @param pipeline  the pipeline
 * @param frames    the frames, one after the other
 * @param count     number of frames
 * @param faces     gets `count` results; free each with facenet_embedded_faces_free
 * @since 0.1
 */
facenet_status facenet_pipeline_process_batch(const facenet_pipeline *pipeline,
                                              const facenet_frame *frames,
                                              size_t count,
                                              facenet_embedded_faces **faces);

/**
 * Frees a pipeline. NULL is fine.
 *
 * @since 0.1
 */
void facenet_pipeline_free(facenet_pipeline *pipeline);

/**
 * Number of faces; 0 if `faces` is NULL.
 *
 * @since 0.1
 */
size_t facenet_embedded_faces_count(const facenet_embedded_faces *faces);

/**
 * Box, score and landmarks of face number `index`, valid until `faces` is freed; NULL if there is no such face.
 *
 * @since 0.1
 */
const facenet_face *facenet_embedded_faces_face(const facenet_embedded_faces *faces, size_t index);

/**
 * The aligned face number `index`, valid until `faces` is freed; NULL if there is no such face.
 *
 * @since 0.1
 */
const facenet_image *facenet_embedded_faces_crop(const facenet_embedded_faces *faces, size_t index);

/**
 * The embedding of face number `index`, valid until `faces` is freed; NULL if there is no such face. It has as many values as
 * facenet_embedder_dimension says.
 *
 * @since 0.1
 */
const float *facenet_embedded_faces_embedding(const facenet_embedded_faces *faces,
                                              size_t index);

/**
 * Frees faces. NULL is fine.
 *
 * @since 0.1
 */
void facenet_embedded_faces_free(facenet_embedded_faces *faces);

/* ------------------------------------------------------------------------------------------------------------------
 * Distance of embeddings
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Measure of how far two embeddings are apart: FACENET_METRIC_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_metric;

/**
 * Euclidean distance, 0 to 2 for embeddings of unit norm.
 */
#define FACENET_METRIC_EUCLIDEAN 0
/**
 * Squared Euclidean distance, 0 to 4 for embeddings of unit norm.
 */
#define FACENET_METRIC_SQUARED_EUCLIDEAN 1
/**
 * Angle between the embeddings over pi, 0 to 1.
 */
#define FACENET_METRIC_ANGULAR 2
/**
 * Cosine of the angle, -1 to 1: the only one that grows with likeness.
 */
#define FACENET_METRIC_COSINE 3

/**
 * Distance (with FACENET_METRIC_COSINE, likeness) of two embeddings. They must come from embedders with the same fingerprint.
 *
 * @param a          the first embedding
 * @param b          the second embedding
 * @param dimension  values of each
 * @param metric     FACENET_METRIC_...
 * @param distance   gets the distance
 * @since 0.1
 */
facenet_status facenet_distance(const float *a,
                                const float *b,
                                size_t dimension,
                                facenet_metric metric,
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
uint32_t facenet_metric_within(facenet_metric metric, float distance, float threshold);

/* ------------------------------------------------------------------------------------------------------------------
 * Bytes of the caller
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Bytes of the caller, borrowed for a call. NULL and 0 mean that none are given.
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

/* ------------------------------------------------------------------------------------------------------------------
 * Detector
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Which of the faces of a picture to return: FACENET_SELECTION_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_selection;

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
 * Finds faces and their landmarks with MTCNN.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_detector facenet_detector;

/**
 * Settings of a detector: fill them with facenet_detector_options_init. The defaults are those of the facenet toolkit.
 *
 * @since 0.1
 */
struct facenet_detector_options {
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
    facenet_selection selection;
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
     * The model files of P-Net, R-Net and O-Net in memory; none, the default, for those that ship with the library.
     * They are copied.
     */
    facenet_bytes networks[3];
    /**
     * FACENET_ROTATIONS_...
     */
    uint32_t rotations;
    /**
     * Zero.
     */
    uint32_t reserved2;
};

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_detector_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_detector_options_init(facenet_detector_options *options, size_t size);

/**
 * Makes a detector.
 *
 * @param runtime   the runtime
 * @param options   settings, or NULL
 * @param detector  gets the detector; free it with facenet_detector_free
 * @since 0.1
 */
facenet_status facenet_detector_new(const facenet_runtime *runtime,
                                    const facenet_detector_options *options,
                                    facenet_detector **detector);

/**
 * Finds the faces of a frame.
 *
 * @param detector  the detector
 * @param frame     the frame
 * @param faces     gets the faces, which may be none; free them with facenet_faces_free
 * @since 0.1
 */
facenet_status facenet_detector_detect(const facenet_detector *detector,
                                       const facenet_frame *frame,
                                       facenet_faces **faces);

/**
 * Finds the faces in a part of a frame, in the coordinates of the whole frame. Only this part is converted.
 *
 * @param detector  the detector
 * @param frame     the frame
 * @param region    the part, in pixels of the stored picture
 * @param faces     gets the faces; free them with facenet_faces_free
 * @since 0.1
 */
facenet_status facenet_detector_detect_in(const facenet_detector *detector,
                                          const facenet_frame *frame,
                                          const facenet_rect *region,
                                          facenet_faces **faces);

/**
 * Frees a detector. NULL is fine.
 *
 * @since 0.1
 */
void facenet_detector_free(facenet_detector *detector);

/* ------------------------------------------------------------------------------------------------------------------
 * Aligner
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * How a face is cut out: FACENET_ALIGNMENT_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_alignment;

/**
 * The box, widened and resized, not turned: facenet's way.
 */
#define FACENET_ALIGNMENT_MARGIN 0
/**
 * The landmarks brought onto the template of ArcFace.
 */
#define FACENET_ALIGNMENT_ARCFACE 1

/**
 * Crops faces out of frames: square, upright, 8-bit RGB.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_aligner facenet_aligner;

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
    facenet_alignment alignment;
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
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_aligner_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_aligner_options_init(facenet_aligner_options *options, size_t size);

/**
 * Makes an aligner. To cut faces as an embedder needs them, use facenet_embedder_aligner.
 *
 * @param options  settings, or NULL
 * @param aligner  gets the aligner; free it with facenet_aligner_free
 * @since 0.1
 */
facenet_status facenet_aligner_new(const facenet_aligner_options *options, facenet_aligner **aligner);

/**
 * Width and height of the crops in pixels; 0 if `aligner` is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_aligner_size(const facenet_aligner *aligner);

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
facenet_status facenet_aligner_align(const facenet_aligner *aligner,
                                     const facenet_frame *frame,
                                     const facenet_face *face,
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
facenet_status facenet_aligner_align_image(const facenet_aligner *aligner,
                                           const facenet_frame *frame,
                                           const facenet_face *face,
                                           facenet_image **image);

/**
 * Frees an aligner. NULL is fine.
 *
 * @since 0.1
 */
void facenet_aligner_free(facenet_aligner *aligner);

/* ------------------------------------------------------------------------------------------------------------------
 * Embedder
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * How pixels become the input of a model: FACENET_STANDARDIZATION_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_standardization;

/**
 * As the model's description says.
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
 * How faces were cut out for an embedder: FACENET_EMBEDDER_ALIGNMENT_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_embedder_alignment;

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
 * What to do with the mirror image of a face: FACENET_MIRROR_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_mirror;

/**
 * The mirror image is not used.
 */
#define FACENET_MIRROR_OFF 0
/**
 * The sum of the embeddings of a face and its mirror image, scaled to unit norm. Costs twice the time.
 */
#define FACENET_MIRROR_AVERAGE 1
/**
 * Both embeddings one after the other, scaled to unit norm. Costs twice the time.
 */
#define FACENET_MIRROR_CONCATENATE 2

/**
 * Settings of an embedder: fill them with facenet_embedder_options_init.
 *
 * @since 0.1
 */
struct facenet_embedder_options {
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
    facenet_standardization standardization;
    /**
     * FACENET_MIRROR_...
     */
    facenet_mirror mirror;
    /**
     * Most pictures in one run of the network, 1 or more; 16.
     */
    uint32_t batch_size;
    /**
     * Zero.
     */
    uint32_t reserved;
    /**
     * A model file in memory, instead of `model`; none by default. It is copied.
     */
    facenet_bytes model_bytes;
    /**
     * How the crops were cut out, FACENET_EMBEDDER_ALIGNMENT_...; as the model says by default. It becomes part of the
     * fingerprint.
     */
    uint32_t alignment;
    /**
     * For FACENET_EMBEDDER_ALIGNMENT_MARGIN: pixels by which the box was made wider and higher; 32.
     */
    uint32_t margin;
};

/**
 * A distance at which to decide, with the error rates it was measured to have.
 *
 * @since 0.1
 */
typedef struct facenet_threshold {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Two faces within it are taken for the same person, in the embedder's metric.
     */
    float distance;
    /**
     * Zero.
     */
    uint32_t reserved;
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
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_embedder_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_embedder_options_init(facenet_embedder_options *options, size_t size);

/**
 * Makes an embedder.
 *
 * @param runtime   the runtime
 * @param options   settings, or NULL
 * @param embedder  gets the embedder; free it with facenet_embedder_free
 * @since 0.1
 */
facenet_status facenet_embedder_new(const facenet_runtime *runtime,
                                    const facenet_embedder_options *options,
                                    facenet_embedder **embedder);

/**
 * An aligner that cuts faces out as the embedder's model needs them.
 *
 * @param embedder  the embedder
 * @param aligner   gets the aligner; free it with facenet_aligner_free
 * @since 0.1
 */
facenet_status facenet_embedder_aligner(const facenet_embedder *embedder, facenet_aligner **aligner);

/**
 * Width and height in pixels of the crops that the model takes; 0 if `embedder` is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_embedder_input_size(const facenet_embedder *embedder);

/**
 * Number of values of an embedding; 0 if `embedder` is NULL.
 *
 * @since 0.1
 */
size_t facenet_embedder_dimension(const facenet_embedder *embedder);

/**
 * The metric of the thresholds, FACENET_METRIC_...; FACENET_METRIC_EUCLIDEAN if `embedder` is NULL.
 *
 * @since 0.1
 */
facenet_metric facenet_embedder_metric(const facenet_embedder *embedder);

/**
 * A threshold that was measured for the model, used as it is here: number 0 is the default.
 *
 * @param embedder   the embedder
 * @param index      number of the threshold, from 0
 * @param threshold  gets the threshold
 * @return           FACENET_ERROR_NOT_FOUND if there is none of this number
 * @since 0.1
 */
facenet_status facenet_embedder_threshold(const facenet_embedder *embedder,
                                          size_t index,
                                          facenet_threshold *threshold);

/**
 * The fingerprint of model and preprocessing, 32 hexadecimal digits. Vectors of different fingerprints cannot be compared:
 * keep it beside embeddings that are stored.
 *
 * @param embedder  the embedder
 * @param buffer    gets the text and its closing zero
 * @param capacity  bytes of `buffer`, 33 or more
 * @since 0.1
 */
facenet_status facenet_embedder_fingerprint(const facenet_embedder *embedder,
                                            char *buffer,
                                            size_t capacity);

/**
 * Turns crops into embeddings.
 *
 * @param embedder  the embedder
 * @param crops     `count` crops one after the other, each `3 * size * size` bytes of RGB, see facenet_embedder_input_size
 * @param count     number of crops; a batch costs less than its crops one by one
 * @param embeddings   gets `count` embeddings one after the other; may be NULL if `capacity` is 0
 * @param capacity  values that `embeddings` has room for; 0 only asks for `needed`
 * @param needed    gets the number of values, `count` times the dimension; may be NULL
 * @since 0.1
 */
facenet_status facenet_embedder_embed(const facenet_embedder *embedder,
                                      const uint8_t *crops,
                                      size_t count,
                                      float *embeddings,
                                      size_t capacity,
                                      size_t *needed);

/**
 * Frees an embedder. NULL is fine.
 *
 * @since 0.1
 */
void facenet_embedder_free(facenet_embedder *embedder);

/* ------------------------------------------------------------------------------------------------------------------
 * Model files
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Order of the colours in the input of a model: FACENET_COLOR_ORDER_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_color_order;

/**
 * As known for the model, or else RGB.
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
 * Description of a model to import: fill it with facenet_model_import_options_init.
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
    facenet_standardization standardization;
    /**
     * FACENET_COLOR_ORDER_...; a foreign ONNX file needs it.
     */
    facenet_color_order color_order;
    /**
     * 1 if alignment and margin below are given (a foreign ONNX file needs them), else 0.
     */
    uint32_t has_alignment;
    /**
     * FACENET_ALIGNMENT_...
     */
    facenet_alignment alignment;
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
    facenet_metric metric;
    /**
     * 1 to store weights as 32-bit floats, twice the size; 0 for 16 bits.
     */
    uint32_t full_precision;
} facenet_model_import_options;

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_model_import_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_model_import_options_init(facenet_model_import_options *options, size_t size);

/**
 * Makes a model file of a frozen TensorFlow graph (.pb), a safetensors file with facenet-pytorch's names, or an ONNX file.
 *
 * @param source   the file to read
 * @param target   the file to write; it appears whole or not at all
 * @param options  the description of the model, or NULL
 * @since 0.1
 */
facenet_status facenet_model_import(const char *source,
                                    const char *target,
                                    const facenet_model_import_options *options);

/**
 * The description in a model file, as JSON. Every byte of its weights is checked.
 *
 * @param path      the file
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_model_info(const char *path, char *buffer, size_t capacity, size_t *needed);

/* ------------------------------------------------------------------------------------------------------------------
 * Findings: the state of this machine, for programs
 * ------------------------------------------------------------------------------------------------------------------ */

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
     * Product name.
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
     * Product name of the processor.
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
     * Why there is none, or NULL.
     */
    const char *library_problem;
    /**
     * The providers; none without the library.
     */
    const facenet_provider_finding *const *providers;
    /**
     * Number of them.
     */
    size_t provider_count;
    /**
     * The GPUs.
     */
    const facenet_gpu_finding *const *gpus;
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
     * Why there is none, or NULL.
     */
    const char *models_problem;
    /**
     * The models that ship; none without the folder.
     */
    const facenet_model_finding *const *models;
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
 * Examines this machine as facenet_doctor does, for programs that act on the findings. They are no failure of the call.
 *
 * @param options   settings of the runtime that is wanted, or NULL
 * @param findings  gets what was found; free it with facenet_findings_free
 * @since 0.1
 */
facenet_status facenet_findings_new(const facenet_runtime_options *options, facenet_findings **findings);

/**
 * Frees findings. NULL is fine.
 *
 * @since 0.1
 */
void facenet_findings_free(facenet_findings *findings);

/* ------------------------------------------------------------------------------------------------------------------
 * Log
 * ------------------------------------------------------------------------------------------------------------------ */

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
 * Sends the messages of the library that belong to no result, among them those of its own faults, to `callback`. NULL, the
 * state at first, discards them. The library prints nothing. Holds for the whole process.
 *
 * @since 0.1
 */
facenet_status facenet_log_to(facenet_log_callback callback,
                              void *user);

#if defined(FACENET_FULL)

/* ------------------------------------------------------------------------------------------------------------------
 * Long calls: progress, cancellation, and messages of their own
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Receives the progress of a long call, and decides whether it goes on.
 *
 * It may be called on a thread of the library, but by one at a time, and must not use the handles of the call.
 *
 * @param done   how much is done
 * @param total  how much there is to do
 * @param user   facenet_call.user
 * @return       0 to go on; anything else stops the call soon, which then returns FACENET_ERROR_CANCELLED
 * @since 0.1
 */
typedef uint32_t (*facenet_progress_callback)(uint64_t done, uint64_t total, void *user);

/**
 * Stops long calls from any thread: make one, set facenet_call.cancel, and request the stop when it is wanted. One may serve
 * any number of calls, at once or one after the other; once requested it stays so.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_cancel facenet_cancel;

/**
 * How a long call reports and stops: fill it with facenet_call_init, then set what is needed. NULL in its place means: no
 * progress, no cancellation, and the message of a failure from facenet_last_error.
 *
 * @since 0.1
 */
typedef struct facenet_call {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Receives the progress; may be NULL.
     */
    facenet_progress_callback progress;
    /**
     * Passed to `progress`.
     */
    void *user;
    /**
     * Stops the call when it is requested; may be NULL. A callback that stops the call requests it too.
     */
    const facenet_cancel *cancel;
    /**
     * Buffer that gets the message if the call fails, with its closing zero, cut at a character if it is too long; may be
     * NULL. It needs no thread, unlike facenet_last_error, which has the message too.
     */
    char *message;
    /**
     * Bytes of `message`.
     */
    size_t message_capacity;
} facenet_call;

/**
 * Fills a facenet_call with the defaults: everything NULL.
 *
 * @param call  the struct
 * @param size  sizeof(facenet_call) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_call_init(facenet_call *call, size_t size);

/**
 * Makes a request to stop that has not been made yet.
 *
 * @param cancel  gets the request; free it with facenet_cancel_free
 * @since 0.1
 */
facenet_status facenet_cancel_new(facenet_cancel **cancel);

/**
 * Requests that the calls with `cancel` stop: they return FACENET_ERROR_CANCELLED soon. Does not wait for them. Calls that
 * begin later stop too.
 *
 * @since 0.1
 */
facenet_status facenet_cancel_request(const facenet_cancel *cancel);

/**
 * Whether the stop was requested: 1 or 0, also if `cancel` is NULL.
 *
 * @since 0.1
 */
uint32_t facenet_cancel_requested(const facenet_cancel *cancel);

/**
 * Frees a request, when no call with it is under way. NULL is fine.
 *
 * @since 0.1
 */
void facenet_cancel_free(facenet_cancel *cancel);

#endif /* FACENET_FULL */

#if defined(FACENET_FULL)

/* ------------------------------------------------------------------------------------------------------------------
 * People: the embeddings of a folder of people
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * The embeddings of people's pictures and the person of each: the input of classifiers, clusters and calibration.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_people facenet_people;

/**
 * Embeds the pictures of a folder of people. Of a picture with several faces, the first is taken. Pictures that give no
 * face, or lie in no person's folder, are left out: see facenet_people_left_out. Folders that cannot be read are
 * reported to the log.
 *
 * Give the embedder if the folder holds aligned faces, or the pipeline if it holds photos, and NULL for the other; the
 * pipeline should be one that gives one face a photo (FACENET_SELECTION_CENTRAL, FACENET_SELECTION_LARGEST).
 *
 * @param embedder  the embedder, for aligned faces; or NULL
 * @param pipeline  the pipeline, for photos; or NULL
 * @param folder    a folder per person below it
 * @param call      progress (in pictures) and cancellation, or NULL
 * @param people    gets the embeddings; free them with facenet_people_free
 * @since 0.1
 */
facenet_status facenet_people_embed(const facenet_embedder *embedder,
                                    const facenet_pipeline *pipeline,
                                    const char *folder,
                                    const facenet_call *call,
                                    facenet_people **people);

/**
 * Number of embeddings; 0 if `people` is NULL.
 *
 * @since 0.1
 */
size_t facenet_people_faces(const facenet_people *people);

/**
 * The embeddings, one after the other, each of the embedder's dimension; valid until `people` is freed, NULL if that is NULL.
 *
 * @since 0.1
 */
const float *facenet_people_embeddings(const facenet_people *people);

/**
 * The number of each embedding's person, from 0; valid until `people` is freed, NULL if that is NULL.
 *
 * @since 0.1
 */
const uint32_t *facenet_people_subjects(const facenet_people *people);

/**
 * Number of people; 0 if `people` is NULL. Of some there may be no embedding.
 *
 * @since 0.1
 */
size_t facenet_people_count(const facenet_people *people);

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
facenet_status facenet_people_name(const facenet_people *people,
                                   size_t person,
                                   char *buffer,
                                   size_t capacity,
                                   size_t *needed);

/**
 * The picture of an embedding, below the folder.
 *
 * @param people    the people
 * @param index     number of the embedding, from 0
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @return          FACENET_ERROR_NOT_FOUND if there is no such embedding
 * @since 0.1
 */
facenet_status facenet_people_image(const facenet_people *people,
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
facenet_status facenet_people_left_out(const facenet_people *people,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);

/**
 * Frees people. NULL is fine.
 *
 * @since 0.1
 */
void facenet_people_free(facenet_people *people);

#endif /* FACENET_FULL */

#if defined(FACENET_FULL)

/* ------------------------------------------------------------------------------------------------------------------
 * Classifier: the names of known people
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Kind of classifier: FACENET_CLASSIFIER_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_classifier_kind;

/**
 * The nearest template, or no known person.
 */
#define FACENET_CLASSIFIER_TEMPLATE 0
/**
 * A linear support vector machine with probabilities. It always names a known person.
 */
#define FACENET_CLASSIFIER_SVM 1
/**
 * A softmax over a linear score for each person: multinomial logistic regression. It can answer "no known person" if its
 * options have strangers or a threshold.
 */
#define FACENET_CLASSIFIER_SOFTMAX 2

/**
 * Predicts the names of the people that it was trained on.
 *
 * Many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_classifier facenet_classifier;

/**
 * Settings of a classifier: fill them with facenet_classifier_options_init.
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
    facenet_classifier_kind kind;
    /**
     * For templates: 1 to keep every embedding, 0 for the mean of each person, the default.
     */
    uint32_t keep_each;
    /**
     * For templates, and a softmax with strangers: false positive identification rate, between 0 and 1, by which the threshold
     * is chosen; 0.01.
     */
    double fpir;
    /**
     * The threshold itself: of templates a cosine from -1 to 1, of a softmax a probability; NaN, the default, to
     * choose it by `fpir`.
     */
    double threshold;
    /**
     * For templates and a softmax: embeddings of people who are not to be recognised, by which the threshold is chosen too, that
     * of a softmax by them alone; may be NULL.
     */
    const float *strangers;
    /**
     * Number of them.
     */
    size_t stranger_count;
    /**
     * For support vector machines and a softmax: the penalty of errors; NaN, the default, for 1 and 10.
     */
    double cost;
    /**
     * Seed: the same seed gives the same machine.
     */
    uint64_t seed;
    /**
     * For a softmax: 1 to weight every person the same, 0, the default, to weight every embedding the same.
     */
    uint32_t balanced;
    /**
     * Zero.
     */
    uint32_t reserved;
} facenet_classifier_options;

/**
 * Prediction of a person for an embedding.
 *
 * @since 0.1
 */
typedef struct facenet_prediction {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Number of the person, from 0; -1 if it is no known person.
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
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_classifier_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_classifier_options_init(facenet_classifier_options *options, size_t size);

/**
 * Trains a classifier.
 *
 * @param embedder      the embedder that computed the embeddings
 * @param embeddings       `count` embeddings one after the other, each of the embedder's dimension
 * @param people        the person of each embedding, a number below `people_count`
 * @param count         number of embeddings
 * @param names         the name of each person, UTF-8
 * @param people_count  number of people, each of whom has an embedding at least
 * @param options       settings, or NULL
 * @param call          progress and cancellation, or NULL
 * @param classifier    gets the classifier; free it with facenet_classifier_free
 * @since 0.1
 */
facenet_status facenet_classifier_train(const facenet_embedder *embedder,
                                        const float *embeddings,
                                        const uint32_t *people,
                                        size_t count,
                                        const char *const *names,
                                        size_t people_count,
                                        const facenet_classifier_options *options,
                                        const facenet_call *call,
                                        facenet_classifier **classifier);

/**
 * Predicts the people of embeddings.
 *
 * @param classifier   the classifier
 * @param embedder     the embedder that computed the embeddings; FACENET_ERROR_FINGERPRINT_MISMATCH if the classifier was trained on others
 * @param embeddings      `count` embeddings one after the other, each of the embedder's dimension
 * @param count        number of embeddings
 * @param predictions  gets `count` predictions
 * @since 0.1
 */
facenet_status facenet_classifier_predict(const facenet_classifier *classifier,
                                          const facenet_embedder *embedder,
                                          const float *embeddings,
                                          size_t count,
                                          facenet_prediction *predictions);

/**
 * Number of people; 0 if `classifier` is NULL.
 *
 * @since 0.1
 */
size_t facenet_classifier_count(const facenet_classifier *classifier);

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
facenet_status facenet_classifier_name(const facenet_classifier *classifier,
                                       size_t person,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);

/**
 * The description of a classifier, as JSON: the model it was trained on, the people, and for a classifier that knows strangers the
 * threshold with the error rates measured at it.
 *
 * @param classifier  the classifier
 * @param buffer      where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity    bytes of `buffer`; a longer text is cut
 * @param needed      gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_classifier_info(const facenet_classifier *classifier,
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
facenet_status facenet_classifier_save(const facenet_classifier *classifier, const char *path);

/**
 * Reads a classifier from a file. Everything in it is checked.
 *
 * @param path        the file
 * @param classifier  gets the classifier; free it with facenet_classifier_free
 * @since 0.1
 */
facenet_status facenet_classifier_load(const char *path, facenet_classifier **classifier);

/**
 * Frees a classifier. NULL is fine.
 *
 * @since 0.1
 */
void facenet_classifier_free(facenet_classifier *classifier);

#endif /* FACENET_FULL */

#if defined(FACENET_FULL)

/* ------------------------------------------------------------------------------------------------------------------
 * Clusters: faces of the same person, without known people
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Algorithm that clusters: FACENET_CLUSTERING_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_clustering;

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
 * The clusters of some embeddings.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_clusters facenet_clusters;

/**
 * Settings of a clustering: fill them with facenet_cluster_options_init, then set the threshold.
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
    facenet_clustering algorithm;
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
     * Seed: the same seed and embeddings give the same clusters; 0.
     */
    uint64_t seed;
    /**
     * Most bytes for what grows with the square of the number of embeddings; 4 GiB.
     */
    uint64_t memory_limit;
    /**
     * For FACENET_CLUSTERING_KNN_GRAPH: neighbours of each embedding that are looked at; 32.
     */
    uint32_t neighbors;
    /**
     * For FACENET_CLUSTERING_KNN_GRAPH: most embeddings whose neighbours are found by comparing all with all; 50000.
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
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Share of what is clustered together that belongs together.
     */
    double precision;
    /**
     * Share of what belongs together that is clustered together.
     */
    double recall;
    /**
     * Harmonic mean of both.
     */
    double f;
} facenet_agreement;

/**
 * Fills options with the defaults; the threshold is NaN and must be set.
 *
 * @param options  the options
 * @param size     sizeof(facenet_cluster_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_cluster_options_init(facenet_cluster_options *options, size_t size);

/**
 * The threshold that was measured for an algorithm on embeddings of an embedder.
 *
 * @param embedder   the embedder
 * @param algorithm  FACENET_CLUSTERING_...
 * @param threshold  gets the threshold
 * @return           FACENET_ERROR_NOT_FOUND if none was measured
 * @since 0.1
 */
facenet_status facenet_cluster_threshold(const facenet_embedder *embedder,
                                         facenet_clustering algorithm,
                                         double *threshold);

/**
 * Finds clusters among embeddings.
 *
 * @param embeddings    `count` embeddings one after the other
 * @param count      number of embeddings
 * @param dimension  values of each
 * @param options    the settings
 * @param call       progress (in thousandths) and cancellation, or NULL
 * @param clusters   gets the clusters; free them with facenet_clusters_free
 * @since 0.1
 */
facenet_status facenet_cluster(const float *embeddings,
                               size_t count,
                               size_t dimension,
                               const facenet_cluster_options *options,
                               const facenet_call *call,
                               facenet_clusters **clusters);

/**
 * Number of clusters; 0 if `clusters` is NULL.
 *
 * @since 0.1
 */
size_t facenet_clusters_count(const facenet_clusters *clusters);

/**
 * The number of each embedding's cluster, from 0; -1 for an embedding that is in none.
 *
 * @param clusters  the clusters
 * @param labels    gets a number for each embedding; may be NULL if `capacity` is 0
 * @param capacity  numbers that `labels` has room for; 0 only asks for `needed`
 * @param needed    gets the number of embeddings; may be NULL
 * @since 0.1
 */
facenet_status facenet_clusters_labels(const facenet_clusters *clusters,
                                       int64_t *labels,
                                       size_t capacity,
                                       size_t *needed);

/**
 * Scores clusters by the people that are known. An embedding that is in no cluster counts as a cluster of one.
 *
 * @param clusters  the clusters
 * @param people    the person of each embedding, as any number
 * @param count     number of embeddings
 * @param bcubed    gets the mean over embeddings (BCubed)
 * @param pairwise  gets the shares of pairs
 * @since 0.1
 */
facenet_status facenet_clusters_scores(const facenet_clusters *clusters,
                                       const int64_t *people,
                                       size_t count,
                                       facenet_agreement *bcubed,
                                       facenet_agreement *pairwise);

/**
 * Frees clusters. NULL is fine.
 *
 * @since 0.1
 */
void facenet_clusters_free(facenet_clusters *clusters);

#endif /* FACENET_FULL */

#if defined(FACENET_FULL)

/* ------------------------------------------------------------------------------------------------------------------
 * Report of an evaluation
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * The result of an evaluation.
 *
 * Immutable: many threads may use one at once.
 *
 * @since 0.1
 */
typedef struct facenet_report facenet_report;

/**
 * The figures of a report.
 *
 * @since 0.1
 */
typedef struct facenet_figures {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * Share of correct decisions, mean over folds.
     */
    double accuracy;
    /**
     * Its standard deviation over folds.
     */
    double accuracy_deviation;
    /**
     * Share of the pairs of one person that are accepted at the requested false accept rate, mean over folds.
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
     * Bytes of this struct in the library that made it.
     */
    size_t struct_size;
    /**
     * The decision is "same" within this distance; NaN where everything is rejected.
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
 * The figures of a report.
 *
 * @param report   the report
 * @param figures  gets the figures
 * @since 0.1
 */
facenet_status facenet_report_figures(const facenet_report *report, facenet_figures *figures);

/**
 * Number of points of the exact ROC curve over all pairs; 0 if `report` is NULL.
 *
 * @since 0.1
 */
size_t facenet_report_roc_count(const facenet_report *report);

/**
 * Point number `index` of the ROC curve, from 0, valid until the report is freed; NULL if there is no such point.
 *
 * @since 0.1
 */
const facenet_roc_point *facenet_report_roc(const facenet_report *report, size_t index);

/**
 * Everything in a report, as JSON: folds, error rates with counts and confidence intervals, images left out, hardest pairs.
 *
 * @param report    the report
 * @param buffer    where the text goes, with its closing zero; may be NULL if `capacity` is 0
 * @param capacity  bytes of `buffer`; a longer text is cut
 * @param needed    gets the bytes of the whole text without the closing zero; may be NULL
 * @since 0.1
 */
facenet_status facenet_report_json(const facenet_report *report,
                                   char *buffer,
                                   size_t capacity,
                                   size_t *needed);

/**
 * Writes a report as a page for a browser, whole in one file, with curves and the hardest pairs. They are in pictures
 * if facenet_evaluator_options.pictures was 1.
 *
 * @param report  the report
 * @param path    the file
 * @param model   the name of the model, shown on the page
 * @param data    the name of the data, shown on the page
 * @since 0.1
 */
facenet_status facenet_report_write_html(const facenet_report *report,
                                         const char *path,
                                         const char *model,
                                         const char *data);

/**
 * Frees a report. NULL is fine.
 *
 * @since 0.1
 */
void facenet_report_free(facenet_report *report);

#endif /* FACENET_FULL */

#if defined(FACENET_FULL)

/* ------------------------------------------------------------------------------------------------------------------
 * Evaluator: accuracy on pairs of faces
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Measures the accuracy of verification on pairs of faces, by the protocol of Labeled Faces in the Wild.
 *
 * @since 0.1
 */
typedef struct facenet_evaluator facenet_evaluator;

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
    facenet_metric metric;
    /**
     * 1 to subtract the mean of the embeddings trained on, else 0.
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
     * Seed: the same seed gives the same intervals.
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
    /**
     * Share of confidence of the intervals, between 0 and 1; 0.95.
     */
    double confidence;
    /**
     * False match rates for which thresholds are wanted, each between 0 and 1; NULL, the default, for 0.01, 0.001 and 0.0001.
     */
    const double *false_match_rates;
    /**
     * Number of them.
     */
    size_t false_match_rate_count;
    /**
     * FACENET_MIRROR_...: what was made of mirror images, for the grid of thresholds; FACENET_MIRROR_OFF by default. Where an
     * embedder makes the embeddings, it is the embedder's.
     */
    facenet_mirror mirror;
    /**
     * How many of the hardest pairs of each kind the report names; 12.
     */
    uint32_t hardest;
} facenet_evaluator_options;

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_evaluator_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_evaluator_options_init(facenet_evaluator_options *options, size_t size);

/**
 * Makes an evaluator without pairs.
 *
 * @param options    settings, or NULL
 * @param evaluator  gets the evaluator; free it with facenet_evaluator_free
 * @since 0.1
 */
facenet_status facenet_evaluator_new(const facenet_evaluator_options *options,
                                     facenet_evaluator **evaluator);

/**
 * Adds a pair of embeddings. Folds are made of the pairs in the order of adding.
 *
 * @param evaluator  the evaluator
 * @param a          the first embedding
 * @param b          the second embedding
 * @param dimension  values of each, the same for all pairs
 * @param same       1 if both are of the same person, else 0
 * @since 0.1
 */
facenet_status facenet_evaluator_add_pair(facenet_evaluator *evaluator,
                                          const float *a,
                                          const float *b,
                                          size_t dimension,
                                          uint32_t same);

/**
 * Evaluates the pairs that were added. Their people are not known, so that there are no confidence intervals.
 *
 * @param evaluator  the evaluator
 * @param report     gets the report; free it with facenet_report_free
 * @since 0.1
 */
facenet_status facenet_evaluator_report(const facenet_evaluator *evaluator, facenet_report **report);

/**
 * Evaluates a model on a folder of people and a list of pairs, as the validate_on_lfw of facenet.
 *
 * Give the embedder if the folder holds aligned faces, or the pipeline if it holds photos, and NULL for the other; the
 * pipeline should be one that gives one face a photo (FACENET_SELECTION_CENTRAL). Images that are missing or give no
 * face are counted in the report.
 *
 * @param evaluator  the settings
 * @param embedder   the embedder, for aligned faces; or NULL
 * @param pipeline   the pipeline, for photos; or NULL
 * @param folder     a folder per person below it
 * @param pairs      the list, as pairs.txt of Labeled Faces in the Wild
 * @param call       progress (in images) and cancellation, or NULL
 * @param report     gets the report; free it with facenet_report_free
 * @since 0.1
 */
facenet_status facenet_evaluator_run_lfw(const facenet_evaluator *evaluator,
                                         const facenet_embedder *embedder,
                                         const facenet_pipeline *pipeline,
                                         const char *folder,
                                         const char *pairs,
                                         const facenet_call *call,
                                         facenet_report **report);

/**
 * Evaluates a model on a file of pairs as InsightFace ships them, like lfw.bin or agedb_30.bin. Its faces were cut out in
 * another way than facenet's, and are scaled to the size that the model needs: the report says so.
 *
 * @param evaluator  the settings
 * @param embedder   the embedder
 * @param path       the file
 * @param call       progress (in images) and cancellation, or NULL
 * @param report     gets the report; free it with facenet_report_free
 * @since 0.1
 */
facenet_status facenet_evaluator_run_insightface(const facenet_evaluator *evaluator,
                                                 const facenet_embedder *embedder,
                                                 const char *path,
                                                 const facenet_call *call,
                                                 facenet_report **report);

/**
 * Frees an evaluator. NULL is fine.
 *
 * @since 0.1
 */
void facenet_evaluator_free(facenet_evaluator *evaluator);

#endif /* FACENET_FULL */

#if defined(FACENET_FULL)

/* ------------------------------------------------------------------------------------------------------------------
 * Calibration: thresholds for given false match rates
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Finds thresholds for given false match rates on people's pictures.
 *
 * A rate that the number of pairs does not support gets a threshold whose distance is NaN.
 *
 * @param embeddings     `count` embeddings one after the other
 * @param subjects    the person of each embedding, as any number
 * @param count       number of embeddings
 * @param dimension   values of each
 * @param metric      FACENET_METRIC_...
 * @param rates       the false match rates, each between 0 and 1
 * @param rate_count  number of them
 * @param call        progress and cancellation, or NULL
 * @param thresholds  gets `rate_count` thresholds
 * @since 0.1
 */
facenet_status facenet_calibrate(const float *embeddings,
                                 const uint32_t *subjects,
                                 size_t count,
                                 size_t dimension,
                                 facenet_metric metric,
                                 const double *rates,
                                 size_t rate_count,
                                 const facenet_call *call,
                                 facenet_threshold *thresholds);

/**
 * Writes thresholds to a file, as `facenet calibrate` does. `facenet compare --profile` takes it.
 *
 * @param embedder     the embedder that computed the embeddings that the thresholds were measured on
 * @param metric       metric of the thresholds, FACENET_METRIC_...
 * @param thresholds   the thresholds, the default first
 * @param count        number of them, 1 or more; each distance is a number
 * @param measured_on  name of the data of the measurement, kept in the file
 * @param path         the file; it appears whole or not at all
 * @since 0.1
 */
facenet_status facenet_profile_write(const facenet_embedder *embedder,
                                     facenet_metric metric,
                                     const facenet_threshold *thresholds,
                                     size_t count,
                                     const char *measured_on,
                                     const char *path);

/**
 * Reads the thresholds of a file that facenet_profile_write or `facenet calibrate` wrote.
 *
 * @param path        the file
 * @param embedder    the embedder; FACENET_ERROR_FINGERPRINT_MISMATCH if the thresholds are for others
 * @param metric      gets the metric of the thresholds, FACENET_METRIC_...
 * @param thresholds  gets the thresholds, the default first; may be NULL if `capacity` is 0
 * @param capacity    thresholds that there is room for; 0 only asks for `needed`
 * @param needed      gets the number of thresholds; may be NULL
 * @since 0.1
 */
facenet_status facenet_profile_read(const char *path,
                                    const facenet_embedder *embedder,
                                    facenet_metric *metric,
                                    facenet_threshold *thresholds,
                                    size_t capacity,
                                    size_t *needed);

#endif /* FACENET_FULL */

#if defined(FACENET_FULL)

/* ------------------------------------------------------------------------------------------------------------------
 * Folders: alignment and export
 * ------------------------------------------------------------------------------------------------------------------ */

/**
 * Order in which the images of a folder are worked on: FACENET_ORDER_...
 *
 * @since 0.1
 */
typedef uint32_t facenet_order;

/**
 * By name.
 */
#define FACENET_ORDER_SORTED 0
/**
 * Shuffled: processes that share an output folder get in each other's way less with different seeds.
 */
#define FACENET_ORDER_RANDOM 1

/**
 * Settings of the alignment of a folder: fill them with facenet_align_folder_options_init. The
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
    /**
     * FACENET_ORDER_...; FACENET_ORDER_SORTED by default.
     */
    facenet_order order;
    /**
     * Most images that are worked on together, 1 or more; 64.
     */
    uint32_t batch;
    /**
     * For FACENET_ORDER_RANDOM: the same seed gives the same order; 0.
     */
    uint64_t seed;
} facenet_align_folder_options;

/**
 * Summary of the alignment of a folder. Every image is in one of the counts from `done_before` to `broken`.
 *
 * @since 0.1
 */
typedef struct facenet_align_summary {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
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
     * Folders and links that cannot be read, and pictures of a format that is not read.
     */
    uint64_t unreadable;
} facenet_align_summary;

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_align_folder_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_align_folder_options_init(facenet_align_folder_options *options, size_t size);

/**
 * Makes a folder of people's photos into a folder of aligned faces: input/Name/a.jpg becomes output/Name/a.png. A call
 * that was stopped is taken up by the next one with the same folders; several processes may share them.
 *
 * Images that gave no face are named, with the reason, in align_report_NNNNN.jsonl in the output folder. A face that could
 * not be cut out, though others of its image could, is reported to the log.
 *
 * @param runtime   the runtime
 * @param input     a folder per person below it
 * @param output    the folder to write to; it is made if need be
 * @param detector  settings of the detector, of which `selection` is not used, or NULL
 * @param options   settings, or NULL
 * @param call      progress (in images) and cancellation, or NULL
 * @param summary   gets the counts; may be NULL
 * @since 0.1
 */
facenet_status facenet_align_folder(const facenet_runtime *runtime,
                                    const char *input,
                                    const char *output,
                                    const facenet_detector_options *detector,
                                    const facenet_align_folder_options *options,
                                    const facenet_call *call,
                                    facenet_align_summary *summary);

/**
 * Summary of an export.
 *
 * @since 0.1
 */
typedef struct facenet_export_summary {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
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
 * Writes the embeddings of a folder of people as NumPy arrays and Parquet files. A call that was stopped is taken up by the
 * next one with the same folders.
 *
 * @param embedder  the embedder, for aligned faces; or NULL
 * @param pipeline  the pipeline, for photos; or NULL. Exactly one of both is given
 * @param input     a folder per person below it
 * @param output    the folder to write to; it is made if need be
 * @param call      progress (in images) and cancellation, or NULL
 * @param summary   gets the counts; may be NULL
 * @since 0.1
 */
facenet_status facenet_export_folder(const facenet_embedder *embedder,
                                     const facenet_pipeline *pipeline,
                                     const char *input,
                                     const char *output,
                                     const facenet_call *call,
                                     facenet_export_summary *summary);

/**
 * Settings of an export: fill them with facenet_export_options_init.
 *
 * @since 0.1
 */
typedef struct facenet_export_options {
    /**
     * Bytes of this struct.
     */
    size_t struct_size;
    /**
     * About how many images go into a Parquet file, 1 or more; 512. The memory needed grows with it.
     */
    uint32_t part_size;
    /**
     * To share the work among machines: the number of this part of the Parquet files, from 1; 1.
     */
    uint32_t part;
    /**
     * Number of parts; 1.
     */
    uint32_t parts;
    /**
     * Zero.
     */
    uint32_t reserved;
    /**
     * Name of the array of embeddings; NULL, the default, for embeddings.npy.
     */
    const char *embeddings_name;
    /**
     * Name of the array of numbers of people; NULL, the default, for labels.npy.
     */
    const char *labels_name;
    /**
     * Name of the array of names of people; NULL, the default, for label_strings.npy.
     */
    const char *label_strings_name;
} facenet_export_options;

/**
 * Fills options with the defaults.
 *
 * @param options  the options
 * @param size     sizeof(facenet_export_options) where the caller was compiled
 * @since 0.1
 */
facenet_status facenet_export_options_init(facenet_export_options *options, size_t size);

/**
 * The same as facenet_export_folder, with settings.
 *
 * @param embedder  the embedder, for aligned faces; or NULL
 * @param pipeline  the pipeline, for photos; or NULL. Exactly one of both is given
 * @param input     a folder per person below it
 * @param output    the folder to write to; it is made if need be
 * @param options   settings, or NULL
 * @param call      progress (in images) and cancellation, or NULL
 * @param summary   gets the counts; may be NULL
 * @since 0.1
 */
facenet_status facenet_export_folder_with(const facenet_embedder *embedder,
                                          const facenet_pipeline *pipeline,
                                          const char *input,
                                          const char *output,
                                          const facenet_export_options *options,
                                          const facenet_call *call,
                                          facenet_export_summary *summary);

#endif /* FACENET_FULL */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* FACENET_H */
