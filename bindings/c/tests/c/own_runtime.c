/* A host with an ONNX Runtime of its own, which it loaded before and goes on using. Where ours is the same file, both share
 * what is loaded; else there are two.
 *
 * `own_runtime ITS_LIBRARY MODELS PHOTO`
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <dlfcn.h>

/* What is used of ONNX Runtime's API: a table of functions that only grows. */
enum {
    GET_ERROR_MESSAGE = 2,
    CREATE_ENV = 3,
    CREATE_SESSION = 7,
    CREATE_SESSION_OPTIONS = 10,
    SESSION_GET_INPUT_COUNT = 30,
    RELEASE_ENV = 92,
    RELEASE_SESSION = 95,
    RELEASE_SESSION_OPTIONS = 100,
    API_VERSION = 24,
    WARNING = 2
};

typedef void function(void);

struct api_base {
    function *const *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
};

static function *const *api;

static void works(void *status)
{
    const char *(*message)(const void *) = (const char *(*)(const void *))api[GET_ERROR_MESSAGE];

    if (status) {
        fprintf(stderr, "the host's ONNX Runtime: %s\n", message(status));
        exit(EXIT_FAILURE);
    }
}

static size_t inputs(void *session)
{
    size_t count = 0;

    works(((void *(*)(const void *, size_t *))api[SESSION_GET_INPUT_COUNT])(session, &count));
    return count;
}

static void *session_of(void *env, const char *model)
{
    void *options = NULL, *session = NULL;

    works(((void *(*)(void **))api[CREATE_SESSION_OPTIONS])(&options));
    works(((void *(*)(const void *, const char *, const void *, void **))api[CREATE_SESSION])(env, model, options, &session));
    ((void (*)(void *))api[RELEASE_SESSION_OPTIONS])(options);
    CHECK(inputs(session) == 1);
    return session;
}

static void find_a_face(const char *photo)
{
    facenet_runtime *runtime = NULL;
    facenet_detector *detector = NULL;
    facenet_image *image = NULL;
    facenet_faces *faces = NULL;
    facenet_frame frame;

    OK(facenet_runtime_new(NULL, &runtime));
    OK(facenet_detector_new(runtime, NULL, &detector));
    OK(facenet_image_open(photo, &image));
    frame = frame_of(image);
    OK(facenet_detector_detect(detector, &frame, &faces));
    CHECK(facenet_faces_count(faces) == 1);
    facenet_faces_free(faces);
    facenet_image_free(image);
    facenet_detector_free(detector);
    facenet_runtime_free(runtime);
}

int main(int argc, char **argv)
{
    const struct api_base *(*get_base)(void);
    const struct api_base *base;
    void *library, *entry, *env = NULL, *session, *another;
    char *model;

    CHECK(argc == 4);
    library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    CHECK(library);
    entry = dlsym(library, "OrtGetApiBase");
    CHECK(entry);
    /* ISO C has no cast from a pointer to an object to one to a function. */
    memcpy(&get_base, &entry, sizeof get_base);
    base = get_base();
    api = base->get_api(API_VERSION);
    CHECK(api);
    works(((void *(*)(int, const char *, void **))api[CREATE_ENV])(WARNING, "host", &env));
    model = path_in(argv[2], "mtcnn-pnet.onnx");
    session = session_of(env, model);

    find_a_face(argv[3]);
    CHECK(inputs(session) == 1);
    another = session_of(env, model);
    find_a_face(argv[3]);

    ((void (*)(void *))api[RELEASE_SESSION])(another);
    ((void (*)(void *))api[RELEASE_SESSION])(session);
    find_a_face(argv[3]);
    ((void (*)(void *))api[RELEASE_ENV])(env);
    find_a_face(argv[3]);
    free(model);
    CHECK(dlclose(library) == 0);
    return EXIT_SUCCESS;
}
