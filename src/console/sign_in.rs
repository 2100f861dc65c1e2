//! Signing in and out.

use actix_web::http::header::{self, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use maud::html;
use serde_json::{Value, json};

use super::address;
use super::api::{Answered, Api, Call};
use super::context::{Context, Failure};
use super::fields::{Field, Tried, hidden};
use super::form::Form;
use super::frame;
use super::session;
use super::texts;

/// The accounts of a demo, each of which signs in with one click. A real service has none.
#[derive(Debug, Clone, Default)]
pub struct DemoSignIns {
    /// Address and role of each.
    pub accounts: Vec<(String, String)>,
    /// The password that all share.
    pub password: String,
}

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services
        .route("/sign-in", web::get().to(show))
        .route("/sign-in", web::post().to(sign_in))
        .route("/sign-in/code", web::post().to(give_code))
        .route("/sign-out", web::post().to(sign_out))
        .route("/activate", web::get().to(show_activation))
        .route("/activate", web::post().to(activate));
}

async fn show(request: HttpRequest) -> HttpResponse {
    let query = Form::of_query(&request);
    form_page(&request, &query, &Tried::default())
}

fn form_page(request: &HttpRequest, query: &Form, tried: &Tried) -> HttpResponse {
    let next = address::own_path(query.get("next"), "/console/home").to_owned();
    let demo = request.app_data::<web::Data<DemoSignIns>>();
    let asks_practice = !tried.problem["practices"].is_null();
    let body = html! {
        h1 { "Sign in" }
        @if query.has("next") && tried.problem.is_null() { p { "Sign in to go on where you were." } }
        @if query.get("done") == Some("activated") { p.done role="status" { "Your account is ready. Sign in with your new password." } }
        (tried.said())
        form.stacked method="post" action="/console/sign-in" {
            (hidden("next", &next))
            (Field::new(tried, "email", "E-mail address").kind("email").complete("username").required().first())
            (Field::new(tried, "password", "Password").kind("password").complete("current-password").required())
            @if asks_practice { (Field::new(tried, "practice", "Practice").hint("You belong to several. Write the short name of one.")) }
            button { "Sign in" }
        }
        p { a href="/console/activate" { "I have a code from my clinic" } }
        @if let Some(demo) = demo.filter(|demo| !demo.accounts.is_empty()) {
            section.demo aria-labelledby="demo" {
                h2 #demo { "Look around as" }
                p.hint { "Everybody in this clinic is made up." }
                div.choices {
                    @for (email, role) in &demo.accounts {
                        form method="post" action="/console/sign-in" {
                            (hidden("next", &next)) (hidden("email", email)) (hidden("password", &demo.password))
                            button.choice { (texts::code(role)) small { (email) } }
                        }
                    }
                }
            }
        }
    };
    let status = tried.problem["status"].as_u64();
    let status = status.and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    frame::outside(status.unwrap_or(StatusCode::OK), "Sign in", &body)
}

/// Asks a route that needs no session, and forwards what the browser calls itself.
async fn ask(request: &HttpRequest, path: &str, body: &Value) -> Result<Answered, Failure> {
    // The device cookie goes along both ways, so that a known device does not wait for others' guesses.
    let forwarded = [header::USER_AGENT, header::COOKIE];
    let headers = forwarded.into_iter().filter_map(|name: HeaderName| {
        let value = request.headers().get(&name)?.to_str().ok()?.to_owned();
        Some((name, value))
    });
    let api = request
        .app_data::<web::Data<Api>>()
        .ok_or(Failure::Broken)?;
    let call = Call {
        method: Method::POST,
        path,
        body: Some(body),
        headers: headers.collect(),
        peer: request.peer_addr(),
    };
    api.call(call).await.ok_or(Failure::Broken)
}

async fn sign_in(request: HttpRequest, form: Form) -> Result<HttpResponse, Failure> {
    let mut body = json!({"email": form.text("email"), "password": form.text("password")});
    if form.has("practice") {
        body["practice"] = form.text("practice");
    }
    let answered = ask(&request, "/api/v1/auth/login", &body).await?;
    let answer = answered.json();
    if !answered.status.is_success() {
        return Ok(form_page(
            &request,
            &form,
            &Tried::new(form.clone(), answer),
        ));
    }
    if answer["mfa_required"] == true {
        let token = answer["mfa_token"].as_str().unwrap_or_default();
        return Ok(code_page(token, &form, &Tried::default()));
    }
    enter(&request, &form, &answered)
}

