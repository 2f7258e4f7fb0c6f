//! The one way in for messages, and the thread that carries them.

use std::{fmt, rc::Rc, sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    task::LocalSet,
    time::{Instant, timeout_at},
};

use super::{Mail, PostSetupFault, TextMessage, Undeliverable, mail::MailCarriage, sms::TextCarriage};
use crate::config::settings::{MailSettings, SmsSettings};

/// Messages of one kind that wait. More would wait longer than anybody looks at a page.
const MOST_WAITING: usize = 64;
/// How much longer than the timeout somebody waits for the word of who gave up: it leaves a slow provider alone first.
const GRACE: Duration = Duration::from_millis(500);
/// Messages of one kind on their way at once.
const MOST_ON_THEIR_WAY: usize = 8;

/// Sends mail and text messages. A cheap handle to share; the thread behind it ends with the last one.
#[derive(Clone)]
pub struct Post {
    mail: Option<Counter<Mail>>,
    text: Option<Counter<TextMessage>>,
}

/// Where messages of one kind are handed in.
pub(super) struct Counter<T> {
    jobs: mpsc::Sender<Job<T>>,
    patience: Duration,
}

pub(super) struct Job<T> {
    message: T,
    deadline: Instant,
    answer: oneshot::Sender<Result<(), Undeliverable>>,
}

/// Somebody who carries messages of one kind.
pub(super) trait Carrier: 'static {
    type Message;

    fn carry(&self, message: Self::Message) -> impl Future<Output = Result<(), Undeliverable>>;
}

impl Post {
    /// Sets up what the file names; without it nothing can be sent, which is an answer too.
    ///
    /// # Errors
    /// A bundle of authorities cannot be read, or the system gives no thread.
    pub fn build(mail: Option<&MailSettings>, sms: Option<&SmsSettings>) -> Result<Self, PostSetupFault> {
        let fault = |table: &'static str| move |reason: String| PostSetupFault { table, reason };
        let mail_carriage = mail.map(MailCarriage::draw).transpose().map_err(fault("mail"))?;
        let text_carriage = sms.map(TextCarriage::draw).transpose().map_err(fault("sms"))?;
        if mail.is_none() && sms.is_none() {
            return Ok(Self { mail: None, text: None });
        }
        let (mail_counter, mails) = counter(mail.map_or(Duration::ZERO, |settings| settings.timeout));
        let all = |settings: &SmsSettings| settings.providers.iter().map(|provider| provider.timeout).sum();
        let (text_counter, texts) = counter(sms.map_or(Duration::ZERO, all));
        let no_thread =
            |reason: std::io::Error| fault("mail")(format!("the system gives no thread: {reason}"));
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_thread)?;
        let work = move || {
            let carry = async {
                let mail = mail_carriage.map(|carriage| serve(carriage, mails));
                let text = text_carriage.map(|carriage| serve(carriage, texts));
                tokio::join!(done(mail), done(text));
            };
            LocalSet::new().block_on(&runtime, carry);
        };
        std::thread::Builder::new().name("post".to_owned()).spawn(work).map_err(no_thread)?;
        Ok(Self { mail: mail.map(|_| mail_counter), text: sms.map(|_| text_counter) })
    }

    /// Whether the file names a way for mail.
    pub fn can_mail(&self) -> bool {
        self.mail.is_some()
    }

    /// Whether the file names a way for text messages.
    pub fn can_text(&self) -> bool {
        self.text.is_some()
    }

    /// Hands a mail over, and returns when it was taken.
    ///
    /// # Errors
    /// An [`Undeliverable`], half a second after the configured timeout at the latest.
    pub async fn mail(&self, mail: Mail) -> Result<(), Undeliverable> {
        hand_in(self.mail.as_ref(), mail).await
    }

    /// Hands a text message over, and returns when it was taken.
    ///
    /// # Errors
    /// An [`Undeliverable`], half a second after the timeouts of all providers at the latest.
    pub async fn text(&self, message: TextMessage) -> Result<(), Undeliverable> {
        hand_in(self.text.as_ref(), message).await
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Post(mail: {}, text: {})", self.can_mail(), self.can_text())
    }
}

impl<T> Clone for Counter<T> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone(), patience: self.patience }
    }
}

pub(super) fn counter<T>(patience: Duration) -> (Counter<T>, mpsc::Receiver<Job<T>>) {
    let (jobs, waiting) = mpsc::channel(MOST_WAITING);
    (Counter { jobs, patience }, waiting)
}

pub(super) async fn hand_in<T>(counter: Option<&Counter<T>>, message: T) -> Result<(), Undeliverable> {
    let Some(Counter { jobs, patience }) = counter else { return Err(Undeliverable::NoWay) };
    let deadline = Instant::now() + *patience;
    let (answer, came) = oneshot::channel();
    jobs.try_send(Job { message, deadline, answer }).map_err(|_| Undeliverable::Busy)?;
    match timeout_at(deadline + GRACE, came).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => Err(Undeliverable::Down),
    }
}

/// Carries messages until nobody can hand one in any more.
pub(super) async fn serve<C: Carrier>(carrier: C, mut jobs: mpsc::Receiver<Job<C::Message>>) {
    let carrier = Rc::new(carrier);
    let places = Arc::new(Semaphore::new(MOST_ON_THEIR_WAY));
    while let Some(job) = jobs.recv().await {
        // Never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let carrier = Rc::clone(&carrier);
        tokio::task::spawn_local(async move {
            // Who waited too long has been told so; a code that comes after all would only confuse.
            if Instant::now() < job.deadline {
                let answer = carrier.carry(job.message).await;
                // Whoever asked may have gone; the message has not.
                let _ = job.answer.send(answer);
            }
            drop(place);
        });
    }
    // Those still on their way.
    let _ = places.acquire_many(MOST_ON_THEIR_WAY as u32).await;
}

async fn done(work: Option<impl Future<Output = ()>>) {
    if let Some(work) = work {
        work.await;
    }
}
