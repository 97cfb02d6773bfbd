//! Verification and open-set identification at low false accept rates, after BLUFR.

use ndarray::{Array2, ArrayView2, Axis, s};
use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::Serialize;

use super::arithmetic::mean_and_deviation;
use super::calibrate::rows_of_people;
use super::random::{Draw, generator};
use super::rates::is_share;
use crate::watch::Watch;
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::options::Options;

/// Rows of the matrix of similarities that are made together.
const BLOCK: usize = 256;

facenet_core::options! {
    /// Settings of [`blufr`]. The sizes are those of the published protocol on LFW.
    ///
    /// ```
    /// use facenet::evaluate::BlufrOptions;
    ///
    /// let options = BlufrOptions { seed: 7, ..BlufrOptions::default() };
    /// assert_eq!((options.trials, options.training_people, options.gallery_people), (10, 1500, 1000));
    /// ```
    #[derive(Serialize)]
    pub struct BlufrOptions {
        /// Number of random splits.
        trials: usize = 10, |trials| *trials > 0 => "1 or more";
        /// People who are set aside for training, in which nothing is trained here.
        training_people: usize = 1500;
        /// People with two pictures or more who are in the gallery.
        gallery_people: usize = 1000, |people| *people > 0 => "1 or more";
        /// False accept rate of verification.
        verification_far: f64 = 1e-3, is_share => "a number between 0 and 1, ends excluded";
        /// False accept rate of identification.
        identification_far: f64 = 1e-2, is_share => "a number between 0 and 1, ends excluded";
        /// What is drawn; the same seed gives the same splits.
        seed: u64 = 0;
    }
}

impl BlufrOptions {
    /// Fails with [`ErrorKind::InvalidArgument`] if there is no split of people with so many `pictures` each. If there is
    /// one, a trial may still draw one with too few people for the gallery, which [`blufr`] tells.
    ///
    /// ```
    /// use facenet::evaluate::BlufrOptions;
    ///
    /// let options = BlufrOptions { training_people: 1, gallery_people: 2, ..BlufrOptions::default() };
    /// assert!(options.check_people([2, 3, 1, 1]).is_ok());
    /// assert!(options.check_people([2, 3, 1]).is_err());
    /// assert!(options.check_people([2, 1, 1, 1]).is_err());
    /// ```
    ///
    /// # Errors
    /// That one.
    pub fn check_people(&self, pictures: impl IntoIterator<Item = usize>) -> Result<()> {
        let Self { training_people, gallery_people, .. } = self;
        let (mut people, mut several) = (0usize, 0);
        for pictures in pictures {
            people += usize::from(pictures > 0);
            several += usize::from(pictures > 1);
        }
        if several < *gallery_people || people.saturating_sub(*training_people) <= *gallery_people {
            return invalid(format!(
                "{people} people, {several} of them with two pictures or more, are too few for {training_people} set aside, a \
                 gallery of {gallery_people} with two pictures or more, and others"
            ));
        }
        Ok(())
    }
}

fn invalid(message: String) -> Result<()> {
    Err(Error::new(ErrorKind::InvalidArgument, message))
}

/// One random split.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BlufrTrial {
    /// Pairs of one person.
    pub genuine: u64,
    /// Pairs of two people.
    pub impostor: u64,
    /// Pairs of one person accepted at the verification's false accept rate.
    pub verified: u64,
    /// Pictures of people of the gallery that are searched for.
    pub genuine_probes: usize,
    /// Pictures of other people that are searched for.
    pub impostor_probes: usize,
    /// Pictures whose person is found first, at the identification's false accept rate.
    pub identified: usize,
}

/// Mean and population standard deviation over trials.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrialRate {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Mean less the standard deviation: the figure that is published.
    pub mean_less_deviation: f64,
}

/// The figures of [`blufr`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blufr {
    /// Settings.
    pub options: BlufrOptions,
    /// Fraction of the pairs of one person that are accepted.
    pub verification_rate: TrialRate,
    /// Detection and identification rate at rank 1: share of the pictures of people of the gallery that are accepted, with
    /// their person as the most_similar.
    pub identification_rate: TrialRate,
    /// Each trial.
    pub trials: Vec<BlufrTrial>,
}

