/* Every handle does its work, and the ways to the same result agree.
 *
 * `results PHOTOS SCRATCH MODELS`; SCRATCH has photos of people in people/ and a list of pairs of them in pairs.txt
 */
#include "check.h"

#include <math.h>

static const char *photos, *scratch, *models;
static facenet_runtime *runtime;
static facenet_pipeline *pipeline;
static facenet_embedder *embedder;
static size_t dimension;

enum { OBAMA, OBAMA2, OBAMA3, BIDEN, ASTRONAUT, PHOTOS };
static const char *const names[PHOTOS] = {"obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png"};
static float *vectors;

static float *vector_of(int person)
{
    return vectors + (size_t)person * dimension;
}

static void set_up(void)
{
    facenet_detector_options largest;
    int i;

    OK(facenet_runtime_new(NULL, &runtime));
    OK(facenet_detector_options_init(&largest, sizeof largest));
    largest.selection = FACENET_SELECTION_LARGEST;
    OK(facenet_pipeline_new(runtime, &largest, NULL, &pipeline));
    OK(facenet_pipeline_embedder(pipeline, &embedder));
    dimension = facenet_embedder_dimension(embedder);
    CHECK(dimension == 512);
    vectors = (float *)malloc(PHOTOS * dimension * sizeof *vectors);
    CHECK(vectors);
    for (i = 0; i < PHOTOS; ++i) {
        facenet_image *image = open_in(photos, names[i]);
        facenet_frame frame = frame_of(image);
        facenet_embedded *found = NULL;

        OK(facenet_pipeline_process(pipeline, &frame, &found));
        CHECK(facenet_embedded_count(found) == 1);
        memcpy(vector_of(i), facenet_embedded_vector(found, 0), dimension * sizeof *vectors);
        facenet_embedded_free(found);
        facenet_image_free(image);
    }
}

static void tear_down(void)
{
    free(vectors);
    facenet_embedder_free(embedder);
    facenet_pipeline_free(pipeline);
    facenet_runtime_free(runtime);
}

/* The text of a call that gives one, whole. */
#define TEXT(text, call)                                                                                               \
    do {                                                                                                               \
        size_t needed = 0, capacity = 0;                                                                               \
        char *buffer = NULL;                                                                                           \
        OK(call);                                                                                                      \
        capacity = needed + 1;                                                                                         \
        buffer = (char *)malloc(capacity);                                                                             \
        CHECK(buffer && needed > 0);                                                                                   \
        OK(call);                                                                                                      \
        CHECK(strlen(buffer) == needed);                                                                               \
        (text) = buffer;                                                                                               \
    } while (0)

static void the_machine(void)
{
    char *text, *model;
    uint32_t works = 7;

    TEXT(text, facenet_runtime_info(runtime, buffer, capacity, &needed));
    CHECK(text[0] == '{' && strstr(text, "provider"));
    free(text);
    OK(facenet_doctor(NULL, 1, &works, NULL, 0, NULL));
    CHECK(works == 1);
    model = path_in(models, "facenet-20180408-102900.onnx");
    TEXT(text, facenet_model_info(model, buffer, capacity, &needed));
    CHECK(text[0] == '{' && strstr(text, "20180408-102900"));
    free(text);
    free(model);
}

