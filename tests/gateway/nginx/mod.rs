//! Side by side with nginx as a plain proxy: both in front of one upstream, the same requests, and the same at both ends but
//! for what `docs/proxying.md` tells, each difference with its reason.

mod corpus;
mod known;
mod upstream;

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::timeout};

use self::{
    corpus::Case,
    upstream::{Reader, Seen, Side, Upstream},
};
use crate::{
    streaming::SOON,
    trust::signs_in_fully,
    visitor::Visitor,
    world::{Plan, World},
};

/// A running nginx; it ends with its test.
struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    async fn start(folder: &Path, upstream: SocketAddr) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap();
        let place = folder.display();
        let file = folder.join("nginx.conf");
        let temp: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/nginx-{kind};"))
            .concat();
        let text = format!(
            "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/nginx.log;
             events {{ worker_connections 512; }}
             http {{ access_log off; {temp}
               server {{
                 listen {address} ssl http2; ssl_certificate {place}/chain.pem; ssl_certificate_key {place}/key.pem;
                 client_max_body_size 0; client_header_buffer_size 64k; large_client_header_buffers 8 64k;
                 underscores_in_headers on; ignore_invalid_headers off; merge_slashes off;
                 location / {{
                   proxy_pass http://{upstream}; proxy_http_version 1.1; proxy_redirect off;
                   proxy_buffering off; proxy_request_buffering off; proxy_buffer_size 128k; proxy_buffers 8 128k;
                   proxy_set_header Host $http_host; proxy_set_header Connection \"\";
                   proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https;
                   proxy_set_header X-Forwarded-Host $http_host;
                   proxy_pass_header Server; proxy_pass_header Date;
                 }}
               }}
             }}"
        );
        std::fs::write(&file, text).unwrap();
        let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
            .into_iter()
            .find(|program| Path::new(program).exists())
            .expect("nginx is compared with: apt-get install nginx-light");
        let child = Command::new(program)
            .args(["-e", "stderr", "-p"])
            .arg(folder)
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self { child, address };
        let answers = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(SOON, answers).await.expect("nginx starts");
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What stands at both ends of one proxy.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Ends {
    upstream: Option<Seen>,
    visitor: Option<Seen>,
}

/// Fills in who asks and where.
fn fill(bytes: &[u8], host: &str, cookies: &str) -> Vec<u8> {
    let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let head = head.replace("{host}", host);
    let head = match cookies {
        "" => head.replace("Cookie: {cookie}; ", "Cookie: ").replace("Cookie: {cookie}\r\n", ""),
        cookies => head.replace("{cookie}", cookies),
    };
    let head = head.strip_suffix("\r\nCookie: {cookie}").unwrap_or(&head);
    format!("{head}\r\n\r\n{body}").chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
}

async fn ask_1(visitor: &Visitor, cookies: &str, case: &Case, upstream: &Upstream) -> Ends {
    upstream.answers(&case.answer);
    let request = fill(&case.request, &visitor.host, cookies);
    let (mut from, mut to) = tokio::io::split(visitor.connect(&[b"http/1.1"]).await);
    let mut reader = Reader::of(&mut from);
    // Who answers early reads no further.
    let sent = async { to.write_all(&request).await.is_ok() };
    let heard = reader.message(Side::Response { to_head: case.is_head() });
    let (_, answer) = timeout(SOON, async { tokio::join!(sent, heard) }).await.expect("an answer");
    Ends { upstream: upstream.seen(), visitor: answer }
}

