//! Figures of everybody compared with everybody: calibration, its profiles, BLUFR.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use facenet::Watch;
use facenet::evaluate::{BlufrOptions, CalibrationOptions, Profile, RateOptions, blufr, calibrate};
use facenet::model::{Mirror, Threshold};
use facenet::{ErrorKind, Fingerprint, Metric};
use ndarray::Array2;
use testkit::evaluate::{NEVER, expected};

#[test]
fn calibration_of_all_pairs_counts_them() {
    let expected = expected();
    let (vectors, subjects) = (expected.matrix(), (0..84).map(|row| row / 6 + 100).collect::<Vec<u32>>());
    let rates = RateOptions { false_match_rates: vec![0.05, 0.2], ..RateOptions::default() };
    let options = CalibrationOptions { metric: Metric::Cosine, rates, ..CalibrationOptions::default() };
    let found = calibrate(vectors.view(), &subjects, &options, &Watch::none()).unwrap();
    assert_eq!((found.genuine_available, found.impostor_available), (14 * 15, 84 * 83 / 2 - 14 * 15));
    assert_eq!((found.rates.genuine, found.rates.impostor), (14 * 15, 84 * 83 / 2 - 14 * 15));
    for point in &found.rates.points {
        let within = |same: bool| {
            let pairs = (0..84).flat_map(|a| (0..a).map(move |b| (a, b)));
            let kind = pairs.filter(|(a, b)| (a / 6 == b / 6) == same);
            let near = |(a, b): &(usize, usize)| vectors.row(*a).dot(&vectors.row(*b)) >= point.threshold;
            kind.filter(near).count()
        };
        assert_eq!(within(false), point.false_match.errors);
        assert_eq!(210 - within(true), point.false_non_match.errors);
        assert!(point.false_match.rate <= point.wanted);
    }
    let thresholds = found.thresholds(Mirror::Average, "a test");
    assert_eq!(thresholds.len(), 2);
    assert_eq!(thresholds[0].mirror, Mirror::Average);

    let fewer = CalibrationOptions { most_pairs: 80, ..options.clone() };
    let chosen = calibrate(vectors.view(), &subjects, &fewer, &Watch::none()).unwrap();
    assert!(chosen.rates.genuine <= 80 && chosen.rates.impostor == 80);
    assert_eq!(calibrate(vectors.view(), &subjects, &fewer, &Watch::none()).unwrap(), chosen);
    // The memory may lie in any way.
    let turned = vectors.t().as_standard_layout().to_owned();
    assert_eq!(calibrate(turned.t(), &subjects, &options, &Watch::none()).unwrap(), found);
}