static void pictures(void)
{
    static unsigned char bytes[1 << 20];
    char *path = path_in(photos, "obama.jpg"), *copy = path_in(scratch, "copy.png");
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    facenet_image *opened = NULL, *decoded = NULL, *saved = NULL, *same = NULL;
    facenet_frame frame;
    size_t pixels;

    CHECK(size > 0 && fclose(file) == 0);
    OK(facenet_image_open(path, &opened));
    OK(facenet_image_decode(bytes, size, &decoded));
    OK(facenet_image_save(opened, copy));
    OK(facenet_image_open(copy, &saved));
    frame = frame_of(opened);
    OK(facenet_image_from_frame(&frame, &same));
    pixels = (size_t)3 * facenet_image_width(opened) * facenet_image_height(opened);
    CHECK(pixels > 0 && facenet_image_width(decoded) == frame.width && facenet_image_height(saved) == frame.height);
    CHECK(memcmp(facenet_image_data(opened), facenet_image_data(decoded), pixels) == 0);
    CHECK(memcmp(facenet_image_data(opened), facenet_image_data(saved), pixels) == 0);
    CHECK(memcmp(facenet_image_data(opened), facenet_image_data(same), pixels) == 0);
    facenet_image_free(same);
    facenet_image_free(saved);
    facenet_image_free(decoded);
    facenet_image_free(opened);
    free(copy);
    free(path);
}

/* The stages one by one give what the pipeline gives. */
static void stages(void)
{
    facenet_image *image = open_in(photos, "biden.jpg"), *crop = NULL;
    facenet_frame frame = frame_of(image);
    facenet_detector_options options;
    facenet_detector *detector = NULL;
    facenet_aligner *aligner = NULL;
    facenet_embedder *alone = NULL;
    facenet_faces *faces = NULL, *within = NULL;
    facenet_rect whole;
    unsigned char *pixels;
    float *vector = (float *)malloc(dimension * sizeof *vector);
    size_t needed = 0;

    OK(facenet_detector_options_init(&options, sizeof options));
    options.selection = FACENET_SELECTION_LARGEST;
    OK(facenet_detector_new(runtime, &options, &detector));
    OK(facenet_embedder_new(runtime, NULL, &alone));
    OK(facenet_embedder_aligner(alone, &aligner));
    CHECK(facenet_aligner_size(aligner) == 160 && facenet_embedder_input_size(alone) == 160);
    OK(facenet_detector_detect(detector, &frame, &faces));
    CHECK(facenet_faces_count(faces) == 1 && facenet_faces_get(faces, 1) == NULL);
    whole.x1 = whole.y1 = 0;
    whole.x2 = (float)frame.width;
    whole.y2 = (float)frame.height;
    OK(facenet_detector_detect_in(detector, &frame, &whole, &within));
    CHECK(memcmp(facenet_faces_get(faces, 0), facenet_faces_get(within, 0), sizeof(facenet_face)) == 0);

    OK(facenet_aligner_align(aligner, &frame, facenet_faces_get(faces, 0), NULL, 0, &needed));
    CHECK(needed == 3 * 160 * 160);
    pixels = (unsigned char *)malloc(needed);
    CHECK(pixels && vector);
    OK(facenet_aligner_align(aligner, &frame, facenet_faces_get(faces, 0), pixels, needed, NULL));
    OK(facenet_aligner_align_image(aligner, &frame, facenet_faces_get(faces, 0), &crop));
    CHECK(memcmp(pixels, facenet_image_data(crop), needed) == 0);
    OK(facenet_embedder_embed(alone, pixels, 1, vector, dimension, NULL));
    CHECK(memcmp(vector, vector_of(BIDEN), dimension * sizeof *vector) == 0);

    free(vector);
    free(pixels);
    facenet_image_free(crop);
    facenet_faces_free(within);
    facenet_faces_free(faces);
    facenet_embedder_free(alone);
    facenet_aligner_free(aligner);
    facenet_detector_free(detector);
    facenet_image_free(image);
}

/* All of a file in memory. */
static facenet_bytes read_file(const char *folder, const char *name)
{
    char *path = path_in(folder, name);
    FILE *file = fopen(path, "rb");
    long size;
    unsigned char *data;
    facenet_bytes bytes;

    CHECK(file && fseek(file, 0, SEEK_END) == 0);
    size = ftell(file);
    CHECK(size > 0);
    rewind(file);
    data = (unsigned char *)malloc((size_t)size);
    CHECK(data && fread(data, 1, (size_t)size, file) == (size_t)size && fclose(file) == 0);
    free(path);
    bytes.data = data;
    bytes.size = (size_t)size;
    return bytes;
}

