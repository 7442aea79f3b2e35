//! A server on a free port, over an engine that notes what it is given and can be held back; and its clients.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use depeche::catalog::Catalog;
use depeche::config::{Limits, ServerConfig};
use depeche::extraction::Provenance;
use depeche::language::DetectedLanguage;
use depeche::server::proto::catalog_service_client::CatalogServiceClient;
use depeche::server::proto::extraction_service_client::ExtractionServiceClient;
use depeche::server::proto::{Document, ExtractEntitiesRequest};
use depeche::server::{Backend, ServeError, Server};
use depeche::{Engine, Error, Extraction, Options};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_types::{ErrorDetails, StatusExt};

/// Longer than anything takes on a busy machine; a test that waits this long fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// Small enough to be reached.
pub const LIMITS: Limits = Limits {
    max_document_bytes: 1_000,
    max_batch_documents: 4,
    max_message_bytes: 70_000,
    max_custom_terms: 3,
    max_concurrent_documents: 2,
};

/// Waits for what must come.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it comes within a minute")
}

/// A plain-text document.
pub fn document(content: &str) -> Document {
    Document { document_id: content.to_owned(), content: content.to_owned(), ..Document::default() }
}

/// A request for one plain-text document.
pub fn request(content: &str) -> ExtractEntitiesRequest {
    ExtractEntitiesRequest { document: Some(document(content)), options: None }
}

/// Checks a refusal's code, reason and domain; gives its details.
pub fn refused(status: &Status, code: Code, reason: &str) -> ErrorDetails {
    assert_eq!(status.code(), code, "{status:?}");
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!((info.reason.as_str(), info.domain.as_str()), (reason, "depeche"));
    details
}

/// Holds threads back until it is opened.
#[derive(Default)]
pub struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let open = self.open.lock().unwrap();
        let _passed = self.opened.wait_timeout_while(open, PATIENCE, |open| !*open).unwrap();
    }
}

/// The engine, with some documents told by their content: "hold…" waits at a gate, "panic…" meets a bug.
pub struct Probe {
    engine: Engine,
    pub hold: Gate,
    pub warm_up: Gate,
    begun: Mutex<Vec<String>>,
    begins: mpsc::UnboundedSender<String>,
}

impl Probe {
    /// Contents of the documents that extraction began on.
    pub fn begun(&self) -> Vec<String> {
        self.begun.lock().unwrap().clone()
    }
}

impl Backend for Probe {
    fn warm_up(&self) {
        self.warm_up.pass();
    }

    fn extract(&self, document: &depeche::Document, options: &Options) -> Result<Extraction, Error> {
        let content = &document.content;
        self.begun.lock().unwrap().push(content.clone());
        let _ = self.begins.send(content.clone());
        if content.starts_with("hold") {
            self.hold.pass();
        }
        assert!(!content.starts_with("panic"), "{content}");
        self.engine.extract(document, options)
    }

    fn detect_language(&self, text: &str) -> Option<DetectedLanguage> {
        self.engine.detect_language(text)
    }

    fn catalog(&self) -> &Catalog {
        self.engine.catalog()
    }

    fn provenance(&self) -> Provenance {
        self.engine.provenance()
    }
}

/// A server in this process.
pub struct Harness {
    pub probe: Arc<Probe>,
    address: SocketAddr,
    begins: mpsc::UnboundedReceiver<String>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<Result<(), ServeError>>,
}

impl Harness {
    /// A server that is ready.
    pub async fn ready(limits: Limits) -> Harness {
        let harness = Harness::starting(ServerConfig { limits, ..ServerConfig::default() }).await;
        harness.probe.warm_up.open();
        let mut watch = harness.health().await.watch(health("")).await.unwrap().into_inner();
        while within(watch.message()).await.unwrap().unwrap().status != SERVING {}
        harness
    }

    /// A server that warms up until its gate is opened.
    pub async fn starting(config: ServerConfig) -> Harness {
        let (begin, begins) = mpsc::unbounded_channel();
        let probe = Arc::new(Probe {
            engine: Engine::with_limits(config.limits),
            hold: Gate::default(),
            warm_up: Gate::default(),
            begun: Mutex::default(),
            begins: begin,
        });
        let config = ServerConfig { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..config };
        let server = Server::bind(config, probe.clone()).await.unwrap();
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(server.serve(async move {
            let _ = stopped.await;
        }));
        Harness { probe, address, begins, stop: Some(stop), served }
    }

    /// Waits until extraction begins on another document; gives its content.
    pub async fn begins(&mut self) -> String {
        within(self.begins.recv()).await.expect("the probe lives")
    }

    /// Tells the server to shut down.
    pub fn stop(&mut self) {
        self.stop.take().expect("stopped once").send(()).expect("the server runs");
    }

    /// Waits until the server has shut down.
    pub async fn stopped(&mut self) {
        within(&mut self.served).await.unwrap().unwrap();
    }

    pub async fn channel(&self) -> Channel {
        let endpoint = Channel::from_shared(format!("http://{}", self.address)).unwrap();
        within(endpoint.connect()).await.unwrap()
    }

    pub async fn extraction(&self) -> ExtractionServiceClient<Channel> {
        ExtractionServiceClient::new(self.channel().await)
    }

    pub async fn catalog(&self) -> CatalogServiceClient<Channel> {
        CatalogServiceClient::new(self.channel().await)
    }

    pub async fn health(&self) -> HealthClient<Channel> {
        HealthClient::new(self.channel().await)
    }

    /// A client without a timer of its own, which sends deadlines and leaves it to the server to keep them.
    pub fn patient(&self) -> ExtractionServiceClient<Client<HttpConnector, Body>> {
        let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        let origin = format!("http://{}", self.address).parse().unwrap();
        ExtractionServiceClient::with_origin(client, origin)
    }
}

impl Drop for Harness {
    /// Frees held threads, which the runtime waits for, also where a test fails.
    fn drop(&mut self) {
        self.probe.hold.open();
        self.probe.warm_up.open();
    }
}

pub const SERVING: i32 = tonic_health::pb::health_check_response::ServingStatus::Serving as i32;
pub const NOT_SERVING: i32 = tonic_health::pb::health_check_response::ServingStatus::NotServing as i32;

pub fn health(service: &str) -> tonic_health::pb::HealthCheckRequest {
    tonic_health::pb::HealthCheckRequest { service: service.to_owned() }
}

/// Messages as bytes, to send what no client library would.
pub mod raw {
    use prost::bytes::{Buf, BufMut};
    use tonic::Status;
    use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

    #[derive(Clone, Default)]
    pub struct RawCodec;

    impl Codec for RawCodec {
        type Encode = Vec<u8>;
        type Decode = Vec<u8>;
        type Encoder = RawCodec;
        type Decoder = RawCodec;

        fn encoder(&mut self) -> RawCodec {
            RawCodec
        }

        fn decoder(&mut self) -> RawCodec {
            RawCodec
        }
    }

    impl Encoder for RawCodec {
        type Item = Vec<u8>;
        type Error = Status;

        fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
            buffer.put_slice(&item);
            Ok(())
        }
    }

    impl Decoder for RawCodec {
        type Item = Vec<u8>;
        type Error = Status;

        fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
            Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
        }
    }
}
