//! TensorRT's engines: the shapes they are built for and where they are kept.

use std::path::{Path, PathBuf};

use super::gpu::{Driver, Gpu};
use crate::error::{Error, ErrorKind, Result};

/// The shapes `[n, channels, height, width]` of input that a TensorRT engine is built for.
///
/// A shape outside of them makes TensorRT build the engine again during the call, which can take minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeProfile {
    /// Smallest length of each dimension.
    pub min: [usize; 4],
    /// The shape to be fastest at.
    pub opt: [usize; 4],
    /// Largest length of each dimension.
    pub max: [usize; 4],
}

impl ShapeProfile {
    pub(super) fn check(&self) -> Result<()> {
        let ordered = |i: usize| (1..=self.opt[i]).contains(&self.min[i]) && self.opt[i] <= self.max[i];
        if (0..4).all(ordered) {
            return Ok(());
        }
        let message =
            format!("the shape profile {self:?} is wrong: in each dimension 1 <= min <= opt <= max must hold");
        Err(Error::new(ErrorKind::InvalidArgument, message))
    }
}

/// A shape as the provider's options write it: `input:1x3x160x160`.
pub(super) fn written_shape(input: &str, shape: [usize; 4]) -> String {
    let [n, channels, height, width] = shape;
    format!("{input}:{n}x{channels}x{height}x{width}")
}

/// The folder for engines that run on this GPU with this software: an engine is of no use with any other.
///
/// Below `named`, or the user's cache folder.
pub(super) fn engine_folder(
    named: Option<&Path>,
    driver: &Driver,
    gpu: &Gpu,
    tensorrt: i32,
    onnxruntime: &str,
) -> Result<PathBuf> {
    let root = named.map(Path::to_path_buf).or_else(user_cache).ok_or_else(|| {
        let message = "there is no home folder to keep TensorRT engines in: name one in RuntimeOptions::engine_cache";
        Error::new(ErrorKind::InvalidArgument, message)
    })?;
    let (major, minor) = gpu.compute_capability;
    let name = file_name(&format!("{}-sm{major}{minor}", gpu.name));
    let (cuda_major, cuda_minor) = driver.cuda;
    Ok(root.join(format!("{name}-cuda{cuda_major}.{cuda_minor}-trt{tensorrt}-ort{}", file_name(onnxruntime))))
}

/// The beginning of the names of a network's engine files, which no other network has.
pub(super) fn engine_prefix(network: &str, sha256: &str) -> String {
    format!("{}-{}", file_name(network), sha256.get(..16).unwrap_or(sha256))
}

fn user_cache() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let cache = named.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    cache.filter(|folder| folder.is_absolute()).map(|folder| folder.join("facenet/tensorrt"))
}

/// `text` with everything replaced that is special in a file name or in a list of options.
fn file_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> (Driver, Gpu) {
        let gpu = Gpu { name: "NVIDIA RTX A2000 12GB".into(), compute_capability: (8, 6), memory: 12 << 30 };
        (Driver { cuda: (13, 0), gpus: vec![gpu.clone()] }, gpu)
    }

    #[test]
    fn engines_are_kept_apart_by_everything_they_depend_on() {
        let (driver, gpu) = machine();
        let folder = |driver: &Driver, gpu: &Gpu, tensorrt, onnxruntime| {
            engine_folder(Some(Path::new("/cache")), driver, gpu, tensorrt, onnxruntime).expect("a folder")
        };
        let base = folder(&driver, &gpu, 101_300, "1.31.1");
        assert_eq!(base, Path::new("/cache/NVIDIA_RTX_A2000_12GB-sm86-cuda13.0-trt101300-ort1.31.1"));
        let newer = Driver { cuda: (13, 1), ..driver.clone() };
        let larger = Gpu { compute_capability: (8, 9), ..gpu.clone() };
        for other in [
            folder(&newer, &gpu, 101_300, "1.31.1"),
            folder(&driver, &larger, 101_300, "1.31.1"),
            folder(&driver, &gpu, 101_400, "1.31.1"),
            folder(&driver, &gpu, 101_300, "1.32.0"),
        ] {
            assert_ne!(other, base);
        }
    }

    #[test]
    fn names_of_engines_are_safe_file_names() {
        assert_eq!(engine_prefix("../a b;c:d", &"0123456789abcdef".repeat(4)), ".._a_b_c_d-0123456789abcdef");
        assert_ne!(engine_prefix("p-net", "00"), engine_prefix("r-net", "00"));
    }

    #[test]
    fn profiles_are_ordered_in_each_dimension() {
        let good = ShapeProfile { min: [1, 3, 12, 12], opt: [1, 3, 540, 960], max: [4, 3, 1080, 1920] };
        assert!(good.check().is_ok());
        assert_eq!(written_shape("x", good.opt), "x:1x3x540x960");
        for bad in [
            ShapeProfile { min: [0, 3, 12, 12], ..good },
            ShapeProfile { min: [1, 3, 541, 12], ..good },
            ShapeProfile { max: [4, 3, 1080, 959], ..good },
        ] {
            assert_eq!(bad.check().expect_err("a refusal").kind(), ErrorKind::InvalidArgument);
        }
    }
}
