/* A pipeline, and the vectors of the photos. */
#ifndef SETUP_H
#define SETUP_H

#include "check.h"

static const char *photos, *scratch;
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
        facenet_embedded_faces *found = NULL;

        OK(facenet_pipeline_process(pipeline, &frame, &found));
        CHECK(facenet_embedded_faces_count(found) == 1);
        memcpy(vector_of(i), facenet_embedded_faces_embedding(found, 0), dimension * sizeof *vectors);
        facenet_embedded_faces_free(found);
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

#endif
