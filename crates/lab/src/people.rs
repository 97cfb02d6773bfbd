//! The faces of a folder, and whose they are.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView2, Axis};
use serde::Serialize;

use crate::dataset::{Dataset, Person};
use crate::extract::Extractor;
use crate::store::{Description, Stored, row_names};
use crate::watch::Watch;
use facenet_core::detect::Face;
use facenet_core::embeddings::Embeddings;
use facenet_core::error::{Error, ErrorKind, Hint, Result};

const OF_NOBODY: &str = "in no person's folder";

/// An image that gave no face, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Name of the image.
    pub image: String,
    /// Why there is none.
    pub reason: String,
}

impl LeftOut {
    pub(crate) fn new(image: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { image: image.into(), reason: reason.into() }
    }
}

/// A face with the image and the person that it is of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelledFace {
    /// Its name: that of the image, or for several faces of one image `image#1`, `image#2` and so on.
    pub name: String,
    /// The image, relative to the [folder](LabelledFaces::folder).
    pub image: PathBuf,
    /// Where it is in the image; none if the image is the aligned face, or that is not known.
    pub face: Option<Face>,
    /// Whose it is: an index of [`LabelledFaces::people`]; none for an image in no person's folder.
    pub person: Option<usize>,
}

/// The faces of a folder of people, or of a file of embeddings, with the person of each: what clusters, classifiers and
/// calibrations are made of.
///
/// - Each face that an image gives is a row, in the order of the detector's [selection], and each has the person of the
///   image. Where one face stands for a person, choose a selection that gives one, or take
///   [the first of each image](Self::first_of_each_image).
/// - An image that lies directly in the folder is of nobody: its faces have no person.
/// - An image that cannot be read, is of the wrong size or has no face is [left out](Self::left_out), with the reason.
///
/// [selection]: facenet_core::detect::Selection
///
/// ```no_run
/// use facenet::Watch;
/// use facenet::dataset::Dataset;
/// use facenet::people::{LabelledFaces, LeftOut};
/// use facenet::{Embedder, EmbedderOptions, Extractor, Runtime, RuntimeOptions};
///
/// let runtime = Runtime::new(RuntimeOptions::default())?;
/// let extractor = Extractor::of_aligned(Embedder::new(&runtime, EmbedderOptions::default())?);
/// let say = |image: &LeftOut| eprintln!("{}: {}", image.image, image.reason);
/// let faces = LabelledFaces::embed_people(&extractor, &Dataset::open("lfw_160")?, &Watch::none(), say)?;
/// println!("{} faces of {} people", faces.len(), faces.people.len());
/// # Ok::<(), facenet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelledFaces {
    /// The folder that the images lie in; empty for those of a file of embeddings.
    pub folder: PathBuf,
    /// The face of each row.
    pub faces: Vec<LabelledFace>,
    /// Names of the people; of some there may be no face.
    pub people: Vec<String>,
    /// Images without a face.
    pub left_out: Vec<LeftOut>,
    /// What made the embeddings; none for a file that does not say it.
    pub description: Option<Description>,
    values: Array2<f32>,
}

impl LabelledFaces {
    /// Embeds the images of `people`, which lie in `folder`. Each image that is left out is handed to `left_out` at once.
    ///
    /// `watch` receives how many images are done, of how many, from none on.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`], and those of the extractor. That an image gives no face is not an error.
    pub fn embed(
        extractor: &Extractor,
        folder: impl AsRef<Path>,
        people: &[Person],
        watch: &Watch<'_>,
        mut left_out: impl FnMut(&LeftOut),
    ) -> Result<Self> {
        let embedder = extractor.embedder();
        let mut all = Self {
            folder: folder.as_ref().to_path_buf(),
            faces: Vec::new(),
            people: Vec::new(),
            left_out: Vec::new(),
            description: Some(Description::of(embedder)),
            values: Array2::default((0, 0)),
        };
        let (mut images, mut persons) = (Vec::new(), Vec::new());
        for person in people {
            let number = (!person.name.is_empty()).then_some(all.people.len());
            if number.is_some() {
                all.people.push(person.name.to_string_lossy().into_owned());
            }
            images.extend(person.images.iter().cloned());
            persons.resize(images.len(), number);
        }
        let mut embeddings = Embeddings::empty(embedder.fingerprint(), embedder.dimension());
        let mut persons = persons.into_iter();
        extractor.run(folder, images, watch, |found| {
            let person = persons.next().flatten();
            let image = found.path.clone();
            let name = image.to_string_lossy();
            let faces = match found.found() {
                Ok(faces) => faces,
                Err(reason) => {
                    let image = LeftOut::new(name, reason);
                    left_out(&image);
                    all.left_out.push(image);
                    return Ok(());
                }
            };
            for (name, found) in row_names(&name, faces.len()).zip(&faces) {
                embeddings.push(&found.embedding)?;
                all.faces.push(LabelledFace { name, image: image.clone(), face: found.face, person });
            }
            Ok(())
        })?;
        all.values = embeddings.into_values();
        Ok(all)
    }

