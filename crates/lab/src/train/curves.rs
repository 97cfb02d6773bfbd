//! Learning curves: what a run wrote down of its steps, and pictures of it.

use std::ops::Range;
use std::path::Path;

use plotters::chart::{ChartBuilder, SeriesLabelPosition};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::PathElement;
use plotters::prelude::{Color, DrawingBackend, IntoLogRange, LineSeries, Palette, Palette99};
use plotters::style::{BLACK, TRANSPARENT, WHITE};
use serde::Deserialize;

use crate::plot::{self, Drawing};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::internal::limits;

/// Name of the file in the folder of a run.
const FILE: &str = "history.jsonl";

/// Points of a line, from where on steps are averaged so that a line can be seen.
const MOST_POINTS: usize = 400;

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

/// A figure over the steps: pairs of step and value.
pub type LearningCurve = Vec<(f64, f64)>;

/// What a run found, step by step. Curves of what it did not measure are empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// The whole loss.
    pub loss: LearningCurve,
    /// The cross entropy.
    pub xent: LearningCurve,
    /// The fraction of right answers in training.
    pub accuracy: LearningCurve,
    /// The learning rate.
    pub learning_rate: LearningCurve,
    /// The loss on the part set aside for validation.
    pub validation_loss: LearningCurve,
    /// The fraction of right answers there.
    pub validation_accuracy: LearningCurve,
    /// The accuracy on LFW.
    pub lfw_accuracy: LearningCurve,
    /// The validation rate on LFW.
    pub lfw_validation_rate: LearningCurve,
}

/// Reads what the run in `folder` wrote to `history.jsonl`, a JSON object a line. A line that was cut off is left out.
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
    let path = folder.as_ref().join(FILE);
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

impl History {
    /// In the order of [`Record::values`].
    fn curves_mut(&mut self) -> [&mut LearningCurve; 8] {
        [
            &mut self.loss,
            &mut self.xent,
            &mut self.accuracy,
            &mut self.learning_rate,
            &mut self.validation_loss,
            &mut self.validation_accuracy,
            &mut self.lfw_accuracy,
            &mut self.lfw_validation_rate,
        ]
    }

    fn forget_from(&mut self, step: u64) {
        self.curves_mut().into_iter().for_each(|curve| curve.retain(|&(at, _)| at < step as f64));
    }
}

/// Draws the curves of one or several runs, each with its name, to an SVG or PNG file: loss, cross entropy, accuracy in training
/// and validation, accuracy and validation rate on LFW, learning rate.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if there is no run or the file's name ends otherwise, and those of writing.
pub fn draw(path: impl AsRef<Path>, runs: &[(&str, &History)]) -> Result<()> {
    if runs.is_empty() {
        return Err(Error::new(ErrorKind::InvalidArgument, "no run to draw"));
    }
    plot::write(path.as_ref(), &Panels { runs })
}

struct Panels<'a> {
    runs: &'a [(&'a str, &'a History)],
}

/// A panel: its title, whether its axis is logarithmic, and its curve.
type Panel = (&'static str, bool, fn(&History) -> &LearningCurve);

const PANELS: [Panel; 6] = [
    ("Loss", false, |history| &history.loss),
    ("Cross entropy", false, |history| &history.xent),
    ("Accuracy in training", false, |history| &history.accuracy),
    ("Accuracy in validation", false, |history| &history.validation_accuracy),
    ("Accuracy on LFW", false, |history| &history.lfw_accuracy),
    ("Learning rate", true, |history| &history.learning_rate),
];

impl Drawing for Panels<'_> {
    const SIZE: (u32, u32) = (1200, 720);

    fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> std::result::Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        area.fill(&WHITE)?;
        let steps = self.runs.iter().flat_map(|(_, history)| history.loss.last()).map(|&(step, _)| step);
        let steps = 0.0..steps.fold(1.0, f64::max);
        for (area, (title, logarithmic, curve)) in area.split_evenly((2, 3)).iter().zip(PANELS) {
            let lines = self.runs.iter().map(|&(name, history)| (name, averaged(curve(history)))).collect::<Vec<_>>();
            draw_panel(area, title, steps.clone(), logarithmic, &lines)?;
        }
        Ok(())
    }
}

/// The mean of each run of neighbouring points, so many that a line has no more than [`MOST_POINTS`].
fn averaged(curve: &LearningCurve) -> LearningCurve {
    let mean = |points: &[(f64, f64)]| {
        let (step, value) = points.iter().fold((0.0, 0.0), |(step, value), point| (step + point.0, value + point.1));
        (step / points.len() as f64, value / points.len() as f64)
    };
    curve.chunks(curve.len().div_ceil(MOST_POINTS).max(1)).map(mean).collect()
}

fn draw_panel<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    title: &str,
    steps: Range<f64>,
    logarithmic: bool,
    lines: &[(&str, LearningCurve)],
) -> std::result::Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let values = || lines.iter().flat_map(|(_, line)| line).map(|&(_, value)| value);
    let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
    // A panel of what was not measured stays empty; a flat line lies in the middle.
    let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
    let spare = if high > low { (high - low) * 0.05 } else { high.abs().max(1e-3) * 0.5 };
    let mut builder = ChartBuilder::on(area);
    builder.margin(12).caption(title, ("sans-serif", 16)).x_label_area_size(28).y_label_area_size(56);
    macro_rules! draw {
        ($range:expr) => {{
            let mut chart = builder.build_cartesian_2d(steps, $range)?;
            let mut mesh = chart.configure_mesh();
            mesh.bold_line_style(BLACK.mix(0.12)).light_line_style(TRANSPARENT).label_style(("sans-serif", 12));
            mesh.x_labels(5).y_labels(6).draw()?;
            for (index, (name, line)) in lines.iter().enumerate() {
                let color = Palette99::pick(index).stroke_width(2);
                let series = chart.draw_series(LineSeries::new(line.iter().copied(), color))?;
                series.label(*name).legend(move |(x, y)| PathElement::new([(x, y), (x + 14, y)], color));
            }
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperRight)
                .background_style(WHITE.mix(0.8))
                .label_font(("sans-serif", 12))
                .draw()
        }};
    }
    match logarithmic && low > 0.0 {
        true => draw!((low / 1.5..high * 1.5).log_scale()),
        false => draw!(low - spare..high + spare),
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
        let history = History::default();
        assert_eq!(draw("a.gif", &[("a", &history)]).unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert_eq!(draw("a.svg", &[]).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }

    #[test]
    fn long_runs_are_averaged() {
        let curve: LearningCurve = (1..=1000).map(|step| (f64::from(step), 1.0)).collect();
        let averaged = averaged(&curve);
        assert!(averaged.len() <= MOST_POINTS && averaged.iter().all(|&(_, value)| value == 1.0));
    }
}
