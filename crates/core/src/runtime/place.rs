//! Where this code lies on disk.

use std::path::{Component, Path, PathBuf};

use super::dylib;

/// The root of the source tree this code was built from.
const SOURCE_TREE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The folders that `relative` names, seen from the shared library that this code is part of and from the program.
pub(super) fn beside(relative: &[&str]) -> Vec<PathBuf> {
    let program = std::env::current_exe().ok().and_then(|path| path.canonicalize().ok());
    let mut folders: Vec<PathBuf> = Vec::new();
    for object in dylib::own_object().into_iter().chain(program) {
        let Some(base) = object.parent() else { continue };
        for folder in relative.iter().filter_map(|relative| walk(base, relative)) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    folders
}

/// The tree this code was built from, if it still lies there, as in its `target` folder. Once shipped, whoever can make that
/// path on the user's machine could put models and libraries there. Builds for debugging do not ship.
pub(super) fn source_tree() -> Option<PathBuf> {
    let tree = Path::new(SOURCE_TREE).canonicalize().ok()?;
    let is_here = || beside(&[""]).iter().any(|folder| folder.starts_with(&tree));
    (cfg!(debug_assertions) || is_here()).then_some(tree)
}

/// `base` with `relative` applied, without `..` in it.
fn walk(base: &Path, relative: &str) -> Option<PathBuf> {
    let mut folder = base.to_path_buf();
    for component in Path::new(relative).components() {
        match component {
            Component::ParentDir => folder.pop().then_some(())?,
            other => folder.push(other),
        }
    }
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_folders_are_walked() {
        let base = Path::new("/opt/product/bin");
        assert_eq!(walk(base, ""), Some(base.to_path_buf()));
        assert_eq!(walk(base, "models"), Some(base.join("models")));
        assert_eq!(walk(base, "../share/facenet/models"), Some(PathBuf::from("/opt/product/share/facenet/models")));
        assert_eq!(walk(Path::new("/"), "../lib"), None);
    }

    #[test]
    fn the_program_and_its_library_are_one_place_if_they_are_one_file() {
        let own = std::env::current_exe().expect("a path").canonicalize().expect("the path exists");
        assert_eq!(beside(&[""]), [own.parent().expect("a folder").to_path_buf()]);
    }
}
