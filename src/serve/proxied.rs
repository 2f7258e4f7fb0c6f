//! The PROXY protocol, versions 1 and 2: a listed peer in front of us says first whose connection it hands on.
//!
//! A listed peer must say it; from anybody else the same bytes are no TLS and no HTTP, and fail as such. Only the header is
//! read, not a byte of what follows, so that the stream goes on as if the visitor had come directly.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use proxy_protocol_rs::{ParseError, TransportProtocol, V2_SIGNATURE, parse};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time,
};

/// Where a connection comes from, and which port was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Caller {
    pub(super) peer: SocketAddr,
    pub(super) port: u16,
}

/// Why a listed peer's connection is closed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSaid {
    #[error("no PROXY header came in time")]
    TooSlow,
    #[error("it broke off: {0}")]
    Broken(#[from] io::Error),
    #[error("it does not begin with a PROXY header")]
    Missing,
    #[error("the PROXY header is too long")]
    TooLong,
    #[error("the PROXY header is wrong: {0}")]
    Wrong(#[from] ParseError),
    #[error("the PROXY header is for datagrams")]
    Datagrams,
}

/// The end of a line, and the longest line of version 1 with it.
const LINE_END: &[u8] = b"\r\n";
const LONGEST_LINE: usize = 107;
const LINE_BEGIN: &[u8] = b"PROXY ";
/// The part of version 2 that says how long the rest is.
const FIXED: usize = 16;
/// The rest, with its extensions: certificates may be among them, which nobody here reads.
const LONGEST_REST: usize = 8 * 1024;

/// Whether this peer must say whose connection it hands on.
pub(super) fn must_say(peer: IpAddr, listed: &[IpNet]) -> bool {
    let peer = peer.to_canonical();
    listed.iter().any(|net| net.contains(&peer))
}

/// Reads the header of a listed peer. What speaks for itself (a health check) or does not know keeps the peer's address.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    direct: Caller,
    patience: Duration,
) -> Result<Caller, NotSaid> {
    let header = time::timeout(patience, header(stream)).await.map_err(|_| NotSaid::TooSlow)??;
    let (said, length) = parse(&header)?;
    if length != header.len() {
        return Err(NotSaid::Missing);
    }
    if said.transport.is_some_and(|transport| transport.protocol != TransportProtocol::Stream) {
        return Err(NotSaid::Datagrams);
    }
    let port = said.destination_inet().map_or(direct.port, |address| address.port());
    Ok(said.source_inet().map_or(direct, |peer| Caller { peer, port }))
}