/// Verification of all pairs and open-set identification on random splits of people, by the cosine of the vectors, after
/// BLUFR: Liao, Lei, Yi and Li, *A benchmark study of large-scale unconstrained face recognition*, 2014.
///
/// In each trial some people are set aside. Of the others, everybody is compared with everybody; then some with two
/// pictures or more are the gallery, with one picture each, their other pictures are searched for, and so are all
/// pictures of the rest, who must not be found. The splits are drawn from the seed with the sizes of the paper: they are
/// not the published lists, so figures differ from published ones by about a standard deviation over trials. Nothing is
/// trained on the people set aside.
///
/// `vectors` has a row for each picture, of which `subjects` says whose it is. The time grows with the square of the
/// number of pictures, the memory with their number and the false accept rate. Works on the threads of the current rayon
/// pool; `watch` receives how many trials are done, of how many, from none on.
///
/// ```
/// use facenet::Watch;
/// use facenet::evaluate::{BlufrOptions, blufr};
///
/// let vectors = ndarray::Array2::from_shape_fn((40, 20), |(row, column)| f32::from(u8::from(row / 2 == column)));
/// let subjects: Vec<u32> = (0..40).map(|row| row / 2).collect();
/// let options = BlufrOptions { training_people: 5, gallery_people: 8, ..BlufrOptions::default() };
/// let result = blufr(vectors.view(), &subjects, &options, &Watch::none())?;
/// assert_eq!((result.verification_rate.mean, result.identification_rate.mean), (1.0, 1.0));
/// # Ok::<(), facenet::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::DimensionMismatch`] if there are not as many `subjects` as rows; [`ErrorKind::InvalidArgument`] if a row is
/// zero or no number, a rate does not lie between 0 and 1, or there are too few people; [`ErrorKind::Cancelled`].
pub fn blufr(
    vectors: ArrayView2<'_, f32>,
    subjects: &[u32],
    options: &BlufrOptions,
    watch: &Watch<'_>,
) -> Result<Blufr> {
    options.check()?;
    let people = rows_of_people(vectors, subjects)?;
    options.check_people(people.iter().map(Vec::len))?;
    let vectors = of_length_one(vectors)?;
    let mut trials = Vec::new();
    let total = options.trials as u64;
    watch.done(0, total);
    for trial in 0..options.trials {
        let split = Split::draw(&people, options, trial)?;
        let tested = split.test(&vectors, subjects, options, watch);
        // What was cut short is no result.
        watch.check()?;
        trials.push(tested);
        watch.done(trial as u64 + 1, total);
    }
    let over_trials = |rate: fn(&BlufrTrial) -> f64| {
        let (mean, deviation) = mean_and_deviation(trials.iter().map(rate));
        TrialRate { mean, deviation, mean_less_deviation: mean - deviation }
    };
    Ok(Blufr {
        options: options.clone(),
        verification_rate: over_trials(|trial| trial.verified as f64 / trial.genuine as f64),
        identification_rate: over_trials(|trial| trial.identified as f64 / trial.genuine_probes as f64),
        trials,
    })
}