#[test]
fn calibration_tells_how_far_it_is_and_stops() {
    let expected = expected();
    let (vectors, subjects) = (expected.matrix(), (0..84).map(|row| row / 6).collect::<Vec<u32>>());
    let with = |replicates| CalibrationOptions {
        rates: RateOptions { replicates, ..RateOptions::default() },
        ..CalibrationOptions::default()
    };
    // Few enough comparisons to be a piece of each kind.
    for replicates in [0, 100] {
        let told = Mutex::new(Vec::new());
        let tell = |done, total| told.lock().unwrap().push((done as usize, total as usize));
        calibrate(vectors.view(), &subjects, &with(replicates), &Watch::new(&tell, &NEVER)).unwrap();
        let told = told.into_inner().unwrap();
        assert!(told.is_sorted() && told.iter().all(|&(_, total)| total == 2 + replicates), "{told:?}");
        assert_eq!((told[0].0, told.last().unwrap().0), (0, 2 + replicates));
    }
    for last in 0..2 {
        let cancel = AtomicBool::new(false);
        let stop = |done: u64, _| cancel.store(done >= last, Ordering::Relaxed);
        let error = calibrate(vectors.view(), &subjects, &with(100), &Watch::new(&stop, &cancel)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

#[test]
fn what_cannot_be_calibrated_is_an_error() {
    let options = CalibrationOptions::default();
    let kind = |vectors: &Array2<f32>, subjects: &[u32]| {
        calibrate(vectors.view(), subjects, &options, &Watch::none()).unwrap_err().kind()
    };
    let vectors = Array2::from_elem((4, 2), 0.5f32);
    assert_eq!(kind(&vectors, &[1, 1]), ErrorKind::DimensionMismatch);
    assert_eq!(kind(&vectors, &[1; 4]), ErrorKind::InvalidArgument);
    assert_eq!(kind(&vectors, &[1, 2, 3, 4]), ErrorKind::InvalidArgument);
    assert_eq!(kind(&Array2::zeros((0, 2)), &[]), ErrorKind::InvalidArgument);
    assert_eq!(kind(&Array2::zeros((4, 0)), &[1, 1, 2, 2]), ErrorKind::DimensionMismatch);
    assert_eq!(kind(&Array2::from_elem((4, 2), f32::NAN), &[1, 1, 2, 2]), ErrorKind::InvalidArgument);
    let none = CalibrationOptions { most_pairs: 0, ..options.clone() };
    assert_eq!(
        calibrate(vectors.view(), &[1, 1, 2, 2], &none, &Watch::none()).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
}

#[test]
fn a_profile_is_checked_when_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.toml");
    let threshold = |distance| Threshold {
        distance,
        mirror: Mirror::Off,
        false_match_rate: 1e-3,
        false_non_match_rate: 0.1,
        measured_on: "a \"test\"".into(),
    };
    let new = |thresholds| Profile::new("m", Fingerprint::of("m"), Metric::Cosine, thresholds);
    assert_eq!(new(vec![]).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(new(vec![threshold(f32::NAN)]).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let profile = new(vec![threshold(0.4), threshold(0.3)]).unwrap();
    profile.write(&path).unwrap();
    assert_eq!(Profile::read(&path).unwrap(), profile);
    let text = std::fs::read_to_string(&path).unwrap();
    for (text, kind) in [
        (text.replace("version = 1", "version = 2"), ErrorKind::Unsupported),
        (text.replace("0.4", "inf"), ErrorKind::DatasetInvalid),
        (text.replace("cosine", "taxi"), ErrorKind::DatasetInvalid),
        (text.replace("model =", "modell ="), ErrorKind::DatasetInvalid),
        (String::new(), ErrorKind::DatasetInvalid),
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(Profile::read(&path).unwrap_err().kind(), kind);
    }
    assert_eq!(Profile::read(folder.path().join("none")).unwrap_err().kind(), ErrorKind::NotFound);
}

/// Nobody is set aside, so verification is the same whatever is drawn, and can be done by hand.
#[test]
fn blufr_counts_as_by_hand() {
    let expected = expected();
    let (vectors, subjects) = (expected.matrix(), (0..84).map(|row| row / 6).collect::<Vec<u32>>());
    let options = BlufrOptions {
        trials: 3,
        training_people: 0,
        gallery_people: 7,
        verification_far: 0.05,
        ..BlufrOptions::default()
    };
    let done = Mutex::new(Vec::new());
    let progress = |trial, of| done.lock().unwrap().push((trial, of));
    let found = blufr(vectors.view(), &subjects, &options, &Watch::new(&progress, &NEVER)).unwrap();
    assert_eq!(done.into_inner().unwrap(), [(0, 3), (1, 3), (2, 3), (3, 3)]);
    let likeness = |a: usize, b: usize| vectors.row(a).dot(&vectors.row(b));
    let pairs = || (0..84usize).flat_map(|a| (0..a).map(move |b| (a, b)));
    let of = |same: bool| pairs().filter(move |(a, b)| (a / 6 == b / 6) == same).map(|(a, b)| likeness(a, b));
    let mut impostor: Vec<f32> = of(false).collect();
    impostor.sort_by(|a, b| b.total_cmp(a));
    let threshold = impostor[(0.05 * impostor.len() as f64) as usize];
    let verified = of(true).filter(|&likeness| likeness > threshold).count() as u64;
    for trial in &found.trials {
        assert_eq!((trial.genuine, trial.impostor, trial.verified), (210, impostor.len() as u64, verified));
        assert_eq!((trial.genuine_probes, trial.impostor_probes), (7 * 5, 7 * 6));
    }
    assert_eq!(blufr(vectors.view(), &subjects, &options, &Watch::none()).unwrap(), found);

    let kind = |vectors: &Array2<f32>, options: &BlufrOptions| {
        blufr(vectors.view(), &subjects, options, &Watch::none()).unwrap_err().kind()
    };
    for bad in [
        BlufrOptions { gallery_people: 15, ..options.clone() },
        BlufrOptions { gallery_people: 14, ..options.clone() },
        BlufrOptions { gallery_people: 0, ..options.clone() },
        BlufrOptions { training_people: 7, ..options.clone() },
        BlufrOptions { training_people: usize::MAX, ..options.clone() },
        BlufrOptions { trials: 0, ..options.clone() },
        BlufrOptions { identification_far: f64::NAN, ..options.clone() },
    ] {
        assert_eq!(kind(&vectors, &bad), ErrorKind::InvalidArgument);
    }
    assert_eq!(kind(&Array2::zeros((84, 3)), &options), ErrorKind::InvalidArgument);
    assert_eq!(kind(&Array2::zeros((3, 3)), &options), ErrorKind::DimensionMismatch);
    let cancelled = AtomicBool::new(true);
    let error = blufr(vectors.view(), &subjects, &options, &Watch::new(&|_, _| {}, &cancelled)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}
