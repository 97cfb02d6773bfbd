/* Boxes, scores and landmarks of the faces in a picture, and a copy of it with them drawn.
 *
 *     cc detect.c $(pkg-config --cflags --libs facenet) -o detect && ./detect group.jpg drawn.png
 */
#include <facenet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Paints a rectangle of pixels, as far as it lies in the picture. */
static void paint(unsigned char *pixels, const facenet_frame *frame, float x1, float y1, float x2, float y2)
{
    static const unsigned char green[3] = {0, 200, 0};
    long x, y, left = x1 > 0 ? (long)x1 : 0, top = y1 > 0 ? (long)y1 : 0;

    for (y = top; y <= (long)y2 && y < (long)frame->height; ++y)
        for (x = left; x <= (long)x2 && x < (long)frame->width; ++x)
            memcpy(pixels + 3 * ((size_t)y * frame->width + (size_t)x), green, sizeof green);
}

/* Writes the picture with the edges of the boxes, and the landmarks as dots. */
static void draw(const facenet_frame *frame, const facenet_faces *faces, const char *path)
{
    size_t size = (size_t)3 * frame->width * frame->height, i;
    unsigned char *pixels = (unsigned char *)malloc(size);
    facenet_frame drawn = *frame;
    facenet_image *image = NULL;
    int k;

    if (!pixels) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    memcpy(pixels, frame->planes[0].data, size);
    for (i = 0; i < facenet_faces_count(faces); ++i) {
        const facenet_face *face = facenet_faces_get(faces, i);
        const facenet_rect *r = &face->rect;

        paint(pixels, frame, r->x1, r->y1, r->x2, r->y1 + 1);
        paint(pixels, frame, r->x1, r->y2 - 1, r->x2, r->y2);
        paint(pixels, frame, r->x1, r->y1, r->x1 + 1, r->y2);
        paint(pixels, frame, r->x2 - 1, r->y1, r->x2, r->y2);
        for (k = 0; k < 5; ++k) {
            const facenet_point *p = &face->landmarks[k];
            paint(pixels, frame, p->x - 1, p->y - 1, p->x + 1, p->y + 1);
        }
    }
    drawn.planes[0].data = pixels;
    check(facenet_image_from_frame(&drawn, &image), path);
    check(facenet_image_save(image, path), path);
    facenet_image_free(image);
    free(pixels);
}

int main(int argc, char **argv)
{
    facenet_runtime *runtime = NULL;
    facenet_detector *detector = NULL;
    facenet_detector_options options;
    facenet_image *image = NULL;
    facenet_faces *faces = NULL;
    facenet_frame frame;
    size_t i;

    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s PICTURE [DRAWN]\n", argv[0]);
        return 2;
    }
    check(facenet_runtime_new(NULL, &runtime), "runtime");
    check(facenet_detector_options_init(&options, sizeof options), "options");
    options.min_face_share = 0.1f; /* faces from a tenth of the shorter side on */
    check(facenet_detector_new(runtime, &options, &detector), "detector");
    facenet_runtime_free(runtime); /* the detector keeps what it needs */

    check(facenet_image_open(argv[1], &image), argv[1]);
    check(facenet_frame_init(&frame, sizeof frame), argv[1]);
    check(facenet_image_frame(image, &frame), argv[1]);
    check(facenet_detector_detect(detector, &frame, &faces), argv[1]);
    printf("faces: %u\n", (unsigned)facenet_faces_count(faces));
    for (i = 0; i < facenet_faces_count(faces); ++i)
        print(facenet_faces_get(faces, i));
    if (argc == 3)
        draw(&frame, faces, argv[2]);
    facenet_faces_free(faces);
    facenet_image_free(image);
    facenet_detector_free(detector);
    return EXIT_SUCCESS;
}
