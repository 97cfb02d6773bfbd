// What facenet.hpp does with whole folders, model files and thresholds.
//
// `wrapper_folders SCRATCH MODELS`; SCRATCH has photos of people in people/, and pairs of them in pairs.txt and pairs.bin

#include <facenet.hpp>

#include "check.h"

#include <cmath>
#include <fstream>

namespace {

template <class Call> facenet_status thrown(Call call)
{
    try {
        call();
    } catch (const facenet::error &error) {
        CHECK(error.what()[0] != '\0');
        return error.status();
    }
    return FACENET_OK;
}

/// Counts what it is told, and goes on.
struct counter {
    std::uint64_t *last;
    bool operator()(std::uint64_t done, std::uint64_t total) const
    {
        CHECK(done <= total && *last <= done);
        *last = done;
        return true;
    }
};

bool exists(const std::string &path)
{
    return std::ifstream(path).good();
}

void folders(const facenet::runtime &runtime, const std::string &scratch)
{
    const std::string photos = scratch + "/people", aligned = scratch + "/aligned++";
    std::uint64_t last = 0;
    const auto stopped = [&] {
        facenet::align_folder(runtime, photos, aligned, facenet::detector_options(), facenet::align_folder_options(),
                              [](auto, auto) { return false; });
    };
    CHECK(thrown(stopped) == FACENET_ERROR_CANCELLED);
    const auto summary = facenet::align_folder(runtime, photos, aligned, facenet::detector_options(),
                                               facenet::align_folder_options(), counter{&last});
    CHECK(summary.images == 4 && summary.done_before + summary.aligned == 4 && last == 4);

    auto central = facenet::detector_options();
    central.selection = FACENET_SELECTION_CENTRAL;
    const facenet::pipeline pipeline(runtime, central);
    const auto embedder = pipeline.embedder();
    last = 0;
    const auto exported = facenet::export_folder(embedder, aligned, scratch + "/exported++", counter{&last});
    CHECK(exported.images == 4 && exported.faces == 4 && last == 4);
    CHECK(facenet::export_folder(pipeline, photos, scratch + "/exported++photos").faces == 4);
    CHECK(exists(scratch + "/exported++/embeddings.npy"));

    last = 0;
    const facenet::people people(embedder, aligned, counter{&last});
    CHECK(last == 4 && people.faces() == 4 && people.count() == 2 && people.embeddings().size() == 4 * embedder.dimension());
    CHECK((people.names() == std::vector<std::string>{"Barack_Obama", "Joe_Biden"}) && people.left_out() == "[]");
    CHECK(people.subjects()[2] == 0 && people.subjects()[3] == 1);
    CHECK(people.image(0) == "Barack_Obama/Barack_Obama_0001.png" && people.name(1) == "Joe_Biden");
    const facenet::people of_photos(pipeline, photos);
    CHECK(of_photos.faces() == 4);

    auto method = facenet::classifier_options();
    method.threshold = 0.4;
    const auto classifier =
        facenet::classifier::train(embedder, people.embeddings(), people.subjects(), people.names(), method);
    CHECK(classifier.predict(embedder, of_photos.embeddings())[3].person == 1);

    auto settings = facenet::evaluator_options();
    settings.folds = 2;
    const facenet::evaluator evaluator(settings);
    last = 0;
    const auto report = evaluator.run_lfw(embedder, aligned, scratch + "/pairs.txt", counter{&last});
    CHECK(last == 4 && report.figures().pairs == 4 && report.figures().accuracy >= 0.75);
    report.write_html(scratch + "/page++.html", "a model", "four faces");
    CHECK(exists(scratch + "/page++.html"));
    CHECK(evaluator.run_lfw(pipeline, photos, scratch + "/pairs.txt").figures().images_failed == 0);
    CHECK(evaluator.run_insightface(embedder, scratch + "/pairs.bin").figures().accuracy == 1);
    struct own {};
    int caught = 0;
    try {
        (void)evaluator.run_lfw(embedder, aligned, scratch + "/pairs.txt", [](auto, auto) -> bool { throw own(); });
    } catch (const own &) {
        ++caught;
    }
    CHECK(caught == 1);
}

/// Two vectors each of 20 people on a circle: the farther people are apart, the farther their vectors.
void thresholds(const facenet::embedder &embedder, const std::string &scratch)
{
    std::vector<float> vectors;
    std::vector<std::uint32_t> people;
    for (std::uint32_t row = 0; row < 40; ++row) {
        const double angle = 0.3 * (row / 2) + 0.001 * (row % 2);
        vectors.push_back(static_cast<float>(std::cos(angle)));
        vectors.push_back(static_cast<float>(std::sin(angle)));
        people.push_back(row / 2);
    }
    std::uint64_t last = 0;
    const std::vector<double> rates{0.1, 1e-9};
    const auto found =
        facenet::calibrate(vectors, 2, people, rates, FACENET_METRIC_EUCLIDEAN, counter{&last});
    CHECK(last > 0 && found[0].false_match_rate <= 0.1 && found[0].false_non_match_rate == 0);
    CHECK(std::isnan(found[1].distance));
    const facenet::profile profile{FACENET_METRIC_EUCLIDEAN, {found[0]}};
    profile.write(scratch + "/profile++.toml", embedder, "a circle");
    const auto read = facenet::profile::read(scratch + "/profile++.toml", embedder);
    CHECK(read.metric == profile.metric && read.thresholds.size() == 1);
    CHECK(read.thresholds[0].distance == found[0].distance);
    CHECK(thrown([&] { facenet::profile{0, found}.write(scratch + "/none", embedder, ""); }) ==
          FACENET_ERROR_INVALID_ARGUMENT);
}

void models(const std::string &scratch, const std::string &folder)
{
    const std::string shipped = folder + "/facenet-20180408-102900.onnx";
    CHECK(facenet::model_info(shipped).find("20180408-102900") != std::string::npos);
    auto options = facenet::model_import_options();
    options.name = "mine";
    options.standardization = FACENET_STANDARDIZATION_FIXED;
    facenet::model_import(shipped, scratch + "/mine.onnx", options);
    CHECK(facenet::model_info(scratch + "/mine.onnx").find("mine") != std::string::npos);
    CHECK(thrown([&] { facenet::model_import(scratch + "/pairs.txt", scratch + "/none.onnx"); }) != FACENET_OK);
}

} // namespace

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    const std::string scratch = argv[1], folder = argv[2];
    const facenet::runtime runtime;
    folders(runtime, scratch);
    thresholds(facenet::embedder(runtime), scratch);
    models(scratch, folder);
    return EXIT_SUCCESS;
}