    /// Embeds the images of all people of a folder. Those of nobody are left out without a look at them.
    ///
    /// # Errors
    /// As [`embed`](Self::embed).
    pub fn embed_people(
        extractor: &Extractor,
        dataset: &Dataset,
        watch: &Watch<'_>,
        mut left_out: impl FnMut(&LeftOut),
    ) -> Result<Self> {
        let nameless = dataset.nameless().iter().map(|image| LeftOut::new(image.to_string_lossy(), OF_NOBODY));
        let nameless: Vec<LeftOut> = nameless.inspect(&mut left_out).collect();
        let mut all = Self::embed(extractor, dataset.root(), dataset.named(), watch, left_out)?;
        all.left_out.splice(0..0, nameless);
        Ok(all)
    }

    /// Takes stored embeddings, scaled to length one if it is known what made them. If the names do not say whose they are,
    /// they are nobody's, and [`Stored::people`] says why.
    ///
    /// ```
    /// use facenet::people::LabelledFaces;
    /// use facenet::store::{Description, Stored};
    /// use facenet::{Fingerprint, Metric};
    ///
    /// let fingerprint = Fingerprint::of("a model");
    /// let description = Description { model: "a model".into(), fingerprint, dimension: 2, metric: Metric::Euclidean };
    /// let faces = LabelledFaces::from_stored(&Stored {
    ///     values: ndarray::array![[1.0, 0.0], [0.6, 0.8]],
    ///     names: vec!["lfw/Ada/Ada_0001.png".into(), "lfw/Ada/Ada_0002.png".into()],
    ///     description: Some(description),
    ///     folder: Some("lfw".into()),
    /// })?;
    /// assert_eq!(faces.people, ["Ada"]);
    /// assert_eq!(faces.faces[1].person, Some(0));
    /// # Ok::<(), facenet::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a row is no embedding.
    pub fn from_stored(stored: &Stored) -> Result<Self> {
        let values = match &stored.description {
            Some(description) => Embeddings::new(description.fingerprint, stored.values.clone())?.into_values(),
            None => stored.values.clone(),
        };
        let (mut people, mut numbers): (Vec<String>, HashMap<&str, usize>) = Default::default();
        let mut number = |person: &'_ str| {
            people.push(person.to_string());
            people.len() - 1
        };
        let persons = stored.people().unwrap_or_else(|_| vec![None; stored.names.len()]);
        let face = |(name, person): (&String, Option<_>)| LabelledFace {
            name: name.clone(),
            image: image_of(name),
            face: None,
            person: person.map(|person| *numbers.entry(person).or_insert_with(|| number(person))),
        };
        let faces = stored.names.iter().zip(persons).map(face).collect();
        let description = stored.description.clone();
        Ok(Self { folder: PathBuf::new(), faces, people, left_out: Vec::new(), description, values })
    }

    /// The embeddings, a row for each face.
    pub fn view(&self) -> ArrayView2<'_, f32> {
        self.values.view()
    }

    /// The embeddings alone.
    pub fn into_values(self) -> Array2<f32> {
        self.values
    }

    /// Number of faces.
    pub fn len(&self) -> usize {
        self.faces.len()
    }

    /// Whether there is no face.
    pub fn is_empty(&self) -> bool {
        self.faces.is_empty()
    }

    /// The file of the image of a face.
    pub fn path(&self, face: &LabelledFace) -> PathBuf {
        self.folder.join(&face.image)
    }

    /// The name of the person of a face.
    pub fn person(&self, face: &LabelledFace) -> Option<&str> {
        face.person.map(|person| self.people[person].as_str())
    }

    /// What made the embeddings.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] if that is not known.
    pub fn described(&self) -> Result<&Description> {
        self.description.as_ref().ok_or_else(crate::store::made_by_nobody)
    }

    /// The number of each face's person.
    ///
    /// # Errors
    /// [`ErrorKind::DatasetInvalid`] if a face is nobody's: see [`named`](Self::named).
    pub fn labels(&self) -> Result<Vec<usize>> {
        self.faces.iter().map(|face| face.person.ok_or_else(|| of_nobody(&self.path(face)))).collect()
    }

    /// The same as numbers of subjects.
    ///
    /// # Errors
    /// As [`labels`](Self::labels).
    pub fn subjects(&self) -> Result<Vec<u32>> {
        Ok(self.labels()?.into_iter().map(|label| label as u32).collect())
    }

    /// Fails if there is no face.
    ///
    /// # Errors
    /// [`ErrorKind::NoFace`], with the reason of the first image that was left out.
    pub fn check_any(&self) -> Result<()> {
        if !self.is_empty() {
            return Ok(());
        }
        let of = |left_out: &LeftOut| format!(" ({}: {})", left_out.image, left_out.reason);
        let first = self.left_out.first().map_or(String::new(), of);
        let message =
            format!("none of the {} images in {} gave a face{first}", self.left_out.len(), self.folder.display());
        Err(Error::new(ErrorKind::NoFace, message).with_hint(Hint::FindFaces))
    }

    /// The faces of somebody; those of nobody are left out.
    #[must_use]
    pub fn named(self) -> Self {
        self.only(|face| face.person.is_some(), Some(OF_NOBODY))
    }

    /// The first face of each image, by the name of the image.
    #[must_use]
    pub fn first_of_each_image(self) -> Self {
        let mut last: Option<PathBuf> = None;
        let mut all = self.only(|face| last.replace(face.image.clone()).is_none_or(|last| last != face.image), None);
        all.faces.iter_mut().for_each(|face| face.name = face.image.to_string_lossy().into_owned());
        all
    }

    /// The same without the people who have no face, and the names of those.
    #[must_use]
    pub fn without_faceless(mut self) -> (Self, Vec<String>) {
        let mut has_face = vec![false; self.people.len()];
        self.faces.iter().filter_map(|face| face.person).for_each(|person| has_face[person] = true);
        let (mut kept, mut faceless, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for (name, has_face) in self.people.into_iter().zip(has_face) {
            numbers.push(kept.len());
            if has_face { &mut kept } else { &mut faceless }.push(name);
        }
        self.faces.iter_mut().for_each(|face| face.person = face.person.map(|person| numbers[person]));
        self.people = kept;
        (self, faceless)
    }

    /// The faces for which `keep` holds; the images of others are left out for `reason`, if there is one.
    fn only(mut self, mut keep: impl FnMut(&LabelledFace) -> bool, reason: Option<&str>) -> Self {
        let mut rows = Vec::with_capacity(self.faces.len());
        let all = std::mem::take(&mut self.faces);
        for (row, face) in all.into_iter().enumerate() {
            if keep(&face) {
                rows.push(row);
                self.faces.push(face);
            } else if let Some(reason) = reason {
                self.left_out.push(LeftOut::new(face.name, reason));
            }
        }
        if rows.len() < self.values.nrows() {
            self.values = self.values.select(Axis(0), &rows);
        }
        self
    }
}

