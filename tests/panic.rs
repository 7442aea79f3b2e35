//! A panic over a document leaves no word of it in the log. Alone in its process: the hook and the log are global.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use depeche::catalog::Catalog;
use depeche::config::ServerConfig;
use depeche::extraction::Provenance;
use depeche::language::DetectedLanguage;
use depeche::server::proto::extraction_service_client::ExtractionServiceClient;
use depeche::server::proto::{Document, ExtractEntitiesRequest};
use depeche::server::{Backend, Server, log_panics};
use depeche::{Error, Extraction, Options};

struct Faulty(Catalog);

impl Backend for Faulty {
    fn warm_up(&self) {}

    fn extract(&self, document: &depeche::Document, _: &Options) -> Result<Extraction, Error> {
        panic!("cannot cope with {}", document.content)
    }

    fn detect_language(&self, _: &str) -> Option<DetectedLanguage> {
        None
    }

    fn catalog(&self) -> &Catalog {
        &self.0
    }

    fn provenance(&self) -> Provenance {
        Provenance::CURRENT
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_where_and_nothing_of_the_document() {
    let log = Log::default();
    let writer = log.clone();
    let level = tracing_subscriber::filter::LevelFilter::TRACE;
    tracing_subscriber::fmt().with_max_level(level).with_writer(move || writer.clone()).init();
    log_panics();

    let config =
        ServerConfig { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..ServerConfig::default() };
    let server = Server::bind(config, Arc::new(Faulty(Catalog::embedded()))).await.unwrap();
    let address = server.address();
    tokio::spawn(server.serve(std::future::pending()));
    let mut client = ExtractionServiceClient::connect(format!("http://{address}")).await.unwrap();
    let document = Document { content: "the embargoed scoop".to_owned(), ..Document::default() };
    let request = ExtractEntitiesRequest { document: Some(document), options: None };
    let status = loop {
        let status = client.extract_entities(request.clone()).await.unwrap_err();
        if status.code() != tonic::Code::Unavailable {
            break status;
        }
    };
    assert_eq!((status.code(), status.message()), (tonic::Code::Internal, "internal error"));

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("panic") && log.contains("panic.rs"), "{log}");
    assert!(!log.contains("scoop"), "{log}");
}
