//! The softmax beside scikit-learn's `LogisticRegression` and beside its own definition, and what is refused.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use facenet::ErrorKind;
use facenet::Watch;
use facenet::classify::{
    Classifier, IdentificationPoint, Method, Prediction, Rule, Softmax, SoftmaxOptions, ThresholdChoice, TrainingSet,
};
use ndarray::{Array1, Array2, Axis, array, concatenate};
use proptest::prelude::*;
use serde::Deserialize;
use testkit::classify::{People, description, fingerprint, train};

#[derive(Deserialize)]
struct Case {
    cost: f64,
    balanced: bool,
    vectors: Vec<Vec<f32>>,
    labels: Vec<usize>,
    queries: Vec<Vec<f32>>,
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
    probabilities: Vec<Vec<f64>>,
}

fn matrix<T: Clone>(rows: &[Vec<T>]) -> Array2<T> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn softmax(classifier: &Classifier) -> &Softmax {
    match classifier.rule() {
        Rule::Softmax(softmax) => softmax,
        _ => panic!("not a softmax"),
    }
}

fn of_cost(cost: f64) -> Method<'static> {
    Method::Softmax(SoftmaxOptions { cost, ..Default::default() })
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|class| format!("class {class}")).collect()
}

fn length(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().map(|value| value * value).sum::<f64>().sqrt()
}

#[test]
fn the_optimum_is_that_of_scikit_learn() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/classify/softmax.json");
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    for case in cases {
        let Case { cost, balanced, .. } = case;
        let (vectors, queries, expected) = (matrix(&case.vectors), matrix(&case.queries), matrix(&case.probabilities));
        let names = names(expected.ncols());
        let set = TrainingSet { vectors: vectors.view(), labels: &case.labels, names: &names };
        let method = Method::Softmax(SoftmaxOptions { cost, balanced, ..Default::default() });
        let classifier = train(&set, &method).unwrap();
        let found = softmax(&classifier);
        let (mut coefficients, mut intercepts) =
            (found.coefficients().mapv(f64::from), Array1::from(found.intercepts().to_vec()));
        if names.len() == 2 {
            coefficients = (&coefficients.row(1) - &coefficients.row(0)).insert_axis(Axis(0));
            intercepts = array![intercepts[1] - intercepts[0]];
        }
        let theirs = matrix(&case.coefficients);
        let (difference, size) = (length(&coefficients - &theirs), length(theirs));
        assert!(difference < 2e-4 * size, "cost {cost}: coefficients differ by {difference} of {size}");
        let difference = length(intercepts - Array1::from(case.intercepts));
        assert!(difference < 2e-4 * size.max(1.0), "cost {cost}: intercepts differ by {difference}");
        let probabilities = found.probabilities(queries.view()).unwrap();
        let difference = (&probabilities - &expected).iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        assert!(difference < 2e-4, "cost {cost}: probabilities differ by {difference}");
        for (prediction, row) in classifier.predict(queries.view(), fingerprint()).unwrap().iter().zip(expected.rows())
        {
            let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
            assert_eq!(prediction.class, Some(best.0));
            assert!((f64::from(prediction.score) - best.1).abs() < 2e-4);
        }
    }
}