async fn ask_2(visitor: &Visitor, cookies: &str, case: &Case, upstream: &Upstream) -> Ends {
    upstream.answers(&case.answer);
    let bytes = fill(&case.request, &visitor.host, cookies);
    let mut source = &bytes[..];
    let said = Reader::of(&mut source).message(Side::Request).await.expect("a request");
    let mut words = said.line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let mut request = Request::builder().method(method).uri(format!("https://{}{target}", visitor.host));
    for (name, value) in &said.fields {
        if name != "host" {
            let value: Vec<u8> =
                value.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
            request = request.header(name, value);
        }
    }
    let request = request.body(Full::new(Bytes::from(said.body))).unwrap();
    let io = TokioIo::new(visitor.connect(&[b"h2"]).await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let answered = timeout(SOON, sender.send_request(request)).await.expect("an answer");
    let visitor = match answered {
        Err(_) => None,
        Ok(response) => {
            let (head, mut body) = response.into_parts();
            let latin = |value: &[u8]| value.iter().map(|&byte| char::from(byte)).collect::<String>();
            let pairs = head.headers.iter();
            let fields = pairs.map(|(name, value)| (name.to_string(), latin(value.as_bytes()))).collect();
            let mut seen = Seen {
                line: format!("HTTP/2 {}", head.status.as_u16()),
                fields,
                is_whole: true,
                ..Seen::default()
            };
            while let Some(frame) = timeout(SOON, body.frame()).await.expect("the body goes on") {
                match frame.map(hyper::body::Frame::into_data) {
                    Ok(Ok(data)) => seen.body.extend_from_slice(&data),
                    Ok(Err(_)) => seen.trailers.push(("trailers".to_owned(), String::new())),
                    Err(_) => seen.is_whole = false,
                }
                if !seen.is_whole {
                    break;
                }
            }
            Some(seen)
        }
    };
    Ends { upstream: upstream.seen(), visitor }
}

/// Takes away what differs everywhere, and why is told in `docs/proxying.md`.
fn level(mut ends: Ends, is_ours: bool) -> Ends {
    if let Some(seen) = &mut ends.upstream {
        for name in ["connection", "x-request-id"] {
            seen.remove(name);
        }
        if is_ours {
            for name in ["remote-user", "remote-name", "remote-email", "remote-groups"] {
                seen.remove(name);
            }
        }
        seen.fields.sort_by(|a, b| a.0.cmp(&b.0));
    }
    if let Some(seen) = &mut ends.visitor {
        for name in
            ["connection", "keep-alive", "transfer-encoding", "x-request-id", "strict-transport-security"]
        {
            seen.remove(name);
        }
        // The upstream's own is compared; of proxies' own the second may have changed.
        if seen.one("date").is_some_and(|date| date != "Sun, 22 Nov 2026 03:00:00 GMT") {
            seen.remove("date");
        }
        seen.fields.sort_by(|a, b| a.0.cmp(&b.0));
    }
    ends
}

/// What Vestibule says to who is signed in where the upstream says nothing.
fn without_private(mut ends: Ends) -> Ends {
    if let Some(seen) = &mut ends.visitor {
        seen.fields.retain(|(name, value)| name != "cache-control" || value != "private");
    }
    ends
}

#[tokio::test]
async fn the_same_comes_out_at_both_ends_as_behind_nginx() {
    let upstream = Upstream::start().await;
    let world = World::plan(Plan {
        upstream: Some(format!("upstream = \"http://{}\"", upstream.address)),
        ..Default::default()
    })
    .await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    let cookies =
        anna.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let nginx = Nginx::start(world.folder.path(), upstream.address).await;
    let mut plain = world.visitor();
    plain.gateway = nginx.address;

    let cases = corpus::all();
    assert!(cases.len() >= 200, "{}", cases.len());
    let mut unlike = Vec::new();
    for case in &cases {
        let says_private = String::from_utf8_lossy(&case.answer).contains("Cache-Control: private");
        for version_2 in [false, true] {
            if version_2 && !case.has_h2() {
                continue;
            }
            let (ours, theirs) = if version_2 {
                (ask_2(&anna, &cookies, case, &upstream).await, ask_2(&plain, "", case, &upstream).await)
            } else {
                (ask_1(&anna, &cookies, case, &upstream).await, ask_1(&plain, "", case, &upstream).await)
            };
            let ours = level(ours, true);
            let ours = if says_private { ours } else { without_private(ours) };
            let theirs = level(theirs, false);
            let known = known::reason(&case.name, version_2);
            match known {
                None if ours != theirs => {
                    unlike.push(format!(
                        "{} ({version_2})\n  ours   {}\n  theirs {}",
                        case.name,
                        brief(&ours),
                        brief(&theirs)
                    ));
                }
                Some(reason) if ours == theirs => {
                    unlike.push(format!("{} ({version_2}) is alike by now: {reason}", case.name));
                }
                _ => {}
            }
        }
    }
    println!("{} cases", cases.len());
    assert!(unlike.is_empty(), "{} unlike:\n{}", unlike.len(), unlike.join("\n"));
}

#[test]
fn each_difference_from_nginx_is_told_with_its_reason() {
    let told = include_str!("../../../docs/proxying.md");
    for reason in known::reasons() {
        assert!(told.contains(reason), "docs/proxying.md does not say: {reason}");
    }
}

fn brief(ends: &Ends) -> String {
    format!("{ends:?}").chars().take(1500).collect()
}
