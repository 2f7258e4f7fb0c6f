//! What is in a form, for the eyes of whoever sends it. Nothing here touches the bytes that are sent.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use multer::{Constraints, Multipart, SizeLimit};

use crate::page::view::{SentContent, SentField, SentValue};

/// Fields that are shown.
const MOST_FIELDS: usize = 40;
/// Bytes of a name or value that are shown.
const LONGEST: usize = 160;
/// Whoever fills in a field called so would not want it read from the screen.
const PRIVATE: [&str; 12] =
    ["pass", "pwd", "kennwort", "wachtwoord", "secret", "token", "csrf", "otp", "pin", "cvc", "cvv", "iban"];

/// Reads the content of a form.
pub(super) async fn read(content_type: &str, body: Vec<u8>) -> SentContent {
    let length = body.len();
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fields = match kind.as_str() {
        "application/x-www-form-urlencoded" => Some(urlencoded(&body)),
        "multipart/form-data" => multipart(content_type, body).await,
        _ => None,
    };
    fields
        .map_or(SentContent::Unreadable(length), |Fields { shown, more }| SentContent::Fields { shown, more })
}

/// Fields that are shown, and how many others there are: a form may have half a million.
#[derive(Default)]
struct Fields {
    shown: Vec<SentField>,
    more: usize,
}

impl Fields {
    fn add(&mut self, draw: impl FnOnce() -> SentField) {
        match self.shown.len() {
            MOST_FIELDS.. => self.more += 1,
            _ => self.shown.push(draw()),
        }
    }
}

fn urlencoded(body: &[u8]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in form_urlencoded::parse(body) {
        fields.add(|| field(&name, &value));
    }
    fields
}

/// `None` where it cannot be read.
async fn multipart(content_type: &str, body: Vec<u8>) -> Option<Fields> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let most = SizeLimit::new().whole_stream(body.len() as u64);
    let whole = stream::iter([Ok::<_, Infallible>(Bytes::from(body))]);
    let mut parts = Multipart::with_constraints(whole, boundary, Constraints::new().size_limit(most));
    let mut fields = Fields::default();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.ok()?;
        fields.add(|| match file {
            Some(file) => SentField {
                name: beginning(&name).0.to_owned(),
                value: SentValue::File { name: beginning(&file).0.to_owned(), size: bytes.len() },
            },
            None => field(&name, &String::from_utf8_lossy(&bytes)),
        });
    }
    Some(fields)
}

fn field(name: &str, value: &str) -> SentField {
    let folded = name.to_lowercase();
    let value = match beginning(value) {
        _ if PRIVATE.iter().any(|word| folded.contains(word)) => SentValue::Hidden,
        (whole, false) => SentValue::Text(whole.to_owned()),
        (text, true) => SentValue::Beginning(text.to_owned()),
    };
    SentField { name: beginning(name).0.to_owned(), value }
}

/// As much of a text as is shown, and whether that is not all of it.
pub(super) fn beginning(text: &str) -> (&str, bool) {
    let end = text.floor_char_boundary(LONGEST);
    (&text[..end], end < text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn text(name: &str, text: &str) -> SentField {
        SentField { name: name.to_owned(), value: SentValue::Text(text.to_owned()) }
    }

    async fn shown(content_type: &str, body: &[u8]) -> Vec<SentField> {
        match read(content_type, body.to_vec()).await {
            SentContent::Fields { shown, more: 0 } => shown,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn fields_are_read_as_the_portal_reads_them_in_order_and_twice() {
        let body = b"b=2&a=x%20y+z&a=%C3%A9&empty=&=nameless";
        let wanted =
            [text("b", "2"), text("a", "x y z"), text("a", "é"), text("empty", ""), text("", "nameless")];
        assert_eq!(shown(&format!("{FORM}; charset=UTF-8"), body).await, wanted);
        assert_eq!(shown(FORM, b"").await, []);
    }

    #[tokio::test]
    async fn a_file_is_shown_by_its_name_and_size() {
        let body = b"--X\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nline 1\r\nline 2\r\n\
            --X\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"a b.pdf\"\r\nContent-Type: application/pdf\r\n\r\n\
            \0\xff\r\n--Y\r\n--X--\r\n";
        let file = SentValue::File { name: "a b.pdf".to_owned(), size: 7 };
        let wanted = [text("note", "line 1\r\nline 2"), SentField { name: "scan".to_owned(), value: file }];
        assert_eq!(shown("multipart/form-data; boundary=X", body).await, wanted);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_counted() {
        for (content_type, body) in [
            ("multipart/form-data; boundary=X", &b"--X\r\nContent-Dispo"[..]),
            ("multipart/form-data", b"--X--"),
            ("text/plain", b"a=b"),
        ] {
            let read = read(content_type, body.to_vec()).await;
            assert_eq!(read, SentContent::Unreadable(body.len()), "{content_type}");
        }
    }

    #[tokio::test]
    async fn long_values_are_cut_between_letters_and_private_ones_hidden() {
        let body = format!("long={}&just={}&new_Password=x&csrf_token=y", "é".repeat(81), "a".repeat(160));
        let fields = shown(FORM, body.as_bytes()).await;
        assert_eq!(fields[0].value, SentValue::Beginning("é".repeat(80)));
        assert_eq!(fields[1].value, SentValue::Text("a".repeat(160)));
        assert_eq!((&fields[2].value, &fields[3].value), (&SentValue::Hidden, &SentValue::Hidden));
    }

    #[tokio::test]
    async fn forty_fields_are_shown_and_the_others_counted() {
        for (count, others) in [(40, 0), (41, 1), (9_040, 9_000)] {
            let body: Vec<_> = (0..count).map(|n| format!("f{n}=1")).collect();
            let SentContent::Fields { shown, more } = read(FORM, body.join("&").into_bytes()).await else {
                panic!("it can be read")
            };
            assert_eq!((shown.len(), more), (40, others));
        }
    }
}
