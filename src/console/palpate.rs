//! What is done at the chart: asking about a place, recording what was felt, taking it back.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::address::encoded;
use super::context::{Context, Failure};
use super::fields::Tried;
use super::form::Form;
use super::points::{Asked, palpation_of};
use super::visit;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/visits/{id}/place", web::post().to(ask))
        .route("/visits/{id}/points", web::post().to(record))
        .route("/visits/{id}/points/{point}/void", web::post().to(void));
}

async fn ask(context: Context, id: web::Path<String>, form: Form) -> Result<HttpResponse, Failure> {
    let asked = Asked::of(&form);
    visit::render(&context, &id, &Tried::default(), asked).await
}

async fn record(
    context: Context,
    id: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let felt = palpation_of(&form);
    let path = format!("/visits/{}/trigger-points", encoded(&id));
    match context.post(&path, felt.body, &form).await {
        Err(failure) => {
            let tried = Tried::new(form, failure.problem()?);
            visit::render(&context, &id, &tried, felt.asked).await
        }
        recorded => visit::finish(&context, &id, form, recorded, "recorded").await,
    }
}

async fn void(
    context: Context,
    at: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let (id, point) = at.into_inner();
    let path = format!(
        "/visits/{}/trigger-points/{}/void",
        encoded(&id),
        encoded(&point)
    );
    let reason = json!({"reason": form.text("reason")});
    let voided = context.post(&path, reason, &form).await;
    visit::finish(&context, &id, form, voided, "voided").await
}
