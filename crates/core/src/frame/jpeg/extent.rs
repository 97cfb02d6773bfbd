//! Where the pixels of a JPEG end.

use std::borrow::Cow;

const FILL: u8 = 0xff;
const START_OF_IMAGE: u8 = 0xd8;
const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

/// Every coefficient of a block.
const COEFFICIENTS: usize = 64;

/// The bytes up to the end of the image, closed by an end marker, and whether the file has one there; none if the file ends, or
/// something else begins, before all scans are there.
pub(super) fn of(bytes: &[u8]) -> Option<(Cow<'_, [u8]>, bool)> {
    let mut frame = Frame::default();
    let mut place = 0;
    // Over what stands between markers, and over the bytes of a scan.
    while let Some(start) = bytes[place..].iter().position(|&byte| byte == FILL).map(|start| place + start) {
        let Some(&code) = bytes.get(start + 1) else { break };
        match code {
            FILL => place = start + 1,
            // A stuffed zero, a temporary marker, a restart: nothing belongs to them.
            0x00..=0x01 | 0xd0..=0xd7 => place = start + 2,
            END_OF_IMAGE => return Some((Cow::Borrowed(&bytes[..start + 2]), true)),
            // What follows are no pixels of this image.
            _ if frame.is_whole() => return Some((close(&bytes[..start]), false)),
            START_OF_IMAGE => place = start + 2,
            _ => {
                let Some(&length) = bytes[start + 2..].first_chunk() else { break };
                let end = start + 2 + usize::from(u16::from_be_bytes(length));
                let content = bytes.get(start + 4..end)?;
                match code {
                    START_OF_SCAN => frame.add_scan(content)?,
                    0xc0..=0xcf if !matches!(code, 0xc4 | 0xc8 | 0xcc) => frame.begin(code, content)?,
                    _ => {}
                }
                place = end;
            }
        }
    }
    frame.is_whole().then(|| (close(bytes), false))
}

fn close(bytes: &[u8]) -> Cow<'_, [u8]> {
    Cow::Owned([bytes, &[FILL, END_OF_IMAGE]].concat())
}

/// What the scans so far have brought.
#[derive(Default)]
struct Frame {
    is_progressive: bool,
    components: Vec<Component>,
}

struct Component {
    id: u8,
    /// Which coefficients are there to their last bit.
    is_there: [bool; COEFFICIENTS],
}

impl Frame {
    fn begin(&mut self, code: u8, header: &[u8]) -> Option<()> {
        self.is_progressive = matches!(code, 0xc2 | 0xca);
        let components = header.get(6..)?.as_chunks::<3>().0;
        self.components =
            components.iter().map(|&[id, _, _]| Component { id, is_there: [false; COEFFICIENTS] }).collect();
        Some(())
    }

    fn add_scan(&mut self, header: &[u8]) -> Option<()> {
        let (&count, rest) = header.split_first()?;
        let (components, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = rest.first_chunk()?;
        let (first, last, missing) = match self.is_progressive {
            true => (first.into(), usize::from(last).min(COEFFICIENTS - 1), bits & 15),
            false => (0, COEFFICIENTS - 1, 0),
        };
        for [id, _] in components.as_chunks().0 {
            for component in self.components.iter_mut().filter(|component| component.id == *id) {
                component.is_there.get_mut(first..=last)?.fill(missing == 0);
            }
        }
        Some(())
    }

    fn is_whole(&self) -> bool {
        let mut components = self.components.iter();
        !self.components.is_empty() && components.all(|component| component.is_there.iter().all(|&is_there| is_there))
    }
}
