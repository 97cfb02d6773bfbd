/* Every handle on the way from pictures to vectors does its work, and the ways to the same result agree.
 *
 * `results PHOTOS SCRATCH MODELS`
 */
#include "setup.h"

#include <math.h>

static const char *models;

static void the_machine(void)
{
    char *text, *model;
    uint32_t works = 7;

    TEXT(text, facenet_runtime_info(runtime, buffer, capacity, &needed));
    CHECK(text[0] == '{' && strstr(text, "provider"));
    free(text);
    OK(facenet_doctor(NULL, 1, &works, NULL, 0, NULL));
    CHECK(works == 1);
    model = path_in(models, "facenet-20180408-102900.onnx");
    TEXT(text, facenet_model_info(model, buffer, capacity, &needed));
    CHECK(text[0] == '{' && strstr(text, "20180408-102900"));
    free(text);
    free(model);
}

/* A text of the findings is in the JSON of facenet_doctor. */
static void said(const char *json, const char *text)
{
    CHECK(text && *text && strstr(json, text));
}

static void findings(void)
{
    char *json;
    facenet_findings *found = NULL;
    facenet_runtime_options options;
    size_t i;

    TEXT(json, facenet_doctor(NULL, 1, NULL, buffer, capacity, &needed));
    OK(facenet_findings_new(NULL, &found));
    CHECK(found->struct_size == sizeof *found && found->works == 1 && found->telemetry == 0);
    CHECK(strcmp(found->version, facenet_version()) == 0 && found->usable_cores > 0);
    CHECK(found->cores >= found->usable_cores && !found->options_problem && !found->library_problem);
    said(json, found->platform);
    said(json, found->processor);
    said(json, found->library);
    said(json, found->library_version);
    CHECK(found->library_source && found->processor_features);
    CHECK(found->provider_count == 3 && strcmp(found->providers[0]->name, "cpu") == 0 && !found->providers[0]->problem);
    for (i = 0; i < found->provider_count; ++i)
        said(json, found->providers[i]->name);
    CHECK((found->gpu_count == 0) == (found->gpus == NULL) && (found->gpu_count == 0) == (found->gpus_problem != NULL));
    said(json, found->models_folder);
    CHECK(found->model_count > 1 && !found->models_problem);
    for (i = 0; i < found->model_count; ++i) {
        said(json, found->models[i]->file);
        CHECK(found->models[i]->size > 1000 && !found->models[i]->problem);
    }
    for (i = 0; i < found->advice_count; ++i)
        CHECK(found->advice[i][0] != 0);
    facenet_findings_free(found);
    free(json);

    OK(facenet_runtime_options_init(&options, sizeof options));
    options.models = scratch;
    options.threads = 5000;
    OK(facenet_findings_new(&options, &found));
    CHECK(found->works == 0 && found->options_problem && found->advice_count > 0);
    facenet_findings_free(found);
}

static void pictures(void)
{
    static unsigned char bytes[1 << 20];
    char *path = path_in(photos, "obama.jpg"), *copy = path_in(scratch, "copy.png");
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    facenet_image *opened = NULL, *decoded = NULL, *saved = NULL, *same = NULL;
    facenet_frame frame;
    size_t pixels;

    CHECK(size > 0 && fclose(file) == 0);
    OK(facenet_image_open(path, &opened));
    OK(facenet_image_decode(bytes, size, &decoded));
    OK(facenet_image_save(opened, copy));
    OK(facenet_image_open(copy, &saved));
    frame = frame_of(opened);
    OK(facenet_image_from_frame(&frame, &same));
    pixels = (size_t)3 * facenet_image_width(opened) * facenet_image_height(opened);
    CHECK(pixels > 0 && facenet_image_width(decoded) == frame.width && facenet_image_height(saved) == frame.height);
    CHECK(memcmp(facenet_image_data(opened), facenet_image_data(decoded), pixels) == 0);
    CHECK(memcmp(facenet_image_data(opened), facenet_image_data(saved), pixels) == 0);
    CHECK(memcmp(facenet_image_data(opened), facenet_image_data(same), pixels) == 0);
    facenet_image_free(same);
    facenet_image_free(saved);
    facenet_image_free(decoded);
    facenet_image_free(opened);
    free(copy);
    free(path);
}

