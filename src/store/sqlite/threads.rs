//! The threads that touch the disk, so that no proxying thread ever waits for it.
//!
//! One thread writes: it commits whatever has queued up meanwhile as one group and answers only when the commit has
//! returned, so that an fsync is shared by all who wait for it. A few threads read, each over its own connection.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread::{Builder, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::store::{StoreFault, Stored, files::Place};

/// Jobs that may wait; beyond it callers wait for a place.
const QUEUE: usize = 1024;
/// Jobs in one commit.
const GROUP: usize = 256;

/// Tells a caller the outcome, once it is known whether the group was committed.
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Does the work; `Err` tells why it cannot even begin.
type WriteJob = Box<dyn FnOnce(Result<&Connection, String>) -> Done + Send>;
type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

struct Done {
    /// Whether the work is to be kept.
    keep: bool,
    answer: Answer,
}

/// The writing thread.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<WriteJob>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(conn: Connection, place: Place) -> Stored<Self> {
        let (jobs, mut waiting) = mpsc::channel::<WriteJob>(QUEUE);
        let thread = Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                while let Some(first) = waiting.blocking_recv() {
                    let mut group = vec![first];
                    while group.len() < GROUP
                        && let Ok(next) = waiting.try_recv()
                    {
                        group.push(next);
                    }
                    commit_all(&conn, &place, group);
                }
            })
            .map_err(|error| no_thread(&error))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `work` in a transaction. Returns when it is durable; if it fails, nothing of it remains.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let (sender, outcome) = oneshot::channel();
        let job: WriteJob = Box::new(move |conn| {
            let result = match conn {
                Ok(conn) => work(conn),
                Err(reason) => Err(StoreFault::Unavailable(reason)),
            };
            let keep = result.is_ok();
            let answer: Answer = Box::new(move |committed| {
                // A caller who went away needs no answer.
                let _ = sender.send(match committed {
                    Ok(()) => result,
                    Err(reason) => result.and(Err(StoreFault::Unavailable(reason))),
                });
            });
            Done { keep, answer }
        });
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(job).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    /// Waits until what was asked for is written and the file is closed.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Commits the jobs, in order, in as few transactions as the disk allows.
fn commit_all(conn: &Connection, place: &Place, group: Vec<WriteJob>) {
    let mut waiting = group.into_iter();
    while waiting.len() > 0 {
        if let Err(reason) = place.check().and_then(|()| run(conn, "BEGIN IMMEDIATE")) {
            for job in waiting {
                (job(Err(reason.clone())).answer)(Ok(()));
            }
            return;
        }
        let mut answers = Vec::with_capacity(waiting.len());
        let committed = commit(conn, &mut waiting, &mut answers);
        if committed.is_err() && !conn.is_autocommit() {
            // What cannot be rolled back cannot be committed either: the next BEGIN fails, and says so.
            let _ = run(conn, "ROLLBACK");
        }
        for answer in answers {
            answer(committed.clone());
        }
    }
}

/// Runs jobs until there are none left or one fails so badly that the transaction cannot go on, then commits.
fn commit(
    conn: &Connection,
    waiting: &mut std::vec::IntoIter<WriteJob>,
    answers: &mut Vec<Answer>,
) -> Result<(), String> {
    for job in waiting {
        if let Err(reason) = run(conn, "SAVEPOINT job") {
            answers.push(job(Err(reason)).answer);
            break;
        }
        let Done { keep, answer } = job(Ok(conn));
        answers.push(answer);
        // A full disk makes SQLite end the whole transaction by itself: nothing before this job is durable either.
        if conn.is_autocommit() {
            return Err(
                "the disk refused a write, and all that waited for the same commit was undone".to_owned()
            );
        }
        if !keep {
            run(conn, "ROLLBACK TO job")?;
        }
        run(conn, "RELEASE job")?;
    }
    run(conn, "COMMIT")
}

fn run(conn: &Connection, statement: &str) -> Result<(), String> {
    let done = conn.prepare_cached(statement).and_then(|mut prepared| prepared.execute([]));
    done.map(|_| ()).map_err(|error| error.to_string())
}

/// The reading threads.
pub(super) struct Readers {
    queues: Vec<mpsc::Sender<ReadJob>>,
    threads: Vec<JoinHandle<()>>,
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> Stored<Self> {
        let mut readers = Self { queues: Vec::new(), threads: Vec::new(), next: AtomicUsize::new(0) };
        for conn in connections {
            let (jobs, mut waiting) = mpsc::channel::<ReadJob>(QUEUE);
            let thread = Builder::new()
                .name("store-reader".to_owned())
                .spawn(move || {
                    while let Some(job) = waiting.blocking_recv() {
                        job(&conn);
                    }
                })
                .map_err(|error| no_thread(&error))?;
            readers.queues.push(jobs);
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    /// Runs `work` over a connection that sees everything committed so far.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let (sender, outcome) = oneshot::channel();
        let job: ReadJob = Box::new(move |conn| {
            // A caller who went away needs no answer.
            let _ = sender.send(work(conn));
        });
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.queues.len().max(1);
        let jobs = self.queues.get(turn).ok_or_else(gone)?;
        jobs.send(job).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queues.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn gone() -> StoreFault {
    StoreFault::Unavailable("its thread has ended".to_owned())
}

fn no_thread(error: &std::io::Error) -> StoreFault {
    StoreFault::Unavailable(format!("a thread for it cannot be started: {error}"))
}
