/* What must not be accepted: each NULL among good arguments, unknown numbers, sizes that are none, planes that do not hold
 * the frame, buffers that are too small. Each gives a status and a message, and nothing is written.
 *
 * `refusals PHOTOS SCRATCH`
 */
#include "check.h"

static const char *photos, *scratch;
static facenet_runtime *runtime;
static facenet_pipeline *pipeline;
static facenet_embedder *embedder;
static facenet_detector *detector;
static facenet_aligner *aligner;
static facenet_image *photo;
static facenet_frame frame;
static facenet_faces *faces;
static float *vectors;
static size_t dimension;

/* Stands in a place for a result that must stay as it is. */
static char nothing[8];
#define UNTOUCHED(type) ((type *)(void *)nothing)

static void set_up(void)
{
    facenet_embedded_faces *found = NULL;

    OK(facenet_runtime_new(NULL, &runtime));
    OK(facenet_pipeline_new(runtime, NULL, NULL, &pipeline));
    OK(facenet_pipeline_embedder(pipeline, &embedder));
    OK(facenet_detector_new(runtime, NULL, &detector));
    OK(facenet_embedder_aligner(embedder, &aligner));
    photo = open_in(photos, "astronaut.png");
    frame = frame_of(photo);
    OK(facenet_detector_detect(detector, &frame, &faces));
    OK(facenet_pipeline_process(pipeline, &frame, &found));
    dimension = facenet_embedder_dimension(embedder);
    vectors = (float *)malloc(2 * dimension * sizeof *vectors);
    CHECK(vectors && facenet_embedded_faces_count(found) == 1);
    memcpy(vectors, facenet_embedded_faces_embedding(found, 0), dimension * sizeof *vectors);
    memcpy(vectors + dimension, vectors, dimension * sizeof *vectors);
    facenet_embedded_faces_free(found);
}

static void tear_down(void)
{
    free(vectors);
    facenet_faces_free(faces);
    facenet_image_free(photo);
    facenet_aligner_free(aligner);
    facenet_detector_free(detector);
    facenet_embedder_free(embedder);
    facenet_pipeline_free(pipeline);
    facenet_runtime_free(runtime);
}

static void null_among_good_arguments(void)
{
    facenet_image *image = UNTOUCHED(facenet_image);
    facenet_faces *none = UNTOUCHED(facenet_faces);
    facenet_embedded_faces *embedded = UNTOUCHED(facenet_embedded_faces);
    const facenet_face *face = facenet_faces_get(faces, 0);
    facenet_rect whole = {0, 0, 512, 512};
    facenet_frame blank;
    float distance = 7;
    unsigned char crop[1];
    size_t needed = 7;

    REFUSED(facenet_runtime_new(NULL, NULL));
    REFUSED(facenet_pipeline_new(runtime, NULL, NULL, NULL));
    REFUSED(facenet_detector_new(runtime, NULL, NULL));
    REFUSED(facenet_aligner_new(NULL, NULL));
    REFUSED(facenet_embedder_new(runtime, NULL, NULL));
    REFUSED(facenet_pipeline_embedder(pipeline, NULL));
    REFUSED(facenet_embedder_aligner(embedder, NULL));

    REFUSED(facenet_image_open(NULL, &image));
    REFUSED(facenet_image_open("a", NULL));
    REFUSED(facenet_image_decode(NULL, 9, &image));
    REFUSED(facenet_image_from_frame(NULL, &image));
    REFUSED(facenet_image_from_frame(&frame, NULL));
    REFUSED(facenet_image_save(photo, NULL));
    REFUSED(facenet_image_frame(photo, NULL));
    OK(facenet_frame_init(&blank, sizeof blank));
    REFUSED(facenet_image_frame(NULL, &blank));
    CHECK(blank.width == 0);

    REFUSED(facenet_detector_detect(NULL, &frame, &none));
    REFUSED(facenet_detector_detect(detector, NULL, &none));
    REFUSED(facenet_detector_detect(detector, &frame, NULL));
    REFUSED(facenet_detector_detect_in(detector, &frame, NULL, &none));
    REFUSED(facenet_detector_detect_in(detector, NULL, &whole, &none));
    REFUSED(facenet_aligner_align(aligner, NULL, face, crop, sizeof crop, &needed));
    REFUSED(facenet_aligner_align(aligner, &frame, NULL, crop, sizeof crop, &needed));
    REFUSED(facenet_aligner_align_image(aligner, &frame, face, NULL));
    REFUSED(facenet_pipeline_process(pipeline, NULL, &embedded));
    REFUSED(facenet_pipeline_process(pipeline, &frame, NULL));
    REFUSED(facenet_pipeline_process_in(pipeline, &frame, NULL, &embedded));
    REFUSED(facenet_pipeline_process_batch(pipeline, NULL, 1, &embedded));
    REFUSED(facenet_pipeline_process_batch(pipeline, &frame, 1, NULL));
    REFUSED(facenet_distance(NULL, vectors, dimension, FACENET_METRIC_COSINE, &distance));
    REFUSED(facenet_distance(vectors, NULL, dimension, FACENET_METRIC_COSINE, &distance));
    REFUSED(facenet_distance(vectors, vectors, dimension, FACENET_METRIC_COSINE, NULL));
    REFUSED(facenet_export_folder(embedder, pipeline, photos, scratch, NULL, NULL));
    REFUSED(facenet_export_folder_with(embedder, pipeline, photos, scratch, NULL, NULL, NULL));

    CHECK(image == UNTOUCHED(facenet_image) && none == UNTOUCHED(facenet_faces));
    CHECK(embedded == UNTOUCHED(facenet_embedded_faces) && distance == 7 && needed == 7);
}

