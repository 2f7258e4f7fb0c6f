//! The threads of a server, and what becomes of it when one of them fails.
//!
//! A thread or a loop that ends before anybody asked for it takes the server along in good order: the others drain, and the
//! fault is what `Server::run` returns. Half a server would look alive to whoever watches it and answer only some visitors.

use std::{io, thread};

use tokio::{runtime, task::JoinSet};

use super::{RunFault, Shutdown};

/// A loop ended that should not.
#[derive(Debug)]
pub(super) struct Broken;

/// Threads that end together.
pub(super) struct Threads {
    shutdown: Shutdown,
    running: Vec<(String, thread::JoinHandle<Result<(), Broken>>)>,
}

impl Threads {
    /// None yet.
    pub(super) const fn new(shutdown: Shutdown) -> Self {
        Self { shutdown, running: Vec::new() }
    }

    /// Starts one more.
    pub(super) fn start(
        &mut self,
        name: String,
        work: impl FnOnce() -> Result<(), Broken> + Send + 'static,
    ) -> io::Result<()> {
        let alarm = Alarm(self.shutdown.clone());
        let thread = thread::Builder::new().name(name.clone()).spawn(move || {
            let _alarm = alarm;
            work()
        })?;
        self.running.push((name, thread));
        Ok(())
    }

    /// Waits until all have ended; tells of the first that failed.
    pub(super) fn join(self) -> Result<(), RunFault> {
        let mut outcome = Ok(());
        for (thread, handle) in self.running {
            let ended = handle.join();
            if ended.is_err() {
                tracing::error!(thread, "a server thread panicked");
            }
            if !matches!(ended, Ok(Ok(()))) {
                outcome = outcome.and(Err(RunFault::Failed { thread }));
            }
        }
        outcome
    }
}

/// Lets the other threads drain when one ends, in whatever way it does.
struct Alarm(Shutdown);

impl Drop for Alarm {
    fn drop(&mut self) {
        self.0.begin();
    }
}

/// The runtime of one thread.
pub(super) fn runtime() -> io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

/// Waits until somebody asks for the end, or until one of `loops` ends, which none of them should.
pub(super) async fn until_asked(shutdown: &Shutdown, loops: &mut JoinSet<()>) -> Result<(), Broken> {
    tokio::select! {
        // Some loops end by themselves once somebody asked: that comes first.
        biased;
        () = shutdown.asked() => Ok(()),
        Some(_) = loops.join_next() => {
            tracing::error!(thread = thread::current().name(), "a server thread lost one of its loops; the server stops");
            shutdown.begin();
            Err(Broken)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_for_the_end(shutdown: &Shutdown) -> Result<(), Broken> {
        runtime().unwrap().block_on(until_asked(shutdown, &mut JoinSet::new()))
    }

    #[test]
    fn a_thread_that_panics_ends_the_others_and_is_named() {
        let shutdown = Shutdown::new();
        let mut threads = Threads::new(shutdown.clone());
        let other = shutdown.clone();
        threads.start("proxy-0".to_owned(), move || wait_for_the_end(&other)).unwrap();
        threads.start("proxy-1".to_owned(), || panic!("a bug")).unwrap();
        let fault = threads.join().unwrap_err();
        assert!(matches!(&fault, RunFault::Failed { thread } if thread == "proxy-1"), "{fault:?}");
    }

    #[test]
    fn a_loop_that_ends_early_ends_the_others_and_is_a_fault() {
        for is_panic in [true, false] {
            let shutdown = Shutdown::new();
            let mut threads = Threads::new(shutdown.clone());
            let (other, broken) = (shutdown.clone(), shutdown.clone());
            threads.start("proxy-0".to_owned(), move || wait_for_the_end(&other)).unwrap();
            let work = move || {
                runtime().unwrap().block_on(async {
                    let mut loops = JoinSet::new();
                    loops.spawn(async move { assert!(!is_panic, "a bug") });
                    until_asked(&broken, &mut loops).await
                })
            };
            threads.start("house".to_owned(), work).unwrap();
            let fault = threads.join().unwrap_err();
            assert!(matches!(&fault, RunFault::Failed { thread } if thread == "house"), "{fault:?}");
        }
    }

    #[test]
    fn an_end_that_was_asked_for_is_no_fault() {
        let shutdown = Shutdown::new();
        let mut threads = Threads::new(shutdown.clone());
        for name in ["proxy-0", "house"] {
            let asked = shutdown.clone();
            threads.start(name.to_owned(), move || wait_for_the_end(&asked)).unwrap();
        }
        shutdown.ask();
        threads.join().unwrap();
    }
}
