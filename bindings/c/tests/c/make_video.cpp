// Makes a video of pictures, each for two frames: `make_video OUT.avi PICTURE ...`
#include <facenet.hpp>

#include "check.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

int main(int argc, char **argv)
{
    const cv::Size size(480, 480);
    cv::VideoWriter video(argv[1], cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, size);
    CHECK(argc > 2 && video.isOpened());
    for (int i = 2; i < argc; ++i) {
        const facenet::image image((std::string(argv[i])));
        const cv::Mat rgb(static_cast<int>(image.height()), static_cast<int>(image.width()), CV_8UC3,
                          const_cast<std::uint8_t *>(image.pixels().data()));
        cv::Mat frame;
        cv::cvtColor(rgb, frame, cv::COLOR_RGB2BGR);
        cv::resize(frame, frame, size, 0, 0, cv::INTER_AREA);
        video.write(frame);
        video.write(frame);
    }
    return EXIT_SUCCESS;
}
