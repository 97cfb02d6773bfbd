//! A validation as a page for a browser.

use maud::{Markup, PreEscaped, html};

use super::bootstrap::Interval;
use super::plot::{Curve, CurveKind, svg};
use super::protocol::{HardPair, Validation};
use super::rates::{Estimate, Rate};
use crate::page::{Pictures, document};
use crate::people::LeftOut;
use facenet_core::error::Result;

/// Width and height of the pictures, in pixels.
const SIDE: u32 = 96;

/// A page, whole in one file, with the figures of `validation`, the ROC and DET curves and the hardest pairs in
/// pictures. `model` names what was validated, `data` on which images.
///
/// ```
/// use facenet::Watch;
/// use facenet::evaluate::{ImageVector, Pairs, Protocol, ValidationOptions, report, validate};
///
/// let protocol = Protocol::from(&Pairs::parse("A\t1\t2\nA\t1\tB\t1\nB\t1\t2\nA\t2\tB\t2\n")?);
/// let vectors = ndarray::array![[1.0f32, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]];
/// let images: Vec<ImageVector> = (0..4).map(ImageVector::Row).collect();
/// let mut options = ValidationOptions::default();
/// options.folds.folds = 2;
/// let validation = validate(&protocol, vectors.view(), &images, &options, &Watch::none())?;
/// assert!(report(&validation, "a model", "four images")?.starts_with("<!DOCTYPE html>"));
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// Those of drawing.
pub fn report(validation: &Validation, model: &str, data: &str) -> Result<String> {
    let curve = [Curve { name: model, points: &validation.rates.roc }];
    let (roc, det) = (svg(CurveKind::Roc, &curve)?, svg(CurveKind::Det, &curve)?);
    let mut pictures = Pictures::default();
    let body = html! {
        p { (model) " on " (data) }
        @if let Some(remark) = &validation.remark { p { strong { (remark) } } }
        h2 { "As facenet's validate_on_lfw counts" }
        (cross_validation(validation))
        h2 { "Over all pairs" }
        (rates(validation))
        h2 { "ROC" }
        (PreEscaped(roc))
        h2 { "DET" }
        (PreEscaped(det))
        h2 { "Pairs of one person that are farthest from each other" }
        (hard_pairs(validation, &validation.hardest_genuine, &mut pictures)?)
        h2 { "Pairs of different people that are nearest to each other" }
        (hard_pairs(validation, &validation.hardest_impostor, &mut pictures)?)
        h2 { "Images and pairs" }
        (counts(validation))
    };
    Ok(document("Face verification", &body))
}

fn cross_validation(validation: &Validation) -> Markup {
    let result = &validation.cross_validation;
    let options = &validation.options;
    let errors: usize = result.folds.iter().map(|fold| fold.false_matches + fold.false_non_matches).sum();
    let pairs: usize = result.folds.iter().map(|fold| fold.genuine + fold.impostor).sum();
    let genuine: usize = result.folds.iter().map(|fold| fold.genuine).sum();
    let validated: usize = result.folds.iter().map(|fold| fold.validated).sum();
    html! {
        p.note {
            (result.folds.len()) " folds, " (word(&options.metric)) ", mirror images " (word(&options.mirror))
            @if options.subtract_mean { ", mean subtracted" }
        }
        table {
            tr { th { "Accuracy" } td.n { (format!("{:.5} ± {:.5}", result.accuracy.mean, result.accuracy.deviation)) }
                td { (errors) " errors in " (pairs) " pairs" } }
            tr { th { "Validation rate at FAR " (options.wanted_far) }
                td.n { (format!("{:.5} ± {:.5}", result.validation_rate.mean, result.validation_rate.deviation)) }
                td { (validated) " of " (genuine) " pairs accepted, at a FAR of " (format!("{:.5}", result.far)) } }
            tr { th { "Area under the mean curve" } td.n { (format!("{:.5}", result.area_under_curve)) } td {} }
            tr { th { "Equal error rate of the mean curve" } td.n { (format!("{:.5}", result.equal_error_rate)) } td {} }
        }
    }
}

fn rates(validation: &Validation) -> Markup {
    let rates = &validation.rates;
    html! {
        table {
            tr { th { "Area under the curve" } td.n { (estimate(&rates.area_under_curve)) } }
            tr { th { "Equal error rate" } td.n { (estimate(&rates.equal_error_rate)) } }
        }
        @if !rates.points.is_empty() {
            table {
                tr { th.n { "FMR wanted" } th.n { "threshold" } th { "FMR" } th { "FNMR" } th {} }
                @for point in &rates.points {
                    tr {
                        td.n { (point.wanted) } td.n { (format!("{:.4}", point.threshold)) }
                        td { (rate(&point.false_match)) } td { (rate(&point.false_non_match)) }
                        td { @if point.rough { "fewer than 30 false matches: a rough figure" } }
                    }
                }
            }
        }
        @for refusal in &rates.refused {
            p { "No threshold for FMR " (refusal.wanted) ": " (refusal) "." }
        }
        p.note { "In brackets: confidence intervals by drawing people again and again." }
    }
}

fn hard_pairs(validation: &Validation, pairs: &[HardPair], pictures: &mut Pictures) -> Result<Markup> {
    let mut picture = |name: &str| {
        let image = validation.pictures.get(name);
        image.map(|image| pictures.address(image, SIDE)).transpose()
    };
    let mut figures = Vec::new();
    for pair in pairs {
        figures.push((pair, [picture(&pair.a)?, picture(&pair.b)?]));
    }
    Ok(html! {
        div.sheet {
            @for (pair, addresses) in figures {
                figure {
                    @for address in addresses.iter().flatten() { img src=(address) width=(SIDE) height=(SIDE) alt=""; }
                    figcaption { (format!("{:.4}", pair.distance)) br; (pair.a) br; (pair.b) }
                }
            }
        }
    })
}

fn counts(validation: &Validation) -> Markup {
    let left_out = |title: &str, images: &[LeftOut]| {
        html! {
            @if !images.is_empty() {
                details {
                    summary { (images.len()) " " (title) }
                    ul { @for image in images { li { (image.image) ": " (image.reason) } } }
                }
            }
        }
    };
    html! {
        p {
            (validation.images) " images, " (validation.pairs) " pairs, of which " (validation.pairs_left_out)
            " are in no figure since an image is missing or gave no face. Failure to acquire: "
            (format!("{:.5}", validation.failure_to_acquire_rate)) " (" (validation.failed.len()) " images)."
        }
        (left_out("images missing", &validation.missing))
        (left_out("images without a face or broken", &validation.failed))
    }
}

/// The name that a value has in files.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_string)).unwrap_or_default()
}

fn estimate(estimate: &Estimate) -> String {
    format!("{:.5}{}", estimate.value, in_brackets(estimate.interval))
}

fn rate(rate: &Rate) -> String {
    format!("{:.5}{}, {} of {}", rate.rate, in_brackets(rate.interval), rate.errors, rate.comparisons)
}

fn in_brackets(interval: Option<Interval>) -> String {
    interval.map_or(String::new(), |Interval { low, high }| format!(" [{low:.5}, {high:.5}]"))
}
