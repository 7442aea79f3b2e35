//! Amounts of data.

/// An amount of data, as the closed range that the words allow.
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
