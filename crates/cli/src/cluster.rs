//! `facenet cluster`: the faces of each person together.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use crate::ExitCode;
use clap::Args;
use facenet_core::internal::files;
use facenet_core::options::Options;
use facenet_core::{Embedder, Error, ErrorKind, Fingerprint, Result};
use facenet_lab::Watch;
use facenet_lab::cluster::{self, ClusterOptions, Clusters, Origin, Placed, Placement, Scores, Transfer};
use facenet_lab::people::{LabelledFaces, LeftOut, image_of};
use facenet_lab::store::{Description, Stored};
use serde::Serialize;

use crate::args::page;
use crate::embed::check_place;
use crate::faces::FolderArgs;
use crate::options::Given;
use crate::people::{self, Source};
use crate::progress::Progress;
use crate::{console, interrupt};

const NOTES: &str = "\
dbscan finds chains of near faces, as the original cluster.py; chinese-whispers is that of the original clustering.py. \
average-link goes by the mean distance of all members, and its memory grows with the square of the faces; knn-graph goes by the \
mean distance along nearest neighbours, for any number of faces.

The threshold is a Euclidean distance, up to which faces belong together; for chinese-whispers it is a dot product, above which \
they do. Without --threshold the one that was measured for the model is taken, if there is one. The original programs had 1.0 for \
dbscan and 0.55 for chinese-whispers.

--copy, --link and --move make OUT/0, OUT/1 and so on; OUT/placement.jsonl lists what came from where. Nothing is overwritten, and \
what was interrupted goes on when the command is run again, without --json and --score.

Exit codes: 0 done, 1 failed, or an image gave no face (the others are clustered), 2 wrong usage, 130 interrupted.";

/// How many clusters the summary lists.
const LISTED: usize = 10;

/// Find the faces of the same people, without knowing anybody
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Cluster {
    /// Folder of images, or embeddings as `facenet embed` writes them (.npy)
    #[arg(value_name = "FOLDER|FACES.npy")]
    input: PathBuf,
    /// Folder for a folder of images per cluster
    #[arg(long, short, value_name = "OUT", requires = "transfer")]
    output: Option<PathBuf>,
    #[command(flatten)]
    transfer: TransferArgs,
    #[command(flatten)]
    given: Given<ClusterOptions>,
    /// Put and show only the largest cluster
    #[arg(long)]
    largest_cluster_only: bool,
    /// Most memory for the distances of average-link and the pairs of chinese-whispers, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4096)]
    memory_limit: u64,
    /// Print how well the clusters agree with the folders, each of which is a person
    #[arg(long)]
    score: bool,
    /// Write a line for each face with the number of its cluster (a ' stands before
    /// text that a spreadsheet would take for a formula: =, +, - or @ comes first)
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write a page that shows the clusters
    #[arg(long, value_name = "FILE", value_parser = page)]
    html: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    folder: FolderArgs,
}

/// How files get into the folders of clusters.
#[derive(Args)]
#[group(id = "transfer", multiple = false, requires = "output")]
struct TransferArgs {
    /// Copy the images into OUT
    #[arg(long)]
    copy: bool,
    /// Make symbolic links to the images in OUT
    #[arg(long)]
    link: bool,
    /// Move the images into OUT
    #[arg(long = "move")]
    move_files: bool,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Report<'a> {
    model: Option<&'a str>,
    fingerprint: Option<Fingerprint>,
    #[serde(flatten)]
    options: &'a ClusterOptions,
    seconds: f64,
    clusters: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<Scores>,
    faces: Vec<ReportedFace<'a>>,
    failures: &'a [LeftOut],
    #[serde(skip_serializing_if = "Option::is_none")]
    placed: Option<&'a Placed>,
}

#[derive(Serialize)]
struct ReportedFace<'a> {
    name: &'a str,
    cluster: Option<u32>,
}

