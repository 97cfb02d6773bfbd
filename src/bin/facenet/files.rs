//! Result files: they appear whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use facenet::{Error, Result};

/// Writes a file through `write` beside its place, then gives it its name.
pub(crate) fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As for any other new file, the umask decides who may read it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let put = || {
        let mut file = BufWriter::new(builder.tempfile_in(folder)?);
        write(&mut file)?;
        file.into_inner()?.persist(path)?;
        Ok(())
    };
    put().map_err(|e: io::Error| Error::io("write", path, e))
}

/// Writes rows of equal length as a matrix in NumPy's format (NEP 1, version 1.0).
pub(crate) fn write_npy<'a>(
    out: &mut dyn Write,
    rows: impl ExactSizeIterator<Item = &'a [f32]>,
    columns: usize,
) -> io::Result<()> {
    const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {columns}), }}", rows.len());
    // Magic, length and header with its line end fill a multiple of 64 bytes.
    let length = (MAGIC.len() + 2 + header.len() + 1).next_multiple_of(64) - MAGIC.len() - 2;
    out.write_all(MAGIC)?;
    out.write_all(&(length as u16).to_le_bytes())?;
    writeln!(out, "{header:<width$}", width = length - 1)?;
    for value in rows.flatten() {
        out.write_all(&value.to_le_bytes())?;
    }
    Ok(())
}