/* The stages one by one give what the pipeline gives. */
static void stages(void)
{
    facenet_image *image = open_in(photos, "biden.jpg"), *crop = NULL;
    facenet_frame frame = frame_of(image);
    facenet_detector_options options;
    facenet_detector *detector = NULL;
    facenet_aligner *aligner = NULL;
    facenet_embedder *alone = NULL;
    facenet_faces *faces = NULL, *within = NULL;
    facenet_rect whole;
    unsigned char *pixels;
    float *vector = (float *)malloc(dimension * sizeof *vector);
    size_t needed = 0;

    OK(facenet_detector_options_init(&options, sizeof options));
    options.selection = FACENET_SELECTION_LARGEST;
    OK(facenet_detector_new(runtime, &options, &detector));
    OK(facenet_embedder_new(runtime, NULL, &alone));
    OK(facenet_embedder_aligner(alone, &aligner));
    CHECK(facenet_aligner_size(aligner) == 160 && facenet_embedder_input_size(alone) == 160);
    OK(facenet_detector_detect(detector, &frame, &faces));
    CHECK(facenet_faces_count(faces) == 1 && facenet_faces_get(faces, 1) == NULL);
    whole.x1 = whole.y1 = 0;
    whole.x2 = (float)frame.width;
    whole.y2 = (float)frame.height;
    OK(facenet_detector_detect_in(detector, &frame, &whole, &within));
    CHECK(memcmp(facenet_faces_get(faces, 0), facenet_faces_get(within, 0), sizeof(facenet_face)) == 0);

    OK(facenet_aligner_align(aligner, &frame, facenet_faces_get(faces, 0), NULL, 0, &needed));
    CHECK(needed == 3 * 160 * 160);
    pixels = (unsigned char *)malloc(needed);
    CHECK(pixels && vector);
    OK(facenet_aligner_align(aligner, &frame, facenet_faces_get(faces, 0), pixels, needed, NULL));
    OK(facenet_aligner_align_image(aligner, &frame, facenet_faces_get(faces, 0), &crop));
    CHECK(memcmp(pixels, facenet_image_data(crop), needed) == 0);
    OK(facenet_embedder_embed(alone, pixels, 1, vector, dimension, NULL));
    CHECK(memcmp(vector, vector_of(BIDEN), dimension * sizeof *vector) == 0);

    free(vector);
    free(pixels);
    facenet_image_free(crop);
    facenet_faces_free(within);
    facenet_faces_free(faces);
    facenet_embedder_free(alone);
    facenet_aligner_free(aligner);
    facenet_detector_free(detector);
    facenet_image_free(image);
}

/* All of a file in memory. */
static facenet_bytes read_file(const char *folder, const char *name)
{
    char *path = path_in(folder, name);
    FILE *file = fopen(path, "rb");
    long size;
    unsigned char *data;
    facenet_bytes bytes;

    CHECK(file && fseek(file, 0, SEEK_END) == 0);
    size = ftell(file);
    CHECK(size > 0);
    rewind(file);
    data = (unsigned char *)malloc((size_t)size);
    CHECK(data && fread(data, 1, (size_t)size, file) == (size_t)size && fclose(file) == 0);
    free(path);
    bytes.data = data;
    bytes.size = (size_t)size;
    return bytes;
}

static void free_file(facenet_bytes *bytes)
{
    free((void *)(size_t)bytes->data);
    bytes->data = NULL;
}

/* Models in memory give what their files give, and are not needed once they are loaded. */
static void memory(void)
{
    static const char *const files[3] = {"mtcnn-pnet.onnx", "mtcnn-rnet.onnx", "mtcnn-onet.onnx"};
    facenet_runtime_options options;
    facenet_runtime *bare = NULL;
    facenet_detector_options detection;
    facenet_embedder_options embedding;
    facenet_pipeline *made = NULL;
    facenet_embedder *other = NULL;
    facenet_embedded_faces *found = NULL;
    facenet_image *image = open_in(photos, "biden.jpg");
    facenet_frame frame = frame_of(image);
    char first[33], second[33];
    int i;

    OK(facenet_runtime_options_init(&options, sizeof options));
    options.models = scratch; /* where none are */
    OK(facenet_runtime_new(&options, &bare));
    OK(facenet_detector_options_init(&detection, sizeof detection));
    RETURNS(FACENET_ERROR_NOT_FOUND, facenet_pipeline_new(bare, &detection, NULL, &made));
    OK(facenet_embedder_options_init(&embedding, sizeof embedding));
    detection.selection = FACENET_SELECTION_LARGEST;
    for (i = 0; i < 3; ++i)
        detection.networks[i] = read_file(models, files[i]);
    embedding.model_bytes = read_file(models, "facenet-20180408-102900.onnx");
    OK(facenet_pipeline_new(bare, &detection, &embedding, &made));
    for (i = 0; i < 3; ++i)
        free_file(&detection.networks[i]);
    embedding.model_bytes.size -= 1;
    RETURNS(FACENET_ERROR_MODEL_INVALID, facenet_embedder_new(bare, &embedding, &other));
    free_file(&embedding.model_bytes);
    facenet_runtime_free(bare);

    OK(facenet_pipeline_process(made, &frame, &found));
    CHECK(facenet_embedded_faces_count(found) == 1);
    CHECK(memcmp(facenet_embedded_faces_embedding(found, 0), vector_of(BIDEN), dimension * sizeof(float)) == 0);
    OK(facenet_pipeline_embedder(made, &other));
    OK(facenet_embedder_fingerprint(other, first, sizeof first));
    OK(facenet_embedder_fingerprint(embedder, second, sizeof second));
    CHECK(strcmp(first, second) == 0);

    facenet_embedder_free(other);
    facenet_embedded_faces_free(found);
    facenet_pipeline_free(made);
    facenet_image_free(image);
}

