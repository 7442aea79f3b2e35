//! Reads a stream of options and documents, until the client, the deadline or the server ends it.

use std::sync::Arc;

use futures_util::{Stream, stream};
use tonic::{Request, Status, Streaming};

use super::convert::{self, Reading};
use super::deadline::Deadline;
use super::extraction::Item;
use super::lifecycle::InFlight;
use super::proto::StreamExtractEntitiesRequest;
use super::proto::stream_extract_entities_request::Message;
use super::{Shared, status};

/// The reading half of a stream.
pub(super) struct Reader {
    shared: Arc<Shared>,
    in_flight: InFlight,
    deadline: Deadline,
    messages: Streaming<StreamExtractEntitiesRequest>,
    /// What the options read last ask for.
    reading: Arc<Reading>,
}

impl Reader {
    pub fn new(
        request: Request<Streaming<StreamExtractEntitiesRequest>>,
        shared: Arc<Shared>,
        in_flight: InFlight,
    ) -> Reader {
        let deadline = Deadline::of_request(&request);
        Reader { shared, in_flight, deadline, messages: request.into_inner(), reading: Arc::default() }
    }

    /// The documents, in order, each under the options that came last before it. An error is the last item:
    /// coming behind the documents, it leaves their outcomes to be sent first.
    pub fn items(self) -> impl Stream<Item = Result<Item, Status>> {
        stream::try_unfold(self, |mut reader| async move {
            let item = reader.next().await?;
            Ok(item.map(|item| (item, reader)))
        })
    }

    async fn next(&mut self) -> Result<Option<Item>, Status> {
        loop {
            let message = tokio::select! {
                biased;
                refusal = self.in_flight.draining() => return Err(refusal.into()),
                refusal = self.deadline.passed() => return Err(refusal.into()),
                message = self.messages.message() => message,
            };
            let message = message.map_err(|status| status::translated(status, &self.shared.limits))?;
            match message {
                None => return Ok(None),
                Some(StreamExtractEntitiesRequest { message: Some(Message::Options(options)) }) => {
                    self.reading = Arc::new(convert::options(options, &self.shared.limits)?);
                }
                // A message that holds neither is a document that is missing: an item at fault, not the stream.
                Some(StreamExtractEntitiesRequest { message }) => {
                    let document = match message {
                        Some(Message::Document(document)) => Some(document),
                        _ => None,
                    };
                    return Ok(Some(Item {
                        document,
                        field: "document".to_owned(),
                        reading: self.reading.clone(),
                        permit: None,
                        deadline: self.deadline,
                    }));
                }
            }
        }
    }
}
