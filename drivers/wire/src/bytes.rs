//! Fields to bytes and back: big-endian numbers, counted bytes. A reader takes
//! only what is there; it knows no message.

use crate::frame::MAX_PAYLOAD;

/// A message whose bytes do not have the form that PROTOCOL.md gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The message ended inside a field.
    #[error("the message ended inside a field")]
    Short,
    /// Bytes were left over after the last field.
    #[error("{0} bytes stood after the last field")]
    Trailing(usize),
    /// A field held a value that means nothing.
    #[error("the field {field} holds {value}")]
    Value {
        /// The field's name in PROTOCOL.md.
        field: &'static str,
        /// What it held.
        value: u64,
    },
    /// Compressed bytes that do not come out as what was announced.
    #[error("the compressed bytes do not come out")]
    Compressed,
    /// No message has this type on this channel.
    #[error("no message has type {0:#04x} on this channel")]
    Type(u8),
}

/// Appends fields to a payload.
pub(crate) struct Writer(Vec<u8>);

impl Default for Writer {
    // Room for any message: a buffer that grew would leave copies of itself behind.
    fn default() -> Self {
        Writer::with_room(MAX_PAYLOAD)
    }
}

impl Writer {
    pub(crate) fn with_room(bytes: usize) -> Self {
        Writer(Vec::with_capacity(bytes))
    }
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }
    pub(crate) fn flag(&mut self, value: bool) -> &mut Self {
        self.u8(u8::from(value))
    }
    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn i16(&mut self, value: i16) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
    /// One length byte, then the bytes; what is beyond 255 is cut.
    pub(crate) fn counted(&mut self, bytes: &[u8]) -> &mut Self {
        let bytes = &bytes[..bytes.len().min(255)];
        self.u8(bytes.len() as u8).raw(bytes)
    }
}

/// Takes fields off a payload.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }
    /// # Errors  `Trailing` when bytes are left.
    pub(crate) fn end(self) -> Result<(), Malformed> {
        match self.0.len() {
            0 => Ok(()),
            left => Err(Malformed::Trailing(left)),
        }
    }
    pub(crate) fn raw(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(Malformed::Short)?;
        self.0 = tail;
        Ok(head)
    }
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(Malformed::Short)?;
        self.0 = tail;
        Ok(*head)
    }
    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_be_bytes(self.array()?))
    }
    pub(crate) fn flag(&mut self, field: &'static str) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(Malformed::Value {
                field,
                value: value.into(),
            }),
        }
    }
    pub(crate) fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes(self.array()?))
    }
    pub(crate) fn i16(&mut self) -> Result<i16, Malformed> {
        Ok(i16::from_be_bytes(self.array()?))
    }
    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.array()?))
    }
    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_be_bytes(self.array()?))
    }
    pub(crate) fn counted(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.u8()?;
        self.raw(count.into())
    }
}
