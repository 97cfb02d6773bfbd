/* Handles that are made, used and freed again and again: memory stays as it was. What nothing points to any more is found by
 * the sanitizer or valgrind; what only piles up is found here, where there are more rounds than memory takes to settle.
 *
 * `handles PHOTOS ROUNDS`
 */
#include "check.h"

/* The pages are those of half a model. */
enum { WARM = 4, SLACK = 24 << 20 >> 12 };

static void round_of(const char *photos)
{
    facenet_runtime *runtime = NULL;
    facenet_detector *detector = NULL;
    facenet_aligner *aligner = NULL;
    facenet_embedder *embedder = NULL;
    facenet_pipeline *pipeline = NULL;
    facenet_image *image = open_in(photos, "astronaut.png"), *crop = NULL;
    facenet_frame frame = frame_of(image);
    facenet_faces *faces = NULL;
    facenet_embedded_faces *embedded = NULL;
    facenet_clusters *clusters = NULL;
    facenet_cluster_options options;
    facenet_findings *findings = NULL;

    OK(facenet_findings_new(NULL, &findings));
    OK(facenet_runtime_new(NULL, &runtime));
    OK(facenet_pipeline_new(runtime, NULL, NULL, &pipeline));
    OK(facenet_pipeline_embedder(pipeline, &embedder));
    OK(facenet_embedder_aligner(embedder, &aligner));
    OK(facenet_detector_new(runtime, NULL, &detector));
    OK(facenet_detector_detect(detector, &frame, &faces));
    OK(facenet_aligner_align_image(aligner, &frame, facenet_faces_get(faces, 0), &crop));
    OK(facenet_pipeline_process(pipeline, &frame, &embedded));
    OK(facenet_cluster_options_init(&options, sizeof options));
    options.threshold = 1;
    OK(facenet_cluster(facenet_embedded_faces_embedding(embedded, 0), 1, facenet_embedder_dimension(embedder), &options, NULL, &clusters));
    facenet_clusters_free(clusters);
    facenet_embedded_faces_free(embedded);
    facenet_image_free(crop);
    facenet_faces_free(faces);
    facenet_image_free(image);
    facenet_detector_free(detector);
    facenet_aligner_free(aligner);
    facenet_embedder_free(embedder);
    facenet_pipeline_free(pipeline);
    facenet_runtime_free(runtime);
    facenet_findings_free(findings);
}

/* Pages of memory that this process holds. */
static long resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long whole, pages;

    CHECK(file && fscanf(file, "%ld %ld", &whole, &pages) == 2);
    fclose(file);
    return pages;
}

int main(int argc, char **argv)
{
    long warm = 0;
    int round, rounds;

    CHECK(argc == 3);
    rounds = atoi(argv[2]);
    for (round = 0; round < rounds; ++round) {
        if (round == WARM)
            warm = resident();
        round_of(argv[1]);
    }
    CHECK(rounds <= WARM || resident() - warm < SLACK);
    return EXIT_SUCCESS;
}
