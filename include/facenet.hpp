/**
 * @file
 * facenet for C++17: facenet.h with owners that free themselves, and exceptions.
 *
 *     facenet::runtime runtime;
 *     facenet::pipeline pipeline(runtime);
 *     facenet::image image("group.jpg");
 *     facenet::embedded_faces faces = pipeline.process(image.frame());
 *     for (const auto &found : faces)
 *         use(found.face.rect, found.embedding);
 *
 * Every class owns a handle of facenet.h (get() gives it), is moved and not copied, and keeps to the same thread rule: calls
 * of const functions may run at once. A moved-from object may only be destroyed or assigned to. Calls that fail throw
 * facenet::error. What functions return as `view`, `picture` or `frame` is borrowed from the object, and valid while that
 * lives. What a function of the caller throws stops the call it was given to, and leaves that.
 *
 * facenet::frame_of takes a cv::Mat with FACENET_OPENCV defined before this header, and an AVFrame with FACENET_FFMPEG.
 * Neither needs a library beside the one that made the picture.
 */
#ifndef FACENET_HPP
#define FACENET_HPP

#include "facenet.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <forward_list>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#ifdef FACENET_OPENCV
#include <opencv2/core.hpp>
#endif
#ifdef FACENET_FFMPEG
extern "C" {
#include <libavutil/frame.h>
}
#endif

namespace facenet {

/** A rectangle in pixels. */
using rect = facenet_rect;
/** A point in pixels. */
using point = facenet_point;
/** A face that was found: box, score, landmarks. */
using face = facenet_face;
/** A threshold, and the false match rate that was measured at it. */
using threshold = facenet_threshold;
#ifdef FACENET_FULL
/** Who somebody is, and how surely. */
using prediction = facenet_prediction;
/** The figures of a report. */
using figures = facenet_figures;
/** A point of a ROC curve. */
using roc_point = facenet_roc_point;
/** How far clusters agree with the people that are known. */
using agreement = facenet_agreement;
/** What became of the images of a folder that was aligned. */
using align_summary = facenet_align_summary;
/** What became of the images of a folder that was exported. */
using export_summary = facenet_export_summary;
#endif
/** A frame of the caller or of an image: facenet::make_frame gives one with the defaults. */
using frame = facenet_frame;

/** A call that failed: what() says why, status() what kind of failure it is. */
class error : public std::runtime_error {
public:
    /** A failure of this kind, in these words. */
    error(facenet_status status, const std::string &message) : std::runtime_error(message), status_(status) {}

