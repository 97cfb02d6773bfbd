//! Error rates on the command line: which are wanted, and how they are printed.

use std::io::{self, Write};

use facenet_core::Metric;
use facenet_lab::evaluate::{ErrorRates, Interval, Rate, RateOptions};

use crate::args::word;
use crate::options::Given;

/// Which error rates are measured, and how surely.
pub(crate) type RateArgs = Given<RateOptions>;

/// A metric by its name, or by its number in the original programs.
pub(crate) fn metric(text: &str) -> Result<Metric, String> {
    match text {
        "0" => Ok(Metric::SquaredEuclidean),
        "1" => Ok(Metric::Angular),
        name => word(name),
    }
}

/// Thresholds and rates as a table, and what the data is too small for.
pub(crate) fn write(out: &mut dyn Write, rates: &ErrorRates) -> io::Result<()> {
    writeln!(out, "{} pairs of one person and {} of two, {} people", rates.genuine, rates.impostor, rates.people)?;
    let (area, equal) = (rates.area_under_curve, rates.equal_error_rate);
    writeln!(
        out,
        "AUC {:.5}{}, EER {:.5}{}",
        area.value,
        brackets(area.interval),
        equal.value,
        brackets(equal.interval)
    )?;
    for point in &rates.points {
        writeln!(
            out,
            "FMR {}: threshold {:.4}, FMR {}, FNMR {}{}",
            point.wanted,
            point.threshold,
            text(&point.false_match),
            text(&point.false_non_match),
            if point.rough { "; rough, with fewer than 30 false matches" } else { "" }
        )?;
    }
    for refusal in &rates.refused {
        writeln!(out, "FMR {}: not supported, {refusal}", refusal.wanted)?;
    }
    Ok(())
}

fn text(rate: &Rate) -> String {
    format!("{}{} ({}/{})", number(rate.rate), brackets(rate.interval), rate.errors, rate.comparisons)
}

fn brackets(interval: Option<Interval>) -> String {
    interval.map_or(String::new(), |Interval { low, high }| format!(" [{}, {}]", number(low), number(high)))
}

/// A rate with three digits that count, however small it is.
fn number(rate: f64) -> String {
    if rate >= 1e-3 || rate == 0.0 { format!("{rate:.5}") } else { format!("{rate:.2e}") }
}
