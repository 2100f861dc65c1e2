//! The stylesheet, the script and the icon. Each has a hash in its name and may be kept for ever.

use std::fmt::Write;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use sha2::{Digest, Sha256};

/// A file that browsers keep.
struct Asset {
    path: String,
    kind: &'static str,
    body: String,
}

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, body: String) -> Self {
        let digest = Sha256::digest(&body);
        let hash = digest.iter().take(8).fold(String::new(), |mut hash, byte| {
            // Writing to a text cannot fail.
            let _ = write!(hash, "{byte:02x}");
            hash
        });
        Self {
            path: format!("/assets/{name}-{hash}.{ending}"),
            kind,
            body,
        }
    }
}

/// The hours of the day board, and the longest appointment in rows of five minutes. The policy allows
/// no style in a page, so each start and each length is a class.
const BOARD_HOURS: u32 = 16;
const LONGEST_SPAN: u32 = 48;

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let mut body = include_str!("assets/console.css").replace('\n', "");
    for hour in 0..BOARD_HOURS {
        let _ = write!(body, ".h{hour}{{--h:{}}}", hour * 12);
    }
    for row in 0..12 {
        let _ = write!(body, ".m{row}{{--m:{row}}}");
    }
    for span in (3..=LONGEST_SPAN).filter(|span| *span <= 12 || span % 3 == 0) {
        let _ = write!(body, ".n{span}{{--n:{span}}}");
    }
    Asset::new("console", "css", "text/css; charset=utf-8", body)
});

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let body = concat!(
        include_str!("assets/console.js"),
        include_str!("assets/board.js"),
        include_str!("assets/chart.js"),
    );
    let kind = "text/javascript; charset=utf-8";
    Asset::new("console", "js", kind, body.to_owned())
});

static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_str!("assets/icon.svg").to_owned();
    Asset::new("icon", "svg", "image/svg+xml", body)
});

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services.route("/assets/{name}", web::get().to(serve));
}

pub(super) fn style() -> String {
    format!("/console{}", STYLE.path)
}

pub(super) fn script() -> String {
    format!("/console{}", SCRIPT.path)
}

pub(super) fn icon() -> String {
    format!("/console{}", ICON.path)
}

/// The classes that place something on the board so many minutes after its beginning.
pub(super) fn board_place(minutes: u32) -> String {
    let hour = (minutes / 60).min(BOARD_HOURS - 1);
    format!("placed h{hour} m{}", minutes % 60 / 5)
}

/// The rows that so many minutes take.
pub(super) fn board_span(minutes: i64) -> i64 {
    let rows = (minutes / 5).clamp(3, i64::from(LONGEST_SPAN));
    // Beyond an hour, quarters of an hour are near enough.
    if rows > 12 { (rows + 2) / 3 * 3 } else { rows }
}

async fn serve(name: web::Path<String>) -> HttpResponse {
    let wanted = format!("/assets/{name}");
    let assets = [&STYLE, &SCRIPT, &ICON];
    let Some(asset) = assets.iter().find(|asset| asset.path == wanted) else {
        return HttpResponse::NotFound().finish();
    };
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .content_type(asset.kind)
        .body(asset.body.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stylesheet_and_the_script_stay_small() {
        assert!(STYLE.body.len() <= 20 * 1024, "{} bytes", STYLE.body.len());
        assert!(
            SCRIPT.body.len() <= 60 * 1024,
            "{} bytes",
            SCRIPT.body.len()
        );
    }
}
