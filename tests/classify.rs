//! Support vector machines beside scikit-learn's, templates beside a plain computation, and what is refused.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use facenet::Watch;
use facenet::classify::{
    Classifier, IdentificationPoint, Method, Rule, Svm, SvmOptions, TemplateKind, TemplateOptions, ThresholdChoice,
    TrainingSet,
};
use facenet::{ErrorKind, Fingerprint};
use ndarray::{Array2, ArrayView1, Axis};
use proptest::prelude::*;
use serde::Deserialize;
use testkit::classify::{People, description, fingerprint, train};

#[derive(Deserialize)]
struct Golden {
    vectors: Vec<Vec<f32>>,
    labels: Vec<usize>,
    queries: Vec<Vec<f32>>,
    decisions: Vec<Vec<f64>>,
    probabilities: Vec<Vec<f64>>,
    lowest: Vec<Vec<f64>>,
    highest: Vec<Vec<f64>>,
}

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/classify").join(name)
}

fn golden() -> Golden {
    serde_json::from_slice(&std::fs::read(data("svm.json")).unwrap()).unwrap()
}

fn matrix<T: Clone>(rows: &[Vec<T>]) -> Array2<T> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn largest(a: &Array2<f64>, b: &[Vec<f64>]) -> f64 {
    (a - &matrix(b)).iter().fold(0.0, |largest, difference| difference.abs().max(largest))
}

fn svm(classifier: &Classifier) -> &Svm {
    match classifier.rule() {
        Rule::Svm(svm) => svm,
        _ => panic!("no machines"),
    }
}

fn operating_point(classifier: &Classifier) -> IdentificationPoint {
    match classifier.rule() {
        Rule::Template(templates) => *templates.operating_point(),
        _ => panic!("no templates"),
    }
}

fn argmax<'a>(row: impl IntoIterator<Item = &'a f64>) -> usize {
    row.into_iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0
}

fn at_score(score: f32) -> Method<'static> {
    Method::Template(TemplateOptions { threshold: ThresholdChoice::Score(score), ..Default::default() })
}

fn at_fpir(fpir: f64, kind: TemplateKind) -> Method<'static> {
    Method::Template(TemplateOptions { kind, threshold: ThresholdChoice::Fpir(fpir), strangers: None })
}

#[test]
fn machines_decide_as_those_of_scikit_learn() {
    let golden = golden();
    let (vectors, queries) = (matrix(&golden.vectors), matrix(&golden.queries));
    let names: Vec<String> = (0..5).map(|class| format!("class {class}")).collect();
    let set = TrainingSet { vectors: vectors.view(), labels: &golden.labels, names: &names };
    let classifier = train(&set, &Method::Svm(SvmOptions::default())).unwrap();
    let difference = largest(&svm(&classifier).decisions(queries.view()).unwrap(), &golden.decisions);
    assert!(difference < 3e-6, "decisions differ by {difference}");
    // Probabilities depend on how the vectors are shuffled: they lie where scikit-learn's lie with many shuffles.
    let probabilities = svm(&classifier).probabilities(queries.view()).unwrap();
    let ranges = matrix(&golden.lowest).into_iter().zip(matrix(&golden.highest));
    for (found, (lowest, highest)) in probabilities.iter().zip(ranges) {
        assert!((lowest - 0.05..=highest + 0.05).contains(found), "{found} is not within {lowest} to {highest}");
    }
}

#[test]
fn a_machine_of_scikit_learn_gives_its_probabilities() {
    let golden = golden();
    let classifier = Classifier::load(data("svm.facenet")).unwrap();
    let queries = matrix(&golden.queries);
    let difference = largest(&svm(&classifier).decisions(queries.view()).unwrap(), &golden.decisions);
    assert!(difference < 3e-6, "decisions differ by {difference}");
    let probabilities = svm(&classifier).probabilities(queries.view()).unwrap();
    let difference = largest(&probabilities, &golden.probabilities);
    assert!(difference < 3e-6, "probabilities differ by {difference}");
    let predictions = classifier.predict(queries.view(), classifier.description().fingerprint).unwrap();
    for (prediction, expected) in predictions.iter().zip(&golden.probabilities) {
        assert_eq!(prediction.class, Some(argmax(expected)));
        assert!((f64::from(prediction.score) - expected[argmax(expected)]).abs() < 1e-5);
    }
}

