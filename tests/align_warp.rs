//! The similarity warp, against numpy's and OpenCV's results and plain implementations.

use facenet::align::{ARCFACE_TEMPLATE, Aligner, Border, Similarity};
use facenet::frame::{Frame, Image, PixelFormat, Rotation};
use facenet::model::Alignment;
use facenet::{ErrorKind, Landmarks, Point, Rect};
use proptest::prelude::*;

fn landmarks(points: [(f32, f32); 5]) -> Landmarks {
    Landmarks(points.map(|(x, y)| Point::new(x, y)))
}

fn scaled(points: &Landmarks, factor: f32) -> Landmarks {
    Landmarks(points.0.map(|point| Point::new(factor * point.x, factor * point.y)))
}

const TURNED: [(f32, f32); 5] = [(200.0, 80.0), (230.0, 140.0), (185.0, 125.0), (150.0, 95.0), (172.0, 148.0)];

type FivePoints = [(f32, f32); 5];

/// Umeyama's method by singular value decomposition (numpy), to the template of ArcFace: landmarks and `a, b, tx, ty`.
const UMEYAMA: [(FivePoints, [f64; 4]); 5] = [
    (
        [(90.0, 110.0), (150.0, 108.0), (121.0, 140.0), (97.0, 170.0), (146.0, 171.0)],
        [0.6297717953453265, 0.00853176455273219, -18.857532525274728, -17.171952897246697],
    ),
    (TURNED, [0.1842583836765278, -0.5746459113275295, -46.08222060513004, 157.92063911241934]),
    (
        [(150.0, 170.0), (92.0, 168.0), (120.0, 140.0), (148.0, 108.0), (95.0, 112.0)],
        [-0.6377266580492608, 0.003148012819920992, 133.63054788159027, 160.54651316246634],
    ),
    // A face seen in a mirror.
    (
        [(150.0, 110.0), (90.0, 108.0), (121.0, 140.0), (147.0, 170.0), (96.0, 171.0)],
        [0.10183190017275723, 0.011277401112909197, 45.30144680268438, 56.3023715514091],
    ),
    (
        [(10.5, 200.25), (33.0, 4.0), (90.0, 90.0), (3.0, 7.0), (250.0, 130.0)],
        [0.03811483202591725, 0.08451575278902265, 60.36936683041855, 62.08030929717318],
    ),
];

#[test]
fn the_fit_is_umeyamas() {
    for (points, [a, b, tx, ty]) in UMEYAMA {
        let fit = Similarity::fit(&landmarks(points), &ARCFACE_TEMPLATE).unwrap();
        for (x, y) in [(0.0, 0.0), (250.0, 0.0), (0.0, 250.0), (-100.0, 400.0)] {
            let (u, v) = fit.apply(x, y);
            assert!((u - (a * x - b * y + tx)).abs() < 1e-4 && (v - (b * x + a * y + ty)).abs() < 1e-4, "{points:?}");
        }
        assert!((fit.scale() - a.hypot(b)).abs() < 1e-6);
        assert!((fit.rotation() - b.atan2(a)).abs() < 1e-6);
    }
}

fn coordinate() -> impl Strategy<Value = f32> {
    -300.0f32..300.0
}

fn five_points() -> impl Strategy<Value = Landmarks> {
    prop::array::uniform5((coordinate(), coordinate())).prop_map(landmarks)
}

/// A transform and its sum of squared distances.
fn residual([a, b, tx, ty]: [f64; 4], from: &Landmarks, to: &Landmarks) -> f64 {
    from.0
        .iter()
        .zip(&to.0)
        .map(|(from, to)| {
            let (x, y) = (f64::from(from.x), f64::from(from.y));
            (a * x - b * y + tx - f64::from(to.x)).powi(2) + (b * x + a * y + ty - f64::from(to.y)).powi(2)
        })
        .sum()
}

/// The four numbers of a transform, from where it takes two points.
fn numbers(transform: &Similarity) -> [f64; 4] {
    let ((tx, ty), (x, y)) = (transform.apply(0.0, 0.0), transform.apply(1.0, 0.0));
    [x - tx, y - ty, tx, ty]
}

