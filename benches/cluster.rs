//! Compares the ways to cluster on the embeddings of a folder of people.
//!
//! `cargo bench --bench cluster -- FACES.npy` prints how good they are. FACES.npy is what `facenet embed FOLDER
//! --aligned -o FACES.npy` writes; the folder of each image is its person. People are split in two halves. The
//! threshold with the best BCubed F on one half is used on the other, and on all; and the other way round. What is
//! printed is the mean of both.
//!
//! `... -- time FACES.npy` prints how long they take and the memory they need. All take turns, each run in a process of
//! its own.
//!
//! `... -- synthetic 200000` clusters so many made-up faces, with exact and with approximate neighbours.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use facenet::Watch;
use facenet::cluster::{self, Agreement, Algorithm, ClusterOptions, Clusters, Scores};
use facenet::store::Stored;
use facenet::{Embedder, EmbedderOptions, Error, ErrorKind, Fingerprint, Result, Runtime, RuntimeOptions};
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
#[derive(Clone, Copy, PartialEq)]
enum Part {
    All,
    Half(u8),
}

/// Runs of each contestant that are timed.
const ROUNDS: usize = 5;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // `cargo bench` without a file is for the other benchmarks.
        [] => Ok(()),
        ["time", path] => time(path),
        ["measure", contestant, threshold, path] => measure(contestant, threshold, path),
        ["synthetic", count] => synthetic(count),
        [path] => compare(path),
        _ => Err(Error::new(ErrorKind::InvalidArgument, "one file with embeddings is needed")),
    }
}

/// Prints how good the contestants are.
fn compare(path: &str) -> Result<()> {
    let all = Faces::read(path, Part::All)?;
    let halves = [Faces::read(path, Part::Half(0))?, Faces::read(path, Part::Half(1))?];
    println!("{} faces, halves of {} and {}\n", all.people.len(), halves[0].people.len(), halves[1].people.len());
    println!(
        "| algorithm | threshold | faces | clusters | BCubed P / R / F | pairwise P / R / F |\n|---|---|---|---|---|---|"
    );
    for contestant in &CONTESTANTS {
        let thresholds = [halves[1].tune(contestant)?, halves[0].tune(contestant)?];
        for (title, parts) in [("other half", [&halves[0], &halves[1]]), ("all", [&all, &all])] {
            let one = parts[0].figures(contestant, thresholds[0])?;
            let other = parts[1].figures(contestant, thresholds[1])?;
            let [clusters, bp, br, bf, pp, pr, pf] = std::array::from_fn(|i| (one[i] + other[i]) / 2.0);
            println!(
                "| {} | {:.2}, {:.2} | {title} | {clusters:.0} | {bp:.3} / {br:.3} / {bf:.3} | {pp:.3} / {pr:.3} / {pf:.3} |",
                contestant.name, thresholds[0], thresholds[1],
            );
        }
    }
    Ok(())
}

/// Prints how long the contestants take, with the thresholds of the shipped model.
fn time(path: &str) -> Result<()> {
    let fingerprint = shipped()?;
    let mut runs = vec![Vec::new(); CONTESTANTS.len()];
    for _ in 0..ROUNDS {
        for (runs, contestant) in runs.iter_mut().zip(&CONTESTANTS) {
            runs.push(run(path, contestant, fingerprint)?);
        }
    }
    println!("| algorithm | seconds | range | processor seconds | MiB |\n|---|---|---|---|---|");
    for (runs, contestant) in runs.iter().zip(&CONTESTANTS) {
        let [seconds, processor, memory] = std::array::from_fn(|figure| {
            let mut sorted: Vec<f64> = runs.iter().map(|run| run[figure]).collect();
            sorted.sort_by(f64::total_cmp);
            (sorted[0], sorted[ROUNDS / 2], sorted[ROUNDS - 1])
        });
        println!(
            "| {} | {:.2} | {:.2}-{:.2} | {:.2} | {:.0} |",
            contestant.name, seconds.1, seconds.0, seconds.2, processor.1, memory.1
        );
    }
    Ok(())
}

/// What a run took, as [`measure`] prints it in a process of its own.
fn run(path: &str, contestant: &Contestant, fingerprint: Fingerprint) -> Result<[f64; 3]> {
    let no_threshold = || Error::new(ErrorKind::Internal, "the shipped model has no threshold");
    let threshold = contestant.algorithm.threshold(fingerprint).ok_or_else(no_threshold)?;
    let program = std::env::current_exe().map_err(|error| Error::io("find", "this program", error))?;
    let output = Command::new(program).args(["measure", contestant.name, &threshold.to_string(), path]).output();
    let output = output.map_err(|error| Error::io("run", "this program", error))?;
    let figures =
        String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>();
    let figures = figures.ok().and_then(|figures| figures.try_into().ok());
    figures.ok_or_else(|| Error::new(ErrorKind::Internal, "the measuring process failed"))
}

