//! Compares the ways to cluster on the embeddings of a folder of people: `cargo bench --bench cluster -- FACES.npy`.
//!
//! FACES.npy is what `facenet embed FOLDER --aligned -o FACES.npy` writes; the folder of each image is its person. People are split
//! in two halves. The threshold with the best BCubed F on one half is used on the other, and on all; and the other way round.
//! What is printed is the mean of both. `synthetic 200000` instead of a file clusters so many made-up faces. Each measurement runs in a process of its own, for the sake of the peak of its memory.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use facenet::cluster::{self, Agreement, Algorithm, ClusterOptions, Clusters, Scores};
use facenet::stored::Stored;
use facenet::{Error, ErrorKind, Fingerprint, Result};
use ndarray::{Array2, Axis};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Decides which half a person is in.
const SPLIT_SEED: &str = "halves of people";

struct Contestant {
    name: &'static str,
    algorithm: Algorithm,
    min_samples: usize,
    /// Thresholds between which the best one is looked for, in steps of 0.05, then of 0.01.
    range: (f64, f64),
}

const CONTESTANTS: [Contestant; 5] = [
    Contestant { name: "dbscan, 1 sample", algorithm: Algorithm::Dbscan, min_samples: 1, range: (0.5, 1.0) },
    Contestant { name: "dbscan, 2 samples", algorithm: Algorithm::Dbscan, min_samples: 2, range: (0.5, 1.0) },
    Contestant { name: "chinese-whispers", algorithm: Algorithm::ChineseWhispers, min_samples: 1, range: (0.4, 0.9) },
    Contestant { name: "average-link", algorithm: Algorithm::AverageLink, min_samples: 1, range: (0.75, 1.2) },
    Contestant { name: "knn-graph", algorithm: Algorithm::KnnGraph, min_samples: 1, range: (0.75, 1.2) },
];

/// A part of the faces: all, or those of the people of one half.
const PARTS: [&str; 3] = ["all", "0", "1"];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // `cargo bench` without a file is for the other benchmarks.
        [] => Ok(()),
        ["synthetic", count] => synthetic(count),
        [path] => compare(path),
        [path, contestant, part, threshold] => measure(path, contestant, part, threshold),
        _ => Err(Error::new(ErrorKind::InvalidArgument, "one file with embeddings is needed")),
    }
}

fn compare(path: &str) -> Result<()> {
    let [all, first, second] = PARTS.map(|part| Faces::read(path, part));
    let (all, halves) = (all?, [first?, second?]);
    let sizes = [all.people.len(), halves[0].people.len(), halves[1].people.len()];
    println!("{} faces, halves of {} and {}; {} threads\n", sizes[0], sizes[1], sizes[2], rayon::current_num_threads());
    println!("| algorithm | threshold | faces | clusters | BCubed P / R / F | pairwise P / R / F | seconds | MiB |");
    println!("|---|---|---|---|---|---|---|---|");
    for contestant in &CONTESTANTS {
        let thresholds = [halves[1].tune(contestant)?, halves[0].tune(contestant)?];
        for (title, parts) in [("other half", ["0", "1"]), ("all", ["all", "all"])] {
            let one = run(path, contestant, parts[0], thresholds[0])?;
            let other = run(path, contestant, parts[1], thresholds[1])?;
            let [clusters, bp, br, bf, pp, pr, pf, seconds, memory] =
                std::array::from_fn(|i| (one[i] + other[i]) / 2.0);
            println!(
                "| {} | {:.2}, {:.2} | {title} | {clusters:.0} | {bp:.3} / {br:.3} / {bf:.3} | {pp:.3} / {pr:.3} / {pf:.3} \
                 | {seconds:.2} | {memory:.0} |",
                contestant.name, thresholds[0], thresholds[1],
            );
        }
    }
    Ok(())
}

/// The figures of one clustering, from a process of its own.
fn run(path: &str, contestant: &Contestant, part: &str, threshold: f64) -> Result<[f64; 9]> {
    let failed = || Error::new(ErrorKind::Internal, "the measuring process failed");
    let program = std::env::current_exe().map_err(|error| Error::io("find", "this program", error))?;
    let output = Command::new(program).args([path, contestant.name, part, &threshold.to_string()]).output();
    let output = output.map_err(|error| Error::io("run", "this program", error))?;
    let figures =
        String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>();
    figures.ok().and_then(|figures| figures.try_into().ok()).ok_or_else(failed)
}

/// Prints number of clusters, scores, seconds and the mebibytes that were needed beside the embeddings.
fn measure(path: &str, contestant: &str, part: &str, threshold: &str) -> Result<()> {
    let invalid = || Error::new(ErrorKind::InvalidArgument, "unknown contestant or threshold");
    let contestant = CONTESTANTS.iter().find(|known| known.name == contestant).ok_or_else(invalid)?;
    let threshold = threshold.parse().map_err(|_| invalid())?;
    let faces = Faces::read(path, part)?;
    // Forgets what reading the file took.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = mebibytes("VmHWM:");
    let start = Instant::now();
    let clusters = faces.cluster(contestant, threshold)?;
    let seconds = start.elapsed().as_secs_f64();
    let memory = mebibytes("VmHWM:") - before;
    let Scores { bcubed, pairwise } = cluster::scores(clusters.labels(), &faces.people)?;
    let words = |Agreement { precision, recall, f }: Agreement| format!("{precision} {recall} {f}");
    println!("{} {} {} {seconds} {memory}", clusters.count(), words(bcubed), words(pairwise));
    Ok(())
}