fn of_length_one(vectors: ArrayView2<'_, f32>) -> Result<Array2<f32>> {
    let mut vectors = vectors.to_owned();
    for (index, mut row) in vectors.rows_mut().into_iter().enumerate() {
        let length = row.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        if !length.is_finite() || length == 0.0 {
            let message = format!("the vector in row {index} has length {length}");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        row.mapv_inplace(|value| (f64::from(value) / length) as f32);
    }
    Ok(vectors)
}

/// Rows of a trial.
struct Split {
    /// All that are tested.
    tested: Vec<usize>,
    gallery: Vec<usize>,
    genuine_probes: Vec<usize>,
    impostor_probes: Vec<usize>,
}

impl Split {
    fn draw(people: &[Vec<usize>], options: &BlufrOptions, trial: usize) -> Result<Self> {
        let mut random = generator(options.seed, Draw::Trial(trial));
        let mut people: Vec<&Vec<usize>> = people.iter().collect();
        people.shuffle(&mut random);
        let tested = people.split_off(options.training_people.min(people.len()));
        let (several, single): (Vec<&Vec<usize>>, Vec<&Vec<usize>>) = tested.iter().partition(|rows| rows.len() > 1);
        let others = several.len().saturating_sub(options.gallery_people) + single.len();
        if several.len() < options.gallery_people || others == 0 {
            let message = format!(
                "{} people with two pictures or more and {} with one are left after {} are set aside, too few for a gallery \
                 of {} and others",
                several.len(),
                single.len(),
                options.training_people,
                options.gallery_people
            );
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let (in_gallery, rest) = several.split_at(options.gallery_people);
        let (mut gallery, mut genuine_probes) = (Vec::new(), Vec::new());
        for rows in in_gallery {
            let mut rows = rows.to_vec();
            rows.shuffle(&mut random);
            gallery.extend(rows.pop());
            genuine_probes.extend(rows);
        }
        let impostor_probes = rest.iter().chain(&single).flat_map(|rows| rows.iter().copied()).collect();
        let tested = tested.into_iter().flatten().copied().collect();
        Ok(Self { tested, gallery, genuine_probes, impostor_probes })
    }

    /// The trial; of no meaning if it was cancelled.
    fn test(&self, vectors: &Array2<f32>, subjects: &[u32], options: &BlufrOptions, watch: &Watch<'_>) -> BlufrTrial {
        let subject = |row: &usize| subjects[*row];
        let (genuine, impostor) = self.all_pairs(vectors, subjects, options.verification_far, watch);
        let (count, threshold) = impostor;

        let gallery: Vec<u32> = self.gallery.iter().map(subject).collect();
        let most_similar = |probes: &[usize]| {
            let (probes, templates) = (vectors.select(Axis(0), probes), vectors.select(Axis(0), &self.gallery));
            let blocks: Vec<Vec<(f32, u32)>> = (0..probes.nrows())
                .into_par_iter()
                .step_by(BLOCK)
                .map(|start| {
                    let end = (start + BLOCK).min(probes.nrows());
                    let similarities = probes.slice(s![start..end, ..]).dot(&templates.t());
                    let best = |row: ndarray::ArrayView1<'_, f32>| {
                        let found = row.iter().copied().zip(gallery.iter().copied());
                        found.fold((f32::NEG_INFINITY, 0), |best, found| if found.0 > best.0 { found } else { best })
                    };
                    similarities.rows().into_iter().map(best).collect()
                })
                .collect();
            blocks.concat()
        };
        let mut false_alarms = Highest::new(share(options.identification_far, self.impostor_probes.len() as u64));
        most_similar(&self.impostor_probes).into_iter().for_each(|(similarity, _)| false_alarms.add(similarity));
        let alarm = false_alarms.bound();
        let found = most_similar(&self.genuine_probes);
        let probes = found.iter().zip(self.genuine_probes.iter().map(subject));
        BlufrTrial {
            genuine: genuine.len() as u64,
            impostor: count,
            verified: genuine.iter().filter(|&&similarity| similarity > threshold).count() as u64,
            genuine_probes: self.genuine_probes.len(),
            impostor_probes: self.impostor_probes.len(),
            identified: probes
                .filter(|&(&(similarity, found), subject)| found == subject && similarity > alarm)
                .count(),
        }
    }

    /// The similarities of all pairs of one person; the number of pairs of two people, and the similarity above which no more
    /// than their share `far` lies.
    fn all_pairs(
        &self,
        vectors: &Array2<f32>,
        subjects: &[u32],
        far: f64,
        watch: &Watch<'_>,
    ) -> (Vec<f32>, (u64, f32)) {
        let tested = vectors.select(Axis(0), &self.tested);
        let subjects: Vec<u32> = self.tested.iter().map(|&row| subjects[row]).collect();
        let rows = tested.nrows();
        let all = (rows as u64) * (rows as u64 - 1) / 2;
        let mut of_people = subjects.clone();
        of_people.sort_unstable();
        let same = of_people.chunk_by(|a, b| a == b).map(|run| run.len() as u64 * (run.len() as u64 - 1) / 2);
        let impostor = all - same.sum::<u64>();
        let most = share(far, impostor);
        let start = || (Vec::new(), Highest::new(most));
        let block = |(mut genuine, mut highest): (Vec<f32>, Highest), start: usize| {
            let end = (start + BLOCK).min(rows);
            let similarities = tested.slice(s![start..end, ..]).dot(&tested.slice(s![..end, ..]).t());
            for (a, row) in (start..end).zip(similarities.rows()) {
                for (b, &similarity) in row.iter().enumerate().take(a) {
                    if subjects[a] == subjects[b] { genuine.push(similarity) } else { highest.add(similarity) }
                }
            }
            (genuine, highest)
        };
        let join = |mut a: (Vec<f32>, Highest), b: (Vec<f32>, Highest)| {
            a.0.extend(b.0);
            b.1.values.into_iter().for_each(|similarity| a.1.add(similarity));
            a
        };
        let starts = (0..rows).into_par_iter().step_by(BLOCK).take_any_while(|_| !watch.is_cancelled());
        let (genuine, highest) = starts.fold(start, block).reduce(start, join);
        (genuine, (impostor, highest.bound()))
    }
}

/// The whole number of errors that the share `rate` of `count` allows.
fn share(rate: f64, count: u64) -> usize {
    (rate * count as f64 * (1.0 + 1e-9)) as usize
}

/// The highest of many values, and the one after them.
struct Highest {
    keep: usize,
    values: Vec<f32>,
    /// Values that are no higher are not among the highest.
    floor: f32,
}

impl Highest {
    fn new(count: usize) -> Self {
        Self { keep: count + 1, values: Vec::new(), floor: f32::NEG_INFINITY }
    }

    fn add(&mut self, value: f32) {
        if value > self.floor {
            self.values.push(value);
            if self.values.len() >= 2 * self.keep {
                self.floor = self.cut();
            }
        }
    }

    /// The value above which no more than the count lie; minus infinity if there are no more values than that.
    fn bound(mut self) -> f32 {
        if self.values.len() < self.keep { f32::NEG_INFINITY } else { self.cut() }
    }

    /// Leaves the highest values only, and tells the least of them.
    fn cut(&mut self) -> f32 {
        let (_, &mut least, _) = self.values.select_nth_unstable_by(self.keep - 1, |a, b| b.total_cmp(a));
        self.values.truncate(self.keep);
        least
    }
}