static void free_file(facenet_bytes *bytes)
{
    free((void *)(size_t)bytes->data);
    bytes->data = NULL;
}

/* Models in memory give what their files give, and are not needed once they are loaded. */
static void memory(void)
{
    static const char *const files[3] = {"mtcnn-pnet.onnx", "mtcnn-rnet.onnx", "mtcnn-onet.onnx"};
    facenet_runtime_options options;
    facenet_runtime *bare = NULL;
    facenet_detector_options detection;
    facenet_embedder_options embedding;
    facenet_pipeline *made = NULL;
    facenet_embedder *other = NULL;
    facenet_embedded *found = NULL;
    facenet_image *image = open_in(photos, "biden.jpg");
    facenet_frame frame = frame_of(image);
    char first[33], second[33];
    int i;

    OK(facenet_runtime_options_init(&options, sizeof options));
    options.models = scratch; /* where none are */
    OK(facenet_runtime_new(&options, &bare));
    OK(facenet_detector_options_init(&detection, sizeof detection));
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_pipeline_new(bare, &detection, NULL, &made));
    OK(facenet_embedder_options_init(&embedding, sizeof embedding));
    detection.selection = FACENET_SELECTION_LARGEST;
    for (i = 0; i < 3; ++i)
        detection.networks[i] = read_file(models, files[i]);
    embedding.model_bytes = read_file(models, "facenet-20180408-102900.onnx");
    OK(facenet_pipeline_new(bare, &detection, &embedding, &made));
    for (i = 0; i < 3; ++i)
        free_file(&detection.networks[i]);
    embedding.model_bytes.size -= 1;
    RETURNS(FACENET_ERROR_MODEL_INVALID, facenet_embedder_new(bare, &embedding, &other));
    free_file(&embedding.model_bytes);
    facenet_runtime_free(bare);

    OK(facenet_pipeline_process(made, &frame, &found));
    CHECK(facenet_embedded_count(found) == 1);
    CHECK(memcmp(facenet_embedded_vector(found, 0), vector_of(BIDEN), dimension * sizeof(float)) == 0);
    OK(facenet_pipeline_embedder(made, &other));
    OK(facenet_embedder_fingerprint(other, first, sizeof first));
    OK(facenet_embedder_fingerprint(embedder, second, sizeof second));
    CHECK(strcmp(first, second) == 0);

    facenet_embedder_free(other);
    facenet_embedded_free(found);
    facenet_pipeline_free(made);
    facenet_image_free(image);
}

static void same_face(const facenet_face *a, const facenet_face *b, float tolerance)
{
    CHECK(a && b);
    CHECK(fabsf(a->rect.x1 - b->rect.x1) <= tolerance && fabsf(a->rect.y1 - b->rect.y1) <= tolerance);
    CHECK(fabsf(a->rect.x2 - b->rect.x2) <= tolerance && fabsf(a->rect.y2 - b->rect.y2) <= tolerance);
}

