/* Are the faces of two pictures those of the same person?
 *
 *     cc compare.c $(pkg-config --cflags --libs facenet) -o compare && ./compare a.jpg b.jpg
 */
#include <facenet.h>

#include <stdio.h>
#include <stdlib.h>

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

/* The faces of a picture, of which there must be one at least. */
static facenet_embedded_faces *faces_of(const facenet_pipeline *pipeline, const char *path)
{
    facenet_image *image = NULL;
    facenet_embedded_faces *faces = NULL;
    facenet_frame frame;

    check(facenet_image_open(path, &image), path);
    check(facenet_frame_init(&frame, sizeof frame), path);
    check(facenet_image_frame(image, &frame), path);
    check(facenet_pipeline_process(pipeline, &frame, &faces), path);
    facenet_image_free(image);
    if (facenet_embedded_faces_count(faces) == 0) {
        fprintf(stderr, "%s: no face found\n", path);
        exit(EXIT_FAILURE);
    }
    return faces;
}

int main(int argc, char **argv)
{
    facenet_runtime *runtime = NULL;
    facenet_pipeline *pipeline = NULL;
    facenet_embedder *embedder = NULL;
    facenet_embedded_faces *a, *b;
    facenet_detector_options largest;
    facenet_threshold threshold = {.struct_size = sizeof threshold};
    float distance;

    if (argc != 3) {
        fprintf(stderr, "usage: %s A B\n", argv[0]);
        return 2;
    }
    check(facenet_runtime_new(NULL, &runtime), "runtime");
    check(facenet_detector_options_init(&largest, sizeof largest), "options");
    largest.selection = FACENET_SELECTION_LARGEST;
    check(facenet_pipeline_new(runtime, &largest, NULL, &pipeline), "pipeline");
    check(facenet_pipeline_embedder(pipeline, &embedder), "embedder");
    check(facenet_embedder_threshold(embedder, 0, &threshold), "threshold");

    a = faces_of(pipeline, argv[1]);
    b = faces_of(pipeline, argv[2]);
    check(facenet_distance(facenet_embedded_faces_embedding(a, 0), facenet_embedded_faces_embedding(b, 0),
                           facenet_embedder_dimension(embedder), facenet_embedder_metric(embedder), &distance),
          "distance");
    printf("%.6f: %s\n", distance,
           facenet_metric_within(facenet_embedder_metric(embedder), distance, threshold.distance)
               ? "same person"
               : "different people");

    facenet_embedded_faces_free(a);
    facenet_embedded_faces_free(b);
    facenet_embedder_free(embedder);
    facenet_pipeline_free(pipeline);
    facenet_runtime_free(runtime);
    return EXIT_SUCCESS;
}
