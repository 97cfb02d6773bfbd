/* Boxes, scores and landmarks of the faces in pictures.
 *
 *     cc detect.c $(pkg-config --cflags --libs facenet) -o detect && ./detect group.jpg ...
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

static void print(const facenet_face *face)
{
    int i;

    printf("  %.0f %.0f %.0f %.0f  %.3f ", face->rect.x1, face->rect.y1, face->rect.x2, face->rect.y2, face->score);
    for (i = 0; i < 5; ++i)
        printf(" (%.0f, %.0f)", face->landmarks[i].x, face->landmarks[i].y);
    printf("\n");
}

int main(int argc, char **argv)
{
    facenet_runtime *runtime = NULL;
    facenet_detector *detector = NULL;
    facenet_detector_options options;
    int i;

    if (argc < 2) {
        fprintf(stderr, "usage: %s PICTURE ...\n", argv[0]);
        return 2;
    }
    check(facenet_runtime_new(NULL, &runtime), "runtime");
    check(facenet_detector_options_init(&options, sizeof options), "options");
    options.min_face_share = 0.1f; /* faces from a tenth of the shorter side on */
    check(facenet_detector_new(runtime, &options, &detector), "detector");
    facenet_runtime_free(runtime); /* the detector keeps what it needs */

    for (i = 1; i < argc; ++i) {
        facenet_image *image = NULL;
        facenet_faces *faces = NULL;
        facenet_frame frame;
        size_t face;

        check(facenet_image_open(argv[i], &image), argv[i]);
        check(facenet_frame_init(&frame, sizeof frame), argv[i]);
        check(facenet_image_frame(image, &frame), argv[i]);
        check(facenet_detector_detect(detector, &frame, &faces), argv[i]);
        printf("%s: faces: %u\n", argv[i], (unsigned)facenet_faces_count(faces));
        for (face = 0; face < facenet_faces_count(faces); ++face)
            print(facenet_faces_get(faces, face));
        facenet_faces_free(faces);
        facenet_image_free(image);
    }
    facenet_detector_free(detector);
    return EXIT_SUCCESS;
}
