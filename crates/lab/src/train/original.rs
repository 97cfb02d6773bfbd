//! What facenet's own programs write down of a training.

use std::path::Path;

use super::hdf5;
use super::history::{History, LearningCurve};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::limits;

/// The arrays of a training of a classifier.
const STATISTICS: &str = "stat.h5";
/// Step, accuracy and validation rate of each evaluation, of any training.
const RESULTS: &str = "lfw_result.txt";
const ARGUMENTS: &str = "arguments.txt";

/// The history of the run whose logs are in `folder`; none if there are no files of facenet.
pub(super) fn read(folder: &Path) -> Result<Option<History>> {
    let (statistics, results) = (folder.join(STATISTICS), folder.join(RESULTS));
    if statistics.exists() {
        let bytes = limits::HISTORY.read(&statistics)?;
        let arguments = limits::SETTINGS.read_text(&folder.join(ARGUMENTS)).unwrap_or_default();
        let history = of_statistics(&bytes, &arguments).map_err(|error| error.context(statistics.display()))?;
        return Ok(Some(history));
    }
    if results.exists() {
        let text = limits::HISTORY.read_text(&results)?;
        return of_results(&text).map(Some).map_err(|error| error.context(results.display()));
    }
    Ok(None)
}

fn of_statistics(bytes: &[u8], arguments: &str) -> Result<History> {
    let arrays = hdf5::read_arrays(bytes)?;
    let array = |name: &str| arrays.get(name).map_or(&[][..], Vec::as_slice);
    let loss = array("loss");
    // Places of steps that were not done hold zeros.
    let done = loss.iter().rposition(|&loss| loss != 0.0).map_or(0, |last| last + 1);
    let epochs = array("learning_rate").len();
    if done == 0 || epochs == 0 {
        return Err(Error::new(ErrorKind::DatasetInvalid, "has no step of a training"));
    }
    let epoch_size = loss.len() / epochs;
    let validations = array("val_loss");
    let every =
        number(arguments, "validate_every_n_epochs").unwrap_or_else(|| epochs.div_ceil(validations.len().max(1)));
    let of_steps = |name: &str| -> LearningCurve {
        array(name).iter().take(done).enumerate().map(|(i, &value)| ((i + 1) as f64, value)).collect()
    };
    // What was not measured is zero.
    let of_epochs = |name: &str, measured: &[f64], every: usize| -> LearningCurve {
        let step = |place: usize| (((place + 1).saturating_mul(every)).min(epochs) * epoch_size).min(done) as f64;
        let values = array(name).iter().zip(measured).enumerate().filter(|(_, (_, measured))| **measured != 0.0);
        values.map(|(place, (&value, _))| (step(place), value)).collect()
    };
    let lfw = array("lfw_accuracy");
    Ok(History {
        loss: of_steps("loss"),
        xent: of_steps("xent_loss"),
        accuracy: of_steps("accuracy"),
        learning_rate: of_epochs("learning_rate", array("learning_rate"), 1),
        validation_loss: of_epochs("val_loss", validations, every),
        validation_accuracy: of_epochs("val_accuracy", validations, every),
        lfw_accuracy: of_epochs("lfw_accuracy", lfw, 1),
        lfw_validation_rate: of_epochs("lfw_valrate", lfw, 1),
    })
}

/// A setting in `arguments.txt`, whose lines are `name: value`.
fn number(arguments: &str, name: &str) -> Option<usize> {
    let value = arguments.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.trim().parse().ok().filter(|&number| number > 0)
}

fn of_results(text: &str) -> Result<History> {
    let mut history = History::default();
    for line in text.lines() {
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        if let [step, accuracy, rate] = *numbers {
            history.lfw_accuracy.push((step, accuracy));
            history.lfw_validation_rate.push((step, rate));
        }
    }
    match history.lfw_accuracy.is_empty() {
        true => Err(Error::new(ErrorKind::DatasetInvalid, "has no evaluation: lines of step, accuracy and rate")),
        false => Ok(history),
    }
}
