/* How well does a model tell people apart? The protocol of Labeled Faces in the Wild, as facenet's validate_on_lfw.
 *
 *     cc validate.c $(pkg-config --cflags --libs facenet) -o validate && ./validate lfw_160 pairs.txt
 *
 * The folder has a folder of aligned faces for each person; with --raw, of photos, in which the most central face is taken.
 * Ctrl-C ends it.
 */
#include <facenet.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t is_stopped;

static void stop(int number)
{
    (void)number;
    is_stopped = 1;
}

/* Ends the program with the library's words if a call failed. */
static void check(facenet_status status, const char *what)
{
    char message[1024];

    if (status == FACENET_OK)
        return;
    if (status == FACENET_ERROR_CANCELLED) {
        fprintf(stderr, "\nstopped\n");
        exit(130);
    }
    facenet_last_error(message, sizeof message);
    fprintf(stderr, "%s: %s (%s)\n", what, message, facenet_status_name(status));
    exit(EXIT_FAILURE);
}

/* Draws a bar on the standard error, and says whether to go on. */
static uint32_t show(uint64_t done, uint64_t total, void *user)
{
    enum { WIDTH = 40 };
    int *shown = (int *)user;
    int filled = total ? (int)(done * WIDTH / total) : WIDTH;

    if (filled != *shown) {
        *shown = filled;
        fprintf(stderr, "\r[%.*s%*s] %lu/%lu%s", filled, "########################################", WIDTH - filled, "",
                (unsigned long)done, (unsigned long)total, done == total ? "\n" : "");
    }
    return is_stopped ? 1 : 0;
}

int main(int argc, char **argv)
{
    int is_raw = argc > 1 && strcmp(argv[1], "--raw") == 0, shown = -1;
    facenet_runtime *runtime = NULL;
    facenet_embedder *embedder = NULL;
    facenet_pipeline *pipeline = NULL;
    facenet_evaluator *evaluator = NULL;
    facenet_report *report = NULL;
    facenet_figures figures = {.struct_size = sizeof figures};
    facenet_call call;

    if (argc != 3 + is_raw) {
        fprintf(stderr, "usage: %s [--raw] FOLDER PAIRS\n", argv[0]);
        return 2;
    }
    signal(SIGINT, stop);
    check(facenet_runtime_new(NULL, &runtime), "runtime");
    if (is_raw) {
        facenet_detector_options central;

        check(facenet_detector_options_init(&central, sizeof central), "options");
        central.selection = FACENET_SELECTION_CENTRAL;
        check(facenet_pipeline_new(runtime, &central, NULL, &pipeline), "pipeline");
    } else {
        check(facenet_embedder_new(runtime, NULL, &embedder), "embedder");
    }
    check(facenet_evaluator_new(NULL, &evaluator), "evaluator");
    check(facenet_call_init(&call, sizeof call), "call");
    call.progress = show;
    call.user = &shown;
    check(facenet_evaluator_run_lfw(evaluator, embedder, pipeline, argv[1 + is_raw], argv[2 + is_raw], &call, &report),
          "validation");
    check(facenet_report_figures(report, &figures), "figures");
    printf("Accuracy: %1.5f+-%1.5f\n", figures.accuracy, figures.accuracy_deviation);
    printf("Validation rate: %2.5f+-%2.5f @ FAR=%2.5f\n", figures.validation_rate, figures.validation_rate_deviation,
           figures.far);
    printf("Area Under Curve (AUC): %1.3f\n", figures.area_under_curve);
    printf("Equal Error Rate (EER): %1.3f\n", figures.equal_error_rate);
    if (figures.pairs_left_out > 0)
        fprintf(stderr, "%lu of %lu pairs are in no figure: %lu images are missing, %lu gave no face\n",
                (unsigned long)figures.pairs_left_out, (unsigned long)figures.pairs,
                (unsigned long)figures.images_missing, (unsigned long)figures.images_failed);

    facenet_report_free(report);
    facenet_evaluator_free(evaluator);
    facenet_pipeline_free(pipeline);
    facenet_embedder_free(embedder);
    facenet_runtime_free(runtime);
    return EXIT_SUCCESS;
}
