//! Visitors who send nothing and upstreams that are all taken.

use std::time::Duration;

use tokio::time::timeout;

use super::{
    OK, UpstreamFault,
    bench::{Bench, Turn, local},
};

const SOON: Duration = Duration::from_secs(10);
const NOW: Duration = Duration::from_millis(100);

const GET: &str = "GET / HTTP/1.1\r\nHost: wiki.example.com\r\nConnection: close\r\n\r\n";
const POST: &str =
    "POST / HTTP/1.1\r\nHost: wiki.example.com\r\nContent-Length: 3\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn who_sends_nothing_more_is_too_slow_long_before_the_idle_timeout() {
    local(async {
        let mut bench = Bench::new(&[Turn::Silence]).await;
        bench.build(|upstream| upstream.idle_timeout = Duration::from_secs(3600));
        bench.hurry_uploads(NOW);
        timeout(SOON, bench.ask(&format!("{POST}a"))).await.expect("the upload is cut");
        assert!(matches!(bench.fault(), UpstreamFault::VisitorBroke));
    })
    .await;
}

#[tokio::test]
async fn no_upstream_gets_more_connections_than_there_are_seats() {
    local(async {
        let mut bench = Bench::new(&[Turn::Silence]).await;
        bench.seats(1, NOW);
        let mut first = bench.connect();
        first.send(GET).await;
        while bench.heads() == 0 {
            tokio::task::yield_now().await;
        }
        timeout(SOON, bench.ask(GET)).await.expect("the second is told");
        assert!(matches!(bench.fault(), UpstreamFault::Busy));
        assert_eq!(bench.connections(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_waits_for_a_seat_gets_the_connection_given_back() {
    local(async {
        let mut bench = Bench::new(&[Turn::AfterBody("abc", OK), Turn::Answer(OK)]).await;
        bench.seats(1, SOON);
        let mut first = bench.connect();
        first.send(&format!("{POST}ab")).await;
        while bench.connections() == 0 {
            tokio::task::yield_now().await;
        }
        let mut second = bench.connect();
        second.send(GET).await;
        tokio::time::sleep(NOW).await;
        assert_eq!(bench.connections(), 1);
        first.send("c").await;
        for visitor in [first, second] {
            let answer = timeout(SOON, visitor.rest()).await.expect("both are answered");
            assert!(answer.ends_with("ok"), "{answer}");
        }
        assert_eq!((bench.heads(), bench.connections()), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn a_tunnel_keeps_its_seat_until_it_ends() {
    local(async {
        let mut bench = Bench::new(&[Turn::Tunnel(super::SWITCHED), Turn::Answer(OK)]).await;
        bench.seats(1, NOW);
        let mut visitor = bench.connect();
        visitor.send(super::HANDSHAKE).await;
        visitor.hear("\r\n\r\n").await;
        visitor.send("ping").await;
        visitor.hear("ping").await;
        bench.ask(GET).await;
        assert!(matches!(bench.fault(), UpstreamFault::Busy));
        bench.end_session();
        visitor.rest().await;
        assert!(bench.ask(GET).await.ends_with("ok"));
    })
    .await;
}
