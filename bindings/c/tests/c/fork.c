/* A host that forks. The child makes its own handles; those of the parent refuse to work there, and may be freed; the parent
 * goes on. A child that waits for ever is ended by its alarm.
 *
 * `fork PHOTOS`
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 200, VALUES = 16, PATIENCE = 300 };

struct handles {
    facenet_runtime *runtime;
    facenet_pipeline *pipeline;
    facenet_embedder *embedder;
    facenet_image *image;
    facenet_frame frame;
};

static float rows[ROWS][VALUES];

static struct handles make(const char *photos)
{
    struct handles made = {NULL, NULL, NULL, NULL, {0}};

    OK(facenet_runtime_new(NULL, &made.runtime));
    OK(facenet_pipeline_new(made.runtime, NULL, NULL, &made.pipeline));
    OK(facenet_pipeline_embedder(made.pipeline, &made.embedder));
    made.image = open_in(photos, "astronaut.png");
    made.frame = frame_of(made.image);
    return made;
}

static void free_all(struct handles *handles)
{
    facenet_image_free(handles->image);
    facenet_embedder_free(handles->embedder);
    facenet_pipeline_free(handles->pipeline);
    facenet_runtime_free(handles->runtime);
}

static void use(const struct handles *handles)
{
    facenet_embedded_faces *found = NULL;

    OK(facenet_pipeline_process(handles->pipeline, &handles->frame, &found));
    CHECK(facenet_embedded_faces_count(found) == 1);
    facenet_embedded_faces_free(found);
}

/* Work that needs many threads and no handle. */
static void compute(void)
{
    static uint32_t people[ROWS];
    facenet_cluster_options options;
    facenet_clusters *clusters = NULL;
    facenet_threshold threshold = {.struct_size = sizeof threshold};
    const double rate = 0.1;
    uint32_t i, j, seed = 1;

    for (i = 0; i < ROWS; ++i) {
        people[i] = i / 2;
        for (j = 0; j < VALUES; ++j) {
            seed = seed * 1664525u + 1013904223u;
            rows[i][j] = (float)(seed >> 8) / (1 << 24) - 0.5f;
        }
    }
    OK(facenet_cluster_options_init(&options, sizeof options));
    options.threshold = 0.5;
    OK(facenet_cluster(rows[0], ROWS, VALUES, &options, NULL, &clusters));
    facenet_clusters_free(clusters);
    OK(facenet_calibrate(rows[0], people, ROWS, VALUES, FACENET_METRIC_COSINE, &rate, 1, NULL, &threshold));
}

static void refused_in_child(const struct handles *parents)
{
    facenet_embedded_faces *found = NULL;
    facenet_detector *detector = NULL;
    facenet_pipeline *pipeline = NULL;
    char message[256];

    RETURNS(FACENET_ERROR_UNSUPPORTED, facenet_pipeline_process(parents->pipeline, &parents->frame, &found));
    facenet_last_error(message, sizeof message);
    CHECK(!found && strstr(message, "before fork"));
    RETURNS(FACENET_ERROR_UNSUPPORTED, facenet_detector_new(parents->runtime, NULL, &detector));
    RETURNS(FACENET_ERROR_UNSUPPORTED, facenet_pipeline_new(parents->runtime, NULL, NULL, &pipeline));
    CHECK(!detector && !pipeline);
}

static void in_child(struct handles *parents, const char *photos)
{
    struct handles own;

    refused_in_child(parents);
    compute();
    own = make(photos);
    use(&own);
    free_all(&own);
    free_all(parents);
}

int main(int argc, char **argv)
{
    struct handles parents;
    int round;

    CHECK(argc == 2);
    parents = make(argv[1]);
    use(&parents);
    compute();
    for (round = 0; round < 2; ++round) {
        int status = 0;
        const pid_t child = fork();

        CHECK(child >= 0);
        if (child == 0) {
            alarm(PATIENCE);
            in_child(&parents, argv[1]);
            fflush(NULL);
            _exit(EXIT_SUCCESS);
        }
        use(&parents);
        compute();
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
        use(&parents);
    }
    free_all(&parents);
    return EXIT_SUCCESS;
}