static void null_among_good_arguments_of_learning(void)
{
    facenet_classifier *classifier = UNTOUCHED(facenet_classifier);
    facenet_clusters *clusters = UNTOUCHED(facenet_clusters);
    facenet_evaluator *evaluator = NULL;
    facenet_report *report = UNTOUCHED(facenet_report);
    facenet_cluster_options options;
    facenet_threshold threshold = {.struct_size = sizeof threshold, .distance = 7};
    const char *names[2] = {"Ada", NULL};
    uint32_t people[2] = {0, 0};
    facenet_people *folder = UNTOUCHED(facenet_people);
    uint32_t metric = 7;
    double rate = 0.1;

    REFUSED(facenet_classifier_train(embedder, NULL, people, 2, names, 1, NULL, NULL, &classifier));
    REFUSED(facenet_classifier_train(embedder, vectors, NULL, 2, names, 1, NULL, NULL, &classifier));
    REFUSED(facenet_classifier_train(embedder, vectors, people, 2, NULL, 1, NULL, NULL, &classifier));
    REFUSED(facenet_classifier_train(embedder, vectors, people, 2, names, 2, NULL, NULL, &classifier));
    REFUSED(facenet_classifier_train(embedder, vectors, people, 2, names, 1, NULL, NULL, NULL));

    OK(facenet_cluster_options_init(&options, sizeof options));
    REFUSED(facenet_cluster(vectors, 2, dimension, &options, NULL, &clusters)); /* without a threshold */
    options.threshold = 1;
    REFUSED(facenet_cluster(NULL, 2, dimension, &options, NULL, &clusters));
    REFUSED(facenet_cluster(vectors, 2, dimension, &options, NULL, NULL));

    OK(facenet_evaluator_new(NULL, &evaluator));
    REFUSED(facenet_evaluator_add_pair(evaluator, NULL, vectors, dimension, 1));
    REFUSED(facenet_evaluator_add_pair(evaluator, vectors, NULL, dimension, 1));
    REFUSED(facenet_evaluator_add_pair(evaluator, vectors, vectors, dimension, 2));
    REFUSED(facenet_evaluator_report(evaluator, NULL));
    REFUSED(facenet_evaluator_run_lfw(evaluator, NULL, NULL, photos, photos, NULL, &report));
    REFUSED(facenet_evaluator_run_insightface(evaluator, NULL, photos, NULL, &report));
    REFUSED(facenet_evaluator_run_insightface(evaluator, embedder, NULL, NULL, &report));
    facenet_evaluator_free(evaluator);

#define CALIBRATE(vectors, people, rates, thresholds)                                                                  \
    facenet_calibrate(vectors, people, 2, dimension, FACENET_METRIC_EUCLIDEAN, rates, 1, NULL, thresholds)
    REFUSED(CALIBRATE(NULL, people, &rate, &threshold));
    REFUSED(CALIBRATE(vectors, NULL, &rate, &threshold));
    REFUSED(CALIBRATE(vectors, people, NULL, &threshold));
    REFUSED(CALIBRATE(vectors, people, &rate, NULL));
#undef CALIBRATE
    REFUSED(facenet_profile_write(embedder, 9, &threshold, 1, "", "/nowhere/profile"));
    REFUSED(facenet_profile_write(embedder, FACENET_METRIC_EUCLIDEAN, &threshold, 0, "", "/nowhere/profile"));
    REFUSED(facenet_profile_write(embedder, FACENET_METRIC_EUCLIDEAN, &threshold, 1, NULL, "/nowhere/profile"));
    REFUSED(facenet_profile_read("/nowhere/profile", embedder, NULL, &threshold, 1, NULL));
    REFUSED(facenet_profile_read("/nowhere/profile", NULL, &metric, &threshold, 1, NULL));
    REFUSED(facenet_people_embed(NULL, NULL, photos, NULL, &folder));
    REFUSED(facenet_people_embed(embedder, NULL, NULL, NULL, &folder));

    CHECK(classifier == UNTOUCHED(facenet_classifier) && clusters == UNTOUCHED(facenet_clusters));
    CHECK(report == UNTOUCHED(facenet_report) && threshold.distance == 7);
    CHECK(folder == UNTOUCHED(facenet_people) && metric == 7);
}