/* A camera's ways to hold the picture of the astronaut. */
static void frames(void)
{
    facenet_image *image = open_in(photos, "astronaut.png");
    facenet_frame rgb = frame_of(image), bgr, nv12;
    const unsigned char *from = facenet_image_data(image);
    size_t width = rgb.width, height = rgb.height, x, y, stride = 3 * width + 5;
    unsigned char *swapped = (unsigned char *)calloc(height, stride);
    unsigned char *planes = (unsigned char *)malloc(width * height * 3 / 2);
    unsigned char *chroma = planes + width * height;
    facenet_embedded *found[3] = {NULL, NULL, NULL};
    facenet_frame three[3];
    facenet_rect region = {0, 0, 400, 300};
    facenet_embedded *within = NULL;
    int i;

    CHECK(swapped && planes && width % 2 == 0 && height % 2 == 0);
    for (y = 0; y < height; ++y) {
        for (x = 0; x < width; ++x) {
            const unsigned char *pixel = from + 3 * (y * width + x);
            /* Rows from the bottom up, with padding. */
            unsigned char *to = swapped + (height - 1 - y) * stride + 3 * x;
            double luma = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];

            to[0] = pixel[2];
            to[1] = pixel[1];
            to[2] = pixel[0];
            planes[y * width + x] = (unsigned char)(luma + 0.5);
            if (x % 2 == 0 && y % 2 == 0) {
                unsigned char *uv = chroma + y / 2 * width + x;
                uv[0] = (unsigned char)fmin(255, fmax(0, 128.5 + (pixel[2] - luma) / 1.772));
                uv[1] = (unsigned char)fmin(255, fmax(0, 128.5 + (pixel[0] - luma) / 1.402));
            }
        }
    }
    OK(facenet_frame_init(&bgr, sizeof bgr));
    bgr.format = FACENET_PIXEL_FORMAT_BGR;
    bgr.width = rgb.width;
    bgr.height = rgb.height;
    bgr.planes[0].data = swapped;
    bgr.planes[0].size = height * stride;
    bgr.planes[0].stride = -(ptrdiff_t)stride;
    OK(facenet_frame_init(&nv12, sizeof nv12));
    nv12.format = FACENET_PIXEL_FORMAT_NV12;
    nv12.width = rgb.width;
    nv12.height = rgb.height;
    nv12.range = FACENET_COLOR_RANGE_FULL;
    nv12.matrix = FACENET_COLOR_MATRIX_BT601;
    nv12.planes[0].data = planes;
    nv12.planes[0].size = width * height;
    nv12.planes[1].data = chroma;
    nv12.planes[1].size = width * height / 2;
    nv12.planes[0].stride = nv12.planes[1].stride = (ptrdiff_t)width;

    three[0] = rgb;
    three[1] = bgr;
    three[2] = nv12;
    OK(facenet_pipeline_process_batch(pipeline, three, 3, found));
    for (i = 0; i < 3; ++i)
        CHECK(facenet_embedded_count(found[i]) == 1 && facenet_embedded_vector(found[i], 1) == NULL);
    CHECK(memcmp(facenet_embedded_vector(found[0], 0), facenet_embedded_vector(found[1], 0),
                 dimension * sizeof(float)) == 0);
    same_face(facenet_embedded_face(found[0], 0), facenet_embedded_face(found[1], 0), 0);
    same_face(facenet_embedded_face(found[0], 0), facenet_embedded_face(found[2], 0), 3);
    CHECK(facenet_image_width(facenet_embedded_crop(found[0], 0)) == 160);

    OK(facenet_pipeline_process_in(pipeline, &nv12, &region, &within));
    CHECK(facenet_embedded_count(within) == 1);
    same_face(facenet_embedded_face(within, 0), facenet_embedded_face(found[2], 0), 6);

    facenet_embedded_free(within);
    for (i = 0; i < 3; ++i)
        facenet_embedded_free(found[i]);
    free(planes);
    free(swapped);
    facenet_image_free(image);
}

