/* What Go cannot do by itself: a struct of C that holds pointers into Go's memory exists only on this side, during a call.
 *
 * `shape` is a frame without its pointers, which come as arguments and are put into a copy. */
#ifndef FACENET_GO_SHIM_H
#define FACENET_GO_SHIM_H

#include <facenet.h>

#include <stdlib.h>

/* How a long call is made, and the number of what hears of its progress: in memory of C, for it points to itself. */
struct shim_call {
    facenet_call call;
    uintptr_t listener;
};

static inline struct shim_call *shim_call_new(facenet_progress_callback progress, uintptr_t listener,
                                              const facenet_cancel *cancel)
{
    struct shim_call *made = (struct shim_call *)malloc(sizeof *made);

    if (!made || facenet_call_init(&made->call, sizeof made->call) != FACENET_OK)
        abort();
    made->listener = listener;
    made->call.progress = progress;
    made->call.user = &made->listener;
    made->call.cancel = cancel;
    return made;
}

static inline facenet_frame shim_frame(const facenet_frame *shape, const uint8_t *p0, const uint8_t *p1,
                                       const uint8_t *p2, const uint8_t *p3)
{
    facenet_frame frame = *shape;

    frame.planes[0].data = p0;
    frame.planes[1].data = p1;
    frame.planes[2].data = p2;
    frame.planes[3].data = p3;
    return frame;
}

static inline facenet_status shim_image_from_frame(const facenet_frame *shape, const uint8_t *p0, const uint8_t *p1,
                                                   const uint8_t *p2, const uint8_t *p3, facenet_image **image)
{
    facenet_frame frame = shim_frame(shape, p0, p1, p2, p3);

    return facenet_image_from_frame(&frame, image);
}

static inline facenet_status shim_detector_detect(const facenet_detector *detector, const facenet_frame *shape,
                                                  const uint8_t *p0, const uint8_t *p1, const uint8_t *p2,
                                                  const uint8_t *p3, const facenet_rect *region, facenet_faces **faces)
{
    facenet_frame frame = shim_frame(shape, p0, p1, p2, p3);

    if (!region)
        return facenet_detector_detect(detector, &frame, faces);
    return facenet_detector_detect_in(detector, &frame, region, faces);
}

static inline facenet_status shim_pipeline_process(const facenet_pipeline *pipeline, const facenet_frame *shape,
                                                   const uint8_t *p0, const uint8_t *p1, const uint8_t *p2,
                                                   const uint8_t *p3, const facenet_rect *region,
                                                   facenet_embedded_faces **faces)
{
    facenet_frame frame = shim_frame(shape, p0, p1, p2, p3);

    if (!region)
        return facenet_pipeline_process(pipeline, &frame, faces);
    return facenet_pipeline_process_in(pipeline, &frame, region, faces);
}

static inline facenet_status shim_aligner_align(const facenet_aligner *aligner, const facenet_frame *shape,
                                                const uint8_t *p0, const uint8_t *p1, const uint8_t *p2,
                                                const uint8_t *p3, const facenet_face *face, uint8_t *crop,
                                                size_t capacity)
{
    facenet_frame frame = shim_frame(shape, p0, p1, p2, p3);

    return facenet_aligner_align(aligner, &frame, face, crop, capacity, NULL);
}

static inline facenet_status shim_classifier_train(const facenet_embedder *embedder, const float *vectors,
                                                   const uint32_t *people, size_t count, const char *const *names,
                                                   size_t people_count, const facenet_classifier_options *settings,
                                                   const float *strangers, size_t stranger_count,
                                                   const facenet_call *call,
                                                   facenet_classifier **classifier)
{
    facenet_classifier_options options = *settings;

    options.strangers = strangers;
    options.stranger_count = stranger_count;
    return facenet_classifier_train(embedder, vectors, people, count, names, people_count, &options, call, classifier);
}

static inline facenet_status shim_evaluator_new(const facenet_evaluator_options *settings, const double *rates,
                                                size_t rate_count, facenet_evaluator **evaluator)
{
    facenet_evaluator_options options;

    if (!settings)
        return facenet_evaluator_new(NULL, evaluator);
    options = *settings;
    options.false_match_rates = rates;
    options.false_match_rate_count = rate_count;
    return facenet_evaluator_new(&options, evaluator);
}

#endif
