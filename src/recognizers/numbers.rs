//! Reads numbers as languages write them: digits with separators, words, and the two together.
//!
//! What is language lies in lists of the pack: `separator` (`decimal` or `group` → marks), `number` and
//! `multiplier` (value → words; a multiplier multiplies what stands before it), `vague` (`low..high` → words)
//! and `joint` (words between number words that add nothing, such as "and").

use super::rules::RuleSet;

/// A number in decimal, `digits × 10^exponent`, so that "2.4 million" stays exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    digits: u64,
    exponent: i32,
}

impl Number {
    const ONE: Number = Number { digits: 1, exponent: 0 };

    /// Reads `200` or `2.5`; `None` for anything else, and for more digits than 64 bits hold.
    pub fn parse(text: &str) -> Option<Number> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        Number::from_digits(
            whole.chars().chain(fraction.chars()).map(|digit| digit.to_digit(10)),
            fraction.len(),
        )
    }

    fn from_digits(digits: impl Iterator<Item = Option<u32>>, decimals: usize) -> Option<Number> {
        let mut number = 0u64;
        for digit in digits {
            number = number.checked_mul(10)?.checked_add(u64::from(digit?))?;
        }
        Some(Number { digits: number, exponent: -i32::try_from(decimals).ok()? })
    }

    /// The number times `10^exponent`, correctly rounded.
    pub fn scaled(self, exponent: i32) -> f64 {
        let text = format!("{}e{}", self.digits, self.exponent + exponent);
        text.parse().expect("digits and an exponent make a number")
    }

    /// Ten times the number, where that is whole.
    pub fn tenths(self) -> Option<i64> {
        let digits = i64::try_from(self.digits).ok()?;
        match self.exponent {
            exponent @ -1.. => digits.checked_mul(10i64.checked_pow(u32::try_from(exponent + 1).ok()?)?),
            exponent => {
                let power = 10i64.checked_pow(u32::try_from(-exponent - 1).ok()?)?;
                (digits % power == 0).then_some(digits / power)
            }
        }
    }

    fn plus(self, other: Number) -> Option<Number> {
        let exponent = self.exponent.min(other.exponent);
        let aligned = |number: Number| {
            let power = 10u64.checked_pow((number.exponent - exponent).unsigned_abs())?;
            number.digits.checked_mul(power)
        };
        Some(Number { digits: aligned(self)?.checked_add(aligned(other)?)?, exponent })
    }

    fn times(self, other: Number) -> Option<Number> {
        let digits = self.digits.checked_mul(other.digits)?;
        Some(Number { digits, exponent: self.exponent + other.exponent })
    }
}

/// A number, or the range that a vague word allows ("several": 2 to 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The least that is meant.
    pub low: Number,
    /// The most that is meant.
    pub high: Number,
}

impl Amount {
    /// Whether a vague word stands for it.
    pub fn is_vague(self) -> bool {
        self.low != self.high
    }

    fn exactly(number: Number) -> Amount {
        Amount { low: number, high: number }
    }

    /// Reads `200`, `2.5` or `2..10`, as lists of a pack write amounts.
    pub fn parse(text: &str) -> Option<Amount> {
        let (low, high) = text.split_once("..").unwrap_or((text, text));
        Some(Amount { low: Number::parse(low)?, high: Number::parse(high)? })
    }

    /// The sum; `None` where it is out of range.
    pub fn plus(self, other: Amount) -> Option<Amount> {
        Some(Amount { low: self.low.plus(other.low)?, high: self.high.plus(other.high)? })
    }

    fn times(self, other: Amount) -> Option<Amount> {
        Some(Amount { low: self.low.times(other.low)?, high: self.high.times(other.high)? })
    }
}

/// Reads a number such as `1 500,5`, `2.4 million` or `deux cent mille` with the lists of `rules`; `None` where
/// the words or the separators make none.
pub fn read(rules: &RuleSet, text: &str) -> Option<Amount> {
    let end = text
        .char_indices()
        .rfind(|&(_, character)| digit(character).is_some())
        .map_or(0, |(at, character)| at + character.len_utf8());
    let (numeral, words) = text.split_at(end);
    let start = if numeral.is_empty() { None } else { Some(Amount::exactly(read_numeral(rules, numeral)?)) };
    read_words(rules, words, start)
}

