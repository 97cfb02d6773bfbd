//! NVIDIA's libraries that a GPU provider needs: loading them from where Python packages keep them.
//!
//! The dynamic loader does not look there, but it takes a library that is loaded already for one it looks for by name.

#![allow(unsafe_code, reason = "the dynamic loader is a C interface")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use libloading::os::unix::{Library, RTLD_LAZY, RTLD_LOCAL};

use super::python;

/// A library and the versions of it that builds of ONNX Runtime are linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needed {
    /// The name before the version.
    pub(super) name: &'static str,
    versions: &'static [u8],
}

/// Libraries of CUDA and cuDNN, each after those it depends on.
pub(super) const CUDA: [Needed; 7] = [
    Needed { name: "libcudart.so", versions: &[13, 12] },
    Needed { name: "libcublasLt.so", versions: &[13, 12] },
    Needed { name: "libcublas.so", versions: &[13, 12] },
    Needed { name: "libnvrtc.so", versions: &[13, 12] },
    Needed { name: "libcurand.so", versions: &[10] },
    Needed { name: "libcufft.so", versions: &[12, 11] },
    Needed { name: "libcudnn.so", versions: &[9] },
];

/// The library of TensorRT.
pub(super) const TENSORRT: [Needed; 1] = [Needed { name: "libnvinfer.so", versions: &[10] }];

/// Loads `needed` as far as it is found, and returns what is nowhere. `onnxruntime` is the library they are for.
pub(super) fn preload(needed: &[Needed], onnxruntime: &Path) -> Vec<Needed> {
    let folders = folders(onnxruntime);
    needed.iter().copied().filter(|needed| !preload_one(*needed, &folders)).collect()
}

/// Loads every version that is found, as it is not known which one ONNX Runtime was built for.
fn preload_one(needed: Needed, folders: &[PathBuf]) -> bool {
    let names: Vec<String> = needed.versions.iter().map(|version| format!("{}.{version}", needed.name)).collect();
    let files = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    let mut loaded = false;
    for file in files.filter(|file| file.is_file()) {
        loaded |= open_for_good(file.as_os_str());
    }
    loaded || names.iter().any(|name| open_for_good(OsStr::new(name)))
}

/// The version of TensorRT's library that is loaded or installed, as it tells it: 101300 for 10.13.0.
pub(super) fn tensorrt_version() -> Option<i32> {
    // SAFETY: as in `open_for_good`.
    let library = unsafe { Library::new("libnvinfer.so.10") }.ok()?;
    // SAFETY: this is the type that TensorRT's header declares for the symbol.
    let version = unsafe { library.get::<unsafe extern "C" fn() -> i32>(b"getInferLibVersion\0") };
    let version = *version.ok()?;
    std::mem::forget(library);
    // SAFETY: the function takes nothing and may be called at any time.
    Some(unsafe { version() })
}

/// Opens a library, which stays loaded for the provider to find.
fn open_for_good(name: &OsStr) -> bool {
    // SAFETY: NVIDIA's library from where NVIDIA's packages install it; the provider would load the same one.
    unsafe { Library::open(Some(name), RTLD_LAZY | RTLD_LOCAL) }.map(std::mem::forget).is_ok()
}

/// Folders with NVIDIA's libraries: those of the packages beside ONNX Runtime's, of other Python packages, of the toolkit.
fn folders(onnxruntime: &Path) -> Vec<PathBuf> {
    // .../site-packages/onnxruntime/capi/libonnxruntime.so.1.31.1
    let beside = onnxruntime.ancestors().nth(3).map(Path::to_path_buf);
    let mut folders = Vec::new();
    for packages in beside.into_iter().chain(python::package_folders()) {
        let components = std::fs::read_dir(packages.join("nvidia")).into_iter().flatten().flatten();
        folders.extend(components.map(|component| component.path().join("lib")));
        folders.push(packages.join("tensorrt_libs"));
    }
    folders.push(PathBuf::from("/usr/local/cuda/lib64"));
    let mut unique: Vec<PathBuf> = Vec::new();
    for folder in folders.into_iter().filter_map(|folder| folder.canonicalize().ok()) {
        if !unique.contains(&folder) {
            unique.push(folder);
        }
    }
    unique
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_beside_onnxruntime_are_looked_into() {
        let packages = tempfile::tempdir().expect("a temporary folder");
        let root = packages.path().canonicalize().expect("it exists");
        let libraries = ["nvidia/cu13/lib", "nvidia/cudnn/lib", "tensorrt_libs"].map(|folder| root.join(folder));
        for folder in &libraries {
            std::fs::create_dir_all(folder).expect("the folder is made");
        }
        let folders = folders(&root.join("onnxruntime/capi/libonnxruntime.so.1.31.1"));
        assert!(libraries.iter().all(|folder| folders.contains(folder)), "{folders:?}");
    }

    #[test]
    fn a_file_that_does_not_load_counts_as_missing() {
        let packages = tempfile::tempdir().expect("a temporary folder");
        let lib = packages.path().join("nvidia/cu13/lib");
        std::fs::create_dir_all(&lib).expect("the folder is made");
        std::fs::write(lib.join("libnosuch.so.13"), b"not a library").expect("the file is written");
        let onnxruntime = packages.path().join("onnxruntime/capi/libonnxruntime.so.1.31.1");
        let needed = [Needed { name: "libnosuch.so", versions: &[13] }, Needed { name: "libm.so", versions: &[6] }];
        assert_eq!(preload(&needed, &onnxruntime), needed[..1]);
    }
}
