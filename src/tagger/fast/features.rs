//! What a word is to the network: the pieces that it is made of, and hashes of its spelling.

use crate::tagger::pieces::{Piece, Pieces};

/// Hashed features of a word.
pub const HASHED: usize = 5;

/// The ids of a word's pieces, and a hash of each feature of its spelling: itself, its first and last letters, its shape.
pub fn of_word(word: &str, pieces: &Pieces, read: &mut Vec<Piece>, hashes: &mut [u64; HASHED]) {
    read.clear();
    pieces.append(word, 0..word.len(), read);
    let small = word.to_lowercase();
    let bytes = small.as_bytes();
    let end = |letters: usize| small.char_indices().nth(letters).map_or(small.len(), |(at, _)| at);
    let start = |letters: usize| small.char_indices().rev().nth(letters - 1).map_or(0, |(at, _)| at);
    *hashes = [
        hash(1, bytes),
        hash(2, &bytes[..end(3)]),
        hash(3, &bytes[start(3)..]),
        hash(4, &bytes[start(2)..]),
        hash(5, shape(word).as_bytes()),
    ];
}

/// The hash of two words that are written together.
pub fn of_pair(left: &str, right: &str) -> u64 {
    hash(hash(6, left.as_bytes()), right.as_bytes())
}

/// Letters as classes, no class more than twice in a row: `Xxx` is `Xxx`, `McDonald` is `XxXxx`, `G20` is `Xdd`.
fn shape(word: &str) -> String {
    let mut shape = String::new();
    let mut run = 0;
    for char in word.chars() {
        let class = match char {
            _ if char.is_uppercase() => 'X',
            _ if char.is_lowercase() => 'x',
            _ if char.is_numeric() => 'd',
            '\u{3040}'..='\u{30FF}' => 'k',
            _ if char.is_alphabetic() => 'c',
            _ => '-',
        };
        run = if shape.ends_with(class) { run + 1 } else { 1 };
        if run <= 2 {
            shape.push(class);
        }
    }
    shape
}

/// A hash that model files rely on: it never changes. Eight bytes at a time are folded in, as wyhash does (Wang Yi 2019).
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mix = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let mut state = mix(seed ^ 0x9E37_79B9_7F4A_7C15, 0xA076_1D64_78BD_642F);
    for chunk in bytes.chunks(8) {
        let mut eight = [0; 8];
        eight[..chunk.len()].copy_from_slice(chunk);
        state = mix(state ^ u64::from_le_bytes(eight), 0xE703_7ED1_A0B4_28DB ^ chunk.len() as u64);
    }
    mix(state, 0x8EBC_6AF0_9C88_C6E3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let cases = [
            ("Paris", "Xxx"),
            ("NATO", "XX"),
            ("McDonald", "XxXxx"),
            ("G20", "Xdd"),
            ("iPhone", "xXxx"),
            ("東", "c"),
            ("カ", "k"),
            ("l", "x"),
            ("", ""),
        ];
        for (word, expected) in cases {
            assert_eq!(shape(word), expected, "{word}");
        }
    }

    #[test]
    fn hashes_are_those_of_the_model_file() {
        assert_eq!(hash(1, b""), 0x0C9563AE963FEE1F);
        assert_eq!(of_pair("ab", "c"), 0x22F56F6836ED03D4);
        assert_ne!(of_pair("ab", "c"), of_pair("a", "bc"));
        assert_ne!(hash(1, b"paris"), hash(2, b"paris"));
    }
}
