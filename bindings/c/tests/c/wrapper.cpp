// The classes of facenet.hpp own what they hold, throw what goes wrong, and give what the C functions give.
//
// `wrapper PHOTOS SCRATCH`

#include <facenet.hpp>

#include "check.h"

#include <type_traits>

template <class T> constexpr bool moves_only()
{
    return std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
           !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
}

static_assert(moves_only<facenet::runtime>() && moves_only<facenet::image>() && moves_only<facenet::detector>());
static_assert(moves_only<facenet::faces>() && moves_only<facenet::aligner>() && moves_only<facenet::embedder>());
static_assert(moves_only<facenet::pipeline>() && moves_only<facenet::embedded>() && moves_only<facenet::clusters>());
static_assert(moves_only<facenet::classifier>() && moves_only<facenet::evaluator>() && moves_only<facenet::report>());

template <class Call> static facenet_status thrown(Call call)
{
    try {
        call();
    } catch (const facenet::error &error) {
        CHECK(error.what()[0] != '\0');
        return error.status();
    }
    return FACENET_OK;
}

static std::vector<float> vector_of(const facenet::pipeline &pipeline, const std::string &path)
{
    const facenet::image image(path);
    const auto faces = pipeline.process(image.frame());
    CHECK(faces.size() == 1 && faces[0].vector.size() == 512 && facenet_image_width(faces[0].crop) == 160);
    return {faces[0].vector.begin(), faces[0].vector.end()};
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    const std::string photos = argv[1], scratch = argv[2];

    CHECK(thrown([] { facenet::image("/nowhere/a.jpg"); }) == FACENET_ERROR_NOT_FOUND);
    try {
        facenet::image("/nowhere/a.jpg");
    } catch (const facenet::error &error) {
        CHECK(std::string(error.what()).find("/nowhere/a.jpg") != std::string::npos);
        CHECK(std::string(error.name()) == "NotFound");
    }

    facenet::runtime runtime;
    CHECK(runtime.info().front() == '{');
    auto largest = facenet::detector_options();
    largest.selection = FACENET_SELECTION_LARGEST;
    facenet::pipeline first(runtime, largest);
    const facenet::pipeline pipeline = std::move(first);
    const auto embedder = pipeline.embedder();
    const auto a = vector_of(pipeline, photos + "/obama.jpg"), b = vector_of(pipeline, photos + "/obama2.jpg");
    const auto c = vector_of(pipeline, photos + "/biden.jpg");
    const float limit = embedder.threshold().distance;
    CHECK(facenet::distance(a, b) < limit && facenet::distance(a, c) > limit);
    CHECK(thrown([&] { facenet::distance(a, {a.data(), 5}); }) == FACENET_ERROR_DIMENSION_MISMATCH);
    CHECK(embedder.fingerprint().size() == 32);

    const facenet::image image(photos + "/biden.jpg");
    const facenet::detector detector(runtime, largest);
    const auto faces = detector.detect(image.frame());
    CHECK(faces.size() == 1 && faces.begin() + 1 == faces.end());
    const auto crop = embedder.aligner().align(image.frame(), faces[0]);
    CHECK(embedder.embed(crop) == c);
    CHECK(thrown([&] { embedder.embed({crop.data(), crop.size() - 1}); }) == FACENET_ERROR_INVALID_ARGUMENT);

    std::vector<float> all(a);
    all.insert(all.end(), b.begin(), b.end());
    all.insert(all.end(), c.begin(), c.end());
    auto clustering = facenet::cluster_options();
    facenet::check(facenet_cluster_threshold(embedder.get(), clustering.algorithm, &clustering.threshold));
    const facenet::clusters clusters(all, embedder.dimension(), clustering);
    const auto labels = clusters.labels();
    CHECK(clusters.count() == 2 && labels[0] == labels[1] && labels[0] != labels[2]);
    CHECK(thrown([&] { facenet::clusters(all, 511, clustering); }) == FACENET_ERROR_DIMENSION_MISMATCH);

    auto method = facenet::classifier_options();
    method.threshold = 0.4;
    facenet::classifier::train(embedder, all, std::vector<std::uint32_t>{0, 0, 1}, {"Obama", "Biden"}, method)
        .save(scratch + "/people");
    const facenet::classifier classifier(scratch + "/people");
    CHECK(classifier.count() == 2 && classifier.name(1) == "Biden" && !classifier.info().empty());
    CHECK(classifier.predict(embedder, c)[0].person == 1);

    facenet::evaluator evaluator;
    for (int i = 0; i < 20; ++i)
        evaluator.add_pair(a, i % 2 ? b : c, i % 2 == 1);
    const auto report = evaluator.report();
    CHECK(report.figures().accuracy == 1 && !report.roc().empty() && report.json().front() == '{');
    const auto interrupted = [&] {
        evaluator.run_lfw(pipeline, photos, photos + "/README.md", [](auto, auto) -> bool { throw 1; });
    };
    CHECK(thrown(interrupted) != FACENET_OK);
    return EXIT_SUCCESS;
}
