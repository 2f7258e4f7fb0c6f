//! Passwords and PINs, checked on threads of their own so that no proxied request ever waits for a hash.
//!
//! The pool is bounded in threads, in queue and in waiting time. A job carries its own place in the queue: a visitor who
//! hangs up frees it only when a thread comes to it, so hanging up never gets more hashes computed at once.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc};
use tokio::sync::oneshot;
use tracing::warn;
use zeroize::Zeroizing;

use super::old_hash;
use crate::domain::{
    identity::PasswordHash,
    new_password::normalised,
    password_hash::{self, HashKind},
    token::Entropy,
};

/// Longer passwords are wrong without a hash being computed: hashing is paid by length.
pub const LONGEST_PASSWORD: usize = 1024;

/// How long a password may wait for a thread.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Passwords that may wait per thread: about as many as one thread checks in [`LONGEST_WAIT`].
const QUEUE_PER_THREAD: usize = 64;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT: usize = 16;

/// Nobody's hash, with our parameters: a name that does not exist costs what one that does exist costs.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$dmVzdGlidWxlIG5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A bounded pool of low-priority hashing threads. Clones share it.
#[derive(Clone, Debug)]
pub struct Hashers(mpsc::SyncSender<Job>);

/// Why a password was not checked at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("more passwords are waiting than can be checked")]
pub struct Busy;

struct Job {
    secret: Zeroizing<String>,
    /// Told when a thread takes the job; nobody listens any more if the wait was too long.
    begun: oneshot::Sender<()>,
    work: Work,
}

/// What is wanted of a secret.
enum Work {
    Check { hash: Option<PasswordHash>, verdict: oneshot::Sender<bool> },
    Hash { salt: [u8; SALT], made: oneshot::Sender<PasswordHash> },
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job(…)")
    }
}

impl Hashers {
    /// Starts `threads` hashing threads with a short queue.
    pub fn start(threads: usize) -> Self {
        let threads = threads.max(1);
        let (jobs, queue) = mpsc::sync_channel::<Job>(threads * QUEUE_PER_THREAD);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            let started = thread::Builder::new().name(format!("hash-{number}")).spawn(move || work(&queue));
            if let Err(fault) = started {
                // Without any thread the queue fills and every sign-in answers 503.
                warn!(%fault, "a hashing thread cannot be started");
            }
        }
        Self(jobs)
    }

    /// Whether `password` is the one behind `hash`, normalised as new ones are, or as it was typed where the hash was made of
    /// that elsewhere. Without a hash (nobody has that name) the same work is done in vain.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full or the wait too long: answer 503.
    pub async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, Busy> {
        let password = Zeroizing::new(password);
        if password.len() > LONGEST_PASSWORD {
            return Ok(false);
        }
        let (verdict, answer) = oneshot::channel();
        self.wait_for(password, Work::Check { hash, verdict }, answer).await
    }

    /// A hash of `secret` to keep, made like those of passwords.
    ///
    /// # Errors
    /// [`Busy`], as for [`Hashers::verify`].
    pub async fn hash(&self, secret: &str, entropy: &dyn Entropy) -> Result<PasswordHash, Busy> {
        let mut salt = [0; SALT];
        entropy.fill(&mut salt);
        let (made, answer) = oneshot::channel();
        self.wait_for(Zeroizing::new(secret.to_owned()), Work::Hash { salt, made }, answer).await
    }

    async fn wait_for<T>(
        &self,
        secret: Zeroizing<String>,
        work: Work,
        answer: oneshot::Receiver<T>,
    ) -> Result<T, Busy> {
        let (begun, begins) = oneshot::channel();
        self.0.try_send(Job { secret, begun, work }).map_err(|_| Busy)?;
        match tokio::time::timeout(LONGEST_WAIT, begins).await {
            Ok(Ok(())) => answer.await.map_err(|_| Busy),
            Ok(Err(_)) | Err(_) => Err(Busy),
        }
    }
}

