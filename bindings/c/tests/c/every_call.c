/* Every function of the header, with NULL and 0 for everything.
 *
 * `every_call` expects what the header says to that. `every_call panic` is for a library that was built to panic in every
 * call while FACENET_TEST_PANIC is set: the host lives, and hears of it.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

static int panics;

static void check_status(facenet_status returned, facenet_status expected, const char *name)
{
    char message[256] = "";

    if (panics) {
        unsetenv("FACENET_TEST_PANIC");
        facenet_last_error(message, sizeof message);
        setenv("FACENET_TEST_PANIC", "1", 1);
        expected = FACENET_ERROR_PANIC;
    }
    if (returned != expected || (panics && !strstr(message, "wanted by a test"))) {
        fprintf(stderr, "%s returned %d: %s\n", name, (int)returned, message);
        exit(EXIT_FAILURE);
    }
}

#define STATUS(expected, call) check_status((call), (expected), #call)
#define NULL_IS_REFUSED(call) STATUS(FACENET_ERROR_INVALID_ARGUMENT, call)

static void simple_ones(void)
{
    CHECK(strcmp(facenet_version(), FACENET_VERSION_STRING) == 0);
    CHECK(facenet_abi_version() == FACENET_ABI_VERSION);
    CHECK(strcmp(facenet_status_name(FACENET_ERROR_NOT_FOUND), panics ? "Unknown" : "NotFound") == 0);
    CHECK(strcmp(facenet_status_name(-1), "Unknown") == 0);
    CHECK(facenet_last_error(NULL, 0) == 0);
    STATUS(FACENET_OK, facenet_log_to(NULL, NULL));
    STATUS(FACENET_OK, facenet_doctor(NULL, 0, NULL, NULL, 0, NULL));
    CHECK(facenet_metric_within(FACENET_METRIC_EUCLIDEAN, 1, 2) == (panics ? 0 : 1));
}

static void options(void)
{
    NULL_IS_REFUSED(facenet_frame_init(NULL, 0));
    NULL_IS_REFUSED(facenet_runtime_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_detector_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_aligner_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_embedder_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_model_import_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_classifier_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_cluster_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_evaluator_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_align_folder_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_export_options_init(NULL, 0));
    NULL_IS_REFUSED(facenet_call_init(NULL, 0));
}

static void what_makes_handles(void)
{
    NULL_IS_REFUSED(facenet_runtime_new(NULL, NULL));
    NULL_IS_REFUSED(facenet_findings_new(NULL, NULL));
    NULL_IS_REFUSED(facenet_image_open(NULL, NULL));
    NULL_IS_REFUSED(facenet_image_decode(NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_image_from_frame(NULL, NULL));
    NULL_IS_REFUSED(facenet_pipeline_new(NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_pipeline_embedder(NULL, NULL));
    NULL_IS_REFUSED(facenet_detector_new(NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_aligner_new(NULL, NULL));
    NULL_IS_REFUSED(facenet_embedder_new(NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_embedder_aligner(NULL, NULL));
    NULL_IS_REFUSED(facenet_cancel_new(NULL));
    NULL_IS_REFUSED(facenet_people_embed(NULL, NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_classifier_load(NULL, NULL));
    NULL_IS_REFUSED(facenet_classifier_train(NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_cluster(NULL, 0, 0, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_evaluator_new(NULL, NULL));
    NULL_IS_REFUSED(facenet_evaluator_report(NULL, NULL));
    NULL_IS_REFUSED(facenet_evaluator_run_lfw(NULL, NULL, NULL, NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_evaluator_run_insightface(NULL, NULL, NULL, NULL, NULL));
}

static void what_works(void)
{
    NULL_IS_REFUSED(facenet_cancel_request(NULL));
    NULL_IS_REFUSED(facenet_runtime_info(NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_image_save(NULL, NULL));
    NULL_IS_REFUSED(facenet_image_frame(NULL, NULL));
    NULL_IS_REFUSED(facenet_pipeline_process(NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_pipeline_process_in(NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_pipeline_process_batch(NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_distance(NULL, NULL, 1, 0, NULL));
    NULL_IS_REFUSED(facenet_detector_detect(NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_detector_detect_in(NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_aligner_align(NULL, NULL, NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_aligner_align_image(NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_embedder_threshold(NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_embedder_fingerprint(NULL, NULL, 0));
    NULL_IS_REFUSED(facenet_embedder_embed(NULL, NULL, 0, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_model_import(NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_model_info(NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_classifier_predict(NULL, NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_classifier_name(NULL, 0, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_classifier_info(NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_classifier_save(NULL, NULL));
    NULL_IS_REFUSED(facenet_cluster_threshold(NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_clusters_labels(NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_clusters_scores(NULL, NULL, 0, NULL, NULL));
    NULL_IS_REFUSED(facenet_evaluator_add_pair(NULL, NULL, NULL, 0, 0));
    NULL_IS_REFUSED(facenet_report_figures(NULL, NULL));
    NULL_IS_REFUSED(facenet_report_json(NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_report_write_html(NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_calibrate(NULL, NULL, 1, 1, 0, NULL, 1, NULL, NULL));
    NULL_IS_REFUSED(facenet_profile_write(NULL, 0, NULL, 0, NULL, NULL));
    NULL_IS_REFUSED(facenet_profile_read(NULL, NULL, NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_people_name(NULL, 0, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_people_image(NULL, 0, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_people_left_out(NULL, NULL, 0, NULL));
    NULL_IS_REFUSED(facenet_align_folder(NULL, NULL, NULL, NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_export_folder(NULL, NULL, NULL, NULL, NULL, NULL));
    NULL_IS_REFUSED(facenet_export_folder_with(NULL, NULL, NULL, NULL, NULL, NULL, NULL));
}

static void getters(void)
{
    CHECK(facenet_image_width(NULL) == 0);
    CHECK(facenet_image_height(NULL) == 0);
    CHECK(facenet_image_data(NULL) == NULL);
    CHECK(facenet_faces_count(NULL) == 0);
    CHECK(facenet_faces_get(NULL, 0) == NULL);
    CHECK(facenet_embedded_faces_count(NULL) == 0);
    CHECK(facenet_embedded_faces_face(NULL, 0) == NULL);
    CHECK(facenet_embedded_faces_crop(NULL, 0) == NULL);
    CHECK(facenet_embedded_faces_embedding(NULL, 0) == NULL);
    CHECK(facenet_aligner_size(NULL) == 0);
    CHECK(facenet_embedder_input_size(NULL) == 0);
    CHECK(facenet_embedder_dimension(NULL) == 0);
    CHECK(facenet_embedder_metric(NULL) == FACENET_METRIC_EUCLIDEAN);
    CHECK(facenet_cancel_requested(NULL) == 0);
    CHECK(facenet_people_faces(NULL) == 0);
    CHECK(facenet_people_embeddings(NULL) == NULL);
    CHECK(facenet_people_subjects(NULL) == NULL);
    CHECK(facenet_people_count(NULL) == 0);
    CHECK(facenet_classifier_count(NULL) == 0);
    CHECK(facenet_clusters_count(NULL) == 0);
    CHECK(facenet_report_roc_count(NULL) == 0);
    CHECK(facenet_report_roc(NULL, 0) == NULL);
}

static void frees(void)
{
    facenet_cancel_free(NULL);
    facenet_runtime_free(NULL);
    facenet_findings_free(NULL);
    facenet_image_free(NULL);
    facenet_faces_free(NULL);
    facenet_embedded_faces_free(NULL);
    facenet_pipeline_free(NULL);
    facenet_detector_free(NULL);
    facenet_aligner_free(NULL);
    facenet_embedder_free(NULL);
    facenet_people_free(NULL);
    facenet_classifier_free(NULL);
    facenet_clusters_free(NULL);
    facenet_evaluator_free(NULL);
    facenet_report_free(NULL);
}

int main(int argc, char **argv)
{
    panics = argc > 1 && strcmp(argv[1], "panic") == 0;
    if (panics)
        setenv("FACENET_TEST_PANIC", "1", 1);
    simple_ones();
    options();
    what_makes_handles();
    what_works();
    getters();
    frees();
    return EXIT_SUCCESS;
}
