//! The routes of the service, called from inside the program.
//!
//! A call takes the same way as one over the network, through `edge` and the permit of the handler.
//! It only leaves out the network, and the count of requests, because the page was counted already.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;

use actix_http::{Payload, Request};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::{self, BoxBody, MessageBody};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::web::Bytes;
use futures_util::stream;
use serde_json::Value;
use tokio::sync::OnceCell;

type Answering = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, actix_web::Error>>>>;
type Routes = Rc<dyn Fn(Request) -> Answering>;
type Making = Pin<Box<dyn Future<Output = Option<Routes>>>>;

/// The routes as one worker has them. They are made when the first page asks.
pub(crate) struct Api {
    make: Box<dyn Fn() -> Making>,
    routes: OnceCell<Routes>,
}

/// What is asked of a route.
pub(super) struct Call<'c> {
    pub(super) method: Method,
    pub(super) path: &'c str,
    pub(super) body: Option<&'c Value>,
    pub(super) headers: Vec<(HeaderName, String)>,
    /// Where the browser is, by which guesses are counted.
    pub(super) peer: Option<SocketAddr>,
}

/// What a route answered.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answered {
    /// The body as JSON; null when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Api {
    /// The routes of an application that is made anew by each call of `make`.
    pub(crate) fn of<M, A, F, B>(make: M) -> Self
    where
        M: Fn() -> A + 'static,
        A: IntoServiceFactory<F, Request> + 'static,
        F: ServiceFactory<
                Request,
                Config = AppConfig,
                Response = ServiceResponse<B>,
                Error = actix_web::Error,
                InitError = (),
            > + 'static,
        F::Service: 'static,
        <F::Service as Service<Request>>::Future: 'static,
        F::Future: 'static,
        B: MessageBody + 'static,
    {
        let make = move || -> Making {
            let factory = make().into_factory();
            Box::pin(async move {
                let service = Rc::new(factory.new_service(AppConfig::default()).await.ok()?);
                let routes: Routes = Rc::new(move |request| {
                    let answer = service.call(request);
                    Box::pin(async move { Ok(answer.await?.map_into_boxed_body()) })
                });
                Some(routes)
            })
        };
        Self {
            make: Box::new(make),
            routes: OnceCell::new(),
        }
    }

    /// Asks a route. Only a fault of the program is `None`; a refusal is an answer.
    pub(super) async fn call(&self, call: Call<'_>) -> Option<Answered> {
        let make = || async { (self.make)().await.ok_or(()) };
        let routes = self.routes.get_or_try_init(make).await.ok()?;
        let answer = match routes(request_of(call)?).await {
            Ok(answer) => answer.into_parts().1,
            Err(error) => error.error_response(),
        };
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = body::to_bytes(answer.into_body()).await.ok()?;
        Some(Answered {
            status,
            headers,
            body,
        })
    }
}

fn request_of(call: Call<'_>) -> Option<Request> {
    let bytes = match call.body {
        Some(body) => Bytes::from(serde_json::to_vec(body).ok()?),
        None => Bytes::new(),
    };
    let length = bytes.len();
    let payload: Payload = Payload::Stream {
        payload: Box::pin(stream::once(async move { Ok(bytes) })),
    };
    let mut request = Request::with_payload(payload);
    let head = request.head_mut();
    head.peer_addr = call.peer;
    head.method = call.method;
    head.uri = call.path.parse::<Uri>().ok()?;
    if call.body.is_some() {
        let json = HeaderValue::from_static("application/json");
        head.headers.insert(header::CONTENT_TYPE, json);
        head.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    for (name, value) in call.headers {
        head.headers
            .insert(name, HeaderValue::from_str(&value).ok()?);
    }
    Some(request)
}
