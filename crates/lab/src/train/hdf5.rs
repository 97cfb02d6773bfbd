//! Arrays of floats in an HDF5 file, as h5py writes those that are given to it whole: in one group, each in one piece.
//!
//! After the HDF5 file format specification, version 3.0; of it, superblocks 0 and 1, symbol tables, object headers of version 1 and
//! the layout of version 3. That is what the library writes unless it is told to be incompatible with older ones.

use std::collections::BTreeMap;

use facenet_core::error::{Error, ErrorKind, Result};

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// More nodes than this no file of a training has; one that leads around in circles would have.
const MOST_NODES: usize = 4096;

/// Numbers of the messages of an object header.
const DATASPACE: u16 = 0x01;
const DATATYPE: u16 = 0x03;
const LAYOUT: u16 = 0x08;
const CONTINUATION: u16 = 0x10;

/// The arrays of one dimension in the root group, by name. Others, and those of other types, are left out.
pub(super) fn read_arrays(bytes: &[u8]) -> Result<BTreeMap<String, Vec<f64>>> {
    arrays(bytes).ok_or_else(|| {
        Error::new(ErrorKind::DatasetInvalid, "is no HDF5 file as h5py writes it, is damaged or breaks off")
    })
}

fn arrays(bytes: &[u8]) -> Option<BTreeMap<String, Vec<f64>>> {
    let file = File(bytes);
    if !bytes.starts_with(SIGNATURE) || file.slice(13, 2)? != [8, 8] {
        return None;
    }
    let root = match bytes.get(8)? {
        0 => 56,
        1 => 60,
        _ => return None,
    };
    // An entry of a symbol table: name, header, kind of what follows; of a group, the tree and the heap of its names.
    let header = file.address(root + 8)?;
    let (tree, heap) = match file.u32(root + 16)? {
        1 => (file.address(root + 24)?, file.address(root + 32)?),
        _ => file.messages(header)?.into_iter().find_map(|(kind, at, _)| {
            (kind == 0x11).then(|| Some((file.address(at)?, file.address(at + 8)?))).flatten()
        })?,
    };
    if file.slice(heap, 4)? != b"HEAP" {
        return None;
    }
    let names = file.address(heap + 24)?;
    let mut entries = Vec::new();
    file.walk(tree, u8::MAX, &mut MOST_NODES.clone(), &mut entries)?;
    let mut arrays = BTreeMap::new();
    for (name, header) in entries {
        let text = bytes.get(names.checked_add(name)?..)?;
        let name = std::str::from_utf8(text.split(|&byte| byte == 0).next()?).ok()?;
        arrays.extend(file.array(header)?.map(|array| (name.to_string(), array)));
    }
    Some(arrays)
}

/// A file, of which everything is `None` that lies outside.
#[derive(Clone, Copy)]
struct File<'a>(&'a [u8]);

impl<'a> File<'a> {
    fn slice(self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.0.get(at..at.checked_add(length)?)
    }

    fn u16(self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.slice(at, 2)?.try_into().ok()?))
    }

    fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.slice(at, 4)?.try_into().ok()?))
    }

    /// An address, an offset or a length.
    fn address(self, at: usize) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.slice(at, 8)?.try_into().ok()?)).ok()
    }

    /// Collects name and header of each entry below a node of the tree of a group.
    fn walk(self, node: usize, below: u8, left: &mut usize, entries: &mut Vec<(usize, usize)>) -> Option<()> {
        *left = left.checked_sub(1)?;
        let count = usize::from(self.u16(node + 6)?);
        match self.slice(node, 4)? {
            b"TREE" => {
                let [0, level] = *self.slice(node + 4, 2)? else { return None };
                if level >= below {
                    return None;
                }
                // Keys and children take turns, behind two siblings.
                (0..count).try_for_each(|i| self.walk(self.address(node + 32 + 16 * i)?, level, left, entries))
            }
            b"SNOD" => (0..count).try_for_each(|i| {
                let entry = node + 8 + 40 * i;
                entries.push((self.address(entry)?, self.address(entry + 8)?));
                Some(())
            }),
            _ => None,
        }
    }

    /// Kind, place and length of each message of an object header.
    fn messages(self, header: usize) -> Option<Vec<(u16, usize, usize)>> {
        if *self.0.get(header)? != 1 {
            return None;
        }
        let count = usize::from(self.u16(header + 2)?);
        let mut blocks = vec![(header.checked_add(16)?, usize::try_from(self.u32(header + 8)?).ok()?)];
        let mut messages = Vec::new();
        while let Some((mut at, length)) = blocks.pop() {
            let end = at.checked_add(length)?;
            while messages.len() < count && at.checked_add(8)? <= end {
                let (kind, size) = (self.u16(at)?, usize::from(self.u16(at + 2)?));
                if kind == CONTINUATION {
                    blocks.push((self.address(at + 8)?, self.address(at + 16)?));
                }
                messages.push((kind, at + 8, size));
                at += 8 + size;
            }
        }
        Some(messages)
    }

    /// The array that a header describes, unless it is none of one dimension and of floats.
    fn array(self, header: usize) -> Option<Option<Vec<f64>>> {
        let messages = self.messages(header)?;
        let place = |kind| messages.iter().find(|message| message.0 == kind).map(|&(_, at, _)| at);
        let (Some(space), Some(number), Some(layout)) = (place(DATASPACE), place(DATATYPE), place(LAYOUT)) else {
            return Some(None);
        };
        let sizes = match self.slice(space, 2)? {
            [1, 1] => space + 8,
            [2, 1] => space + 4,
            _ => return Some(None),
        };
        // Class 1, floats; the lowest bit of what follows says that the highest byte is first.
        let is_float = self.slice(number, 1)?[0] & 15 == 1 && self.slice(number + 1, 1)?[0] & 1 == 0;
        let width = usize::try_from(self.u32(number + 4)?).ok()?;
        if !is_float || !matches!(width, 4 | 8) || self.slice(layout, 2)? != [3, 1] {
            return Some(None);
        }
        let length = self.address(sizes)?.checked_mul(width)?;
        let bytes = match length {
            0 => &[],
            _ => self.slice(self.address(layout + 2)?, length)?,
        };
        let single = |bytes: &[u8]| bytes.try_into().map(f32::from_le_bytes).map_or(f64::NAN, f64::from);
        let double = |bytes: &[u8]| bytes.try_into().map_or(f64::NAN, f64::from_le_bytes);
        Some(Some(
            bytes.chunks_exact(width).map(|bytes| if width == 4 { single(bytes) } else { double(bytes) }).collect(),
        ))
    }
}