/// What templates do, spelled out: the score of each class for a vector.
fn plain_scores(people: &People, rows: &[usize], query: ArrayView1<'_, f32>, kind: TemplateKind) -> Vec<Option<f64>> {
    let unit = |row: ArrayView1<'_, f32>| {
        let wide = row.mapv(f64::from);
        let length = wide.dot(&wide).sqrt();
        wide / length
    };
    let query = unit(query);
    let score = |class: usize| {
        let own = rows.iter().filter(|&&row| people.labels[row] == class).map(|&row| unit(people.vectors.row(row)));
        match kind {
            TemplateKind::Each => own.map(|template| template.dot(&query)).reduce(f64::max),
            TemplateKind::Mean => own.reduce(|sum, row| sum + row).map(|sum| sum.dot(&query) / sum.dot(&sum).sqrt()),
        }
    };
    (0..people.names.len()).map(score).collect()
}

#[test]
fn the_rates_are_those_of_leaving_out() {
    for kind in [TemplateKind::Mean, TemplateKind::Each] {
        let people = People::new(12, 6, 8, 0.9, 7);
        let count = people.labels.len();
        let point = operating_point(&people.train(&at_fpir(0.1, kind)).unwrap());
        let (mut false_positives, mut misses, mut lower) = (0, 0, 0);
        for row in 0..count {
            let own = people.labels[row];
            let without_person: Vec<usize> = (0..count).filter(|&other| people.labels[other] != own).collect();
            let without_image: Vec<usize> = (0..count).filter(|&other| other != row).collect();
            let query = people.vectors.row(row);
            let nonmated =
                plain_scores(&people, &without_person, query, kind).into_iter().flatten().fold(-1.0, f64::max);
            false_positives += u64::from(nonmated >= point.threshold.into());
            // The threshold is the lowest: a little lower, there are more.
            lower += u64::from(nonmated >= f64::from(point.threshold) - 0.02);
            let mated: Vec<f64> = plain_scores(&people, &without_image, query, kind).into_iter().flatten().collect();
            misses += u64::from(argmax(&mated) != own || mated[own] < point.threshold.into());
        }
        let (fpir, fnir) = (point.fpir.unwrap(), point.fnir.unwrap());
        assert_eq!((fpir.errors, fpir.trials), (false_positives, count as u64));
        assert_eq!((fnir.errors, fnir.trials), (misses, count as u64));
        // One of twelve people is missing from the gallery.
        assert!((fpir.rate - false_positives as f64 / count as f64 * 12.0 / 11.0).abs() < 1e-12);
        assert!(fpir.rate <= 0.1 && lower as f64 / count as f64 * 12.0 / 11.0 > 0.1, "{fpir:?}, {lower}");
    }
}

#[test]
fn strangers_are_recognised_as_often_as_stated() {
    let (known, met) = (People::new(40, 8, 16, 0.8, 1), People::new(300, 4, 16, 0.8, 2));
    let others = People::new(300, 4, 16, 0.8, 3);
    for strangers in [None, Some(others.vectors.view())] {
        let options = TemplateOptions { threshold: ThresholdChoice::Fpir(0.05), strangers, ..Default::default() };
        let classifier = known.train(&Method::Template(options)).unwrap();
        let point = operating_point(&classifier);
        assert_eq!(point.fpir.unwrap().trials, 320 + strangers.map_or(0, |_| 1200));
        assert!(point.fpir.unwrap().rate <= 0.05);
        let predictions = classifier.predict(met.vectors.view(), fingerprint()).unwrap();
        let rate = predictions.iter().filter(|face| face.class.is_some()).count() as f64 / predictions.len() as f64;
        assert!((0.02..0.1).contains(&rate), "{rate}");
    }
}

