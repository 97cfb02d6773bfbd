//! Python's pickles of lists of bytes and truth values.
//!
//! Of the machine that `pickletools` of CPython documents, these are the parts that such lists are written with: they make
//! no objects and call nothing. Lists lie side by side and are named by their number, so that no depth of lists within
//! lists takes any of the stack, and bytes stay where they are in the file, however often they are named.

use std::collections::HashMap;
use std::ops::Range;

/// A value of a pickle.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Where the bytes lie in the pickle.
    Bytes(Range<usize>),
    /// A whole number, or a truth value as 0 or 1.
    Number(i64),
    /// The number of a list or tuple.
    List(usize),
}

/// A pickle has no more values than one for so many of its bytes, so that they take not much more memory than the file: an
/// image alone has hundreds.
const BYTES_OF_A_VALUE: usize = 64;

/// A small one may have as many.
const MOST_AT_LEAST: usize = 1 << 16;

/// A pickle that was read.
pub(super) struct Pickle {
    lists: Vec<Vec<Value>>,
    root: Value,
}

impl Pickle {
    /// Reads a pickle, or tells why it is none of these.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut machine = Machine { bytes, left: MOST_AT_LEAST + bytes.len() / BYTES_OF_A_VALUE, ..Machine::default() };
        while !machine.step()? {}
        let root = machine.pop()?;
        Ok(Self { lists: machine.lists, root })
    }

    /// The outermost value.
    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// The values of a list or tuple; none of another value.
    pub(super) fn list(&self, value: &Value) -> Option<&[Value]> {
        match value {
            Value::List(number) => self.lists.get(*number).map(Vec::as_slice),
            Value::Bytes(_) | Value::Number(_) => None,
        }
    }
}

#[derive(Default)]
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<usize, Value>,
    lists: Vec<Vec<Value>>,
    /// How many more values there may be.
    left: usize,
}

