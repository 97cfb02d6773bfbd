//! BLUFR on the command line: its sizes, and how its figures are printed.

use std::io::{self, Write};

use facenet_lab::evaluate::{Blufr, BlufrOptions, BlufrTrial, TrialRate};
use facenet_lab::people::LabelledFaces;

use crate::options::Given;

/// Sizes of the random splits.
pub(super) type BlufrArgs = Given<BlufrOptions>;

/// The figures, then the counts.
pub(super) fn write(out: &mut dyn Write, result: &Blufr, faces: &LabelledFaces) -> io::Result<()> {
    let Blufr { options, verification_rate: verification, identification_rate: identification, trials } = result;
    let figures = [
        ("Verification rate", options.verification_far, verification),
        ("Detection and identification rate at rank 1", options.identification_far, identification),
    ];
    for (name, far, rate) in figures {
        let TrialRate { mean, deviation, mean_less_deviation } = rate;
        writeln!(out, "{name} @ FAR={far}: {mean_less_deviation:.5} ({mean:.5}-{deviation:.5})")?;
    }
    let mean = |of: fn(&BlufrTrial) -> u64| trials.iter().map(of).sum::<u64>() / trials.len() as u64;
    writeln!(
        out,
        "\n{} trials; a trial has {} pairs of one person and {} of two, {} genuine and {} impostor probes",
        trials.len(),
        mean(|trial| trial.genuine),
        mean(|trial| trial.impostor),
        mean(|trial| trial.genuine_probes as u64),
        mean(|trial| trial.impostor_probes as u64)
    )?;
    writeln!(out, "{} images of {} people, {} images left out", faces.len(), faces.people.len(), faces.left_out.len())?;
    writeln!(out, "The splits are drawn with --seed {}: they are not the lists published with BLUFR.", options.seed)
}