static void distances(void)
{
    facenet_threshold threshold;
    float same, other, cosine;
    double square = 0;
    char fingerprint[33];
    size_t i;

    CHECK(facenet_embedder_metric(embedder) == FACENET_METRIC_EUCLIDEAN);
    OK(facenet_embedder_threshold(embedder, 0, &threshold));
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_embedder_threshold(embedder, 99, &threshold));
    OK(facenet_distance(vector_of(OBAMA), vector_of(OBAMA2), dimension, FACENET_METRIC_EUCLIDEAN, &same));
    OK(facenet_distance(vector_of(OBAMA), vector_of(BIDEN), dimension, FACENET_METRIC_EUCLIDEAN, &other));
    OK(facenet_distance(vector_of(OBAMA), vector_of(BIDEN), dimension, FACENET_METRIC_COSINE, &cosine));
    CHECK(facenet_metric_within(FACENET_METRIC_EUCLIDEAN, same, threshold.distance) == 1);
    CHECK(facenet_metric_within(FACENET_METRIC_EUCLIDEAN, other, threshold.distance) == 0);
    for (i = 0; i < dimension; ++i)
        square += pow(vector_of(OBAMA)[i] - vector_of(BIDEN)[i], 2);
    CHECK(fabs(sqrt(square) - other) < 1e-5 && fabs(1 - square / 2 - cosine) < 1e-5);
    OK(facenet_embedder_fingerprint(embedder, fingerprint, sizeof fingerprint));
    CHECK(strspn(fingerprint, "0123456789abcdef") == 32);
}

static void clusters(void)
{
    const int64_t people[PHOTOS] = {1, 1, 1, 2, 3};
    int64_t labels[PHOTOS];
    facenet_cluster_options options;
    facenet_clusters *found = NULL;
    facenet_agreement bcubed, pairwise;
    size_t needed = 0;

    OK(facenet_cluster_options_init(&options, sizeof options));
    OK(facenet_cluster_threshold(embedder, options.algorithm, &options.threshold));
    OK(facenet_cluster(vectors, PHOTOS, dimension, &options, NULL, NULL, &found));
    CHECK(facenet_clusters_count(found) == 3);
    OK(facenet_clusters_labels(found, labels, PHOTOS, &needed));
    CHECK(needed == PHOTOS && labels[OBAMA] == labels[OBAMA2] && labels[OBAMA] == labels[OBAMA3]);
    CHECK(labels[OBAMA] != labels[BIDEN] && labels[OBAMA] != labels[ASTRONAUT] && labels[BIDEN] != labels[ASTRONAUT]);
    OK(facenet_clusters_scores(found, people, PHOTOS, &bcubed, &pairwise));
    CHECK(bcubed.f == 1 && pairwise.precision == 1 && pairwise.recall == 1);
    facenet_clusters_free(found);
}

static void classifier(uint32_t kind)
{
    const uint32_t people[4] = {0, 0, 0, 1};
    const char *const known[2] = {"Barack Obama", "Joe Biden"};
    facenet_classifier_options options;
    facenet_classifier *trained = NULL, *loaded = NULL;
    facenet_prediction first[PHOTOS], second[PHOTOS];
    char *path = path_in(scratch, "people.facenet"), *text;
    char name[32];

    OK(facenet_classifier_options_init(&options, sizeof options));
    options.kind = kind;
    options.threshold = 0.4;
    OK(facenet_classifier_train(embedder, vectors, people, 4, known, 2, &options, NULL, NULL, &trained));
    OK(facenet_classifier_save(trained, path));
    OK(facenet_classifier_load(path, &loaded));
    CHECK(facenet_classifier_count(loaded) == 2);
    OK(facenet_classifier_name(loaded, 1, name, sizeof name, NULL));
    CHECK(strcmp(name, "Joe Biden") == 0);
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_classifier_name(loaded, 2, name, sizeof name, NULL));
    TEXT(text, facenet_classifier_info(loaded, buffer, capacity, &needed));
    CHECK(strstr(text, "Barack Obama") && strstr(text, kind == FACENET_CLASSIFIER_SVM ? "svm" : "template"));
    free(text);

    OK(facenet_classifier_predict(trained, embedder, vectors, PHOTOS, first));
    OK(facenet_classifier_predict(loaded, embedder, vectors, PHOTOS, second));
    CHECK(memcmp(first, second, sizeof first) == 0);
    if (kind == FACENET_CLASSIFIER_TEMPLATE) {
        CHECK(first[OBAMA2].person == 0 && first[BIDEN].person == 1 && first[BIDEN].score > 0.99f);
        CHECK(first[ASTRONAUT].person == -1 && first[ASTRONAUT].nearest >= 0);
    }
    facenet_classifier_free(loaded);
    facenet_classifier_free(trained);
    free(path);
}

