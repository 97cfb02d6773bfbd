//! What a training wrote down of its steps.

use std::path::Path;

use serde::Deserialize;

use super::history::History;
use super::original;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::limits;

/// Name of the file in the folder of a run.
const FILE: &str = "history.jsonl";

/// A line of the file: what a step, a validation or an evaluation on LFW found.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Record {
    step: u64,
    loss: Option<f64>,
    xent: Option<f64>,
    accuracy: Option<f64>,
    lr: Option<f64>,
    val_loss: Option<f64>,
    val_accuracy: Option<f64>,
    lfw_accuracy: Option<f64>,
    lfw_val: Option<f64>,
}

/// Reads what the run in `folder` wrote to `history.jsonl`, a JSON object a line; a line that was cut off is left out. Without that file,
/// it reads what facenet's own programs write: `stat.h5`, with `arguments.txt` beside it, or `lfw_result.txt` alone.
///
/// ```
/// use facenet::train::{draw, read_history};
///
/// let run = tempfile::tempdir()?;
/// std::fs::write(run.path().join("history.jsonl"), "{\"step\":1,\"loss\":6.2,\"lr\":0.1}\n{\"step\":2,\"loss\":5.9,\"lr\":0.1}\n{\"st")?;
/// let history = read_history(run.path())?;
/// assert_eq!(history.loss, [(1.0, 6.2), (2.0, 5.9)]);
/// draw(run.path().join("curves.svg"), &[("first try", &history)])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ErrorKind::NotFound`] or [`ErrorKind::Io`] if there is no such file, [`ErrorKind::DatasetInvalid`] if it has no step.
pub fn read_history(folder: impl AsRef<Path>) -> Result<History> {
    let folder = folder.as_ref();
    let path = folder.join(FILE);
    if !path.exists()
        && let Some(history) = original::read(folder)?
    {
        return Ok(history);
    }
    let text = limits::HISTORY.read_text(&path)?;
    let mut history = History::default();
    let mut last = 0;
    for record in text.lines().filter_map(|line| serde_json::from_str::<Record>(line).ok()) {
        // A validation belongs to the step before it; a run that went on from a checkpoint does its steps anew.
        let step = if record.step > 0 { record.step } else { last };
        if record.step > 0 && step <= last {
            history.forget_from(step);
        }
        last = step;
        for (curve, value) in history.curves_mut().into_iter().zip(record.values()) {
            curve.extend(value.filter(|value| value.is_finite()).map(|value| (step as f64, value)));
        }
    }
    match history.loss.is_empty() {
        true => Err(Error::new(ErrorKind::DatasetInvalid, format!("{} has no step of a training", path.display()))),
        false => Ok(history),
    }
}

impl Record {
    /// In the order of [`History::curves_mut`].
    fn values(&self) -> [Option<f64>; 8] {
        [
            self.loss,
            self.xent,
            self.accuracy,
            self.lr,
            self.val_loss,
            self.val_accuracy,
            self.lfw_accuracy,
            self.lfw_val,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Result<History> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        read_history(folder.path())
    }

    #[test]
    fn a_run_that_went_on_counts_its_steps_once() {
        let history = run("{\"step\":1,\"loss\":3}\n{\"step\":2,\"loss\":2.5}\n{\"epoch\":1,\"val_accuracy\":0.4}\n\
                           {\"step\":2,\"loss\":2.4}\n{\"step\":3,\"loss\":2}\n{\"epoch\":1,\"val_accuracy\":0.5,\"val_loss\":null}\n")
        .unwrap();
        assert_eq!(history.loss, [(1.0, 3.0), (2.0, 2.4), (3.0, 2.0)]);
        assert_eq!(history.validation_accuracy, [(3.0, 0.5)]);
        assert!(history.lfw_accuracy.is_empty());
    }

    #[test]
    fn what_is_no_run_is_refused() {
        assert_eq!(run("").unwrap_err().kind(), ErrorKind::DatasetInvalid);
        assert_eq!(read_history("/no/such/run").unwrap_err().kind(), ErrorKind::NotFound);
    }
}
