//! Where features put their operations: into a worker that serves them, into the document that
//! describes them, or onto the list of what there is.
//!
//! One list of operations for all three, so that none can forget one. A worker that serves keeps
//! nothing of the descriptions: they are many times the size of the program that serves them.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// Takes the operations of a feature.
pub(crate) struct Operations<'a>(Purpose<'a>);

enum Purpose<'a> {
    Serve(&'a mut web::ServiceConfig),
    Describe(&'a mut OpenApi),
    List(&'a mut Vec<(String, &'static str)>),
}

impl<'a> Operations<'a> {
    /// To be served.
    pub(crate) const fn to_serve(services: &'a mut web::ServiceConfig) -> Self {
        Self(Purpose::Serve(services))
    }

    /// To be described in this document.
    pub(crate) const fn to_describe(document: &'a mut OpenApi) -> Self {
        Self(Purpose::Describe(document))
    }

    /// To be listed by path and method.
    pub(crate) const fn to_list(list: &'a mut Vec<(String, &'static str)>) -> Self {
        Self(Purpose::List(list))
    }

    /// Takes an operation.
    pub(crate) fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        match &mut self.0 {
            Purpose::Serve(services) => {
                services.service(operation);
            }
            Purpose::Describe(document) => {
                let mut schemas = Vec::new();
                operation.schemas(&mut schemas);
                document.paths.merge(operation.paths());
                let components = document.components.get_or_insert_with(Components::new);
                components.schemas.extend(schemas);
            }
            Purpose::List(list) => {
                for (path, item) in operation.paths().paths {
                    let methods = [
                        ("GET", item.get),
                        ("PUT", item.put),
                        ("POST", item.post),
                        ("PATCH", item.patch),
                        ("DELETE", item.delete),
                    ];
                    let methods = methods.into_iter().filter(|(_, taken)| taken.is_some());
                    list.extend(methods.map(|(method, _)| (path.clone(), method)));
                }
            }
        }
        self
    }
}
