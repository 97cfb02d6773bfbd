//! Error rates against NumPy, SciPy and scikit-learn (`tests/data/evaluate`), and what must hold for any data.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use facenet::Watch;
use facenet::evaluate::{
    BlufrOptions, CalibrationOptions, Comparison, Comparisons, CrossValidation, Curve, CurveKind, FoldOptions,
    ImageFinder, ImageVector, PairImage, Pairs, Protocol, RateOptions, RefusalReason, RowPair, ValidationOptions,
    blufr, calibrate, cross_validate, draw, error_rates, fold_of, svg, validate,
};
use facenet::model::Mirror;
use facenet::{ErrorKind, Metric};
use ndarray::Array2;
use proptest::prelude::*;
use testkit::evaluate::{FOLDS, NEVER, assert_near, expected};

#[test]
fn cross_validation_is_that_of_scikit_learn() {
    let expected = expected();
    for figures in &expected.cross_validations {
        let pairs = expected.row_pairs();
        assert_eq!(pairs.iter().map(|pair| pair.fold).collect::<Vec<_>>(), figures.folds);
        let options = FoldOptions {
            folds: FOLDS,
            metric: figures.metric,
            subtract_mean: figures.subtract_mean,
            wanted_far: expected.wanted_far,
            ..FoldOptions::default()
        };
        let found = cross_validate(expected.matrix().view(), &pairs, &options).expect("figures");
        let means = [(found.accuracy, figures.accuracy), (found.validation_rate, figures.validation_rate)];
        for (found, [mean, deviation]) in means {
            assert_near(found.mean, mean);
            assert_near(found.deviation, deviation);
        }
        assert_near(found.far, figures.far);
        assert_near(found.area_under_curve, figures.area_under_curve);
        assert_near(found.equal_error_rate, figures.equal_error_rate);
        for (fold, (threshold, validation)) in
            found.folds.iter().zip(figures.thresholds.iter().zip(&figures.validation_thresholds))
        {
            assert_near(fold.threshold, *threshold);
            assert_near(fold.validation_threshold, *validation);
        }
    }
}

#[test]
fn the_exact_curve_is_that_of_scikit_learn() {
    let expected = expected();
    let comparisons = expected.comparisons(expected.exact.distances.iter().copied(), Metric::Angular);
    assert_near(comparisons.area_under_curve(), expected.exact.area_under_curve);
    assert_near(comparisons.equal_error_rate(), expected.exact.equal_error_rate);
    let all = || {
        let rates = expected.exact.false_match_rates.iter().zip(&expected.exact.false_non_match_rates);
        expected.exact.thresholds.iter().zip(rates)
    };
    let roc = comparisons.roc();
    assert!(roc.len() < all().count());
    for point in &roc {
        let same = all().find(|(threshold, _)| **threshold == point.threshold).expect("a threshold of scikit-learn");
        assert_near(point.false_match_rate, *same.1.0);
        assert_near(point.false_non_match_rate, *same.1.1);
    }
    // What is not a corner lies on the line between two.
    for (_, (&x, &y)) in all() {
        let next =
            roc.iter().position(|point| point.false_match_rate >= x - 1e-12 && point.false_non_match_rate <= y + 1e-12);
        let (to, from) = (&roc[next.expect("the last point")], &roc[next.unwrap_or_default().saturating_sub(1)]);
        let on_line = (to.false_match_rate - from.false_match_rate) * (y - from.false_non_match_rate)
            - (to.false_non_match_rate - from.false_non_match_rate) * (x - from.false_match_rate);
        assert_near(on_line, 0.0);
    }
}

#[test]
fn halved_distances_of_concatenated_vectors_decide_the_same() {
    let expected = expected();
    let (plain, pairs) = (expected.matrix(), expected.row_pairs());
    let doubled = ndarray::concatenate![ndarray::Axis(1), plain, plain];
    let original = FoldOptions { folds: FOLDS, wanted_far: 0.03, ..FoldOptions::default() };
    let ours = FoldOptions { mirror: Mirror::Concatenate, ..original.clone() };
    // As the original has them: of the length of a square's diagonal, with distances up to 8.
    let far = cross_validate(doubled.view(), &pairs, &original).unwrap();
    let near = cross_validate((&doubled / 2f32.sqrt()).view(), &pairs, &ours).unwrap();
    let curve = |result: &CrossValidation| (result.area_under_curve, result.equal_error_rate);
    assert_near(curve(&near).0, curve(&far).0);
    assert_near(curve(&near).1, curve(&far).1);
    assert_near(near.accuracy.mean, far.accuracy.mean);
    for (near, far) in near.folds.iter().zip(&far.folds) {
        assert_near(2.0 * near.threshold, far.threshold);
    }
}