static void unknown_numbers(void)
{
    facenet_image *image = UNTOUCHED(facenet_image);
    facenet_detector *made = UNTOUCHED(facenet_detector);
    facenet_aligner *cutter = UNTOUCHED(facenet_aligner);
    facenet_embedder *other = UNTOUCHED(facenet_embedder);
    facenet_evaluator *evaluator = UNTOUCHED(facenet_evaluator);
    facenet_clusters *clusters = UNTOUCHED(facenet_clusters);
    facenet_detector_options detection;
    facenet_aligner_options alignment;
    facenet_embedder_options embedding;
    facenet_evaluator_options evaluation;
    facenet_cluster_options clustering;
    facenet_frame odd;
    float distance = 7;
    double threshold = 7;

#define WITH(field, value)                                                                                             \
    odd = frame;                                                                                                       \
    odd.field = value;                                                                                                 \
    REFUSED(facenet_image_from_frame(&odd, &image))
    WITH(format, 12);
    WITH(format, UINT32_MAX);
    WITH(range, 3);
    WITH(matrix, 4);
    WITH(rotation, 45);
    WITH(mirror, 2);
    WITH(memory_type, 1);
#undef WITH
    CHECK(image == UNTOUCHED(facenet_image));

    REFUSED(facenet_distance(vectors, vectors, dimension, 4, &distance));
    CHECK(distance == 7 && facenet_metric_within(4, 0, 1) == 0);
    REFUSED(facenet_cluster_threshold(embedder, 4, &threshold));
    CHECK(threshold == 7);

    OK(facenet_detector_options_init(&detection, sizeof detection));
    detection.selection = 4;
    REFUSED(facenet_detector_new(runtime, &detection, &made));
    OK(facenet_detector_options_init(&detection, sizeof detection));
    detection.min_face_size = 0;
    REFUSED(facenet_detector_new(runtime, &detection, &made));
    CHECK(made == UNTOUCHED(facenet_detector));

    OK(facenet_aligner_options_init(&alignment, sizeof alignment));
    alignment.alignment = 2;
    REFUSED(facenet_aligner_new(&alignment, &cutter));
    OK(facenet_aligner_options_init(&alignment, sizeof alignment));
    alignment.size = 0;
    REFUSED(facenet_aligner_new(&alignment, &cutter));
    CHECK(cutter == UNTOUCHED(facenet_aligner));

    OK(facenet_embedder_options_init(&embedding, sizeof embedding));
    embedding.mirror = 3;
    REFUSED(facenet_embedder_new(runtime, &embedding, &other));
    OK(facenet_embedder_options_init(&embedding, sizeof embedding));
    embedding.standardization = 6;
    REFUSED(facenet_embedder_new(runtime, &embedding, &other));
    OK(facenet_embedder_options_init(&embedding, sizeof embedding));
    embedding.model = "/nowhere/model.onnx";
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_embedder_new(runtime, &embedding, &other));
    CHECK(other == UNTOUCHED(facenet_embedder));

    OK(facenet_evaluator_options_init(&evaluation, sizeof evaluation));
    evaluation.metric = 9;
    REFUSED(facenet_evaluator_new(&evaluation, &evaluator));
    OK(facenet_evaluator_options_init(&evaluation, sizeof evaluation));
    evaluation.pictures = 2;
    REFUSED(facenet_evaluator_new(&evaluation, &evaluator));
    OK(facenet_evaluator_options_init(&evaluation, sizeof evaluation));
    evaluation.mirror = 3;
    REFUSED(facenet_evaluator_new(&evaluation, &evaluator));
    OK(facenet_evaluator_options_init(&evaluation, sizeof evaluation));
    evaluation.false_match_rate_count = 1;
    REFUSED(facenet_evaluator_new(&evaluation, &evaluator));
    CHECK(evaluator == UNTOUCHED(facenet_evaluator));

    OK(facenet_cluster_options_init(&clustering, sizeof clustering));
    clustering.threshold = 1;
    clustering.algorithm = 4;
    REFUSED(facenet_cluster(vectors, 2, dimension, &clustering, NULL, &clusters));
    CHECK(clusters == UNTOUCHED(facenet_clusters));
}

