//! Results of the original: a few in the repository, and those for LFW outside it.

use std::path::PathBuf;

/// The folder with the reference data (LFW, golden results), named by `FACENET_SHARED`, or `shared` beside the source tree.
/// Without it, the test is skipped as [`skip`](crate::skip) says: in CI, that is a failure.
pub fn reference_data() -> Option<PathBuf> {
    let path = std::env::var_os("FACENET_SHARED").map_or_else(|| crate::root().join("../shared"), PathBuf::from);
    if path.join("golden").is_dir() {
        return Some(path);
    }
    crate::skip(&format!("there is no reference data at {} (FACENET_SHARED names its folder)", path.display()));
    None
}

/// The folder with golden results for the photos of the source tree.
pub fn golden() -> PathBuf {
    crate::root().join("tests/data/golden")
}

/// The images of LFW as (name, JPEG bytes), read from the archive in the reference data.
pub fn lfw_images(reference: &std::path::Path) -> impl Iterator<Item = (String, Vec<u8>)> {
    use std::io::Read;
    let file = std::fs::File::open(reference.join("lfw/lfw-deepfunneled.tar")).expect("the archive is there");
    let mut reader = std::io::BufReader::new(file);
    std::iter::from_fn(move || {
        loop {
            let mut header = [0u8; 512];
            reader.read_exact(&mut header).ok()?;
            let field = |range: std::ops::Range<usize>| {
                String::from_utf8_lossy(&header[range]).trim_end_matches('\0').trim().to_owned()
            };
            let name = field(0..100);
            if name.is_empty() {
                return None;
            }
            let size = u64::from_str_radix(&field(124..136), 8).expect("a tar header");
            let mut data = vec![0; size.next_multiple_of(512) as usize];
            reader.read_exact(&mut data).expect("the archive is whole");
            data.truncate(size as usize);
            if name.ends_with(".jpg") {
                let stem = name.rsplit('/').next().unwrap_or(&name).trim_end_matches(".jpg").to_owned();
                return Some((stem, data));
            }
        }
    })
}
