#ifndef FACENET_H
#define FACENET_H
#include <stddef.h>
#include <stdint.h>
#define FACENET_VERSION_MAJOR 0
#define FACENET_VERSION_MINOR 1
#define FACENET_VERSION_PATCH 0
#define FACENET_VERSION_STRING "0.1.0"
#define FACENET_ABI_VERSION 0
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
#define FACENET_COLOR_RANGE_DEFAULT 0
#define FACENET_COLOR_RANGE_LIMITED 1
#define FACENET_COLOR_RANGE_FULL 2
#define FACENET_COLOR_MATRIX_DEFAULT 0
#define FACENET_COLOR_MATRIX_BT601 1
#define FACENET_COLOR_MATRIX_BT709 2
#define FACENET_COLOR_MATRIX_BT2020 3
#define FACENET_MEMORY_HOST 0
#define FACENET_MAX_PLANES 4
#define FACENET_METRIC_EUCLIDEAN 0
#define FACENET_METRIC_SQUARED_EUCLIDEAN 1
#define FACENET_METRIC_ANGULAR 2
#define FACENET_METRIC_COSINE 3
#define FACENET_SELECTION_ALL 0
#define FACENET_SELECTION_LARGEST 1
#define FACENET_SELECTION_CENTRAL 2
#define FACENET_SELECTION_MOST_PROBABLE 3
#define FACENET_ALIGNMENT_MARGIN 0
#define FACENET_ALIGNMENT_ARCFACE 1
#define FACENET_STANDARDIZATION_MODEL 0
#define FACENET_STANDARDIZATION_PER_IMAGE 1
#define FACENET_STANDARDIZATION_FIXED 2
#define FACENET_STANDARDIZATION_SYMMETRIC 3
#define FACENET_STANDARDIZATION_UNIT 4
#define FACENET_STANDARDIZATION_RAW 5
#define FACENET_MIRROR_OFF 0
#define FACENET_MIRROR_AVERAGE 1
#define FACENET_MIRROR_CONCATENATE 2
#define FACENET_COLOR_ORDER_DEFAULT 0
#define FACENET_COLOR_ORDER_RGB 1
#define FACENET_COLOR_ORDER_BGR 2
#define FACENET_CLASSIFIER_TEMPLATE 0
#define FACENET_CLASSIFIER_SVM 1
#define FACENET_CLUSTERING_DBSCAN 0
#define FACENET_CLUSTERING_CHINESE_WHISPERS 1
#define FACENET_CLUSTERING_AVERAGE_LINK 2
#define FACENET_CLUSTERING_KNN_GRAPH 3
typedef struct facenet_aligner facenet_aligner;
typedef struct facenet_classifier facenet_classifier;
typedef struct facenet_clusters facenet_clusters;
typedef struct facenet_detector facenet_detector;
typedef struct facenet_embedded facenet_embedded;
typedef struct facenet_embedder facenet_embedder;
typedef struct facenet_evaluator facenet_evaluator;
typedef struct facenet_faces facenet_faces;
typedef struct facenet_image facenet_image;
typedef struct facenet_people facenet_people;
typedef struct facenet_pipeline facenet_pipeline;
typedef struct facenet_report facenet_report;
typedef struct facenet_runtime facenet_runtime;
typedef int32_t facenet_status;
typedef void (*facenet_log_callback)(const char *message, void *user);
typedef struct facenet_runtime_options {
    size_t struct_size;
    const char *provider;
    const char *library;
    const char *models;
    const char *engine_cache;
    uint32_t threads;
    uint32_t reserved;
} facenet_runtime_options;
typedef struct facenet_plane {
    const uint8_t *data;
    size_t size;
    ptrdiff_t stride;
} facenet_plane;
typedef struct facenet_frame {
    size_t struct_size;
    uint32_t format;
    uint32_t width;
    uint32_t height;
    uint32_t range;
    uint32_t matrix;
    uint32_t rotation;
    uint32_t mirror;
    uint32_t memory_type;
    struct facenet_plane planes[FACENET_MAX_PLANES];
} facenet_frame;
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
    struct facenet_rect rect;
    float score;
    struct facenet_point landmarks[5];
} facenet_face;
typedef struct facenet_bytes {
    const uint8_t *data;
    size_t size;
} facenet_bytes;
typedef struct facenet_detector_options {
    size_t struct_size;
    float min_face_size;
    float min_face_share;
    float thresholds[3];
    uint32_t selection;
    double factor;
    uint32_t max_faces;
    uint32_t reserved;
    struct facenet_bytes networks[3];
} facenet_detector_options;
typedef struct facenet_embedder_options {
    size_t struct_size;
    const char *model;
    uint32_t standardization;
    uint32_t mirror;
    uint32_t batch_size;
    uint32_t reserved;
    struct facenet_bytes model_bytes;
} facenet_embedder_options;
typedef struct facenet_aligner_options {
    size_t struct_size;
    uint32_t alignment;
    uint32_t margin;
    uint32_t size;
    uint32_t reserved;
} facenet_aligner_options;
typedef struct facenet_threshold {
    float distance;
    double false_match_rate;
    double false_non_match_rate;
} facenet_threshold;
typedef struct facenet_model_import_options {
    size_t struct_size;
    const char *name;
    const char *license;
    uint32_t standardization;
    uint32_t color_order;
    uint32_t has_alignment;
    uint32_t alignment;
    uint32_t margin;
    uint32_t input_size;
    uint32_t metric;
    uint32_t full_precision;
} facenet_model_import_options;
typedef uint32_t (*facenet_progress_callback)(uint64_t done, uint64_t total, void *user);
typedef struct facenet_classifier_options {
    size_t struct_size;
    uint32_t kind;
    uint32_t keep_each;
    double fpir;
    double threshold;
    const float *strangers;
    size_t stranger_count;
    double cost;
    uint64_t seed;
} facenet_classifier_options;
typedef struct facenet_prediction {
    int64_t person;
    int64_t nearest;
    float score;
    uint32_t reserved;
} facenet_prediction;
typedef struct facenet_cluster_options {
    size_t struct_size;
    double threshold;
    uint32_t algorithm;
    uint32_t min_samples;
    uint32_t min_cluster_size;
    uint32_t iterations;
    uint64_t seed;
    uint64_t memory_limit;
} facenet_cluster_options;
typedef struct facenet_agreement {
    double precision;
    double recall;
    double f;
} facenet_agreement;
typedef struct facenet_figures {
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
    float threshold;
    uint32_t reserved;
    double false_match_rate;
    double false_non_match_rate;
} facenet_roc_point;
typedef struct facenet_evaluator_options {
    size_t struct_size;
    uint32_t folds;
    uint32_t metric;
    uint32_t subtract_mean;
    uint32_t replicates;
    double wanted_far;
    uint64_t seed;
    uint32_t pictures;
    uint32_t reserved;
} facenet_evaluator_options;
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
typedef struct facenet_export_summary {
    uint64_t images;
    uint64_t done_before;
    uint64_t processed;
    uint64_t faces;
    uint64_t failed;
} facenet_export_summary;
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
#ifdef __cplusplus
extern "C" {
#endif // __cplusplus
const char *facenet_version(void);
uint32_t facenet_abi_version(void);
const char *facenet_status_name(facenet_status status);
size_t facenet_last_error(char *buffer,
                          size_t capacity);
facenet_status facenet_log_to(facenet_log_callback callback,
                              void *user);
facenet_status facenet_runtime_options_init(struct facenet_runtime_options *options, size_t size);
facenet_status facenet_runtime_new(const struct facenet_runtime_options *options, struct facenet_runtime **runtime);
facenet_status facenet_runtime_info(const struct facenet_runtime *runtime,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *needed);
void facenet_runtime_free(struct facenet_runtime *runtime);
facenet_status facenet_doctor(const struct facenet_runtime_options *options,
                              uint32_t as_json,
                              uint32_t *works,
                              char *buffer,
                              size_t capacity,
                              size_t *needed);
facenet_status facenet_frame_init(struct facenet_frame *frame, size_t size);
facenet_status facenet_image_open(const char *path, struct facenet_image **image);
facenet_status facenet_image_decode(const uint8_t *bytes, size_t size, struct facenet_image **image);
facenet_status facenet_image_from_frame(const struct facenet_frame *frame, struct facenet_image **image);
facenet_status facenet_image_save(const struct facenet_image *image, const char *path);
facenet_status facenet_image_frame(const struct facenet_image *image,
                                   struct facenet_frame *frame);
uint32_t facenet_image_width(const struct facenet_image *image);
uint32_t facenet_image_height(const struct facenet_image *image);
const uint8_t *facenet_image_data(const struct facenet_image *image);
void facenet_image_free(struct facenet_image *image);
size_t facenet_faces_count(const struct facenet_faces *faces);
const struct facenet_face *facenet_faces_get(const struct facenet_faces *faces, size_t index);
void facenet_faces_free(struct facenet_faces *faces);
facenet_status facenet_pipeline_new(const struct facenet_runtime *runtime,
                                    const struct facenet_detector_options *detector,
                                    const struct facenet_embedder_options *embedder,
                                    struct facenet_pipeline **pipeline);
facenet_status facenet_pipeline_embedder(const struct facenet_pipeline *pipeline, struct facenet_embedder **embedder);
facenet_status facenet_pipeline_process(const struct facenet_pipeline *pipeline,
                                        const struct facenet_frame *frame,
                                        struct facenet_embedded **faces);
facenet_status facenet_pipeline_process_in(const struct facenet_pipeline *pipeline,
                                           const struct facenet_frame *frame,
                                           const struct facenet_rect *region,
                                           struct facenet_embedded **faces);
facenet_status facenet_pipeline_process_batch(const struct facenet_pipeline *pipeline,
                                              const struct facenet_frame *frames,
                                              size_t count,
                                              struct facenet_embedded **faces);
void facenet_pipeline_free(struct facenet_pipeline *pipeline);
size_t facenet_embedded_count(const struct facenet_embedded *faces);
const struct facenet_face *facenet_embedded_face(const struct facenet_embedded *faces, size_t index);
const struct facenet_image *facenet_embedded_crop(const struct facenet_embedded *faces, size_t index);
const float *facenet_embedded_vector(const struct facenet_embedded *faces,
                                     size_t index);
void facenet_embedded_free(struct facenet_embedded *faces);
facenet_status facenet_distance(const float *a,
                                const float *b,
                                size_t dimension,
                                uint32_t metric,
                                float *distance);
uint32_t facenet_metric_within(uint32_t metric, float distance, float threshold);
facenet_status facenet_detector_options_init(struct facenet_detector_options *options, size_t size);
facenet_status facenet_detector_new(const struct facenet_runtime *runtime,
                                    const struct facenet_detector_options *options,
                                    struct facenet_detector **detector);
facenet_status facenet_detector_detect(const struct facenet_detector *detector,
                                       const struct facenet_frame *frame,
                                       struct facenet_faces **faces);
facenet_status facenet_detector_detect_in(const struct facenet_detector *detector,
                                          const struct facenet_frame *frame,
                                          const struct facenet_rect *region,
                                          struct facenet_faces **faces);
void facenet_detector_free(struct facenet_detector *detector);
facenet_status facenet_aligner_options_init(struct facenet_aligner_options *options, size_t size);
facenet_status facenet_aligner_new(const struct facenet_aligner_options *options, struct facenet_aligner **aligner);
uint32_t facenet_aligner_size(const struct facenet_aligner *aligner);
facenet_status facenet_aligner_align(const struct facenet_aligner *aligner,
                                     const struct facenet_frame *frame,
                                     const struct facenet_face *face,
                                     uint8_t *crop,
                                     size_t capacity,
                                     size_t *needed);
facenet_status facenet_aligner_align_image(const struct facenet_aligner *aligner,
                                           const struct facenet_frame *frame,
                                           const struct facenet_face *face,
                                           struct facenet_image **image);
void facenet_aligner_free(struct facenet_aligner *aligner);
facenet_status facenet_embedder_options_init(struct facenet_embedder_options *options, size_t size);
facenet_status facenet_embedder_new(const struct facenet_runtime *runtime,
                                    const struct facenet_embedder_options *options,
                                    struct facenet_embedder **embedder);
facenet_status facenet_embedder_aligner(const struct facenet_embedder *embedder, struct facenet_aligner **aligner);
uint32_t facenet_embedder_input_size(const struct facenet_embedder *embedder);
size_t facenet_embedder_dimension(const struct facenet_embedder *embedder);
uint32_t facenet_embedder_metric(const struct facenet_embedder *embedder);
facenet_status facenet_embedder_threshold(const struct facenet_embedder *embedder,
                                          size_t index,
                                          struct facenet_threshold *threshold);
facenet_status facenet_embedder_fingerprint(const struct facenet_embedder *embedder,
                                            char *buffer,
                                            size_t capacity);
facenet_status facenet_embedder_embed(const struct facenet_embedder *embedder,
                                      const uint8_t *crops,
                                      size_t count,
                                      float *vectors,
                                      size_t capacity,
                                      size_t *needed);
void facenet_embedder_free(struct facenet_embedder *embedder);
facenet_status facenet_model_import_options_init(struct facenet_model_import_options *options, size_t size);
facenet_status facenet_model_import(const char *source,
                                    const char *target,
                                    const struct facenet_model_import_options *options);
facenet_status facenet_model_info(const char *path, char *buffer, size_t capacity, size_t *needed);
facenet_status facenet_people_embed(const struct facenet_embedder *embedder,
                                    const struct facenet_pipeline *pipeline,
                                    const char *folder,
                                    facenet_progress_callback progress,
                                    void *user,
                                    struct facenet_people **people);
size_t facenet_people_faces(const struct facenet_people *people);
const float *facenet_people_vectors(const struct facenet_people *people);
const uint32_t *facenet_people_subjects(const struct facenet_people *people);
size_t facenet_people_count(const struct facenet_people *people);
facenet_status facenet_people_name(const struct facenet_people *people,
                                   size_t person,
                                   char *buffer,
                                   size_t capacity,
                                   size_t *needed);
facenet_status facenet_people_image(const struct facenet_people *people,
                                    size_t index,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *needed);
facenet_status facenet_people_left_out(const struct facenet_people *people,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);
void facenet_people_free(struct facenet_people *people);
facenet_status facenet_classifier_options_init(struct facenet_classifier_options *options, size_t size);
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
facenet_status facenet_classifier_predict(const struct facenet_classifier *classifier,
                                          const struct facenet_embedder *embedder,
                                          const float *vectors,
                                          size_t count,
                                          struct facenet_prediction *predictions);
size_t facenet_classifier_count(const struct facenet_classifier *classifier);
facenet_status facenet_classifier_name(const struct facenet_classifier *classifier,
                                       size_t person,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);
facenet_status facenet_classifier_info(const struct facenet_classifier *classifier,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *needed);
facenet_status facenet_classifier_save(const struct facenet_classifier *classifier, const char *path);
facenet_status facenet_classifier_load(const char *path, struct facenet_classifier **classifier);
void facenet_classifier_free(struct facenet_classifier *classifier);
facenet_status facenet_cluster_options_init(struct facenet_cluster_options *options, size_t size);
facenet_status facenet_cluster_threshold(const struct facenet_embedder *embedder,
                                         uint32_t algorithm,
                                         double *threshold);
facenet_status facenet_cluster(const float *vectors,
                               size_t count,
                               size_t dimension,
                               const struct facenet_cluster_options *options,
                               facenet_progress_callback progress,
                               void *user,
                               struct facenet_clusters **clusters);
size_t facenet_clusters_count(const struct facenet_clusters *clusters);
facenet_status facenet_clusters_labels(const struct facenet_clusters *clusters,
                                       int64_t *labels,
                                       size_t capacity,
                                       size_t *needed);
facenet_status facenet_clusters_scores(const struct facenet_clusters *clusters,
                                       const int64_t *people,
                                       size_t count,
                                       struct facenet_agreement *bcubed,
                                       struct facenet_agreement *pairwise);
void facenet_clusters_free(struct facenet_clusters *clusters);
facenet_status facenet_report_figures(const struct facenet_report *report, struct facenet_figures *figures);
size_t facenet_report_roc_count(const struct facenet_report *report);
const struct facenet_roc_point *facenet_report_roc(const struct facenet_report *report);
facenet_status facenet_report_json(const struct facenet_report *report,
                                   char *buffer,
                                   size_t capacity,
                                   size_t *needed);
facenet_status facenet_report_write_html(const struct facenet_report *report,
                                         const char *path,
                                         const char *model,
                                         const char *data);
void facenet_report_free(struct facenet_report *report);
facenet_status facenet_evaluator_options_init(struct facenet_evaluator_options *options, size_t size);
facenet_status facenet_evaluator_new(const struct facenet_evaluator_options *options,
                                     struct facenet_evaluator **evaluator);
facenet_status facenet_evaluator_add_pair(struct facenet_evaluator *evaluator,
                                          const float *a,
                                          const float *b,
                                          size_t dimension,
                                          uint32_t same);
facenet_status facenet_evaluator_report(const struct facenet_evaluator *evaluator, struct facenet_report **report);
facenet_status facenet_evaluator_run_lfw(const struct facenet_evaluator *evaluator,
                                         const struct facenet_embedder *embedder,
                                         const struct facenet_pipeline *pipeline,
                                         const char *folder,
                                         const char *pairs,
                                         facenet_progress_callback progress,
                                         void *user,
                                         struct facenet_report **report);
facenet_status facenet_evaluator_run_insightface(const struct facenet_evaluator *evaluator,
                                                 const struct facenet_embedder *embedder,
                                                 const char *path,
                                                 facenet_progress_callback progress,
                                                 void *user,
                                                 struct facenet_report **report);
void facenet_evaluator_free(struct facenet_evaluator *evaluator);
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
facenet_status facenet_profile_write(const struct facenet_embedder *embedder,
                                     uint32_t metric,
                                     const struct facenet_threshold *thresholds,
                                     size_t count,
                                     const char *measured_on,
                                     const char *path);
facenet_status facenet_profile_read(const char *path,
                                    const struct facenet_embedder *embedder,
                                    uint32_t *metric,
                                    struct facenet_threshold *thresholds,
                                    size_t capacity,
                                    size_t *needed);
facenet_status facenet_align_folder_options_init(struct facenet_align_folder_options *options, size_t size);
facenet_status facenet_align_folder(const struct facenet_runtime *runtime,
                                    const char *input,
                                    const char *output,
                                    const struct facenet_detector_options *detector,
                                    const struct facenet_align_folder_options *options,
                                    facenet_progress_callback progress,
                                    void *user,
                                    struct facenet_align_summary *summary);
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
#endif
