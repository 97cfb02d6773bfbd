//! Joining the parts of an export in NumPy arrays, without holding them in memory.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::part::Reader;
use crate::npy;
use crate::store::{self, Description, Tie};
use facenet_core::error::{Error, Result};
use facenet_core::internal::files;

/// Where the arrays are written.
pub(super) struct Places {
    pub(super) embeddings: PathBuf,
    pub(super) labels: PathBuf,
    pub(super) label_strings: PathBuf,
    pub(super) failures: PathBuf,
}

/// Joins `parts`, which are in the order of the images. `people` are all names of the folder, in the order of their numbers.
/// Tells how many faces they hold.
pub(super) fn write(places: &Places, parts: &[PathBuf], people: &[&str], description: &Description) -> Result<usize> {
    let mut rows = 0;
    for part in parts {
        let reader = Reader::open(part)?;
        rows += reader.rows();
    }
    let numbers: HashMap<&str, i64> = people.iter().copied().zip(0..).collect();
    let width = people.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(1);
    let persons = |out: &mut dyn Write, write: &dyn Fn(&mut dyn Write, &str) -> io::Result<()>| {
        each_part(parts, |part| part.texts("person", |person| written(write(out, person))))
    };
    let names_path = store::names_path(&places.embeddings);
    let description_path = store::description_path(&places.embeddings);
    let tie = RefCell::new(Tie::default());
    files::write_together(&mut [
        (&names_path, &mut |out| {
            let mut names = Names { image: String::new(), rows: 0, tie: &tie };
            each_part(parts, |part| part.texts("path", |path| written(names.write(out, path))))?;
            names.finish(out)
        }),
        (&places.labels, &mut |out| {
            npy::begin(out, "<i8", &[rows])?;
            persons(out, &|out, person| {
                let number =
                    numbers.get(person).ok_or_else(|| io::Error::other(format!("{person:?} is nobody's name")))?;
                out.write_all(&number.to_le_bytes())
            })
        }),
        (&places.label_strings, &mut |out| {
            npy::begin(out, &format!("<U{width}"), &[rows])?;
            persons(out, &|out, person| npy::text(out, person, width))
        }),
        (&places.failures, &mut |out| {
            each_part(parts, |part| {
                part.about.failures.iter().try_for_each(|failure| written(files::write_json_line(out, failure)))
            })
        }),
        (&places.embeddings, &mut |out| {
            npy::begin(out, "<f8", &[rows, description.dimension])?;
            each_part(parts, |part| {
                part.embeddings(description.dimension, |values| {
                    tie.borrow_mut().values(values);
                    written(values.iter().try_for_each(|&value| out.write_all(&f64::from(value).to_le_bytes())))
                })
            })
        }),
        // The last, since it has the checksum of the others.
        (&description_path, &mut |out| description.write(Some(""), tie.take(), out)),
    ])?;
    Ok(rows)
}

/// Names of rows: those of one image follow each other, and are numbered if they are several.
struct Names<'a> {
    image: String,
    rows: usize,
    tie: &'a RefCell<Tie>,
}

impl Names<'_> {
    fn write(&mut self, out: &mut dyn Write, image: &str) -> io::Result<()> {
        if self.rows > 0 && self.image != image {
            self.finish(out)?;
        }
        self.image = image.to_string();
        self.rows += 1;
        Ok(())
    }

    /// Writes the rows of the last image.
    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut names = store::row_names(&self.image, std::mem::take(&mut self.rows));
        names.try_for_each(|name| {
            self.tie.borrow_mut().name(&name);
            writeln!(out, "{}", store::line(&name))
        })
    }
}

fn each_part(parts: &[PathBuf], mut each: impl FnMut(Reader) -> Result<()>) -> io::Result<()> {
    parts.iter().try_for_each(|part: &PathBuf| Reader::open(part).and_then(&mut each)).map_err(io::Error::other)
}

/// An error of writing, on its way through the reader.
fn written(result: io::Result<()>) -> Result<()> {
    result.map_err(|error| Error::io("write", Path::new("the arrays"), error))
}
