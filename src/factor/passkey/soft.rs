//! An authenticator in software, for tests: it does what it is told, and lies when it is told to.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// One key pair, and what it says of itself.
#[derive(Clone)]
pub(crate) struct SoftPasskey {
    pub(super) key: std::sync::Arc<EcdsaKeyPair>,
    /// What it calls itself.
    pub(crate) id: Vec<u8>,
    /// Whom it was made for, as the options said.
    pub(crate) handle: String,
    /// The origin the browser is at.
    pub(crate) origin: String,
    /// The host it signs for.
    pub(crate) host: String,
    /// Uses so far; sent as they are.
    pub(crate) counter: u32,
    /// Whether its user unlocked it.
    pub(crate) unlocked: bool,
}

impl SoftPasskey {
    /// Makes one that answers a question for a new passkey.
    pub(crate) fn make(origin: &str, options: &str) -> (Self, String) {
        let options: Value = serde_json::from_str(options).unwrap();
        let host = options["publicKey"]["rp"]["id"].as_str().unwrap().to_owned();
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let mut id = vec![0; 32];
        aws_lc_rs::rand::SecureRandom::fill(&SystemRandom::new(), &mut id).unwrap();
        let handle = options["publicKey"]["user"]["id"].as_str().unwrap().to_owned();
        let new =
            Self { key: key.into(), id, handle, origin: origin.to_owned(), host, counter: 0, unlocked: true };
        let answer = new.register(&options);
        (new, answer)
    }

    fn register(&self, options: &Value) -> String {
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend((self.id.len() as u16).to_be_bytes());
        data.extend(&self.id);
        // A COSE key: EC2, ES256, P-256, x, y.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]);
        let point = self.key.public_key().as_ref();
        assert_eq!((point.len(), point[0]), (65, 4));
        data.extend([0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..]);
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x59");
        object.extend((data.len() as u16).to_be_bytes());
        object.extend(data);
        let client = self.client_data("webauthn.create", options);
        self.wrap(&json!({"attestationObject": text(&object), "clientDataJSON": text(client.as_bytes())}))
    }

    /// Answers a question, one use further on.
    pub(crate) fn answer(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        self.counter += 1;
        let data = self.data(0);
        let client = self.client_data("webauthn.get", &options);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, client.as_bytes()).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.wrap(&json!({
            "authenticatorData": text(&data),
            "clientDataJSON": text(client.as_bytes()),
            "signature": text(signature.as_ref()),
            "userHandle": self.handle,
        }))
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.host.as_bytes()).as_ref().to_vec();
        data.push(0x01 | if self.unlocked { 0x04 } else { 0 } | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let challenge = &options["publicKey"]["challenge"];
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string()
    }

    fn wrap(&self, response: &Value) -> String {
        let id = text(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response, "extensions": {}})
            .to_string()
    }
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
