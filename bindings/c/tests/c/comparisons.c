/* Every handle over vectors does its work: distances, clusters, classifiers, evaluations, folders of people.
 *
 * `comparisons PHOTOS SCRATCH`; SCRATCH has photos of people in people/ and a list of pairs of them in pairs.txt
 */
#include "setup.h"

#include <math.h>

static void distances(void)
{
    facenet_threshold threshold = {.struct_size = sizeof threshold};
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
    facenet_agreement bcubed = {.struct_size = sizeof bcubed}, pairwise = {.struct_size = sizeof pairwise};
    size_t needed = 0;

    OK(facenet_cluster_options_init(&options, sizeof options));
    OK(facenet_cluster_threshold(embedder, options.algorithm, &options.threshold));
    OK(facenet_cluster(vectors, PHOTOS, dimension, &options, NULL, &found));
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
    const char *const kinds[3] = {"template", "svm", "softmax"};
    const uint32_t people[4] = {0, 0, 0, 1};
    const char *const known[2] = {"Barack Obama", "Joe Biden"};
    facenet_classifier_options options;
    facenet_classifier *trained = NULL, *loaded = NULL;
    facenet_prediction first[PHOTOS] = {{.struct_size = sizeof *first}};
    facenet_prediction second[PHOTOS] = {{.struct_size = sizeof *second}};
    char *path = path_in(scratch, "people.facenet"), *text;
    char name[32];

    OK(facenet_classifier_options_init(&options, sizeof options));
    options.kind = kind;
    options.threshold = 0.4;
    options.balanced = kind == FACENET_CLASSIFIER_SOFTMAX;
    OK(facenet_classifier_train(embedder, vectors, people, 4, known, 2, &options, NULL, &trained));
    OK(facenet_classifier_save(trained, path));
    OK(facenet_classifier_load(path, &loaded));
    CHECK(facenet_classifier_count(loaded) == 2);
    OK(facenet_classifier_name(loaded, 1, name, sizeof name, NULL));
    CHECK(strcmp(name, "Joe Biden") == 0);
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_classifier_name(loaded, 2, name, sizeof name, NULL));
    TEXT(text, facenet_classifier_info(loaded, buffer, capacity, &needed));
    CHECK(strstr(text, "Barack Obama") && strstr(text, kinds[kind]));
    free(text);

    OK(facenet_classifier_predict(trained, embedder, vectors, PHOTOS, first));
    OK(facenet_classifier_predict(loaded, embedder, vectors, PHOTOS, second));
    CHECK(memcmp(first, second, sizeof first) == 0);
    if (kind == FACENET_CLASSIFIER_TEMPLATE) {
        CHECK(first[OBAMA2].person == 0 && first[BIDEN].person == 1 && first[BIDEN].score > 0.99f);
        CHECK(first[ASTRONAUT].person == -1 && first[ASTRONAUT].nearest >= 0);
    }
    if (kind == FACENET_CLASSIFIER_SOFTMAX) {
        CHECK(first[OBAMA].person == 0 && first[OBAMA].score > 0.5f && first[OBAMA].score < 1);
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
    facenet_figures figures = {.struct_size = sizeof figures};
    char *text, *path = path_in(scratch, "report.html");
    int i;

    OK(facenet_evaluator_new(NULL, &evaluator));
    for (i = 0; i < 40; ++i)
        OK(facenet_evaluator_add_pair(evaluator, a, i % 2 ? a : b, 2, (uint32_t)(i % 2)));
    RETURNS(FACENET_ERROR_DIMENSION_MISMATCH, facenet_evaluator_add_pair(evaluator, a, b, 1, 1));
    OK(facenet_evaluator_report(evaluator, &report));
    OK(facenet_report_figures(report, &figures));
    CHECK(figures.accuracy == 1 && figures.pairs == 40 && figures.pairs_left_out == 0);
    CHECK(facenet_report_roc_count(report) > 1 && facenet_report_roc(report, 0)->false_match_rate <= 1);
    TEXT(text, facenet_report_json(report, buffer, capacity, &needed));
    CHECK(text[0] == '{' && strstr(text, "accuracy"));
    CHECK(facenet_report_roc(report, 0)->struct_size == sizeof(facenet_roc_point));
    CHECK(!facenet_report_roc(report, facenet_report_roc_count(report)));
    OK(facenet_report_write_html(report, path, "none", "two embeddings"));
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

static facenet_call call_with(facenet_progress_callback progress, void *user)
{
    facenet_call call;

    OK(facenet_call_init(&call, sizeof call));
    call.progress = progress;
    call.user = user;
    return call;
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
    facenet_threshold read[2] = {{.struct_size = sizeof *read}};
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
    facenet_threshold thresholds[2] = {{.struct_size = sizeof *thresholds}};
    int i, j, pairs = 0, matches = 0, calls = 0;
    uint64_t last = 0;
    const facenet_call stopped = call_with(stop, &calls), followed = call_with(follow, &last);

    for (i = 0; i < ROWS; ++i) {
        people[i] = (uint32_t)(i / 2);
        for (j = 0; j < VALUES; ++j) {
            seed = seed * 1664525u + 1013904223u;
            rows[i][j] = (float)(seed >> 8) / (1 << 24) - 0.5f + (i % 2 ? rows[i - 1][j] * 4 : 0);
        }
    }
#define CALIBRATE(call)                                                                                                \
    facenet_calibrate(rows[0], people, ROWS, VALUES, FACENET_METRIC_COSINE, rates, 2, call, thresholds)
    RETURNS(FACENET_ERROR_CANCELLED, CALIBRATE(&stopped));
    CHECK(calls == 1);
    OK(CALIBRATE(&followed));
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

/* A call is stopped from elsewhere, and its message comes to a buffer of its own. */
static void cancellation(void)
{
    const float corners[4] = {1, 0, 0, 1};
    facenet_cluster_options options;
    facenet_clusters *found = NULL;
    facenet_cancel *cancel = NULL;
    facenet_call call;
    char message[64] = "before", last[64], cut[4] = "abc";

    OK(facenet_cluster_options_init(&options, sizeof options));
    options.threshold = 0.5;
    OK(facenet_cancel_new(&cancel));
    OK(facenet_call_init(&call, sizeof call));
    call.cancel = cancel;
    call.message = message;
    call.message_capacity = sizeof message;
    OK(facenet_cluster(corners, 2, 2, &options, &call, &found));
    CHECK(strcmp(message, "before") == 0 && facenet_cancel_requested(cancel) == 0);
    facenet_clusters_free(found);

    OK(facenet_cancel_request(cancel));
    CHECK(facenet_cancel_requested(cancel) == 1);
    found = NULL;
    RETURNS(FACENET_ERROR_CANCELLED, facenet_cluster(corners, 2, 2, &options, &call, &found));
    facenet_last_error(last, sizeof last);
    CHECK(!found && strncmp(message, last, sizeof message - 1) == 0);
    call.message = cut;
    call.message_capacity = sizeof cut;
    RETURNS(FACENET_ERROR_CANCELLED, facenet_cluster(corners, 2, 2, &options, &call, &found));
    CHECK(strlen(cut) == 3 && strncmp(cut, last, 3) == 0);
    facenet_cancel_free(cancel);

    /* What is wrong with an argument is a message too; a struct that is wrong itself has nowhere to put one. */
    OK(facenet_call_init(&call, sizeof call));
    call.message = message;
    call.message_capacity = sizeof message;
    REFUSED(facenet_cluster(NULL, 2, 2, &options, &call, &found));
    CHECK(strcmp(message, "embeddings is NULL") == 0);
    call.struct_size = 3;
    REFUSED(facenet_cluster(corners, 2, 2, &options, &call, &found));
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
        OK(facenet_evaluator_run_lfw(evaluator, embedder, NULL, aligned, pairs, NULL, &report));
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
    const facenet_call stopped = call_with(stop, &calls), followed = call_with(follow, &last);

    RETURNS(FACENET_ERROR_CANCELLED, facenet_people_embed(embedder, NULL, aligned, &stopped, &people));
    OK(facenet_people_embed(embedder, NULL, aligned, &followed, &people));
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
        CHECK(fabsf(facenet_people_embeddings(people)[3 * dimension + i] - vector[i]) < 1e-6f);
    free(text);
    free(vector);
    facenet_image_free(face);
    facenet_people_free(people);
}

static void folders(void)
{
    char *people = path_in(scratch, "people"), *aligned = path_in(scratch, "aligned");
    char *renamed = path_in(scratch, "renamed"), *array = path_in(scratch, "renamed/people.npy");
    char *exported = path_in(scratch, "exported"), *pairs = path_in(scratch, "pairs.txt");
    char *bin = path_in(scratch, "pairs.bin");
    facenet_align_folder_options options;
    facenet_align_summary summary = {.struct_size = sizeof summary};
    facenet_export_summary export_summary = {.struct_size = sizeof export_summary};
    facenet_export_options naming;
    FILE *named;
    facenet_evaluator_options settings;
    facenet_evaluator *evaluator = NULL;
    facenet_report *report = NULL;
    facenet_figures figures = {.struct_size = sizeof figures};
    facenet_image *face;
    int calls = 0;
    const facenet_call stopped = call_with(stop, &calls);

    RETURNS(FACENET_ERROR_CANCELLED, facenet_align_folder(runtime, people, aligned, NULL, NULL, &stopped, NULL));
    CHECK(calls == 1);
    OK(facenet_align_folder(runtime, people, aligned, NULL, NULL, NULL, &summary));
    CHECK(summary.images == 4 && summary.done_before + summary.aligned == 4 && summary.no_face == 0);
    face = open_in(aligned, "Joe_Biden/Joe_Biden_0001.png");
    CHECK(facenet_image_width(face) == 160 && facenet_image_height(face) == 160);
    facenet_image_free(face);
    OK(facenet_align_folder_options_init(&options, sizeof options));
    options.part = 2;
    REFUSED(facenet_align_folder(runtime, people, aligned, NULL, &options, NULL, NULL));
    options.part = 1;
    options.order = 2;
    REFUSED(facenet_align_folder(runtime, people, aligned, NULL, &options, NULL, NULL));
    options.order = FACENET_ORDER_RANDOM;
    options.batch = 0;
    REFUSED(facenet_align_folder(runtime, people, aligned, NULL, &options, NULL, NULL));
    options.batch = 1;
    OK(facenet_align_folder(runtime, people, aligned, NULL, &options, NULL, &summary));
    CHECK(summary.images == 4 && summary.done_before == 4);
    options.margin = 44;
    REFUSED(facenet_align_folder(runtime, people, aligned, NULL, &options, NULL, NULL));

    OK(facenet_export_folder(embedder, NULL, aligned, exported, NULL, &export_summary));
    CHECK(export_summary.images == 4 && export_summary.faces == 4 && export_summary.failed == 0);
    OK(facenet_export_options_init(&naming, sizeof naming));
    naming.labels_name = "../labels.npy";
    REFUSED(facenet_export_folder_with(embedder, NULL, aligned, renamed, &naming, NULL, NULL));
    naming.labels_name = "people.npy";
    naming.part_size = 1;
    OK(facenet_export_folder_with(embedder, NULL, aligned, renamed, &naming, NULL, &export_summary));
    CHECK(export_summary.faces == 4);
    named = fopen(array, "rb");
    CHECK(named && fclose(named) == 0);

    OK(facenet_evaluator_options_init(&settings, sizeof settings));
    settings.folds = 2;
    OK(facenet_evaluator_new(&settings, &evaluator));
    OK(facenet_evaluator_run_lfw(evaluator, embedder, NULL, aligned, pairs, NULL, &report));
    OK(facenet_report_figures(report, &figures));
    CHECK(figures.pairs == 4 && figures.pairs_left_out == 0 && figures.images_missing == 0);
    CHECK(figures.accuracy >= 0.75 && figures.area_under_curve > 0.9);

    facenet_report_free(report);
    report = NULL;
    OK(facenet_evaluator_run_insightface(evaluator, embedder, bin, NULL, &report));
    OK(facenet_report_figures(report, &figures));
    CHECK(figures.pairs == 4 && figures.accuracy == 1);
    facenet_report_free(report);
    facenet_evaluator_free(evaluator);
    report_with_pictures(aligned, pairs);
    of_a_folder(aligned);
    free(bin);
    free(pairs);
    free(renamed);
    free(array);
    free(exported);
    free(aligned);
    free(people);
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    photos = argv[1];
    scratch = argv[2];
    set_up();
    distances();
    clusters();
    classifier(FACENET_CLASSIFIER_TEMPLATE);
    classifier(FACENET_CLASSIFIER_SVM);
    classifier(FACENET_CLASSIFIER_SOFTMAX);
    evaluation();
    calibration();
    cancellation();
    folders();
    tear_down();
    return EXIT_SUCCESS;
}