proptest! {
    #[test]
    fn nothing_fits_better(from in five_points(), to in five_points(), change in prop::array::uniform4(-1.0f64..1.0)) {
        let fit = Similarity::fit(&from, &to).unwrap();
        let best = numbers(&fit);
        let other = [0, 1, 2, 3].map(|i| best[i] + change[i] * if i < 2 { 0.01 } else { 1.0 });
        prop_assert!(residual(best, &from, &to) <= residual(other, &from, &to) * (1.0 + 1e-12));
    }

    #[test]
    fn a_similarity_is_found_again(
        points in five_points(), angle in -3.1f64..3.1, scale in 0.1f64..10.0, move_x in coordinate(), move_y in coordinate(),
    ) {
        let (a, b) = (scale * angle.cos(), scale * angle.sin());
        let moved = Landmarks(points.0.map(|Point { x, y }| {
            let (x, y) = (f64::from(x), f64::from(y));
            Point::new((a * x - b * y) as f32 + move_x, (b * x + a * y) as f32 + move_y)
        }));
        let fit = Similarity::fit(&points, &moved).unwrap();
        prop_assert!((fit.scale() / scale - 1.0).abs() < 1e-3);
        let back = fit.inverse();
        for (point, moved) in points.0.iter().zip(&moved.0) {
            let (x, y) = (f64::from(point.x), f64::from(point.y));
            let (u, v) = fit.apply(x, y);
            prop_assert!((u - f64::from(moved.x)).abs() < 0.01 && (v - f64::from(moved.y)).abs() < 0.01);
            let (again_x, again_y) = back.apply(u, v);
            prop_assert!((again_x - x).abs() < 1e-6 && (again_y - y).abs() < 1e-6);
        }
    }
}

/// A picture of gentle slopes.
fn smooth(width: u32, height: u32) -> Image {
    let wave = |n: i32| (8 * (n.rem_euclid(64) - 32).abs()).min(255) as u8;
    let pixel = |x: i32, y: i32| [wave(x + y / 2), wave(y + 20), wave(2 * x - y + 640)];
    let rows = 0..height as i32;
    Image::from_rgb(width, height, rows.flat_map(|y| (0..width as i32).flat_map(move |x| pixel(x, y))).collect())
        .unwrap()
}

fn warp(frame: &Frame<'_>, aligner: &Aligner, points: &Landmarks) -> facenet::Result<Image> {
    aligner.align(frame, &Rect::default(), points)
}