static void evaluation(void)
{
    const float a[2] = {1, 0}, b[2] = {0, 1};
    facenet_evaluator *evaluator = NULL;
    facenet_report *report = NULL;
    facenet_figures figures;
    char *text, *path = path_in(scratch, "report.html");
    int i;

    OK(facenet_evaluator_new(NULL, &evaluator));
    for (i = 0; i < 40; ++i)
        OK(facenet_evaluator_add_pair(evaluator, a, i % 2 ? a : b, 2, (uint32_t)(i % 2)));
    RETURNS(FACENET_ERROR_DIMENSION_MISMATCH, facenet_evaluator_add_pair(evaluator, a, b, 1, 1));
    OK(facenet_evaluator_report(evaluator, &report));
    OK(facenet_report_figures(report, &figures));
    CHECK(figures.accuracy == 1 && figures.pairs == 40 && figures.pairs_left_out == 0);
    CHECK(facenet_report_roc_count(report) > 1 && facenet_report_roc(report)[0].false_match_rate <= 1);
    TEXT(text, facenet_report_json(report, buffer, capacity, &needed));
    CHECK(text[0] == '{' && strstr(text, "accuracy"));
    OK(facenet_report_write_html(report, path, "none", "two vectors"));
    free(path);
    free(text);
    facenet_report_free(report);
    facenet_evaluator_free(evaluator);
}

static uint32_t stop(uint64_t done, uint64_t total, void *calls)
{
    CHECK(done <= total);
    ++*(int *)calls;
    return 1;
}

static uint32_t follow(uint64_t done, uint64_t total, void *last)
{
    CHECK(done <= total && *(uint64_t *)last <= done);
    *(uint64_t *)last = done;
    return 0;
}

/* Thresholds come back from their file, for the model they were measured with. */
static void profile(const facenet_threshold *threshold)
{
    char *path = path_in(scratch, "profile.toml");
    facenet_embedder_options options;
    facenet_embedder *other = NULL;
    facenet_threshold read[2];
    uint32_t metric = 7;
    size_t needed = 0;

    OK(facenet_profile_write(embedder, FACENET_METRIC_COSINE, threshold, 1, "a test", path));
    OK(facenet_profile_read(path, embedder, &metric, NULL, 0, &needed));
    CHECK(needed == 1 && metric == FACENET_METRIC_COSINE);
    OK(facenet_profile_read(path, embedder, &metric, read, 2, NULL));
    CHECK(read[0].distance == threshold->distance && read[0].false_match_rate == threshold->false_match_rate);
    OK(facenet_embedder_options_init(&options, sizeof options));
    options.mirror = FACENET_MIRROR_AVERAGE;
    OK(facenet_embedder_new(runtime, &options, &other));
    RETURNS(FACENET_ERROR_FINGERPRINT_MISMATCH, facenet_profile_read(path, other, &metric, read, 2, NULL));
    facenet_embedder_free(other);
    free(path);
}