/// The gradient of the penalised loss by its definition: of the coefficients, then of the intercepts.
fn gradient(people: &People, weights: &[f64], penalty: f64, found: &Softmax) -> Vec<f64> {
    let mut of_coefficients = found.coefficients().mapv(f64::from) * penalty;
    let mut of_intercepts = vec![0.0; weights.len()];
    for (vector, &label) in people.vectors.rows().into_iter().zip(&people.labels) {
        let vector = vector.mapv(f64::from);
        let vector = &vector / length(vector.iter().copied());
        let scores: Vec<f64> = (0..weights.len())
            .map(|class| found.coefficients().row(class).mapv(f64::from).dot(&vector) + found.intercepts()[class])
            .collect();
        let highest = scores.iter().copied().fold(f64::MIN, f64::max);
        let sum: f64 = scores.iter().map(|score| (score - highest).exp()).sum();
        for (class, score) in scores.iter().enumerate() {
            let residual = (score - highest).exp() / sum - f64::from(u8::from(class == label));
            of_coefficients.row_mut(class).scaled_add(weights[label] * residual, &vector);
            of_intercepts[class] += weights[label] * residual;
        }
    }
    of_coefficients.into_iter().chain(of_intercepts).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_gradient_vanishes(
        classes in 2usize..90, images in 1usize..8, dimension in 1usize..40, power in -3i32..4, balanced: bool, seed in 0u64..99,
    ) {
        let mut people = People::new(classes, images, dimension, 0.7, seed);
        // Classes of different sizes.
        people.vectors = concatenate![Axis(0), people.vectors, people.vectors.slice(ndarray::s![..images, ..]).mapv(|v| v + 0.1)];
        people.labels.extend(std::iter::repeat_n(classes - 1, images));
        let cost = 10f64.powi(power);
        let method = Method::Softmax(SoftmaxOptions { cost, balanced, ..Default::default() });
        let classifier = people.train(&method).unwrap();
        let found = softmax(&classifier);
        let rows = people.labels.len() as f64;
        let weight = |class| {
            let count = people.labels.iter().filter(|&&label| label == class).count() as f64;
            if balanced { cost * rows / (classes as f64 * count) } else { cost }
        };
        let weights: Vec<f64> = (0..classes).map(weight).collect();
        let penalty = if classes == 2 { 2.0 } else { 1.0 };
        let left = length(gradient(&people, &weights, penalty, found));
        let size = length(found.coefficients().mapv(f64::from));
        prop_assert!(left < 2e-4 * size.max(1.0), "{left} of {size}");
        let probabilities = found.probabilities(people.vectors.view()).unwrap();
        for row in probabilities.rows() {
            prop_assert!((row.sum() - 1.0).abs() < 1e-9 && row.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }

    #[test]
    fn the_order_of_vectors_and_their_scale_do_not_matter(order in Just((0..60).collect::<Vec<usize>>()).prop_shuffle(), seed in 0u64..99, scale in 0.01f32..100.0) {
        let people = People::new(6, 10, 8, 0.7, seed);
        let queries = People::new(30, 2, 8, 0.7, seed + 1000);
        let mut shuffled = people.permuted(&order);
        shuffled.vectors *= scale;
        let predict = |people: &People| people.train(&of_cost(5.0)).unwrap().predict(queries.vectors.view(), fingerprint()).unwrap();
        for (a, b) in predict(&people).iter().zip(predict(&shuffled)) {
            prop_assert!((a.score - b.score).abs() < 1e-3);
        }
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let people = People::new(70, 9, 24, 0.7, 3);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| people.train(&of_cost(10.0)).unwrap().to_bytes().unwrap())
    };
    let alone = with(1);
    assert_eq!(alone, with(2));
    assert_eq!(alone, with(5));
}

#[test]
fn strangers_begin_where_they_are_measured_to_begin() {
    let (known, others) = (People::new(20, 8, 16, 0.6, 1), People::new(150, 2, 16, 0.6, 2));
    let with = |threshold| {
        let strangers = Some(others.vectors.view());
        Method::Softmax(SoftmaxOptions { cost: 10.0, threshold: Some(threshold), strangers, ..Default::default() })
    };
    let classifier = known.train(&with(ThresholdChoice::Fpir(0.05))).unwrap();
    let point = *softmax(&classifier).operating_point().unwrap();
    let predictions = classifier.predict(others.vectors.view(), fingerprint()).unwrap();
    let named = predictions.iter().filter(|face| face.class.is_some()).count() as u64;
    let fpir = point.fpir.unwrap();
    assert_eq!((fpir.errors, fpir.trials, point.fnir), (named, 300, None));
    // 15 of 300 are allowed; only equal scores could make it fewer.
    assert_eq!(named, 15);
    let is_strict = |face: &Prediction| face.class.is_some() == (face.score >= point.threshold);
    assert!(predictions.iter().all(is_strict));
    let loaded = Classifier::from_bytes(&classifier.to_bytes().unwrap()).unwrap();
    assert_eq!(loaded, classifier);

    let classifier = known.train(&with(ThresholdChoice::Score(0.75))).unwrap();
    let expected = IdentificationPoint { threshold: 0.75, fpir: None, fnir: None };
    assert_eq!(classifier.rule().operating_point(), Some(&expected));
    let refuse = |options: SoftmaxOptions<'_>| known.train(&Method::Softmax(options)).unwrap_err().kind();
    for threshold in [-0.1, 1.1, f32::NAN] {
        let threshold = Some(ThresholdChoice::Score(threshold));
        assert_eq!(refuse(SoftmaxOptions { threshold, ..Default::default() }), ErrorKind::InvalidArgument);
    }
    // A rate needs strangers to be measured on, and strangers a rate.
    let threshold = Some(ThresholdChoice::Fpir(0.05));
    assert_eq!(refuse(SoftmaxOptions { threshold, ..Default::default() }), ErrorKind::InvalidArgument);
    let strangers = Some(others.vectors.view());
    assert_eq!(refuse(SoftmaxOptions { strangers, ..Default::default() }), ErrorKind::InvalidArgument);
    let narrow = others.vectors.slice(ndarray::s![.., ..15]);
    let options = SoftmaxOptions { strangers: Some(narrow), threshold, ..Default::default() };
    assert_eq!(refuse(options), ErrorKind::DimensionMismatch);
}

/// Strangers who are the people themselves, of whom a softmax becomes as certain as numbers can say.
#[test]
fn what_is_learnt_can_be_read_or_is_refused() {
    let known = People::new(4, 40, 16, 0.01, 1);
    for (exponent, fpir) in (2..15).flat_map(|exponent| [(exponent, 0.05), (exponent, 1.0 - 1e-12)]) {
        let options = SoftmaxOptions {
            cost: 10f64.powi(exponent),
            threshold: Some(ThresholdChoice::Fpir(fpir)),
            strangers: Some(known.vectors.view()),
            ..Default::default()
        };
        match known.train(&Method::Softmax(options)) {
            Ok(classifier) => assert_eq!(Classifier::from_bytes(&classifier.to_bytes().unwrap()).unwrap(), classifier),
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}"),
        }
    }
}

