//! The library's side of `classify.py`: does one task a line and answers with the seconds, without those of reading and
//! writing files.
//!
//! Words are separated by tabs; matrices are `.npy` files. `train svm|softmax|mean|each VECTORS LABELS STRANGERS|- FPIR|COST MODEL`
//! (the cost is that of a softmax), then `predict MODEL VECTORS OUT` (class or -1, nearest class, score), `decisions MODEL VECTORS OUT` and
//! `coefficients MODEL OUT` of a softmax, `probabilities MODEL VECTORS OUT` for either, `operating-point MODEL OUT` (JSON) for templates.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, Write};
use std::time::Instant;

use facenet::Watch;
use facenet::classify::{
    Classifier, Method, Rule, Softmax, SoftmaxOptions, Svm, SvmOptions, TemplateKind, TemplateOptions, Templates,
    ThresholdChoice, TrainingSet,
};
use facenet::store::Description;
use facenet::{Fingerprint, Metric};
use ndarray::{Array1, Array2};
use ndarray_npy::{read_npy, write_npy};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split('\t').collect();
        let seconds = match words[..] {
            ["train", kind, vectors, labels, strangers, setting, model] => {
                train(kind, vectors, labels, strangers, setting.parse()?, model)?
            }
            ["predict", model, vectors, out] => predict(model, vectors, out)?,
            ["decisions", model, vectors, out] => {
                let (model, vectors) = (Classifier::load(model)?, read_npy::<_, Array2<f32>>(vectors)?);
                timed(|| Ok(svm(&model)?.decisions(vectors.view())?), |decisions| Ok(write_npy(out, &decisions)?))?
            }
            ["probabilities", model, vectors, out] => {
                let (model, vectors) = (Classifier::load(model)?, read_npy::<_, Array2<f32>>(vectors)?);
                timed(|| probabilities(&model, &vectors), |values| Ok(write_npy(out, &values)?))?
            }
            ["coefficients", model, out] => {
                write_npy(out, &softmax(&Classifier::load(model)?)?.coefficients())?;
                0.0
            }
            ["operating-point", model, out] => {
                let model = Classifier::load(model)?;
                let point = templates(&model)?.operating_point();
                serde_json::to_writer(File::create(out)?, point)?;
                0.0
            }
            _ => return Err(format!("no task: {line}").into()),
        };
        println!("{seconds}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn train(kind: &str, vectors: &str, labels: &str, strangers: &str, setting: f64, model: &str) -> Result<f64> {
    let vectors: Array2<f32> = read_npy(vectors)?;
    let labels: Vec<usize> = read_npy::<_, Array1<i64>>(labels)?.iter().map(|&label| label as usize).collect();
    let strangers: Option<Array2<f32>> = if strangers == "-" { None } else { Some(read_npy(strangers)?) };
    let names: Vec<String> = (0..=labels.iter().copied().max().unwrap_or(0)).map(|class| class.to_string()).collect();
    let set = TrainingSet { vectors: vectors.view(), labels: &labels, names: &names };
    let template = |kind| {
        let strangers = strangers.as_ref().map(|strangers| strangers.view());
        Method::Template(TemplateOptions { kind, threshold: ThresholdChoice::Fpir(setting), strangers })
    };
    let method = match kind {
        "svm" => Method::Svm(SvmOptions::default()),
        "softmax" => Method::Softmax(SoftmaxOptions { cost: setting, ..SoftmaxOptions::default() }),
        "mean" => template(TemplateKind::Mean),
        "each" => template(TemplateKind::Each),
        _ => return Err(format!("no kind of classifier: {kind}").into()),
    };
    let description = Description {
        model: "facenet".into(),
        fingerprint: fingerprint(),
        dimension: vectors.ncols(),
        metric: Metric::Euclidean,
    };
    let train = || Ok(Classifier::train(&set, description, &method, &Watch::none())?);
    timed(train, |classifier| Ok(classifier.save(model)?))
}

fn predict(model: &str, vectors: &str, out: &str) -> Result<f64> {
    let (model, vectors) = (Classifier::load(model)?, read_npy::<_, Array2<f32>>(vectors)?);
    let predict = || Ok(model.predict(vectors.view(), fingerprint())?);
    timed(predict, |predictions| {
        let row = |index: usize| {
            let prediction = predictions[index];
            let class = prediction.class.map_or(-1.0, |class| class as f64);
            [class, prediction.nearest as f64, prediction.score.into()]
        };
        Ok(write_npy(out, &Array2::from_shape_fn((predictions.len(), 3), |(index, column)| row(index)[column]))?)
    })
}

/// Seconds of `work`, whose result `keep` puts away.
fn timed<T>(work: impl FnOnce() -> Result<T>, keep: impl FnOnce(T) -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    let result = work()?;
    let seconds = start.elapsed().as_secs_f64();
    keep(result)?;
    Ok(seconds)
}

fn fingerprint() -> Fingerprint {
    Fingerprint::of("facenet")
}

fn svm(model: &Classifier) -> Result<&Svm> {
    match model.rule() {
        Rule::Svm(svm) => Ok(svm),
        _ => Err("not a support vector machine".into()),
    }
}

fn softmax(model: &Classifier) -> Result<&Softmax> {
    match model.rule() {
        Rule::Softmax(softmax) => Ok(softmax),
        _ => Err("not a softmax".into()),
    }
}

fn probabilities(model: &Classifier, vectors: &Array2<f32>) -> Result<Array2<f64>> {
    match model.rule() {
        Rule::Svm(svm) => Ok(svm.probabilities(vectors.view())?),
        Rule::Softmax(softmax) => Ok(softmax.probabilities(vectors.view())?),
        Rule::Template(_) => Err("templates have no probabilities".into()),
    }
}

fn templates(model: &Classifier) -> Result<&Templates> {
    match model.rule() {
        Rule::Template(templates) => Ok(templates),
        _ => Err("no templates".into()),
    }
}