/// Digits with separators. Where the separator leaves open what it does ("1.500"), the pack's list tells; where
/// that has no entry, three digits are a group.
fn read_numeral(rules: &RuleSet, text: &str) -> Option<Number> {
    let digits: Vec<u32> = text.chars().filter_map(digit).collect();
    // Each separator with the number of digits before it.
    let mut separators: Vec<(char, usize)> = Vec::new();
    let mut seen = 0;
    for character in text.chars() {
        match digit(character) {
            Some(_) => seen += 1,
            None => separators.push((character, seen)),
        }
    }
    let decimals = match separators.last() {
        Some(&(mark, before)) if is_decimal(rules, mark, before, &digits, &separators) => {
            separators.pop();
            digits.len() - before
        }
        _ => 0,
    };
    let group_ends = separators.iter().skip(1).map(|&(_, at)| at).chain([digits.len() - decimals]);
    let grouped = separators.iter().zip(group_ends).all(|(&(mark, at), end)| {
        mark_class(mark) == mark_class(separators[0].0)
            && (1..=3).contains(&separators[0].1)
            && end - at == GROUP
    });
    if !grouped {
        return None;
    }
    Number::from_digits(digits.into_iter().map(Some), decimals)
}

/// Digits between two group separators.
const GROUP: usize = 3;

fn is_decimal(
    rules: &RuleSet,
    mark: char,
    before: usize,
    digits: &[u32],
    separators: &[(char, usize)],
) -> bool {
    match mark_class(mark) {
        Mark::Group => return false,
        Mark::Decimal => return true,
        Mark::Either(_) => {}
    }
    match separators {
        [_] => {
            digits.len() - before != GROUP
                || (before == 1 && digits[0] == 0)
                || before > GROUP
                || rules.value("separator", mark.encode_utf8(&mut [0; 4])) == Some("decimal")
        }
        [.., other, _] => mark_class(other.0) != mark_class(mark),
        [] => false,
    }
}

/// What a separator can do, whatever the language.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Group,
    Decimal,
    Either(char),
}

fn mark_class(mark: char) -> Mark {
    match mark {
        '.' | ',' => Mark::Either(mark),
        '\u{66B}' => Mark::Decimal,
        _ => Mark::Group,
    }
}

/// Zero of each run of ten decimal digits: ASCII, Arabic, Persian, Devanagari, Bengali, Thai, full width.
const ZEROS: [u32; 7] = [0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10];

/// The digits of any script, and Han ones read one by one (`二〇二四`), as ASCII; the rest as it is.
pub fn plain_digits(text: &str) -> String {
    const HAN: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let plain = |character: char| {
        let han = || {
            HAN.iter()
                .position(|han| *han == character)
                .or(matches!(character, '零' | '○' | '◯').then_some(0))
        };
        let value = digit(character).or_else(|| han().map(|value| value as u32));
        value.and_then(|value| char::from_digit(value, 10)).unwrap_or(character)
    };
    text.chars().map(plain).collect()
}

fn digit(character: char) -> Option<u32> {
    let code = u32::from(character);
    ZEROS.iter().map(|zero| code.wrapping_sub(*zero)).find(|digit| *digit < 10)
}

/// Number words, from left to right, on top of what the digits before them say: values add up, multipliers
/// multiply, and from a thousand on they close their group ("two million three hundred thousand").
fn read_words(rules: &RuleSet, text: &str, start: Option<Amount>) -> Option<Amount> {
    let (mut total, mut group) = (None, start);
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || is_hyphen(character));
        if rest.is_empty() {
            return add(total, group);
        }
        let lists = if total.is_none() && group.is_none() { FIRST_LISTS } else { LATER_LISTS };
        let (len, word) = next_word(rules, rest, lists)?;
        rest = &rest[len..];
        match word {
            Word::Joint => {}
            Word::Value(value) => group = add(group, Some(value)),
            Word::Multiplier(factor) if factor.low.scaled(0) < THOUSAND => {
                group = group.unwrap_or(Amount::exactly(Number::ONE)).times(factor);
            }
            // "thousand million": nothing new stands before the multiplier.
            Word::Multiplier(factor) if group.is_none() && total.is_some() => total = total?.times(factor),
            Word::Multiplier(factor) => {
                let closed = group.take().unwrap_or(Amount::exactly(Number::ONE)).times(factor)?;
                total = add(total, Some(closed));
            }
        }
        // A sum that overflowed is no number.
        add(total, group)?;
    }
}

const THOUSAND: f64 = 1_000.0;

fn add(one: Option<Amount>, other: Option<Amount>) -> Option<Amount> {
    match (one, other) {
        (Some(one), Some(other)) => one.plus(other),
        (one, other) => one.or(other),
    }
}

fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '\u{2010}' | '\u{2011}')
}

enum Word {
    Value(Amount),
    Multiplier(Amount),
    Joint,
}

