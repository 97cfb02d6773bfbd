//! Progress of long jobs on the standard error: a bar on a terminal, a line every few seconds elsewhere.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use facenet::dataset::Summary;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows how far an alignment job is.
pub(crate) enum Progress {
    Hidden,
    Bar { bar: ProgressBar, total: u64 },
    Lines { last: Instant, total: u64 },
}

impl Progress {
    /// Progress of a job with `total` images to do.
    pub(crate) fn new(total: u64, quiet: bool) -> Self {
        if quiet || total == 0 {
            return Self::Hidden;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines { last: Instant::now(), total };
        }
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self::Bar { bar, total }
    }

    /// Shows the counts of the moment.
    pub(crate) fn show(&mut self, summary: &Summary) {
        match self {
            Self::Hidden => {}
            Self::Bar { bar, total } => {
                bar.set_message(describe(summary));
                bar.set_position(total.saturating_sub(summary.remaining()));
            }
            Self::Lines { last, total } => {
                if last.elapsed() >= LINE_INTERVAL {
                    *last = Instant::now();
                    let done = total.saturating_sub(summary.remaining());
                    // Progress that nobody can see is no reason to stop.
                    let _ = writeln!(std::io::stderr(), "{done}/{total} images, {}", describe(summary));
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Self::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}

fn describe(summary: &Summary) -> String {
    let mut text = format!("{:.1} images/s", summary.rate());
    if let Some(eta) = summary.eta() {
        text += &format!(", {} left", HumanDuration(eta));
    }
    for (count, what) in [(summary.no_face, "without a face"), (summary.broken, "broken")] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    text
}