#[cfg(test)]
impl Hashers {
    /// One thread that also tells which hashes it was asked to compute.
    pub(crate) fn overheard() -> (Self, mpsc::Receiver<Option<PasswordHash>>) {
        let (jobs, queue) = mpsc::sync_channel::<Job>(QUEUE_PER_THREAD);
        let (tell, heard) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(Job { secret, begun, work }) = queue.recv() {
                let _ = begun.send(());
                if let Work::Check { hash, .. } = &work {
                    let _ = tell.send(hash.clone());
                }
                work.on(&secret);
            }
        });
        (Self(jobs), heard)
    }
}

/// An argon2id hash of `password`, normalised, with our parameters (19 MiB, 2 passes, 1 lane), as a PHC string.
pub fn hash(password: &str, entropy: &dyn Entropy) -> PasswordHash {
    let mut salt = [0; SALT];
    entropy.fill(&mut salt);
    hash_with(&normalised(password), &salt)
}

fn hash_with(password: &str, salt: &[u8; SALT]) -> PasswordHash {
    #[expect(clippy::expect_used, reason = "parameters and salt are constants within argon2's limits")]
    let hashed: phc::PasswordHash = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
        .map_err(argon2::password_hash::Error::from)
        .and_then(|argon2| argon2.hash_password_with_salt(password.as_bytes(), salt))
        .expect("argon2 hashes with our parameters");
    PasswordHash::new(hashed.to_string())
}

/// What a hashing thread does until the pool is dropped.
fn work(queue: &Mutex<mpsc::Receiver<Job>>) {
    // On Linux this lowers this one thread. Guessers must not slow down the people who are already in.
    if let Err(fault) = rustix::process::nice(19) {
        warn!(%fault, "a hashing thread keeps its ordinary priority");
    }
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { secret, begun, work }) = next else { return };
        if begun.send(()).is_ok() {
            work.on(&secret);
        }
    }
}

impl Work {
    /// Nobody may be waiting any more; then the answer is not needed.
    fn on(self, secret: &str) {
        match self {
            Self::Check { hash, verdict } => {
                let _ = verdict.send(check_either(secret, hash.as_ref()));
            }
            Self::Hash { salt, made } => {
                let _ = made.send(hash_with(&normalised(secret), &salt));
            }
        }
    }
}

/// Whether there is a second hash to compute follows from what was typed alone, never from whose it is.
fn check_either(typed: &str, hash: Option<&PasswordHash>) -> bool {
    let normal = normalised(typed);
    check(&normal, hash) || *normal != typed && check(typed, hash)
}

