/* Eight threads share one pipeline, and get what one thread alone gets; each has its own last message.
 *
 * `threads PHOTOS`
 */
#include "check.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 4 };

struct work {
    const facenet_pipeline *pipeline;
    const facenet_frame *frame;
    const float *expected;
    size_t dimension;
    int number;
};

static void *run(void *user)
{
    const struct work *work = (const struct work *)user;
    char path[32], message[256];
    int round;

    for (round = 0; round < ROUNDS; ++round) {
        facenet_embedded_faces *found = NULL;
        facenet_image *image = NULL;

        snprintf(path, sizeof path, "/nowhere/thread-%d.jpg", work->number);
        CHECK(facenet_image_open(path, &image) == FACENET_ERROR_NOT_FOUND);
        CHECK(facenet_pipeline_process(work->pipeline, work->frame, &found) == FACENET_OK);
        facenet_last_error(message, sizeof message);
        CHECK(strstr(message, path));
        CHECK(facenet_embedded_faces_count(found) == 1);
        CHECK(memcmp(facenet_embedded_faces_embedding(found, 0), work->expected, work->dimension * sizeof(float)) == 0);
        facenet_embedded_faces_free(found);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    facenet_runtime *runtime = NULL;
    facenet_pipeline *pipeline = NULL;
    facenet_embedder *embedder = NULL;
    facenet_embedded_faces *alone[2] = {NULL, NULL};
    facenet_image *images[2];
    facenet_frame frames[2];
    pthread_t threads[THREADS];
    struct work work[THREADS];
    int i;

    CHECK(argc == 2);
    OK(facenet_runtime_new(NULL, &runtime));
    OK(facenet_pipeline_new(runtime, NULL, NULL, &pipeline));
    OK(facenet_pipeline_embedder(pipeline, &embedder));
    for (i = 0; i < 2; ++i) {
        images[i] = open_in(argv[1], i ? "biden.jpg" : "astronaut.png");
        frames[i] = frame_of(images[i]);
        OK(facenet_pipeline_process(pipeline, &frames[i], &alone[i]));
    }
    /* What is made from a runtime outlives it. */
    facenet_runtime_free(runtime);
    for (i = 0; i < THREADS; ++i) {
        work[i].pipeline = pipeline;
        work[i].frame = &frames[i % 2];
        work[i].expected = facenet_embedded_faces_embedding(alone[i % 2], 0);
        work[i].dimension = facenet_embedder_dimension(embedder);
        work[i].number = i;
        CHECK(pthread_create(&threads[i], NULL, run, &work[i]) == 0);
    }
    for (i = 0; i < THREADS; ++i)
        CHECK(pthread_join(threads[i], NULL) == 0);
    for (i = 0; i < 2; ++i) {
        facenet_embedded_faces_free(alone[i]);
        facenet_image_free(images[i]);
    }
    facenet_embedder_free(embedder);
    facenet_pipeline_free(pipeline);
    return EXIT_SUCCESS;
}
