//! Requests all the way through real sockets: a visitor's bytes in, an upstream's bytes out, and back.

mod bench;
mod slow;

use std::time::Duration;

use self::bench::{Bench, Turn, anna, local};
use super::UpstreamFault;
use crate::domain::policy::Level;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn a_known_visitor_is_named_once_and_every_alias_is_gone() {
    local(async {
        let bench = Bench::new(&[Turn::Answer(OK)]).await;
        let answer = bench
            .ask(
                "GET /reports?month=11 HTTP/1.1\r\nHost: wiki.example.com\r\nremote-user: root\r\n\
                 Remote_User: root\r\nREMOTE.USER: root\r\nremote--user: root\r\nRemote-Groups: admins\r\n\
                 X-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n\
                 X-Request-Id: mine\r\nConnection: close, Remote-User, X-Forwarded-For, X-Secret\r\n\
                 X-Secret: y\r\nX-Kept: yes\r\nTE: trailers\r\n\
                 Cookie: a=1; __Host-vestibule=secret\r\n\r\n",
            )
            .await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let head = bench.heard(0);
        assert!(head.starts_with("GET /reports?month=11 HTTP/1.1\r\nHost: wiki.example.com\r\n"), "{head}");
        let mut names: Vec<_> = head.lines().skip(1).filter_map(|l| l.split_once(": ")).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                ("Cookie", "a=1"),
                ("Host", "wiki.example.com"),
                ("Remote-Groups", "office,staff"),
                ("Remote-Name", "Anna Ångström"),
                ("Remote-User", "anna"),
                ("X-Forwarded-For", "203.0.113.9"),
                ("X-Forwarded-Host", "wiki.example.com"),
                ("X-Forwarded-Proto", "https"),
                ("X-Kept", "yes"),
                ("X-Request-Id", "07070707070707070707070707070707"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_public_path_names_nobody_whatever_the_visitor_says() {
    local(async {
        let mut bench = Bench::new(&[Turn::Answer(OK)]).await;
        bench.level = Level::Bypass;
        bench
            .ask("GET / HTTP/1.1\r\nHost: wiki.example.com\r\nRemote-User: root\r\nREMOTE_EMAIL: r@x\r\nConnection: close\r\n\r\n")
            .await;
        assert!(!bench.heard(0).to_lowercase().contains("remote"), "{}", bench.heard(0));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_said_of_a_person_is_not_forwarded() {
    local(async {
        let spoilers: [fn(&mut crate::domain::identity::Person); 3] = [
            |person| person.display_name = "Anna\r\nRemote-User: root".to_owned(),
            |person| person.groups = vec!["office,admins".to_owned()],
            |person| person.name = String::new(),
        ];
        for spoil in spoilers {
            let mut bench = Bench::new(&[Turn::Answer(OK)]).await;
            let mut person = anna();
            spoil(&mut person);
            bench.person = person;
            bench.ask_simply().await;
            assert!(matches!(bench.fault(), UpstreamFault::Broken(_)));
            assert_eq!(bench.heads(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_response_loses_what_the_upstream_may_not_say() {
    local(async {
        let bench = Bench::new(&[Turn::Answer(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: wiki=1\r\nSet-Cookie: __host-vestibule=x\r\n\
             Clear-Site-Data: \"*\"\r\nAlt-Svc: h3=\":443\"\r\nStrict-Transport-Security: max-age=0\r\nKeep-Alive: timeout=5\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\
             X-Request-Id: theirs\r\nServer: wiki\r\n\r\nok",
        )])
        .await;
        let answer = bench.ask_simply().await.to_lowercase();
        for gone in ["vestibule", "clear-site-data", "alt-svc", "strict-transport", "keep-alive", "x-hop", "theirs"] {
            assert!(!answer.contains(gone), "{gone}: {answer}");
        }
        for kept in ["set-cookie: wiki=1", "server: wiki", "cache-control: private", "x-request-id: 0707"] {
            assert!(answer.contains(kept), "{kept}: {answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_ambiguous_response_is_no_response() {
    local(async {
        for bad in [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-A: 1\r\n folded\r\nContent-Length: 2\r\n\r\nok",
            "what is this\r\n\r\n",
        ] {
            let bench = Bench::new(&[Turn::Answer(bad), Turn::Answer(bad)]).await;
            bench.ask_simply().await;
            assert!(matches!(bench.fault(), UpstreamFault::Garbled(_)), "{bad}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    local(async {
        let bench = Bench::new(&[Turn::Answer(OK), Turn::Answer(OK), Turn::Answer(OK)]).await;
        for _ in 0..3 {
            assert!(bench.ask_simply().await.ends_with("ok"));
        }
        assert_eq!((bench.heads(), bench.connections()), (3, 1));
    })
    .await;
}

#[tokio::test]
async fn a_stale_connection_costs_a_safe_request_nothing_and_a_post_is_never_sent_twice() {
    local(async {
        let bench = Bench::new(&[Turn::Answer(OK), Turn::Close, Turn::Answer(OK)]).await;
        bench.ask_simply().await;
        assert!(bench.ask_simply().await.ends_with("ok"));
        assert_eq!((bench.heads(), bench.connections()), (3, 2));

        let bench = Bench::new(&[Turn::Answer(OK), Turn::Close, Turn::Answer(OK)]).await;
        bench.ask_simply().await;
        bench
            .ask("POST / HTTP/1.1\r\nHost: wiki.example.com\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
            .await;
        assert!(matches!(bench.fault(), UpstreamFault::Broken(_)));
        assert_eq!((bench.heads(), bench.connections()), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn a_response_cut_short_is_cut_short_for_the_visitor() {
    local(async {
        for cut in [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
        ] {
            let bench = Bench::new(&[Turn::AnswerAndClose(cut)]).await;
            let answer = bench.ask_simply().await;
            assert!(!answer.contains("0\r\n\r\n"), "{answer}");
            assert!(answer.contains("ontent-length: 10") || answer.contains("chunked"), "{answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn silence_and_absence_of_an_upstream_are_told_apart() {
    local(async {
        let mut bench = Bench::new(&[Turn::Silence]).await;
        bench.build(|upstream| upstream.response_timeout = Duration::from_millis(100));
        bench.ask_simply().await;
        assert!(matches!(bench.fault(), UpstreamFault::TooSlow));

        let mut bench = Bench::new(&[]).await;
        bench.build(|upstream| upstream.url = "http://127.0.0.1:1".parse().unwrap());
        bench.ask_simply().await;
        assert!(matches!(bench.fault(), UpstreamFault::Unreachable(_)));
    })
    .await;
}

#[tokio::test]
async fn an_upload_keeps_its_bytes_and_its_trailers_stay_behind() {
    local(async {
        let bench = Bench::new(&[Turn::AfterBody("0\r\n\r\n", OK)]).await;
        let answer = bench
            .ask(
                "POST /upload HTTP/1.1\r\nHost: wiki.example.com\r\nTransfer-Encoding: chunked\r\n\
                 Trailer: Remote-User\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nRemote-User: root\r\n\r\n",
            )
            .await;
        assert!(answer.ends_with("ok"), "{answer}");
        let heard = bench.heard(0);
        assert!(heard.contains("Transfer-Encoding: chunked"), "{heard}");
        assert!(heard.ends_with("3\r\nabc\r\n0\r\n\r\n"), "{heard}");
        assert!(!heard.contains("root") && !heard.contains("Trailer"), "{heard}");
    })
    .await;
}

#[tokio::test]
async fn trailers_of_a_response_pass_to_who_asked_and_say_nothing_of_the_head() {
    const TRAILED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
                           Trailer: X-Sum, Set-Cookie, x-accel-redirect\r\nTrailer: Grpc-Status\r\n\r\n2\r\nok\r\n0\r\n\
                           X-Sum: 7\r\nSet-Cookie: a=1\r\nX-Accel-Redirect: /\r\nGrpc-Status: 0\r\nCache-Control: public\r\n\r\n";
    local(async {
        let bench = Bench::new(&[Turn::Answer(TRAILED), Turn::Answer(TRAILED)]).await;
        let ask = async |asks: &str| {
            let head = format!("GET / HTTP/1.1\r\nHost: wiki.example.com\r\nConnection: close\r\n{asks}\r\n");
            bench.ask(&head).await.to_lowercase()
        };
        let answer = ask("TE: gzip, Trailers\r\n").await;
        assert!(answer.contains("\r\ntrailer: x-sum, grpc-status\r\n"), "{answer}");
        let (_, trailers) = answer.split_once("\r\n0\r\n").expect("a last chunk");
        let mut trailers: Vec<_> = trailers.trim().lines().collect();
        trailers.sort_unstable();
        assert_eq!(trailers, ["grpc-status: 0", "x-sum: 7"]);
        let answer = ask("").await;
        assert!(answer.ends_with("2\r\nok\r\n0\r\n\r\n") && !answer.contains("trailer"), "{answer}");
        assert_eq!((bench.heads(), bench.connections()), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_stops_is_the_visitors_fault() {
    local(async {
        let mut bench = Bench::new(&[Turn::Silence]).await;
        bench.build(|upstream| upstream.idle_timeout = Duration::from_millis(100));
        bench
            .ask("POST / HTTP/1.1\r\nHost: wiki.example.com\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc")
            .await;
        assert!(matches!(bench.fault(), UpstreamFault::VisitorBroke));
    })
    .await;
}

const HANDSHAKE: &str = "GET /socket HTTP/1.1\r\nHost: wiki.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways_until_the_session_ends() {
    local(async {
        let bench = Bench::new(&[Turn::Tunnel(SWITCHED)]).await;
        let mut visitor = bench.connect();
        visitor.send(HANDSHAKE).await;
        let head = visitor.hear("\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(head.to_lowercase().contains("upgrade: websocket"), "{head}");
        visitor.send("ping").await;
        assert_eq!(visitor.hear("ping").await, "ping");
        assert!(bench.heard(0).contains("Upgrade: websocket"));
        bench.end_session();
        assert_eq!(visitor.rest().await, "");
    })
    .await;
}

#[tokio::test]
async fn other_upgrades_are_taken_off() {
    local(async {
        let bench = Bench::new(&[Turn::Answer(OK)]).await;
        let answer = bench
            .ask(
                "GET / HTTP/1.1\r\nHost: wiki.example.com\r\nConnection: close, Upgrade, HTTP2-Settings\r\n\
                 Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
            )
            .await;
        assert!(answer.ends_with("ok"), "{answer}");
        let heard = bench.heard(0).to_lowercase();
        assert!(!heard.contains("upgrade") && !heard.contains("http2"), "{heard}");
    })
    .await;
}