/// The page that asks for the second factor.
fn code_page(token: &str, form: &Form, tried: &Tried) -> HttpResponse {
    let body = html! {
        h1 { "Your second factor" }
        (tried.said())
        form.stacked method="post" action="/console/sign-in/code" {
            (hidden("mfa_token", token)) (hidden("next", form.get("next").unwrap_or("/console/home")))
            (Field::new(tried, "code", "Code from your app, or a recovery code").complete("one-time-code").required().first())
            button { "Sign in" }
        }
        p { a href="/console/sign-in" { "Begin again" } }
    };
    let status = if tried.problem.is_null() {
        StatusCode::OK
    } else {
        StatusCode::UNAUTHORIZED
    };
    frame::outside(status, "Second factor", &body)
}

async fn give_code(request: HttpRequest, form: Form) -> Result<HttpResponse, Failure> {
    let body = json!({"mfa_token": form.text("mfa_token"), "code": form.text("code")});
    let answered = ask(&request, "/api/v1/auth/login/mfa", &body).await?;
    if !answered.status.is_success() {
        let token = form.get("mfa_token").unwrap_or_default().to_owned();
        let tried = Tried::new(form.clone(), answered.json());
        return Ok(code_page(&token, &form, &tried));
    }
    enter(&request, &form, &answered)
}

/// Lets the browser in with what the route handed out.
fn enter(request: &HttpRequest, form: &Form, answered: &Answered) -> Result<HttpResponse, Failure> {
    let answer = answered.json();
    let token = answer["access_token"].as_str().unwrap_or_default();
    let principal = session::principal_of(request, token).ok_or(Failure::Broken)?;
    let ticket = session::ticket(request, &principal).ok_or(Failure::Broken)?;
    let next = address::own_path(form.get("next"), "/console/home");
    let mut response = address::go_to(next);
    for cookie in answered.headers.get_all(header::SET_COOKIE) {
        response
            .headers_mut()
            .append(header::SET_COOKIE, cookie.clone());
    }
    response
        .add_cookie(&ticket)
        .map_err(|_error| Failure::Broken)?;
    Ok(response)
}

async fn sign_out(context: Context) -> Result<HttpResponse, Failure> {
    context
        .post("/auth/logout", Value::Null, &Form::default())
        .await?;
    let mut response = address::go_to("/console/sign-in");
    let cookie = session::no_ticket(context.request());
    response
        .add_cookie(&cookie)
        .map_err(|_error| Failure::Broken)?;
    Ok(response)
}

async fn show_activation() -> HttpResponse {
    activation_page(&Tried::default())
}

fn activation_page(tried: &Tried) -> HttpResponse {
    let body = html! {
        h1 { "Make your account" }
        p { "Your clinic gave you a code. With it and your date of birth you choose a password." }
        (tried.said())
        form.stacked method="post" action="/console/activate" {
            (Field::new(tried, "code", "Code from your clinic").required().first())
            (Field::new(tried, "birth_date", "Your date of birth").kind("date").complete("bday").required())
            (Field::new(tried, "email", "E-mail address").kind("email").complete("username").required())
            (Field::new(tried, "password", "New password").kind("password").complete("new-password").required()
                .hint("At least 15 characters. A few words make a good one."))
            button { "Make my account" }
        }
        p { a href="/console/sign-in" { "I have an account" } }
    };
    let refused = !tried.problem.is_null();
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    frame::outside(status, "Make your account", &body)
}

async fn activate(request: HttpRequest, form: Form) -> Result<HttpResponse, Failure> {
    let body = json!({
        "code": form.text("code"), "birth_date": form.text("birth_date"),
        "email": form.text("email"), "password": form.text("password"),
    });
    let answered = ask(&request, "/api/v1/auth/activate", &body).await?;
    let answer = answered.json();
    if answered.status.is_success() {
        return Ok(address::go_to("/console/sign-in?done=activated"));
    }
    Ok(activation_page(&Tried::new(form, answer)))
}
