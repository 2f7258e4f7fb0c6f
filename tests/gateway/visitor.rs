//! A visitor with a browser: a cookie jar, forms filled in as the page gave them, redirects looked at.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field of the page.
    pub(crate) fn hidden(&self, name: &str) -> Option<String> {
        let text = self.text();
        let at = text.find(&format!("name=\"{name}\""))?;
        let start = text[..at].rfind('<')?;
        let tag = &text[start..start + text[start..].find('>')?];
        let value = tag.split("value=\"").nth(1)?.split('"').next()?;
        Some(value.replace("&#38;", "&").replace("&amp;", "&").replace("&#61;", "="))
    }

    #[track_caller]
    pub(crate) fn reaches_the_portal(&self) -> &Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(self.text().contains("the portal's own page"), "{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn leads_to(&self, place: &str) -> &Self {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        assert!(self.location().starts_with(place), "leads to {}, not {place}", self.location());
        self
    }

    #[track_caller]
    pub(crate) fn meets_login(&self) -> &Self {
        self.leads_to("/.vestibule/login")
    }

    #[track_caller]
    pub(crate) fn meets_second_factor(&self) -> &Self {
        self.leads_to("/.vestibule/second-factor")
    }

    #[track_caller]
    pub(crate) fn has_status(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

/// A browser of one person, at one address.
pub(crate) struct Visitor {
    pub(crate) gateway: SocketAddr,
    pub(crate) host: String,
    pub(crate) from: IpAddr,
    pub(crate) jar: BTreeMap<String, String>,
    pub(crate) extra: Vec<(String, String)>,
    /// What a proxy in front sends before TLS begins.
    pub(crate) says_first: Vec<u8>,
    roots: Arc<RootCertStore>,
    page: Option<Answer>,
}

impl Visitor {
    pub(crate) fn new(gateway: SocketAddr, host: &str, roots: Arc<RootCertStore>) -> Self {
        Self {
            gateway,
            host: host.to_owned(),
            from: IpAddr::from([127, 0, 0, 1]),
            jar: BTreeMap::new(),
            extra: Vec::new(),
            says_first: Vec::new(),
            roots,
            page: None,
        }
    }

    /// The same browser somewhere else.
    pub(crate) fn moves_to(&mut self, from: &str) -> &mut Self {
        self.from = from.parse().unwrap();
        self
    }

    /// A TLS connection, from the visitor's address.
    pub(crate) async fn connect(&self, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
        self.try_connect(alpn).await.unwrap()
    }

    /// The same where it may be refused.
    pub(crate) async fn try_connect(&self, alpn: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(self.from, 0)).unwrap();
        let mut stream = socket.connect(self.gateway).await.unwrap();
        stream.write_all(&self.says_first).await?;
        let mut config =
            ClientConfig::builder().with_root_certificates(self.roots.clone()).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let name = self.host.split(':').next().unwrap().to_owned();
        let name = ServerName::try_from(name).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    fn cookies(&self) -> String {
        self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// A request as the visitor's browser would send it, before it is sent.
    pub(crate) fn request(&self, method: Method, target: &str) -> http::request::Builder {
        let mut request = Request::builder().method(method).uri(target).header("host", &self.host);
        if !self.jar.is_empty() {
            request = request.header("cookie", self.cookies());
        }
        for (name, value) in &self.extra {
            request = request.header(name, value);
        }
        request
    }

    /// Sends a request on a connection of its own and keeps the cookies of the answer.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Answer {
        let stream = self.connect(&[b"http/1.1"]).await;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let driver = tokio::spawn(connection.with_upgrades());
        let response = sender.send_request(request).await.expect("the gateway answers");
        let answer = self.keep(response).await;
        driver.abort();
        answer
    }

    /// The same over HTTP/2.
    pub(crate) async fn send_h2(&mut self, request: Request<Full<Bytes>>) -> Answer {
        let stream = self.connect(&[b"h2"]).await;
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let driver = tokio::spawn(connection);
        let (mut head, body) = request.into_parts();
        head.headers.remove("host");
        let target = head.uri.path_and_query().unwrap().to_string();
        head.uri = format!("https://{}{target}", self.host).parse().unwrap();
        let response =
            sender.send_request(Request::from_parts(head, body)).await.expect("the gateway answers");
        let answer = self.keep(response).await;
        driver.abort();
        answer
    }

    async fn keep(&mut self, response: Response<hyper::body::Incoming>) -> Answer {
        let (head, body) = response.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        for value in head.headers.get_all("set-cookie") {
            let cookie = cookie::Cookie::parse(value.to_str().unwrap().to_owned()).unwrap();
            let over = cookie.max_age().is_some_and(|age| age.is_zero());
            if over || cookie.value().is_empty() {
                self.jar.remove(cookie.name());
            } else {
                self.jar.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        Answer { status: head.status, headers: head.headers, body }
    }

    /// Goes to a page, as a person does.
    pub(crate) async fn get(&mut self, target: &str) -> Answer {
        let request = self
            .request(Method::GET, target)
            .header("accept", "text/html,application/xhtml+xml")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-site", "same-origin")
            .body(Full::default())
            .unwrap();
        self.send(request).await
    }

    /// Asks as a script does.
    pub(crate) async fn fetch(&mut self, target: &str) -> Answer {
        let request =
            self.request(Method::GET, target).header("sec-fetch-mode", "cors").body(Full::default()).unwrap();
        self.send(request).await
    }

    /// Opens a page and remembers it as the one whose form is filled in next.
    pub(crate) async fn open(&mut self, target: &str) -> &Answer {
        let page = self.get(target).await;
        self.page.insert(page)
    }

    /// Posts a form with these fields beside the hidden ones of the page last opened.
    pub(crate) async fn submit(&mut self, target: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all: Vec<(String, String)> =
            fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        for hidden in ["csrf", "return_to"] {
            let value = self.page.as_ref().and_then(|page| page.hidden(hidden));
            if let Some(value) = value.filter(|_| !fields.iter().any(|(name, _)| *name == hidden)) {
                all.push((hidden.to_owned(), value));
            }
        }
        self.post(target, &all).await
    }

    /// Posts exactly these fields.
    pub(crate) async fn post(&mut self, target: &str, fields: &[(String, String)]) -> Answer {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let body: Vec<_> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = self
            .request(Method::POST, target)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .header("origin", format!("https://{}", self.host))
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .body(Full::new(Bytes::from(body.join("&"))))
            .unwrap();
        let answer = self.send(request).await;
        if answer.status == StatusCode::OK || answer.status.is_client_error() {
            let copy =
                Answer { status: answer.status, headers: answer.headers.clone(), body: answer.body.clone() };
            if copy.hidden("csrf").is_some() {
                self.page = Some(copy);
            }
        }
        answer
    }

    /// Signs in with a password, starting from `target`; the answer is what follows the password.
    pub(crate) async fn signs_in(&mut self, target: &str, name: &str, password: &str) -> Answer {
        let first = self.get(target).await;
        let login = first.meets_login().location().to_owned();
        self.open(&login).await;
        self.submit("/.vestibule/login", &[("username", name), ("password", password)]).await
    }

    /// Signs in with the password in the place of the session that is here, as anna.
    pub(crate) async fn signs_in_again(&mut self) {
        self.jar.remove("__Host-vestibule");
        self.open("/.vestibule/login").await;
        let fields = [("username", "anna"), ("password", crate::world::PASSWORD)];
        self.submit("/.vestibule/login", &fields).await.leads_to("/");
    }

    /// Forgets the session, as when the browser was closed and its session ended; the device's trust stays.
    pub(crate) fn loses_the_session(&mut self) {
        let kept = ["__Host-vestibule-device", "__Host-vestibule-browser"];
        self.jar.retain(|name, _| kept.contains(&name.as_str()));
    }
}