/// Prints how the graph of neighbours does on made-up faces, four of each person, with neighbours from the forest.
fn synthetic(count: &str) -> Result<()> {
    let count: usize =
        count.parse().map_err(|_| Error::new(ErrorKind::InvalidArgument, "a number of faces is needed"))?;
    let people: Vec<usize> = (0..count).map(|row| row / 4).collect();
    let vectors = made_up(&people);
    for exact_neighbors_up_to in [usize::MAX, 0] {
        let options = ClusterOptions { exact_neighbors_up_to, ..ClusterOptions::new(Algorithm::KnnGraph, 0.92) };
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let before = mebibytes("VmHWM:");
        let start = Instant::now();
        let clusters = cluster::cluster(vectors.view(), &options, |_| {}, &AtomicBool::new(false))?;
        let (seconds, memory) = (start.elapsed().as_secs_f64(), mebibytes("VmHWM:") - before);
        let Agreement { precision, recall, f } = cluster::scores(clusters.labels(), &people)?.bcubed;
        let neighbors = if exact_neighbors_up_to == 0 { "forest" } else { "exact" };
        println!(
            "{count} faces, {neighbors}: {} clusters, BCubed {precision:.4} / {recall:.4} / {f:.4}, {seconds:.1} s, {memory:.0} MiB",
            clusters.count()
        );
    }
    Ok(())
}

/// Directions of 512 values with 64 degrees of freedom, those of a person around a centre, about 0.8 from each other.
fn made_up(people: &[usize]) -> Array2<f32> {
    const FREEDOM: usize = 64;
    let mut random = StdRng::seed_from_u64(1);
    // Nearly normal, and quick to make.
    let mut normal = move || (0..4).map(|_| random.random::<f32>() - 0.5).sum::<f32>();
    let frame = Array2::from_shape_simple_fn((FREEDOM, 512), &mut normal);
    let centres = Array2::from_shape_simple_fn((people.len(), FREEDOM), &mut normal);
    let faces = Array2::from_shape_fn((people.len(), FREEDOM), |(row, column)| {
        centres[[people[row], column]] + 0.68 * normal()
    });
    let mut vectors = faces.dot(&frame);
    for mut vector in vectors.rows_mut() {
        let length = vector.dot(&vector).sqrt();
        vector /= length;
    }
    vectors
}

/// A figure of this process, as Linux tells it; elsewhere 0.
fn mebibytes(figure: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(figure));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes.unwrap_or_default() / 1024.0
}

struct Faces {
    vectors: Array2<f32>,
    people: Vec<String>,
}

impl Faces {
    fn read(path: &str, part: &str) -> Result<Self> {
        let Stored { values, names, .. } = Stored::read(path)?;
        let people: Vec<String> = names.iter().map(|name| person(name)).collect::<Result<_>>()?;
        let half = |person: &str| Fingerprint::of(&format!("{SPLIT_SEED} {person}")).as_bytes()[0] % 2;
        let is_in = |&row: &usize| part == "all" || part == half(&people[row]).to_string();
        let rows: Vec<usize> = (0..people.len()).filter(is_in).collect();
        Ok(Self {
            vectors: values.select(Axis(0), &rows),
            people: rows.iter().map(|&row| people[row].clone()).collect(),
        })
    }

    fn cluster(&self, contestant: &Contestant, threshold: f64) -> Result<Clusters> {
        let options = ClusterOptions {
            min_samples: contestant.min_samples,
            ..ClusterOptions::new(contestant.algorithm, threshold)
        };
        cluster::cluster(self.vectors.view(), &options, |_| {}, &AtomicBool::new(false))
    }

    /// The threshold with the best BCubed F.
    fn tune(&self, contestant: &Contestant) -> Result<f64> {
        let hundredth = |threshold: f64| (threshold * 100.0).round() as i32;
        let (low, high) = (hundredth(contestant.range.0), hundredth(contestant.range.1));
        let coarse = self.best(contestant, (low..=high).step_by(5))?;
        Ok(f64::from(self.best(contestant, coarse - 4..=coarse + 4)?) / 100.0)
    }

    fn best(&self, contestant: &Contestant, hundredths: impl Iterator<Item = i32>) -> Result<i32> {
        let score = |hundredth| {
            let clusters = self.cluster(contestant, f64::from(hundredth) / 100.0)?;
            Ok((cluster::scores(clusters.labels(), &self.people)?.bcubed.f, hundredth))
        };
        let scores = hundredths.map(score).collect::<Result<Vec<(f64, i32)>>>()?;
        Ok(scores.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, hundredth)| hundredth))
    }
}

fn person(image: &str) -> Result<String> {
    let folder = Path::new(image).parent().and_then(Path::file_name);
    folder.map(|name| name.to_string_lossy().into_owned()).ok_or_else(|| {
        Error::new(ErrorKind::DatasetInvalid, format!("{image} lies in no folder that is named after a person"))
    })
}