/* The rate that a threshold is said to have is that of the pairs. */
static void calibration(void)
{
    enum { PEOPLE = 30, VALUES = 8, ROWS = 2 * PEOPLE };
    static float rows[ROWS][VALUES];
    uint32_t people[ROWS], seed = 1;
    const double rates[2] = {0.1, 1e-9};
    facenet_threshold thresholds[2];
    int i, j, pairs = 0, matches = 0, calls = 0;
    uint64_t last = 0;

    for (i = 0; i < ROWS; ++i) {
        people[i] = (uint32_t)(i / 2);
        for (j = 0; j < VALUES; ++j) {
            seed = seed * 1664525u + 1013904223u;
            rows[i][j] = (float)(seed >> 8) / (1 << 24) - 0.5f + (i % 2 ? rows[i - 1][j] * 4 : 0);
        }
    }
#define CALIBRATE(progress, user)                                                                                      \
    facenet_calibrate(rows[0], people, ROWS, VALUES, FACENET_METRIC_COSINE, rates, 2, progress, user, thresholds)
    RETURNS(FACENET_ERROR_CANCELLED, CALIBRATE(stop, &calls));
    CHECK(calls == 1);
    OK(CALIBRATE(follow, &last));
    CHECK(last == 2); /* the pairs of one person, and those of two */
#undef CALIBRATE
    for (i = 0; i < ROWS; ++i) {
        for (j = 0; j < i; ++j) {
            float likeness;

            if (people[i] == people[j])
                continue;
            OK(facenet_distance(rows[i], rows[j], VALUES, FACENET_METRIC_COSINE, &likeness));
            matches += (int)facenet_metric_within(FACENET_METRIC_COSINE, likeness, thresholds[0].distance);
            ++pairs;
        }
    }
    CHECK(thresholds[0].false_match_rate <= 0.1);
    CHECK(fabs((double)matches / pairs - thresholds[0].false_match_rate) < 1e-3);
    CHECK(isnan(thresholds[1].distance));
    profile(&thresholds[0]);
}

static long size_of_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    long size;

    CHECK(file && fseek(file, 0, SEEK_END) == 0);
    size = ftell(file);
    CHECK(fclose(file) == 0);
    return size;
}

/* A page has pictures if they are wanted. */
static void report_with_pictures(const char *aligned, const char *pairs)
{
    char *path = path_in(scratch, "page.html");
    facenet_evaluator_options settings;
    uint32_t pictures;
    long sizes[2];

    OK(facenet_evaluator_options_init(&settings, sizeof settings));
    CHECK(settings.pictures == 0);
    settings.folds = 2;
    for (pictures = 0; pictures < 2; ++pictures) {
        facenet_evaluator *evaluator = NULL;
        facenet_report *report = NULL;

        settings.pictures = pictures;
        OK(facenet_evaluator_new(&settings, &evaluator));
        OK(facenet_evaluator_run_lfw(evaluator, embedder, NULL, aligned, pairs, NULL, NULL, &report));
        OK(facenet_report_write_html(report, path, "a model", "four faces"));
        sizes[pictures] = size_of_file(path);
        facenet_report_free(report);
        facenet_evaluator_free(evaluator);
    }
    /* Four faces of 160 x 160 pixels. */
    CHECK(sizes[1] > sizes[0] + 10000);
    free(path);
}

/* The vectors of a folder of people are those of the pictures one by one. */
static void of_a_folder(const char *aligned)
{
    facenet_people *people = NULL;
    const uint32_t *subjects;
    facenet_image *face = open_in(aligned, "Joe_Biden/Joe_Biden_0001.png");
    float *vector = (float *)malloc(dimension * sizeof *vector);
    char *text, name[32];
    uint64_t last = 0;
    int calls = 0;

    RETURNS(FACENET_ERROR_CANCELLED, facenet_people_embed(embedder, NULL, aligned, stop, &calls, &people));
    OK(facenet_people_embed(embedder, NULL, aligned, follow, &last, &people));
    CHECK(last == 4 && facenet_people_faces(people) == 4 && facenet_people_count(people) == 2);
    subjects = facenet_people_subjects(people);
    CHECK(subjects[0] == 0 && subjects[1] == 0 && subjects[2] == 0 && subjects[3] == 1);
    OK(facenet_people_name(people, 1, name, sizeof name, NULL));
    CHECK(strcmp(name, "Joe_Biden") == 0);
    OK(facenet_people_image(people, 3, name, sizeof name, NULL));
    CHECK(strcmp(name, "Joe_Biden/Joe_Biden_0001.png") == 0);
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_people_name(people, 2, name, sizeof name, NULL));
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_people_image(people, 4, name, sizeof name, NULL));
    TEXT(text, facenet_people_left_out(people, buffer, capacity, &needed));
    CHECK(strcmp(text, "[]") == 0);
    CHECK(vector);
    OK(facenet_embedder_embed(embedder, facenet_image_data(face), 1, vector, dimension, NULL));
    for (size_t i = 0; i < dimension; ++i)
        CHECK(fabsf(facenet_people_vectors(people)[3 * dimension + i] - vector[i]) < 1e-6f);
    free(text);
    free(vector);
    facenet_image_free(face);
    facenet_people_free(people);
}

