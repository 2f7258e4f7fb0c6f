//! What visitors send: forms and files. Files are measured as they stream in and not kept.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use futures_util::TryStreamExt as _;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, BodyStream, Limited};
use hyper::body::Incoming;
use multer::Multipart;

use super::{Page, pages, plain};

/// Longest form.
const FORM: usize = 64 * 1024;

/// A file that came in.
pub(super) struct Received {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Measures a file chunk by chunk.
struct Measure {
    size: u64,
    digest: Context,
}

impl Measure {
    fn new() -> Self {
        Self { size: 0, digest: Context::new(&SHA256) }
    }

    fn add(&mut self, chunk: &[u8]) {
        self.size += chunk.len() as u64;
        self.digest.update(chunk);
    }

    fn finish(self, name: String) -> Received {
        Received { name, size: self.size, sha256: HEXLOWER.encode(self.digest.finish().as_ref()) }
    }
}

/// Shows the fields of a form.
pub(super) async fn form(request: Request<Incoming>) -> Page {
    let (head, body) = request.into_parts();
    match Limited::new(body, FORM).collect().await {
        Ok(body) => {
            let fields: Vec<_> = form_urlencoded::parse(&body.to_bytes()).into_owned().collect();
            pages::form(&head.headers, &fields)
        }
        Err(_) => plain(StatusCode::PAYLOAD_TOO_LARGE, "the form is too long\n"),
    }
}

/// Measures the files of a browser's upload.
pub(super) async fn multipart(request: Request<Incoming>) -> Page {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(boundary) = kind.and_then(|kind| multer::parse_boundary(kind).ok()) else {
        return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "this is not multipart/form-data\n");
    };
    let chunks = BodyStream::new(body).try_filter_map(async |frame| Ok(frame.into_data().ok()));
    match measure_all(Multipart::new(chunks, boundary)).await {
        Ok(received) => pages::files(&head.headers, &received),
        Err(fault) => plain(StatusCode::BAD_REQUEST, format!("the upload broke off: {fault}\n")),
    }
}

async fn measure_all(mut parts: Multipart<'_>) -> Result<Vec<Received>, multer::Error> {
    let mut received = Vec::new();
    while let Some(mut part) = parts.next_field().await? {
        let Some(name) = part.file_name().map(str::to_owned) else { continue };
        let mut measure = Measure::new();
        while let Some(chunk) = part.chunk().await? {
            measure.add(&chunk);
        }
        received.push(measure.finish(name));
    }
    Ok(received)
}

/// Measures a body sent as it is: `curl -T file`.
pub(super) async fn raw(request: Request<Incoming>) -> Page {
    let mut body = request.into_body();
    let mut measure = Measure::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Some(chunk) = frame.data_ref() {
                    measure.add(chunk);
                }
            }
            Err(fault) => return plain(StatusCode::BAD_REQUEST, format!("the upload broke off: {fault}\n")),
        }
    }
    let Received { size, sha256, .. } = measure.finish(String::new());
    plain(StatusCode::OK, format!("{size} {sha256}\n"))
}
