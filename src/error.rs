//! What can go wrong in the engine.

use crate::document::Part;

/// Why a document was not extracted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Title and content together are larger than the engine's limit. Nothing is ever truncated.
    #[error("document of {size} bytes is over the limit of {limit} bytes")]
    DocumentTooLarge {
        /// Bytes of title and content.
        size: usize,
        /// The most that is accepted.
        limit: usize,
    },
    /// The content is empty.
    #[error("document has no content")]
    NoContent,
}

/// A language pack that does not hold together: a bug in its data, found by the tests.
#[derive(Clone, Debug, thiserror::Error)]
#[error("pack {pack}, file {file}: {message}")]
pub struct PackError {
    /// The pack's code, such as `fr`.
    pub pack: String,
    /// The file, such as `dates.toml`.
    pub file: String,
    /// What is wrong with it.
    pub message: String,
}

impl Part {
    /// The field's name in a request.
    pub fn field(self) -> &'static str {
        match self {
            Part::Title => "title",
            Part::Content => "content",
        }
    }
}
