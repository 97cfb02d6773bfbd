/* A host that was not linked against the library loads it, uses it and lets go of it, twice.
 *
 * `host LIBRARY PHOTO`
 */
#define _POSIX_C_SOURCE 200809L
#include <facenet.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *library;

static void *function(const char *name)
{
    void *found = dlsym(library, name);

    if (!found) {
        fprintf(stderr, "%s\n", dlerror());
        exit(EXIT_FAILURE);
    }
    return found;
}

/* ISO C has no cast from a pointer to an object to one to a function. */
#define LOAD(pointer, name)                                                                                            \
    do {                                                                                                               \
        void *found = function(name);                                                                                  \
        memcpy(&(pointer), &found, sizeof(pointer));                                                                   \
    } while (0)

static int faces_in(const char *path)
{
    facenet_status (*new_runtime)(const facenet_runtime_options *, facenet_runtime **);
    void (*free_runtime)(facenet_runtime *);
    facenet_status (*new_detector)(const facenet_runtime *, const facenet_detector_options *, facenet_detector **);
    void (*free_detector)(facenet_detector *);
    facenet_status (*open)(const char *, facenet_image **);
    facenet_status (*init_frame)(facenet_frame *, size_t);
    facenet_status (*frame_of)(const facenet_image *, facenet_frame *);
    void (*free_image)(facenet_image *);
    facenet_status (*detect)(const facenet_detector *, const facenet_frame *, facenet_faces **);
    size_t (*count)(const facenet_faces *);
    void (*free_faces)(facenet_faces *);
    facenet_runtime *runtime = NULL;
    facenet_detector *detector = NULL;
    facenet_image *image = NULL;
    facenet_faces *faces = NULL;
    facenet_frame frame;
    int found = -1;

    LOAD(new_runtime, "facenet_runtime_new");
    LOAD(free_runtime, "facenet_runtime_free");
    LOAD(new_detector, "facenet_detector_new");
    LOAD(free_detector, "facenet_detector_free");
    LOAD(open, "facenet_image_open");
    LOAD(init_frame, "facenet_frame_init");
    LOAD(frame_of, "facenet_image_frame");
    LOAD(free_image, "facenet_image_free");
    LOAD(detect, "facenet_detector_detect");
    LOAD(count, "facenet_faces_count");
    LOAD(free_faces, "facenet_faces_free");
    if (!new_runtime(NULL, &runtime) && !new_detector(runtime, NULL, &detector) && !open(path, &image) &&
        !init_frame(&frame, sizeof frame) && !frame_of(image, &frame) && !detect(detector, &frame, &faces))
        found = (int)count(faces);
    free_faces(faces);
    free_image(image);
    free_detector(detector);
    free_runtime(runtime);
    return found;
}

int main(int argc, char **argv)
{
    int round;

    if (argc != 3)
        return 2;
    for (round = 0; round < 2; ++round) {
        library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            fprintf(stderr, "%s\n", dlerror());
            return EXIT_FAILURE;
        }
        if (faces_in(argv[2]) != 1 || dlclose(library) != 0)
            return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
