//! A visitor, `forward`, and an upstream that follows a script.

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    future::Future,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use http::{HeaderName, Method, Response, StatusCode, uri::PathAndQuery};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    net::{TcpListener, TcpStream},
    task::LocalSet,
};

use crate::{
    config::settings::{IdentityHeaders, PortalSettings, UpstreamHost, UpstreamSettings},
    domain::{
        factor,
        facts::{Host, RequestFacts, RequestId, RequestKind},
        identity::{CredentialMark, Origin, Person, Requirement, RequirementSource, UserId},
        path::NormalPath,
        policy::{
            Decision, Level, PathPattern, Permit, Policy, PortalIndex, PortalRules, Rule, RuleId, StepUp,
        },
        standing::{Known, Second, Standing},
        time::Timestamp,
    },
    proxy::{Body, Connections, Envelope, Leash, UpstreamFault, Upstreams, forward},
};

/// What the upstream does with its next request, counted over all connections.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    Answer(&'static str),
    AnswerAndClose(&'static str),
    /// Reads on until the body ends like this.
    AfterBody(&'static str, &'static str),
    Close,
    Silence,
    /// Answers and echoes from then on.
    Tunnel(&'static str),
}

pub(super) struct Bench {
    pub(super) level: Level,
    pub(super) person: Person,
    settings: PortalSettings,
    upstreams: Rc<Upstreams>,
    connections: Rc<Connections>,
    script: Rc<Script>,
    fault: Rc<RefCell<Option<UpstreamFault>>>,
    is_over: Rc<Cell<bool>>,
}

#[derive(Default)]
struct Script {
    turns: RefCell<Vec<Turn>>,
    heard: RefCell<Vec<String>>,
    connections: Cell<usize>,
}

pub(super) async fn local<F: Future<Output = ()>>(test: F) {
    LocalSet::new().run_until(test).await;
}

pub(super) fn anna() -> Person {
    let id = UserId::new("anna");
    Person {
        credential: CredentialMark::of(&id, None),
        id,
        name: "anna".to_owned(),
        display_name: "Anna Ångström".to_owned(),
        email: None,
        phone: None,
        groups: vec!["office".to_owned(), "staff".to_owned()],
        password: None,
        requirement: Requirement::Off,
        requirement_source: RequirementSource::Everybody,
        disabled: false,
        closed_group: None,
        origin: Origin::File,
    }
}

impl Bench {
    pub(super) async fn new(turns: &[Turn]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Rc::new(Script::default());
        script.turns.borrow_mut().extend(turns.iter().rev());
        let following = script.clone();
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                following.connections.set(following.connections.get() + 1);
                tokio::task::spawn_local(follow(stream, following.clone()));
            }
        });
        let name = |name| Some(HeaderName::from_static(name));
        let settings = PortalSettings {
            name: "wiki".to_owned(),
            title: "Wiki".to_owned(),
            issuer: "Wiki".to_owned(),
            hosts: vec![Host::read("wiki.example.com").unwrap()],
            upstream: Some(UpstreamSettings {
                url: format!("http://{address}").parse().unwrap(),
                host: UpstreamHost::Preserve,
                ca: None,
                connect_timeout: Duration::from_secs(5),
                response_timeout: Duration::from_secs(5),
                idle_timeout: Duration::from_secs(5),
            }),
            identity: IdentityHeaders {
                user: name("remote-user"),
                name: name("remote-name"),
                email: name("remote-email"),
                groups: name("remote-groups"),
            },
            support: None,
            brand: Default::default(),
            landing: None,
            badge: false,
            start: Default::default(),
            sign_in: vec![crate::config::settings::SignIn::Password],
        };
        Self {
            level: Level::OneFactor,
            person: anna(),
            upstreams: Rc::new(build(&settings)),
            settings,
            connections: Rc::new(Connections::for_workers(1)),
            script,
            fault: Rc::default(),
            is_over: Rc::default(),
        }
    }

    pub(super) fn build(&mut self, change: impl FnOnce(&mut UpstreamSettings)) {
        change(self.settings.upstream.as_mut().unwrap());
        self.upstreams = Rc::new(build(&self.settings));
    }

    /// Uploads may be slow for this long.
    pub(super) fn hurry_uploads(&mut self, patience: Duration) {
        for upstream in Rc::get_mut(&mut self.upstreams).unwrap().each() {
            upstream.upload_patience = patience;
        }
    }

    /// So many connections at once; more wait for one.
    pub(super) fn seats(&mut self, most: usize, wait: Duration) {
        self.connections = Rc::new(Connections::at_most(most, wait));
    }

    /// What the upstream heard of request `number`.
    pub(super) fn heard(&self, number: usize) -> String {
        self.script.heard.borrow()[number].clone()
    }

    pub(super) fn heads(&self) -> usize {
        self.script.heard.borrow().len()
    }

    pub(super) fn connections(&self) -> usize {
        self.script.connections.get()
    }

    pub(super) fn fault(&self) -> UpstreamFault {
        self.fault.borrow_mut().take().expect("a fault")
    }

    pub(super) fn end_session(&self) {
        self.is_over.set(true);
    }

    pub(super) async fn ask_simply(&self) -> String {
        self.ask("GET / HTTP/1.1\r\nHost: wiki.example.com\r\nConnection: close\r\n\r\n").await
    }

    /// Sends bytes and returns everything that comes back.
    pub(super) async fn ask(&self, request: &str) -> String {
        let mut visitor = self.connect();
        visitor.send(request).await;
        visitor.rest().await
    }

    pub(super) fn connect(&self) -> Visitor {
        let (ours, theirs) = duplex(64 * 1024);
        let (upstreams, connections) = (self.upstreams.clone(), self.connections.clone());
        let (fault, is_over) = (self.fault.clone(), self.is_over.clone());
        let (level, person) = (self.level, Arc::new(self.person.clone()));
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let (upstreams, connections) = (upstreams.clone(), connections.clone());
            let (fault, is_over) = (fault.clone(), is_over.clone());
            let permit =
                permit(level, person.clone(), request.method(), request.uri().path_and_query().unwrap());
            async move {
                let id = RequestId::new([7; 16]);
                let leash = move || -> Leash {
                    let is_over = is_over.clone();
                    Box::new(move || is_over.get())
                };
                let envelope = Envelope {
                    id: &id,
                    client: "203.0.113.9".parse().unwrap(),
                    forwarded_for: None,
                    authority: "wiki.example.com",
                    leash: &leash,
                    witness: &|| Box::new(|_| ()),
                };
                let response = forward(&connections, &upstreams, permit, envelope, request).await;
                Ok::<_, Infallible>(response.unwrap_or_else(|why| {
                    *fault.borrow_mut() = Some(why);
                    let mut response = Response::new(Body::empty());
                    *response.status_mut() = StatusCode::BAD_GATEWAY;
                    response
                }))
            }
        });
        tokio::task::spawn_local(async move {
            // Some visitors break off on purpose.
            let _ =
                http1::Builder::new().serve_connection(TokioIo::new(theirs), service).with_upgrades().await;
        });
        Visitor(ours)
    }
}

