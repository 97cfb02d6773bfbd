//! A page that shows clusters.

use maud::{Markup, html};
use rayon::prelude::*;

use super::Clusters;
use crate::page::{Pictures, document};
use facenet_core::error::{Error, ErrorKind, Result};
use facenet_core::frame::Image;

/// What is shown on a [`page`] of clusters, so that it stays a size that browsers open.
///
/// ```
/// let options = facenet::cluster::PageOptions { most_faces: 100, ..Default::default() };
/// assert_eq!(options.picture_size, 72);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOptions {
    /// Title of the page.
    pub title: String,
    /// Width and height of a face in pixels; 72 by default, about 2 KB.
    pub picture_size: u32,
    /// Most clusters with a sheet of their own, the largest first; 200 by default.
    pub most_clusters: usize,
    /// Most faces on a sheet; 40 by default. Faces that are alone share one sheet of ten times as many, as do those in
    /// no cluster.
    pub most_faces: usize,
    /// Whether faces that are alone and faces in no cluster are shown too; true by default.
    pub rest: bool,
}

impl Default for PageOptions {
    fn default() -> Self {
        Self { title: "Clusters".into(), picture_size: 72, most_clusters: 200, most_faces: 40, rest: true }
    }
}

/// Some faces under a heading.
struct Sheet {
    heading: String,
    rows: Vec<usize>,
    most: usize,
}

/// A page in HTML, whole in one file: the faces of each cluster, the largest first. What is left out is said.
///
/// `names` has the name of each row's face; `picture` gives the picture of a row, and is called for those that are
/// shown, from many threads of the current rayon pool. A picture that cannot be had is replaced by the reason.
///
/// # Errors
/// [`ErrorKind::DimensionMismatch`] if there is not a name for each row; [`ErrorKind::InvalidArgument`] if pictures are
/// to have no pixels.
///
/// ```
/// use facenet::Image;
/// use facenet::cluster::{self, Clusters, PageOptions};
///
/// let clusters = Clusters::from_keys([Some("Ada"), Some("Ada"), Some("Bob")]);
/// let gray = |_row| Image::from_rgb(4, 4, vec![128; 48]);
/// let page = cluster::page(&clusters, &["a.png", "b.png", "c.png"], gray, &PageOptions::default())?;
/// assert_eq!(page.matches("<img").count(), 3);
/// # Ok::<(), facenet::Error>(())
/// ```
pub fn page<N: AsRef<str> + Sync>(
    clusters: &Clusters,
    names: &[N],
    picture: impl Fn(usize) -> Result<Image> + Sync,
    options: &PageOptions,
) -> Result<String> {
    if names.len() != clusters.labels().len() {
        let message = format!("{} names for {} faces in clusters", names.len(), clusters.labels().len());
        return Err(Error::new(ErrorKind::DimensionMismatch, message));
    }
    if options.picture_size == 0 {
        return Err(Error::new(ErrorKind::InvalidArgument, "pictures of 0 pixels show nothing"));
    }
    let (sheets, left_out) = sheets(clusters, options);
    let shown: Vec<usize> = sheets.iter().flat_map(|sheet| sheet.rows.iter().take(sheet.most)).copied().collect();
    let figure = |pictures: &mut Pictures, &row: &usize| {
        let address = picture(row).and_then(|image| pictures.address(&image, options.picture_size));
        figure(names[row].as_ref(), &address, options.picture_size)
    };
    let mut figures: std::vec::IntoIter<Markup> =
        shown.par_iter().map_init(Pictures::default, figure).collect::<Vec<_>>().into_iter();
    let body = html! {
        p { (names.len()) " faces, " (clusters.count()) " clusters" }
        @for sheet in &sheets {
            h2 { (sheet.heading) ", " (count(sheet.rows.len(), "face")) }
            div.sheet {
                @for figure in figures.by_ref().take(sheet.rows.len().min(sheet.most)) { (figure) }
            }
            @if sheet.rows.len() > sheet.most {
                p.note { "and " (sheet.rows.len() - sheet.most) " more" }
            }
        }
        @if left_out > 0 {
            p.note { (count(left_out, "smaller cluster")) " not shown" }
        }
    };
    Ok(document(&options.title, &body))
}

/// The sheets of the page, and how many clusters have none.
fn sheets(clusters: &Clusters, options: &PageOptions) -> (Vec<Sheet>, usize) {
    let members = clusters.largest_first();
    let several = members.partition_point(|(_, rows)| rows.len() > 1);
    let sized = if options.rest { several } else { members.len() };
    let own = sized.min(options.most_clusters);
    let mut sheets: Vec<Sheet> = members[..own]
        .iter()
        .map(|(number, rows)| Sheet {
            heading: format!("Cluster {number}"),
            rows: rows.clone(),
            most: options.most_faces,
        })
        .collect();
    let without = |(row, label): (usize, &Option<u32>)| label.is_none().then_some(row);
    let alone = members[several..].iter().flat_map(|(_, rows)| rows).copied().collect();
    let in_none = clusters.labels().iter().enumerate().filter_map(without).collect();
    for (heading, rows) in [("Clusters of one", alone), ("In no cluster", in_none)] {
        let rows: Vec<usize> = rows;
        if options.rest && !rows.is_empty() {
            sheets.push(Sheet { heading: heading.into(), rows, most: options.most_faces.saturating_mul(10) });
        }
    }
    (sheets, sized - own)
}

fn figure(name: &str, address: &Result<String>, size: u32) -> Markup {
    html! {
        @match address {
            Ok(address) => img src=(address) width=(size) height=(size) title=(name) alt=(name);,
            Err(error) => figure { figcaption { (name) ": " (error) } },
        }
    }
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
