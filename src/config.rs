//! Every limit, its default and its reason.

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
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        Limits {
            max_document_bytes: 8 << 20,
            max_batch_documents: 256,
            max_message_bytes: 16 << 20,
            max_custom_terms: 1_000,
            // One in work and a few ready behind it on each core: deeper queues only add latency.
            max_concurrent_documents: 4 * cores,
        }
    }
}
