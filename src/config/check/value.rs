//! Small values that people write in many ways: spans of time, sizes, networks, listeners.

use std::{net::SocketAddr, path::Path, time::Duration};

use ipnet::IpNet;
use jiff::{Span, SpanRelativeTo};

/// What is wrong with a value, and what to write instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub message: String,
    pub hint: Option<String>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

/// How long a span may be, and how exact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Allowed {
    pub least: Duration,
    pub most: Duration,
    /// Whether it is told to visitors, who are told no seconds.
    pub in_minutes: bool,
}

const DAY: u64 = 86_400;

impl Allowed {
    /// Browsers keep no cookie longer than 400 days.
    pub(super) const TRUST: Self = Self { in_minutes: true, ..Self::SESSION };
    pub(super) const SESSION: Self = Self::between(Duration::from_secs(60), Duration::from_secs(400 * DAY));
    pub(super) const WAIT: Self = Self::between(Duration::from_millis(1), Duration::from_secs(DAY));
    pub(super) const AGE: Self = Self::between(Duration::ZERO, Duration::from_secs(400 * DAY));
    /// A visitor waits for it.
    pub(super) const MESSAGE: Self = Self::between(Duration::from_millis(100), Duration::from_secs(60));
    pub(super) const DRAIN: Self = Self::between(Duration::ZERO, Duration::from_secs(3600));

    const fn between(least: Duration, most: Duration) -> Self {
        Self { least, most, in_minutes: false }
    }
}

/// Reads "8h", "30 days" or "1h 30m".
pub(super) fn span(text: &str, allowed: Allowed) -> Result<Duration, Fault> {
    let trimmed = text.trim();
    if trimmed == "off" {
        return Err(Fault::new("\"off\" is no span here", "write how long, as in \"8h\""));
    }
    if !trimmed.is_empty() && trimmed.bytes().all(|b| b.is_ascii_digit()) {
        let hint = format!("write \"{trimmed}s\", \"{trimmed}m\", \"{trimmed}h\" or \"{trimmed}d\"");
        return Err(Fault::new(format!("\"{trimmed}\" has no unit"), hint));
    }
    let unreadable = || {
        Fault::new(
            format!("\"{text}\" is no span of time"),
            "write it as in \"30s\", \"15m\", \"8h\" or \"30d\"",
        )
    };
    let span: Span = trimmed.parse().map_err(|_| unreadable())?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(Fault::new(
            format!("\"{text}\": months and years have no fixed length"),
            "write days, as in \"30d\" or \"365d\"",
        ));
    }
    let exact = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| unreadable())?;
    let span = Duration::try_from(exact)
        .map_err(|_| Fault::new(format!("\"{text}\" is negative"), "write a span forward, as in \"8h\""))?;
    if span < allowed.least {
        let least = in_words(allowed.least);
        return Err(Fault::new(format!("\"{text}\" is too short"), format!("at least {least}")));
    }
    if span > allowed.most {
        let most = in_words(allowed.most);
        return Err(Fault::new(format!("\"{text}\" is too long"), format!("at most {most}")));
    }
    if allowed.in_minutes && span != Duration::from_secs(span.as_secs() / 60 * 60) {
        let meant = in_words(Duration::from_secs(span.as_secs() / 60 * 60));
        return Err(Fault::new(
            format!("\"{text}\" is no whole number of minutes"),
            format!("visitors are told days, hours or minutes: write \"{meant}\""),
        ));
    }
    Ok(span)
}

fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => format!("{}ms", span.as_millis()),
        _ if seconds.is_multiple_of(DAY) => format!("{}d", seconds / DAY),
        _ if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

const KIB: u64 = 1024;
/// The largest form that may be kept: it is held in memory while it comes in.
const LARGEST_FORM: u64 = 16 * KIB * KIB;

/// Reads "512KiB" or "1MiB": the size of a form.
pub(super) fn form_size(text: &str) -> Result<u64, Fault> {
    let trimmed = text.trim();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = trimmed.split_at(digits);
    let hint = "write it as in \"512KiB\" or \"1MiB\", or \"off\"";
    let unreadable = || Fault::new(format!("\"{text}\" is no size"), hint);
    let number: u64 = number.parse().map_err(|_| unreadable())?;
    let unit = match unit.trim_start() {
        "KiB" => KIB,
        "MiB" => KIB * KIB,
        "" => return Err(Fault::new(format!("\"{text}\" has no unit"), hint)),
        _ => return Err(unreadable()),
    };
    match number.saturating_mul(unit) {
        size if size < KIB => {
            Err(Fault::new(format!("\"{text}\" is too small"), "at least 1KiB, or \"off\""))
        }
        size if size > LARGEST_FORM => Err(Fault::new(format!("\"{text}\" is too large"), "at most 16MiB")),
        size => Ok(size),
    }
}

