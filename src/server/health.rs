//! Tells load balancers whether to send calls: the standard `grpc.health.v1.Health`.

use tonic::server::NamedService;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use super::proto::catalog_service_server::CatalogServiceServer;
use super::proto::extraction_service_server::ExtractionServiceServer;

/// The names that health is told for: the server as a whole, and each service.
const NAMES: [&str; 3] = ["", ExtractionServiceServer::<()>::NAME, CatalogServiceServer::<()>::NAME];

/// What the health service tells; not serving at first.
pub(super) struct Health {
    reporter: HealthReporter,
}

impl Health {
    pub async fn new() -> Health {
        let health = Health { reporter: HealthReporter::new() };
        health.set(ServingStatus::NotServing).await;
        health
    }

    pub fn service(&self) -> HealthServer<HealthService> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    pub async fn set(&self, status: ServingStatus) {
        for name in NAMES {
            self.reporter.set_service_status(name, status).await;
        }
    }

    /// Ends the streams that watch, which would keep their connections open.
    pub async fn end_watches(mut self) {
        for name in NAMES {
            self.reporter.clear_service_status(name).await;
        }
    }
}
