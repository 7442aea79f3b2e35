//! Threads that run the encoder. What is asked of it at the same time is read in one batch, whoever asked: small
//! documents are read faster together, and a long one keeps all threads busy.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use rayon::ThreadPoolBuilder;

use super::encoder::{Reading, Sequence};

/// Pieces that are read together: enough for the matrices to be worth their way through the caches.
const BATCH: usize = 512;

/// Reads sequences; returns what is read of each of their sentences.
pub type Read = dyn Fn(&[&Sequence]) -> Vec<Reading> + Send + Sync;

/// A number of threads with one queue. They end when it is dropped.
#[derive(Debug)]
pub struct Workers {
    queue: Arc<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

/// Sequences of one text, at most a batch.
#[derive(Debug)]
struct Job {
    sequences: Vec<Sequence>,
    pieces: usize,
    answer: Sender<Vec<Reading>>,
}

impl Workers {
    /// Starts so many threads that `read`.
    pub fn new(count: NonZeroUsize, read: Arc<Read>) -> Workers {
        let queue = Arc::new(Queue::default());
        for _ in 0..count.get() {
            let (queue, read) = (queue.clone(), read.clone());
            let named = thread::Builder::new().name("depeche-encoder".to_owned());
            named.spawn(move || work(&queue, &*read)).expect("a thread can be started");
        }
        Workers { queue }
    }

    /// The readings of all sentences of the sequences, in order.
    ///
    /// # Panics
    ///
    /// Where reading them does.
    pub fn read(&self, sequences: Vec<Sequence>) -> Vec<Reading> {
        let mut answers = Vec::new();
        let mut open: Option<(Job, Receiver<Vec<Reading>>)> = None;
        for sequence in sequences {
            let length = sequence.ids.len();
            if open.as_ref().is_some_and(|(job, _)| job.pieces + length > BATCH) {
                answers.extend(open.take().map(|(job, answer)| self.submit(job, answer)));
            }
            let (job, _) = open.get_or_insert_with(|| {
                let (answer, answered) = mpsc::channel();
                (Job { sequences: Vec::new(), pieces: 0, answer }, answered)
            });
            job.pieces += length;
            job.sequences.push(sequence);
        }
        answers.extend(open.map(|(job, answer)| self.submit(job, answer)));
        answers.into_iter().flat_map(|answer| answer.recv().expect("reading a text failed")).collect()
    }

    fn submit(&self, job: Job, answer: Receiver<Vec<Reading>>) -> Receiver<Vec<Reading>> {
        self.queue.lock().jobs.push_back(job);
        self.queue.changed.notify_one();
        answer
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.changed.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for jobs and takes as many as one batch holds; `None` once the queue is closed.
    fn take(&self) -> Option<Vec<Job>> {
        let mut state = self.lock();
        loop {
            if let Some(first) = state.jobs.pop_front() {
                let mut pieces = first.pieces;
                let mut jobs = vec![first];
                while state.jobs.front().is_some_and(|next| pieces + next.pieces <= BATCH) {
                    let next = state.jobs.pop_front().expect("it was there");
                    pieces += next.pieces;
                    jobs.push(next);
                }
                return Some(jobs);
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(queue: &Queue, read: &Read) {
    // A matrix product spreads over the threads of the pool that it is in, and so small a one is not worth it.
    let alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let _alone = alone.expect("a thread can be a pool of its own");
    while let Some(jobs) = queue.take() {
        if answer(&jobs, read).is_err() && jobs.len() > 1 {
            // A bug met in one text must not cost the others their answer.
            jobs.into_iter().for_each(|job| drop(answer(&[job], read)));
        }
    }
}

/// Reads jobs in one batch. Who waits for a job whose reading failed sees its sender dropped.
fn answer(jobs: &[Job], read: &Read) -> thread::Result<()> {
    let sequences: Vec<&Sequence> = jobs.iter().flat_map(|job| &job.sequences).collect();
    let mut readings = catch_unwind(AssertUnwindSafe(|| read(&sequences)))?.into_iter();
    for job in jobs {
        let sentences = job.sequences.iter().map(|sequence| sequence.sentences.len()).sum();
        // Nobody waits for it once its caller has given up.
        let _ = job.answer.send(readings.by_ref().take(sentences).collect());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagger::decode::TAGS;

    /// A sequence of one sentence for each number.
    fn sequence(numbers: &[u32]) -> Sequence {
        let count = numbers.len();
        let sentences = (0..count).map(|at| at..at + 1).collect();
        Sequence { ids: numbers.to_vec(), tagged: vec![true; count], sentences }
    }

    /// Says of each sentence its number, and fails at 13.
    fn workers(count: usize) -> Workers {
        let read = |sequences: &[&Sequence]| {
            let ids = sequences.iter().flat_map(|sequence| &sequence.ids);
            ids.map(|id| {
                assert_ne!(*id, 13, "a bug");
                vec![[*id as f32; TAGS.len()]]
            })
            .collect()
        };
        Workers::new(NonZeroUsize::new(count).unwrap(), Arc::new(read))
    }

    fn numbers(readings: Vec<Reading>) -> Vec<usize> {
        readings.into_iter().map(|reading| reading[0][0] as usize).collect()
    }

    #[test]
    fn everyone_gets_their_own_answer() {
        let workers = workers(3);
        thread::scope(|scope| {
            for caller in 0..8 {
                let workers = &workers;
                scope.spawn(move || {
                    for length in [0, 1, 40, 300] {
                        let text: Vec<u32> = (0..length).map(|at| 1_000 * caller + 100 + at).collect();
                        let sequences = text.chunks(7).map(sequence).collect();
                        let expected: Vec<usize> = text.iter().map(|number| *number as usize).collect();
                        assert_eq!(numbers(workers.read(sequences)), expected);
                    }
                });
            }
        });
    }

    #[test]
    fn a_failure_costs_one_text() {
        let workers = workers(1);
        thread::scope(|scope| {
            for number in 10..16 {
                let workers = &workers;
                scope.spawn(move || {
                    let read = || numbers(workers.read(vec![sequence(&[number])]));
                    let answer = catch_unwind(AssertUnwindSafe(read)).ok();
                    assert_eq!(answer, (number != 13).then(|| vec![number as usize]));
                });
            }
        });
        assert_eq!(numbers(workers.read(vec![sequence(&[7])])), [7]);
    }
}
