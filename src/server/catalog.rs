//! `CatalogService`: the build, its limits, its languages and its threat actors.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::proto::catalog_service_server::CatalogService;
use super::proto::{
    CatalogedThreatActor, GetServerInfoRequest, GetServerInfoResponse, Language, ListLanguagesRequest,
    ListLanguagesResponse, ListThreatActorsRequest, ListThreatActorsResponse, ServerLimits,
};
use super::{Shared, convert, pages};
use crate::catalog::Actor;
use crate::config::Limits;
use crate::language::Pack;
use crate::values::EntityType;

/// Answers from what is compiled in.
pub(super) struct CatalogMethods {
    pub shared: Arc<Shared>,
}

#[tonic::async_trait]
impl CatalogService for CatalogMethods {
    async fn get_server_info(
        &self,
        _: Request<GetServerInfoRequest>,
    ) -> Result<Response<GetServerInfoResponse>, Status> {
        let _in_flight = self.shared.lifecycle.enter()?;
        Ok(Response::new(GetServerInfoResponse {
            provenance: Some(convert::provenance(self.shared.backend.provenance())),
            limits: Some(limits(&self.shared.limits)),
        }))
    }

    async fn list_languages(
        &self,
        request: Request<ListLanguagesRequest>,
    ) -> Result<Response<ListLanguagesResponse>, Status> {
        let _in_flight = self.shared.lifecycle.enter()?;
        let ListLanguagesRequest { page_size, page_token } = request.into_inner();
        let packs: Vec<_> = Pack::languages().collect();
        let page = pages::page(&packs, "languages", page_size, &page_token)?;
        Ok(Response::new(ListLanguagesResponse {
            languages: page.entries.iter().map(language).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn list_threat_actors(
        &self,
        request: Request<ListThreatActorsRequest>,
    ) -> Result<Response<ListThreatActorsResponse>, Status> {
        let _in_flight = self.shared.lifecycle.enter()?;
        let ListThreatActorsRequest { page_size, page_token, name } = request.into_inner();
        let name = convert::actor_name(name)?;
        let catalog = self.shared.backend.catalog();
        let actors = if name.is_empty() { catalog.actors() } else { catalog.find(&name) };
        let page =
            pages::page(actors, &format!("actors {name} {}", catalog.digest()), page_size, &page_token)?;
        Ok(Response::new(ListThreatActorsResponse {
            threat_actors: page.entries.iter().map(|actor| threat_actor(actor)).collect(),
            next_page_token: page.next_page_token,
        }))
    }
}

fn limits(limits: &Limits) -> ServerLimits {
    let narrow = |limit: usize| i32::try_from(limit).expect("limits are validated to fit");
    ServerLimits {
        max_document_bytes: narrow(limits.max_document_bytes).into(),
        max_batch_documents: narrow(limits.max_batch_documents),
        max_message_bytes: narrow(limits.max_message_bytes).into(),
        max_custom_terms: narrow(limits.max_custom_terms),
        max_concurrent_documents: narrow(limits.max_concurrent_documents),
    }
}

fn language(pack: &Pack) -> Language {
    // Every recognizer reads every pack.
    let mut types = EntityType::ALL.map(|entity_type| convert::entity_type(entity_type) as i32);
    types.sort_unstable();
    Language {
        language_code: pack.code().to_owned(),
        display_name: pack.display_name(),
        entity_types: types.to_vec(),
    }
}

fn threat_actor(actor: &Actor) -> CatalogedThreatActor {
    CatalogedThreatActor { name: actor.name.clone(), threat_actor: Some(convert::actor(actor)) }
}