/* A caller that was compiled with another version of the header. */
static void sizes_of_structs(void)
{
    struct {
        facenet_aligner_options known;
        uint64_t newer;
    } grown;
    unsigned char memory[sizeof(facenet_aligner_options)];
    facenet_aligner *made = UNTOUCHED(facenet_aligner);
    facenet_frame odd = frame;
    facenet_image *image = UNTOUCHED(facenet_image);
    size_t i;

    memset(memory, 7, sizeof memory);
    REFUSED(facenet_aligner_options_init((facenet_aligner_options *)(void *)memory, 0));
    REFUSED(facenet_aligner_options_init((facenet_aligner_options *)(void *)memory, 8));
    REFUSED(facenet_aligner_options_init((facenet_aligner_options *)(void *)memory, SIZE_MAX));
    for (i = 0; i < sizeof memory; ++i)
        CHECK(memory[i] == 7);

    grown.newer = 7;
    OK(facenet_aligner_options_init(&grown.known, sizeof grown.known));
    CHECK(grown.newer == 7);
    OK(facenet_aligner_options_init(&grown.known, sizeof grown));
    CHECK(grown.newer == 0);
    grown.newer = 1;
    RETURNS(FACENET_ERROR_UNSUPPORTED, facenet_aligner_new(&grown.known, &made));
    grown.known.struct_size = 3;
    REFUSED(facenet_aligner_new(&grown.known, &made));
    grown.known.struct_size = SIZE_MAX;
    REFUSED(facenet_aligner_new(&grown.known, &made));
    CHECK(made == UNTOUCHED(facenet_aligner));

    odd.struct_size = 0;
    REFUSED(facenet_image_from_frame(&odd, &image));
    CHECK(image == UNTOUCHED(facenet_image));
}

static void crooked_pointers(void)
{
    unsigned char memory[2 * sizeof(facenet_frame)] = {0};
    facenet_image *image = UNTOUCHED(facenet_image);
    float distance = 7;

    REFUSED(facenet_image_from_frame((facenet_frame *)(void *)(memory + 1), &image));
    REFUSED(facenet_distance((float *)(void *)(memory + 1), vectors, 4, FACENET_METRIC_COSINE, &distance));
    CHECK(image == UNTOUCHED(facenet_image) && distance == 7);
}

/* The frame is refused, whoever gets it. */
static void refuse_frame(const facenet_frame *odd, facenet_status status)
{
    facenet_image *image = UNTOUCHED(facenet_image);
    facenet_faces *none = UNTOUCHED(facenet_faces);
    facenet_embedded_faces *embedded = UNTOUCHED(facenet_embedded_faces);

    RETURNS(status, facenet_image_from_frame(odd, &image));
    RETURNS(status, facenet_detector_detect(detector, odd, &none));
    RETURNS(status, facenet_pipeline_process(pipeline, odd, &embedded));
    RETURNS(status, facenet_pipeline_process_batch(pipeline, odd, 1, &embedded));
    CHECK(image == UNTOUCHED(facenet_image) && none == UNTOUCHED(facenet_faces));
    CHECK(embedded == UNTOUCHED(facenet_embedded_faces));
}