#[test]
fn the_whole_range_of_distances_is_swept() {
    // Opposite vectors of length 2 lie 16 apart, past the thresholds of the original.
    let vectors = ndarray::array![[2.0f32, 0.0], [1.9, 0.1], [-2.0, 0.0], [-1.9, 0.1]];
    let pair = |a, b, same, fold| RowPair { a, b, same, fold };
    let pairs = [pair(0, 1, true, 0), pair(0, 2, false, 0), pair(2, 3, true, 1), pair(1, 3, false, 1)];
    let result = cross_validate(vectors.view(), &pairs, &FoldOptions { folds: 2, ..FoldOptions::default() }).unwrap();
    assert_eq!((result.area_under_curve, result.accuracy.mean), (1.0, 1.0));
    assert!(result.equal_error_rate < 1e-9);
}

/// Genuine and impostor distances.
fn scores() -> impl Strategy<Value = Vec<(f32, bool, [u32; 2])>> {
    // Few distinct distances, so that there are ties.
    let score = (0u8..40, any::<bool>(), 0u32..6, 1u32..6);
    prop::collection::vec(score, 2..120)
        .prop_map(|scores| {
            let score = |(distance, same, a, step): (u8, bool, u32, u32)| {
                (f32::from(distance) / 40.0, same, [a, if same { a } else { (a + step) % 6 }])
            };
            scores.into_iter().map(score).collect::<Vec<_>>()
        })
        .prop_filter("both kinds", |scores| {
            [true, false].iter().all(|same| scores.iter().any(|score| score.1 == *same))
        })
}

fn comparisons(scores: &[(f32, bool, [u32; 2])], metric: Metric, of: impl Fn(f32) -> f32) -> Comparisons {
    let comparison =
        |&(distance, same, subjects): &(f32, bool, [u32; 2])| Comparison { distance: of(distance), same, subjects };
    Comparisons::new(scores.iter().map(comparison).collect(), metric).unwrap()
}