/// Prints seconds, processor seconds, and the mebibytes that were needed beside the embeddings.
fn measure(contestant: &str, threshold: &str, path: &str) -> Result<()> {
    let unknown = || Error::new(ErrorKind::InvalidArgument, "unknown contestant or threshold");
    let contestant = CONTESTANTS.iter().find(|known| known.name == contestant).ok_or_else(unknown)?;
    let threshold = threshold.parse().map_err(|_| unknown())?;
    let faces = Faces::read(path, Part::All)?;
    let meter = Meter::start();
    faces.cluster(contestant, threshold)?;
    let [seconds, processor, memory] = meter.read();
    println!("{seconds} {processor} {memory}");
    Ok(())
}

/// The fingerprint of what the shipped model makes of aligned faces.
fn shipped() -> Result<Fingerprint> {
    let runtime = Runtime::new(RuntimeOptions::default())?;
    Ok(Embedder::new(&runtime, EmbedderOptions::default())?.fingerprint())
}

/// Time and memory, from a moment on.
struct Meter {
    start: Instant,
    processor: f64,
    mebibytes: f64,
}

impl Meter {
    fn start() -> Self {
        // Forgets the most memory there was before.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Self { start: Instant::now(), processor: processor_seconds(), mebibytes: mebibytes() }
    }

    /// Seconds, processor seconds, and mebibytes at most.
    fn read(&self) -> [f64; 3] {
        [self.start.elapsed().as_secs_f64(), processor_seconds() - self.processor, mebibytes() - self.mebibytes]
    }
}

/// Processor time of this process, as Linux tells it; elsewhere 0.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The fields after the name, which may have spaces; the 14th and 15th of all, in hundredths.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that this process had, as Linux tells it; elsewhere 0.
fn mebibytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes.unwrap_or_default() / 1024.0
}

/// Prints how the graph of neighbours does on made-up faces, four of each person, with neighbours from the forest.
fn synthetic(count: &str) -> Result<()> {
    let count: usize =
        count.parse().map_err(|_| Error::new(ErrorKind::InvalidArgument, "a number of faces is needed"))?;
    let people: Vec<usize> = (0..count).map(|row| row / 4).collect();
    let vectors = made_up(&people);
    // Exact neighbours of more would take minutes.
    let ways: &[usize] = if count <= 100_000 { &[usize::MAX, 0] } else { &[0] };
    for &exact_neighbors_up_to in ways {
        let options = ClusterOptions { exact_neighbors_up_to, ..ClusterOptions::new(Algorithm::KnnGraph, 0.92) };
        let meter = Meter::start();
        let clusters = cluster::cluster(vectors.view(), &options, &Watch::none())?;
        let [seconds, processor, memory] = meter.read();
        let Agreement { precision, recall, f } = cluster::scores(clusters.labels(), &people)?.bcubed;
        let neighbors = if exact_neighbors_up_to == 0 { "forest" } else { "exact" };
        println!(
            "{count} faces, {neighbors}: {} clusters, BCubed {precision:.4} / {recall:.4} / {f:.4}, {seconds:.1} s, {processor:.1} processor seconds, {memory:.0} MiB",
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

struct Faces {
    vectors: Array2<f32>,
    people: Vec<String>,
}

impl Faces {
    fn read(path: &str, part: Part) -> Result<Self> {
        let Stored { values, names, .. } = Stored::read(path)?;
        let people: Vec<String> = names.iter().map(|name| person(name)).collect::<Result<_>>()?;
        let half = |person: &str| Fingerprint::of(&format!("{SPLIT_SEED} {person}")).as_bytes()[0] % 2;
        let is_in = |&row: &usize| part == Part::All || part == Part::Half(half(&people[row]));
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
        cluster::cluster(self.vectors.view(), &options, &Watch::none())
    }

    /// Number of clusters, then BCubed and pairwise precision, recall and F.
    fn figures(&self, contestant: &Contestant, threshold: f64) -> Result<[f64; 7]> {
        let clusters = self.cluster(contestant, threshold)?;
        let Scores { bcubed, pairwise } = cluster::scores(clusters.labels(), &self.people)?;
        let count = clusters.count() as f64;
        Ok([count, bcubed.precision, bcubed.recall, bcubed.f, pairwise.precision, pairwise.recall, pairwise.f])
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
