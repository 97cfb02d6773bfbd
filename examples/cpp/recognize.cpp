// Whose faces are in these pictures? Learns people from one folder, and names the faces in the pictures of another.
//
//     c++ -std=c++17 recognize.cpp $(pkg-config --cflags --libs facenet) -o recognize && ./recognize people/ pictures/
//
// people/ has a folder of pictures for each person, with that person's face the largest.

#include <facenet.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace fs = std::filesystem;

/// What a folder holds, by name.
static std::vector<fs::path> entries(const fs::path &folder)
{
    std::vector<fs::path> paths;
    for (const auto &entry : fs::directory_iterator(folder))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    return paths;
}

/// Learns the people of a folder. With 50 people, some 2 strangers in 100 are as near to one of them as this cosine, and
/// with fewer people fewer; facenet_classifier_options can have it measured instead.
static facenet::classifier learn(const facenet::runtime &runtime, const facenet::embedder &embedder,
                                 const std::string &folder)
{
    auto largest = facenet::detector_options();
    largest.selection = FACENET_SELECTION_LARGEST;
    const facenet::people people(facenet::pipeline(runtime, largest), folder);
    if (people.left_out() != "[]")
        std::fprintf(stderr, "left out: %s\n", people.left_out().c_str());
    auto method = facenet::classifier_options();
    method.threshold = 0.55;
    return facenet::classifier::train(embedder, people.embeddings(), people.subjects(), people.names(), method);
}

int main(int argc, char **argv)
try {
    if (argc != 3) {
        std::fprintf(stderr, "usage: %s PEOPLE PICTURES\n", argv[0]);
        return 2;
    }
    const facenet::runtime runtime;
    const facenet::pipeline pipeline(runtime);
    const facenet::embedder embedder = pipeline.embedder();
    const facenet::classifier classifier = learn(runtime, embedder, argv[1]);
    for (const auto &picture : entries(argv[2])) {
        const facenet::image image(picture.string());
        const auto faces = pipeline.process(image.frame());
        for (const auto found : faces) {
            const auto who = classifier.predict(embedder, found.embedding)[0];
            const std::string name = who.person < 0 ? "unknown" : classifier.name(static_cast<std::size_t>(who.person));
            std::printf("%s: %s (%.3f)\n", picture.filename().string().c_str(), name.c_str(), who.score);
        }
    }
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