impl Machine<'_> {
    /// Does what the next opcode says; true at the end.
    fn step(&mut self) -> Result<bool, String> {
        let opcode = self.number::<1>()?;
        match opcode as u8 {
            b'.' => return Ok(true),
            // The protocol, and the length of a frame, which readers of a stream need.
            0x80 => drop(self.number::<1>()?),
            0x95 => drop(self.number::<8>()?),
            b'(' => {
                self.count()?;
                self.marks.push(self.stack.len());
            }
            b']' | b')' => self.push_list(Vec::new())?,
            b'l' | b't' => {
                let values = self.since_mark()?;
                self.push_list(values)?;
            }
            count @ 0x85..=0x87 => {
                let start = self.above_mark(usize::from(count - 0x84))?;
                let values = self.stack.split_off(start);
                self.push_list(values)?;
            }
            b'a' => {
                let value = self.pop()?;
                self.append(vec![value])?;
            }
            b'e' => {
                let values = self.since_mark()?;
                self.append(values)?;
            }
            b'U' | b'C' => self.push_bytes::<1>()?,
            b'T' | b'B' => self.push_bytes::<4>()?,
            0x8e => self.push_bytes::<8>()?,
            truth @ (0x88 | 0x89) => self.push(Value::Number(i64::from(truth == 0x88)))?,
            b'K' => self.push_number::<1>(0)?,
            b'M' => self.push_number::<2>(0)?,
            b'J' => self.push_number::<4>(32)?,
            // Truth values of the first protocols are spelt `01` and `00`.
            b'I' => {
                let number = self.line()?;
                self.push(Value::Number(number))?;
            }
            0x94 => self.put(self.memo.len())?,
            b'q' => {
                let key = self.length::<1>()?;
                self.put(key)?;
            }
            b'r' => {
                let key = self.length::<4>()?;
                self.put(key)?;
            }
            b'p' => {
                let key = self.line()?;
                self.put(key)?;
            }
            b'h' => {
                let key = self.length::<1>()?;
                self.get(key)?;
            }
            b'j' => {
                let key = self.length::<4>()?;
                self.get(key)?;
            }
            b'g' => {
                let key = self.line()?;
                self.get(key)?;
            }
            opcode => {
                return Err(format!("it has more than plain lists: opcode {opcode:#04x} at byte {}", self.at - 1));
            }
        }
        Ok(false)
    }

    fn take(&mut self, count: usize) -> Result<Range<usize>, String> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| format!("it ends after {} bytes, in the middle of a value", self.bytes.len()))?;
        let range = self.at..end;
        self.at = end;
        Ok(range)
    }

    /// The next `WIDTH` bytes as a number without a sign, the lowest byte first.
    fn number<const WIDTH: usize>(&mut self) -> Result<u64, String> {
        let range = self.take(WIDTH)?;
        Ok(self.bytes[range].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    fn length<const WIDTH: usize>(&mut self) -> Result<usize, String> {
        usize::try_from(self.number::<WIDTH>()?).map_err(|error| error.to_string())
    }

    /// A number in words, up to the end of the line.
    fn line<T: std::str::FromStr>(&mut self) -> Result<T, String> {
        let length = self.bytes[self.at..].iter().position(|&byte| byte == b'\n').unwrap_or(self.bytes.len());
        let range = self.take(length.saturating_add(1))?;
        let text = std::str::from_utf8(&self.bytes[range.start..range.end - 1]).ok();
        let number = text.and_then(|text| text.parse().ok());
        number.ok_or_else(|| format!("there is no number at byte {}", range.start))
    }

    fn push_bytes<const WIDTH: usize>(&mut self) -> Result<(), String> {
        let length = self.length::<WIDTH>()?;
        let range = self.take(length)?;
        self.push(Value::Bytes(range))
    }

    /// Pushes a number, whose highest bit is its sign if it has as many `signed_bits`.
    fn push_number<const WIDTH: usize>(&mut self, signed_bits: u32) -> Result<(), String> {
        let number = self.number::<WIDTH>()? as i64;
        let negative = signed_bits > 0 && number >> (signed_bits - 1) == 1;
        self.push(Value::Number(if negative { number - (1 << signed_bits) } else { number }))
    }

    /// Counts one more of what takes memory.
    fn count(&mut self) -> Result<(), String> {
        self.left = self.left.checked_sub(1).ok_or("it has too many values for its size")?;
        Ok(())
    }

    fn push(&mut self, value: Value) -> Result<(), String> {
        self.count()?;
        self.stack.push(value);
        Ok(())
    }

    fn push_list(&mut self, values: Vec<Value>) -> Result<(), String> {
        self.push(Value::List(self.lists.len()))?;
        self.lists.push(values);
        Ok(())
    }

    /// Where the last `count` values begin, all of which lie above the last mark.
    fn above_mark(&self, count: usize) -> Result<usize, String> {
        let start = self.stack.len().checked_sub(count);
        let start = start.filter(|start| *start >= self.marks.last().copied().unwrap_or_default());
        start.ok_or_else(|| format!("a value is lacking at byte {}", self.at - 1))
    }

    fn pop(&mut self) -> Result<Value, String> {
        let start = self.above_mark(1)?;
        Ok(self.stack.swap_remove(start))
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, String> {
        let start = self.marks.pop().ok_or_else(|| format!("a mark is lacking at byte {}", self.at - 1))?;
        Ok(self.stack.split_off(start))
    }

    fn append(&mut self, values: Vec<Value>) -> Result<(), String> {
        let place = self.above_mark(1)?;
        let Value::List(list) = self.stack[place] else {
            return Err(format!("a list is lacking at byte {}", self.at - 1));
        };
        self.lists[list].extend(values);
        Ok(())
    }

    fn put(&mut self, key: usize) -> Result<(), String> {
        self.count()?;
        let place = self.above_mark(1)?;
        self.memo.insert(key, self.stack[place].clone());
        Ok(())
    }

    fn get(&mut self, key: usize) -> Result<(), String> {
        let value = self.memo.get(&key).ok_or_else(|| format!("value {key} is named before it is there"))?;
        self.push(value.clone())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The value as Python would print it, of a pickle that is no deeper than a test.
    fn text(bytes: &[u8]) -> String {
        fn write(pickle: &Pickle, bytes: &[u8], value: &Value) -> String {
            match value {
                Value::Bytes(range) => String::from_utf8_lossy(&bytes[range.clone()]).into_owned(),
                Value::Number(number) => number.to_string(),
                Value::List(_) => {
                    let values = pickle.list(value).unwrap_or_default().iter();
                    format!("[{}]", values.map(|value| write(pickle, bytes, value)).collect::<Vec<_>>().join(" "))
                }
            }
        }
        let pickle = Pickle::read(bytes).unwrap();
        write(&pickle, bytes, pickle.root())
    }

    /// What CPython 3.12's `pickle.dumps` gives for `([x, y, x], [True, False])`, of `x = b"ab"` and `y = b"c"`, and what
    /// Python 2 gives, where these are strings.
    #[test]
    fn lists_are_read_in_all_their_spellings() {
        let of_protocols: [&[u8]; 4] = [
            b"\x80\x03]q\x00(C\x02abq\x01C\x01cq\x02h\x01e]q\x03(\x88\x89e\x86q\x04.",
            b"\x80\x04\x95\x18\x00\x00\x00\x00\x00\x00\x00]\x94(C\x02ab\x94C\x01c\x94h\x01e]\x94(\x88\x89e\x86\x94.",
            b"\x80\x02]q\x01(U\x02abq\x02U\x01cq\x03h\x02e]q\x04(\x88\x89e\x86q\x05.",
            b"(]q\x01(U\x02abq\x02U\x01cq\x03h\x02e]q\x04(I01\nI00\netq\x05.",
        ];
        for bytes in of_protocols {
            assert_eq!(text(bytes), "[[ab c ab] [1 0]]");
        }
        assert_eq!(
            text(b"\x80\x02]q\x00(K\x07M\x00\x01J\xff\xff\xff\xffeh\x00)\x87q\x01."),
            "[[7 256 -1] [7 256 -1] []]"
        );
        assert_eq!(text(b"(lp0\nI7\naI256\naI-1\na."), "[7 256 -1]");
    }

    #[test]
    fn what_is_broken_or_strange_is_an_error() {
        let broken: [(&[u8], &str); 10] = [
            (b"", "ends"),
            (b".", "lacking"),
            (b"e.", "mark"),
            (b"(]e.", "lacking"),
            (b"K\x01K\x01a.", "list"),
            (b"h\x00.", "named before"),
            (b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "ends"),
            (b"T\xff\xff\xff\xff.", "ends"),
            (b"Ix\n.", "no number"),
            (b"cos\nsystem\n.", "0x63"),
        ];
        for (bytes, part) in broken {
            let reason = Pickle::read(bytes).err().unwrap();
            assert!(reason.contains(part), "{bytes:?}: {reason}");
        }
    }

    #[test]
    fn depth_takes_no_stack() {
        const DEPTH: usize = MOST_AT_LEAST;
        let bytes = [b"\x80\x02".to_vec(), vec![b']'; DEPTH], vec![b'a'; DEPTH - 1], b".".to_vec()].concat();
        let pickle = Pickle::read(&bytes).unwrap();
        assert_eq!(pickle.list(pickle.root()).map(<[Value]>::len), Some(1));
        // A list within itself.
        let pickle = Pickle::read(b"]q\x00h\x00a.").unwrap();
        assert_eq!(pickle.list(pickle.root()), Some(&[Value::List(0)][..]));
    }

    #[test]
    fn many_values_in_few_bytes_are_an_error() {
        let size = 4 << 20;
        for (opcode, start) in [(b']', &b"\x80\x02"[..]), (b'(', b""), (b'\x88', b"("), (b'\x94', b"]"), (b')', b"")] {
            let bytes = [start, &vec![opcode; size], b"."].concat();
            let reason = Pickle::read(&bytes).err().unwrap();
            assert!(reason.contains("too many values"), "{opcode}: {reason}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Pickle::read(&bytes);
        }

        #[test]
        fn no_opcodes_make_it_panic(bytes in prop::collection::vec(
            prop::sample::select(&b"\x80\x95(])lt\x85\x86\x87aeUCTB\x8e\x88\x89KMJI\x94qrphjg.\x00\x01\n01"[..]), 0..200
        )) {
            let _ = Pickle::read(&bytes);
        }
    }
}