fn check(password: &str, hash: Option<&PasswordHash>) -> bool {
    let is_somebodys = hash.is_some();
    let text = hash.map_or(NOBODYS_HASH, PasswordHash::as_str);
    let matches = match password_hash::read(text).map(|known| known.kind) {
        Ok(HashKind::Argon2id) => phc::PasswordHash::new(text)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()),
        Ok(HashKind::Bcrypt) => old_hash::is_bcrypt(password, text),
        Ok(HashKind::ShaCrypt) => old_hash::is_sha_crypt(password, text),
        Ok(HashKind::Yescrypt) => old_hash::is_yescrypt(password, text),
        Ok(HashKind::Apr1) => old_hash::is_apr1(password, text),
        Err(fault) => {
            warn!(%fault, "a stored password hash cannot be checked; its owner cannot sign in");
            // Ours always can be.
            return is_somebodys && check(password, None);
        }
    };
    matches && is_somebodys
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (byte, value) in buffer.iter_mut().zip(1..) {
                *byte = value;
            }
        }
    }

    #[tokio::test]
    async fn the_password_behind_a_hash_is_right_and_no_other() {
        let hashers = Hashers::start(1);
        let stored = hash("correct horse", &Counting);
        assert!(stored.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(hashers.verify("correct horse".to_owned(), Some(stored.clone())).await, Ok(true));
        assert_eq!(hashers.verify("Correct horse".to_owned(), Some(stored.clone())).await, Ok(false));
        assert_eq!(hashers.verify(String::new(), Some(stored)).await, Ok(false));
    }

    #[tokio::test]
    async fn the_same_letters_are_the_same_password_however_a_keyboard_composes_them() {
        let hashers = Hashers::start(1);
        let (composed, decomposed) = ("\u{c4}pfel im Korb", "A\u{308}pfel im Korb");
        let stored = hash(decomposed, &Counting);
        assert_eq!(stored, hash(composed, &Counting));
        // A hash that another program made of the bytes as they were typed.
        let foreign = hash_with(decomposed, &[7; SALT]);
        for (typed, hash, is_right) in [
            (composed, &stored, true),
            (decomposed, &stored, true),
            (decomposed, &foreign, true),
            (composed, &foreign, false),
            ("Apfel im Korb", &stored, false),
        ] {
            assert_eq!(hashers.verify(typed.to_owned(), Some(hash.clone())).await, Ok(is_right), "{typed}");
        }
        assert_eq!(hashers.verify(decomposed.to_owned(), None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_name_nobody_has_costs_a_hash_with_our_parameters_and_is_never_right() {
        let nobody = phc::PasswordHash::new(NOBODYS_HASH).unwrap();
        let ours = phc::PasswordHash::new(hash("x", &Counting).as_str()).unwrap();
        assert_eq!(nobody.params, ours.params);
        assert_eq!(nobody.version, ours.version);
        assert_eq!(nobody.salt.unwrap().len(), ours.salt.unwrap().len());
        assert_eq!(nobody.hash.unwrap().len(), ours.hash.unwrap().len());
        assert_eq!(Hashers::start(1).verify("x".to_owned(), None).await, Ok(false));
    }

    #[tokio::test]
    async fn passwords_up_to_a_kilobyte_are_hashed_and_longer_ones_are_wrong() {
        let hashers = Hashers::start(1);
        let (fits, too_long) = ("x".repeat(1024), "x".repeat(1025));
        assert_eq!(hashers.verify(fits.clone(), Some(hash(&fits, &Counting))).await, Ok(true));
        assert_eq!(hashers.verify(too_long.clone(), Some(hash(&too_long, &Counting))).await, Ok(false));
    }

    #[tokio::test]
    async fn hashes_of_other_programs_are_checked_and_those_above_the_ceiling_are_not() {
        let hashers = Hashers::start(1);
        let bcrypt = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
        for (hash, is_right) in [
            (bcrypt.to_owned(), true),
            // It would take longer than the universe has.
            (bcrypt.replace("$05$", "$31$"), false),
            ("$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/".to_owned(), false),
            ("nonsense".to_owned(), false),
        ] {
            let stored = Some(PasswordHash::new(hash.clone()));
            assert_eq!(hashers.verify("correct horse".to_owned(), stored).await, Ok(is_right), "{hash}");
        }
    }

    #[tokio::test]
    async fn a_hash_made_on_a_thread_is_one_that_is_checked() {
        let hashers = Hashers::start(1);
        let made = hashers.hash("407193", &Counting).await.unwrap();
        assert_eq!(made, hash("407193", &Counting));
        assert_eq!(hashers.verify("407193".to_owned(), Some(made)).await, Ok(true));
    }

    #[tokio::test]
    async fn a_full_queue_answers_busy_at_once() {
        // No thread takes from this queue.
        let (jobs, _queue) = mpsc::sync_channel(1);
        let (begun, _) = oneshot::channel();
        let (verdict, _) = oneshot::channel();
        let work = Work::Check { hash: None, verdict };
        jobs.try_send(Job { secret: Zeroizing::new(String::new()), begun, work }).unwrap();
        let full = Hashers(jobs);
        assert_eq!(full.verify("x".to_owned(), None).await, Err(Busy));
        assert_eq!(full.hash("x", &Counting).await, Err(Busy));
    }
}
