//! Writing arrays in NumPy's format (NEP 1, version 1.0), whose rows come one after the other.

use std::io::{self, Write};

/// Begins an array whose values follow, row by row. `kind` is NumPy's name of their type.
pub(crate) fn begin(out: &mut dyn Write, kind: &str, shape: &[usize]) -> io::Result<()> {
    const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
    let sizes = match shape {
        [size] => format!("({size},)"),
        sizes => format!("({})", sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    };
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {sizes}, }}");
    // Magic, length and header with its line end fill a multiple of 64 bytes.
    let length = (MAGIC.len() + 2 + header.len() + 1).next_multiple_of(64) - MAGIC.len() - 2;
    out.write_all(MAGIC)?;
    out.write_all(&(length as u16).to_le_bytes())?;
    writeln!(out, "{header:<width$}", width = length - 1)
}

/// A text of `width` characters: UTF-32, filled up with zeros.
#[cfg(feature = "parquet")]
pub(crate) fn text(out: &mut dyn Write, text: &str, width: usize) -> io::Result<()> {
    let characters = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
    characters.map(u32::to_le_bytes).try_for_each(|bytes| out.write_all(&bytes))
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use ndarray_npy::ReadNpyExt;

    use super::*;

    #[test]
    fn another_reader_takes_the_arrays() {
        for shape in [(0, 512), (1, 1), (3, 2), (1234, 5)] {
            let array = Array2::from_shape_fn(shape, |(row, column)| (row * 7 + column) as f32 * 0.37);
            let mut ours = Vec::new();
            begin(&mut ours, "<f4", array.shape()).unwrap();
            array.iter().for_each(|value| ours.extend(value.to_le_bytes()));
            assert_eq!(Array2::<f32>::read_npy(ours.as_slice()).unwrap(), array);
        }
    }
}
