/* Faces in a camera's frames: two threads share a pipeline, and NV12 pixels are borrowed as they are.
 *
 *     cc camera.c $(pkg-config --cflags --libs facenet) -pthread -o camera && ./camera FRAMES.nv12 WIDTH HEIGHT [TURN]
 *
 * reads frames of WIDTH x HEIGHT pixels, one after the other. TURN is the angle in degrees clockwise by which they must be
 * turned to stand upright.
 */
#include <facenet.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 2 };

/* Ends the program with the library's words if a call failed. */
static void check(facenet_status status, const char *what)
{
    char message[1024];

    if (status == FACENET_OK)
        return;
    facenet_last_error(message, sizeof message);
    fprintf(stderr, "%s: %s (%s)\n", what, message, facenet_status_name(status));
    exit(EXIT_FAILURE);
}

/* What the threads share. */
struct camera {
    const facenet_pipeline *pipeline;
    FILE *file;
    uint32_t width, height, rotation;
    unsigned long number;
    int failed;
    pthread_mutex_t lock;
};

/* The next frame; its number, or -1 if there is none. */
static long next_frame(struct camera *camera, unsigned char *pixels, size_t size)
{
    long number = -1;
    size_t read;

    pthread_mutex_lock(&camera->lock);
    read = fread(pixels, 1, size, camera->file);
    if (read == size)
        number = (long)camera->number++;
    else if (read > 0) {
        fprintf(stderr, "the file breaks off in frame %lu\n", camera->number);
        camera->failed = 1;
    }
    pthread_mutex_unlock(&camera->lock);
    return number;
}

static void *work(void *user)
{
    struct camera *camera = (struct camera *)user;
    size_t stride = (camera->width + (size_t)1) / 2 * 2;
    size_t luma = stride * camera->height, chroma = stride * ((camera->height + (size_t)1) / 2);
    unsigned char *pixels = (unsigned char *)malloc(luma + chroma);
    facenet_frame frame;
    long number;

    if (!pixels) {
        perror("frame");
        exit(EXIT_FAILURE);
    }
    check(facenet_frame_init(&frame, sizeof frame), "frame");
    while ((number = next_frame(camera, pixels, luma + chroma)) >= 0) {
        facenet_embedded_faces *faces = NULL;
        size_t i;

        frame.format = FACENET_PIXEL_FORMAT_NV12;
        frame.range = FACENET_COLOR_RANGE_LIMITED;
        frame.width = camera->width;
        frame.height = camera->height;
        frame.rotation = camera->rotation;
        frame.planes[0].data = pixels;
        frame.planes[0].size = luma;
        frame.planes[1].data = pixels + luma;
        frame.planes[1].size = chroma;
        frame.planes[0].stride = frame.planes[1].stride = (ptrdiff_t)stride;
        /* The message of a failure belongs to this thread. */
        check(facenet_pipeline_process(camera->pipeline, &frame, &faces), "frame");
        for (i = 0; i < facenet_embedded_faces_count(faces); ++i) {
            const facenet_rect *rect = &facenet_embedded_faces_face(faces, i)->rect;
            printf("frame %ld: face at %.0f %.0f %.0f %.0f\n", number, rect->x1, rect->y1, rect->x2, rect->y2);
        }
        facenet_embedded_faces_free(faces);
    }
    free(pixels);
    return NULL;
}

int main(int argc, char **argv)
{
    struct camera camera = {0};
    facenet_runtime *runtime = NULL;
    facenet_pipeline *pipeline = NULL;
    facenet_detector_options options;
    pthread_t threads[THREADS];
    int i;

    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s FRAMES WIDTH HEIGHT [TURN]\n", argv[0]);
        return 2;
    }
    camera.width = (uint32_t)strtoul(argv[2], NULL, 10);
    camera.height = (uint32_t)strtoul(argv[3], NULL, 10);
    camera.rotation = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0;
    camera.file = fopen(argv[1], "rb");
    if (!camera.file) {
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    check(facenet_runtime_new(NULL, &runtime), "runtime");
    check(facenet_detector_options_init(&options, sizeof options), "options");
    options.min_face_share = 0.1f;
    check(facenet_pipeline_new(runtime, &options, NULL, &pipeline), "pipeline");
    camera.pipeline = pipeline;
    pthread_mutex_init(&camera.lock, NULL);
    for (i = 0; i < THREADS; ++i) {
        if (pthread_create(&threads[i], NULL, work, &camera))
            return EXIT_FAILURE;
    }
    for (i = 0; i < THREADS; ++i)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&camera.lock);
    fclose(camera.file);
    facenet_pipeline_free(pipeline);
    facenet_runtime_free(runtime);
    return camera.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
