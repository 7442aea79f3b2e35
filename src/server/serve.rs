//! Binds the port, gets ready, serves, drains.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::{io, panic};

use futures_util::FutureExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::{select, task, time};
use tokio_util::task::AbortOnDropHandle;
use tonic::codec::CompressionEncoding::{Gzip, Zstd};
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tracing::{error, info, warn};

use super::admission::Admission;
use super::catalog::CatalogMethods;
use super::extraction::ExtractionMethods;
use super::front::FrontLayer;
use super::health::Health;
use super::lifecycle::Lifecycle;
use super::proto::catalog_service_server::CatalogServiceServer;
use super::proto::extraction_service_server::ExtractionServiceServer;
use super::{Backend, Shared, proto};
use crate::config::{ConfigError, ServerConfig};
use crate::extraction::Provenance;

/// Why the service did not start or broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Settings that contradict each other.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The system has no threads or signals to give.
    #[error("cannot start: {0}")]
    Runtime(#[source] io::Error),
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}")]
    Bind(SocketAddr, #[source] io::Error),
    /// The backend could not get ready.
    #[error("the warm-up failed")]
    WarmUp,
    /// The transport broke off.
    #[error("the transport failed")]
    Transport,
}

/// A service that has its port.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    config: ServerConfig,
    backend: Arc<dyn Backend>,
}

impl Server {
    /// Takes the port. From here on clients can connect; they are answered when [`Server::serve`] runs.
    pub async fn bind(config: ServerConfig, backend: Arc<dyn Backend>) -> Result<Server, ServeError> {
        config.limits.validate()?;
        let failed = |error| ServeError::Bind(config.listen, error);
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Server { listener, address, config, backend })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` completes, and then until the calls in flight are answered or the drain limit has
    /// passed. What is left then lives as long as the runtime.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Server { listener, address, config, backend } = self;
        let provenance = Provenance::CURRENT;
        info!(%address, version = provenance.service_version, data = provenance.data_digest, "listening");

        let shared = Arc::new(Shared {
            backend: backend.clone(),
            limits: config.limits,
            admission: Admission::new(config.limits.max_concurrent_documents),
            lifecycle: Lifecycle::new(),
        });
        let health = Health::new().await;
        let (stop, stopped) = oneshot::channel::<()>();
        let transport = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(ServerConfig::KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(ServerConfig::KEEPALIVE_TIMEOUT))
            .max_concurrent_streams(ServerConfig::MAX_CONCURRENT_STREAMS)
            .layer(FrontLayer { limits: config.limits })
            .add_routes(routes(&shared, &health))
            .serve_with_incoming_shutdown(
                TcpIncoming::from(listener).with_nodelay(Some(true)),
                stopped.map(drop),
            );
        let mut transport = AbortOnDropHandle::new(task::spawn(transport));

        let mut shutdown = pin!(shutdown);
        select! {
            () = &mut shutdown => {}
            warm = task::spawn_blocking(move || backend.warm_up()) => {
                warm.map_err(|_| ServeError::WarmUp)?;
                shared.lifecycle.ready();
                health.set(ServingStatus::Serving).await;
                info!("ready");
                select! {
                    () = shutdown => {}
                    _ = &mut transport => return Err(ServeError::Transport),
                }
            }
        }

        info!(limit = ?config.drain_limit, "draining");
        shared.lifecycle.drain();
        health.set(ServingStatus::NotServing).await;
        let drained = time::timeout(config.drain_limit, async {
            // Until then the port stays open, so that new calls are told to go elsewhere instead of cut off.
            shared.lifecycle.idle().await;
            health.end_watches().await;
            let _ = stop.send(());
            let _ = transport.await;
        });
        match drained.await {
            Ok(()) => info!("stopped"),
            Err(_) => {
                warn!(limit = ?config.drain_limit, "stopped at the drain limit: calls in flight are dropped")
            }
        }
        Ok(())
    }
}

/// Logs where a panic happens, and nothing else of it: its message may quote a document.
pub fn log_panics() {
    panic::set_hook(Box::new(|panic| match panic.location() {
        Some(location) => error!(%location, "panic"),
        None => error!("panic"),
    }));
}

fn routes(shared: &Arc<Shared>, health: &Health) -> Routes {
    let limit = shared.limits.max_message_bytes;
    let extraction = ExtractionServiceServer::new(ExtractionMethods { shared: shared.clone() })
        .max_decoding_message_size(limit)
        .accept_compressed(Gzip)
        .accept_compressed(Zstd)
        .send_compressed(Gzip)
        .send_compressed(Zstd);
    let catalog = CatalogServiceServer::new(CatalogMethods { shared: shared.clone() })
        .max_decoding_message_size(limit)
        .accept_compressed(Gzip)
        .accept_compressed(Zstd)
        .send_compressed(Gzip)
        .send_compressed(Zstd);
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    Routes::new(extraction)
        .add_service(catalog)
        .add_service(health.service())
        // Clients ask for either version: grpcurl and Python for v1alpha, buf for v1.
        .add_service(reflection().build_v1().expect("the descriptors are readable"))
        .add_service(reflection().build_v1alpha().expect("the descriptors are readable"))
}
