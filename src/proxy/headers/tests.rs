use super::*;
use crate::domain::facts::RequestId;

fn chain(client: &str, before: Option<&'static str>) -> String {
    let id = RequestId::new([7; 16]);
    let before = before.map(HeaderValue::from_static);
    let envelope = Envelope {
        id: &id,
        client: client.parse().unwrap(),
        forwarded_for: before.as_ref(),
        authority: "wiki.example.com",
        leash: &|| Box::new(|| false),
        witness: &|| Box::new(|_| ()),
    };
    forwarded_for(&envelope).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn the_way_here_is_told_as_it_was_read() {
    assert_eq!(chain("203.0.113.9", None), "203.0.113.9");
    assert_eq!(chain("10.0.0.1", Some("203.0.113.9, 10.0.0.1")), "203.0.113.9, 10.0.0.1");
    assert_eq!(chain("::ffff:203.0.113.9", None), "203.0.113.9");
    assert_eq!(chain("2001:db8::1", None), "2001:db8::1");
}

#[test]
fn connection_names_fields_and_not_the_usual_words() {
    let mut headers = HeaderMap::new();
    headers.append(header::CONNECTION, HeaderValue::from_static("keep-alive, Cookie"));
    headers.append(header::CONNECTION, HeaderValue::from_static("close,x-a, ,a b"));
    let named = NamedByConnection::of(&headers);
    assert_eq!(named.0, [header::COOKIE, HeaderName::from_static("x-a")]);
}