/// All bytes of the header, and none after it.
async fn header(stream: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, NotSaid> {
    // The shortest line of version 1 is longer than this.
    let mut header = vec![0; V2_SIGNATURE.len()];
    stream.read_exact(&mut header).await?;
    if header == V2_SIGNATURE {
        header.resize(FIXED, 0);
        stream.read_exact(&mut header[V2_SIGNATURE.len()..]).await?;
        let rest = usize::from(u16::from_be_bytes([header[FIXED - 2], header[FIXED - 1]]));
        if rest > LONGEST_REST {
            return Err(NotSaid::TooLong);
        }
        header.resize(FIXED + rest, 0);
        stream.read_exact(&mut header[FIXED..]).await?;
    } else if header.starts_with(LINE_BEGIN) {
        while !header.ends_with(LINE_END) {
            if header.len() == LONGEST_LINE {
                return Err(NotSaid::TooLong);
            }
            header.push(stream.read_u8().await?);
        }
    } else {
        return Err(NotSaid::Missing);
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proxy_protocol_rs::HeaderBuilder;
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    fn direct() -> Caller {
        Caller { peer: "10.0.0.5:40000".parse().unwrap(), port: 8443 }
    }

    /// What is made of these bytes, and what is left of them.
    async fn told(mut bytes: &[u8]) -> (Result<Caller, NotSaid>, Vec<u8>) {
        let said = read(&mut bytes, direct(), Duration::from_secs(20)).await;
        (said, bytes.to_vec())
    }

    fn version_2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&V2_SIGNATURE[..], &[command, family], &length, rest].concat()
    }

    const FOUR: &[u8] = &[203, 0, 113, 9, 10, 0, 0, 1, 0xd9, 0x03, 0x01, 0xbb];

    #[tokio::test]
    async fn both_versions_say_whose_connection_it_is_and_nothing_after_them_is_taken() {
        let six =
            [&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9][..], &[0; 16], &[0xd9, 3, 1, 0xbb]];
        let extension = [FOUR, &[0x05, 0, 2, 7, 7]].concat();
        for (header, peer) in [
            (b"PROXY TCP4 203.0.113.9 10.0.0.1 55555 443\r\n".to_vec(), "203.0.113.9:55555"),
            (b"PROXY TCP6 2001:db8::9 2001:db8::1 55555 443\r\n".to_vec(), "[2001:db8::9]:55555"),
            (version_2(0x21, 0x11, FOUR), "203.0.113.9:55555"),
            (version_2(0x21, 0x11, &extension), "203.0.113.9:55555"),
            (version_2(0x21, 0x21, &six.concat()), "[2001:db8::9]:55555"),
        ] {
            let (said, left) = told(&[&header[..], b"hello"].concat()).await;
            assert_eq!(said.unwrap(), Caller { peer: peer.parse().unwrap(), port: 443 }, "{header:?}");
            assert_eq!(left, b"hello", "{header:?}");
        }
    }

    #[tokio::test]
    async fn who_speaks_for_itself_or_does_not_know_is_the_peer() {
        for header in [
            b"PROXY UNKNOWN\r\n".to_vec(),
            b"PROXY UNKNOWN 203.0.113.9 10.0.0.1 55555 443\r\n".to_vec(),
            version_2(0x20, 0x00, &[]),
            version_2(0x20, 0x11, FOUR),
            version_2(0x21, 0x31, &[b'/'; 216]),
        ] {
            let (said, left) = told(&[&header[..], b"hello"].concat()).await;
            assert_eq!(said.unwrap(), direct(), "{header:?}");
            assert_eq!(left, b"hello", "{header:?}");
        }
    }

    #[tokio::test]
    async fn anything_else_is_no_header() {
        let wrong_sum = [FOUR, &[0x03, 0, 4, 1, 2, 3, 4]].concat();
        for bad in [
            &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00"[..],
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"proxy TCP4 203.0.113.9 10.0.0.1 55555 443\r\n",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 55555\r\n",
            b"PROXY TCP4 2001:db8::9 10.0.0.1 55555 443\r\n",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 55555 99999\r\n",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 55555 443\n",
            b"PROXY UDP4 203.0.113.9 10.0.0.1 55555 443\r\n",
            &[b"PROXY ", &[b'x'; 200][..]].concat(),
            b"PROXY TCP4 203.0.113.9",
            &version_2(0x22, 0x11, FOUR),
            &version_2(0x11, 0x11, FOUR),
            &version_2(0x21, 0x12, FOUR),
            &version_2(0x21, 0x11, &FOUR[..11]),
            &version_2(0x21, 0x41, FOUR),
            &version_2(0x21, 0x00, &[]),
            &version_2(0x21, 0x11, &wrong_sum),
            &version_2(0x21, 0x11, &[0; LONGEST_REST + 1]),
            &version_2(0x21, 0x11, FOUR)[..20],
            b"",
        ] {
            let (said, _) = told(bad).await;
            assert!(said.is_err(), "{bad:?} {said:?}");
        }
    }

    #[tokio::test]
    async fn who_stops_half_way_is_closed_in_time() {
        let (mut stream, mut silent) = tokio::io::duplex(64);
        silent.write_all(b"PROXY TCP4 203").await.unwrap();
        let said = read(&mut stream, direct(), Duration::from_millis(20)).await;
        assert!(matches!(said, Err(NotSaid::TooSlow)), "{said:?}");
    }

    #[test]
    fn only_listed_peers_speak_in_whatever_disguise_their_address_comes() {
        let listed = ["10.0.0.5/32".parse().unwrap(), "2001:db8:5::/48".parse().unwrap()];
        for (peer, is_listed) in [
            ("10.0.0.5", true),
            ("::ffff:10.0.0.5", true),
            ("2001:db8:5::1", true),
            ("10.0.0.6", false),
            ("2001:db8:6::1", false),
        ] {
            assert_eq!(must_say(peer.parse().unwrap(), &listed), is_listed, "{peer}");
        }
        assert!(!must_say("10.0.0.5".parse().unwrap(), &[]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_read_on(bytes in proptest::collection::vec(any::<u8>(), 0..300), begin in 0..3_usize) {
            let begin: &[u8] = [&b""[..], b"PROXY ", V2_SIGNATURE][begin];
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let all = [begin, &bytes].concat();
            let (said, left) = runtime.block_on(told(&all));
            if let Ok(caller) = said {
                prop_assert!(left.len() < all.len());
                prop_assert!(caller == direct() || caller.peer != direct().peer);
            }
        }
    }

    #[tokio::test]
    async fn what_the_library_writes_is_read() {
        let (from, to) = ("203.0.113.9:55555".parse().unwrap(), "10.0.0.1:443".parse().unwrap());
        for header in [HeaderBuilder::v1_proxy(from, to).build(), HeaderBuilder::v2_proxy(from, to).build()] {
            assert_eq!(told(&header).await.0.unwrap(), Caller { peer: from, port: 443 });
        }
    }
}
