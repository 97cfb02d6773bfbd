/* Says what C gives for the cases of tests/parity, for the Rust side of the test to compare.
 *
 * `parity PHOTOS` reads commands, one a line, and answers each with a line of numbers:
 *     detect SIZE PICTURE     number of faces, then of each the box, the score, the landmarks
 *     embed PICTURE           the vector of the largest face
 *     compare PICTURE PICTURE distance, threshold, and 1 for the same person, of the largest faces
 */
#include "check.h"

static const char *photos;
static facenet_runtime *runtime;
static facenet_pipeline *pipeline;
static facenet_embedder *embedder;

static void detect(float size, const char *name)
{
    facenet_detector_options options;
    facenet_detector *detector = NULL;
    facenet_image *image = open_in(photos, name);
    facenet_frame frame = frame_of(image);
    facenet_faces *faces = NULL;
    size_t i;
    int k;

    OK(facenet_detector_options_init(&options, sizeof options));
    options.min_face_size = size;
    OK(facenet_detector_new(runtime, &options, &detector));
    OK(facenet_detector_detect(detector, &frame, &faces));
    printf("%u", (unsigned)facenet_faces_count(faces));
    for (i = 0; i < facenet_faces_count(faces); ++i) {
        const facenet_face *face = facenet_faces_get(faces, i);

        printf(" %.9g %.9g %.9g %.9g %.9g", face->rect.x1, face->rect.y1, face->rect.x2, face->rect.y2, face->score);
        for (k = 0; k < 5; ++k)
            printf(" %.9g %.9g", face->landmarks[k].x, face->landmarks[k].y);
    }
    printf("\n");
    facenet_faces_free(faces);
    facenet_image_free(image);
    facenet_detector_free(detector);
}

static facenet_embedded_faces *largest(const char *name)
{
    facenet_image *image = open_in(photos, name);
    facenet_frame frame = frame_of(image);
    facenet_embedded_faces *found = NULL;

    OK(facenet_pipeline_process(pipeline, &frame, &found));
    CHECK(facenet_embedded_faces_count(found) == 1);
    facenet_image_free(image);
    return found;
}

static void embed(const char *name)
{
    facenet_embedded_faces *found = largest(name);
    size_t i;

    for (i = 0; i < facenet_embedder_dimension(embedder); ++i)
        printf(i ? " %.9g" : "%.9g", facenet_embedded_faces_embedding(found, 0)[i]);
    printf("\n");
    facenet_embedded_faces_free(found);
}

static void compare(const char *a, const char *b)
{
    facenet_embedded_faces *of_a = largest(a), *of_b = largest(b);
    uint32_t metric = facenet_embedder_metric(embedder);
    facenet_threshold threshold = {.struct_size = sizeof threshold};
    float distance;

    OK(facenet_embedder_threshold(embedder, 0, &threshold));
    OK(facenet_distance(facenet_embedded_faces_embedding(of_a, 0), facenet_embedded_faces_embedding(of_b, 0),
                        facenet_embedder_dimension(embedder), metric, &distance));
    printf("%.9g %.9g %u\n", distance, threshold.distance,
           (unsigned)facenet_metric_within(metric, distance, threshold.distance));
    facenet_embedded_faces_free(of_a);
    facenet_embedded_faces_free(of_b);
}

int main(int argc, char **argv)
{
    facenet_detector_options options;
    char line[512], a[256], b[256];
    float size;

    CHECK(argc == 2);
    photos = argv[1];
    OK(facenet_runtime_new(NULL, &runtime));
    OK(facenet_detector_options_init(&options, sizeof options));
    options.selection = FACENET_SELECTION_LARGEST;
    OK(facenet_pipeline_new(runtime, &options, NULL, &pipeline));
    OK(facenet_pipeline_embedder(pipeline, &embedder));
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "detect %f %255s", &size, a) == 2)
            detect(size, a);
        else if (sscanf(line, "embed %255s", a) == 1)
            embed(a);
        else if (sscanf(line, "compare %255s %255s", a, b) == 2)
            compare(a, b);
        else
            CHECK(!"a command");
    }
    facenet_embedder_free(embedder);
    facenet_pipeline_free(pipeline);
    facenet_runtime_free(runtime);
    return EXIT_SUCCESS;
}
