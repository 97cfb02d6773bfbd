//! Which images of a folder of people, and how many gave no face.

use clap::Args;
use facenet_lab::dataset::SplitOptions;
use facenet_lab::people::LeftOut;

use crate::options::Given;

/// Which part of the folder, in the words of the original program.
#[derive(Args)]
pub(super) struct SplitArgs {
    /// Split the images of each person into some to train on and the rest to test with
    #[arg(long)]
    use_split_dataset: bool,
    #[command(flatten)]
    given: Given<SplitOptions>,
}

impl SplitArgs {
    /// How the folder is split; none if it is not.
    pub(super) fn options(&self) -> Option<SplitOptions> {
        self.use_split_dataset.then(|| self.given.options())
    }

    /// Decides how images are shuffled.
    pub(super) fn seed(&self) -> u64 {
        self.given.options().seed
    }
}

/// Says how many images gave no face.
pub(super) fn count_failures(failures: &[LeftOut]) -> String {
    match failures.len() {
        0 => String::new(),
        count => format!("Images without a face or broken: {count}\n"),
    }
}
