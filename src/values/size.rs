//! Amounts of data.

use std::fmt;

/// An amount of data, as the closed range that the words allow.
///
/// Its normal form, as [`fmt::Display`] writes it, gives bytes in powers of ten: `3.2e10` exactly,
/// `1.5e12..2e12` between the two, `2e11..` at least, `0..2e9` at most; a leading `~` where the words only say
/// "about".
#[derive(Clone, Debug, PartialEq)]
pub struct DataSize {
    /// Finite and not negative; exact below 2^53.
    pub min_bytes: f64,
    /// `None`: no upper bound ("more than 10 GB").
    pub max_bytes: Option<f64>,
    /// UCUM-style, such as `TB`, `TiB`, `Gbit`.
    pub unit: String,
    /// "about", "environ".
    pub approximate: bool,
    /// Whether a unit read as decimal may have been meant as binary ("GB", not "GiB").
    pub base_ambiguous: bool,
}

impl fmt::Display for DataSize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.approximate {
            formatter.write_str("~")?;
        }
        write_bytes(self.min_bytes, formatter)?;
        match self.max_bytes {
            Some(max) if max == self.min_bytes => Ok(()),
            Some(max) => {
                formatter.write_str("..")?;
                write_bytes(max, formatter)
            }
            None => formatter.write_str(".."),
        }
    }
}

fn write_bytes(bytes: f64, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    if bytes == 0.0 { formatter.write_str("0") } else { write!(formatter, "{bytes:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_forms() {
        let cases = [
            (3.2e10, Some(3.2e10), false, "3.2e10"),
            (2e11, None, false, "2e11.."),
            (0.0, Some(2e9), false, "0..2e9"),
            (1.5e12, Some(2e12), false, "1.5e12..2e12"),
            (2e11, Some(2e11), true, "~2e11"),
            (0.0, Some(0.0), false, "0"),
        ];
        for (min_bytes, max_bytes, approximate, form) in cases {
            let unit = "GB".to_owned();
            let size = DataSize { min_bytes, max_bytes, unit, approximate, base_ambiguous: true };
            assert_eq!(size.to_string(), form);
        }
    }
}