impl Cluster {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let cancel = interrupt::catch()?;
        if let Some(placement) = self.finished()? {
            let folder = placement.folder().display();
            let message = format!("{} images are in the folders of {folder} already", placement.entries().len());
            console::print(|out| writeln!(out, "{message}; for others choose another folder"))?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(placement) = self.unfinished()? {
            let placed = self.place(&placement, cancel)?;
            console::print(|out| write_placed(out, &placed, placement.folder()))?;
            return Ok(exit_code(&placed));
        }
        if let (Some(csv), Some(html)) = (&self.csv, &self.html)
            && absolute(csv)? == absolute(html)?
        {
            return Err(Error::new(ErrorKind::InvalidArgument, "--csv and --html name the same file: name two"));
        }
        self.csv.iter().chain(&self.html).try_for_each(|path| check_place(path))?;
        let source = Source::open(&self.input, &self.folder, self.folder.embedder_options(), self.quiet)?;
        let (model, embedder) = (source.description(), source.embedder());
        let options = self.options(model.as_ref().map(|model| model.fingerprint))?;
        if self.score {
            source.check_named()?;
        }
        let faces = source.faces(self.quiet, cancel)?;
        if self.output.is_some() || self.html.is_some() {
            people::check_files(&faces)?;
        }
        let labels = self.score.then(|| faces.labels()).transpose()?;

        let start = Instant::now();
        let total = faces.len() as u64;
        let progress = Progress::follow("images", self.quiet);
        let show = |done: u64, of: u64| progress(done * total / of, total);
        let clusters = cluster::cluster(faces.view(), &options, &Watch::new(&show, cancel))?;
        drop(progress);
        let seconds = start.elapsed().as_secs_f64();
        let scores = labels.map(|labels| cluster::scores(clusters.labels(), &labels)).transpose()?;
        let names = people::names(&faces);

        // What is printed comes last: a reader that is gone must not keep anything from its place.
        let placement = self.placement(&faces, &clusters)?;
        self.write_files(&faces, &names, embedder.as_ref(), &clusters)?;
        let placed = placement.map(|placement| self.place(&placement, cancel)).transpose()?;
        let code = placed.as_ref().map_or(ExitCode::SUCCESS, exit_code);
        let failures = &faces.left_out;
        let outcome = Outcome { model, names: &names, failures, options, clusters: &clusters, scores, seconds, placed };
        if self.json {
            console::print_json(&outcome.report())?;
        } else {
            console::print(|out| {
                outcome.write_summary(out)?;
                match (&outcome.placed, &self.output) {
                    (Some(placed), Some(output)) => write_placed(out, placed, output),
                    _ => Ok(()),
                }
            })?;
        }
        Ok(if code == ExitCode::SUCCESS && !faces.left_out.is_empty() { ExitCode::FAILURE } else { code })
    }

    /// The placement of the same request that an earlier run has finished.
    fn finished(&self) -> Result<Option<Placement>> {
        let (Some(output), Some(transfer)) = (&self.output, self.transfer.get()) else { return Ok(None) };
        let (found, asked) = (Placement::finished(output)?, self.origin()?);
        Ok(found.filter(|found| found.transfer() == transfer && *found.origin() == asked))
    }

