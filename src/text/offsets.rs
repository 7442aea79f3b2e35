//! Byte offsets in other units.

/// What one step of an offset is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OffsetEncoding {
    /// Rust, Go, C++.
    #[default]
    Utf8,
    /// Java, JavaScript, C#.
    Utf16,
    /// Python: code points.
    Utf32,
}

/// Converts byte offsets of one text, given in any order; an offset must lie between two characters.
///
/// One pass over the text per converter: ASCII text costs nothing.
#[derive(Debug)]
pub struct Offsets {
    /// Byte offset and converted offset at every `STRIDE` bytes or a little later; empty where the two are equal.
    marks: Vec<(usize, usize)>,
    encoding: OffsetEncoding,
}

const STRIDE: usize = 256;

impl Offsets {
    /// A converter for `text`.
    pub fn new(text: &str, encoding: OffsetEncoding) -> Offsets {
        if encoding == OffsetEncoding::Utf8 || text.is_ascii() {
            return Offsets { marks: Vec::new(), encoding: OffsetEncoding::Utf8 };
        }
        let mut marks = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut units = 0;
        let mut next = 0;
        for (byte, character) in text.char_indices() {
            if byte >= next {
                marks.push((byte, units));
                next = byte + STRIDE;
            }
            units += width(character, encoding);
        }
        Offsets { marks, encoding }
    }

    /// The offset of `byte` of `text`, which must be the text of [`Offsets::new`].
    pub fn convert(&self, text: &str, byte: usize) -> usize {
        let mark = self.marks.partition_point(|&(position, _)| position <= byte);
        let Some(&(position, units)) = mark.checked_sub(1).and_then(|mark| self.marks.get(mark)) else {
            return byte;
        };
        units + text[position..byte].chars().map(|character| width(character, self.encoding)).sum::<usize>()
    }
}

fn width(character: char, encoding: OffsetEncoding) -> usize {
    match encoding {
        OffsetEncoding::Utf8 => character.len_utf8(),
        OffsetEncoding::Utf16 => character.len_utf16(),
        OffsetEncoding::Utf32 => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_boundary_in_every_unit() {
        let long = "aé€😀".repeat(STRIDE);
        for text in ["", "ascii", "é", "e\u{301}", "a😀b", "👩🏽‍🚀", "\r\n\0", &long] {
            for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = &text[..byte];
                let cases = [
                    (OffsetEncoding::Utf8, byte),
                    (OffsetEncoding::Utf16, before.encode_utf16().count()),
                    (OffsetEncoding::Utf32, before.chars().count()),
                ];
                for (encoding, expected) in cases {
                    let offsets = Offsets::new(text, encoding);
                    assert_eq!(offsets.convert(text, byte), expected, "{encoding:?} of {before:?}");
                }
            }
        }
    }
}
