// Frames of FFmpeg are looked at as what they are: every format that is taken, against the formulas.
#define FACENET_FFMPEG
#include <facenet.hpp>

#include "check.h"

#include <cmath>

namespace {

constexpr int width = 33, height = 17;

struct deleter {
    void operator()(AVFrame *frame) const { av_frame_free(&frame); }
};
using owned = std::unique_ptr<AVFrame, deleter>;

/// A frame of noise.
owned make(AVPixelFormat format)
{
    owned frame(av_frame_alloc());
    CHECK(frame);
    frame->format = format;
    frame->width = width;
    frame->height = height;
    CHECK(av_frame_get_buffer(frame.get(), 0) == 0);
    std::uint32_t seed = 1;
    for (int plane = 0; plane < 3 && frame->data[plane]; ++plane) {
        const int rows = plane == 0 ? height : (height + 1) / 2;
        for (int i = 0; i < rows * frame->linesize[plane]; ++i) {
            seed = seed * 1664525u + 1013904223u;
            frame->data[plane][i] = static_cast<std::uint8_t>(seed >> 24);
        }
    }
    return frame;
}

/// The weights of red and blue in luma, by ITU-R BT.601, BT.709 and BT.2020.
struct weights {
    double red, blue;
};

weights weights_of(const AVFrame &frame)
{
    switch (frame.colorspace) {
    case AVCOL_SPC_BT709: return {0.2126, 0.0722};
    case AVCOL_SPC_BT2020_NCL: return {0.2627, 0.0593};
    default: return {0.299, 0.114};
    }
}

/// What RGB the formulas make of the pixel.
void expected(const AVFrame &frame, int x, int y, double rgb[3])
{
    const auto at = [&](int plane, int byte, int row) {
        return double(frame.data[plane][row * frame.linesize[plane] + byte]);
    };
    const auto plain = [&](int step, int red, int green, int blue) {
        rgb[0] = at(0, step * x + red, y);
        rgb[1] = at(0, step * x + green, y);
        rgb[2] = at(0, step * x + blue, y);
    };
    bool full = frame.color_range == AVCOL_RANGE_JPEG || frame.format == AV_PIX_FMT_YUVJ420P;
    double luma, u = 128, v = 128;
    switch (frame.format) {
    case AV_PIX_FMT_RGB24: return plain(3, 0, 1, 2);
    case AV_PIX_FMT_BGR24: return plain(3, 2, 1, 0);
    case AV_PIX_FMT_RGBA:
    case AV_PIX_FMT_RGB0: return plain(4, 0, 1, 2);
    case AV_PIX_FMT_BGRA:
    case AV_PIX_FMT_BGR0: return plain(4, 2, 1, 0);
    case AV_PIX_FMT_GRAY8:
        luma = at(0, x, y);
        full = frame.color_range != AVCOL_RANGE_MPEG;
        break;
    case AV_PIX_FMT_YUYV422:
    case AV_PIX_FMT_UYVY422: {
        const int first = frame.format == AV_PIX_FMT_UYVY422;
        luma = at(0, 2 * x + first, y);
        u = at(0, x / 2 * 4 + 1 - first, y);
        v = at(0, x / 2 * 4 + 3 - first, y);
        break;
    }
    case AV_PIX_FMT_NV12:
    case AV_PIX_FMT_NV21: {
        const int swapped = frame.format == AV_PIX_FMT_NV21;
        luma = at(0, x, y);
        u = at(1, x / 2 * 2 + swapped, y / 2);
        v = at(1, x / 2 * 2 + 1 - swapped, y / 2);
        break;
    }
    default:
        luma = at(0, x, y);
        u = at(1, x / 2, y / 2);
        v = at(2, x / 2, y / 2);
    }
    const weights weight = weights_of(frame);
    luma = full ? luma / 255 : std::fmax(luma - 16, 0) / 219;
    u = (u - 128) / (full ? 255 : 224);
    v = (v - 128) / (full ? 255 : 224);
    rgb[0] = luma + 2 * (1 - weight.red) * v;
    rgb[2] = luma + 2 * (1 - weight.blue) * u;
    rgb[1] = (luma - weight.red * rgb[0] - weight.blue * rgb[2]) / (1 - weight.red - weight.blue);
    for (int channel = 0; channel < 3; ++channel)
        rgb[channel] = std::fmin(1, std::fmax(0, rgb[channel])) * 255;
}

void check_pixels(const AVFrame &frame)
{
    const facenet::image image(facenet::frame_of(frame));
    CHECK(image.width() == width && image.height() == height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            double rgb[3];
            expected(frame, x, y, rgb);
            for (int channel = 0; channel < 3; ++channel) {
                const double found = image.pixels()[static_cast<std::size_t>(3 * (y * width + x) + channel)];
                CHECK(std::fabs(found - rgb[channel]) < 1.6);
            }
        }
    }
}

facenet_status refusal(const AVFrame &frame)
{
    try {
        (void)facenet::frame_of(frame);
    } catch (const facenet::error &error) {
        CHECK(error.what()[0] != '\0');
        return error.status();
    }
    return FACENET_OK;
}

} // namespace

int main()
{
    const AVPixelFormat formats[] = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_NV12,    AV_PIX_FMT_NV21,
                                     AV_PIX_FMT_YUYV422, AV_PIX_FMT_UYVY422,  AV_PIX_FMT_GRAY8,   AV_PIX_FMT_RGB24,
                                     AV_PIX_FMT_BGR24,   AV_PIX_FMT_RGBA,     AV_PIX_FMT_BGRA,    AV_PIX_FMT_RGB0,
                                     AV_PIX_FMT_BGR0};
    for (const AVPixelFormat format : formats) {
        const owned frame = make(format);
        for (const AVColorRange range : {AVCOL_RANGE_UNSPECIFIED, AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG}) {
            for (const AVColorSpace space : {AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M,
                                             AVCOL_SPC_BT709, AVCOL_SPC_BT2020_NCL}) {
                frame->color_range = range;
                frame->colorspace = space;
                check_pixels(*frame);
            }
        }
        // From the bottom up.
        for (int plane = 0; plane < 3 && frame->data[plane]; ++plane) {
            const int rows = plane == 0 ? height : (height + 1) / 2;
            frame->data[plane] += frame->linesize[plane] * (rows - 1);
            frame->linesize[plane] = -frame->linesize[plane];
        }
        check_pixels(*frame);
    }

    owned odd = make(AV_PIX_FMT_YUV420P);
    odd->colorspace = AVCOL_SPC_YCGCO;
    CHECK(refusal(*odd) == FACENET_ERROR_UNSUPPORTED);
    odd->colorspace = AVCOL_SPC_UNSPECIFIED;
    odd->data[2] = nullptr;
    CHECK(refusal(*odd) == FACENET_ERROR_FRAME_INVALID);
    odd->width = 0;
    CHECK(refusal(*odd) == FACENET_ERROR_FRAME_INVALID);
    CHECK(refusal(*make(AV_PIX_FMT_YUV444P)) == FACENET_ERROR_UNSUPPORTED);
    return EXIT_SUCCESS;
}
