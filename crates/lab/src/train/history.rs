//! The figures of a training, step by step.

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

impl History {
    /// Loss, cross entropy, accuracy, learning rate; loss and accuracy of validation; accuracy and validation rate on LFW.
    pub(super) fn curves_mut(&mut self) -> [&mut LearningCurve; 8] {
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

    pub(super) fn forget_from(&mut self, step: u64) {
        self.curves_mut().into_iter().for_each(|curve| curve.retain(|&(at, _)| at < step as f64));
    }
}