static void planes_that_do_not_hold_the_frame(void)
{
    facenet_frame odd = frame;
    unsigned char few[64] = {0};
    const uint32_t formats[] = {FACENET_PIXEL_FORMAT_NV12, FACENET_PIXEL_FORMAT_NV21, FACENET_PIXEL_FORMAT_I420,
                                FACENET_PIXEL_FORMAT_YUY2, FACENET_PIXEL_FORMAT_UYVY, FACENET_PIXEL_FORMAT_GRAY8};
    size_t i;

    odd.planes[0].stride = 3 * (ptrdiff_t)odd.width - 1;
    refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);
    odd.planes[0].stride = 0;
    refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);
    odd.planes[0].stride = -1;
    refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);
    odd.planes[0].stride = PTRDIFF_MIN;
    refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);
    odd.planes[0].stride = PTRDIFF_MAX;
    refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);

    odd = frame;
    odd.planes[0].size -= 1;
    refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);
    odd.planes[0].size = 0;
    refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);
    odd.planes[0].size = SIZE_MAX;
    refuse_frame(&odd, FACENET_ERROR_INVALID_ARGUMENT);
    odd = frame;
    odd.planes[0].data = NULL;
    refuse_frame(&odd, FACENET_ERROR_INVALID_ARGUMENT);

    odd = frame;
    odd.width = 0;
    refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);
    odd.width = odd.height = UINT32_MAX;
    refuse_frame(&odd, FACENET_ERROR_IMAGE_TOO_LARGE);

    for (i = 0; i < sizeof formats / sizeof *formats; ++i) {
        OK(facenet_frame_init(&odd, sizeof odd));
        odd.format = formats[i];
        odd.width = odd.height = 64;
        odd.planes[0].data = odd.planes[1].data = odd.planes[2].data = few;
        odd.planes[0].size = odd.planes[1].size = odd.planes[2].size = sizeof few;
        odd.planes[0].stride = odd.planes[1].stride = odd.planes[2].stride = 128;
        refuse_frame(&odd, FACENET_ERROR_FRAME_INVALID);
    }
}

static void buffers_that_are_too_small(void)
{
    static unsigned char crop[160 * 160 * 3], crops[2 * 160 * 160 * 3];
    float vector[1] = {7};
    char text[8] = "7777777";
    int64_t labels[1] = {7};
    size_t needed = 0;
    facenet_cluster_options options;
    facenet_clusters *clusters = NULL;
    const facenet_face *face = facenet_faces_get(faces, 0);

    crop[0] = 7;
    REFUSED(facenet_aligner_align(aligner, &frame, face, crop, sizeof crop - 1, &needed));
    CHECK(needed == sizeof crop && crop[0] == 7);
    REFUSED(facenet_aligner_align(aligner, &frame, face, crop, sizeof crop - 1, NULL));
    REFUSED(facenet_aligner_align(aligner, &frame, face, NULL, sizeof crop, &needed));
    CHECK(crop[0] == 7);

    REFUSED(facenet_embedder_embed(embedder, crops, 2, vector, 1, &needed));
    CHECK(needed == 2 * dimension && vector[0] == 7);
    REFUSED(facenet_embedder_embed(embedder, crops, 2, NULL, 2 * dimension, &needed));
    REFUSED(facenet_embedder_embed(embedder, NULL, 2, vectors, 2 * dimension, &needed));
    REFUSED(facenet_embedder_embed(embedder, crops, SIZE_MAX / 2, vectors, 2 * dimension, &needed));

    REFUSED(facenet_embedder_fingerprint(embedder, text, sizeof text));
    CHECK(strcmp(text, "7777777") == 0);

    OK(facenet_cluster_options_init(&options, sizeof options));
    options.threshold = 1;
    OK(facenet_cluster(vectors, 2, dimension, &options, NULL, &clusters));
    REFUSED(facenet_clusters_labels(clusters, labels, 1, &needed));
    CHECK(needed == 2 && labels[0] == 7);
    facenet_clusters_free(clusters);

    /* Texts are cut instead, and always end. */
    OK(facenet_runtime_info(runtime, text, sizeof text, &needed));
    CHECK(strlen(text) == sizeof text - 1 && needed > sizeof text);
    CHECK(facenet_last_error(text, 1) > 1 && text[0] == 0);
}

static void numbers_that_cannot_be(void)
{
    facenet_clusters *clusters = UNTOUCHED(facenet_clusters);
    facenet_cluster_options options;
    float distance = 7;

    REFUSED(facenet_distance(vectors, vectors, SIZE_MAX, FACENET_METRIC_COSINE, &distance));
    REFUSED(facenet_distance(vectors, vectors, SIZE_MAX / sizeof(float), FACENET_METRIC_COSINE, &distance));
    CHECK(distance == 7);
    OK(facenet_cluster_options_init(&options, sizeof options));
    options.threshold = 1;
    REFUSED(facenet_cluster(vectors, SIZE_MAX, SIZE_MAX, &options, NULL, &clusters));
    REFUSED(facenet_cluster(vectors, SIZE_MAX / 8, 2, &options, NULL, &clusters));
    CHECK(clusters == UNTOUCHED(facenet_clusters));
}

