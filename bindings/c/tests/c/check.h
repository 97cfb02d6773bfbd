/* What the test programs share. They print nothing unless something is wrong. */
#ifndef CHECK_H
#define CHECK_H

#include <facenet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            exit(EXIT_FAILURE);                                                                                        \
        }                                                                                                              \
    } while (0)

/* The call returns `status`, and the thread has a message of this very call unless all went well. */
#define RETURNS(status, call)                                                                                          \
    do {                                                                                                               \
        char before[256], after[256];                                                                                  \
        facenet_status returned;                                                                                       \
        facenet_model_info("/nowhere/before-the-call", NULL, 0, NULL);                                                 \
        facenet_last_error(before, sizeof before);                                                                     \
        returned = (call);                                                                                             \
        facenet_last_error(after, sizeof after);                                                                       \
        if (returned != (status)) {                                                                                    \
            fprintf(stderr, "%s:%d: %s: %s (%s)\n", __FILE__, __LINE__, #call, facenet_status_name(returned), after);  \
            exit(EXIT_FAILURE);                                                                                        \
        }                                                                                                              \
        CHECK(returned == FACENET_OK ? strcmp(before, after) == 0 : after[0] && strcmp(before, after) != 0);           \
    } while (0)

#define OK(call) RETURNS(FACENET_OK, call)
#define REFUSED(call) RETURNS(FACENET_ERROR_INVALID_ARGUMENT, call)

/* A frame over the pixels of a picture. */
static inline facenet_frame frame_of(const facenet_image *image)
{
    facenet_frame frame;

    OK(facenet_frame_init(&frame, sizeof frame));
    OK(facenet_image_frame(image, &frame));
    return frame;
}

/* `folder/name`, in memory of its own. */
static inline char *path_in(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = (char *)malloc(size);

    CHECK(path);
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static inline facenet_image *open_in(const char *folder, const char *name)
{
    char *path = path_in(folder, name);
    facenet_image *image = NULL;

    OK(facenet_image_open(path, &image));
    free(path);
    return image;
}

#endif