pub(super) struct Visitor(DuplexStream);

impl Visitor {
    pub(super) async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads up to and including `end`.
    pub(super) async fn hear(&mut self, end: &str) -> String {
        let mut heard = String::new();
        while !heard.ends_with(end) {
            heard.push(char::from(self.0.read_u8().await.unwrap()));
        }
        heard
    }

    pub(super) async fn rest(mut self) -> String {
        let mut heard = Vec::new();
        self.0.read_to_end(&mut heard).await.unwrap();
        String::from_utf8(heard).unwrap()
    }
}

fn build(settings: &PortalSettings) -> Upstreams {
    let identity = ["remote-user", "remote-name", "remote-email", "remote-groups"];
    Upstreams::build(std::slice::from_ref(settings), &identity.map(HeaderName::from_static)).unwrap()
}

fn permit(level: Level, person: Arc<Person>, method: &Method, target: &PathAndQuery) -> Permit {
    let host = Host::read("wiki.example.com").unwrap();
    let rule = Rule {
        id: RuleId::new("wiki", 1),
        path: PathPattern::compile("/**").unwrap(),
        methods: Vec::new(),
        networks: Vec::new(),
        subjects: Vec::new(),
        level,
        step_up: StepUp::default(),
    };
    let policy = Policy::new(vec![PortalRules {
        name: "wiki".into(),
        hosts: vec![host.clone()],
        open: true,
        rules: vec![rule],
    }]);
    let facts = RequestFacts {
        id: RequestId::new([7; 16]),
        method: method.clone(),
        host,
        authority: "wiki.example.com".to_owned(),
        path: NormalPath::read(target).unwrap(),
        client: "203.0.113.9".parse().unwrap(),
        kind: RequestKind::Navigation,
    };
    let standing = Standing::Known(Known {
        person,
        second: Second::Passed { method: factor::Method::Totp, at: Timestamp::from_unix(0) },
        wants_second_factor: false,
        since: Timestamp::from_unix(0),
    });
    match policy.decide(PortalIndex(0), &facts, &standing, Timestamp::from_unix(0)) {
        Decision::Allow(permit) => permit,
        other => panic!("{other:?}"),
    }
}

async fn follow(mut stream: TcpStream, script: Rc<Script>) {
    loop {
        let Some(mut heard) = read_until(&mut stream, String::new(), "\r\n\r\n").await else { return };
        let turn = script.turns.borrow_mut().pop().expect("no more requests than turns");
        if let Turn::AfterBody(end, _) = turn {
            let Some(more) = read_until(&mut stream, heard, end).await else { return };
            heard = more;
        }
        script.heard.borrow_mut().push(heard);
        match turn {
            Turn::Answer(text) | Turn::AfterBody(_, text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Turn::AnswerAndClose(text) => return stream.write_all(text.as_bytes()).await.unwrap(),
            Turn::Close => return,
            Turn::Silence => std::future::pending().await,
            Turn::Tunnel(text) => {
                stream.write_all(text.as_bytes()).await.unwrap();
                let (mut reader, mut writer) = stream.split();
                // Ends when the tunnel is cut.
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
                return;
            }
        }
    }
}

async fn read_until(stream: &mut TcpStream, mut heard: String, end: &str) -> Option<String> {
    let mut bytes = heard.into_bytes();
    while !bytes.ends_with(end.as_bytes()) {
        bytes.push(stream.read_u8().await.ok()?);
    }
    heard = String::from_utf8(bytes).unwrap();
    Some(heard)
}