/* Models in memory that are none, are others, or are some of those that are needed. */
static void models_that_are_none(void)
{
    static const unsigned char noise[4096] = {7, 7, 7};
    facenet_detector *made = UNTOUCHED(facenet_detector);
    facenet_embedder *other = UNTOUCHED(facenet_embedder);
    facenet_pipeline *all = UNTOUCHED(facenet_pipeline);
    facenet_detector_options detection;
    facenet_embedder_options embedding;
    char message[512];
    int i;

    OK(facenet_embedder_options_init(&embedding, sizeof embedding));
    embedding.model_bytes.data = noise;
    REFUSED(facenet_embedder_new(runtime, &embedding, &other));
    embedding.model_bytes.size = sizeof noise;
    RETURNS(FACENET_ERROR_MODEL_INVALID, facenet_embedder_new(runtime, &embedding, &other));
    facenet_last_error(message, sizeof message);
    CHECK(strstr(message, "in memory (4096 bytes)"));
    RETURNS(FACENET_ERROR_MODEL_INVALID, facenet_pipeline_new(runtime, NULL, &embedding, &all));
    embedding.model = "model.onnx";
    REFUSED(facenet_embedder_new(runtime, &embedding, &other));
    embedding.model = NULL;
    embedding.model_bytes.data = NULL;
    REFUSED(facenet_embedder_new(runtime, &embedding, &other));

    OK(facenet_detector_options_init(&detection, sizeof detection));
    for (i = 0; i < 2; ++i) {
        detection.networks[i].data = noise;
        detection.networks[i].size = sizeof noise;
        REFUSED(facenet_detector_new(runtime, &detection, &made));
    }
    detection.networks[2] = detection.networks[0];
    RETURNS(FACENET_ERROR_MODEL_INVALID, facenet_detector_new(runtime, &detection, &made));
    CHECK(made == UNTOUCHED(facenet_detector) && other == UNTOUCHED(facenet_embedder));
    CHECK(all == UNTOUCHED(facenet_pipeline));
}

static void files_that_are_none(void)
{
    facenet_image *image = UNTOUCHED(facenet_image);
    facenet_classifier *classifier = UNTOUCHED(facenet_classifier);
    facenet_people *people = UNTOUCHED(facenet_people);
    facenet_report *report = UNTOUCHED(facenet_report);
    facenet_evaluator *evaluator = NULL;
    uint32_t metric = 7;
    char *text = path_in(photos, "README.md");

    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_image_open("/nowhere/a.jpg", &image));
    RETURNS(FACENET_ERROR_IMAGE_DECODE, facenet_image_decode((const uint8_t *)"\xff\xd8\xff", 3, &image));
    RETURNS(FACENET_ERROR_MODEL_INVALID, facenet_model_info(text, NULL, 0, NULL));
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_classifier_load("/nowhere/people", &classifier));
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_people_embed(embedder, NULL, "/nowhere", NULL, &people));
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_profile_read("/nowhere/profile", embedder, &metric, NULL, 0, NULL));
    RETURNS(FACENET_ERROR_DATASET_INVALID, facenet_profile_read(text, embedder, &metric, NULL, 0, NULL));
    OK(facenet_evaluator_new(NULL, &evaluator));
    RETURNS(FACENET_ERROR_DATASET_INVALID,
            facenet_evaluator_run_insightface(evaluator, embedder, text, NULL, &report));
    facenet_evaluator_free(evaluator);
    CHECK(image == UNTOUCHED(facenet_image) && classifier == UNTOUCHED(facenet_classifier));
    CHECK(people == UNTOUCHED(facenet_people) && report == UNTOUCHED(facenet_report) && metric == 7);
    free(text);
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    photos = argv[1];
    scratch = argv[2];
    set_up();
    null_among_good_arguments();
    null_among_good_arguments_of_learning();
    unknown_numbers();
    sizes_of_structs();
    crooked_pointers();
    planes_that_do_not_hold_the_frame();
    buffers_that_are_too_small();
    numbers_that_cannot_be();
    models_that_are_none();
    files_that_are_none();
    tear_down();
    return EXIT_SUCCESS;
}
