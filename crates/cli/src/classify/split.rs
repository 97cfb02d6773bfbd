//! Which images of a folder of people, and how many gave no face.

use clap::Args;
use facenet_lab::dataset::SplitOptions;
use facenet_lab::people::LeftOut;

/// Which part of the folder, in the words of the original program.
#[derive(Args)]
pub(super) struct SplitArgs {
    /// Split the images of each person into some to train on and the rest to test with
    #[arg(long)]
    use_split_dataset: bool,
    /// Leave out people with fewer images
    #[arg(long, value_name = "IMAGES", default_value_t = SplitOptions::default().min_images,
          requires = "use_split_dataset")]
    min_nrof_images_per_class: usize,
    /// Images of each person to train on
    #[arg(long, value_name = "IMAGES", default_value_t = SplitOptions::default().train_images,
          requires = "use_split_dataset")]
    nrof_train_images_per_class: usize,
    /// Decides which images are trained on, and how they are shuffled for the probabilities
    #[arg(long, value_name = "NUMBER", default_value_t = SplitOptions::default().seed)]
    pub(super) seed: u64,
}

impl SplitArgs {
    /// How the folder is split; none if it is not.
    pub(super) fn options(&self) -> Option<SplitOptions> {
        self.use_split_dataset.then_some(SplitOptions {
            min_images: self.min_nrof_images_per_class,
            train_images: self.nrof_train_images_per_class,
            seed: self.seed,
        })
    }
}

/// Says how many images gave no face.
pub(super) fn count_failures(failures: &[LeftOut]) -> String {
    match failures.len() {
        0 => String::new(),
        count => format!("Images without a face or broken: {count}\n"),
    }
}
