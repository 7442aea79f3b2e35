//! Multilingual entity extraction for news.
//!
//! One document's way: a [`Document`] becomes a [`text::Text`] (plain view, words, sentences); its
//! [`language`] is detected; that language's [`recognizers`] each push [`Mention`]s (a span with a typed
//! [`values::Value`], a confidence and the rule that found it); [`overlaps`] keeps a disjoint set;
//! [`entities`] joins the mentions of one real-world thing; the [`Extraction`] is returned.
//!
//! The engine is pure: the same document, options and [`extraction::Provenance`] give the same extraction.
//!
//! ```
//! use depeche::{Document, Engine, Options};
//!
//! let engine = Engine::new();
//! let document = Document::new("The archive, said to hold 40 GB, was copied on 3 May 2024.");
//! let extraction = engine.extract(&document, &Options::default()).unwrap();
//! let names: Vec<_> = extraction.entities.iter().map(|entity| entity.name.as_str()).collect();
//! assert_eq!(names, ["40 GB", "3 May 2024"]);
//! ```

pub mod catalog;
pub mod config;
pub mod document;
pub mod engine;
pub mod entities;
pub mod error;
pub mod extraction;
pub mod language;
pub mod mention;
pub mod overlaps;
pub mod recognizers;
#[cfg(feature = "server")]
pub mod server;
pub mod tagger;
pub mod text;
#[cfg(feature = "train")]
pub mod train;
pub mod values;

pub use document::{Document, Options};
pub use engine::Engine;
pub use error::Error;
pub use extraction::Extraction;
pub use mention::Mention;

/// The README's example, which is tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The data that `build.rs` embeds.
mod data {
    include!(concat!(env!("OUT_DIR"), "/data.rs"));
}