#[test]
fn few_and_equal_vectors_will_do() {
    // One of each.
    let two = People::new(2, 1, 4, 0.1, 1);
    let predictions = two.train(&of_cost(100.0)).unwrap().predict(two.vectors.view(), fingerprint()).unwrap();
    assert_eq!(predictions.iter().map(|face| face.class).collect::<Vec<_>>(), [Some(0), Some(1)]);
    // All the same: the shares of the classes are all that can be learnt.
    let mut same = People::new(3, 4, 5, 0.5, 1);
    same.vectors.fill(1.0);
    same.labels[0] = 2;
    for cost in [1e-6, 1.0, 1e6] {
        let classifier = same.train(&of_cost(cost)).unwrap();
        let probabilities = softmax(&classifier).probabilities(same.vectors.view()).unwrap();
        for (found, expected) in probabilities.row(0).iter().zip([0.25, 1.0 / 3.0, 5.0 / 12.0]) {
            assert!((found - expected).abs() < 1e-3, "cost {cost}: {probabilities}");
        }
    }
    same.labels[0] = 0;
    assert!(same.train(&of_cost(1.0)).is_ok());
    let alone = People::new(1, 4, 4, 0.5, 1).train(&of_cost(1.0)).unwrap_err();
    assert_eq!(alone.kind(), ErrorKind::InvalidArgument);
    assert!(alone.to_string().contains("two classes"), "{alone}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let people = People::new(3, 4, 6, 0.5, 1);
    for value in [f32::NAN, f32::INFINITY] {
        let mut broken = people.clone();
        broken.vectors[[5, 2]] = value;
        let error = broken.train(&of_cost(1.0)).unwrap_err();
        assert!(error.to_string().contains("vector 5"), "{error}");
    }
    let kind = |set: &TrainingSet<'_>| train(set, &of_cost(1.0)).unwrap_err().kind();
    let empty = Array2::zeros((0, 6));
    assert_eq!(kind(&TrainingSet { vectors: empty.view(), labels: &[], ..people.set() }), ErrorKind::InvalidArgument);
    assert_eq!(kind(&TrainingSet { labels: &people.labels[1..], ..people.set() }), ErrorKind::DimensionMismatch);
    assert_eq!(kind(&TrainingSet { names: &people.names[..2], ..people.set() }), ErrorKind::InvalidArgument);
    for cost in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(people.train(&of_cost(cost)).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    let classifier = people.train(&of_cost(1.0)).unwrap();
    let other = classifier.predict(people.vectors.view(), facenet::Fingerprint::of("other")).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::FingerprintMismatch);
    let narrow = classifier.predict(people.vectors.slice(ndarray::s![.., ..5]), fingerprint()).unwrap_err();
    assert_eq!(narrow.kind(), ErrorKind::DimensionMismatch);
}

#[test]
fn a_cost_that_is_huge_ends_all_the_same() {
    let people = People::new(4, 5, 6, 0.5, 1);
    for cost in [1e-30, 1e9, 1e30, f64::MAX] {
        match people.train(&of_cost(cost)) {
            Ok(classifier) => {
                let predictions = classifier.predict(people.vectors.view(), fingerprint()).unwrap();
                assert!(predictions.iter().all(|face| (0.0..=1.0).contains(&face.score)), "cost {cost}");
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}"),
        }
    }
}

#[test]
fn training_stops_when_asked_and_tells_how_far_it_is() {
    let people = People::new(6, 4, 6, 0.5, 1);
    let (cancel, told) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let progress = |done, total| told.lock().unwrap().push((done, total));
    Classifier::train(&people.set(), description(6), &of_cost(1.0), &Watch::new(&progress, &cancel)).unwrap();
    let told = told.into_inner().unwrap();
    assert!(told.windows(2).all(|pair| pair[0].0 <= pair[1].0) && told.iter().all(|&(_, total)| total == 100));
    assert_eq!(told.last(), Some(&(100, 100)));
    cancel.store(true, Ordering::Relaxed);
    let error =
        Classifier::train(&people.set(), description(6), &of_cost(1.0), &Watch::new(&|_, _| (), &cancel)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}