proptest! {
    #[test]
    fn folds_are_runs_that_cover_all(count in 1usize..300, folds in 1usize..40) {
        let of: Vec<usize> = (0..count).map(|index| fold_of(index, count, folds)).collect();
        prop_assert!(of.windows(2).all(|pair| pair[0] <= pair[1] && pair[1] - pair[0] <= 1));
        let sizes: Vec<usize> = (0..folds).map(|fold| of.iter().filter(|&&f| f == fold).count()).collect();
        prop_assert_eq!(sizes.iter().sum::<usize>(), count);
        prop_assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]) && sizes[0] - sizes[folds - 1] <= 1);
    }

    #[test]
    fn exact_figures_are_those_of_counting(scores in scores()) {
        let found = comparisons(&scores, Metric::Euclidean, |d| d);
        let of = |same: bool| scores.iter().filter(move |s| s.1 == same).map(|s| s.0);
        let pairs = (of(true).count() * of(false).count()) as f64;
        let nearer = |g: f32, i: f32| if g < i { 1.0 } else if g == i { 0.5 } else { 0.0 };
        let area: f64 = of(true).flat_map(|g| of(false).map(move |i| nearer(g, i))).sum::<f64>() / pairs;
        prop_assert!((found.area_under_curve() - area).abs() < 1e-9);
        prop_assert!((0.0..=1.0).contains(&found.equal_error_rate()));
        for wanted in [0.01, 0.1, 0.3, 0.7] {
            let rate = |t: f32| of(false).filter(|&d| d <= t).count() as f64 / of(false).count() as f64;
            let best = scores.iter().map(|s| s.0).filter(|&t| rate(t) <= wanted).max_by(f32::total_cmp);
            let threshold = found.threshold(wanted);
            prop_assert_eq!(best.is_some(), threshold.is_some());
            if let (Some(best), Some(threshold)) = (best, threshold) {
                prop_assert_eq!(found.accepted(threshold), found.accepted(best));
            }
        }
    }

    #[test]
    fn a_monotone_change_of_scores_keeps_the_curve(scores in scores()) {
        let rates = |c: &Comparisons| {
            c.roc().iter().map(|p| (p.false_match_rate, p.false_non_match_rate)).collect::<Vec<_>>()
        };
        let plain = comparisons(&scores, Metric::Euclidean, |d| d);
        let cubed = comparisons(&scores, Metric::Euclidean, |d| d * d * d * 7.0 - 3.0);
        let likeness = comparisons(&scores, Metric::Cosine, |d| 1.0 - d);
        prop_assert_eq!(rates(&plain), rates(&cubed));
        prop_assert_eq!(rates(&plain), rates(&likeness));
        prop_assert_eq!(plain.equal_error_rate(), likeness.equal_error_rate());
    }

    #[test]
    fn rates_lie_within_their_range_and_intervals(scores in scores(), seed in any::<u64>()) {
        let comparisons = comparisons(&scores, Metric::Euclidean, |d| d);
        let options = RateOptions { false_match_rates: vec![0.9, 0.5], replicates: 50, seed, ..RateOptions::default() };
        let rates = error_rates(&comparisons, &options, &Watch::none()).unwrap();
        prop_assert_eq!(&error_rates(&comparisons, &options, &Watch::none()).unwrap(), &rates);
        for point in &rates.points {
            prop_assert!(point.false_match.rate <= point.wanted);
            for rate in [point.false_match, point.false_non_match] {
                prop_assert!((0.0..=1.0).contains(&rate.rate));
                prop_assert!(rate.interval.is_none_or(|i| 0.0 <= i.low && i.low <= i.high && i.high <= 1.0));
            }
        }
        prop_assert_eq!(rates.points.len() + rates.refused.len(), 2);
    }

    #[test]
    fn sides_of_a_pair_are_alike(swap in prop::collection::vec(any::<bool>(), 203), mean in any::<bool>()) {
        let expected = expected();
        let options = FoldOptions { folds: FOLDS, metric: Metric::Angular, subtract_mean: mean, ..FoldOptions::default() };
        let pairs = expected.row_pairs();
        let swapped: Vec<RowPair> = pairs
            .iter()
            .zip(swap)
            .map(|(pair, swap)| if swap { RowPair { a: pair.b, b: pair.a, ..*pair } } else { *pair })
            .collect();
        let figures = |pairs: &[RowPair]| {
            let found = cross_validate(expected.matrix().view(), pairs, &options).unwrap();
            (found.accuracy.mean, found.validation_rate.mean, found.area_under_curve, found.equal_error_rate)
        };
        let (a, b) = (figures(&pairs), figures(&swapped));
        prop_assert!((a.0 - b.0).abs() + (a.1 - b.1).abs() + (a.2 - b.2).abs() + (a.3 - b.3).abs() < 1e-9);
    }

    #[test]
    fn no_text_makes_the_reader_of_pairs_panic(text in "([A-Za-z_]{1,3}|[0-9]{1,3}|\t| |\n|\\.\\./|\u{feff}){0,40}") {
        let _ = Pairs::parse(&text);
    }
}

/// The known error of a rate is that of the binomial distribution if everybody occurs once.
#[test]
fn intervals_of_independent_pairs_are_as_wide_as_they_should_be() {
    // 1000 people, each in one pair of the same person: 100 are rejected at the threshold for the impostors.
    let genuine = (0..1000u32).map(|i| Comparison {
        distance: if i % 10 == 0 { 2.0 } else { 0.1 },
        same: true,
        subjects: [i, i],
    });
    let impostor = (0..1000u32).map(|i| Comparison {
        distance: if i % 10 == 0 { 0.5 } else { 3.0 },
        same: false,
        subjects: [i, i],
    });
    let comparisons = Comparisons::new(genuine.chain(impostor).collect(), Metric::Euclidean).unwrap();
    let options = RateOptions { false_match_rates: vec![0.05], ..RateOptions::default() };
    let rates = error_rates(&comparisons, &options, &Watch::none()).unwrap();
    let interval = rates.points[0].false_non_match.interval.unwrap();
    // Twice 1.96 standard deviations of sqrt(0.1 x 0.9 / 1000).
    let width = interval.high - interval.low;
    assert!((width - 2.0 * 1.96 * 0.0094868).abs() < 0.006, "{interval:?}");
}

