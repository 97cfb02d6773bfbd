//! Progress of long jobs on the standard error: a bar on a terminal, a line every few seconds elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows how far a job is.
pub(crate) struct Progress {
    display: Display,
    /// What is counted.
    unit: &'static str,
    total: u64,
    begin: Instant,
}

enum Display {
    Hidden,
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Progress {
    /// Progress of a job with `total` of something to do, which begins now.
    fn of(unit: &'static str, total: u64, quiet: bool) -> Self {
        let begin = Instant::now();
        let display = if quiet || total == 0 {
            Display::Hidden
        } else if std::io::stderr().is_terminal() {
            Display::Bar(bar(total))
        } else {
            Display::Lines { last: begin }
        };
        Self { display, unit, total, begin }
    }

    /// Progress that is told how many of something are done, of how many, and shows it.
    pub(crate) fn follow(unit: &'static str, quiet: bool) -> impl Fn(u64, u64) + Sync {
        let show = Self::annotated(unit, quiet);
        move |done, total| show(done, total, "")
    }

    /// Progress of a job over images, which notes how many have `failed` and `how`.
    pub(crate) fn of_job(failed: &AtomicU64, how: &str, quiet: bool) -> impl Fn(u64, u64) + Sync {
        let show = Self::annotated("images", quiet);
        move |done, total| {
            let note = match failed.load(Ordering::Relaxed) {
                0 => String::new(),
                failed => format!(", {failed} {how}"),
            };
            show(done, total, &note);
        }
    }

    fn annotated(unit: &'static str, quiet: bool) -> impl Fn(u64, u64, &str) + Sync {
        let progress = Mutex::new(None);
        move |done, total, note| {
            // A thread that comes while another one writes leaves out its line.
            if let Ok(mut progress) = progress.try_lock() {
                progress.get_or_insert_with(|| Self::of(unit, total, quiet)).show(done, note);
            }
        }
    }

    /// Shows that `done` of them are through, and what else there is to say.
    fn show(&mut self, done: u64, note: &str) {
        let Self { unit, total, begin, .. } = *self;
        let pace = pace(unit, done, total, begin.elapsed());
        match &mut self.display {
            Display::Hidden => {}
            Display::Bar(bar) => {
                bar.set_message(pace + note);
                bar.set_position(done);
            }
            Display::Lines { last } => {
                if last.elapsed() >= LINE_INTERVAL {
                    *last = Instant::now();
                    // Progress that nobody can see is no reason to stop.
                    let _ = writeln!(std::io::stderr(), "{done}/{total} {unit}, {pace}{note}");
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn pace(unit: &str, done: u64, total: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let rate = if seconds > 0.0 { done as f64 / seconds } else { 0.0 };
    match Duration::try_from_secs_f64(total.saturating_sub(done) as f64 / rate) {
        Ok(left) => format!("{rate:.1} {unit}/s, {} left", HumanDuration(left)),
        Err(_) => format!("{rate:.1} {unit}/s"),
    }
}