#[test]
fn a_rate_that_the_faces_cannot_support_is_refused() {
    let people = People::new(10, 5, 8, 0.5, 1);
    let error = people.train(&at_fpir(0.01, TemplateKind::Mean)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("needs 300 faces") && error.to_string().contains("from 0.060"), "{error}");
    assert!(people.train(&at_fpir(0.06, TemplateKind::Mean)).is_ok());
    let alone = People::new(1, 400, 8, 0.5, 1);
    assert!(alone.train(&Method::default()).unwrap_err().to_string().contains("there are 0"));
    let many = People::new(300, 1, 8, 0.5, 2);
    let options = TemplateOptions { strangers: Some(many.vectors.view()), ..Default::default() };
    let point = operating_point(&alone.train(&Method::Template(options)).unwrap());
    assert!(point.fpir.unwrap().errors <= 3);
}

#[test]
fn one_class_and_one_image_will_do_for_templates() {
    let alone = People::new(1, 1, 4, 0.5, 1);
    let classifier = alone.train(&at_score(0.9)).unwrap();
    let predictions = classifier.predict(alone.vectors.view(), fingerprint()).unwrap();
    assert_eq!(predictions[0].class, Some(0));
    assert!(classifier.predict(alone.vectors.slice(ndarray::s![..0, ..]), fingerprint()).unwrap().is_empty());
    let error = alone.train(&Method::Svm(SvmOptions::default())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    // Every fold leaves one of the classes out.
    let two = People::new(2, 1, 4, 0.1, 1).train(&Method::Svm(SvmOptions::default())).unwrap();
    assert_eq!(two.classes()[1].images, 1);
    // Equal scores everywhere: nobody is accepted rather than all.
    let mut same = People::new(20, 20, 4, 0.5, 1);
    same.vectors.fill(1.0);
    let classifier = same.train(&at_fpir(0.01, TemplateKind::Mean)).unwrap();
    let point = operating_point(&classifier);
    assert_eq!((point.fpir.unwrap().errors, point.fnir.unwrap().rate), (0, 1.0));
    let file = tempfile::NamedTempFile::new().unwrap();
    classifier.save(file.path()).unwrap();
    assert_eq!(operating_point(&Classifier::load(file.path()).unwrap()).threshold, point.threshold);
}

#[test]
fn what_does_not_fit_is_refused() {
    let people = People::new(3, 4, 6, 0.5, 1);
    let methods = [at_score(0.5), Method::Svm(SvmOptions::default())];
    for method in &methods {
        let refused = |set: &TrainingSet<'_>, kind: ErrorKind| assert_eq!(train(set, method).unwrap_err().kind(), kind);
        for value in [f32::NAN, f32::INFINITY] {
            let mut broken = people.clone();
            broken.vectors[[5, 2]] = value;
            let error = broken.train(method).unwrap_err();
            assert!(error.to_string().contains("vector 5"), "{error}");
        }
        let set = people.set();
        let mut zero = people.clone();
        zero.vectors.row_mut(0).fill(0.0);
        refused(&zero.set(), ErrorKind::InvalidArgument);
        let empty = Array2::zeros((0, 6));
        refused(&TrainingSet { vectors: empty.view(), labels: &[], ..set }, ErrorKind::InvalidArgument);
        refused(&TrainingSet { labels: &people.labels[1..], ..set }, ErrorKind::DimensionMismatch);
        refused(&TrainingSet { names: &people.names[..2], ..set }, ErrorKind::InvalidArgument);
        let mut twice = people.names.clone();
        twice[1] = twice[0].clone();
        refused(&TrainingSet { names: &twice, ..set }, ErrorKind::InvalidArgument);
        let mut more = people.names.clone();
        more.push("nobody".into());
        refused(&TrainingSet { names: &more, ..set }, ErrorKind::InvalidArgument);
        let wrong = Classifier::train(&set, description(7), method, &Watch::none()).unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::DimensionMismatch);
        let classifier = people.train(method).unwrap();
        let other = classifier.predict(people.vectors.view(), Fingerprint::of("other")).unwrap_err();
        assert_eq!(other.kind(), ErrorKind::FingerprintMismatch);
        let narrow = classifier.predict(people.vectors.slice(ndarray::s![.., ..5]), fingerprint()).unwrap_err();
        assert_eq!(narrow.kind(), ErrorKind::DimensionMismatch);
    }
    for fpir in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(people.train(&at_fpir(fpir, TemplateKind::Mean)).is_err());
    }
    assert!(people.train(&at_score(1.5)).is_err() && people.train(&at_score(f32::NAN)).is_err());
    for cost in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(people.train(&Method::Svm(SvmOptions { cost, seed: 0 })).is_err());
    }
    let many = People::new(2001, 1, 2, 0.5, 1);
    assert!(many.train(&Method::Svm(SvmOptions::default())).unwrap_err().to_string().contains("2001 classes"));
    // Two opposite vectors have no mean direction.
    let opposite =
        People { vectors: ndarray::array![[1.0, 0.0], [-1.0, 0.0]], labels: vec![0, 0], names: vec!["a".into()] };
    assert!(opposite.train(&at_score(0.5)).is_err());
}

