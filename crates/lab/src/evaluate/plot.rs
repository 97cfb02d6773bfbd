//! ROC and DET curves as pictures.

use std::path::Path;

use plotters::chart::{ChartBuilder, SeriesLabelPosition};
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::PathElement;
use plotters::prelude::{Color, DrawingBackend, IntoLogRange, LineSeries, Palette, Palette99, RGBColor};
use plotters::series::DashedLineSeries;
use plotters::style::{BLACK, TRANSPARENT, WHITE};

use super::comparisons::RocPoint;
use crate::plot::{self, Drawing};
use facenet_core::error::{Error, ErrorKind, Result};

const GRAY: RGBColor = RGBColor(150, 150, 150);

/// Which curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CurveKind {
    /// Receiver operating characteristic: true match rate over false match rate.
    Roc,
    /// Detection error trade-off: false non-match rate over false match rate, on logarithmic axes.
    Det,
}

/// A curve with its name in the legend.
#[derive(Debug, Clone, Copy)]
pub struct Curve<'a> {
    /// The name.
    pub name: &'a str,
    /// The points, in the order of their thresholds.
    pub points: &'a [RocPoint],
}

/// Draws curves to the file `path`: as SVG if its name ends in `.svg`, as PNG if in `.png`.
///
/// On the logarithmic axes of a DET curve, a rate of zero lies on the border.
///
/// ```
/// use facenet::Metric;
/// use facenet::evaluate::{Comparison, Comparisons, Curve, CurveKind, draw};
///
/// let of = |distance, same| Comparison { distance, same, subjects: [0, u32::from(!same)] };
/// let comparisons = Comparisons::new(vec![of(0.9, false), of(1.0, true), of(0.5, true)], Metric::Euclidean)?;
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("det.svg");
/// draw(&path, CurveKind::Det, &[Curve { name: "a model", points: &comparisons.roc() }])?;
/// assert!(std::fs::read_to_string(&path).unwrap().contains("False non-match rate"));
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if the name ends otherwise or a curve has no points, and those of
/// [`write_whole`](facenet_core::internal::files::write_whole).
pub fn draw(path: impl AsRef<Path>, kind: CurveKind, curves: &[Curve<'_>]) -> Result<()> {
    plot::write(path.as_ref(), &Plot::new(kind, curves)?)
}

/// Fails unless [`draw`] can write to a file of this name.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`].
pub fn check_picture_name(path: impl AsRef<Path>) -> Result<()> {
    plot::check_name(path.as_ref())
}

/// Curves as the text of an SVG file.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if a curve has no points.
pub fn svg(kind: CurveKind, curves: &[Curve<'_>]) -> Result<String> {
    plot::svg(&Plot::new(kind, curves)?)
}

/// Curves that have points.
struct Plot<'a> {
    kind: CurveKind,
    curves: &'a [Curve<'a>],
}

impl<'a> Plot<'a> {
    fn new(kind: CurveKind, curves: &'a [Curve<'a>]) -> Result<Self> {
        if curves.is_empty() || curves.iter().any(|curve| curve.points.is_empty()) {
            return Err(Error::new(ErrorKind::InvalidArgument, "a curve without points cannot be drawn"));
        }
        Ok(Self { kind, curves })
    }
}

impl Drawing for Plot<'_> {
    const SIZE: (u32, u32) = (720, 640);

    fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> std::result::Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        let &Self { kind, curves } = self;
        match kind {
            CurveKind::Roc => {
                let lines = curves.iter().map(|curve| {
                    curve.points.iter().map(|p| (p.false_match_rate, 1.0 - p.false_non_match_rate)).collect()
                });
                let chance = [(0.0, 0.0), (1.0, 1.0)];
                plot_lines(
                    area,
                    curves,
                    lines.collect(),
                    (0.0..1.0, 0.0..1.0),
                    chance,
                    "True match rate",
                    SeriesLabelPosition::LowerRight,
                )
            }
            CurveKind::Det => {
                let least = [least(curves, |p| p.false_match_rate), least(curves, |p| p.false_non_match_rate)];
                let lines = curves.iter().map(|curve| {
                    let clipped =
                        |p: &RocPoint| (p.false_match_rate.max(least[0]), p.false_non_match_rate.max(least[1]));
                    curve.points.iter().map(clipped).collect()
                });
                let from = least[0].max(least[1]);
                let ranges = ((least[0]..1.0).log_scale(), (least[1]..1.0).log_scale());
                plot_lines(
                    area,
                    curves,
                    lines.collect(),
                    ranges,
                    [(from, from), (1.0, 1.0)],
                    "False non-match rate",
                    SeriesLabelPosition::UpperRight,
                )
            }
        }
    }
}

/// The power of ten below every rate that is not zero.
fn least(curves: &[Curve<'_>], rate: fn(&RocPoint) -> f64) -> f64 {
    let rates = curves.iter().flat_map(|curve| curve.points).map(rate).filter(|&rate| rate > 0.0);
    10f64.powf(rates.fold(0.1, f64::min).log10().floor())
}

type Line = Vec<(f64, f64)>;

/// The lines of `curves`, and the line `across` on which both rates are equal or the decision is a guess.
fn plot_lines<DB, X, Y>(
    area: &DrawingArea<DB, Shift>,
    curves: &[Curve<'_>],
    lines: Vec<Line>,
    (x, y): (X, Y),
    across: [(f64, f64); 2],
    y_name: &str,
    legend: SeriesLabelPosition,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>>
where
    DB: DrawingBackend,
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    area.fill(&WHITE)?;
    let mut chart =
        ChartBuilder::on(area).margin(16).x_label_area_size(48).y_label_area_size(72).build_cartesian_2d(x, y)?;
    let short = |value: &f64| match *value {
        value if value >= 1e-3 || value == 0.0 => format!("{}", (value * 1e3).round() / 1e3),
        value => format!("{value:.0e}"),
    };
    chart
        .configure_mesh()
        .bold_line_style(BLACK.mix(0.12))
        .light_line_style(TRANSPARENT)
        .x_desc("False match rate")
        .y_desc(y_name)
        .x_label_formatter(&short)
        .y_label_formatter(&short)
        .label_style(("sans-serif", 14))
        .axis_desc_style(("sans-serif", 16))
        .draw()?;
    chart.draw_series(DashedLineSeries::new(across, 6, 6, GRAY.stroke_width(1)))?;
    for (index, (curve, line)) in curves.iter().zip(lines).enumerate() {
        let color = Palette99::pick(index).stroke_width(2);
        chart
            .draw_series(LineSeries::new(line, color))?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color));
    }
    chart
        .configure_series_labels()
        .position(legend)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 14))
        .draw()
}