fn largest_difference(a: &Image, b: &Image) -> u8 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    a.data().iter().zip(b.data()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn warping_equals_opencv() {
    let picture = smooth(120, 80);
    let points = scaled(&landmarks(TURNED), 0.5);
    for (border, golden) in [
        (Border::Replicate, &include_bytes!("data/align/opencv_replicate.png")[..]),
        (Border::Black, include_bytes!("data/align/opencv_black.png")),
    ] {
        let aligner = Aligner::new(Alignment::Arcface, 56).unwrap().with_border(border);
        let crop = warp(&picture.frame(), &aligner, &points).unwrap();
        // OpenCV rounds positions to 1/32 of a pixel, which shows at the edge to black.
        let golden = Image::decode(golden).unwrap();
        let far = crop.data().iter().zip(golden.data()).filter(|(a, b)| a.abs_diff(**b) > 2).count();
        let largest = largest_difference(&crop, &golden);
        match border {
            Border::Replicate => assert!(largest <= 2, "{largest}"),
            Border::Black => assert!(largest <= 12 && far < 60, "{largest}, {far} values"),
        }
    }
}

/// The crop by plain bilinear sampling with replicated borders.
fn reference_warp(image: &Image, to_crop: &Similarity, size: usize) -> Vec<f64> {
    let [a, b, tx, ty] = numbers(to_crop);
    let square = a * a + b * b;
    let view = image.view();
    let value = |x: f64, y: f64, channel: usize| {
        let x = x.clamp(0.0, view.width() as f64 - 1.0) as usize;
        let y = y.clamp(0.0, view.height() as f64 - 1.0) as usize;
        f64::from(view.row(y)[3 * x + channel])
    };
    let mut values = Vec::new();
    for v in 0..size {
        for u in 0..size {
            let (du, dv) = (u as f64 - tx, v as f64 - ty);
            let (x, y) = ((a * du + b * dv) / square, (a * dv - b * du) / square);
            let (left, top) = (x.floor(), y.floor());
            let (fx, fy) = (x - left, y - top);
            for c in 0..3 {
                values.push(
                    (1.0 - fx) * (1.0 - fy) * value(left, top, c)
                        + fx * (1.0 - fy) * value(left + 1.0, top, c)
                        + (1.0 - fx) * fy * value(left, top + 1.0, c)
                        + fx * fy * value(left + 1.0, top + 1.0, c),
                );
            }
        }
    }
    values
}

fn rotated(center: (f32, f32), angle: f32, scale: f32, size: f32) -> Landmarks {
    let (sin, cos) = angle.sin_cos();
    Landmarks(ARCFACE_TEMPLATE.0.map(|point| {
        let (x, y) = ((point.x / 112.0 - 0.5) * size / scale, (point.y / 112.0 - 0.5) * size / scale);
        Point::new(center.0 + cos * x - sin * y, center.1 + sin * x + cos * y)
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn crops_equal_plain_sampling(
        x in -10.0f32..90.0, y in -10.0f32..70.0, angle in -3.1f32..3.1, scale in 0.51f32..6.0, size in 8u32..64,
    ) {
        let picture = smooth(80, 60);
        let points = rotated((x, y), angle, scale, size as f32);
        let aligner = Aligner::new(Alignment::Arcface, size).unwrap();
        let template = scaled(&ARCFACE_TEMPLATE, size as f32 / 112.0);
        let fit = Similarity::fit(&points, &template).unwrap();
        match warp(&picture.frame(), &aligner, &points) {
            Ok(crop) => {
                for (is, want) in crop.data().iter().zip(reference_warp(&picture, &fit, size as usize)) {
                    prop_assert!((f64::from(*is) - want).abs() < 0.6, "{is} {want}");
                }
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::InvalidArgument);
                let inside = |u: u32, v: u32| {
                    let (x, y) = fit.inverse().apply(f64::from(u), f64::from(v));
                    (0.0..80.0).contains(&x) && (0.0..60.0).contains(&y)
                };
                prop_assert!(!(0..size).any(|v| (0..size).any(|u| inside(u, v))), "{}", error);
            }
        }
    }

    #[test]
    fn the_way_a_frame_is_stored_does_not_matter(
        rotation in prop::sample::select(&[0u32, 90, 180, 270][..]), mirror: bool, angle in -3.1f32..3.1, scale in 0.1f32..2.0,
    ) {
        let gray: Vec<u8> = smooth(90, 70).data().iter().copied().step_by(3).collect();
        let frame = Frame::packed(PixelFormat::Gray8, 90, 70, &gray).unwrap()
            .with_rotation(Rotation::from_degrees(rotation).unwrap()).with_mirror(mirror);
        let mut upright = Image::default();
        frame.upright_into(&mut upright).unwrap();
        // Points in eighths of a pixel, so that turning them there and back is exact.
        let points = Landmarks(rotated((40.0, 35.0), angle, scale, 32.0).0.map(|point| {
            Point::new((8.0 * point.x).round() / 8.0, (8.0 * point.y).round() / 8.0)
        }));
        let stored = Landmarks(points.0.map(|point| frame.to_stored(point)));
        let aligner = Aligner::new(Alignment::Arcface, 32).unwrap();
        prop_assert_eq!(warp(&frame, &aligner, &stored).unwrap(), warp(&upright.frame(), &aligner, &points).unwrap());
    }
}

#[test]
fn landmarks_come_to_lie_on_the_template() {
    // A white dot of 3 x 3 pixels at each landmark of a face that is turned by half a radian.
    let points =
        Landmarks(rotated((100.0, 90.0), 0.5, 0.8, 112.0).0.map(|point| Point::new(point.x.round(), point.y.round())));
    let mut data = vec![0; 200 * 180 * 3];
    for point in points.0 {
        for (dx, dy) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))) {
            let start = 3 * (200 * (point.y as i32 + dy) + point.x as i32 + dx) as usize;
            data[start..start + 3].fill(255);
        }
    }
    let image = Image::from_rgb(200, 180, data).unwrap();
    let crop = warp(&image.frame(), &Aligner::new(Alignment::Arcface, 112).unwrap(), &points).unwrap();
    for point in ARCFACE_TEMPLATE.0 {
        assert!(crop.view().row(point.y.round() as usize)[3 * point.x.round() as usize] > 200, "{point:?}");
    }
}