static void folders(void)
{
    char *people = path_in(scratch, "people"), *aligned = path_in(scratch, "aligned");
    char *exported = path_in(scratch, "exported"), *pairs = path_in(scratch, "pairs.txt");
    char *bin = path_in(scratch, "pairs.bin");
    facenet_align_folder_options options;
    facenet_align_summary summary = {0};
    facenet_export_summary export_summary = {0};
    facenet_evaluator_options settings;
    facenet_evaluator *evaluator = NULL;
    facenet_report *report = NULL;
    facenet_figures figures;
    facenet_image *face;
    int calls = 0;

    RETURNS(FACENET_ERROR_CANCELLED, facenet_align_folder(runtime, people, aligned, NULL, NULL, stop, &calls, NULL));
    CHECK(calls == 1);
    OK(facenet_align_folder(runtime, people, aligned, NULL, NULL, NULL, NULL, &summary));
    CHECK(summary.images == 4 && summary.done_before + summary.aligned == 4 && summary.no_face == 0);
    face = open_in(aligned, "Joe_Biden/Joe_Biden_0001.png");
    CHECK(facenet_image_width(face) == 160 && facenet_image_height(face) == 160);
    facenet_image_free(face);
    OK(facenet_align_folder_options_init(&options, sizeof options));
    options.part = 2;
    REFUSED(facenet_align_folder(runtime, people, aligned, NULL, &options, NULL, NULL, NULL));
    options.part = 1;
    options.margin = 44;
    REFUSED(facenet_align_folder(runtime, people, aligned, NULL, &options, NULL, NULL, NULL));

    OK(facenet_export_folder(embedder, NULL, aligned, exported, NULL, NULL, &export_summary));
    CHECK(export_summary.images == 4 && export_summary.faces == 4 && export_summary.failed == 0);

    OK(facenet_evaluator_options_init(&settings, sizeof settings));
    settings.folds = 2;
    OK(facenet_evaluator_new(&settings, &evaluator));
    OK(facenet_evaluator_run_lfw(evaluator, embedder, NULL, aligned, pairs, NULL, NULL, &report));
    OK(facenet_report_figures(report, &figures));
    CHECK(figures.pairs == 4 && figures.pairs_left_out == 0 && figures.images_missing == 0);
    CHECK(figures.accuracy >= 0.75 && figures.area_under_curve > 0.9);

    facenet_report_free(report);
    report = NULL;
    OK(facenet_evaluator_run_insightface(evaluator, embedder, bin, NULL, NULL, &report));
    OK(facenet_report_figures(report, &figures));
    CHECK(figures.pairs == 4 && figures.accuracy == 1);
    facenet_report_free(report);
    facenet_evaluator_free(evaluator);
    report_with_pictures(aligned, pairs);
    of_a_folder(aligned);
    free(bin);
    free(pairs);
    free(exported);
    free(aligned);
    free(people);
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    photos = argv[1];
    scratch = argv[2];
    models = argv[3];
    set_up();
    the_machine();
    pictures();
    stages();
    memory();
    frames();
    distances();
    clusters();
    classifier(FACENET_CLASSIFIER_TEMPLATE);
    classifier(FACENET_CLASSIFIER_SVM);
    evaluation();
    calibration();
    folders();
    tear_down();
    return EXIT_SUCCESS;
}
