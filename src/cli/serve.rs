//! `depeche serve`: the gRPC service, until it is told to stop.

use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use depeche::Engine;
use depeche::config::{self, Limits, ServerConfig};
use depeche::server::{self, ServeError, Server};
use tokio::runtime;
use tokio::signal;
use tracing_subscriber::filter::LevelFilter;

use super::models::ModelArgs;

/// Serves gRPC until SIGTERM or Ctrl-C.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// Where to listen; port 0 takes any free one. Beyond this machine, put transport security in front
    #[arg(
        long,
        env = "DEPECHE_LISTEN",
        value_name = "ADDRESS",
        default_value_t = ServerConfig::default().listen
    )]
    listen: SocketAddr,

    /// How long a shutdown waits for calls in flight
    #[arg(
        long,
        env = "DEPECHE_DRAIN_LIMIT",
        value_name = "SECONDS",
        default_value_t = ServerConfig::default().drain_limit.as_secs()
    )]
    drain_limit: u64,

    /// Largest document: UTF-8 bytes of title and content
    #[arg(
        long,
        env = "DEPECHE_MAX_DOCUMENT_BYTES",
        value_name = "BYTES",
        default_value_t = Limits::default().max_document_bytes
    )]
    max_document_bytes: usize,

    /// Most documents in one batch
    #[arg(
        long,
        env = "DEPECHE_MAX_BATCH_DOCUMENTS",
        value_name = "COUNT",
        default_value_t = Limits::default().max_batch_documents
    )]
    max_batch_documents: usize,

    /// Largest request message, decompressed; at least 64 KiB more than the largest document
    #[arg(
        long,
        env = "DEPECHE_MAX_MESSAGE_BYTES",
        value_name = "BYTES",
        default_value_t = Limits::default().max_message_bytes
    )]
    max_message_bytes: usize,

    /// Most custom and ignored names in one request, aliases included
    #[arg(
        long,
        env = "DEPECHE_MAX_CUSTOM_TERMS",
        value_name = "COUNT",
        default_value_t = Limits::default().max_custom_terms
    )]
    max_custom_terms: usize,

    /// Most documents in work at once over all clients; by default four a core
    #[arg(
        long,
        env = "DEPECHE_MAX_CONCURRENT_DOCUMENTS",
        value_name = "COUNT",
        default_value_t = Limits::default().max_concurrent_documents
    )]
    max_concurrent_documents: usize,

    #[command(flatten)]
    models: ModelArgs,

    /// The least that is logged: error, warn, info, debug or trace. No level tells what documents contain
    #[arg(long, env = "DEPECHE_LOG", value_name = "LEVEL", default_value_t = LevelFilter::INFO)]
    log: LevelFilter,
}

/// Serves; 0 after an orderly stop, 1 if it could not serve, 64 if the settings contradict each other.
pub fn run(args: ServeArgs) -> ExitCode {
    let config = args.config();
    if let Err(error) = config.limits.validate() {
        return super::usage(&super::wrong_value(error.to_string()));
    }
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    log.with_target(false).with_max_level(args.log).init();
    server::log_panics();
    match args.models.engine(config.limits, config::cores()) {
        Ok(engine) => super::report(serve(config, engine)),
        Err(error) => super::report(Err(error)),
    }
}

impl ServeArgs {
    fn config(&self) -> ServerConfig {
        ServerConfig {
            listen: self.listen,
            drain_limit: Duration::from_secs(self.drain_limit),
            limits: Limits {
                max_document_bytes: self.max_document_bytes,
                max_batch_documents: self.max_batch_documents,
                max_message_bytes: self.max_message_bytes,
                max_custom_terms: self.max_custom_terms,
                max_concurrent_documents: self.max_concurrent_documents,
            },
        }
    }
}

fn serve(config: ServerConfig, engine: Engine) -> Result<(), ServeError> {
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        // Extraction is all that blocks. Most of it waits for the threads that read names, one a core: what is
        // admitted is all handed to them, so that they read short documents together.
        .max_blocking_threads(config.limits.max_concurrent_documents)
        .build()
        .map_err(ServeError::Runtime)?;
    let served = runtime
        .block_on(async { Server::bind(config, Arc::new(engine)).await?.serve(told_to_stop()?).await });
    // Not dropped, which would wait for documents that the drain limit has given up.
    runtime.shutdown_background();
    served
}

/// Listens for the signals from now on; completes at the first one.
#[cfg(unix)]
fn told_to_stop() -> Result<impl Future<Output = ()>, ServeError> {
    use signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Runtime)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes at Ctrl-C.
#[cfg(not(unix))]
fn told_to_stop() -> Result<impl Future<Output = ()>, ServeError> {
    Ok(async {
        let _ = signal::ctrl_c().await;
    })
}
