//! Clustering, against scikit-learn, scipy, naive definitions and properties.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use facenet::Watch;
use facenet::cluster::{self, Algorithm, ClusterOptions, Clusters};
use facenet::{ErrorKind, Result};
use ndarray::{Array2, ArrayView2, Axis, ShapeBuilder, array};
use proptest::prelude::*;
use serde::Deserialize;

/// What `tests/data/cluster/make_expected.py` wrote.
#[derive(Deserialize)]
struct Expected {
    cases: Vec<Case>,
    scores: ExpectedScores,
}

#[derive(Deserialize)]
struct Case {
    points: Vec<Vec<f32>>,
    dbscan: Vec<DbscanRun>,
    average_link: Vec<AverageLinkRun>,
}

#[derive(Deserialize)]
struct DbscanRun {
    eps: f64,
    min_samples: usize,
    labels: Vec<i64>,
}

#[derive(Deserialize)]
struct AverageLinkRun {
    metric: String,
    threshold: f64,
    labels: Vec<i64>,
}

#[derive(Deserialize)]
struct ExpectedScores {
    truth: Vec<u32>,
    labels: Vec<u32>,
    pair_confusion_matrix: [[f64; 2]; 2],
}

static NEVER: AtomicBool = AtomicBool::new(false);

fn expected() -> Expected {
    serde_json::from_str(include_str!("data/cluster/expected.json")).expect("the file fits")
}

fn matrix(points: &[Vec<f32>]) -> Array2<f32> {
    Array2::from_shape_fn((points.len(), points[0].len()), |(row, column)| points[row][column])
}

fn run(vectors: ArrayView2<'_, f32>, options: &ClusterOptions) -> Result<Clusters> {
    cluster::cluster(vectors, options, &Watch::none())
}

fn labels(vectors: &Array2<f32>, options: &ClusterOptions) -> Vec<Option<u32>> {
    run(vectors.view(), options).expect("clusters").labels().to_vec()
}

/// Numbers in the order of their first member, as all algorithms but DBSCAN give them.
fn by_first_member<L: Copy + Eq + std::hash::Hash>(labels: &[Option<L>]) -> Vec<Option<u32>> {
    Clusters::from_keys(labels.iter().copied()).labels().to_vec()
}

fn dbscan(eps: f64, min_samples: usize) -> ClusterOptions {
    ClusterOptions { min_samples, ..ClusterOptions::new(Algorithm::Dbscan, eps) }
}

#[test]
fn dbscan_gives_the_labels_of_scikit_learn() {
    for case in expected().cases {
        let points = matrix(&case.points);
        for DbscanRun { eps, min_samples, labels: expected } in case.dbscan {
            let expected: Vec<_> = expected.into_iter().map(|label| u32::try_from(label).ok()).collect();
            assert_eq!(labels(&points, &dbscan(eps, min_samples)), expected, "eps {eps}, {min_samples} samples");
        }
    }
}

#[test]
fn average_linkage_gives_the_clusters_of_scipy() {
    for case in expected().cases {
        let points = matrix(&case.points);
        for AverageLinkRun { metric, threshold, labels: expected } in case.average_link {
            let expected = by_first_member(&expected.into_iter().map(Some).collect::<Vec<_>>());
            // With all others for neighbours, the graph is that of all pairs.
            let options = match metric.as_str() {
                "euclidean" => ClusterOptions::new(Algorithm::AverageLink, threshold),
                _ => ClusterOptions { neighbors: usize::MAX, ..ClusterOptions::new(Algorithm::KnnGraph, threshold) },
            };
            assert_eq!(labels(&points, &options), expected, "{metric}, {threshold}");
        }
    }
}

#[test]
fn scores_agree_with_scikit_learn() {
    let ExpectedScores { truth, labels, pair_confusion_matrix } = expected().scores;
    let labels: Vec<_> = labels.into_iter().map(Some).collect();
    let scores = cluster::scores(&labels, &truth).unwrap();
    let [[_, wrong], [missed, right]] = pair_confusion_matrix;
    assert!((scores.pairwise.precision - right / (right + wrong)).abs() < 1e-12);
    assert!((scores.pairwise.recall - right / (right + missed)).abs() < 1e-12);
}

fn is_within(points: &Array2<f32>, a: usize, b: usize, eps: f64) -> bool {
    let terms = points.row(a).into_iter().zip(points.row(b)).map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2));
    terms.sum::<f64>() <= eps * eps
}

