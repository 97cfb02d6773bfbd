//! Finding the folder with the model files that ship.

use std::path::{Path, PathBuf};

use super::place;
use crate::error::{Error, ErrorKind, Result};

/// Environment variable that names the folder.
const VARIABLE: &str = "FACENET_MODELS";

/// Where to get what is missing.
pub(super) const REMEDY: &str = "The models are in the folder `models` of the source distribution: copy it beside the \
                                 program, or name it in FACENET_MODELS or the option `models`.";

/// The folder with the models, or the places where it was looked for.
#[derive(Debug, Clone)]
pub(super) struct Models {
    found: bool,
    places: Vec<PathBuf>,
}

impl Models {
    /// The folder that `named` or the environment says, which must exist; else the first usual place with a model in it.
    pub(super) fn find(named: Option<&Path>) -> Result<Self> {
        let variable = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let (folder, by) = match (named, &variable) {
            (Some(path), _) => (path, "named in the options"),
            (None, Some(path)) => (path.as_path(), "named by FACENET_MODELS"),
            (None, None) => return Ok(Self::search()),
        };
        if !folder.is_dir() {
            let message = format!("the models folder {} ({by}) does not exist: correct or unset it", folder.display());
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        Ok(Self { found: true, places: vec![folder] })
    }

    fn search() -> Self {
        let mut places = place::beside(&["models", "../share/facenet/models", "../../share/facenet/models"]);
        places.extend(place::source_tree().map(|tree| tree.join("models")));
        match places.iter().position(|folder| holds_model(folder)) {
            Some(index) => Self { found: true, places: vec![places.swap_remove(index)] },
            None => Self { found: false, places },
        }
    }

    /// The folder, or if there is none the place where it is looked for first.
    pub(super) fn folder(&self) -> &Path {
        &self.places[0]
    }

    /// The folder, if there is one.
    pub(super) fn found(&self) -> Option<&Path> {
        self.found.then(|| self.folder())
    }

    /// The file `name` in the folder.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf> {
        let file = self.folder().join(name);
        if file.is_file() {
            return Ok(file);
        }
        let message = match self.found {
            true => format!("the model {name} is not in the models folder {}. {REMEDY}", self.folder().display()),
            false => self.absence(),
        };
        Err(Error::new(ErrorKind::NotFound, message))
    }

    /// What to say if there is no folder.
    pub(super) fn absence(&self) -> String {
        let places: Vec<String> = self.places.iter().map(|folder| folder.display().to_string()).collect();
        format!("no models folder was found. {REMEDY} Looked at: {}", places.join("; "))
    }
}

/// A folder of that name may belong to someone else; ours holds ONNX files.
fn holds_model(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| path.extension().is_some_and(|extension| extension == "onnx"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_must_exist_and_its_files_too() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let models = Models::find(Some(folder.path())).expect("the folder exists");
        assert_eq!(models.folder(), folder.path());
        assert_eq!(models.file("a.onnx").expect_err("no such file").kind(), ErrorKind::NotFound);
        std::fs::write(folder.path().join("a.onnx"), b"x").expect("the file is written");
        assert_eq!(models.file("a.onnx").expect("the file exists"), folder.path().join("a.onnx"));

        let error = Models::find(Some(&folder.path().join("absent"))).expect_err("no such folder");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("absent"), "{error}");
    }

    #[test]
    fn places_are_listed_when_no_folder_is_found() {
        let models = Models { found: false, places: vec!["/one/models".into(), "/two/models".into()] };
        let message = models.file("a.onnx").expect_err("no folder").to_string();
        assert!(message.contains("/one/models") && message.contains("/two/models"), "{message}");
    }
}
