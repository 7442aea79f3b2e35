//! Every limit and knob, its default and its reason.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

/// What a document's message needs beside title and content: identifiers, options, a full list of terms.
const MESSAGE_OVERHEAD_BYTES: usize = 64 << 10;

/// Offsets and message lengths are signed 32-bit numbers on the wire.
const MAX_SIZE: usize = i32::MAX as usize;

/// What is accepted. Served by `GetServerInfo`, so that a client can ask before it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of title and content of one document. Long reads are under 100 kB, court rulings and transcripts a
    /// few megabytes; offsets are 32-bit.
    pub max_document_bytes: usize,
    /// Documents of one batch. More belong on a stream, which has back-pressure.
    pub max_batch_documents: usize,
    /// Bytes of one gRPC message; must hold a largest document and its markup.
    pub max_message_bytes: usize,
    /// Names, aliases included, that one request may add or ignore: they are compiled for each request.
    pub max_custom_terms: usize,
    /// Documents in work at once over all connections.
    pub max_concurrent_documents: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_document_bytes: 8 << 20,
            max_batch_documents: 256,
            max_message_bytes: 16 << 20,
            max_custom_terms: 1_000,
            // One in work and a few ready behind it on each core: deeper queues only add latency.
            max_concurrent_documents: 4 * cores().get(),
        }
    }
}

impl Limits {
    /// Tells the first limit that cannot be kept or contradicts another.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let named = [
            ("max_document_bytes", self.max_document_bytes, 1),
            ("max_batch_documents", self.max_batch_documents, 1),
            ("max_message_bytes", self.max_message_bytes, 1),
            ("max_custom_terms", self.max_custom_terms, 0),
            ("max_concurrent_documents", self.max_concurrent_documents, 1),
        ];
        for (name, value, least) in named {
            if !(least..=MAX_SIZE).contains(&value) {
                return Err(ConfigError(format!("{name} is {value}, not in {least} to {MAX_SIZE}")));
            }
        }
        let least = self.max_document_bytes + MESSAGE_OVERHEAD_BYTES;
        if self.max_message_bytes < least {
            return Err(ConfigError(format!(
                "max_message_bytes is {}, but a message with a largest document needs {least}: \
                 max_document_bytes ({}) and {MESSAGE_OVERHEAD_BYTES} more",
                self.max_message_bytes, self.max_document_bytes
            )));
        }
        Ok(())
    }

    /// Documents of one batch or stream in work at once: a quarter of all permits, so that no single call can
    /// starve the others, and by default as many as there are cores, so that a lone call uses the machine.
    pub fn documents_in_work_per_call(&self) -> usize {
        self.max_concurrent_documents.div_ceil(4)
    }
}

/// How the service is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// Where it listens; port 0: any free one.
    pub listen: SocketAddr,
    /// How long a shutdown waits for calls in flight before it drops them.
    pub drain_limit: Duration,
    /// What it accepts.
    pub limits: Limits,
}

impl Default for ServerConfig {
    fn default() -> ServerConfig {
        ServerConfig {
            // Only this machine: a service without transport security is not for the network unless told so.
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 50051)),
            // Kubernetes kills a pod 30 s after the signal unless told otherwise.
            drain_limit: Duration::from_secs(30),
            limits: Limits::default(),
        }
    }
}

impl ServerConfig {
    /// Languages or threat actors of a page whose size is not asked for: a screenful.
    pub const DEFAULT_PAGE_SIZE: usize = 50;

    /// The most on one page: a thousand actors with their references are about a megabyte, well within the
    /// 4 MiB that clients accept by default.
    pub const MAX_PAGE_SIZE: usize = 1_000;

    /// Calls open at once on one connection; more wait at the client. The default of most servers: enough for a
    /// pipeline, and a bound on what one connection can hold.
    pub const MAX_CONCURRENT_STREAMS: u32 = 128;

    /// How often a silent connection is asked whether it still lives: below the minute after which many proxies
    /// forget idle connections.
    pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(45);

    /// How long a connection may take to answer that.
    pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
}

/// Settings that contradict each other or cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// Cores that this process may use.
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_hold_together() {
        let default = Limits::default();
        let cases = [
            ("default", default),
            ("no custom terms", Limits { max_custom_terms: 0, ..default }),
            ("tight message", Limits { max_document_bytes: 1_000, max_message_bytes: 66_536, ..default }),
            ("one at a time", Limits { max_concurrent_documents: 1, ..default }),
        ];
        for (name, limits) in cases {
            assert_eq!(limits.validate(), Ok(()), "{name}");
            assert!(limits.documents_in_work_per_call() >= 1, "{name}");
        }
    }

    #[test]
    fn limits_that_do_not() {
        let default = Limits::default();
        let cases = [
            ("max_document_bytes is 0", Limits { max_document_bytes: 0, ..default }),
            ("max_batch_documents is 0", Limits { max_batch_documents: 0, ..default }),
            ("max_concurrent_documents is 0", Limits { max_concurrent_documents: 0, ..default }),
            ("max_message_bytes is 2147483648", Limits { max_message_bytes: 1 << 31, ..default }),
            ("max_custom_terms is 4294967296", Limits { max_custom_terms: 1 << 32, ..default }),
            (
                "max_message_bytes is 66535, but a message with a largest document needs 66536",
                Limits { max_document_bytes: 1_000, max_message_bytes: 66_535, ..default },
            ),
        ];
        for (message, limits) in cases {
            let error = limits.validate().unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
