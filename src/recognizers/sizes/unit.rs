//! Units of data: what `GB`, `GiB` and `Gbit` stand for.

use crate::recognizers::numbers::Number;

/// A unit of data, by its UCUM-style code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Rank of the prefix: 0 for none, 1 for kilo, 8 for yotta.
    rank: i32,
    base: Base,
    bits: bool,
}

/// What one step of a prefix multiplies by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// 1000 (SI).
    Decimal,
    /// 1024 (IEC 80000-13).
    Binary,
}

/// SI prefixes in order; IEC ones are `Ki`, `Mi`, ….
const PREFIXES: [&str; 8] = ["k", "M", "G", "T", "P", "E", "Z", "Y"];

impl Unit {
    /// Reads a code such as `B`, `kB`, `KiB`, `Mbit` or `Mibit`.
    pub fn parse(code: &str) -> Option<Unit> {
        let (prefix, bits) = match code.strip_suffix("bit") {
            Some(prefix) => (prefix, true),
            None => (code.strip_suffix('B')?, false),
        };
        if prefix.is_empty() {
            return Some(Unit { rank: 0, base: Base::Decimal, bits });
        }
        let (letter, base) = match prefix.strip_suffix('i') {
            Some("K") => ("k", Base::Binary),
            Some("k") => return None,
            Some(letter) => (letter, Base::Binary),
            None => (prefix, Base::Decimal),
        };
        let rank = PREFIXES.iter().position(|known| *known == letter)? + 1;
        Some(Unit { rank: i32::try_from(rank).ok()?, base, bits })
    }

    /// `number` of the unit in bytes. Bits and bytes come whole: a fraction of one is noise of the notation.
    pub fn bytes(self, number: Number) -> f64 {
        let whole = match self.base {
            Base::Decimal => number.scaled(3 * self.rank),
            Base::Binary => number.scaled(0) * 1024f64.powi(self.rank),
        }
        .round_ties_even();
        if self.bits { whole / 8.0 } else { whole }
    }

    /// Whether the unit reads as decimal and may have been meant as binary.
    pub fn is_base_ambiguous(self) -> bool {
        self.rank > 0 && self.base == Base::Decimal && !self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let cases = [
            ("B", 1.0, false),
            ("bit", 0.125, false),
            ("kB", 1e3, true),
            ("KiB", 1_024.0, false),
            ("GB", 1e9, true),
            ("GiB", 1_073_741_824.0, false),
            ("Gbit", 1.25e8, false),
            ("Mibit", 131_072.0, false),
            ("YB", 1e24, true),
        ];
        for (code, bytes, ambiguous) in cases {
            let unit = Unit::parse(code).unwrap();
            assert_eq!(unit.bytes(Number::parse("1").unwrap()), bytes, "{code}");
            assert_eq!(unit.is_base_ambiguous(), ambiguous, "{code}");
        }
        for code in ["", "G", "XB", "kiB", "gB", "GBs", "KB"] {
            assert_eq!(Unit::parse(code), None, "{code}");
        }
    }

    #[test]
    fn fractions_are_exact() {
        let bytes = |number, code| Unit::parse(code).unwrap().bytes(Number::parse(number).unwrap());
        assert_eq!(bytes("2.4", "TB"), 2_400_000_000_000.0);
        assert_eq!(bytes("1.1", "EB"), 1.1e18);
        assert_eq!(bytes("2.4", "B"), 2.0);
    }
}
