//! Content that comes as JSON, or as a table in CSV.
//!
//! A cell is text. Which type it has, and whether it may be what it is, says the schema of the line: the
//! reader of a table turns cells into JSON, and that is judged as everything else ([`super::json`]).

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::json::{Json, check_headers, read};
use super::problem::Problem;

const CSV: &str = "text/csv";

/// Content of an operation that takes both.
#[derive(Debug)]
pub(crate) enum CsvOrJson<T> {
    Json(Json<T>),
    Csv(Vec<u8>),
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for CsvOrJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let sent = request.mime_type().ok().flatten();
        if sent.is_none_or(|mime| mime.essence_str() != CSV) {
            let json = Json::from_request(request, payload);
            return Box::pin(async move { json.await.map(Self::Json) });
        }
        let acceptable = check_headers(request, CSV);
        let mut payload = payload.take();
        Box::pin(async move {
            acceptable?;
            Ok(Self::Csv(read(&mut payload).await?.to_vec()))
        })
    }
}