#[test]
fn fine_patterns_are_averaged_when_much_is_left_out() {
    // Lines of one pixel: every sample of a large face must be gray, not black or white by chance.
    let data = (0..600u32).flat_map(|y| std::iter::repeat_n(if y % 2 == 0 { 0 } else { 255 }, 600 * 3)).collect();
    let image = Image::from_rgb(600, 600, data).unwrap();
    let aligner = Aligner::new(Alignment::Arcface, 56).unwrap();
    for scale in [0.1, 0.17, 0.24] {
        let crop = warp(&image.frame(), &aligner, &rotated((300.0, 300.0), 0.0, scale, 56.0)).unwrap();
        let extremes = crop.data().iter().fold((255, 0), |(low, high), &value| (value.min(low), value.max(high)));
        assert!(extremes.0 >= 64 && extremes.1 <= 191, "scale {scale}: {extremes:?}");
        let mean = crop.data().iter().map(|&value| f64::from(value)).sum::<f64>() / crop.data().len() as f64;
        assert!((mean - 127.5).abs() < 4.0, "scale {scale}: {mean}");
    }
}

#[test]
fn reduced_crops_are_not_shifted() {
    // A slope keeps its values when it is averaged over areas, if positions are right.
    let data =
        (0..400u32).flat_map(|y| (0..400u32).flat_map(move |x| [(x * 255 / 399) as u8, (y * 255 / 399) as u8, 9]));
    let image = Image::from_rgb(400, 400, data.collect()).unwrap();
    let points = rotated((200.0, 200.0), 0.3, 0.11, 32.0);
    let crop = warp(&image.frame(), &Aligner::new(Alignment::Arcface, 32).unwrap(), &points).unwrap();
    let fit = Similarity::fit(&points, &scaled(&ARCFACE_TEMPLATE, 32.0 / 112.0)).unwrap();
    for (is, want) in crop.data().iter().zip(reference_warp(&image, &fit, 32)) {
        assert!((f64::from(*is) - want).abs() < 1.6, "{is} {want}");
    }
}

#[test]
fn degenerate_landmarks_are_refused() {
    let image = smooth(100, 100);
    let aligner = Aligner::new(Alignment::Arcface, 112).unwrap();
    let nan = f32::NAN;
    let same = [(50.0, 50.0); 5];
    let mut not_numbers = TURNED;
    not_numbers[3].1 = nan;
    let mut infinite = TURNED;
    infinite[0].0 = f32::INFINITY;
    let outside = TURNED.map(|(x, y)| (x + 5000.0, y));
    let far = TURNED.map(|(x, y)| (x * 1e30, y * 1e30));
    let farthest = [(f32::MAX, f32::MIN), (f32::MIN, f32::MAX), (0.0, f32::MAX), (f32::MAX, 0.0), (1.0, 1.0)];
    let close = TURNED.map(|(x, y)| (50.0 + x * 1e-6, 50.0 + y * 1e-6));
    for points in [same, not_numbers, infinite, outside, far, farthest, close] {
        let error = warp(&image.frame(), &aligner, &landmarks(points)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{points:?}: {error}");
    }
    let template = |points| Aligner::with_template(landmarks(points), 112).unwrap_err().kind();
    assert_eq!([template(same), template(not_numbers)], [ErrorKind::InvalidArgument; 2]);
    assert_eq!(Aligner::with_template(ARCFACE_TEMPLATE, 0).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(Aligner::new(Alignment::Arcface, 5000).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_face_larger_than_the_image_is_cut_from_what_there_is() {
    let image = smooth(40, 30);
    let aligner = Aligner::new(Alignment::Arcface, 112).unwrap();
    for scale in [0.5, 0.1, 0.01, 0.001] {
        let crop = warp(&image.frame(), &aligner, &rotated((20.0, 15.0), 0.2, scale, 112.0)).unwrap();
        assert_eq!((crop.width(), crop.height()), (112, 112));
    }
}