#[test]
fn a_perfect_separator_makes_no_error() {
    let of = |distance, same, a, b| Comparison { distance, same, subjects: [a, b] };
    let comparisons = Comparisons::new(
        vec![of(0.1, true, 0, 0), of(0.2, true, 1, 1), of(0.3, false, 0, 1), of(0.9, false, 0, 2)],
        Metric::Euclidean,
    )
    .unwrap();
    assert_eq!((comparisons.area_under_curve(), comparisons.equal_error_rate()), (1.0, 0.0));
    let threshold = comparisons.threshold(1e-9).unwrap();
    assert!(0.2 < threshold && threshold < 0.3);
    assert_eq!(comparisons.roc().len(), 3);
}

#[test]
fn a_rate_that_the_data_cannot_support_is_refused() {
    let of = |a: u32, b: u32| Comparison { distance: 1.0 + (a + b) as f32, same: a == b, subjects: [a, b] };
    // The same two people a thousand times are one pair of people.
    let repeated = (0..1000).map(|_| of(0, 1)).chain([of(0, 0), of(1, 1)]);
    let comparisons = Comparisons::new(repeated.collect(), Metric::Euclidean).unwrap();
    let rates = error_rates(&comparisons, &RateOptions::default(), &Watch::none()).unwrap();
    assert_eq!((rates.points.len(), rates.refused.len(), rates.pairs_of_people), (0, 3, 1));
}

/// Of 100 people, everybody's distance from everybody is the same: no threshold accepts only some of them.
#[test]
fn a_refusal_tells_its_reason() {
    let of = |a: u32, b: u32| Comparison { distance: 1.0, same: a == b, subjects: [a, b] };
    let all = (0..100).flat_map(|a| (a..100).map(move |b| of(a, b)));
    let comparisons = Comparisons::new(all.collect(), Metric::Euclidean).unwrap();
    let options = RateOptions { false_match_rates: vec![0.01, 1e-6], replicates: 0, ..RateOptions::default() };
    let rates = error_rates(&comparisons, &options, &Watch::none()).unwrap();
    let reasons: Vec<RefusalReason> = rates.refused.iter().map(|refusal| refusal.reason).collect();
    assert_eq!(reasons, [RefusalReason::TiedAtLeastDistance, RefusalReason::TooFewPairs]);
    assert!(rates.refused[0].to_string().contains("least distance"));
    assert!(rates.refused[1].to_string().contains("needs 3000000 different pairs of people and there are 4950"));
}

