// Are the faces of two pictures those of the same person?
//
//     c++ -std=c++17 compare.cpp $(pkg-config --cflags --libs facenet) -o compare && ./compare a.jpg b.jpg

#include <facenet.hpp>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

/// The faces of a picture, of which there must be one at least.
static facenet::embedded_faces faces_of(const facenet::pipeline &pipeline, const std::string &path)
{
    const facenet::image image(path);
    auto faces = pipeline.process(image.frame());
    if (faces.empty())
        throw std::runtime_error(path + ": no face found");
    return faces;
}

int main(int argc, char **argv)
try {
    if (argc != 3) {
        std::fprintf(stderr, "usage: %s A B\n", argv[0]);
        return 2;
    }
    const facenet::runtime runtime;
    auto largest = facenet::detector_options();
    largest.selection = FACENET_SELECTION_LARGEST;
    const facenet::pipeline pipeline(runtime, largest);
    const facenet::embedder embedder = pipeline.embedder();

    const auto a = faces_of(pipeline, argv[1]), b = faces_of(pipeline, argv[2]);
    const float distance = facenet::distance(a[0].embedding, b[0].embedding, embedder.metric());
    const bool is_same = facenet::metric_within(embedder.metric(), distance, embedder.threshold().distance);
    std::printf("%.6f: %s\n", distance, is_same ? "same person" : "different people");
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
