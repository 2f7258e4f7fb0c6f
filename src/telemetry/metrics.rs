//! Counters of the whole process, rendered in the Prometheus text format on the internal listener.

use metrics::{Counter, Key, KeyName, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

static METADATA: Metadata<'static> = Metadata::new("vestibule", Level::INFO, None);

/// What is counted. Each counter is made once: counting is one atomic addition, without a label to format.
pub struct Metrics {
    recorder: PrometheusRecorder,
    /// Requests forwarded to an upstream.
    pub forwarded: Counter,
    /// Requests answered by our own pages.
    pub own_pages: Counter,
    /// Requests answered with a challenge.
    pub challenged: Counter,
    /// Requests refused by the rules.
    pub denied: Counter,
    /// Requests refused as malformed.
    pub malformed: Counter,
    /// Requests for hosts nobody here answers to.
    pub misdirected: Counter,
    /// Requests whose upstream failed.
    pub upstream_faults: Counter,
    /// The same by what failed, and answers that broke off.
    trouble: [Counter; Trouble::ALL.len()],
    /// Sign-ins finished.
    pub sign_ins: Counter,
    /// Passwords or codes that were wrong.
    pub wrong_secrets: Counter,
    /// Reloads taken over.
    pub reloads: Counter,
    /// Reloads refused.
    pub reload_refusals: Counter,
}

/// What upstreams do wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// No connection.
    Refused,
    /// No connection, or no answer, in time.
    Timeout,
    /// All connections that there may be were in use.
    Busy,
    /// Broke off before an answer.
    Reset,
    /// What came was no HTTP, or could be read in two ways.
    Garbage,
    /// An answer broke off, or its upstream fell silent.
    Cut,
}

impl Trouble {
    /// Each with its name, in the order they are declared.
    const ALL: [(Self, &'static str); 6] = [
        (Self::Refused, "refused"),
        (Self::Timeout, "timeout"),
        (Self::Busy, "busy"),
        (Self::Reset, "reset"),
        (Self::Garbage, "garbage"),
        (Self::Cut, "cut"),
    ];
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let requests = |outcome: &'static str| {
            let key = Key::from_static_parts("vestibule_requests_total", labels(outcome));
            recorder.register_counter(&key, &METADATA)
        };
        let trouble = |kind: &'static str| {
            let labels = vec![metrics::Label::from_static_parts("kind", kind)];
            let key = Key::from_parts("vestibule_upstream_faults_total", labels);
            recorder.register_counter(&key, &METADATA)
        };
        let plain = |name: &'static str| recorder.register_counter(&Key::from_static_name(name), &METADATA);
        let describe = |name: &'static str, words: &'static str| {
            recorder.describe_counter(KeyName::from_const_str(name), None, words.into());
        };
        describe("vestibule_requests_total", "Requests by outcome.");
        describe(
            "vestibule_upstream_faults_total",
            "Requests whose upstream failed, and answers that broke off, by kind.",
        );
        describe("vestibule_sign_ins_total", "Sign-ins finished.");
        describe("vestibule_wrong_secrets_total", "Passwords and codes that were wrong.");
        describe("vestibule_reloads_total", "Configurations taken over.");
        describe("vestibule_reload_refusals_total", "Configurations refused at a reload.");
        Self {
            forwarded: requests("forwarded"),
            own_pages: requests("own_page"),
            challenged: requests("challenged"),
            denied: requests("denied"),
            malformed: requests("malformed"),
            misdirected: requests("misdirected"),
            upstream_faults: requests("upstream_fault"),
            trouble: Trouble::ALL.map(|(_, kind)| trouble(kind)),
            sign_ins: plain("vestibule_sign_ins_total"),
            wrong_secrets: plain("vestibule_wrong_secrets_total"),
            reloads: plain("vestibule_reloads_total"),
            reload_refusals: plain("vestibule_reload_refusals_total"),
            recorder,
        }
    }
}

impl Metrics {
    /// Counts what an upstream did wrong.
    pub fn count_trouble(&self, trouble: Trouble) {
        for ((kind, _), counter) in Trouble::ALL.iter().zip(&self.trouble) {
            if *kind == trouble {
                counter.increment(1);
            }
        }
    }

    /// Everything counted so far, in the Prometheus text format.
    pub fn render(&self) -> String {
        let handle: PrometheusHandle = self.recorder.handle();
        handle.render()
    }
}

fn labels(outcome: &'static str) -> &'static [metrics::Label] {
    static LABELS: std::sync::OnceLock<Vec<(&'static str, [metrics::Label; 1])>> = std::sync::OnceLock::new();
    const OUTCOMES: [&str; 7] =
        ["forwarded", "own_page", "challenged", "denied", "malformed", "misdirected", "upstream_fault"];
    let all = LABELS.get_or_init(|| {
        OUTCOMES.iter().map(|&o| (o, [metrics::Label::from_static_parts("outcome", o)])).collect()
    });
    all.iter().find(|(name, _)| *name == outcome).map_or(&[], |(_, labels)| labels)
}
