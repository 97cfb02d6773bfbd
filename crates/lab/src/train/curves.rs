//! Learning curves as pictures.

use std::ops::Range;
use std::path::Path;

use plotters::chart::ChartBuilder;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{PathElement, Text};
use plotters::prelude::{Color, DrawingBackend, IntoLogRange, LineSeries, Palette, Palette99};
use plotters::style::{BLACK, TRANSPARENT, WHITE};

use super::history::{History, LearningCurve};
use crate::plot::{self, Drawing};
use facenet_core::error::{Error, ErrorKind, Result};

/// Points of a line, from where on steps are averaged so that a line can be seen.
const MOST_POINTS: usize = 400;

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
        let names: Vec<&str> = self.runs.iter().map(|&(name, _)| name).collect();
        let legend = Legend::of(&names, Self::SIZE.0);
        let (top, area) = area.split_vertically(legend.height());
        legend.draw(&top)?;
        let curves = self.runs.iter().flat_map(|(_, history)| PANELS.map(|(_, _, curve)| curve(history)));
        let steps = 0.0..curves.filter_map(|curve| curve.last()).map(|&(step, _)| step).fold(1.0, f64::max);
        for (area, (title, logarithmic, curve)) in area.split_evenly((2, 3)).iter().zip(PANELS) {
            let lines = self.runs.iter().map(|(_, history)| averaged(curve(history))).collect::<Vec<_>>();
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

/// Which colour is whose, above all panels: in one of them it would hide a curve.
struct Legend<'a> {
    /// Each name, and the corner at the left of its line.
    places: Vec<(&'a str, (i32, i32))>,
    rows: i32,
}

impl<'a> Legend<'a> {
    const ROW: i32 = 18;
    const LINE: i32 = 24;

    fn of(names: &[&'a str], width: u32) -> Self {
        let (mut x, mut y, mut places) = (Self::MARGIN, Self::MARGIN, Vec::new());
        for &name in names {
            // As wide as letters of this size are at most, about.
            let wide = Self::LINE + 8 * i32::try_from(name.chars().count()).unwrap_or(i32::MAX / 16) + 30;
            if x > Self::MARGIN && x + wide > i32::try_from(width).unwrap_or(i32::MAX) {
                (x, y) = (Self::MARGIN, y + Self::ROW);
            }
            places.push((name, (x, y)));
            x += wide;
        }
        Self { places, rows: (y - Self::MARGIN) / Self::ROW + 1 }
    }

    const MARGIN: i32 = 12;

    fn height(&self) -> i32 {
        // With many runs, the panels keep half of the picture.
        (Self::MARGIN + self.rows * Self::ROW).min(360)
    }

    fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> std::result::Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        for (index, &(name, (x, y))) in self.places.iter().enumerate() {
            let middle = y + Self::ROW / 2 - 3;
            let line = [(x, middle), (x + Self::LINE - 6, middle)];
            area.draw(&PathElement::new(line, Palette99::pick(index).stroke_width(2)))?;
            area.draw(&Text::new(name.to_owned(), (x + Self::LINE, y), ("sans-serif", 12)))?;
        }
        Ok(())
    }
}

fn draw_panel<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    title: &str,
    steps: Range<f64>,
    logarithmic: bool,
    lines: &[LearningCurve],
) -> std::result::Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let values = || lines.iter().flatten().map(|&(_, value)| value);
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
            mesh.x_label_formatter(&|&step| whole(step)).y_label_formatter(&|&value| short(value));
            mesh.x_labels(5).y_labels(6).draw()?;
            for (index, line) in lines.iter().enumerate() {
                let color = Palette99::pick(index).stroke_width(2);
                chart.draw_series(LineSeries::new(line.iter().copied(), color))?;
            }
            Ok(())
        }};
    }
    match logarithmic && low > 0.0 {
        // From a power of ten to another, so that there are numbers; a little more, so that rounding takes none away.
        true => {
            let (from, to) = (low.log10().floor(), high.log10().ceil());
            let to = if to > from { to } else { from + 1.0 };
            draw!((10f64.powf(from) * 0.99..10f64.powf(to) * 1.01).log_scale())
        }
        false => draw!(low - spare..high + spare),
    }
}

/// The number of a step; nothing between two.
fn whole(step: f64) -> String {
    if (step - step.round()).abs() < 1e-6 { format!("{step:.0}") } else { String::new() }
}

/// A number with four digits at most.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    match rounded.abs() {
        small if small > 0.0 && small < 1e-3 => format!("{rounded:e}"),
        _ => rounded.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_drawn_is_refused() {
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

    /// The texts of a drawing, in their order.
    fn texts(runs: &[(&str, &History)]) -> Vec<String> {
        let drawn = plot::svg(&Panels { runs }).unwrap();
        let inside = drawn.split("<text").skip(1).filter_map(|part| part.split_once('>')?.1.split_once("</text>"));
        inside.map(|(text, _)| text.trim().to_owned()).collect()
    }

    #[test]
    fn axes_have_numbers_and_the_legend_is_above_them() {
        for rate in [0.1, 0.05, 1.0, 3e-5] {
            let history = History {
                loss: vec![(1.0, 3.0), (20.0, 1.0)],
                learning_rate: vec![(1.0, rate), (20.0, rate)],
                ..History::default()
            };
            let texts = texts(&[("first", &history), ("second", &history)]);
            assert_eq!(texts[..2], ["first", "second"]);
            assert_eq!(texts.iter().filter(|text| *text == "first").count(), 1);
            let last = texts.iter().position(|text| text == "Learning rate").unwrap();
            let numbers: Vec<f64> = texts[last + 1..].iter().filter_map(|text| text.parse().ok()).collect();
            assert!(numbers.iter().any(|&number| number > 0.0 && number <= rate), "{rate}: {texts:?}");
            assert!(texts.iter().any(|text| text == "20") && !texts.iter().any(|text| text == "20.0"), "{texts:?}");
        }
    }
}
