// Who is in this video? Learns people from a folder, names the faces in each frame of a video, and writes it with boxes.
//
//     c++ -std=c++17 video.cpp $(pkg-config --cflags --libs facenet opencv4) -o video && ./video people/ in.avi out.avi
//
// people/ has a folder of photos for each person, with that person's face the largest. The number of a camera, 0 for the
// first, may stand for in.avi.

#define FACENET_OPENCV
#include <facenet.hpp>

#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

/// Learns the people of a folder. With 50 people, some 2 strangers in 100 are as near to one of them as this cosine, and
/// with fewer people fewer; facenet_classifier_options can have it measured instead.
static facenet::classifier learn(const facenet::runtime &runtime, const facenet::embedder &embedder,
                                 const std::string &folder)
{
    auto largest = facenet::detector_options();
    largest.selection = FACENET_SELECTION_LARGEST;
    const facenet::people people(facenet::pipeline(runtime, largest), folder);
    auto method = facenet::classifier_options();
    method.threshold = 0.55;
    return facenet::classifier::train(embedder, people.embeddings(), people.subjects(), people.names(), method);
}

static void draw(cv::Mat &frame, const facenet::rect &rect, const std::string &name)
{
    const cv::Scalar green(0, 200, 0);
    const cv::Point corner(static_cast<int>(rect.x1), static_cast<int>(rect.y1));
    cv::rectangle(frame, corner, {static_cast<int>(rect.x2), static_cast<int>(rect.y2)}, green, 2);
    cv::putText(frame, name, corner - cv::Point(0, 6), cv::FONT_HERSHEY_SIMPLEX, 0.6, green, 2);
}

static cv::VideoCapture open(const std::string &name)
{
    const bool is_camera = name.find_first_not_of("0123456789") == std::string::npos;
    cv::VideoCapture video = is_camera ? cv::VideoCapture(std::stoi(name)) : cv::VideoCapture(name);
    if (!video.isOpened())
        throw std::runtime_error(name + " is no video that OpenCV opens");
    return video;
}

int main(int argc, char **argv)
try {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s PEOPLE VIDEO OUT.avi\n", argv[0]);
        return 2;
    }
    const facenet::runtime runtime;
    auto options = facenet::detector_options();
    options.min_face_share = 0.1f; // faces from a tenth of the shorter side on: time grows with the inverse square
    const facenet::pipeline pipeline(runtime, options);
    const facenet::embedder embedder = pipeline.embedder();
    const facenet::classifier classifier = learn(runtime, embedder, argv[1]);

    cv::VideoCapture video = open(argv[2]);
    cv::VideoWriter out;
    cv::Mat frame;
    for (int number = 0; video.read(frame); ++number) {
        if (!out.isOpened() &&
            !out.open(argv[3], cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, frame.size()))
            throw std::runtime_error(std::string(argv[3]) + " cannot be written");
        const auto start = std::chrono::steady_clock::now();
        const facenet::embedded_faces faces = pipeline.process(facenet::frame_of(frame)); // looked at where it is
        std::string names;
        for (const auto found : faces) {
            const auto who = classifier.predict(embedder, found.embedding)[0];
            const auto name = who.person < 0 ? "unknown" : classifier.name(static_cast<std::size_t>(who.person));
            draw(frame, found.face.rect, name);
            names += (names.empty() ? "" : ", ") + name;
        }
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
        std::printf("frame %d: %.1f ms: %s\n", number, time.count(), names.empty() ? "nobody" : names.c_str());
        out.write(frame);
    }
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
