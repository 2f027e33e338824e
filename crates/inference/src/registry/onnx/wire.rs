//! Protobuf fields one after the other, without reading what is not asked for.

use std::io::{self, BufReader, Read, Seek};

/// Why a file cannot be read as an ONNX model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    /// It ends, or a part of it ends, before what it announces.
    #[error("it is cut short: something at byte {at} ends beyond the end")]
    CutShort {
        /// Where it was noticed.
        at: u64,
    },
    /// No protobuf.
    #[error("it is not an ONNX file (byte {at})")]
    NotOnnx {
        /// Where it was noticed.
        at: u64,
    },
    /// Protobuf without a graph.
    #[error("it holds no graph")]
    NoGraph,
    /// More of something than any model has.
    #[error("it holds more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        most: usize,
    },
    /// The operating system.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// Fields of one file, all messages taken together. Weights are single fields: real models have some ten thousand.
const MOST_FIELDS: usize = 4_000_000;

/// A field's number and what stands in it.
pub(super) struct Field {
    pub number: u64,
    pub value: Value,
}

/// What stands in a field.
pub(super) enum Value {
    /// A whole number.
    Number(u64),
    /// Four or eight bytes, passed over.
    Fixed,
    /// Bytes, text or a message: from here to `end`, to be read, entered or [passed over](Wire::pass).
    Span { end: u64 },
}

/// A reader that knows where it is and how much there is.
pub(super) struct Wire<R> {
    source: BufReader<R>,
    at: u64,
    length: u64,
    fields_left: usize,
}

impl<R: Read + Seek> Wire<R> {
    /// A reader of `length` bytes.
    pub fn new(source: R, length: u64) -> Self {
        Self { source: BufReader::new(source), at: 0, length, fields_left: MOST_FIELDS }
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// The next field of a message that ends at `end`; `None` at its end. What stood in the field before must have been
    /// read or passed over.
    pub fn field(&mut self, end: u64) -> Result<Option<Field>, Flaw> {
        if self.at == end {
            return Ok(None);
        }
        let begin = self.at;
        self.fields_left =
            self.fields_left.checked_sub(1).ok_or(Flaw::TooMany { what: "fields", most: MOST_FIELDS })?;
        let key = self.varint(end)?;
        let value = match key & 7 {
            0 => Value::Number(self.varint(end)?),
            1 => self.pass_bytes(8, end).map(|()| Value::Fixed)?,
            2 => {
                let length = self.varint(end)?;
                let stop = self.at.checked_add(length).filter(|&stop| stop <= end);
                Value::Span { end: stop.ok_or(Flaw::CutShort { at: begin })? }
            }
            5 => self.pass_bytes(4, end).map(|()| Value::Fixed)?,
            _ => return Err(Flaw::NotOnnx { at: begin }),
        };
        match key >> 3 {
            0 => Err(Flaw::NotOnnx { at: begin }),
            number => Ok(Some(Field { number, value })),
        }
    }

    /// Goes to the end of a value.
    pub fn pass(&mut self, value: &Value) -> Result<(), Flaw> {
        match *value {
            Value::Span { end } => self.pass_bytes(end.saturating_sub(self.at), end),
            Value::Number(_) | Value::Fixed => Ok(()),
        }
    }

    /// The text from here to `end`, of which there may be `most` bytes.
    pub fn text(&mut self, end: u64, what: &'static str, most: usize) -> Result<String, Flaw> {
        let length = usize::try_from(end.saturating_sub(self.at)).ok().filter(|&length| length <= most);
        let length = length.ok_or(Flaw::TooMany { what, most })?;
        let mut bytes = vec![0; length];
        self.source.read_exact(&mut bytes).map_err(|error| self.failed(&error))?;
        self.at += length as u64;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A whole number: seven bits a byte, the lowest first.
    pub fn varint(&mut self, end: u64) -> Result<u64, Flaw> {
        let begin = self.at;
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            if self.at >= end {
                return Err(Flaw::CutShort { at: begin });
            }
            let mut byte = [0];
            self.source.read_exact(&mut byte).map_err(|error| self.failed(&error))?;
            self.at += 1;
            number |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] < 0x80 {
                return Ok(number);
            }
        }
        Err(Flaw::NotOnnx { at: begin })
    }

    pub fn at(&self) -> u64 {
        self.at
    }

    fn pass_bytes(&mut self, count: u64, end: u64) -> Result<(), Flaw> {
        let stop = self.at.checked_add(count).filter(|&stop| stop <= end).ok_or(Flaw::CutShort { at: self.at })?;
        let offset = i64::try_from(count).map_err(|_| Flaw::CutShort { at: self.at })?;
        self.source.seek_relative(offset).map_err(|error| self.failed(&error))?;
        self.at = stop;
        Ok(())
    }

    fn failed(&self, error: &io::Error) -> Flaw {
        match error.kind() {
            // It became shorter while it was read.
            io::ErrorKind::UnexpectedEof => Flaw::CutShort { at: self.at },
            _ => Flaw::Unreadable(error.to_string()),
        }
    }
}