/// Reads a network or an address; with the network that is meant where address bits are left over.
pub(super) fn network(text: &str) -> Result<(IpNet, Option<IpNet>), Fault> {
    let hint = "write a network such as \"10.0.0.0/8\" or \"2001:db8::/32\", or an address";
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse().map(|address: std::net::IpAddr| IpNet::from(address)))
        .map_err(|_| Fault::new(format!("\"{text}\" is no network"), hint))?;
    if let IpNet::V6(v6) = network
        && v6.addr().to_ipv4_mapped().is_some()
    {
        // Visitors' addresses lose that disguise before any rule is asked.
        return Err(Fault::new(format!("\"{text}\" would never match"), "write it as an IPv4 network"));
    }
    let meant = network.trunc();
    Ok((meant, (meant != network).then_some(meant)))
}

/// Reads "address:port".
pub(super) fn listener(text: &str) -> Result<SocketAddr, Fault> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(address);
    }
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    let any = text.strip_prefix(':').or(text.strip_prefix("*:")).unwrap_or(text);
    let meant = match text.strip_prefix("localhost:") {
        Some(port) => is_port(port).then(|| format!("127.0.0.1:{port}")),
        None => is_port(any).then(|| format!("[::]:{any}")),
    };
    let message = format!("\"{text}\" is no address with a port");
    Err(match meant {
        Some(meant) => Fault::new(message, format!("did you mean \"{meant}\"?")),
        None => Fault::new(message, "write it as in \"[::]:443\" or \"192.0.2.10:443\""),
    })
}

/// Whether a text has no control characters.
pub(in crate::config) fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Who besides the owner may read or write the file.
pub(in crate::config) fn open_bits(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|meta| meta.mode() & 0o077)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let read = |text| span(text, Allowed::TRUST).unwrap().as_secs();
        assert_eq!(read("30d"), 30 * DAY);
        assert_eq!(read("30 days"), 30 * DAY);
        assert_eq!(read("1h 30m"), 5400);
        assert_eq!(read("2w"), 14 * DAY);
        assert_eq!(read("PT8H"), 8 * 3600);
    }

    #[test]
    fn spans_that_cannot_be_meant_are_refused_with_a_remedy() {
        for (text, message) in [
            ("30", "\"30\" has no unit"),
            ("", "\"\" is no span of time"),
            ("soon", "\"soon\" is no span of time"),
            ("1mo", "\"1mo\": months and years have no fixed length"),
            ("-8h", "\"-8h\" is negative"),
            ("59s", "\"59s\" is too short"),
            ("401d", "\"401d\" is too long"),
            ("90s", "\"90s\" is no whole number of minutes"),
            ("60.5s", "\"60.5s\" is no whole number of minutes"),
            ("99999999999999999999h", "\"99999999999999999999h\" is no span of time"),
        ] {
            let fault = span(text, Allowed::TRUST).unwrap_err();
            assert_eq!(fault.message, message);
            assert!(fault.hint.is_some());
        }
        assert!(span("60s", Allowed::TRUST).is_ok() && span("400d", Allowed::TRUST).is_ok());
        assert!(span("90s", Allowed::SESSION).is_ok());
    }

    #[test]
    fn sizes_of_forms_have_a_unit_and_bounds() {
        for (text, size) in
            [("1KiB", 1024), (" 512 KiB ", 512 * 1024), ("1MiB", 1 << 20), ("16MiB", 16 << 20)]
        {
            assert_eq!(form_size(text), Ok(size), "{text}");
        }
        for (text, message) in [
            ("", "\"\" is no size"),
            ("1048576", "\"1048576\" has no unit"),
            ("1MB", "\"1MB\" is no size"),
            ("-1MiB", "\"-1MiB\" is no size"),
            ("1.5MiB", "\"1.5MiB\" is no size"),
            ("0KiB", "\"0KiB\" is too small"),
            ("17MiB", "\"17MiB\" is too large"),
            ("16385KiB", "\"16385KiB\" is too large"),
            ("99999999999999999999MiB", "\"99999999999999999999MiB\" is no size"),
            ("18446744073709551615MiB", "\"18446744073709551615MiB\" is too large"),
        ] {
            assert_eq!(form_size(text).unwrap_err().message, message);
        }
    }

    #[test]
    fn a_bare_address_is_a_network_of_one() {
        assert_eq!(network("192.0.2.7").unwrap().0.to_string(), "192.0.2.7/32");
        assert_eq!(network("2001:db8::1").unwrap().0.to_string(), "2001:db8::1/128");
        let (read, meant) = network("10.1.2.3/8").unwrap();
        assert_eq!((read.to_string(), meant.is_some()), ("10.0.0.0/8".to_owned(), true));
        assert!(network("10.0.0.0/33").is_err() && network("::ffff:10.0.0.0/104").is_err());
    }

    #[test]
    fn listeners_get_a_guess_where_the_address_is_left_out() {
        assert_eq!(listener("[::]:443").unwrap().port(), 443);
        for (text, meant) in [
            ("443", "did you mean \"[::]:443\"?"),
            (":443", "did you mean \"[::]:443\"?"),
            ("localhost:8443", "did you mean \"127.0.0.1:8443\"?"),
        ] {
            assert_eq!(listener(text).unwrap_err().hint.as_deref(), Some(meant));
        }
    }
}
