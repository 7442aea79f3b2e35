//! `ExtractionService`: one document, a batch, a stream; and the language of a text.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use tonic::{Request, Response, Status, Streaming};

use super::Shared;
use super::admission::Permit;
use super::convert::{self, Reading};
use super::deadline::Deadline;
use super::proto::document_outcome::Result as Outcome;
use super::proto::extraction_service_server::ExtractionService;
use super::proto::{
    BatchExtractEntitiesRequest, BatchExtractEntitiesResponse, DetectLanguageRequest, DetectLanguageResponse,
    Document, DocumentOutcome, ExtractEntitiesRequest, ExtractEntitiesResponse, Extraction,
    StreamExtractEntitiesRequest, StreamExtractEntitiesResponse,
};
use super::refusal::Refusal;
use super::stream::Reader;
use crate::document;

/// Answers with what the backend finds.
pub(super) struct ExtractionMethods {
    pub shared: Arc<Shared>,
}

#[tonic::async_trait]
impl ExtractionService for ExtractionMethods {
    async fn extract_entities(
        &self,
        request: Request<ExtractEntitiesRequest>,
    ) -> Result<Response<ExtractEntitiesResponse>, Status> {
        let _in_flight = self.shared.lifecycle.enter()?;
        let deadline = Deadline::of_request(&request);
        let ExtractEntitiesRequest { document, options } = request.into_inner();
        let (document, reading) = convert::request(document, options, &self.shared.limits)?;
        let shared = self.shared.clone();
        let work = move || extract(&shared, &document, &reading);
        let extraction = self.shared.admission.admit()?.work(deadline, work).await?;
        Ok(Response::new(ExtractEntitiesResponse { extraction: Some(extraction) }))
    }

    /// A batch is refused as a whole while no permit is free. Once its first document has one, the others wait
    /// their turn, a permit each: to refuse them then would waste the work done.
    async fn batch_extract_entities(
        &self,
        request: Request<BatchExtractEntitiesRequest>,
    ) -> Result<Response<BatchExtractEntitiesResponse>, Status> {
        let _in_flight = self.shared.lifecycle.enter()?;
        let deadline = Deadline::of_request(&request);
        let BatchExtractEntitiesRequest { documents, options } = request.into_inner();
        let reading = Arc::new(convert::batch(documents.len(), options, &self.shared.limits)?);
        let mut permit = Some(self.shared.admission.admit()?);
        let items = documents.into_iter().enumerate().map(move |(index, document)| {
            let field = format!("documents[{index}]");
            let document = Some(document);
            Item { document, field, reading: reading.clone(), permit: permit.take(), deadline }
        });
        let outcomes = stream::iter(items)
            .map(|item| item.outcome(self.shared.clone()))
            .buffered(self.shared.limits.documents_in_work_per_call())
            .collect()
            .await;
        // Past the deadline, some outcomes say no more than that: the call as a whole does.
        deadline.check()?;
        Ok(Response::new(BatchExtractEntitiesResponse { outcomes }))
    }

    type StreamExtractEntitiesStream =
        Pin<Box<dyn Stream<Item = Result<StreamExtractEntitiesResponse, Status>> + Send>>;

    /// `buffered` gives order, bound and back-pressure: the next document is read when one of the few in work is
    /// done and the client has taken its outcome.
    async fn stream_extract_entities(
        &self,
        request: Request<Streaming<StreamExtractEntitiesRequest>>,
    ) -> Result<Response<Self::StreamExtractEntitiesStream>, Status> {
        let in_flight = self.shared.lifecycle.enter()?;
        let shared = self.shared.clone();
        let responses = Reader::new(request, shared.clone(), in_flight.clone())
            .items()
            .zip(stream::iter(0..))
            .map(move |(item, sequence)| {
                // Held here, so that the call is in flight until its last outcome is out.
                let _in_flight = &in_flight;
                let shared = shared.clone();
                async move {
                    let outcome = Some(item?.outcome(shared).await);
                    Ok(StreamExtractEntitiesResponse { sequence, outcome })
                }
            })
            .buffered(self.shared.limits.documents_in_work_per_call());
        Ok(Response::new(Box::pin(responses)))
    }

    async fn detect_language(
        &self,
        request: Request<DetectLanguageRequest>,
    ) -> Result<Response<DetectLanguageResponse>, Status> {
        let _in_flight = self.shared.lifecycle.enter()?;
        let deadline = Deadline::of_request(&request);
        let text = convert::text(request.into_inner(), &self.shared.limits)?;
        let shared = self.shared.clone();
        let work = move || Ok(shared.backend.detect_language(&text).map(convert::language));
        let language = self.shared.admission.admit()?.work(deadline, work).await?;
        Ok(Response::new(DetectLanguageResponse { language }))
    }
}

/// One document of a batch or stream, and how to read it.
pub(super) struct Item {
    /// `None` where a message of a stream holds none.
    pub document: Option<Document>,
    /// Its path from the request, such as `documents[2]`.
    pub field: String,
    pub reading: Arc<Reading>,
    /// Set where it need not wait.
    pub permit: Option<Permit>,
    pub deadline: Deadline,
}

impl Item {
    async fn outcome(self, shared: Arc<Shared>) -> DocumentOutcome {
        let document_id = self.document.as_ref().map(convert::echoed_id).unwrap_or_default();
        let result = match self.extraction(shared).await {
            Ok(extraction) => Outcome::Extraction(extraction),
            Err(refusal) => Outcome::Error(refusal.into()),
        };
        DocumentOutcome { document_id, result: Some(result) }
    }

    async fn extraction(self, shared: Arc<Shared>) -> Result<Extraction, Refusal> {
        let Item { document, field, reading, permit, deadline } = self;
        let document = convert::document(document, &field, &shared.limits)?;
        let admission = shared.admission.clone();
        admission.queue(permit, deadline, move || extract(&shared, &document, &reading)).await
    }
}

fn extract(shared: &Shared, document: &document::Document, reading: &Reading) -> Result<Extraction, Refusal> {
    let extraction = shared.backend.extract(document, &reading.options)?;
    Ok(convert::extraction(extraction, document, reading))
}