/// DBSCAN as it is written down: a cluster grows from each core point that has none yet.
fn naive_dbscan(points: &Array2<f32>, eps: f64, min_samples: usize) -> Vec<Option<u32>> {
    let count = points.nrows();
    let neighbors = |a| (0..count).filter(move |&b| is_within(points, a, b, eps));
    let is_core: Vec<bool> = (0..count).map(|row| neighbors(row).count() >= min_samples).collect();
    let mut labels = vec![None; count];
    let mut next = 0;
    for seed in 0..count {
        if !is_core[seed] || labels[seed].is_some() {
            continue;
        }
        let mut open = vec![seed];
        while let Some(row) = open.pop() {
            if labels[row].is_none() {
                labels[row] = Some(next);
                if is_core[row] {
                    open.extend(neighbors(row));
                }
            }
        }
        next += 1;
    }
    labels
}

/// Few directions, so that there are clusters, repeated rows and equal distances.
fn points() -> impl Strategy<Value = Array2<f32>> {
    (1usize..40, 1usize..6).prop_flat_map(|(rows, columns)| {
        prop::collection::vec((-4i8..=4).prop_map(|value| f32::from(value) / 4.0), rows * columns)
            .prop_map(move |values| Array2::from_shape_vec((rows, columns), values).expect("the right length"))
    })
}

fn options() -> impl Strategy<Value = ClusterOptions> {
    let algorithm = prop::sample::select(Algorithm::ALL);
    (algorithm, 0.0f64..2.0, 1usize..12, any::<u64>()).prop_map(|(algorithm, threshold, neighbors, seed)| {
        // From 0 rows on: the forest, of a single leaf here.
        let exact_neighbors_up_to = if seed % 2 == 0 { 0 } else { 1000 };
        ClusterOptions { neighbors, seed, exact_neighbors_up_to, ..ClusterOptions::new(algorithm, threshold) }
    })
}