/// Where a word stands in several lists, the first one counts: "hundreds of" is vague on its own, and a
/// multiplier behind "several".
const FIRST_LISTS: &[&str] = &["vague", "number", "multiplier"];
const LATER_LISTS: &[&str] = &["multiplier", "number", "joint"];

/// The longest form of one of `lists` that `text` begins with, and its length.
fn next_word(rules: &RuleSet, text: &str, lists: &[&str]) -> Option<(usize, Word)> {
    let mut ends = (1..=text.len()).rev().filter(|&end| text.is_char_boundary(end));
    ends.find_map(|end| {
        let (list, value) = lists.iter().find_map(|list| Some((*list, rules.value(list, &text[..end])?)))?;
        let word = match list {
            "joint" => Word::Joint,
            "multiplier" => Word::Multiplier(Amount::parse(value)?),
            _ => Word::Value(Amount::parse(value)?),
        };
        Some((end, word))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use super::*;
    use crate::language::Pack;

    static RULES: LazyLock<BTreeMap<&str, RuleSet>> =
        LazyLock::new(|| Pack::all().map(|pack| (pack.code(), pack.rules("sizes.toml").unwrap())).collect());

    fn read_in(code: &str, text: &str) -> Option<(f64, f64)> {
        read(&RULES[code], text).map(|amount| (amount.low.scaled(0), amount.high.scaled(0)))
    }

    #[test]
    fn numerals_follow_the_language() {
        let cases = [
            ("fr", "200", Some(200.0)),
            ("fr", "1 500,5", Some(1_500.5)),
            ("fr", "1\u{A0}500,5", Some(1_500.5)),
            ("fr", "12\u{202F}500", Some(12_500.0)),
            ("fr", "1,500", Some(1.5)),
            ("fr", "1.500", Some(1_500.0)),
            ("fr", "1.5", Some(1.5)),
            ("en", "1,500.5", Some(1_500.5)),
            ("en", "1,500", Some(1_500.0)),
            ("en", "1.500", Some(1.5)),
            ("en", "1'500.5", Some(1_500.5)),
            ("en", "1\u{2019}500", Some(1_500.0)),
            ("en", "1,234,567", Some(1_234_567.0)),
            ("und", "1.500,5", Some(1_500.5)),
            ("und", "1,500", Some(1_500.0)),
            ("und", "0,500", Some(0.5)),
            ("und", "1500.125", Some(1_500.125)),
            ("und", "٢٠٠", Some(200.0)),
            ("und", "１５", Some(15.0)),
            ("und", "1,50,000", None),
            ("und", "1500,000,000", None),
            ("und", "1.500.5", None),
            ("und", "99999999999999999999", None),
        ];
        for (code, text, value) in cases {
            assert_eq!(read_in(code, text), value.map(|value| (value, value)), "{code}: {text}");
        }
    }

    #[test]
    fn tenths() {
        let cases = [
            ("12", Some(120)),
            ("2.5", Some(25)),
            ("2.50", Some(25)),
            ("2.55", None),
            ("0.5", Some(5)),
            ("0", Some(0)),
        ];
        for (text, expected) in cases {
            assert_eq!(Number::parse(text).and_then(Number::tenths), expected, "{text}");
        }
    }

    #[test]
    fn words_add_and_multiply() {
        let cases = [
            ("en", "two", 2.0),
            ("en", "twenty-five", 25.0),
            ("en", "three hundred and fifty", 350.0),
            ("en", "a hundred thousand", 100_000.0),
            ("en", "two million three hundred thousand", 2_300_000.0),
            ("en", "1.5 million", 1_500_000.0),
            ("en", "two and a half", 2.5),
            ("fr", "deux cents", 200.0),
            ("fr", "deux mille", 2_000.0),
            ("fr", "cent vingt", 120.0),
            ("fr", "vingt et un", 21.0),
            ("fr", "quatre-vingt-dix-huit", 98.0),
            ("fr", "mille milliards", 1e12),
            ("fr", "1,5 million", 1_500_000.0),
        ];
        for (code, text, value) in cases {
            assert_eq!(read_in(code, text), Some((value, value)), "{code}: {text}");
        }
    }

    #[test]
    fn vague_words_are_ranges() {
        assert_eq!(read_in("en", "several hundred"), Some((200.0, 1_000.0)));
        assert_eq!(read_in("fr", "plusieurs centaines"), Some((200.0, 1_000.0)));
        assert_eq!(read_in("en", "hundreds of thousands of"), Some((200_000.0, 1_000_000.0)));
    }

    #[test]
    fn other_words_are_no_number() {
        for text in ["", " ", "two dogs", "dogs", "and"] {
            assert_eq!(read_in("en", text), None, "{text:?}");
        }
    }
}
