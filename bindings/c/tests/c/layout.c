/* The layout of structs on 64-bit systems, which a program that was compiled before relies on. Structs that begin with
 * their size may grow at the end; what is there stays where it is. */
#include "check.h"

#define AT(type, field, offset) CHECK(sizeof(void *) != 8 || offsetof(type, field) == (offset))
#define SIZE(type, size) CHECK(sizeof(void *) != 8 || sizeof(type) == (size))
#define SIZE_FROM(type, size) CHECK(sizeof(void *) != 8 || sizeof(type) >= (size))

int main(void)
{
    SIZE(facenet_status, 4);
    SIZE(facenet_rect, 16);
    SIZE(facenet_point, 8);
    SIZE(facenet_face, 60);
    AT(facenet_face, score, 16);
    AT(facenet_face, landmarks, 20);
    SIZE(facenet_plane, 24);
    AT(facenet_plane, size, 8);
    AT(facenet_plane, stride, 16);
    SIZE(facenet_threshold, 24);
    AT(facenet_threshold, false_match_rate, 8);
    SIZE(facenet_prediction, 24);
    AT(facenet_prediction, score, 16);
    SIZE(facenet_agreement, 24);
    SIZE(facenet_roc_point, 24);
    AT(facenet_roc_point, false_match_rate, 8);
    SIZE(facenet_figures, 88);
    AT(facenet_figures, pairs, 56);
    SIZE(facenet_export_summary, 40);
    SIZE(facenet_align_summary, 72);

    SIZE_FROM(facenet_frame, 136);
    AT(facenet_frame, format, 8);
    AT(facenet_frame, memory_type, 36);
    AT(facenet_frame, planes, 40);
    SIZE_FROM(facenet_runtime_options, 48);
    AT(facenet_runtime_options, threads, 40);
    SIZE(facenet_bytes, 16);
    SIZE_FROM(facenet_detector_options, 96);
    AT(facenet_detector_options, networks, 48);
    AT(facenet_detector_options, thresholds, 16);
    AT(facenet_detector_options, factor, 32);
    SIZE_FROM(facenet_aligner_options, 24);
    AT(facenet_aligner_options, size, 16);
    SIZE_FROM(facenet_embedder_options, 48);
    AT(facenet_embedder_options, model_bytes, 32);
    AT(facenet_embedder_options, batch_size, 24);
    SIZE_FROM(facenet_model_import_options, 56);
    AT(facenet_model_import_options, full_precision, 52);
    SIZE_FROM(facenet_classifier_options, 64);
    AT(facenet_classifier_options, seed, 56);
    SIZE_FROM(facenet_cluster_options, 48);
    AT(facenet_cluster_options, memory_limit, 40);
    SIZE_FROM(facenet_evaluator_options, 48);
    AT(facenet_evaluator_options, pictures, 40);
    AT(facenet_evaluator_options, wanted_far, 24);
    SIZE_FROM(facenet_align_folder_options, 32);
    AT(facenet_align_folder_options, parts, 28);
    return EXIT_SUCCESS;
}
