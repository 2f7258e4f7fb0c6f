//! A provider of the test's own on a loopback port, which lies as it is told.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
};

use aws_lc_rs::{
    digest, hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::config::settings::{Prompt, ProviderSettings};

pub(crate) const CLIENT: &str = "vestibule";
pub(crate) const SECRET: &str = "a secret between the two";

/// A key with its name.
pub(crate) struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Key {
    pub(crate) fn make(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { kid: kid.to_owned(), pair }
    }

    pub(crate) fn published(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..]));
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": x, "y": y })
    }
}

/// How the token is signed.
pub(crate) enum Signing {
    /// With the first key.
    Own,
    /// With another key, under this name.
    Stranger(Key),
    /// With a secret (HS256).
    Secret(Vec<u8>),
    /// Not at all.
    Nothing,
}

/// What the provider says, to be changed by tests.
pub(crate) struct Script {
    /// Claims put over the right ones; `null` takes one away.
    pub(crate) claims: Map<String, Value>,
    pub(crate) signing: Signing,
    pub(crate) keys: Vec<Key>,
    /// Put over the right description.
    pub(crate) description: Map<String, Value>,
    /// An answer to everything under this path instead of the right one.
    pub(crate) instead: HashMap<&'static str, (u16, &'static str, Vec<u8>)>,
    /// The paths asked.
    pub(crate) asked: Vec<String>,
    /// What the visitor's departure said.
    nonce: String,
    challenge: String,
    back_to: String,
    pub(crate) now: i64,
}

pub(crate) struct Issuer {
    pub(crate) origin: String,
    script: Arc<Mutex<Script>>,
}

impl Issuer {
    pub(crate) async fn open(now: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script = Script {
            claims: Map::new(),
            signing: Signing::Own,
            keys: vec![Key::make("one")],
            description: Map::new(),
            instead: HashMap::new(),
            asked: Vec::new(),
            nonce: String::new(),
            challenge: String::new(),
            back_to: String::new(),
            now,
        };
        let issuer = Self { origin, script: Arc::new(Mutex::new(script)) };
        let (origin, script) = (issuer.origin.clone(), Arc::clone(&issuer.script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (origin, script) = (origin.clone(), Arc::clone(&script));
                tokio::spawn(async move {
                    let serve = service_fn(async |request| answer(&origin, &script, request).await);
                    http1::Builder::new().serve_connection(TokioIo::new(stream), serve).await.ok();
                });
            }
        });
        issuer
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// How often a path was asked.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.script().asked.iter().filter(|asked| *asked == path).count()
    }

    /// What a browser does there: reads the address it was sent to, signs in, and comes back with `code=right` and the state.
    pub(crate) fn visit(&self, address: &str) -> HashMap<String, String> {
        let (place, query) = address.split_once('?').unwrap();
        assert_eq!(place, format!("{}/authorize", self.origin));
        let query: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(
            (
                query["client_id"].as_str(),
                query["response_type"].as_str(),
                query["code_challenge_method"].as_str()
            ),
            (CLIENT, "code", "S256")
        );
        let mut script = self.script();
        script.nonce = query["nonce"].clone();
        script.challenge = query["code_challenge"].clone();
        script.back_to = query["redirect_uri"].clone();
        query
    }

    pub(crate) fn settings(&self) -> ProviderSettings {
        ProviderSettings {
            name: "acme".to_owned(),
            title: "Acme".to_owned(),
            issuer: self.origin.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: Some(SECRET.to_owned().into()),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            portals: None,
            email_domains: Vec::new(),
            accept_amr: Vec::new(),
            prompt: Prompt::SelectAccount,
            ca: None,
        }
    }
}

async fn answer(
    origin: &str,
    script: &Mutex<Script>,
    request: Request<Incoming>,
) -> Result<Response<Full<bytes::Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let basic = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let mut script = script.lock().unwrap();
    script.asked.push(path.clone());
    if let Some((status, kind, body)) = script.instead.get(path.as_str()) {
        let response = Response::builder().status(*status).header(header::CONTENT_TYPE, *kind);
        let response = response.header(header::LOCATION, "/elsewhere");
        return Ok(response.body(Full::from(body.clone())).unwrap());
    }
    let (status, said) = match path.as_str() {
        "/.well-known/openid-configuration" => (200, description(origin, &script)),
        "/keys" => (200, json!({ "keys": script.keys.iter().map(Key::published).collect::<Vec<_>>() })),
        "/token" => token(origin, &script, basic.as_deref(), &body),
        _ => (404, json!({})),
    };
    let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    let response = response.header(header::CONTENT_TYPE, "application/json");
    Ok(response.body(Full::from(said.to_string())).unwrap())
}

fn description(origin: &str, script: &Script) -> Value {
    let mut said = json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "jwks_uri": format!("{origin}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    said.as_object_mut().unwrap().extend(script.description.clone());
    said
}

/// Gives a token for the right code, to the right client, with the right verifier, once.
fn token(origin: &str, script: &Script, basic: Option<&str>, body: &[u8]) -> (u16, Value) {
    let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let encoded: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let client = format!("Basic {}", BASE64.encode(format!("{CLIENT}:{encoded}").as_bytes()));
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let hashed = BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
    let is_right = form["grant_type"] == "authorization_code"
        && form["code"] == "right"
        && form["redirect_uri"] == script.back_to
        && basic == Some(client.as_str())
        && hashed == script.challenge;
    if !is_right {
        return (400, json!({ "error": "invalid_grant" }));
    }
    (
        200,
        json!({ "access_token": "access", "token_type": "Bearer", "id_token": signed(&claims(origin, script), script) }),
    )
}

fn claims(origin: &str, script: &Script) -> Value {
    let half = &digest::digest(&digest::SHA256, b"access").as_ref()[..16].to_vec();
    let mut claims = json!({
        "iss": origin,
        "sub": "subject-7",
        "aud": CLIENT,
        "exp": script.now + 300,
        "iat": script.now,
        "nonce": script.nonce,
        "at_hash": BASE64URL_NOPAD.encode(half),
        "email": "anna@example.com",
        "email_verified": true,
    });
    let all = claims.as_object_mut().unwrap();
    all.extend(script.claims.clone());
    all.retain(|_, value| !value.is_null());
    claims
}

fn signed(claims: &Value, script: &Script) -> String {
    let (alg, kid) = match &script.signing {
        Signing::Own => ("ES256", script.keys[0].kid.as_str()),
        Signing::Stranger(key) => ("ES256", key.kid.as_str()),
        Signing::Secret(_) => ("HS256", script.keys[0].kid.as_str()),
        Signing::Nothing => ("none", script.keys[0].kid.as_str()),
    };
    let header = json!({ "alg": alg, "kid": kid, "typ": "JWT" });
    let said =
        [header, claims.clone()].map(|part| BASE64URL_NOPAD.encode(part.to_string().as_bytes())).join(".");
    let sign = |key: &Key| key.pair.sign(&SystemRandom::new(), said.as_bytes()).unwrap().as_ref().to_vec();
    let signature = match &script.signing {
        Signing::Own => sign(&script.keys[0]),
        Signing::Stranger(key) => sign(key),
        Signing::Secret(secret) => {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), said.as_bytes()).as_ref().to_vec()
        }
        Signing::Nothing => Vec::new(),
    };
    format!("{said}.{}", BASE64URL_NOPAD.encode(&signature))
}
