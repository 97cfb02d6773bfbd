//! Folders with Python packages, found without starting Python.

use std::cmp::Reverse;
use std::env;
use std::path::{Path, PathBuf};

/// Folders that hold Python packages: the active environment's, the first `python3`'s on the path, then the user's and
/// the system's.
pub(super) fn package_folders() -> Vec<PathBuf> {
    let mut prefixes: Vec<PathBuf> =
        ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(env::var_os).map(PathBuf::from).collect();
    let path = env::var_os("PATH").unwrap_or_default();
    if let Some(python) = env::split_paths(&path).map(|folder| folder.join("python3")).find(|file| file.is_file()) {
        // First as it is called, which is a virtual environment's, then the interpreter behind it.
        prefixes.extend(prefix_of(&python));
        prefixes.extend(python.canonicalize().ok().as_deref().and_then(prefix_of));
    }
    prefixes.extend(env::var_os("PYTHONUSERBASE").map(PathBuf::from));
    prefixes.extend(env::home_dir().map(|home| home.join(".local")));
    prefixes.extend(["/usr/local", "/usr"].map(PathBuf::from));

    // An empty or relative entry of a variable would mean the working folder, whoever may write there.
    prefixes.retain(|prefix| prefix.is_absolute());
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in prefixes.iter().flat_map(|prefix| in_prefix(prefix)) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// The prefix of an interpreter: the folder above its `bin`.
fn prefix_of(python: &Path) -> Option<PathBuf> {
    python.parent()?.parent().map(Path::to_path_buf)
}

/// The package folders below an interpreter's prefix, of the newest Python first.
fn in_prefix(prefix: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(prefix.join("lib")) else {
        return Vec::new();
    };
    let mut versions: Vec<(Vec<u32>, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix("python3")?;
            Some((version.split('.').filter_map(|part| part.parse().ok()).collect(), entry.path()))
        })
        .collect();
    versions.sort_by_key(|(version, _)| Reverse(version.clone()));
    let folders =
        versions.into_iter().flat_map(|(_, lib)| ["site-packages", "dist-packages"].map(|name| lib.join(name)));
    folders.filter(|folder| folder.is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_python_of_a_prefix_comes_first() {
        let prefix = tempfile::tempdir().expect("a temporary folder");
        let lib = prefix.path().join("lib");
        let wanted = ["python3.13/site-packages", "python3.9/site-packages", "python3/dist-packages"];
        for folder in wanted.iter().chain(&["python2.7/site-packages", "python3.12/other"]) {
            std::fs::create_dir_all(lib.join(folder)).expect("the folder is made");
        }
        assert_eq!(in_prefix(prefix.path()), wanted.map(|folder| lib.join(folder)));
        assert_eq!(in_prefix(&lib), Vec::<PathBuf>::new());
    }
}
