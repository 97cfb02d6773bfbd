/**
 * @file
 * facenet for C++17: facenet.h with owners that free themselves, and exceptions.
 *
 *     facenet::runtime runtime;
 *     facenet::pipeline pipeline(runtime);
 *     facenet::image image("group.jpg");
 *     facenet::embedded faces = pipeline.process(image.frame());
 *     for (const auto &found : faces)
 *         use(found.face.rect, found.vector);
 *
 * Every class owns a handle of facenet.h (get() gives it), is moved and not copied, and keeps to the same thread rule: calls
 * of const functions may run at once. A moved-from object may only be destroyed or assigned to. Calls that fail throw
 * facenet::error. What functions return as `view` or `frame` is borrowed from the object, and valid while that lives.
 *
 * With FACENET_OPENCV defined, facenet::frame_of takes a cv::Mat.
 */
#ifndef FACENET_HPP
#define FACENET_HPP

#include "facenet.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#if defined(FACENET_OPENCV) && __has_include(<opencv2/core.hpp>)
#include <opencv2/core.hpp>
#endif

namespace facenet {

using rect = facenet_rect;
using point = facenet_point;
using face = facenet_face;
using threshold = facenet_threshold;
using prediction = facenet_prediction;
using figures = facenet_figures;
using roc_point = facenet_roc_point;
using agreement = facenet_agreement;
/** A frame of the caller or of an image: facenet::make_frame gives one with the defaults. */
using frame = facenet_frame;

/** A call that failed: what() says why, status() what kind of failure it is. */
class error : public std::runtime_error {
public:
    error(facenet_status status, const std::string &message) : std::runtime_error(message), status_(status) {}

