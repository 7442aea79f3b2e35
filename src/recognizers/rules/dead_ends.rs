//! With what bytes a word begins that no rule matches from there.

/// The openings that turned out to lead nowhere. News repeats itself: to look up how most words begin takes a fraction
/// of walking them.
#[derive(Debug)]
pub struct DeadEnds {
    /// By hash: an opening, the latest of those that share it.
    slots: Vec<u64>,
}

/// The first eight bytes from a word's start.
#[derive(Clone, Copy, Debug)]
pub struct Opening(u64);

/// How many bytes of an opening are told apart: those of most words are told by the first of them.
const LENGTHS: [usize; 2] = [4, 8];

/// Slots, in bits of their number: they take 256 kB.
const BITS: u32 = 15;

impl Opening {
    /// That of a text, unless it is too short.
    pub fn of(text: &str) -> Option<Opening> {
        text.as_bytes().first_chunk().map(|bytes| Opening(u64::from_le_bytes(*bytes)))
    }

    /// Its first bytes; the others are such as no text holds.
    fn first(self, len: usize) -> u64 {
        self.0 | u64::MAX.checked_shl(8 * len as u32).unwrap_or(0)
    }
}

impl DeadEnds {
    /// None yet.
    pub fn new() -> DeadEnds {
        DeadEnds { slots: vec![u64::MAX; 1 << BITS] }
    }

    /// Whether it is known that nothing matches behind an opening.
    pub fn holds(&self, opening: Opening) -> bool {
        LENGTHS.iter().any(|len| {
            let first = opening.first(*len);
            self.slots[slot(first)] == first
        })
    }

    /// Remembers that nothing matches, as the first `read` bytes tell.
    pub fn add(&mut self, opening: Opening, read: usize) {
        if let Some(len) = LENGTHS.iter().find(|len| read <= **len) {
            let first = opening.first(*len);
            self.slots[slot(first)] = first;
        }
    }
}

/// Fibonacci hashing (Knuth, volume 3, section 6.4).
fn slot(first: u64) -> usize {
    (first.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - BITS)) as usize
}
