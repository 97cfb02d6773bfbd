// Matrices of OpenCV, and parts of them, are looked at as what they are.
#define FACENET_OPENCV
#include <facenet.hpp>

#include "check.h"

namespace {

constexpr int width = 31, height = 19;

std::uint8_t sample(int x, int y, int channel)
{
    return static_cast<std::uint8_t>(7 * x + 13 * y + 101 * channel);
}

/// A matrix of `channels`: blue, green, red, alpha, or gray.
cv::Mat make(int channels)
{
    cv::Mat matrix(height, width, CV_8UC(channels));
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int channel = 0; channel < channels; ++channel)
                matrix.ptr(y)[x * channels + channel] = sample(x, y, channel);
    return matrix;
}

/// The pixels of the matrix are those of `make(channels)` from column `left` and row `top` on.
void check_pixels(const cv::Mat &matrix, int channels, int left, int top)
{
    const facenet::image image(facenet::frame_of(matrix));
    CHECK(image.width() == static_cast<std::uint32_t>(matrix.cols));
    CHECK(image.height() == static_cast<std::uint32_t>(matrix.rows));
    const facenet::view<std::uint8_t> pixels = image.pixels();
    std::size_t at = 0;
    for (int y = 0; y < matrix.rows; ++y)
        for (int x = 0; x < matrix.cols; ++x)
            for (int channel = 2; channel >= 0; --channel)
                CHECK(pixels[at++] == sample(left + x, top + y, channels == 1 ? 0 : channel));
}

facenet_status refusal(const cv::Mat &matrix)
{
    try {
        (void)facenet::frame_of(matrix);
    } catch (const facenet::error &error) {
        CHECK(error.what()[0] != '\0');
        return error.status();
    }
    return FACENET_OK;
}

} // namespace

int main()
{
    for (const int channels : {1, 3, 4}) {
        const cv::Mat whole = make(channels);
        check_pixels(whole, channels, 0, 0);
        const cv::Mat part = whole(cv::Rect(5, 3, 20, 11));
        CHECK(!part.isContinuous());
        check_pixels(part, channels, 5, 3);
        // The last rows and columns, so that no byte may be read behind them.
        check_pixels(whole(cv::Rect(width - 2, height - 3, 2, 3)), channels, width - 2, height - 3);
    }
    CHECK(refusal(cv::Mat()) == FACENET_ERROR_UNSUPPORTED || refusal(cv::Mat()) == FACENET_ERROR_FRAME_INVALID);
    CHECK(refusal(cv::Mat(4, 4, CV_32FC3)) == FACENET_ERROR_UNSUPPORTED);
    const int sizes[3] = {4, 4, 4};
    CHECK(refusal(cv::Mat(3, sizes, CV_8UC1)) == FACENET_ERROR_FRAME_INVALID);
    return EXIT_SUCCESS;
}
