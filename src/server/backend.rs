//! The seam between the service and what it serves.

use crate::catalog::Catalog;
use crate::document::{Document, Options};
use crate::engine::Engine;
use crate::error::Error;
use crate::extraction::{Extraction, Provenance};
use crate::language::DetectedLanguage;

/// What the service runs: the [`Engine`], or one that a test makes slow or faulty. Synchronous; called on
/// blocking threads only.
pub trait Backend: Send + Sync + 'static {
    /// Gets ready to answer fast. Until it returns, the service is not ready.
    fn warm_up(&self);

    /// See [`Engine::extract`].
    fn extract(&self, document: &Document, options: &Options) -> Result<Extraction, Error>;

    /// See [`Engine::detect_language`].
    fn detect_language(&self, text: &str) -> Option<DetectedLanguage>;

    /// See [`Engine::catalog`].
    fn catalog(&self) -> &Catalog;

    /// See [`Engine::provenance`].
    fn provenance(&self) -> Provenance;
}

impl Backend for Engine {
    fn warm_up(&self) {
        Engine::warm_up(self);
    }

    fn extract(&self, document: &Document, options: &Options) -> Result<Extraction, Error> {
        Engine::extract(self, document, options)
    }

    fn detect_language(&self, text: &str) -> Option<DetectedLanguage> {
        Engine::detect_language(self, text)
    }

    fn catalog(&self) -> &Catalog {
        Engine::catalog(self)
    }

    fn provenance(&self) -> Provenance {
        Engine::provenance(self)
    }
}
