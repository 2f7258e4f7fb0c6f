//! How our own pages leave: never stored, never framed, without a script of anybody else's.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
        LOCATION, REFERRER_POLICY, REFRESH, RETRY_AFTER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, VARY,
        X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

use crate::{
    page::assets::{self, Asset},
    proxy::Body,
};

/// How soon it is worth asking again when we are too busy, or the store does not answer.
pub(super) const SOON: Duration = Duration::from_secs(5);

/// What an answer's body may do in the browser: show itself and post to where it came from.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// As [`POLICY`], for pages whose script asks us about passkeys.
const ASKING_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// As [`ASKING_POLICY`], for the page that can be installed.
const INSTALLABLE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// For pictures, opened as a page: a logo comes from an operator's files, and a drawing may hold more than it shows.
const PICTURE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; sandbox";
/// As [`POLICY`], for the page whose form goes to the portal: browsers hold the policy against whatever the portal's answer
/// redirects to, and that may be another site.
const SENDING_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; manifest-src 'self'; form-action 'self' https:; frame-ancestors 'none'; base-uri 'none'";

/// An answer before it is a response.
pub(super) struct Answer {
    status: StatusCode,
    content: Content,
    cookies: Vec<HeaderValue>,
    allow: Option<&'static str>,
    retry: Option<Duration>,
    onward: Option<HeaderValue>,
    policy: &'static str,
    worker_scope: Option<HeaderValue>,
}

enum Content {
    Page(String),
    Json(String),
    /// Of another media type, asked for anew each time.
    Text(String, &'static str),
    GoTo(String),
    /// In gzip, where the browser takes it.
    Asset(Box<Asset>, bool),
}

/// Whether the request wants the body or only its head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    Everything,
    HeadOnly,
}

impl Wanted {
    pub(super) fn by(method: &Method) -> Self {
        if *method == Method::HEAD { Self::HeadOnly } else { Self::Everything }
    }
}

impl Answer {
    /// A page.
    pub(super) fn page(status: StatusCode, html: String) -> Self {
        Self::new(status, Content::Page(html))
    }

    /// What the script of one of our pages asked for.
    pub(super) fn json(status: StatusCode, json: String) -> Self {
        Self::new(status, Content::Json(json))
    }

    /// Lets the page's script ask us.
    pub(super) fn asking(mut self) -> Self {
        self.policy = ASKING_POLICY;
        self
    }

    /// Lets the page be installed: it has a manifest, a worker, and a script that asks us. The worker asks us as well.
    pub(super) fn installable(mut self) -> Self {
        self.policy = INSTALLABLE_POLICY;
        self
    }

    /// Lets a form of the page go to the portal, and on to where the portal's answer leads.
    pub(super) fn sending(mut self) -> Self {
        self.policy = SENDING_POLICY;
        self
    }

    /// A text of media type `kind`.
    pub(super) fn text(text: String, kind: &'static str) -> Self {
        Self::new(StatusCode::OK, Content::Text(text, kind))
    }

    /// Lets a worker's script work for the pages under `scope`, though it does not lie right above them.
    pub(super) fn working_for(mut self, scope: &str) -> Self {
        self.worker_scope = HeaderValue::from_str(scope).ok();
        self
    }

    /// Somewhere else on this origin, always with GET.
    pub(super) fn go_to(path: impl Into<String>) -> Self {
        Self::new(StatusCode::SEE_OTHER, Content::GoTo(path.into()))
    }

    /// A file that never changes under its name.
    pub(super) fn asset(asset: &Asset, takes_gzip: bool) -> Self {
        let is_picture = asset.content_type.starts_with("image/");
        let mut answer = Self::new(StatusCode::OK, Content::Asset(Box::new(asset.clone()), takes_gzip));
        if is_picture {
            answer.policy = PICTURE_POLICY;
        }
        answer
    }

    fn new(status: StatusCode, content: Content) -> Self {
        Self {
            status,
            content,
            cookies: Vec::new(),
            allow: None,
            retry: None,
            onward: None,
            policy: POLICY,
            worker_scope: None,
        }
    }

    /// Sets a cookie on the way.
    pub(super) fn with_cookie(mut self, cookie: impl Into<Option<HeaderValue>>) -> Self {
        self.cookies.extend(cookie.into());
        self
    }