proptest! {
    #[test]
    fn dbscan_is_what_its_definition_says(points in points(), eps in 0.0f64..1.5, min_samples in 0usize..6) {
        prop_assert_eq!(labels(&points, &dbscan(eps, min_samples)), naive_dbscan(&points, eps, min_samples));
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(
        points in points(),
        options in options(),
        keys in prop::collection::vec(any::<u32>(), 40),
    ) {
        let mut order: Vec<usize> = (0..points.nrows()).collect();
        order.sort_by_key(|&row| keys[row]);
        let before = labels(&points, &options);
        let after = labels(&points.select(Axis(0), &order), &options);
        let expected: Vec<_> = order.iter().map(|&row| before[row]).collect();
        prop_assert_eq!(after, by_first_member(&expected));
    }

    #[test]
    fn equal_rows_are_together(points in points(), options in options()) {
        // A row that is not like itself has no edge: Chinese Whispers knows likeness only.
        prop_assume!(options.algorithm != Algorithm::ChineseWhispers);
        let labels = labels(&points, &options);
        for (a, row) in points.rows().into_iter().enumerate() {
            for (b, other) in points.rows().into_iter().enumerate() {
                prop_assert!(row != other || labels[a] == labels[b], "rows {} and {}", a, b);
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_clusters_on_any_number_of_threads(points in points(), options in options()) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let alone = pool.install(|| labels(&points, &options));
        prop_assert_eq!(labels(&points, &options), alone);
    }

    #[test]
    fn scores_are_what_their_definitions_say(
        faces in prop::collection::vec((prop::option::of(0u32..5), 0u32..5), 1..40)
    ) {
        let (labels, people): (Vec<_>, Vec<_>) = faces.into_iter().unzip();
        let count = labels.len();
        let together = |a: usize, b: usize| a == b || labels[a].is_some() && labels[a] == labels[b];
        let same = |a: usize, b: usize| people[a] == people[b];
        let share = |a: usize, of: &dyn Fn(usize, usize) -> bool| {
            let all = (0..count).filter(|&b| of(a, b)).count();
            (0..count).filter(|&b| together(a, b) && same(a, b)).count() as f64 / all as f64
        };
        let mean = |of: &dyn Fn(usize, usize) -> bool| (0..count).map(|a| share(a, of)).sum::<f64>() / count as f64;
        let scores = cluster::scores(&labels, &people).unwrap();
        prop_assert!((scores.bcubed.precision - mean(&together)).abs() < 1e-9);
        prop_assert!((scores.bcubed.recall - mean(&same)).abs() < 1e-9);

        let pairs = |of: &dyn Fn(usize, usize) -> bool| {
            (0..count).flat_map(|a| (0..a).map(move |b| (a, b))).filter(|&(a, b)| of(a, b)).count()
        };
        let right = pairs(&|a, b| together(a, b) && same(a, b)) as f64;
        let ratio = |all: usize| if all == 0 { 1.0 } else { right / all as f64 };
        prop_assert_eq!(scores.pairwise.precision, ratio(pairs(&together)));
        prop_assert_eq!(scores.pairwise.recall, ratio(pairs(&same)));
        for agreement in [scores.bcubed, scores.pairwise] {
            prop_assert!([agreement.precision, agreement.recall, agreement.f].iter().all(|x| (0.0..=1.0).contains(x)));
        }
    }

    #[test]
    fn clusters_and_people_are_exchangeable(faces in prop::collection::vec((0u32..5, 0u32..5), 1..40)) {
        let some = |of: fn(&(u32, u32)) -> u32| faces.iter().map(of).collect::<Vec<_>>();
        let (a, b) = (some(|face| face.0), some(|face| face.1));
        let score = |labels: &[u32], people: &[u32]| {
            cluster::scores(&labels.iter().copied().map(Some).collect::<Vec<_>>(), people).unwrap()
        };
        let (one, other) = (score(&a, &b), score(&b, &a));
        prop_assert!((one.bcubed.precision - other.bcubed.recall).abs() < 1e-9);
        prop_assert!((one.bcubed.f - other.bcubed.f).abs() < 1e-9);
        prop_assert_eq!(one.pairwise.precision, other.pairwise.recall);
    }
}

/// Random directions around each of some centres, more than fit into one block of the product.
fn people(people: usize, each: usize, dimension: usize) -> Array2<f32> {
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let centres = Array2::from_shape_simple_fn((people, dimension), &mut random);
    let mut faces = Array2::from_shape_fn((people * each, dimension), |(row, column)| {
        centres[[row % people, column]] + 0.4 * random()
    });
    for mut face in faces.rows_mut() {
        let length = face.dot(&face).sqrt();
        face /= length;
    }
    faces
}

#[test]
fn every_algorithm_finds_clear_clusters_across_blocks() {
    let faces = people(300, 5, 64);
    let expected: Vec<_> = (0..1500).map(|row| Some(row % 300)).collect();
    for (algorithm, threshold) in [
        (Algorithm::Dbscan, 0.75),
        (Algorithm::ChineseWhispers, 0.6),
        (Algorithm::AverageLink, 0.9),
        (Algorithm::KnnGraph, 0.9),
    ] {
        assert!(labels(&faces, &ClusterOptions::new(algorithm, threshold)) == expected, "{algorithm:?}");
    }
    let forest = ClusterOptions { exact_neighbors_up_to: 0, ..ClusterOptions::new(Algorithm::KnnGraph, 0.9) };
    assert!(labels(&faces, &forest) == expected);
    // About as far as the faces of a person are from each other.
    assert!(labels(&faces, &dbscan(0.53, 3)) == naive_dbscan(&faces, 0.53, 3));
}

#[test]
fn any_layout_of_the_matrix_is_read() {
    let faces = people(4, 5, 8);
    let options = ClusterOptions::new(Algorithm::AverageLink, 0.9);
    let expected = labels(&faces, &options);
    let transposed = faces.t().as_standard_layout().into_owned();
    assert_eq!(run(transposed.t(), &options).unwrap().labels(), expected);
    let mut wide = Array2::<f32>::zeros((20, 16));
    wide.slice_mut(ndarray::s![.., ..;2]).assign(&faces);
    assert_eq!(run(wide.slice(ndarray::s![.., ..;2]), &options).unwrap().labels(), expected);
}

#[test]
fn odd_inputs_have_clusters_too() {
    for &algorithm in Algorithm::ALL {
        let options = ClusterOptions::new(algorithm, 0.0);
        let empty = labels(&Array2::zeros((0, 512)), &options);
        assert!(empty.is_empty(), "{algorithm:?}");
        assert_eq!(labels(&array![[0.3, 0.4]], &options), [Some(0)], "{algorithm:?}");
        assert_eq!(labels(&Array2::ones((1100, 3)), &options), vec![Some(0); 1100], "{algorithm:?}");
        let line = array![[1.0], [2.0], [1.0]];
        let expected = if algorithm == Algorithm::ChineseWhispers { 0 } else { 1 };
        assert_eq!(labels(&line, &options), [Some(0), Some(expected), Some(0)], "{algorithm:?}");
        let large = ClusterOptions { min_cluster_size: 3, ..options };
        assert_eq!(labels(&array![[1.0], [-2.0], [1.0]], &large), [None; 3], "{algorithm:?}");
    }
    let tiny = array![[1e-30f32], [3e-30], [1e-30]];
    assert_eq!(labels(&tiny, &dbscan(1e-31, 1)), [Some(0), Some(1), Some(0)]);
    assert_eq!(labels(&tiny, &dbscan(1e-30, 10)), [None; 3]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let kind = |vectors: &Array2<f32>, options: &ClusterOptions| run(vectors.view(), options).unwrap_err().kind();
    for &algorithm in Algorithm::ALL {
        let options = ClusterOptions::new(algorithm, 0.5);
        for value in [f32::NAN, f32::INFINITY, f32::MAX] {
            assert_eq!(kind(&array![[1.0, 0.0], [value, 0.0]], &options), ErrorKind::InvalidArgument);
        }
        assert_eq!(kind(&Array2::zeros((2, 0)), &options), ErrorKind::InvalidArgument);
        for threshold in [f64::NAN, f64::INFINITY] {
            assert_eq!(kind(&array![[1.0]], &ClusterOptions::new(algorithm, threshold)), ErrorKind::InvalidArgument);
        }
        let negative = run(array![[1.0]].view(), &ClusterOptions::new(algorithm, -0.5));
        assert_eq!(negative.is_err(), algorithm.uses_distance());
        let cancelled =
            cluster::cluster(array![[1.0]].view(), &options, &Watch::new(&|_, _| {}, &AtomicBool::new(true)));
        assert_eq!(cancelled.unwrap_err().kind(), ErrorKind::Cancelled);
    }
    let no_neighbors = ClusterOptions { neighbors: 0, ..ClusterOptions::new(Algorithm::KnnGraph, 0.5) };
    assert_eq!(kind(&array![[1.0]], &no_neighbors), ErrorKind::InvalidArgument);
    assert_eq!(cluster::scores(&[Some(0)], &[1, 2]).unwrap_err().kind(), ErrorKind::DimensionMismatch);
    assert_eq!(cluster::scores::<u32>(&[], &[]).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn what_would_not_fit_is_refused_before_it_is_taken() {
    let faces = people(10, 20, 4);
    for algorithm in [Algorithm::AverageLink, Algorithm::ChineseWhispers, Algorithm::KnnGraph] {
        let options = ClusterOptions { memory_limit: 1000, ..ClusterOptions::new(algorithm, 0.1) };
        let error = run(faces.view(), &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("limit"), "{error}");
    }
    // A matrix of 9 PiB that takes a few bytes itself.
    let many = ndarray::ArrayView2::from_shape((1 << 26, 1).strides((0, 1)), &[1.0f32]).unwrap();
    let options = ClusterOptions { memory_limit: u64::MAX, ..ClusterOptions::new(Algorithm::AverageLink, 0.5) };
    assert_eq!(run(many, &options).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn so_many_neighbors_that_they_would_not_fit_are_refused() {
    let faces = people(60, 5, 4);
    // All others of 300: 300 * 299 * 24 bytes.
    let options = |memory_limit| ClusterOptions {
        neighbors: 4_000_000_000,
        memory_limit,
        ..ClusterOptions::new(Algorithm::KnnGraph, 0.5)
    };
    assert!(run(faces.view(), &options(2_152_800)).is_ok());
    assert_eq!(run(faces.view(), &options(2_152_799)).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn pairs_are_not_looked_at_once_there_are_too_many() {
    let faces = people(1000, 5, 4);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let options = ClusterOptions { memory_limit: 1000, ..ClusterOptions::new(Algorithm::ChineseWhispers, 0.1) };
    let told = Mutex::new(Vec::new());
    let progress = |done, _| told.lock().unwrap().push(done);
    let watch = Watch::new(&progress, &NEVER);
    let result = pool.install(|| cluster::cluster(faces.view(), &options, &watch));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(*told.lock().unwrap(), [0], "of 55 blocks, 16 are looked at together");
}

#[test]
fn a_page_of_the_largest_cluster_keeps_its_number_and_tells_no_tales() {
    let clusters = Clusters::from_keys([Some("Ada"), Some("Bob"), Some("Bob"), None]);
    let gray = |_row| facenet::Image::from_rgb(4, 4, vec![128; 48]);
    let options = cluster::PageOptions { most_clusters: 1, rest: false, ..Default::default() };
    let page = cluster::page(&clusters, &["a", "b", "c", "d"], gray, &options).unwrap();
    assert!(page.contains("4 faces, 2 clusters") && page.contains("Cluster 1, 2 faces"), "{page}");
    assert!(page.contains("1 smaller cluster not shown") && !page.contains("In no cluster"), "{page}");
    assert_eq!(page.matches("<img").count(), 2);
}

#[test]
fn progress_ascends_to_the_end() {
    let faces = people(200, 6, 16);
    for &algorithm in Algorithm::ALL {
        let options = ClusterOptions { min_samples: 3, ..ClusterOptions::new(algorithm, 0.6) };
        let told = Mutex::new(Vec::new());
        let progress = |done: u64, total: u64| told.lock().unwrap().push(done as f64 / total as f64);
        cluster::cluster(faces.view(), &options, &Watch::new(&progress, &NEVER)).unwrap();
        let told = told.into_inner().unwrap();
        assert!(told.is_sorted() && told[0] >= 0.0 && told.last() == Some(&1.0), "{algorithm:?}: {told:?}");
    }
}
