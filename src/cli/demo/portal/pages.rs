//! The sample portal's pages.

use std::{convert::Infallible, time::Duration};

use askama::Template;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::{StreamBody, combinators::BoxBody};
use hyper::body::Frame;

use super::{Page, plain, typed, upload::Received};

/// Who the gateway says is there.
struct Visitor {
    user: String,
    name: String,
}

impl Visitor {
    fn of(headers: &HeaderMap) -> Self {
        let word = |name: &str| {
            headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .unwrap_or_default()
        };
        let user = word("remote-user");
        let name = Some(word("remote-name")).filter(|name| !name.is_empty()).unwrap_or_else(|| user.clone());
        Self { user, name }
    }
}

#[derive(Template)]
#[template(path = "sample_welcome.html")]
struct Welcome {
    visitor: Visitor,
}

#[derive(Template)]
#[template(path = "sample_headers.html")]
struct Headers {
    visitor: Visitor,
    lines: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "sample_form.html")]
struct Form<'a> {
    visitor: Visitor,
    fields: &'a [(String, String)],
}

#[derive(Template)]
#[template(path = "sample_files.html")]
struct Files<'a> {
    visitor: Visitor,
    received: &'a [Received],
}

#[derive(Template)]
#[template(path = "sample_socket.html")]
struct Socket {
    visitor: Visitor,
}

#[derive(Template)]
#[template(path = "sample_public.html")]
struct Public {
    visitor: Visitor,
}

#[derive(Template)]
#[template(path = "sample_missing.html")]
struct Missing {
    visitor: Visitor,
}

pub(super) fn welcome(headers: &HeaderMap) -> Page {
    html(StatusCode::OK, &Welcome { visitor: Visitor::of(headers) })
}

pub(super) fn headers(headers: &HeaderMap) -> Page {
    let shown = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let lines = headers.iter().map(|(name, value)| (name.to_string(), shown(value))).collect();
    html(StatusCode::OK, &Headers { visitor: Visitor::of(headers), lines })
}

pub(super) fn form(headers: &HeaderMap, fields: &[(String, String)]) -> Page {
    html(StatusCode::OK, &Form { visitor: Visitor::of(headers), fields })
}

pub(super) fn files(headers: &HeaderMap, received: &[Received]) -> Page {
    html(StatusCode::OK, &Files { visitor: Visitor::of(headers), received })
}

pub(super) fn socket(headers: &HeaderMap) -> Page {
    html(StatusCode::OK, &Socket { visitor: Visitor::of(headers) })
}

pub(super) fn public(headers: &HeaderMap) -> Page {
    html(StatusCode::OK, &Public { visitor: Visitor::of(headers) })
}

pub(super) fn missing(headers: &HeaderMap) -> Page {
    html(StatusCode::NOT_FOUND, &Missing { visitor: Visitor::of(headers) })
}

/// A file of 24 kB, the same each time.
pub(super) fn download() -> Page {
    let text: String = (1..=400)
        .map(|line| format!("line {line:>3} of a file that came through the gateway unchanged\n"))
        .collect();
    let mut page = plain(StatusCode::OK, text);
    let name = HeaderValue::from_static("attachment; filename=\"sample.txt\"");
    page.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    page
}

/// Five lines, a second apart: what a gateway that holds bodies back would show all at once.
pub(super) fn slow() -> Page {
    let lines = stream::unfold(1, |line| async move {
        if line > 5 {
            return None;
        }
        if line > 1 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let text = Bytes::from(format!("line {line} of 5\n"));
        Some((Ok::<_, Infallible>(Frame::data(text)), line + 1))
    });
    let mut page = Response::new(BoxBody::new(StreamBody::new(lines)));
    page.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    page
}

fn html(status: StatusCode, page: &impl Template) -> Page {
    match page.render() {
        Ok(text) => typed(status, text, "text/html; charset=utf-8"),
        Err(fault) => {
            tracing::error!(%fault, "a page of the sample portal cannot be drawn");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "this page cannot be drawn\n")
        }
    }
}
