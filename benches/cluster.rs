//! Compares the ways to cluster on the embeddings of a folder of people: `cargo bench --bench cluster -- FACES.npy`.
//!
//! FACES.npy is what `facenet embed FOLDER --aligned -o FACES.npy` writes; the folder of each image is its person. People are split
//! in two halves. The threshold with the best BCubed F on one half is used on the other, and on all; and the other way round.
//! What is printed is the mean of both.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use facenet::cluster::{self, Algorithm, ClusterOptions, Clusters, Scores};
use facenet::stored::Stored;
use facenet::{Error, ErrorKind, Fingerprint, Result};
use ndarray::{Array2, Axis};

/// Decides which half a person is in.
const SPLIT_SEED: &str = "cluster bake-off";

struct Contestant {
    name: &'static str,
    algorithm: Algorithm,
    min_samples: usize,
    /// Thresholds between which the best one is looked for, in steps of 0.05, then of 0.01.
    range: (f64, f64),
}

const CONTESTANTS: [Contestant; 5] = [
    Contestant { name: "DBSCAN, min_samples 1", algorithm: Algorithm::Dbscan, min_samples: 1, range: (0.5, 1.0) },
    Contestant { name: "DBSCAN, min_samples 2", algorithm: Algorithm::Dbscan, min_samples: 2, range: (0.5, 1.0) },
    Contestant { name: "Chinese Whispers", algorithm: Algorithm::ChineseWhispers, min_samples: 1, range: (0.4, 0.9) },
    Contestant { name: "average linkage", algorithm: Algorithm::AverageLink, min_samples: 1, range: (0.75, 1.2) },
    Contestant { name: "graph of neighbours", algorithm: Algorithm::KnnGraph, min_samples: 1, range: (0.75, 1.2) },
];

struct Faces {
    vectors: Array2<f32>,
    people: Vec<String>,
}

impl Faces {
    fn read(path: &Path) -> Result<Self> {
        let Stored { values, names, .. } = Stored::read(path)?;
        let person = |name: String| {
            let folder =
                Path::new(&name).parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
            folder.ok_or_else(|| Error::new(ErrorKind::DatasetInvalid, format!("{name} lies in no person's folder")))
        };
        Ok(Self { vectors: values, people: names.into_iter().map(person).collect::<Result<_>>()? })
    }

    /// The faces of the people of one half.
    fn half(&self, half: u8) -> Self {
        let is_in = |person: &String| Fingerprint::of(&format!("{SPLIT_SEED} {person}")).as_bytes()[0] % 2 == half;
        let rows: Vec<usize> = (0..self.people.len()).filter(|&row| is_in(&self.people[row])).collect();
        let people = rows.iter().map(|&row| self.people[row].clone()).collect();
        Self { vectors: self.vectors.select(Axis(0), &rows), people }
    }

    fn cluster(&self, contestant: &Contestant, threshold: f64) -> Result<(Clusters, Scores)> {
        let options = ClusterOptions {
            min_samples: contestant.min_samples,
            ..ClusterOptions::new(contestant.algorithm, threshold)
        };
        let clusters = cluster::cluster(self.vectors.view(), &options, |_| {}, &AtomicBool::new(false))?;
        let scores = cluster::scores(clusters.labels(), &self.people)?;
        Ok((clusters, scores))
    }

    /// The threshold with the best BCubed F.
    fn tune(&self, contestant: &Contestant) -> Result<f64> {
        let hundredth = |threshold: f64| (threshold * 100.0).round() as i32;
        let (low, high) = (hundredth(contestant.range.0), hundredth(contestant.range.1));
        let coarse = self.best(contestant, (low..=high).step_by(5))?;
        Ok(f64::from(self.best(contestant, coarse - 4..=coarse + 4)?) / 100.0)
    }

    fn best(&self, contestant: &Contestant, hundredths: impl Iterator<Item = i32>) -> Result<i32> {
        let score = |hundredth| Ok((self.cluster(contestant, f64::from(hundredth) / 100.0)?.1.bcubed.f, hundredth));
        let scores = hundredths.map(score).collect::<Result<Vec<(f64, i32)>>>()?;
        Ok(scores.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, hundredth)| hundredth))
    }
}

fn main() -> Result<()> {
    // `cargo bench` without a file is for the other benchmarks.
    let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')) else { return Ok(()) };
    let all = Faces::read(Path::new(&path))?;
    let halves = [all.half(0), all.half(1)];
    let sizes: Vec<usize> = [&all, &halves[0], &halves[1]].map(|faces| faces.people.len()).to_vec();
    println!("{} faces, halves of {} and {}; {} threads\n", sizes[0], sizes[1], sizes[2], rayon::current_num_threads());
    println!("| algorithm | faces | threshold | clusters | BCubed P / R / F | pairwise P / R / F | seconds | MiB |");
    println!("|---|---|---|---|---|---|---|---|");
    for contestant in &CONTESTANTS {
        let thresholds = [halves[1].tune(contestant)?, halves[0].tune(contestant)?];
        line(contestant, "other half", [&halves[0], &halves[1]], thresholds)?;
        line(contestant, "all", [&all, &all], thresholds)?;
    }
    Ok(())
}

/// Prints the means of two runs.
fn line(contestant: &Contestant, title: &str, faces: [&Faces; 2], thresholds: [f64; 2]) -> Result<()> {
    let (mut figures, mut memory) = ([0.0; 8], 0.0f64);
    for (faces, threshold) in faces.into_iter().zip(thresholds) {
        let before = peak::reset();
        let start = Instant::now();
        let (clusters, scores) = faces.cluster(contestant, threshold)?;
        let seconds = start.elapsed().as_secs_f64();
        memory = memory.max(peak::mebibytes() - before);
        let (bcubed, pairwise) = (scores.bcubed, scores.pairwise);
        let of_run = [
            clusters.count() as f64,
            bcubed.precision,
            bcubed.recall,
            bcubed.f,
            pairwise.precision,
            pairwise.recall,
            pairwise.f,
            seconds,
        ];
        figures.iter_mut().zip(of_run).for_each(|(mean, figure)| *mean += figure / 2.0);
    }
    let [clusters, bp, br, bf, pp, pr, pf, seconds] = figures;
    println!(
        "| {} | {title} | {:.2}, {:.2} | {clusters:.0} | {bp:.3} / {br:.3} / {bf:.3} | {pp:.3} / {pr:.3} / {pf:.3} | {seconds:.2} | {memory:.0} |",
        contestant.name, thresholds[0], thresholds[1],
    );
    Ok(())
}

/// The most memory that the process had, as Linux tells it.
mod peak {
    /// Forgets the peak; what is in use now.
    pub(super) fn reset() -> f64 {
        // Elsewhere than on Linux there is nothing to reset, and the figures are 0.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        mebibytes()
    }

    pub(super) fn mebibytes() -> f64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kibibytes.unwrap_or_default() / 1024.0
    }
}