    /** What kind of failure it is: FACENET_ERROR_... */
    [[nodiscard]] facenet_status status() const noexcept { return status_; }
    /** Its name, such as "NotFound". */
    [[nodiscard]] const char *name() const noexcept { return facenet_status_name(status_); }

private:
    facenet_status status_;
};

/** Throws the message of this thread's last failure unless `status` is FACENET_OK. */
inline void check(facenet_status status)
{
    if (status == FACENET_OK)
        return;
    std::string message(facenet_last_error(nullptr, 0), '\0');
    facenet_last_error(message.data(), message.size() + 1);
    throw error(status, message);
}

/** Values that belong to somebody else, like C++20's std::span. */
template <class T> class view {
public:
    constexpr view() noexcept = default;
    /** `size` values from `data` on. */
    constexpr view(const T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    /** The values of a vector, which must live as long as the view. */
    view(const std::vector<T> &values) noexcept : view(values.data(), values.size()) {}

    /** The first value. */
    [[nodiscard]] constexpr const T *data() const noexcept { return data_; }
    /** Number of values. */
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    /** Whether there is none. */
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    /** The first value. */
    constexpr const T *begin() const noexcept { return data_; }
    /** Past the last value. */
    constexpr const T *end() const noexcept { return data_ + size_; }
    /** Value number `index`. */
    constexpr const T &operator[](std::size_t index) const { return data_[index]; }

private:
    const T *data_ = nullptr;
    std::size_t size_ = 0;
};

/**
 * Receives the progress of a call, and returns whether to go on: if not, the call throws an error of status
 * FACENET_ERROR_CANCELLED. It may run on a thread of the library. What it throws stops the call, which then throws that.
 */
using progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/** Receives the messages of the log. It may run on any thread, and must not throw. */
using logger = std::function<void(const char *message)>;

namespace detail {

template <class T, void (*Free)(T *)> struct deleter {
    void operator()(T *handle) const noexcept { Free(handle); }
};

/** An owned handle. */
template <class T, void (*Free)(T *)> class owner {
public:
    [[nodiscard]] T *get() const noexcept { return handle_.get(); }

protected:
    /** Takes what `make` writes to its argument. */
    template <class Make, class = std::enable_if_t<std::is_invocable_v<Make &, T **>>> explicit owner(Make make)
    {
        check(make(taken{handle_}.to()));
    }

private:
    using handle = std::unique_ptr<T, deleter<T, Free>>;

    /** A place for a new handle, which has an owner whatever comes next. */
    class taken {
    public:
        explicit taken(handle &owner) noexcept : owner_(owner) {}
        taken(const taken &) = delete;
        taken &operator=(const taken &) = delete;
        ~taken() { owner_.reset(made_); }
        T **to() noexcept { return &made_; }

    private:
        handle &owner_;
        T *made_ = nullptr;
    };

    handle handle_;
};

/** Options, or a frame, with the defaults. */
template <class T, facenet_status (*Init)(T *, std::size_t)> T defaults()
{
    T options;
    check(Init(&options, sizeof options));
    return options;
}

/** A struct for a result, with its size. */
template <class T> T result() noexcept
{
    T result{};
    result.struct_size = sizeof result;
    return result;
}

/** The text that `call` writes to a buffer. */
template <class Call> std::string text(Call call)
{
    std::size_t needed = 0;
    check(call(nullptr, std::size_t{0}, &needed));
    std::string text(needed, '\0');
    check(call(text.data(), needed + 1, &needed));
    return text;
}

/** The number of embeddings that lie one after the other. */
inline std::size_t rows(view<float> embeddings, std::size_t dimension)
{
    if (dimension == 0 || embeddings.size() % dimension != 0)
        throw error(FACENET_ERROR_DIMENSION_MISMATCH, "the values are not those of whole embeddings");
    return embeddings.size() / dimension;
}

/** Counts from 0 up to the size of a container that has operator[]. */
template <class Container> class indices {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = decltype(std::declval<const Container &>()[0]);
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    indices(const Container *container, std::size_t index) : container_(container), index_(index) {}
    value_type operator*() const { return (*container_)[index_]; }
    indices &operator++()
    {
        ++index_;
        return *this;
    }
    bool operator==(const indices &other) const { return index_ == other.index_; }
    bool operator!=(const indices &other) const { return index_ != other.index_; }

private:
    const Container *container_;
    std::size_t index_;
};

} // namespace detail

#ifdef FACENET_FULL

/** Stops long calls from any thread: facenet_cancel_new(). */
class cancel : public detail::owner<facenet_cancel, facenet_cancel_free> {
public:
    /** A request that has not been made. */
    cancel() : owner([](auto made) { return facenet_cancel_new(made); }) {}

    /** Stops the calls with it, which throw FACENET_ERROR_CANCELLED. */
    void request() const { check(facenet_cancel_request(get())); }
    /** Whether the stop was requested. */
    [[nodiscard]] bool requested() const noexcept { return facenet_cancel_requested(get()) == 1; }
};

/** How a long call reports and stops: a progress function, a facenet::cancel that lives as long, both, or nothing. */
struct call {
    call() = default;
    /** A call that may be stopped. */
    call(const facenet::cancel &stop) noexcept : stop(&stop) {}
    /** A call that reports its progress, and may be stopped. */
    template <class Told, class = std::enable_if_t<std::is_invocable_v<Told &, std::uint64_t, std::uint64_t>>>
    call(Told told, const facenet::cancel *stop = nullptr) : told(std::move(told)), stop(stop)
    {
    }

    /** Receives the progress, and returns whether to go on. */
    progress told;
    /** Stops the call when it is requested. */
    const facenet::cancel *stop = nullptr;
};

namespace detail {

/** Takes a progress function through a call of C, and what it throws back out of it. */
class watch {
public:
    explicit watch(const facenet::call &how) noexcept : how_(how) {}

    /** How the call is to be made. */
    [[nodiscard]] facenet_call call()
    {
        auto call = defaults<facenet_call, facenet_call_init>();
        call.progress = how_.told ? &tell : nullptr;
        call.user = this;
        call.cancel = how_.stop ? how_.stop->get() : nullptr;
        return call;
    }
    /** The status of the call, if nothing was thrown. */
    [[nodiscard]] facenet_status ended(facenet_status status) const
    {
        if (thrown_)
            std::rethrow_exception(thrown_);
        return status;
    }

private:
    static std::uint32_t tell(std::uint64_t done, std::uint64_t total, void *user) noexcept
    {
        watch &self = *static_cast<watch *>(user);
        if (self.thrown_)
            return 1;
        try {
            return self.how_.told(done, total) ? 0 : 1;
        } catch (...) {
            self.thrown_ = std::current_exception();
            return 1;
        }
    }

    const facenet::call &how_;
    std::exception_ptr thrown_;
};

/** Makes a call that reports its progress: `call` gets a pointer to a facenet_call. */
template <class Call> facenet_status watched(const facenet::call &how, Call call)
{
    watch watch(how);
    const facenet_call watched = watch.call();
    return watch.ended(call(&watched));
}

} // namespace detail

#endif /* FACENET_FULL */

/** The defaults of a runtime. */
inline facenet_runtime_options runtime_options()
{
    return detail::defaults<facenet_runtime_options, facenet_runtime_options_init>();
}
/** The defaults of a detector. */
inline facenet_detector_options detector_options()
{
    return detail::defaults<facenet_detector_options, facenet_detector_options_init>();
}
/** The defaults of an aligner. */
inline facenet_aligner_options aligner_options()
{
    return detail::defaults<facenet_aligner_options, facenet_aligner_options_init>();
}
/** The defaults of an embedder. */
inline facenet_embedder_options embedder_options()
{
    return detail::defaults<facenet_embedder_options, facenet_embedder_options_init>();
}
/** The defaults of importing a model. */
inline facenet_model_import_options model_import_options()
{
    return detail::defaults<facenet_model_import_options, facenet_model_import_options_init>();
}
#ifdef FACENET_FULL
/** The defaults of a classifier. */
inline facenet_classifier_options classifier_options()
{
    return detail::defaults<facenet_classifier_options, facenet_classifier_options_init>();
}
/** The defaults of clustering; the threshold must be set. */
inline facenet_cluster_options cluster_options()
{
    return detail::defaults<facenet_cluster_options, facenet_cluster_options_init>();
}
/** The defaults of an evaluator. */
inline facenet_evaluator_options evaluator_options()
{
    return detail::defaults<facenet_evaluator_options, facenet_evaluator_options_init>();
}
/** The defaults of an export. */
inline facenet_export_options export_options()
{
    return detail::defaults<facenet_export_options, facenet_export_options_init>();
}
/** The defaults of aligning a folder. */
inline facenet_align_folder_options align_folder_options()
{
    return detail::defaults<facenet_align_folder_options, facenet_align_folder_options_init>();
}
#endif
/** A frame with the defaults, to be described. */
inline facenet_frame make_frame() { return detail::defaults<facenet_frame, facenet_frame_init>(); }

/** Model files in memory, for facenet_detector_options::networks and facenet_embedder_options::model_bytes. */
inline facenet_bytes bytes_of(view<std::uint8_t> file) noexcept { return {file.data(), file.size()}; }

#ifdef FACENET_OPENCV
/** The pixels of a matrix of 8-bit BGR, BGRA or gray, which must live as long as the frame. A part of a matrix will do. */
inline facenet_frame frame_of(const cv::Mat &matrix)
{
    facenet_frame frame = make_frame();
    switch (matrix.type()) {
    case CV_8UC3: frame.format = FACENET_PIXEL_FORMAT_BGR; break;
    case CV_8UC4: frame.format = FACENET_PIXEL_FORMAT_BGRA; break;
    case CV_8UC1: frame.format = FACENET_PIXEL_FORMAT_GRAY8; break;
    default: throw error(FACENET_ERROR_UNSUPPORTED, "a cv::Mat must be of type CV_8UC1, CV_8UC3 or CV_8UC4");
    }
    if (matrix.dims != 2 || matrix.empty())
        throw error(FACENET_ERROR_FRAME_INVALID, "the cv::Mat is empty or has more than two dimensions");
    frame.width = static_cast<std::uint32_t>(matrix.cols);
    frame.height = static_cast<std::uint32_t>(matrix.rows);
    frame.planes[0].data = matrix.data;
    frame.planes[0].stride = static_cast<std::ptrdiff_t>(matrix.step[0]);
    frame.planes[0].size = matrix.step[0] * static_cast<std::size_t>(matrix.rows - 1) +
                           matrix.elemSize() * static_cast<std::size_t>(matrix.cols);
    return frame;
}
#endif

#ifdef FACENET_FFMPEG
namespace detail {

/** What FFmpeg says of range and matrix, where they matter. */
inline void set_colors(facenet_frame &frame, const AVFrame &picture)
{
    if (picture.color_range == AVCOL_RANGE_JPEG || picture.format == AV_PIX_FMT_YUVJ420P)
        frame.range = FACENET_COLOR_RANGE_FULL;
    else if (picture.color_range == AVCOL_RANGE_MPEG)
        frame.range = FACENET_COLOR_RANGE_LIMITED;
    if (frame.format == FACENET_PIXEL_FORMAT_GRAY8)
        return;
    switch (picture.colorspace) {
    case AVCOL_SPC_UNSPECIFIED: frame.matrix = FACENET_COLOR_MATRIX_DEFAULT; break;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M: frame.matrix = FACENET_COLOR_MATRIX_BT601; break;
    case AVCOL_SPC_BT709: frame.matrix = FACENET_COLOR_MATRIX_BT709; break;
    case AVCOL_SPC_BT2020_NCL: frame.matrix = FACENET_COLOR_MATRIX_BT2020; break;
    default:
        throw error(FACENET_ERROR_UNSUPPORTED,
                    "an AVFrame of AVColorSpace " + std::to_string(picture.colorspace) + ": convert it with libswscale");
    }
}

/** How a picture of FFmpeg is stored. */
struct layout {
    std::uint32_t format;
    /** Whether range and matrix matter. */
    bool is_yuv;
    /** Bytes of a row of each plane; 0 if there is none. */
    std::size_t rows[3];
};

inline layout layout_of(const AVFrame &picture)
{
    const auto width = static_cast<std::size_t>(picture.width), pairs = (width + 1) / 2;
    switch (picture.format) {
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUVJ420P: return {FACENET_PIXEL_FORMAT_I420, true, {width, pairs, pairs}};
    case AV_PIX_FMT_NV12: return {FACENET_PIXEL_FORMAT_NV12, true, {width, 2 * pairs, 0}};
    case AV_PIX_FMT_NV21: return {FACENET_PIXEL_FORMAT_NV21, true, {width, 2 * pairs, 0}};
    case AV_PIX_FMT_YUYV422: return {FACENET_PIXEL_FORMAT_YUY2, true, {4 * pairs, 0, 0}};
    case AV_PIX_FMT_UYVY422: return {FACENET_PIXEL_FORMAT_UYVY, true, {4 * pairs, 0, 0}};
    case AV_PIX_FMT_GRAY8: return {FACENET_PIXEL_FORMAT_GRAY8, true, {width, 0, 0}};
    case AV_PIX_FMT_RGB24: return {FACENET_PIXEL_FORMAT_RGB, false, {3 * width, 0, 0}};
    case AV_PIX_FMT_BGR24: return {FACENET_PIXEL_FORMAT_BGR, false, {3 * width, 0, 0}};
    case AV_PIX_FMT_RGBA: return {FACENET_PIXEL_FORMAT_RGBA, false, {4 * width, 0, 0}};
    case AV_PIX_FMT_BGRA: return {FACENET_PIXEL_FORMAT_BGRA, false, {4 * width, 0, 0}};
    case AV_PIX_FMT_RGB0: return {FACENET_PIXEL_FORMAT_RGBX, false, {4 * width, 0, 0}};
    case AV_PIX_FMT_BGR0: return {FACENET_PIXEL_FORMAT_BGRX, false, {4 * width, 0, 0}};
    default:
        throw error(FACENET_ERROR_UNSUPPORTED, "an AVFrame of AVPixelFormat " + std::to_string(picture.format) +
                                                   ": convert it with libswscale, or move it to main memory");
    }
}

} // namespace detail

/**
 * The pixels of a decoded frame in main memory, which must live as long as the frame: yuv420p, yuvj420p, nv12, nv21, yuyv422,
 * uyvy422, rgb24, bgr24, rgba, bgra, rgb0, bgr0 and gray8, from the top down or, with negative line sizes, from the bottom
 * up. Range and matrix are taken over. Rotation, which FFmpeg keeps in side data, is not: set it in the frame.
 */
inline facenet_frame frame_of(const AVFrame &picture)
{
    if (picture.width <= 0 || picture.height <= 0)
        throw error(FACENET_ERROR_FRAME_INVALID, "the AVFrame has no pixels");
    const detail::layout layout = detail::layout_of(picture);
    facenet_frame frame = make_frame();
    frame.format = layout.format;
    frame.width = static_cast<std::uint32_t>(picture.width);
    frame.height = static_cast<std::uint32_t>(picture.height);
    if (layout.is_yuv)
        detail::set_colors(frame, picture);
    for (std::size_t index = 0; index < 3 && layout.rows[index] > 0; ++index) {
        if (!picture.data[index])
            throw error(FACENET_ERROR_FRAME_INVALID, "a plane of the AVFrame is not there");
        const std::ptrdiff_t stride = picture.linesize[index];
        const std::ptrdiff_t above_last = (index == 0 ? picture.height : (picture.height + 1) / 2) - 1;
        // FFmpeg points to the row at the top, facenet to the byte with the lowest address.
        frame.planes[index].data = picture.data[index] + (stride < 0 ? stride * above_last : 0);
        frame.planes[index].stride = stride;
        frame.planes[index].size =
            static_cast<std::size_t>((stride < 0 ? -stride : stride) * above_last) + layout.rows[index];
    }
    return frame;
}
#endif

/** Sends what the library has to say to `told`, or nowhere. Holds for the whole process. */
inline void log_to(logger told)
{
    // Kept to the end: a thread may be in one that has been replaced.
    static std::mutex lock;
    static auto &kept = *new std::forward_list<logger>;
    const std::lock_guard<std::mutex> guard(lock);
    if (!told)
        return check(facenet_log_to(nullptr, nullptr));
    kept.push_front(std::move(told));
    check(facenet_log_to(
        [](const char *message, void *user) {
            try {
                (*static_cast<logger *>(user))(message);
            } catch (...) { // there is nobody to tell
            }
        },
        &kept.front()));
}

/** Version of the library that was loaded. */
[[nodiscard]] inline const char *version() noexcept { return facenet_version(); }

/** Whether the library that was loaded is one that a program compiled with this header may use. */
[[nodiscard]] inline bool has_abi_of_header() noexcept { return facenet_abi_version() == FACENET_ABI_VERSION; }

/** What of this machine works. */
struct diagnosis {
    /** Whether a runtime can be made and the models are whole. */
    bool works;
    /** What was found, and what to do about what was not. */
    std::string text;
};

/** Looks at this machine. */
[[nodiscard]] inline diagnosis doctor(const facenet_runtime_options &options = runtime_options(), bool as_json = false)
{
    std::uint32_t works = 0;
    std::string text =
        detail::text([&](auto... to) { return facenet_doctor(&options, as_json ? 1 : 0, &works, to...); });
    return {works == 1, std::move(text)};
}

/** What was found on this machine, for programs that act on it: facenet_findings_new(). Members of the struct by `->`. */
class findings : public detail::owner<facenet_findings, facenet_findings_free> {
public:
    /** Looks at this machine, for a runtime with these options. */
    explicit findings(const facenet_runtime_options &options = runtime_options())
        : owner([&](facenet_findings **made) { return facenet_findings_new(&options, made); })
    {
    }

    /** The findings, which live as long as this. */
    const facenet_findings *operator->() const noexcept { return get(); }

    /** The providers; none without ONNX Runtime. */
    [[nodiscard]] view<const facenet_provider_finding *> providers() const noexcept
    {
        return {get()->providers, get()->provider_count};
    }

    /** The GPUs. */
    [[nodiscard]] view<const facenet_gpu_finding *> gpus() const noexcept { return {get()->gpus, get()->gpu_count}; }

    /** The models that ship; none without their folder. */
    [[nodiscard]] view<const facenet_model_finding *> models() const noexcept { return {get()->models, get()->model_count}; }

    /** What to do to make more of this machine, most urgent first. */
    [[nodiscard]] view<const char *> advice() const noexcept { return {get()->advice, get()->advice_count}; }
};

/** Distance, or with FACENET_METRIC_COSINE likeness, of two embeddings of the same fingerprint. */
[[nodiscard]] inline float distance(view<float> a, view<float> b, facenet_metric metric = FACENET_METRIC_EUCLIDEAN)
{
    if (a.size() != b.size())
        throw error(FACENET_ERROR_DIMENSION_MISMATCH, "two embeddings of different lengths cannot be compared");
    float distance = 0;
    check(facenet_distance(a.data(), b.data(), a.size(), metric, &distance));
    return distance;
}

/** Whether a distance, or likeness, is on the side of "same" of a threshold. */
[[nodiscard]] inline bool metric_within(std::uint32_t metric, float distance, float threshold) noexcept
{
    return facenet_metric_within(metric, distance, threshold) == 1;
}

/** A loaded ONNX Runtime with a provider and worker threads: facenet_runtime_new(). */
class runtime : public detail::owner<facenet_runtime, facenet_runtime_free> {
public:
    runtime() : owner([](auto made) { return facenet_runtime_new(nullptr, made); }) {}
    /** One with settings. */
    explicit runtime(const facenet_runtime_options &options)
        : owner([&](auto made) { return facenet_runtime_new(&options, made); })
    {
    }

    /** What it runs on, as JSON. */
    [[nodiscard]] std::string info() const
    {
        return detail::text([&](auto... to) { return facenet_runtime_info(get(), to...); });
    }
};

/** Pixels of an upright picture: 8-bit RGB, row after row from the top, without padding. Borrowed from its owner. */
class picture {
public:
    /** Borrows `image`. */
    explicit picture(const facenet_image *image) noexcept : image_(image) {}

    /** The handle. */
    [[nodiscard]] const facenet_image *get() const noexcept { return image_; }
    /** Width in pixels. */
    [[nodiscard]] std::uint32_t width() const noexcept { return facenet_image_width(image_); }
    /** Height in pixels. */
    [[nodiscard]] std::uint32_t height() const noexcept { return facenet_image_height(image_); }
    /** The pixels: `3 * width` bytes a row, red, green, blue. */
    [[nodiscard]] view<std::uint8_t> pixels() const noexcept
    {
        return {facenet_image_data(image_), std::size_t{3} * width() * height()};
    }
    /** A frame over the pixels. */
    [[nodiscard]] facenet_frame frame() const
    {
        facenet_frame frame = make_frame();
        check(facenet_image_frame(image_, &frame));
        return frame;
    }
    /** Writes an image file; the name says which kind. */
    void save(const std::string &path) const { check(facenet_image_save(image_, path.c_str())); }

private:
    const facenet_image *image_;
};

/** A picture in memory, upright RGB. */
class image : public detail::owner<facenet_image, facenet_image_free> {
public:
    /** Reads an image file: facenet_image_open(). */
    explicit image(const std::string &path) : owner([&](auto made) { return facenet_image_open(path.c_str(), made); })
    {
    }
    /** An image file that is in memory. */
    explicit image(view<std::uint8_t> file)
        : owner([&](auto made) { return facenet_image_decode(file.data(), file.size(), made); })
    {
    }
    /** Converts a frame to RGB: facenet_image_from_frame(). */
    explicit image(const facenet_frame &frame) : owner([&](auto made) { return facenet_image_from_frame(&frame, made); })
    {
    }

    /** Width in pixels. */
    [[nodiscard]] std::uint32_t width() const noexcept { return facenet_image_width(get()); }
    /** Height in pixels. */
    [[nodiscard]] std::uint32_t height() const noexcept { return facenet_image_height(get()); }
    /** The same, borrowed. */
    [[nodiscard]] facenet::picture picture() const & noexcept { return facenet::picture(get()); }
    facenet::picture picture() const && = delete;
    /** The pixels: `3 * width` bytes a row, red, green, blue. */
    [[nodiscard]] view<std::uint8_t> pixels() const & noexcept { return picture().pixels(); }
    view<std::uint8_t> pixels() const && = delete;
    /** A frame over the pixels. */
    [[nodiscard]] facenet_frame frame() const & { return picture().frame(); }
    facenet_frame frame() const && = delete;
    /** Writes an image file; the name says which kind. */
    void save(const std::string &path) const { picture().save(path); }

private:
    using owner::owner;
    friend class aligner;
};

/** The faces of a frame. */
class faces : public detail::owner<facenet_faces, facenet_faces_free> {
public:
    /** Number of faces. */
    [[nodiscard]] std::size_t size() const noexcept { return facenet_faces_count(get()); }
    /** Whether there is none. */
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /** Face number `index`. */
    [[nodiscard]] const face &operator[](std::size_t index) const { return *facenet_faces_get(get(), index); }
    /** The first face. */
    [[nodiscard]] const face *begin() const noexcept { return facenet_faces_get(get(), 0); }
    /** Past the last face. */
    [[nodiscard]] const face *end() const noexcept { return begin() + size(); }

private:
    using owner::owner;
    friend class detector;
};

/** Finds faces: facenet_detector_new(). */
class detector : public detail::owner<facenet_detector, facenet_detector_free> {
public:
    /** A detector, of MTCNN unless the options say otherwise. */
    explicit detector(const runtime &runtime, const facenet_detector_options &options = detector_options())
        : owner([&](auto made) { return facenet_detector_new(runtime.get(), &options, made); })
    {
    }

    /** The faces of a frame. */
    [[nodiscard]] faces detect(const facenet_frame &frame) const
    {
        return faces([&](auto found) { return facenet_detector_detect(get(), &frame, found); });
    }
    /** The faces of a part of a frame, in pixels of the frame. */
    [[nodiscard]] faces detect_in(const facenet_frame &frame, const rect &region) const
    {
        return faces([&](auto found) { return facenet_detector_detect_in(get(), &frame, &region, found); });
    }
};

/** Cuts faces out of frames: facenet_aligner_new(). */
class aligner : public detail::owner<facenet_aligner, facenet_aligner_free> {
public:
    /** An aligner; embedder::aligner() gives the one that a model needs. */
    explicit aligner(const facenet_aligner_options &options = aligner_options())
        : owner([&](auto made) { return facenet_aligner_new(&options, made); })
    {
    }

    /** Width and height of what it cuts out, in pixels. */
    [[nodiscard]] std::uint32_t size() const noexcept { return facenet_aligner_size(get()); }
    /** The face, as `3 * size * size` bytes of RGB. */
    [[nodiscard]] std::vector<std::uint8_t> align(const facenet_frame &frame, const face &face) const
    {
        std::vector<std::uint8_t> crop(std::size_t{3} * size() * size());
        check(facenet_aligner_align(get(), &frame, &face, crop.data(), crop.size(), nullptr));
        return crop;
    }
    /** The face, as a picture. */
    [[nodiscard]] image align_image(const facenet_frame &frame, const face &face) const
    {
        return image([&](auto made) { return facenet_aligner_align_image(get(), &frame, &face, made); });
    }

private:
    using owner::owner;
    friend class embedder;
};

/** Computes the embeddings of aligned faces: facenet_embedder_new(). */
class embedder : public detail::owner<facenet_embedder, facenet_embedder_free> {
public:
    /** An embedder, of the shipped model unless the options say otherwise. */
    explicit embedder(const runtime &runtime, const facenet_embedder_options &options = embedder_options())
        : owner([&](auto made) { return facenet_embedder_new(runtime.get(), &options, made); })
    {
    }

    /** Width and height of the crops that it takes, in pixels. */
    [[nodiscard]] std::uint32_t input_size() const noexcept { return facenet_embedder_input_size(get()); }
    /** Number of values of an embedding. */
    [[nodiscard]] std::size_t dimension() const noexcept { return facenet_embedder_dimension(get()); }
    /** How its embeddings are compared: FACENET_METRIC_... */
    [[nodiscard]] facenet_metric metric() const noexcept { return facenet_embedder_metric(get()); }
    /** Threshold number `index` that was measured for the model. */
    [[nodiscard]] facenet::threshold threshold(std::size_t index = 0) const
    {
        auto threshold = detail::result<facenet::threshold>();
        check(facenet_embedder_threshold(get(), index, &threshold));
        return threshold;
    }
    /** What embeddings must share to be compared, as text: facenet_embedder_fingerprint(). */
    [[nodiscard]] std::string fingerprint() const
    {
        char text[33];
        check(facenet_embedder_fingerprint(get(), text, sizeof text));
        return text;
    }
    /** An aligner that cuts faces out as the model needs them. */
    [[nodiscard]] facenet::aligner aligner() const
    {
        return facenet::aligner([&](auto made) { return facenet_embedder_aligner(get(), made); });
    }
    /** The embeddings of crops that lie one after the other, one after the other. */
    [[nodiscard]] std::vector<float> embed(view<std::uint8_t> crops) const
    {
        const std::size_t crop = std::size_t{3} * input_size() * input_size();
        if (crop == 0 || crops.size() % crop != 0)
            throw error(FACENET_ERROR_INVALID_ARGUMENT, "the bytes are not those of whole crops");
        std::vector<float> embeddings(crops.size() / crop * dimension());
        std::size_t needed = 0;
        check(facenet_embedder_embed(get(), crops.data(), crops.size() / crop, embeddings.data(), embeddings.size(), &needed));
        return embeddings;
    }

private:
    using owner::owner;
    friend class pipeline;
};

/** A face that was found, its embedding and its crop; borrowed from `embedded_faces`. */
struct embedded_face {
    /** Where it is. */
    const facenet::face &face;
    /** Its embedding. */
    view<float> embedding;
    /** The aligned face that was embedded. */
    picture crop;
};

/** The faces of a frame with their embeddings. */
class embedded_faces : public detail::owner<facenet_embedded_faces, facenet_embedded_faces_free> {
public:
    /** Number of faces. */
    [[nodiscard]] std::size_t size() const noexcept { return facenet_embedded_faces_count(get()); }
    /** Whether there is none. */
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /** Face number `index`. */
    [[nodiscard]] embedded_face operator[](std::size_t index) const
    {
        return {*facenet_embedded_faces_face(get(), index),
                {facenet_embedded_faces_embedding(get(), index), dimension_},
                picture(facenet_embedded_faces_crop(get(), index))};
    }
    /** The first face. */
    [[nodiscard]] detail::indices<embedded_faces> begin() const noexcept { return {this, 0}; }
    /** Past the last face. */
    [[nodiscard]] detail::indices<embedded_faces> end() const noexcept { return {this, size()}; }

private:
    template <class Make> embedded_faces(Make make, std::size_t dimension) : owner(make), dimension_(dimension) {}
    friend class pipeline;

    std::size_t dimension_;
};

/** All stages in one call: facenet_pipeline_new(). */
class pipeline : public detail::owner<facenet_pipeline, facenet_pipeline_free> {
public:
    /** A pipeline of a detector and an embedder. */
    explicit pipeline(const runtime &runtime, const facenet_detector_options &detector = detector_options(),
                      const facenet_embedder_options &embedder = embedder_options())
        : owner([&](auto made) { return facenet_pipeline_new(runtime.get(), &detector, &embedder, made); }),
          dimension_(this->embedder().dimension())
    {
    }

    /** The embedder it uses, to ask for threshold, metric and fingerprint. */
    [[nodiscard]] facenet::embedder embedder() const
    {
        return facenet::embedder([&](auto made) { return facenet_pipeline_embedder(get(), made); });
    }
    /** The faces of a frame with their embeddings. */
    [[nodiscard]] embedded_faces process(const facenet_frame &frame) const
    {
        return embedded_faces([&](auto found) { return facenet_pipeline_process(get(), &frame, found); }, dimension_);
    }
    /** The faces of a part of a frame with their embeddings. */
    [[nodiscard]] embedded_faces process_in(const facenet_frame &frame, const rect &region) const
    {
        const auto call = [&](auto found) { return facenet_pipeline_process_in(get(), &frame, &region, found); };
        return embedded_faces(call, dimension_);
    }
    /** The faces of each of many frames; all networks run on faces of many frames at once. */
    [[nodiscard]] std::vector<embedded_faces> process_batch(view<facenet_frame> frames) const
    {
        std::vector<facenet_embedded_faces *> found(frames.size());
        std::vector<embedded_faces> faces;
        faces.reserve(frames.size());
        check(facenet_pipeline_process_batch(get(), frames.data(), frames.size(), found.data()));
        for (facenet_embedded_faces *of_frame : found) {
            const auto take = [&](auto made) noexcept {
                *made = of_frame;
                return facenet_status{FACENET_OK};
            };
            faces.push_back(embedded_faces(take, dimension_));
        }
        return faces;
    }

private:
    std::size_t dimension_;
};

/** What a model file says of itself, as JSON. Every byte of its weights is checked. */
[[nodiscard]] inline std::string model_info(const std::string &path)
{
    return detail::text([&](auto... to) { return facenet_model_info(path.c_str(), to...); });
}

/** Makes a model file of a TensorFlow graph, a safetensors file or a foreign ONNX file. */
inline void model_import(const std::string &source, const std::string &target,
                         const facenet_model_import_options &options = model_import_options())
{
    check(facenet_model_import(source.c_str(), target.c_str(), &options));
}

#ifdef FACENET_FULL

/** The embeddings of a folder of people, and the person of each. */
class people : public detail::owner<facenet_people, facenet_people_free> {
public:
    /** Those of a folder of aligned faces. */
    people(const embedder &embedder, const std::string &folder, const call &how = {})
        : people(embedder.get(), nullptr, embedder.dimension(), folder, how)
    {
    }
    /** Those of a folder of photos. */
    people(const pipeline &pipeline, const std::string &folder, const call &how = {})
        : people(nullptr, pipeline.get(), pipeline.embedder().dimension(), folder, how)
    {
    }

    /** Number of embeddings. */
    [[nodiscard]] std::size_t faces() const noexcept { return facenet_people_faces(get()); }
    /** The embeddings, one after the other. */
    [[nodiscard]] view<float> embeddings() const noexcept
    {
        return {facenet_people_embeddings(get()), faces() * dimension_};
    }
    /** The number of each embedding's person. */
    [[nodiscard]] view<std::uint32_t> subjects() const noexcept { return {facenet_people_subjects(get()), faces()}; }
    /** Number of people. */
    [[nodiscard]] std::size_t count() const noexcept { return facenet_people_count(get()); }
    /** The name of a person. */
    [[nodiscard]] std::string name(std::size_t person) const
    {
        return detail::text([&](auto... to) { return facenet_people_name(get(), person, to...); });
    }
    /** The names of all people. */
    [[nodiscard]] std::vector<std::string> names() const
    {
        std::vector<std::string> names;
        for (std::size_t person = 0; person < count(); ++person)
            names.push_back(name(person));
        return names;
    }
    /** The picture of an embedding, below the folder. */
    [[nodiscard]] std::string image(std::size_t index) const
    {
        return detail::text([&](auto... to) { return facenet_people_image(get(), index, to...); });
    }
    /** The pictures without an embedding, and why, as JSON. */
    [[nodiscard]] std::string left_out() const
    {
        return detail::text([&](auto... to) { return facenet_people_left_out(get(), to...); });
    }

private:
    people(const facenet_embedder *embedder, const facenet_pipeline *pipeline, std::size_t dimension,
           const std::string &folder, const call &how)
        : owner([&](auto made) {
              return detail::watched(how, [&](auto call) {
                  return facenet_people_embed(embedder, pipeline, folder.c_str(), call, made);
              });
          }),
          dimension_(dimension)
    {
    }

    std::size_t dimension_;
};

/** Names the faces of people whom it was trained on. */
class classifier : public detail::owner<facenet_classifier, facenet_classifier_free> {
public:
    /** Reads a classifier from a file: facenet_classifier_load(). */
    explicit classifier(const std::string &path)
        : owner([&](auto made) { return facenet_classifier_load(path.c_str(), made); })
    {
    }

    /** Learns people from embeddings that lie one after the other; `people` has the number of each one's name. */
    [[nodiscard]] static classifier train(const embedder &embedder, view<float> embeddings, view<std::uint32_t> people,
                                          const std::vector<std::string> &names,
                                          const facenet_classifier_options &options = classifier_options(),
                                          const call &how = {})
    {
        if (embeddings.size() != people.size() * embedder.dimension())
            throw error(FACENET_ERROR_DIMENSION_MISMATCH, "there must be a person for each embedding");
        std::vector<const char *> texts;
        for (const std::string &name : names)
            texts.push_back(name.c_str());
        return classifier([&](auto made) {
            return detail::watched(how, [&](auto call) {
                return facenet_classifier_train(embedder.get(), embeddings.data(), people.data(), people.size(),
                                                texts.data(), texts.size(), &options, call, made);
            });
        });
    }

    /** Number of people. */
    [[nodiscard]] std::size_t count() const noexcept { return facenet_classifier_count(get()); }
    /** The name of a person. */
    [[nodiscard]] std::string name(std::size_t person) const
    {
        return detail::text([&](auto... to) { return facenet_classifier_name(get(), person, to...); });
    }
    /** What it is, as JSON: facenet_classifier_info(). */
    [[nodiscard]] std::string info() const
    {
        return detail::text([&](auto... to) { return facenet_classifier_info(get(), to...); });
    }
    /** Writes it to a file that appears whole or not at all. */
    void save(const std::string &path) const { check(facenet_classifier_save(get(), path.c_str())); }
    /** Who is on each of the embeddings: facenet_classifier_predict(). */
    [[nodiscard]] std::vector<prediction> predict(const embedder &embedder, view<float> embeddings) const
    {
        std::vector<prediction> predictions(detail::rows(embeddings, embedder.dimension()), detail::result<prediction>());
        check(facenet_classifier_predict(get(), embedder.get(), embeddings.data(), predictions.size(), predictions.data()));
        return predictions;
    }

private:
    using owner::owner;
};

/** The threshold that was measured for clustering embeddings of an embedder. */
[[nodiscard]] inline double cluster_threshold(const embedder &embedder, facenet_clustering algorithm)
{
    double threshold = 0;
    check(facenet_cluster_threshold(embedder.get(), algorithm, &threshold));
    return threshold;
}

/** How clusters agree with the people that are known. */
struct scores {
    /** The mean over embeddings (BCubed). */
    agreement bcubed;
    /** The shares of pairs. */
    agreement pairwise;
};

/** Vectors that lie close together: facenet_cluster(). */
class clusters : public detail::owner<facenet_clusters, facenet_clusters_free> {
public:
    /** Clusters of embeddings of `dimension` values that lie one after the other. */
    clusters(view<float> embeddings, std::size_t dimension, const facenet_cluster_options &options,
             const call &how = {})
        : owner([&](auto found) {
              return detail::watched(how, [&](auto call) {
                  return facenet_cluster(embeddings.data(), detail::rows(embeddings, dimension), dimension, &options, call, found);
              });
          })
    {
    }

    /** Number of clusters. */
    [[nodiscard]] std::size_t count() const noexcept { return facenet_clusters_count(get()); }
    /** The cluster of each embedding, -1 for none. */
    [[nodiscard]] std::vector<std::int64_t> labels() const
    {
        std::size_t needed = 0;
        check(facenet_clusters_labels(get(), nullptr, 0, &needed));
        std::vector<std::int64_t> labels(needed);
        check(facenet_clusters_labels(get(), labels.data(), labels.size(), &needed));
        return labels;
    }
    /** How they agree with the person of each embedding, by any numbers. */
    [[nodiscard]] facenet::scores scores(view<std::int64_t> people) const
    {
        facenet::scores scores{detail::result<agreement>(), detail::result<agreement>()};
        check(facenet_clusters_scores(get(), people.data(), people.size(), &scores.bcubed, &scores.pairwise));
        return scores;
    }
};

/** What an evaluator found. */
class report : public detail::owner<facenet_report, facenet_report_free> {
public:
    /** The figures. */
    [[nodiscard]] facenet::figures figures() const
    {
        auto figures = detail::result<facenet::figures>();
        check(facenet_report_figures(get(), &figures));
        return figures;
    }
    /** The points of the exact ROC curve over all pairs. */
    [[nodiscard]] std::vector<roc_point> roc() const
    {
        std::vector<roc_point> points;
        for (std::size_t index = 0; index < facenet_report_roc_count(get()); ++index)
            points.push_back(*facenet_report_roc(get(), index));
        return points;
    }
    /** Everything, as JSON: facenet_report_json(). */
    [[nodiscard]] std::string json() const
    {
        return detail::text([&](auto... to) { return facenet_report_json(get(), to...); });
    }
    /** Writes a page for a browser: facenet_report_write_html(). */
    void write_html(const std::string &path, const std::string &model, const std::string &data) const
    {
        check(facenet_report_write_html(get(), path.c_str(), model.c_str(), data.c_str()));
    }

private:
    using owner::owner;
    friend class evaluator;
};

/** Measures how well embeddings tell people apart: facenet_evaluator_new(). */
class evaluator : public detail::owner<facenet_evaluator, facenet_evaluator_free> {
public:
    /** An evaluator without pairs. */
    explicit evaluator(const facenet_evaluator_options &options = evaluator_options())
        : owner([&](auto made) { return facenet_evaluator_new(&options, made); })
    {
    }

    /** Adds a pair of embeddings, of the same person or not. */
    void add_pair(view<float> a, view<float> b, bool same)
    {
        if (a.size() != b.size())
            throw error(FACENET_ERROR_DIMENSION_MISMATCH, "a pair of embeddings of different lengths");
        check(facenet_evaluator_add_pair(get(), a.data(), b.data(), a.size(), same));
    }
    /** Evaluates the pairs that were added. */
    [[nodiscard]] facenet::report report() const
    {
        return facenet::report([&](auto made) { return facenet_evaluator_report(get(), made); });
    }
    /** Evaluates a model on a folder of aligned faces. */
    [[nodiscard]] facenet::report run_lfw(const embedder &embedder, const std::string &folder, const std::string &pairs,
                                          const call &how = {}) const
    {
        return run_lfw(embedder.get(), nullptr, folder, pairs, how);
    }
    /** Evaluates a model on a folder of photos. */
    [[nodiscard]] facenet::report run_lfw(const pipeline &pipeline, const std::string &folder, const std::string &pairs,
                                          const call &how = {}) const
    {
        return run_lfw(nullptr, pipeline.get(), folder, pairs, how);
    }
    /** Evaluates a model on a file of pairs as InsightFace ships them. */
    [[nodiscard]] facenet::report run_insightface(const embedder &embedder, const std::string &path,
                                                  const call &how = {}) const
    {
        return facenet::report([&](auto made) {
            return detail::watched(how, [&](auto call) {
                return facenet_evaluator_run_insightface(get(), embedder.get(), path.c_str(), call, made);
            });
        });
    }

private:
    facenet::report run_lfw(const facenet_embedder *embedder, const facenet_pipeline *pipeline,
                            const std::string &folder, const std::string &pairs, const call &how) const
    {
        return facenet::report([&](auto made) {
            return detail::watched(how, [&](auto call) {
                return facenet_evaluator_run_lfw(get(), embedder, pipeline, folder.c_str(), pairs.c_str(), call,
                                                 made);
            });
        });
    }
};

/**
 * Thresholds for wanted false match rates, from people's embeddings of `dimension` values that lie one after the other. One for
 * each rate, in their order; its distance is not a number if there are too few people for it.
 */
[[nodiscard]] inline std::vector<threshold> calibrate(view<float> embeddings, std::size_t dimension,
                                                      view<std::uint32_t> subjects, view<double> rates,
                                                      facenet_metric metric = FACENET_METRIC_EUCLIDEAN,
                                                      const call &how = {})
{
    if (detail::rows(embeddings, dimension) != subjects.size())
        throw error(FACENET_ERROR_DIMENSION_MISMATCH, "there must be a person for each embedding");
    std::vector<threshold> thresholds(rates.size(), detail::result<threshold>());
    check(detail::watched(how, [&](auto call) {
        return facenet_calibrate(embeddings.data(), subjects.data(), subjects.size(), dimension, metric, rates.data(),
                                 rates.size(), call, thresholds.data());
    }));
    return thresholds;
}

/** Thresholds in a file of their own. */
struct profile {
    /** How its embeddings are compared: FACENET_METRIC_... */
    facenet_metric metric;
    /** The default first. */
    std::vector<threshold> thresholds;

    /** Reads them; they must be for the embeddings of `embedder`. */
    [[nodiscard]] static profile read(const std::string &path, const embedder &embedder)
    {
        profile read{};
        std::size_t needed = 0;
        check(facenet_profile_read(path.c_str(), embedder.get(), &read.metric, nullptr, 0, &needed));
        read.thresholds.resize(needed, detail::result<threshold>());
        check(facenet_profile_read(path.c_str(), embedder.get(), &read.metric, read.thresholds.data(), needed, &needed));
        return read;
    }
    /** Writes them; `measured_on` is for the reader. */
    void write(const std::string &path, const embedder &embedder, const std::string &measured_on) const
    {
        check(facenet_profile_write(embedder.get(), metric, thresholds.data(), thresholds.size(), measured_on.c_str(),
                                    path.c_str()));
    }
};

/** Makes a folder of people's photos into a folder of aligned faces; goes on where an earlier call was stopped. */
inline align_summary align_folder(const runtime &runtime, const std::string &input, const std::string &output,
                                  const facenet_detector_options &detector = detector_options(),
                                  const facenet_align_folder_options &options = align_folder_options(),
                                  const call &how = {})
{
    auto summary = detail::result<align_summary>();
    check(detail::watched(how, [&](auto call) {
        return facenet_align_folder(runtime.get(), input.c_str(), output.c_str(), &detector, &options, call,
                                    &summary);
    }));
    return summary;
}

/** Writes the embeddings of a folder of aligned faces as NumPy arrays and Parquet files. */
inline export_summary export_folder(const embedder &embedder, const std::string &input, const std::string &output,
                                    const call &how = {})
{
    auto summary = detail::result<export_summary>();
    check(detail::watched(how, [&](auto call) {
        return facenet_export_folder(embedder.get(), nullptr, input.c_str(), output.c_str(), call, &summary);
    }));
    return summary;
}

/** The same with settings. */
inline export_summary export_folder(const embedder &embedder, const std::string &input, const std::string &output,
                                    const facenet_export_options &options, const call &how = {})
{
    auto summary = detail::result<export_summary>();
    check(detail::watched(how, [&](auto call) {
        return facenet_export_folder_with(embedder.get(), nullptr, input.c_str(), output.c_str(), &options, call,
                                          &summary);
    }));
    return summary;
}

/** The same of a folder of photos. */
inline export_summary export_folder(const pipeline &pipeline, const std::string &input, const std::string &output,
                                    const call &how = {})
{
    auto summary = detail::result<export_summary>();
    check(detail::watched(how, [&](auto call) {
        return facenet_export_folder(nullptr, pipeline.get(), input.c_str(), output.c_str(), call, &summary);
    }));
    return summary;
}

/** The same with settings. */
inline export_summary export_folder(const pipeline &pipeline, const std::string &input, const std::string &output,
                                    const facenet_export_options &options, const call &how = {})
{
    auto summary = detail::result<export_summary>();
    check(detail::watched(how, [&](auto call) {
        return facenet_export_folder_with(nullptr, pipeline.get(), input.c_str(), output.c_str(), &options, call,
                                          &summary);
    }));
    return summary;
}

#endif /* FACENET_FULL */

} // namespace facenet

#endif