    /// Sets cookies on the way.
    pub(super) fn with_cookies(mut self, cookies: impl IntoIterator<Item = HeaderValue>) -> Self {
        self.cookies.extend(cookies);
        self
    }

    /// Names the methods there are.
    pub(super) fn allowing(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Says when to try again, if that is known.
    pub(super) fn retry_in(mut self, span: impl Into<Option<Duration>>) -> Self {
        self.retry = span.into();
        self
    }

    /// Leads on to a place outside by itself, in browsers that can. Not a redirect: to one that answers a form, the policy of
    /// the page the form was on would apply, and forms of ours go nowhere else.
    pub(super) fn onward_to(mut self, url: &str) -> Self {
        self.onward = HeaderValue::from_str(&format!("0;url={url}")).ok();
        self
    }

    /// Looks again by itself after a while, in browsers that can: without a script, that is how a page waits.
    pub(super) fn looking_again(mut self, span: Duration) -> Self {
        self.onward = HeaderValue::from_str(&span.as_secs().to_string()).ok();
        self
    }

    /// The response.
    pub(super) fn into_response(self, wanted: Wanted) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.extend(always());
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(self.policy));
        let (bytes, kind, caching) = match self.content {
            Content::Page(html) => {
                headers.insert(VARY, HeaderValue::from_static("cookie, accept-language"));
                (Bytes::from(html), Some("text/html; charset=utf-8"), "no-store")
            }
            Content::Json(json) => (Bytes::from(json), Some("application/json"), "no-store"),
            Content::Text(text, kind) => {
                headers.insert(VARY, HeaderValue::from_static("cookie, accept-language"));
                (Bytes::from(text), Some(kind), "no-cache")
            }
            Content::Asset(asset, takes_gzip) => {
                headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
                let bytes = match asset.gzip.as_ref().filter(|_| takes_gzip) {
                    Some(gzip) => {
                        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                        gzip
                    }
                    None => {
                        if let Ok(etag) = HeaderValue::from_str(&asset.etag) {
                            headers.insert(ETAG, etag);
                        }
                        &asset.bytes
                    }
                };
                (bytes.clone(), Some(asset.content_type), assets::CACHE_CONTROL)
            }
            Content::GoTo(path) => {
                // Paths come from `ReturnTo` or are our own; one that is no header value leads to the start.
                let place = HeaderValue::from_str(&path).unwrap_or_else(|_| HeaderValue::from_static("/"));
                headers.insert(LOCATION, place);
                (Bytes::new(), None, "no-store")
            }
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some(methods) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(methods));
        }
        if let Some(span) = self.retry {
            headers.insert(RETRY_AFTER, HeaderValue::from(span.as_secs().max(1)));
        }
        if let Some(onward) = self.onward {
            headers.insert(REFRESH, onward);
        }
        if let Some(scope) = self.worker_scope {
            headers.insert(HeaderName::from_static("service-worker-allowed"), scope);
        }
        for cookie in self.cookies {
            headers.append(SET_COOKIE, cookie);
        }
        if wanted == Wanted::Everything {
            *response.body_mut() = Body::of(bytes);
        }
        response
    }
}

/// What stands on every answer of ours.
fn always() -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn pages_are_never_stored_framed_or_scripted_by_others() {
        let response = Answer::page(StatusCode::OK, "<p>".to_owned()).into_response(Wanted::Everything);
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("strict-transport-security"), "max-age=31536000");
        let policy = header("content-security-policy");
        for rule in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(policy.contains(rule), "{rule}");
        }
        assert!(!policy.contains("unsafe"));
    }

    #[tokio::test]
    async fn a_head_request_gets_the_length_and_no_body() {
        let response = Answer::page(StatusCode::OK, "hello".to_owned()).into_response(Wanted::HeadOnly);
        assert_eq!(response.headers()["content-length"], "5");
        assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    }

    #[test]
    fn redirects_are_see_other_and_not_stored() {
        let response = Answer::go_to("/reports?x=1").into_response(Wanted::Everything);
        assert_eq!(response.status(), 303);
        assert_eq!(response.headers()["location"], "/reports?x=1");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(Answer::go_to("/a\nb").into_response(Wanted::Everything).headers()["location"], "/");
    }
}