#[test]
fn training_stops_when_asked_and_tells_how_far_it_is() {
    let people = People::new(6, 4, 6, 0.5, 1);
    let (cancel, told) = (AtomicBool::new(false), AtomicU64::new(0));
    let progress = |done: u64, total: u64| {
        assert!(done <= total && total == 15);
        told.fetch_add(1, Ordering::Relaxed);
    };
    let method = Method::Svm(SvmOptions::default());
    Classifier::train(&people.set(), description(6), &method, &Watch::new(&progress, &cancel)).unwrap();
    assert_eq!(told.into_inner(), 15);
    cancel.store(true, Ordering::Relaxed);
    for method in [method, at_fpir(0.2, TemplateKind::Mean)] {
        let error =
            Classifier::train(&people.set(), description(6), &method, &Watch::new(&|_, _| (), &cancel)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_vectors_does_not_matter(order in Just((0..60).collect::<Vec<usize>>()).prop_shuffle(), seed in 0u64..99) {
        let people = People::new(6, 10, 8, 0.7, seed);
        let queries = People::new(30, 2, 8, 0.7, seed + 1000).permuted(&order);
        let shuffled = people.permuted(&order);
        for method in [at_fpir(0.1, TemplateKind::Mean), at_fpir(0.1, TemplateKind::Each)] {
            let (a, b) = (people.train(&method).unwrap(), shuffled.train(&method).unwrap());
            prop_assert!((operating_point(&a).threshold - operating_point(&b).threshold).abs() < 1e-5);
            prop_assert_eq!(operating_point(&a).fnir.unwrap().trials, operating_point(&b).fnir.unwrap().trials);
            let (a, b) = (a.predict(queries.vectors.view(), fingerprint()).unwrap(), b.predict(queries.vectors.view(), fingerprint()).unwrap());
            for (a, b) in a.iter().zip(&b) {
                prop_assert_eq!(a.nearest, b.nearest);
                prop_assert!((a.score - b.score).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn each_vector_is_named_by_itself(order in Just((0..70).collect::<Vec<usize>>()).prop_shuffle(), seed in 0u64..99, scale in 0.01f32..100.0) {
        let people = People::new(5, 8, 8, 0.7, seed);
        let queries = People::new(35, 2, 8, 0.7, seed + 1000);
        for method in [at_fpir(0.1, TemplateKind::Mean), Method::Svm(SvmOptions { seed, ..Default::default() })] {
            let classifier = people.train(&method).unwrap();
            prop_assert_eq!(&classifier, &people.train(&method).unwrap());
            let all = classifier.predict(queries.vectors.view(), fingerprint()).unwrap();
            let scaled = queries.vectors.select(Axis(0), &order) * scale;
            let shuffled = classifier.predict(scaled.view(), fingerprint()).unwrap();
            for (prediction, &row) in shuffled.iter().zip(&order) {
                prop_assert_eq!(prediction.nearest, all[row].nearest);
                prop_assert!((prediction.score - all[row].score).abs() < 1e-4);
            }
            if let Rule::Svm(svm) = classifier.rule() {
                let probabilities = svm.probabilities(queries.vectors.view()).unwrap();
                for row in probabilities.rows() {
                    prop_assert!((row.sum() - 1.0).abs() < 1e-9 && row.iter().all(|&p| (0.0..=1.0).contains(&p)));
                }
            }
        }
    }
}
