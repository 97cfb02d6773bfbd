//! BLUFR on the command line: its sizes, and how its figures are printed.

use std::io::{self, Write};

use clap::Args;
use facenet_core::{Error, ErrorKind, Result};
use facenet_lab::evaluate::{Blufr, BlufrOptions, BlufrTrial, TrialRate};
use facenet_lab::people::LabelledFaces;

/// Sizes of the random splits.
#[derive(Args)]
#[command(next_help_heading = "Splits of --protocol blufr")]
pub(super) struct BlufrArgs {
    /// Number of random splits [default: 10]
    #[arg(long, value_name = "COUNT")]
    blufr_trials: Option<usize>,
    /// People who are set aside for training, in which nothing is trained here [default: 1500]
    #[arg(long, value_name = "COUNT")]
    blufr_training_people: Option<usize>,
    /// People with two pictures or more who are in the gallery [default: 1000]
    #[arg(long, value_name = "COUNT")]
    blufr_gallery_people: Option<usize>,
}

impl BlufrArgs {
    pub(super) fn options(&self, seed: u64) -> BlufrOptions {
        let default = BlufrOptions::default();
        BlufrOptions {
            trials: self.blufr_trials.unwrap_or(default.trials),
            training_people: self.blufr_training_people.unwrap_or(default.training_people),
            gallery_people: self.blufr_gallery_people.unwrap_or(default.gallery_people),
            seed,
            ..default
        }
    }

    /// Fails if any is given, for a protocol without such splits.
    pub(super) fn check_unused(&self) -> Result<()> {
        let given = [self.blufr_trials, self.blufr_training_people, self.blufr_gallery_people];
        if given.iter().any(Option::is_some) {
            let message = "the --blufr options need --protocol blufr";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(())
    }
}

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