    /// The placement that an earlier run did not finish. A folder that is in use otherwise is refused before the work.
    fn unfinished(&self) -> Result<Option<Placement>> {
        let (Some(output), Some(transfer)) = (&self.output, self.transfer.get()) else { return Ok(None) };
        let Some(placement) = Placement::resume(output)? else {
            Placement::plan::<&Path>(output, transfer, &Clusters::from_keys::<u32>([]), &[])?;
            return Ok(None);
        };
        let begun = placement.origin();
        let asked = self.origin()?;
        if placement.transfer() != transfer || *begun != asked {
            let other = |request: &str, than: &str| {
                let lines: Vec<_> = request.lines().filter(|line| !than.lines().any(|known| known == *line)).collect();
                lines.join(", ")
            };
            let message = format!(
                "what was begun in {} is not finished, and is not what is asked for now: {} ({}), not {} ({}); \
                 finish it by the same command as before, or choose another folder",
                output.display(),
                format!("{:?}", placement.transfer()).to_lowercase(),
                other(&begun.request, &asked.request),
                format!("{transfer:?}").to_lowercase(),
                other(&asked.request, &begun.request),
            );
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        if !self.has(&placement)? {
            let message = format!(
                "what was begun in {} is not finished, and has files that are not of {}: choose another folder",
                output.display(),
                self.input.display(),
            );
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        if self.json || self.score {
            let message = format!(
                "what was begun in {} is not finished: finish it without --json and --score, the faces are not looked at",
                output.display()
            );
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        if !self.quiet {
            console::warn(format_args!("going on with what was begun in {}", output.display()));
        }
        Ok(Some(placement))
    }

    /// What decides which files go where, and which others are written before they do.
    fn origin(&self) -> Result<Origin> {
        let input = absolute(&self.input)?;
        let file = |path: &Option<PathBuf>| path.as_deref().map(absolute).transpose();
        let threshold = if self.given.has("threshold") { "" } else { "threshold the model's\n" };
        let request = [
            format!("input {}\n", escaped(Some(&input))),
            format!("csv {}\n", escaped(file(&self.csv)?.as_deref())),
            format!("html {}\n", escaped(file(&self.html)?.as_deref())),
            format!("largest-cluster-only {}\n{threshold}", self.largest_cluster_only),
            lines("", &self.given.options().settings()),
            lines("detection ", &self.folder.settings()),
            lines("embedding ", &self.folder.embedder_options().settings()),
        ];
        let request = request.concat().trim_end().to_string();
        Ok(Origin { root: input.is_dir().then_some(input), request })
    }

    /// Whether all files of the placement are those of stored embeddings; of a folder they are known to be in it.
    fn has(&self, placement: &Placement) -> Result<bool> {
        if placement.origin().root.is_some() {
            return Ok(true);
        }
        let names = Stored::read(&self.input)?.names;
        let files = names.iter().map(|name| absolute(&image_of(name))).collect::<Result<HashSet<_>>>()?;
        Ok(placement.entries().iter().all(|entry| files.contains(&entry.source)))
    }

    fn options(&self, fingerprint: Option<Fingerprint>) -> Result<ClusterOptions> {
        let given = self.given.options();
        let measured = || fingerprint.and_then(|fingerprint| given.algorithm.threshold(fingerprint));
        let Some(threshold) = given.threshold.or_else(measured) else {
            let message = "no threshold was measured for the model of these embeddings: name one with --threshold";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        };
        Ok(ClusterOptions {
            threshold: Some(threshold),
            min_samples: given.min_cluster_size,
            memory_limit: self.memory_limit.saturating_mul(1 << 20),
            ..given
        })
    }

    /// Where files go; none if they stay.
    fn placement(&self, faces: &LabelledFaces, clusters: &Clusters) -> Result<Option<Placement>> {
        let (Some(output), Some(transfer)) = (&self.output, self.transfer.get()) else { return Ok(None) };
        let files: Vec<PathBuf> = faces.faces.iter().map(|face| faces.path(face)).collect();
        let plan = |clusters: &Clusters| Placement::plan(output, transfer, clusters, &files);
        let placement = match clusters.largest_first().first() {
            Some(&(largest, _)) if self.largest_cluster_only => plan(&clusters.only(largest))?,
            _ => plan(clusters)?,
        };
        Ok(Some(placement.of(self.origin()?)))
    }

    #[cfg_attr(not(feature = "html"), expect(unused_variables, reason = "pictures are for pages"))]
    fn write_files(
        &self,
        faces: &LabelledFaces,
        names: &[String],
        embedder: Option<&Embedder>,
        clusters: &Clusters,
    ) -> Result<()> {
        if let Some(path) = &self.csv {
            files::write_whole(path, |out| {
                writeln!(out, "image,cluster")?;
                names.iter().zip(clusters.labels()).try_for_each(|(name, label)| {
                    let label = label.map_or(String::new(), |label| label.to_string());
                    writeln!(out, "{},{label}", console::csv_field(name))
                })
            })?;
        }
        #[cfg(feature = "html")]
        if let Some(path) = &self.html {
            let title = format!("Clusters of {}", self.input.display());
            let mut options = cluster::PageOptions { title, ..Default::default() };
            if self.largest_cluster_only {
                (options.most_clusters, options.rest) = (1, false);
            }
            let aligner =
                |embedder: &Embedder| facenet_core::Aligner::new(embedder.spec().alignment, embedder.spec().input_size);
            let aligner = embedder.map(aligner).transpose()?;
            let picture = |row: usize| people::picture(faces, &faces.faces[row], aligner.as_ref());
            let page = cluster::page(clusters, names, picture, &options)?;
            files::write_whole(path, |out| out.write_all(page.as_bytes()))?;
        }
        Ok(())
    }

    fn place(&self, placement: &Placement, cancel: &AtomicBool) -> Result<Placed> {
        let show = Progress::follow("images", self.quiet);
        let placed = placement.run(&Watch::new(&show, cancel))?;
        drop(show);
        for (file, reason) in &placed.failures {
            console::warn(format_args!("{} was not put into its folder: {reason}", file.display()));
        }
        Ok(placed)
    }
}

/// Settings as lines, each with `prefix` before its name.
fn lines(prefix: &str, settings: &BTreeMap<String, String>) -> String {
    settings.iter().map(|(name, value)| format!("{prefix}{name} {value}\n")).collect()
}

/// The bytes of a path in a line; "none" if there is none.
fn escaped(path: Option<&Path>) -> String {
    path.map_or("none".into(), |path| format!("\"{}\"", path.as_os_str().as_encoded_bytes().escape_ascii()))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Error::io("find", path, error))
}

fn write_placed(out: &mut dyn Write, placed: &Placed, folder: &Path) -> io::Result<()> {
    writeln!(out, "{} images in the folders of {}", placed.files, folder.display())?;
    match placed.remaining {
        0 => Ok(()),
        remaining => writeln!(out, "Interrupted, {remaining} left: run it again to go on"),
    }
}

fn exit_code(placed: &Placed) -> ExitCode {
    match (placed.remaining, placed.failures.is_empty()) {
        (0, true) => ExitCode::SUCCESS,
        (0, false) => ExitCode::FAILURE,
        _ => ExitCode::from(console::INTERRUPTED),
    }
}

impl TransferArgs {
    fn get(&self) -> Option<Transfer> {
        let choices = [(self.copy, Transfer::Copy), (self.link, Transfer::Link), (self.move_files, Transfer::Move)];
        choices.into_iter().find_map(|(chosen, transfer)| chosen.then_some(transfer))
    }
}

/// What was found, to be printed.
struct Outcome<'a> {
    model: Option<Description>,
    names: &'a [String],
    failures: &'a [LeftOut],
    options: ClusterOptions,
    clusters: &'a Clusters,
    scores: Option<Scores>,
    seconds: f64,
    placed: Option<Placed>,
}

impl Outcome<'_> {
    fn report(&self) -> Report<'_> {
        let face = |(name, &cluster)| ReportedFace { name, cluster };
        let names = self.names.iter().map(String::as_str);
        Report {
            model: self.model.as_ref().map(|model| model.model.as_str()),
            fingerprint: self.model.as_ref().map(|model| model.fingerprint),
            options: &self.options,
            seconds: self.seconds,
            clusters: self.clusters.count(),
            scores: self.scores,
            faces: names.zip(self.clusters.labels()).map(face).collect(),
            failures: self.failures,
            placed: self.placed.as_ref(),
        }
    }

    fn write_summary(&self, out: &mut dyn Write) -> io::Result<()> {
        let members = self.clusters.largest_first();
        let alone = members.iter().filter(|(_, rows)| rows.len() == 1).count();
        let in_none = self.clusters.labels().iter().filter(|label| label.is_none()).count();
        writeln!(out, "Number of faces: {}", self.names.len())?;
        writeln!(out, "Number of clusters: {}, {alone} of them with one face", self.clusters.count())?;
        if in_none > 0 {
            writeln!(out, "Faces in no cluster: {in_none}")?;
        }
        writeln!(out, "Threshold: {}", self.options.threshold.unwrap_or_default())?;
        for (number, rows) in members.iter().take_while(|(_, rows)| rows.len() > 1).take(LISTED) {
            writeln!(out, "  cluster {number}: {} faces, {} ...", rows.len(), console::shown(&self.names[rows[0]]))?;
        }
        if let Some(Scores { bcubed, pairwise }) = self.scores {
            for (title, score) in [("BCubed", bcubed), ("Pairwise", pairwise)] {
                let (precision, recall, f) = (score.precision, score.recall, score.f);
                writeln!(out, "{title}: precision {precision:.4}, recall {recall:.4}, F {f:.4}")?;
            }
        }
        writeln!(out, "Time: {:.2} s", self.seconds)
    }
}