/// The draws of replicates are told from none to all, and stop once they are cancelled.
#[test]
fn long_draws_are_told_and_stopped() {
    let expected = expected();
    let comparisons = expected.comparisons(expected.exact.distances.iter().copied(), Metric::Angular);
    let options = RateOptions { replicates: 1000, ..RateOptions::default() };
    let told = Mutex::new(Vec::new());
    let progress = |done, total| told.lock().unwrap().push((done, total));
    error_rates(&comparisons, &options, &Watch::new(&progress, &NEVER)).unwrap();
    let told = told.into_inner().unwrap();
    assert_eq!((told.first(), told.last()), (Some(&(0, 1000)), Some(&(1000, 1000))));
    assert!(told.len() > 10 && told.is_sorted());

    // More than there is time for.
    let endless = RateOptions { replicates: usize::MAX, ..options };
    let cancel = AtomicBool::new(false);
    let stop = |done, _| cancel.store(done > 0, Ordering::Relaxed);
    let error = error_rates(&comparisons, &endless, &Watch::new(&stop, &cancel)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);

    let (vectors, subjects) = (expected.matrix(), (0..84).map(|row| row / 6).collect::<Vec<u32>>());
    let options = CalibrationOptions { rates: endless, ..CalibrationOptions::default() };
    let error = calibrate(vectors.view(), &subjects, &options, &Watch::new(&|_, _| {}, &cancel)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let protocol = Protocol::from(&Pairs::parse("A\t1\t2\nA\t1\tB\t1\nB\t1\t2\nA\t2\tB\t2\n").unwrap());
    let images: Vec<ImageVector> = (0..4).map(ImageVector::Row).collect();
    let mut options = ValidationOptions::default();
    options.folds.folds = 2;
    assert!(validate(&protocol, vectors.view(), &images, &options, &Watch::none()).is_ok());
    let error = validate(&protocol, vectors.view(), &images, &options, &Watch::new(&|_, _| {}, &cancel)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

/// Neighbouring seeds used to share all draws but one.
#[test]
fn neighbouring_seeds_draw_other_things() {
    let (vectors, subjects) = (expected().matrix(), (0..84).map(|row| row / 6).collect::<Vec<u32>>());
    let trials = |seed| {
        let options =
            BlufrOptions { trials: 4, training_people: 4, gallery_people: 5, seed, ..BlufrOptions::default() };
        blufr(vectors.view(), &subjects, &options, &Watch::none()).unwrap().trials
    };
    assert_ne!(trials(0)[1..], trials(1)[..3]);
}

#[test]
fn what_gives_no_rates_is_an_error() {
    let of = |distance, same| Comparison { distance, same, subjects: [0, 0] };
    for bad in [vec![], vec![of(0.1, true)], vec![of(0.1, false)], vec![of(f32::NAN, true), of(0.1, false)]] {
        assert_eq!(Comparisons::new(bad, Metric::Euclidean).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    let comparisons = Comparisons::new(vec![of(0.1, true), of(0.2, false)], Metric::Euclidean).unwrap();
    for rate in [0.0, 1.0, -1.0, f64::NAN] {
        let options = RateOptions { false_match_rates: vec![rate], ..RateOptions::default() };
        assert_eq!(error_rates(&comparisons, &options, &Watch::none()).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    // One person: figures without intervals.
    let rates = error_rates(&comparisons, &RateOptions::default(), &Watch::none()).unwrap();
    assert_eq!(rates.area_under_curve.interval, None);
}

#[test]
fn what_cannot_be_cross_validated_is_an_error() {
    let expected = expected();
    let (vectors, pairs) = (expected.matrix(), expected.row_pairs());
    let default = FoldOptions { folds: FOLDS, ..FoldOptions::default() };
    let fails = |vectors: &Array2<f32>, pairs: &[RowPair], options: &FoldOptions| {
        let error = cross_validate(vectors.view(), pairs, options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    };
    for folds in [0, 1, 4, 6, usize::MAX] {
        fails(&vectors, &pairs, &FoldOptions { folds, ..default.clone() });
    }
    for wanted_far in [0.0, 1.0, f64::NAN] {
        fails(&vectors, &pairs, &FoldOptions { wanted_far, ..default.clone() });
    }
    fails(&vectors, &[], &default);
    fails(&vectors, &pairs[..3], &default);
    fails(&Array2::zeros((0, 3)), &pairs, &default);
    fails(&vectors, &[RowPair { a: 9999, b: 0, same: true, fold: 0 }; 5], &default);
    let only = |same: bool| pairs.iter().filter(|pair| pair.same == same).copied().collect::<Vec<_>>();
    fails(&vectors, &only(true), &default);
    fails(&vectors, &only(false), &default);
    for value in [f32::NAN, f32::INFINITY, f32::MAX] {
        let mut broken = vectors.clone();
        broken[[pairs[0].a, 0]] = value;
        fails(&broken, &pairs, &default);
    }
    // Vectors of no values, or of zeros, are all alike.
    let zeros =
        cross_validate(Array2::zeros((84, 2)).view(), &pairs, &FoldOptions { metric: Metric::Angular, ..default });
    assert!(zeros.unwrap().area_under_curve <= 1.0);
}

#[test]
fn pairs_are_read_in_all_their_spellings() {
    let pairs = Pairs::parse("\u{feff}Ada 1 2\r\n\r\nAda 1 Grace 12\r\n").unwrap();
    assert_eq!((pairs.folds(), pairs.pairs().len()), (None, 2));
    assert_eq!(pairs.pairs()[1].b.stem(), std::path::Path::new("Grace/Grace_0012"));
    assert!(!pairs.pairs()[1].same);
    assert_eq!(Pairs::parse("1\nA B\t1\t2\nA B\t1\tC\t1\n").unwrap().images().len(), 3);
    for (text, part) in [
        ("", "no pairs"),
        ("10\t300\n", "no pairs"),
        ("2\t300\nA\t1\t2\n", "1200"),
        ("A 1 2\nA 1\n", "line 2"),
        ("A 1 2\nA 1 2 3 4\n", "5 fields"),
        ("A 1 x\n", "\"x\""),
        ("A 1 -2\n", "\"-2\""),
        ("A 1 99999999999\n", "line 1"),
        ("../A 1 2\n", "folder"),
        (".. 1 2\n", "folder"),
        ("A/ 1 2\n", "folder"),
    ] {
        let error = Pairs::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DatasetInvalid);
        assert!(error.to_string().contains(part), "{text:?}: {error}");
    }
}

#[test]
fn a_missing_image_moves_no_other_pair_to_another_fold() {
    let names = ["A", "B", "C", "D"];
    let lines = names.iter().flat_map(|name| {
        let other = names[(names.iter().position(|n| n == name).unwrap() + 1) % 4];
        [format!("{name}\t1\t2"), format!("{name}\t1\t{other}\t3")]
    });
    let list = Pairs::parse(&lines.collect::<Vec<_>>().join("\n")).unwrap();
    let protocol = Protocol::from(&list);
    let vectors = Array2::from_shape_fn((protocol.images.len(), 4), |(row, column)| {
        f32::from(protocol.images[row].subject as usize == column) + 0.01 * row as f32
    });
    let mut options = ValidationOptions::default();
    options.folds.folds = 2;
    let images: Vec<ImageVector> = (0..vectors.nrows()).map(ImageVector::Row).collect();
    let whole = validate(&protocol, vectors.view(), &images, &options, &Watch::none()).unwrap();
    let mut some = images.clone();
    some[1] = ImageVector::Missing;
    some[5] = ImageVector::Failed("no face found".into());
    let partial = validate(&protocol, vectors.view(), &some, &options, &Watch::none()).unwrap();
    assert_eq!(partial.missing[0].image, "A/A_0002");
    assert_eq!((partial.failed.len(), &*partial.failed[0].reason), (1, "no face found"));
    let lost = whole.pairs - partial.pairs_left_out;
    let tested = |v: &facenet::evaluate::Validation| {
        v.cross_validation.folds.iter().map(|f| f.genuine + f.impostor).collect::<Vec<_>>()
    };
    assert_eq!(tested(&whole), [4, 4]);
    assert_eq!(tested(&partial).iter().sum::<usize>(), lost);
    assert_eq!(tested(&partial)[1], 4);

    let nothing = vec![ImageVector::Missing; images.len()];
    assert_eq!(
        validate(&protocol, vectors.view(), &nothing, &options, &Watch::none()).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(
        validate(&protocol, vectors.view(), &images[1..], &options, &Watch::none()).unwrap_err().kind(),
        ErrorKind::DimensionMismatch
    );
}

#[test]
fn curves_are_drawn_to_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    let expected = expected();
    let comparisons = expected.comparisons(expected.exact.distances.iter().copied(), Metric::Angular);
    let roc = comparisons.roc();
    for kind in [CurveKind::Roc, CurveKind::Det] {
        let curve = [Curve { name: "a <model>", points: &roc }];
        let text = svg(kind, &curve).unwrap();
        assert!(text.contains("False match rate") && text.contains("a &lt;model&gt;"));
        let path = folder.path().join("curve.png");
        draw(&path, kind, &curve).unwrap();
        let picture = image::open(&path).unwrap().to_rgb8();
        assert!(picture.pixels().any(|pixel| pixel.0 != [255; 3]));
        assert_eq!(svg(kind, &[Curve { name: "", points: &[] }]).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    let error = draw(folder.path().join("curve.gif"), CurveKind::Roc, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn names_of_another_unicode_form_are_found() {
    let (composed, decomposed) = ("Zo\u{eb}", "Zoe\u{308}");
    for (folder, typed) in [(decomposed, composed), (composed, decomposed), (composed, composed)] {
        let root = tempfile::tempdir().unwrap();
        let inside = std::path::Path::new(folder).join(format!("{folder}_0001.jpg"));
        std::fs::create_dir(root.path().join(folder)).unwrap();
        std::fs::write(root.path().join(&inside), b"").unwrap();
        let mut finder = ImageFinder::new(root.path());
        let mut find = |name: &str, number| finder.find(&PairImage { name: name.into(), number }).unwrap();
        assert_eq!(find(typed, 1), Some(inside));
        assert_eq!((find(typed, 2), find("Zoe", 1)), (None, None));
    }
}
