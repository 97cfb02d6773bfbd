//! Looking at a shared library before it is loaded.
//!
//! The dynamic loader reports a library for another processor as "No such file", and one that breaks off ends the process
//! with a bus error.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// What is plainly wrong with the file at `path`; the dynamic loader finds out the rest.
pub(super) fn problem(path: &Path) -> Option<String> {
    const MACHINES: [(u16, &str); 5] = [(3, "x86"), (40, "arm"), (62, "x86_64"), (183, "aarch64"), (243, "riscv64")];
    let mut file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    if size == 0 {
        return Some("is an empty file".to_owned());
    }
    let mut header = [0; 64];
    if file.read_exact(&mut header).is_err() || !header.starts_with(b"\x7fELF") {
        return Some("is not a shared library".to_owned());
    }
    let machine = number(&header, 18, 2) as u16;
    let (_, name) = MACHINES.iter().find(|(number, _)| *number == machine)?;
    let own = std::env::consts::ARCH;
    if *name != own {
        return Some(format!("is built for {name}, this program for {own}"));
    }
    let end = end(&header, &mut file)?;
    (end > size).then(|| format!("breaks off: {} bytes are missing", end - size))
}

/// The length a 64-bit file must have to hold everything that is loaded from it.
fn end(header: &[u8; 64], file: &mut File) -> Option<u64> {
    const CLASS_64_BIT: u8 = 2;
    const LOAD: u64 = 1;
    if header[4] != CLASS_64_BIT {
        return None;
    }
    let (start, length, count) = (number(header, 32, 8), number(header, 54, 2), number(header, 56, 2));
    let table = usize::try_from(length * count).ok().filter(|_| length >= 56)?;
    let mut segments = vec![0; table];
    file.seek(SeekFrom::Start(start)).ok()?;
    if file.read_exact(&mut segments).is_err() {
        return start.checked_add(length * count);
    }
    let segments = segments.chunks_exact(length as usize).filter(|segment| number(segment, 0, 4) == LOAD);
    segments.map(|segment| number(segment, 8, 8).saturating_add(number(segment, 32, 8))).max()
}

/// The number of `length` bytes at `offset`, the lowest byte first, as all processors we run on have it.
fn number(bytes: &[u8], offset: usize, length: usize) -> u64 {
    bytes[offset..offset + length].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_library_are_told_apart() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let say = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("the file is written");
            problem(&path)
        };
        let program = std::fs::read(std::env::current_exe().expect("a path")).expect("the program is read");
        assert_eq!(say("whole", &program), None);
        for length in [64, 100, 5000, program.len() / 2] {
            let reason = say("part", &program[..length]).expect("a reason");
            assert!(reason.starts_with("breaks off"), "{length}: {reason}");
        }
        let mut foreign = program;
        foreign[18..20].copy_from_slice(&243u16.to_le_bytes());
        assert!(say("foreign", &foreign).expect("a reason").starts_with("is built for riscv64"));
        assert_eq!(say("empty", b"").as_deref(), Some("is an empty file"));
        assert_eq!(say("text", b"<html>").as_deref(), Some("is not a shared library"));
        assert_eq!(problem(&folder.path().join("absent")), None);
    }
}
