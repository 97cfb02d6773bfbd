//! Vectors in NumPy's format.

use std::io::{self, Write};

/// Writes rows of equal length as a matrix in NumPy's format (NEP 1, version 1.0).
pub(crate) fn write<'a>(
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
