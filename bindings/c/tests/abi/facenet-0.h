#ifndef FACENET_H
#define FACENET_H
#include <stddef.h>
#include <stdint.h>
#if defined(__has_include)
#if __has_include("facenet/config.h")
#include "facenet/config.h"
#endif
#endif
#if !defined(FACENET_CORE_ONLY) && !defined(FACENET_FULL)
#define FACENET_FULL 1
#endif
#define FACENET_VERSION_MAJOR 0
#define FACENET_VERSION_MINOR 1
#define FACENET_VERSION_PATCH 0
#define FACENET_VERSION_STRING "0.1.0"
#ifdef __cplusplus
extern "C" {
#endif
#define FACENET_ABI_VERSION 0
const char *facenet_version(void);
uint32_t facenet_abi_version(void);
typedef int32_t facenet_status;
#define FACENET_OK 0
#define FACENET_ERROR_INVALID_ARGUMENT 1
#define FACENET_ERROR_NOT_FOUND 2
#define FACENET_ERROR_IO 3
#define FACENET_ERROR_CANCELLED 4
#define FACENET_ERROR_INTERNAL 5
#define FACENET_ERROR_UNSUPPORTED 6
#define FACENET_ERROR_PANIC 99
#define FACENET_ERROR_FRAME_INVALID 100
#define FACENET_ERROR_IMAGE_DECODE 101
#define FACENET_ERROR_IMAGE_UNSUPPORTED 102
#define FACENET_ERROR_IMAGE_TOO_LARGE 103
#define FACENET_ERROR_NO_FACE 104
#define FACENET_ERROR_RUNTIME_NOT_FOUND 200
#define FACENET_ERROR_RUNTIME_LOAD 201
#define FACENET_ERROR_PROVIDER_UNAVAILABLE 202
#define FACENET_ERROR_INFERENCE 203
#define FACENET_ERROR_MODEL_INVALID 300
#define FACENET_ERROR_MODEL_UNSUPPORTED 301
#define FACENET_ERROR_MODEL_MISMATCH 302
#define FACENET_ERROR_FINGERPRINT_MISMATCH 400
#define FACENET_ERROR_DIMENSION_MISMATCH 401
#define FACENET_ERROR_DATASET_INVALID 500
const char *facenet_status_name(facenet_status status);
size_t facenet_last_error(char *buffer,
                          size_t capacity);
typedef struct facenet_runtime facenet_runtime;
typedef struct facenet_runtime_options {
    size_t struct_size;
    const char *provider;
    const char *library;
    const char *models;
    const char *engine_cache;
    uint32_t threads;
    uint32_t reserved;
} facenet_runtime_options;
facenet_status facenet_runtime_options_init(facenet_runtime_options *options, size_t size);
facenet_status facenet_runtime_new(const facenet_runtime_options *options, facenet_runtime **runtime);
facenet_status facenet_runtime_info(const facenet_runtime *runtime,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *needed);
void facenet_runtime_free(facenet_runtime *runtime);
facenet_status facenet_doctor(const facenet_runtime_options *options,
                              uint32_t as_json,
                              uint32_t *works,
                              char *buffer,
                              size_t capacity,
                              size_t *needed);
typedef uint32_t facenet_pixel_format;
#define FACENET_PIXEL_FORMAT_RGB 0
#define FACENET_PIXEL_FORMAT_BGR 1
#define FACENET_PIXEL_FORMAT_RGBA 2
#define FACENET_PIXEL_FORMAT_BGRA 3
#define FACENET_PIXEL_FORMAT_RGBX 4
#define FACENET_PIXEL_FORMAT_BGRX 5
#define FACENET_PIXEL_FORMAT_GRAY8 6
#define FACENET_PIXEL_FORMAT_NV12 7
#define FACENET_PIXEL_FORMAT_NV21 8
#define FACENET_PIXEL_FORMAT_I420 9
#define FACENET_PIXEL_FORMAT_YUY2 10
#define FACENET_PIXEL_FORMAT_UYVY 11
typedef uint32_t facenet_color_range;
#define FACENET_COLOR_RANGE_DEFAULT 0
#define FACENET_COLOR_RANGE_LIMITED 1
#define FACENET_COLOR_RANGE_FULL 2
typedef uint32_t facenet_color_matrix;
#define FACENET_COLOR_MATRIX_DEFAULT 0
#define FACENET_COLOR_MATRIX_BT601 1
#define FACENET_COLOR_MATRIX_BT709 2
#define FACENET_COLOR_MATRIX_BT2020 3
typedef uint32_t facenet_memory;
#define FACENET_MEMORY_HOST 0
#define FACENET_MAX_PLANES 4
typedef struct facenet_plane {
    const uint8_t *data;
    size_t size;
    ptrdiff_t stride;
} facenet_plane;
typedef struct facenet_frame {
    size_t struct_size;
    facenet_pixel_format format;
    uint32_t width;
    uint32_t height;
    facenet_color_range range;
    facenet_color_matrix matrix;
    uint32_t rotation;
    uint32_t mirror;
    facenet_memory memory_type;
    facenet_plane planes[FACENET_MAX_PLANES];
} facenet_frame;
facenet_status facenet_frame_init(facenet_frame *frame, size_t size);
typedef struct facenet_image facenet_image;
facenet_status facenet_image_open(const char *path, facenet_image **image);
facenet_status facenet_image_decode(const uint8_t *bytes, size_t size, facenet_image **image);
facenet_status facenet_image_from_frame(const facenet_frame *frame, facenet_image **image);
facenet_status facenet_image_save(const facenet_image *image, const char *path);
facenet_status facenet_image_frame(const facenet_image *image,
                                   facenet_frame *frame);
uint32_t facenet_image_width(const facenet_image *image);
uint32_t facenet_image_height(const facenet_image *image);
const uint8_t *facenet_image_data(const facenet_image *image);
void facenet_image_free(facenet_image *image);
typedef struct facenet_rect {
    float x1;
    float y1;
    float x2;
    float y2;
} facenet_rect;
typedef struct facenet_point {
    float x;
    float y;
} facenet_point;
typedef struct facenet_face {
    facenet_rect rect;
    float score;
    facenet_point landmarks[5];
} facenet_face;
typedef struct facenet_faces facenet_faces;
size_t facenet_faces_count(const facenet_faces *faces);
const facenet_face *facenet_faces_get(const facenet_faces *faces, size_t index);
void facenet_faces_free(facenet_faces *faces);
typedef struct facenet_pipeline facenet_pipeline;
typedef struct facenet_embedded_faces facenet_embedded_faces;
typedef struct facenet_detector_options facenet_detector_options;
typedef struct facenet_embedder_options facenet_embedder_options;
facenet_status facenet_pipeline_new(const facenet_runtime *runtime,
                                    const facenet_detector_options *detector,
                                    const facenet_embedder_options *embedder,
                                    facenet_pipeline **pipeline);
typedef struct facenet_embedder facenet_embedder;
facenet_status facenet_pipeline_embedder(const facenet_pipeline *pipeline, facenet_embedder **embedder);
facenet_status facenet_pipeline_process(const facenet_pipeline *pipeline,
                                        const facenet_frame *frame,
                                        facenet_embedded_faces **faces);
facenet_status facenet_pipeline_process_in(const facenet_pipeline *pipeline,
                                           const facenet_frame *frame,
                                           const facenet_rect *region,
                                           facenet_embedded_faces **faces);
facenet_status facenet_pipeline_process_batch(const facenet_pipeline *pipeline,
                                              const facenet_frame *frames,
                                              size_t count,
                                              facenet_embedded_faces **faces);
void facenet_pipeline_free(facenet_pipeline *pipeline);
size_t facenet_embedded_faces_count(const facenet_embedded_faces *faces);
const facenet_face *facenet_embedded_faces_face(const facenet_embedded_faces *faces, size_t index);
const facenet_image *facenet_embedded_faces_crop(const facenet_embedded_faces *faces, size_t index);
const float *facenet_embedded_faces_embedding(const facenet_embedded_faces *faces,
                                              size_t index);
void facenet_embedded_faces_free(facenet_embedded_faces *faces);
typedef uint32_t facenet_metric;
#define FACENET_METRIC_EUCLIDEAN 0
#define FACENET_METRIC_SQUARED_EUCLIDEAN 1
#define FACENET_METRIC_ANGULAR 2
#define FACENET_METRIC_COSINE 3
facenet_status facenet_distance(const float *a,
                                const float *b,
                                size_t dimension,
                                facenet_metric metric,
                                float *distance);
uint32_t facenet_metric_within(facenet_metric metric, float distance, float threshold);
typedef struct facenet_bytes {
    const uint8_t *data;
    size_t size;
} facenet_bytes;
typedef uint32_t facenet_selection;
#define FACENET_SELECTION_ALL 0
#define FACENET_SELECTION_LARGEST 1
#define FACENET_SELECTION_CENTRAL 2
#define FACENET_SELECTION_MOST_PROBABLE 3
#define FACENET_ROTATIONS_NONE 0
#define FACENET_ROTATIONS_QUARTER_TURNS 1
typedef struct facenet_detector facenet_detector;
struct facenet_detector_options {
    size_t struct_size;
    float min_face_size;
    float min_face_share;
    float thresholds[3];
    facenet_selection selection;
    double factor;
    uint32_t max_faces;
    uint32_t reserved;
    facenet_bytes networks[3];
    uint32_t rotations;
    uint32_t reserved2;
};
facenet_status facenet_detector_options_init(facenet_detector_options *options, size_t size);
facenet_status facenet_detector_new(const facenet_runtime *runtime,
                                    const facenet_detector_options *options,
                                    facenet_detector **detector);
facenet_status facenet_detector_detect(const facenet_detector *detector,
                                       const facenet_frame *frame,
                                       facenet_faces **faces);
facenet_status facenet_detector_detect_in(const facenet_detector *detector,
                                          const facenet_frame *frame,
                                          const facenet_rect *region,
                                          facenet_faces **faces);
void facenet_detector_free(facenet_detector *detector);
typedef uint32_t facenet_alignment;
#define FACENET_ALIGNMENT_MARGIN 0
#define FACENET_ALIGNMENT_ARCFACE 1
typedef struct facenet_aligner facenet_aligner;
typedef struct facenet_aligner_options {
    size_t struct_size;
    facenet_alignment alignment;
    uint32_t margin;
    uint32_t size;
    uint32_t reserved;
} facenet_aligner_options;
facenet_status facenet_aligner_options_init(facenet_aligner_options *options, size_t size);
facenet_status facenet_aligner_new(const facenet_aligner_options *options, facenet_aligner **aligner);
uint32_t facenet_aligner_size(const facenet_aligner *aligner);
facenet_status facenet_aligner_align(const facenet_aligner *aligner,
                                     const facenet_frame *frame,
                                     const facenet_face *face,
                                     uint8_t *crop,
                                     size_t capacity,
                                     size_t *needed);
facenet_status facenet_aligner_align_image(const facenet_aligner *aligner,
                                           const facenet_frame *frame,
                                           const facenet_face *face,
                                           facenet_image **image);
void facenet_aligner_free(facenet_aligner *aligner);
typedef uint32_t facenet_standardization;
#define FACENET_STANDARDIZATION_MODEL 0
#define FACENET_STANDARDIZATION_PER_IMAGE 1
#define FACENET_STANDARDIZATION_FIXED 2
#define FACENET_STANDARDIZATION_SYMMETRIC 3
#define FACENET_STANDARDIZATION_UNIT 4
#define FACENET_STANDARDIZATION_RAW 5
typedef uint32_t facenet_embedder_alignment;
#define FACENET_EMBEDDER_ALIGNMENT_MODEL 0
#define FACENET_EMBEDDER_ALIGNMENT_MARGIN 1
#define FACENET_EMBEDDER_ALIGNMENT_ARCFACE 2
typedef uint32_t facenet_mirror;
#define FACENET_MIRROR_OFF 0
#define FACENET_MIRROR_AVERAGE 1
#define FACENET_MIRROR_CONCATENATE 2
struct facenet_embedder_options {
    size_t struct_size;
    const char *model;
    facenet_standardization standardization;
    facenet_mirror mirror;
    uint32_t batch_size;
    uint32_t reserved;
    facenet_bytes model_bytes;
    uint32_t alignment;
    uint32_t margin;
};
typedef struct facenet_threshold {
    size_t struct_size;
    float distance;
    uint32_t reserved;
    double false_match_rate;
    double false_non_match_rate;
} facenet_threshold;
facenet_status facenet_embedder_options_init(facenet_embedder_options *options, size_t size);
facenet_status facenet_embedder_new(const facenet_runtime *runtime,
                                    const facenet_embedder_options *options,
                                    facenet_embedder **embedder);
facenet_status facenet_embedder_aligner(const facenet_embedder *embedder, facenet_aligner **aligner);
uint32_t facenet_embedder_input_size(const facenet_embedder *embedder);
size_t facenet_embedder_dimension(const facenet_embedder *embedder);
facenet_metric facenet_embedder_metric(const facenet_embedder *embedder);
facenet_status facenet_embedder_threshold(const facenet_embedder *embedder,
                                          size_t index,
                                          facenet_threshold *threshold);
facenet_status facenet_embedder_fingerprint(const facenet_embedder *embedder,
                                            char *buffer,
                                            size_t capacity);
facenet_status facenet_embedder_embed(const facenet_embedder *embedder,
                                      const uint8_t *crops,
                                      size_t count,
                                      float *embeddings,
                                      size_t capacity,
                                      size_t *needed);
void facenet_embedder_free(facenet_embedder *embedder);
typedef uint32_t facenet_color_order;
#define FACENET_COLOR_ORDER_DEFAULT 0
#define FACENET_COLOR_ORDER_RGB 1
#define FACENET_COLOR_ORDER_BGR 2
typedef struct facenet_model_import_options {
    size_t struct_size;
    const char *name;
    const char *license;
    facenet_standardization standardization;
    facenet_color_order color_order;
    uint32_t has_alignment;
    facenet_alignment alignment;
    uint32_t margin;
    uint32_t input_size;
    facenet_metric metric;
    uint32_t full_precision;
} facenet_model_import_options;
facenet_status facenet_model_import_options_init(facenet_model_import_options *options, size_t size);
facenet_status facenet_model_import(const char *source,
                                    const char *target,
                                    const facenet_model_import_options *options);
facenet_status facenet_model_info(const char *path, char *buffer, size_t capacity, size_t *needed);
typedef struct facenet_provider_finding {
    const char *name;
    const char *problem;
} facenet_provider_finding;
typedef struct facenet_gpu_finding {
    const char *name;
    uint64_t memory;
    uint32_t capability_major;
    uint32_t capability_minor;
} facenet_gpu_finding;
typedef struct facenet_model_finding {
    const char *file;
    const char *problem;
    uint64_t size;
} facenet_model_finding;
typedef struct facenet_findings {
    size_t struct_size;
    uint32_t works;
    uint32_t telemetry;
    const char *version;
    const char *platform;
    const char *options_problem;
    const char *processor;
    const char *processor_features;
    uint32_t cores;
    uint32_t usable_cores;
    const char *library;
    const char *library_version;
    const char *library_source;
    const char *library_problem;
    const facenet_provider_finding *const *providers;
    size_t provider_count;
    const facenet_gpu_finding *const *gpus;
    size_t gpu_count;
    const char *gpus_problem;
    const char *models_folder;
    const char *models_problem;
    const facenet_model_finding *const *models;
    size_t model_count;
    const char *const *advice;
    size_t advice_count;
} facenet_findings;
facenet_status facenet_findings_new(const facenet_runtime_options *options, facenet_findings **findings);
void facenet_findings_free(facenet_findings *findings);
typedef void (*facenet_log_callback)(const char *message, void *user);
facenet_status facenet_log_to(facenet_log_callback callback,
                              void *user);
#if defined(FACENET_FULL)
typedef uint32_t (*facenet_progress_callback)(uint64_t done, uint64_t total, void *user);
typedef struct facenet_cancel facenet_cancel;
typedef struct facenet_call {
    size_t struct_size;
    facenet_progress_callback progress;
    void *user;
    const facenet_cancel *cancel;
    char *message;
    size_t message_capacity;
} facenet_call;
facenet_status facenet_call_init(facenet_call *call, size_t size);
facenet_status facenet_cancel_new(facenet_cancel **cancel);
facenet_status facenet_cancel_request(const facenet_cancel *cancel);
uint32_t facenet_cancel_requested(const facenet_cancel *cancel);
void facenet_cancel_free(facenet_cancel *cancel);
#endif
#if defined(FACENET_FULL)
typedef struct facenet_people facenet_people;
facenet_status facenet_people_embed(const facenet_embedder *embedder,
                                    const facenet_pipeline *pipeline,
                                    const char *folder,
                                    const facenet_call *call,
                                    facenet_people **people);
size_t facenet_people_faces(const facenet_people *people);
const float *facenet_people_embeddings(const facenet_people *people);
const uint32_t *facenet_people_subjects(const facenet_people *people);
size_t facenet_people_count(const facenet_people *people);
facenet_status facenet_people_name(const facenet_people *people,
                                   size_t person,
                                   char *buffer,
                                   size_t capacity,
                                   size_t *needed);
facenet_status facenet_people_image(const facenet_people *people,
                                    size_t index,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *needed);
facenet_status facenet_people_left_out(const facenet_people *people,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);
void facenet_people_free(facenet_people *people);
#endif
#if defined(FACENET_FULL)
typedef uint32_t facenet_classifier_kind;
#define FACENET_CLASSIFIER_TEMPLATE 0
#define FACENET_CLASSIFIER_SVM 1
#define FACENET_CLASSIFIER_SOFTMAX 2
typedef struct facenet_classifier facenet_classifier;
typedef struct facenet_classifier_options {
    size_t struct_size;
    facenet_classifier_kind kind;
    uint32_t keep_each;
    double fpir;
    double threshold;
    const float *strangers;
    size_t stranger_count;
    double cost;
    uint64_t seed;
    uint32_t balanced;
    uint32_t reserved;
} facenet_classifier_options;
typedef struct facenet_prediction {
    size_t struct_size;
    int64_t person;
    int64_t nearest;
    float score;
    uint32_t reserved;
} facenet_prediction;
facenet_status facenet_classifier_options_init(facenet_classifier_options *options, size_t size);
facenet_status facenet_classifier_train(const facenet_embedder *embedder,
                                        const float *embeddings,
                                        const uint32_t *people,
                                        size_t count,
                                        const char *const *names,
                                        size_t people_count,
                                        const facenet_classifier_options *options,
                                        const facenet_call *call,
                                        facenet_classifier **classifier);
facenet_status facenet_classifier_predict(const facenet_classifier *classifier,
                                          const facenet_embedder *embedder,
                                          const float *embeddings,
                                          size_t count,
                                          facenet_prediction *predictions);
size_t facenet_classifier_count(const facenet_classifier *classifier);
facenet_status facenet_classifier_name(const facenet_classifier *classifier,
                                       size_t person,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);
facenet_status facenet_classifier_info(const facenet_classifier *classifier,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);
facenet_status facenet_classifier_save(const facenet_classifier *classifier, const char *path);
facenet_status facenet_classifier_load(const char *path, facenet_classifier **classifier);
void facenet_classifier_free(facenet_classifier *classifier);
#endif
#if defined(FACENET_FULL)
typedef uint32_t facenet_clustering;
#define FACENET_CLUSTERING_DBSCAN 0
#define FACENET_CLUSTERING_CHINESE_WHISPERS 1
#define FACENET_CLUSTERING_AVERAGE_LINK 2
#define FACENET_CLUSTERING_KNN_GRAPH 3
typedef struct facenet_clusters facenet_clusters;
typedef struct facenet_cluster_options {
    size_t struct_size;
    double threshold;
    facenet_clustering algorithm;
    uint32_t min_samples;
    uint32_t min_cluster_size;
    uint32_t iterations;
    uint64_t seed;
    uint64_t memory_limit;
    uint32_t neighbors;
    uint32_t exact_neighbors_up_to;
} facenet_cluster_options;
typedef struct facenet_agreement {
    size_t struct_size;
    double precision;
    double recall;
    double f;
} facenet_agreement;
facenet_status facenet_cluster_options_init(facenet_cluster_options *options, size_t size);
facenet_status facenet_cluster_threshold(const facenet_embedder *embedder,
                                         facenet_clustering algorithm,
                                         double *threshold);
facenet_status facenet_cluster(const float *embeddings,
                               size_t count,
                               size_t dimension,
                               const facenet_cluster_options *options,
                               const facenet_call *call,
                               facenet_clusters **clusters);
size_t facenet_clusters_count(const facenet_clusters *clusters);
facenet_status facenet_clusters_labels(const facenet_clusters *clusters,
                                       int64_t *labels,
                                       size_t capacity,
                                       size_t *needed);
facenet_status facenet_clusters_scores(const facenet_clusters *clusters,
                                       const int64_t *people,
                                       size_t count,
                                       facenet_agreement *bcubed,
                                       facenet_agreement *pairwise);
void facenet_clusters_free(facenet_clusters *clusters);
#endif
#if defined(FACENET_FULL)
typedef struct facenet_report facenet_report;
typedef struct facenet_figures {
    size_t struct_size;
    double accuracy;
    double accuracy_deviation;
    double validation_rate;
    double validation_rate_deviation;
    double far;
    double area_under_curve;
    double equal_error_rate;
    uint64_t pairs;
    uint64_t pairs_left_out;
    uint64_t images_missing;
    uint64_t images_failed;
} facenet_figures;
typedef struct facenet_roc_point {
    size_t struct_size;
    float threshold;
    uint32_t reserved;
    double false_match_rate;
    double false_non_match_rate;
} facenet_roc_point;
facenet_status facenet_report_figures(const facenet_report *report, facenet_figures *figures);
size_t facenet_report_roc_count(const facenet_report *report);
const facenet_roc_point *facenet_report_roc(const facenet_report *report, size_t index);
facenet_status facenet_report_json(const facenet_report *report,
                                   char *buffer,
                                   size_t capacity,
                                   size_t *needed);
facenet_status facenet_report_write_html(const facenet_report *report,
                                         const char *path,
                                         const char *model,
                                         const char *data);
void facenet_report_free(facenet_report *report);
#endif
#if defined(FACENET_FULL)
typedef struct facenet_evaluator facenet_evaluator;
typedef struct facenet_evaluator_options {
    size_t struct_size;
    uint32_t folds;
    facenet_metric metric;
    uint32_t subtract_mean;
    uint32_t replicates;
    double wanted_far;
    uint64_t seed;
    uint32_t pictures;
    uint32_t reserved;
} facenet_evaluator_options;
facenet_status facenet_evaluator_options_init(facenet_evaluator_options *options, size_t size);
facenet_status facenet_evaluator_new(const facenet_evaluator_options *options,
                                     facenet_evaluator **evaluator);
facenet_status facenet_evaluator_add_pair(facenet_evaluator *evaluator,
                                          const float *a,
                                          const float *b,
                                          size_t dimension,
                                          uint32_t same);
facenet_status facenet_evaluator_report(const facenet_evaluator *evaluator, facenet_report **report);
facenet_status facenet_evaluator_run_lfw(const facenet_evaluator *evaluator,
                                         const facenet_embedder *embedder,
                                         const facenet_pipeline *pipeline,
                                         const char *folder,
                                         const char *pairs,
                                         const facenet_call *call,
                                         facenet_report **report);
facenet_status facenet_evaluator_run_insightface(const facenet_evaluator *evaluator,
                                                 const facenet_embedder *embedder,
                                                 const char *path,
                                                 const facenet_call *call,
                                                 facenet_report **report);
void facenet_evaluator_free(facenet_evaluator *evaluator);
#endif
#if defined(FACENET_FULL)
facenet_status facenet_calibrate(const float *embeddings,
                                 const uint32_t *subjects,
                                 size_t count,
                                 size_t dimension,
                                 facenet_metric metric,
                                 const double *rates,
                                 size_t rate_count,
                                 const facenet_call *call,
                                 facenet_threshold *thresholds);
facenet_status facenet_profile_write(const facenet_embedder *embedder,
                                     facenet_metric metric,
                                     const facenet_threshold *thresholds,
                                     size_t count,
                                     const char *measured_on,
                                     const char *path);
facenet_status facenet_profile_read(const char *path,
                                    const facenet_embedder *embedder,
                                    facenet_metric *metric,
                                    facenet_threshold *thresholds,
                                    size_t capacity,
                                    size_t *needed);
#endif
#if defined(FACENET_FULL)
typedef struct facenet_align_folder_options {
    size_t struct_size;
    uint32_t image_size;
    uint32_t margin;
    uint32_t multiple_faces;
    uint32_t retry_failed;
    uint32_t part;
    uint32_t parts;
} facenet_align_folder_options;
typedef struct facenet_align_summary {
    size_t struct_size;
    uint64_t images;
    uint64_t done_before;
    uint64_t failed_before;
    uint64_t duplicates;
    uint64_t aligned;
    uint64_t no_face;
    uint64_t broken;
    uint64_t faces;
    uint64_t unreadable;
} facenet_align_summary;
facenet_status facenet_align_folder_options_init(facenet_align_folder_options *options, size_t size);
facenet_status facenet_align_folder(const facenet_runtime *runtime,
                                    const char *input,
                                    const char *output,
                                    const facenet_detector_options *detector,
                                    const facenet_align_folder_options *options,
                                    const facenet_call *call,
                                    facenet_align_summary *summary);
typedef struct facenet_export_summary {
    size_t struct_size;
    uint64_t images;
    uint64_t done_before;
    uint64_t processed;
    uint64_t faces;
    uint64_t failed;
} facenet_export_summary;
facenet_status facenet_export_folder(const facenet_embedder *embedder,
                                     const facenet_pipeline *pipeline,
                                     const char *input,
                                     const char *output,
                                     const facenet_call *call,
                                     facenet_export_summary *summary);
#endif
#ifdef __cplusplus
}
#endif
#endif
