// The classes of facenet.hpp own what they hold, throw what goes wrong, and give what the C functions give.
//
// `wrapper PHOTOS SCRATCH MODELS`

#include <facenet.hpp>

#include "check.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <type_traits>

template <class T> constexpr bool moves_only()
{
    return std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
           !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
}

static_assert(moves_only<facenet::runtime>() && moves_only<facenet::image>() && moves_only<facenet::detector>());
static_assert(moves_only<facenet::faces>() && moves_only<facenet::aligner>() && moves_only<facenet::embedder>());
static_assert(moves_only<facenet::pipeline>() && moves_only<facenet::embedded_faces>() && moves_only<facenet::clusters>());
static_assert(moves_only<facenet::classifier>() && moves_only<facenet::evaluator>() && moves_only<facenet::report>());
static_assert(moves_only<facenet::people>());

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
    CHECK(faces.size() == 1 && faces[0].embedding.size() == 512 && faces[0].crop.width() == 160);
    return {faces[0].embedding.begin(), faces[0].embedding.end()};
}

static std::vector<std::uint8_t> read(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    CHECK(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

static bool are_equal(facenet::view<std::uint8_t> a, facenet::view<std::uint8_t> b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

/// Files, bytes, frames and crops of the same picture.
static void pictures(const std::string &photos, const std::string &scratch)
{
    const facenet::image opened(photos + "/biden.jpg"), decoded(read(photos + "/biden.jpg"));
    const facenet::image copy(opened.frame());
    opened.save(scratch + "/copy.png");
    const facenet::image saved(scratch + "/copy.png");
    CHECK(are_equal(opened.pixels(), decoded.pixels()) && are_equal(opened.pixels(), copy.pixels()));
    CHECK(are_equal(opened.pixels(), saved.pixels()) && opened.picture().get() == opened.get());
    CHECK(opened.pixels().size() == std::size_t{3} * opened.width() * opened.height());
}

/// Many frames, parts of frames, models in memory: as one frame with models from files.
static void pipelines(const facenet::runtime &runtime, const facenet::pipeline &pipeline, const std::string &photos,
                      const std::string &models)
{
    const facenet::image a(photos + "/obama.jpg"), b(photos + "/biden.jpg");
    const auto alone = pipeline.process(b.frame());
    const auto both = pipeline.process_batch(std::vector<facenet_frame>{a.frame(), b.frame()});
    CHECK(both.size() == 2 && both[0].size() == 1 && both[1].size() == 1);
    CHECK(facenet::distance(both[1][0].embedding, alone[0].embedding) < 1e-3f);
    CHECK(are_equal(both[1][0].crop.pixels(), alone[0].crop.pixels()));
    const facenet::rect whole{0, 0, static_cast<float>(b.width()), static_cast<float>(b.height())};
    CHECK(pipeline.process_in(b.frame(), whole)[0].face.rect.x1 == alone[0].face.rect.x1);

    const auto p = read(models + "/mtcnn-pnet.onnx"), r = read(models + "/mtcnn-rnet.onnx");
    const auto o = read(models + "/mtcnn-onet.onnx"), embedding = read(models + "/facenet-20180408-102900.onnx");
    auto detector = facenet::detector_options();
    detector.selection = FACENET_SELECTION_LARGEST;
    detector.networks[0] = facenet::bytes_of(p);
    detector.networks[1] = facenet::bytes_of(r);
    detector.networks[2] = facenet::bytes_of(o);
    auto embedder = facenet::embedder_options();
    embedder.model_bytes = facenet::bytes_of(embedding);
    const facenet::pipeline memory(runtime, detector, embedder);
    CHECK(memory.embedder().fingerprint() == pipeline.embedder().fingerprint());
    CHECK(facenet::distance(memory.process(b.frame())[0].embedding, alone[0].embedding) == 0);
    embedder.model_bytes.size /= 2;
    CHECK(thrown([&] { facenet::embedder(runtime, embedder); }) == FACENET_ERROR_MODEL_INVALID);
}

/// What a function of the caller throws leaves the call that it was given to.
static void exceptions(const facenet::embedder &embedder, const std::vector<float> &vectors)
{
    struct own {};
    int caught = 0, calls = 0;
    auto options = facenet::cluster_options();
    options.threshold = 1;
    try {
        facenet::clusters(vectors, embedder.dimension(), options, [&](auto, auto) -> bool {
            ++calls;
            throw own();
        });
    } catch (const own &) {
        ++caught;
    }
    CHECK(caught == 1 && calls == 1);
    const auto stopped = [&] {
        facenet::clusters(vectors, embedder.dimension(), options, [](auto, auto) { return false; });
    };
    CHECK(thrown(stopped) == FACENET_ERROR_CANCELLED);
    const facenet::cancel cancel;
    CHECK(facenet::clusters(vectors, embedder.dimension(), options, cancel).count() > 0 && !cancel.requested());
    cancel.request();
    const auto requested = [&] { facenet::clusters(vectors, embedder.dimension(), options, cancel); };
    CHECK(thrown(requested) == FACENET_ERROR_CANCELLED && cancel.requested());
}

static void log()
{
    facenet::log_to([](const char *message) { CHECK(message[0] != '\0'); });
    facenet::log_to([](const char *) { throw 1; });
    facenet::log_to(nullptr);
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    const std::string photos = argv[1], scratch = argv[2], models = argv[3];

    log();
    CHECK(std::string(facenet::version()) == FACENET_VERSION_STRING && facenet::has_abi_of_header());
    pictures(photos, scratch);
    CHECK(thrown([] { facenet::image("/nowhere/a.jpg"); }) == FACENET_ERROR_NOT_FOUND);
    try {
        facenet::image("/nowhere/a.jpg");
    } catch (const facenet::error &error) {
        CHECK(std::string(error.what()).find("/nowhere/a.jpg") != std::string::npos);
        CHECK(std::string(error.name()) == "NotFound");
    }

    facenet::runtime runtime;
    CHECK(runtime.info().front() == '{');
    CHECK(facenet::doctor().works && facenet::doctor(facenet::runtime_options(), true).text.front() == '{');
    const facenet::findings found;
    CHECK(found->works == 1 && found.models().size() > 1 && found.providers()[0]->problem == nullptr);
    CHECK(found.gpus().size() == found->gpu_count && found.advice().size() == found->advice_count);
    auto largest = facenet::detector_options();
    largest.selection = FACENET_SELECTION_LARGEST;
    facenet::pipeline first(runtime, largest);
    const facenet::pipeline pipeline = std::move(first);
    const auto embedder = pipeline.embedder();
    const auto a = vector_of(pipeline, photos + "/obama.jpg"), b = vector_of(pipeline, photos + "/obama2.jpg");
    const auto c = vector_of(pipeline, photos + "/biden.jpg");
    const float limit = embedder.threshold().distance;
    CHECK(facenet::metric_within(embedder.metric(), facenet::distance(a, b, embedder.metric()), limit));
    CHECK(!facenet::metric_within(embedder.metric(), facenet::distance(a, c, embedder.metric()), limit));
    pipelines(runtime, pipeline, photos, models);
    CHECK(thrown([&] { (void)facenet::distance(a, {a.data(), 5}); }) == FACENET_ERROR_DIMENSION_MISMATCH);
    CHECK(embedder.fingerprint().size() == 32);

    const facenet::image image(photos + "/biden.jpg");
    const facenet::detector detector(runtime, largest);
    const auto faces = detector.detect(image.frame());
    CHECK(faces.size() == 1 && faces.begin() + 1 == faces.end());
    const auto crop = embedder.aligner().align(image.frame(), faces[0]);
    CHECK(embedder.embed(crop) == c);
    const auto aligner = embedder.aligner();
    CHECK(aligner.size() == embedder.input_size());
    const auto cut = aligner.align_image(image.frame(), faces[0]);
    CHECK(are_equal(cut.pixels(), crop));
    const facenet::rect whole{0, 0, static_cast<float>(image.width()), static_cast<float>(image.height())};
    CHECK(detector.detect_in(image.frame(), whole)[0].rect.x2 == faces[0].rect.x2);
    CHECK(facenet::aligner().size() == 160 && facenet::embedder(runtime).fingerprint() == embedder.fingerprint());
    CHECK(thrown([&] { (void)embedder.embed({crop.data(), crop.size() - 1}); }) == FACENET_ERROR_INVALID_ARGUMENT);

    std::vector<float> all(a);
    all.insert(all.end(), b.begin(), b.end());
    all.insert(all.end(), c.begin(), c.end());
    auto clustering = facenet::cluster_options();
    clustering.threshold = facenet::cluster_threshold(embedder, clustering.algorithm);
    const facenet::clusters clusters(all, embedder.dimension(), clustering);
    const auto labels = clusters.labels();
    CHECK(clusters.count() == 2 && labels[0] == labels[1] && labels[0] != labels[2]);
    const auto scores = clusters.scores(std::vector<std::int64_t>{5, 5, 6});
    CHECK(scores.bcubed.f == 1 && scores.pairwise.precision == 1);
    exceptions(embedder, all);
    CHECK(thrown([&] { facenet::clusters(all, 511, clustering); }) == FACENET_ERROR_DIMENSION_MISMATCH);

    auto method = facenet::classifier_options();
    method.threshold = 0.4;
    facenet::classifier::train(embedder, all, std::vector<std::uint32_t>{0, 0, 1}, {"Obama", "Biden"}, method)
        .save(scratch + "/people.facenet");
    const facenet::classifier classifier(scratch + "/people.facenet");
    CHECK(classifier.count() == 2 && classifier.name(1) == "Biden" && !classifier.info().empty());
    CHECK(classifier.predict(embedder, c)[0].person == 1);

    facenet::evaluator evaluator;
    for (int i = 0; i < 20; ++i)
        evaluator.add_pair(a, i % 2 ? b : c, i % 2 == 1);
    const auto report = evaluator.report();
    CHECK(report.figures().accuracy == 1 && !report.roc().empty() && report.json().front() == '{');
    return EXIT_SUCCESS;
}