/// The error for an image that is in no person's folder.
#[doc(hidden)]
pub fn of_nobody(image: &Path) -> Error {
    let message = format!("{} lies in no folder that is named after a person", image.display());
    Error::new(ErrorKind::DatasetInvalid, message)
}

/// The image of a row: `photo.jpg#2` is the second face of `photo.jpg`.
///
/// ```
/// use facenet::people::image_of;
///
/// assert_eq!(image_of("Ada/photo.jpg#2"), std::path::Path::new("Ada/photo.jpg"));
/// assert_eq!(image_of("Ada/C#.jpg"), std::path::Path::new("Ada/C#.jpg"));
/// ```
pub fn image_of(name: &str) -> PathBuf {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match name.rsplit_once('#') {
        Some((image, number)) if is_number(number) && !Path::new(name).exists() => image.into(),
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facenet_core::embedding::Fingerprint;
    use facenet_core::model::Metric;

    fn stored(names: &[&str]) -> Stored {
        let description = Description {
            model: "a model".into(),
            fingerprint: Fingerprint::of("a model"),
            dimension: 2,
            metric: Metric::Cosine,
        };
        let angle = |row: usize| row as f32;
        Stored {
            values: Array2::from_shape_fn((names.len(), 2), |(row, column)| match column {
                0 => 3.0 * angle(row).cos(),
                _ => 3.0 * angle(row).sin(),
            }),
            names: names.iter().map(|name| name.to_string()).collect(),
            description: Some(description),
            folder: Some("album".into()),
        }
    }

    #[test]
    fn faces_of_nobody_are_left_out_with_their_rows() {
        let all = LabelledFaces::from_stored(&stored(&["album/stray.jpg", "album/Ada/1.jpg#1", "album/Ada/1.jpg#2"]))
            .unwrap();
        assert_eq!(all.faces.iter().map(|face| all.person(face)).collect::<Vec<_>>(), [None, Some("Ada"), Some("Ada")]);
        assert_eq!(all.labels().unwrap_err().kind(), ErrorKind::DatasetInvalid);
        let rows = all.view().to_owned();
        let named = all.named();
        assert_eq!(named.labels().unwrap(), [0, 0]);
        assert_eq!(named.view(), rows.slice(ndarray::s![1.., ..]));
        assert_eq!(named.left_out, [LeftOut::new("album/stray.jpg", OF_NOBODY)]);
    }

    #[test]
    fn the_first_face_of_an_image_has_its_name() {
        let names =
            ["album/Ada/1.jpg#1", "album/Ada/1.jpg#2", "album/Ada/2.jpg", "album/Grace/1.jpg#1", "album/Grace/1.jpg#2"];
        let all = LabelledFaces::from_stored(&stored(&names)).unwrap();
        let rows = all.view().to_owned();
        let first = all.first_of_each_image();
        let names: Vec<&str> = first.faces.iter().map(|face| face.name.as_str()).collect();
        assert_eq!(names, ["album/Ada/1.jpg", "album/Ada/2.jpg", "album/Grace/1.jpg"]);
        assert_eq!(first.view(), rows.select(Axis(0), &[0, 2, 3]));
        assert_eq!(first.subjects().unwrap(), [0, 0, 1]);
    }

    #[test]
    fn people_without_a_face_go_and_the_others_keep_theirs() {
        let names = ["album/Ada/1.jpg", "album/Bob/1.jpg", "album/Grace/1.jpg"];
        let all = LabelledFaces::from_stored(&stored(&names)).unwrap();
        let (kept, faceless) = all.only(|face| !face.name.contains("Bob"), None).without_faceless();
        assert_eq!(
            (kept.people.as_slice(), faceless.as_slice()),
            (&["Ada".into(), "Grace".into()][..], &["Bob".into()][..])
        );
        assert_eq!(kept.labels().unwrap(), [0, 1]);
        assert_eq!(kept.person(&kept.faces[1]), Some("Grace"));
    }

    #[test]
    fn a_matrix_that_nothing_describes_has_faces_of_nobody() {
        let bare = Stored { description: None, folder: None, ..stored(&["1", "2"]) };
        let faces = LabelledFaces::from_stored(&bare).unwrap();
        assert_eq!(faces.view(), bare.values);
        assert!(faces.described().is_err() && faces.people.is_empty());
    }
}