    facenet_status status() const noexcept { return status_; }
    const char *name() const noexcept { return facenet_status_name(status_); }

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
    constexpr view(const T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    view(const std::vector<T> &values) noexcept : view(values.data(), values.size()) {}

    constexpr const T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr const T *begin() const noexcept { return data_; }
    constexpr const T *end() const noexcept { return data_ + size_; }
    constexpr const T &operator[](std::size_t index) const { return data_[index]; }

private:
    const T *data_ = nullptr;
    std::size_t size_ = 0;
};

/** Is told how much of how much is done, and returns whether to go on. An exception stops the call too. */
using progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

namespace detail {

template <class T, void (*Free)(T *)> struct deleter {
    void operator()(T *handle) const noexcept { Free(handle); }
};

/** An owned handle. */
template <class T, void (*Free)(T *)> class owner {
public:
    T *get() const noexcept { return handle_.get(); }

protected:
    /** Takes what `make` writes to its argument. */
    template <class Make> explicit owner(Make make)
    {
        T *made = nullptr;
        check(make(&made));
        handle_.reset(made);
    }

private:
    std::unique_ptr<T, deleter<T, Free>> handle_;
};

/** Options, or a frame, with the defaults. */
template <class T, facenet_status (*Init)(T *, std::size_t)> T defaults()
{
    T options;
    check(Init(&options, sizeof options));
    return options;
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

/** The number of vectors that lie one after the other. */
inline std::size_t rows(view<float> vectors, std::size_t dimension)
{
    if (dimension == 0 || vectors.size() % dimension != 0)
        throw error(FACENET_ERROR_DIMENSION_MISMATCH, "the values are not those of whole vectors");
    return vectors.size() / dimension;
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

inline facenet_progress_callback callback(const progress &told)
{
    if (!told)
        return nullptr;
    return [](std::uint64_t done, std::uint64_t total, void *user) -> std::uint32_t {
        try {
            return (*static_cast<const progress *>(user))(done, total) ? 0 : 1;
        } catch (...) {
            return 1;
        }
    };
}

inline void *user(const progress &told) { return const_cast<progress *>(&told); }

} // namespace detail

inline facenet_runtime_options runtime_options()
{
    return detail::defaults<facenet_runtime_options, facenet_runtime_options_init>();
}
inline facenet_detector_options detector_options()
{
    return detail::defaults<facenet_detector_options, facenet_detector_options_init>();
}
inline facenet_aligner_options aligner_options()
{
    return detail::defaults<facenet_aligner_options, facenet_aligner_options_init>();
}
inline facenet_embedder_options embedder_options()
{
    return detail::defaults<facenet_embedder_options, facenet_embedder_options_init>();
}
inline facenet_classifier_options classifier_options()
{
    return detail::defaults<facenet_classifier_options, facenet_classifier_options_init>();
}
inline facenet_cluster_options cluster_options()
{
    return detail::defaults<facenet_cluster_options, facenet_cluster_options_init>();
}
inline facenet_evaluator_options evaluator_options()
{
    return detail::defaults<facenet_evaluator_options, facenet_evaluator_options_init>();
}
inline facenet_frame make_frame() { return detail::defaults<facenet_frame, facenet_frame_init>(); }

#if defined(FACENET_OPENCV) && __has_include(<opencv2/core.hpp>)
/** The pixels of a matrix of 8-bit BGR, BGRA or gray, which must live as long as the frame. */
inline facenet_frame frame_of(const cv::Mat &matrix)
{
    facenet_frame frame = make_frame();
    switch (matrix.type()) {
    case CV_8UC3: frame.format = FACENET_PIXEL_FORMAT_BGR; break;
    case CV_8UC4: frame.format = FACENET_PIXEL_FORMAT_BGRA; break;
    case CV_8UC1: frame.format = FACENET_PIXEL_FORMAT_GRAY8; break;
    default: throw error(FACENET_ERROR_UNSUPPORTED, "a cv::Mat must be of type CV_8UC1, CV_8UC3 or CV_8UC4");
    }
    if (matrix.empty())
        throw error(FACENET_ERROR_FRAME_INVALID, "the cv::Mat is empty");
    frame.width = static_cast<std::uint32_t>(matrix.cols);
    frame.height = static_cast<std::uint32_t>(matrix.rows);
    frame.planes[0].data = matrix.data;
    frame.planes[0].stride = static_cast<std::ptrdiff_t>(matrix.step[0]);
    frame.planes[0].size = matrix.step[0] * static_cast<std::size_t>(matrix.rows - 1) +
                           matrix.elemSize() * static_cast<std::size_t>(matrix.cols);
    return frame;
}
#endif

/** Distance, or with FACENET_METRIC_COSINE likeness, of two vectors of the same fingerprint. */
inline float distance(view<float> a, view<float> b, std::uint32_t metric = FACENET_METRIC_EUCLIDEAN)
{
    if (a.size() != b.size())
        throw error(FACENET_ERROR_DIMENSION_MISMATCH, "two vectors of different lengths cannot be compared");
    float distance = 0;
    check(facenet_distance(a.data(), b.data(), a.size(), metric, &distance));
    return distance;
}

class runtime : public detail::owner<facenet_runtime, facenet_runtime_free> {
public:
    runtime() : owner([](auto made) { return facenet_runtime_new(nullptr, made); }) {}
    explicit runtime(const facenet_runtime_options &options)
        : owner([&](auto made) { return facenet_runtime_new(&options, made); })
    {
    }

    /** What it runs on, as JSON. */
    std::string info() const
    {
        return detail::text([&](auto... to) { return facenet_runtime_info(get(), to...); });
    }
};

class image : public detail::owner<facenet_image, facenet_image_free> {
public:
    explicit image(const std::string &path) : owner([&](auto made) { return facenet_image_open(path.c_str(), made); })
    {
    }
    /** An image file that is in memory. */
    explicit image(view<std::uint8_t> file)
        : owner([&](auto made) { return facenet_image_decode(file.data(), file.size(), made); })
    {
    }
    explicit image(const facenet_frame &frame) : owner([&](auto made) { return facenet_image_from_frame(&frame, made); })
    {
    }

    std::uint32_t width() const noexcept { return facenet_image_width(get()); }
    std::uint32_t height() const noexcept { return facenet_image_height(get()); }
    view<std::uint8_t> pixels() const noexcept
    {
        return {facenet_image_data(get()), std::size_t{3} * width() * height()};
    }
    void save(const std::string &path) const { check(facenet_image_save(get(), path.c_str())); }

    facenet_frame frame() const &
    {
        facenet_frame frame = make_frame();
        check(facenet_image_frame(get(), &frame));
        return frame;
    }
    facenet_frame frame() const && = delete;
};

class faces : public detail::owner<facenet_faces, facenet_faces_free> {
public:
    std::size_t size() const noexcept { return facenet_faces_count(get()); }
    bool empty() const noexcept { return size() == 0; }
    const face &operator[](std::size_t index) const { return *facenet_faces_get(get(), index); }
    const face *begin() const noexcept { return facenet_faces_get(get(), 0); }
    const face *end() const noexcept { return begin() + size(); }

private:
    using owner::owner;
    friend class detector;
};

class detector : public detail::owner<facenet_detector, facenet_detector_free> {
public:
    explicit detector(const runtime &runtime, const facenet_detector_options &options = detector_options())
        : owner([&](auto made) { return facenet_detector_new(runtime.get(), &options, made); })
    {
    }

    faces detect(const facenet_frame &frame) const
    {
        return faces([&](auto found) { return facenet_detector_detect(get(), &frame, found); });
    }
    faces detect_in(const facenet_frame &frame, const rect &region) const
    {
        return faces([&](auto found) { return facenet_detector_detect_in(get(), &frame, &region, found); });
    }
};

class embedder;

class aligner : public detail::owner<facenet_aligner, facenet_aligner_free> {
public:
    explicit aligner(const facenet_aligner_options &options = aligner_options())
        : owner([&](auto made) { return facenet_aligner_new(&options, made); })
    {
    }

    std::uint32_t size() const noexcept { return facenet_aligner_size(get()); }
    /** The face, as `3 * size * size` bytes of RGB. */
    std::vector<std::uint8_t> align(const facenet_frame &frame, const face &face) const
    {
        std::vector<std::uint8_t> crop(std::size_t{3} * size() * size());
        check(facenet_aligner_align(get(), &frame, &face, crop.data(), crop.size(), nullptr));
        return crop;
    }

private:
    using owner::owner;
    friend class embedder;
};

class embedder : public detail::owner<facenet_embedder, facenet_embedder_free> {
public:
    explicit embedder(const runtime &runtime, const facenet_embedder_options &options = embedder_options())
        : owner([&](auto made) { return facenet_embedder_new(runtime.get(), &options, made); })
    {
    }

    std::uint32_t input_size() const noexcept { return facenet_embedder_input_size(get()); }
    std::size_t dimension() const noexcept { return facenet_embedder_dimension(get()); }
    std::uint32_t metric() const noexcept { return facenet_embedder_metric(get()); }
    /** Threshold number `index` that was measured for the model. */
    facenet::threshold threshold(std::size_t index = 0) const
    {
        facenet::threshold threshold;
        check(facenet_embedder_threshold(get(), index, &threshold));
        return threshold;
    }
    std::string fingerprint() const
    {
        char text[33];
        check(facenet_embedder_fingerprint(get(), text, sizeof text));
        return text;
    }
    /** An aligner that cuts faces out as the model needs them. */
    facenet::aligner aligner() const
    {
        return facenet::aligner([&](auto made) { return facenet_embedder_aligner(get(), made); });
    }
    /** The vectors of crops that lie one after the other, one after the other. */
    std::vector<float> embed(view<std::uint8_t> crops) const
    {
        const std::size_t crop = std::size_t{3} * input_size() * input_size();
        if (crop == 0 || crops.size() % crop != 0)
            throw error(FACENET_ERROR_INVALID_ARGUMENT, "the bytes are not those of whole crops");
        std::vector<float> vectors(crops.size() / crop * dimension());
        std::size_t needed = 0;
        check(facenet_embedder_embed(get(), crops.data(), crops.size() / crop, vectors.data(), vectors.size(), &needed));
        return vectors;
    }

private:
    using owner::owner;
    friend class pipeline;
};

/** A face that was found, and its vector; borrowed from `embedded`. */
struct embedded_face {
    const facenet::face &face;
    view<float> vector;
    const facenet_image *crop;
};

class embedded : public detail::owner<facenet_embedded, facenet_embedded_free> {
public:
    std::size_t size() const noexcept { return facenet_embedded_count(get()); }
    bool empty() const noexcept { return size() == 0; }
    embedded_face operator[](std::size_t index) const
    {
        return {*facenet_embedded_face(get(), index),
                {facenet_embedded_vector(get(), index), dimension_},
                facenet_embedded_crop(get(), index)};
    }
    detail::indices<embedded> begin() const noexcept { return {this, 0}; }
    detail::indices<embedded> end() const noexcept { return {this, size()}; }

private:
    template <class Make> embedded(Make make, std::size_t dimension) : owner(make), dimension_(dimension) {}
    friend class pipeline;

    std::size_t dimension_;
};

class pipeline : public detail::owner<facenet_pipeline, facenet_pipeline_free> {
public:
    explicit pipeline(const runtime &runtime, const facenet_detector_options &detector = detector_options(),
                      const facenet_embedder_options &embedder = embedder_options())
        : owner([&](auto made) { return facenet_pipeline_new(runtime.get(), &detector, &embedder, made); }),
          dimension_(this->embedder().dimension())
    {
    }

    /** The embedder it uses, to ask for threshold, metric and fingerprint. */
    facenet::embedder embedder() const
    {
        return facenet::embedder([&](auto made) { return facenet_pipeline_embedder(get(), made); });
    }
    embedded process(const facenet_frame &frame) const
    {
        return embedded([&](auto found) { return facenet_pipeline_process(get(), &frame, found); }, dimension_);
    }
    embedded process_in(const facenet_frame &frame, const rect &region) const
    {
        const auto call = [&](auto found) { return facenet_pipeline_process_in(get(), &frame, &region, found); };
        return embedded(call, dimension_);
    }

private:
    std::size_t dimension_;
};

class clusters : public detail::owner<facenet_clusters, facenet_clusters_free> {
public:
    /** Clusters of vectors of `dimension` values that lie one after the other. */
    clusters(view<float> vectors, std::size_t dimension, const facenet_cluster_options &options,
             const progress &told = nullptr)
        : owner([&](auto found) {
              return facenet_cluster(vectors.data(), detail::rows(vectors, dimension), dimension, &options,
                                     detail::callback(told), detail::user(told), found);
          })
    {
    }

    std::size_t count() const noexcept { return facenet_clusters_count(get()); }
    /** The cluster of each vector, -1 for none. */
    std::vector<std::int64_t> labels() const
    {
        std::size_t needed = 0;
        check(facenet_clusters_labels(get(), nullptr, 0, &needed));
        std::vector<std::int64_t> labels(needed);
        check(facenet_clusters_labels(get(), labels.data(), labels.size(), &needed));
        return labels;
    }
};

class classifier : public detail::owner<facenet_classifier, facenet_classifier_free> {
public:
    explicit classifier(const std::string &path)
        : owner([&](auto made) { return facenet_classifier_load(path.c_str(), made); })
    {
    }

    /** Learns people from vectors that lie one after the other; `people` has the number of each one's name. */
    static classifier train(const embedder &embedder, view<float> vectors, view<std::uint32_t> people,
                            const std::vector<std::string> &names,
                            const facenet_classifier_options &options = classifier_options(),
                            const progress &told = nullptr)
    {
        if (vectors.size() != people.size() * embedder.dimension())
            throw error(FACENET_ERROR_DIMENSION_MISMATCH, "there must be a person for each vector");
        std::vector<const char *> texts;
        for (const std::string &name : names)
            texts.push_back(name.c_str());
        return classifier([&](auto made) {
            return facenet_classifier_train(embedder.get(), vectors.data(), people.data(), people.size(), texts.data(),
                                            texts.size(), &options, detail::callback(told), detail::user(told), made);
        });
    }

    std::size_t count() const noexcept { return facenet_classifier_count(get()); }
    std::string name(std::size_t person) const
    {
        return detail::text([&](auto... to) { return facenet_classifier_name(get(), person, to...); });
    }
    std::string info() const
    {
        return detail::text([&](auto... to) { return facenet_classifier_info(get(), to...); });
    }
    void save(const std::string &path) const { check(facenet_classifier_save(get(), path.c_str())); }
    std::vector<prediction> predict(const embedder &embedder, view<float> vectors) const
    {
        std::vector<prediction> predictions(detail::rows(vectors, embedder.dimension()));
        check(facenet_classifier_predict(get(), embedder.get(), vectors.data(), predictions.size(), predictions.data()));
        return predictions;
    }

private:
    using owner::owner;
};

class report : public detail::owner<facenet_report, facenet_report_free> {
public:
    facenet::figures figures() const
    {
        facenet::figures figures;
        check(facenet_report_figures(get(), &figures));
        return figures;
    }
    view<roc_point> roc() const noexcept { return {facenet_report_roc(get()), facenet_report_roc_count(get())}; }
    std::string json() const
    {
        return detail::text([&](auto... to) { return facenet_report_json(get(), to...); });
    }
    void write_html(const std::string &path, const std::string &model, const std::string &data) const
    {
        check(facenet_report_write_html(get(), path.c_str(), model.c_str(), data.c_str()));
    }

private:
    using owner::owner;
    friend class evaluator;
};

class evaluator : public detail::owner<facenet_evaluator, facenet_evaluator_free> {
public:
    explicit evaluator(const facenet_evaluator_options &options = evaluator_options())
        : owner([&](auto made) { return facenet_evaluator_new(&options, made); })
    {
    }

    void add_pair(view<float> a, view<float> b, bool same)
    {
        if (a.size() != b.size())
            throw error(FACENET_ERROR_DIMENSION_MISMATCH, "a pair of vectors of different lengths");
        check(facenet_evaluator_add_pair(get(), a.data(), b.data(), a.size(), same));
    }
    facenet::report report() const
    {
        return facenet::report([&](auto made) { return facenet_evaluator_report(get(), made); });
    }
    /** Evaluates a model on a folder of aligned faces. */
    facenet::report run_lfw(const embedder &embedder, const std::string &folder, const std::string &pairs,
                            const progress &told = nullptr) const
    {
        return run_lfw(embedder.get(), nullptr, folder, pairs, told);
    }
    /** Evaluates a model on a folder of photos. */
    facenet::report run_lfw(const pipeline &pipeline, const std::string &folder, const std::string &pairs,
                            const progress &told = nullptr) const
    {
        return run_lfw(nullptr, pipeline.get(), folder, pairs, told);
    }

private:
    facenet::report run_lfw(const facenet_embedder *embedder, const facenet_pipeline *pipeline,
                            const std::string &folder, const std::string &pairs, const progress &told) const
    {
        return facenet::report([&](auto made) {
            return facenet_evaluator_run_lfw(get(), embedder, pipeline, folder.c_str(), pairs.c_str(),
                                             detail::callback(told), detail::user(told), made);
        });
    }
};

} // namespace facenet

#endif