static void same_face(const facenet_face *a, const facenet_face *b, float tolerance)
{
    CHECK(a && b);
    CHECK(fabsf(a->rect.x1 - b->rect.x1) <= tolerance && fabsf(a->rect.y1 - b->rect.y1) <= tolerance);
    CHECK(fabsf(a->rect.x2 - b->rect.x2) <= tolerance && fabsf(a->rect.y2 - b->rect.y2) <= tolerance);
}

/* A camera's ways to hold the picture of the astronaut. */
static void frames(void)
{
    facenet_image *image = open_in(photos, "astronaut.png");
    facenet_frame rgb = frame_of(image), bgr, nv12;
    const unsigned char *from = facenet_image_data(image);
    size_t width = rgb.width, height = rgb.height, x, y, stride = 3 * width + 5;
    unsigned char *swapped = (unsigned char *)calloc(height, stride);
    unsigned char *planes = (unsigned char *)malloc(width * height * 3 / 2);
    unsigned char *chroma = planes + width * height;
    facenet_embedded_faces *found[3] = {NULL, NULL, NULL};
    facenet_frame three[3];
    facenet_rect region = {0, 0, 400, 300};
    facenet_embedded_faces *within = NULL;
    int i;

    CHECK(swapped && planes && width % 2 == 0 && height % 2 == 0);
    for (y = 0; y < height; ++y) {
        for (x = 0; x < width; ++x) {
            const unsigned char *pixel = from + 3 * (y * width + x);
            /* Rows from the bottom up, with padding. */
            unsigned char *to = swapped + (height - 1 - y) * stride + 3 * x;
            double luma = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];

            to[0] = pixel[2];
            to[1] = pixel[1];
            to[2] = pixel[0];
            planes[y * width + x] = (unsigned char)(luma + 0.5);
            if (x % 2 == 0 && y % 2 == 0) {
                unsigned char *uv = chroma + y / 2 * width + x;
                uv[0] = (unsigned char)fmin(255, fmax(0, 128.5 + (pixel[2] - luma) / 1.772));
                uv[1] = (unsigned char)fmin(255, fmax(0, 128.5 + (pixel[0] - luma) / 1.402));
            }
        }
    }
    OK(facenet_frame_init(&bgr, sizeof bgr));
    bgr.format = FACENET_PIXEL_FORMAT_BGR;
    bgr.width = rgb.width;
    bgr.height = rgb.height;
    bgr.planes[0].data = swapped;
    bgr.planes[0].size = height * stride;
    bgr.planes[0].stride = -(ptrdiff_t)stride;
    OK(facenet_frame_init(&nv12, sizeof nv12));
    nv12.format = FACENET_PIXEL_FORMAT_NV12;
    nv12.width = rgb.width;
    nv12.height = rgb.height;
    nv12.range = FACENET_COLOR_RANGE_FULL;
    nv12.matrix = FACENET_COLOR_MATRIX_BT601;
    nv12.planes[0].data = planes;
    nv12.planes[0].size = width * height;
    nv12.planes[1].data = chroma;
    nv12.planes[1].size = width * height / 2;
    nv12.planes[0].stride = nv12.planes[1].stride = (ptrdiff_t)width;

    three[0] = rgb;
    three[1] = bgr;
    three[2] = nv12;
    OK(facenet_pipeline_process_batch(pipeline, three, 3, found));
    for (i = 0; i < 3; ++i)
        CHECK(facenet_embedded_faces_count(found[i]) == 1 && facenet_embedded_faces_embedding(found[i], 1) == NULL);
    CHECK(memcmp(facenet_embedded_faces_embedding(found[0], 0), facenet_embedded_faces_embedding(found[1], 0),
                 dimension * sizeof(float)) == 0);
    same_face(facenet_embedded_faces_face(found[0], 0), facenet_embedded_faces_face(found[1], 0), 0);
    same_face(facenet_embedded_faces_face(found[0], 0), facenet_embedded_faces_face(found[2], 0), 3);
    CHECK(facenet_image_width(facenet_embedded_faces_crop(found[0], 0)) == 160);

    OK(facenet_pipeline_process_in(pipeline, &nv12, &region, &within));
    CHECK(facenet_embedded_faces_count(within) == 1);
    same_face(facenet_embedded_faces_face(within, 0), facenet_embedded_faces_face(found[2], 0), 6);

    facenet_embedded_faces_free(within);
    for (i = 0; i < 3; ++i)
        facenet_embedded_faces_free(found[i]);
    free(planes);
    free(swapped);
    facenet_image_free(image);
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    photos = argv[1];
    scratch = argv[2];
    models = argv[3];
    set_up();
    the_machine();
    findings();
    pictures();
    stages();
    memory();
    frames();
    tear_down();
    return EXIT_SUCCESS;
}
