//! Lines on their way out: whoever has a line leaves it here, and one thread writes them, many at once.
//!
//! Nobody waits for the other end: lines that it does not take are counted, and the count is told when it does. What is
//! serious is written before anything else happens. Knows nothing of what the lines say.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes of lines that wait to be written; more are lost.
const ROOM: usize = 1024 * 1024;
/// How long lines are gathered.
const GATHER: Duration = Duration::from_millis(20);

/// The lines that wait.
#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    lost: u64,
}

/// Where lines are left.
pub(super) struct Spool<W> {
    waiting: Mutex<Waiting>,
    some: Condvar,
    /// Taken before the lines are, so that they go out in order.
    out: Mutex<(W, Vec<u8>)>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<W: Write + Send + 'static> Spool<W> {
    /// Lines go to `out`, by a thread that is started here.
    pub(super) fn start(out: W) -> io::Result<Arc<Self>> {
        let spool = Arc::new(Self::to(out));
        let writing = spool.clone();
        std::thread::Builder::new().name("log".to_owned()).spawn(move || writing.write_for_ever())?;
        Ok(spool)
    }

    fn to(out: W) -> Self {
        Self { waiting: Mutex::default(), some: Condvar::new(), out: Mutex::new((out, Vec::new())) }
    }

    fn write_for_ever(&self) {
        loop {
            let idle = locked(&self.waiting);
            drop(
                self.some.wait_while(idle, |waiting| waiting.lines.is_empty()).unwrap_or_else(PoisonError::into_inner),
            );
            std::thread::sleep(GATHER);
            self.flush();
        }
    }

    fn leave(&self, line: &[u8]) {
        let mut waiting = locked(&self.waiting);
        if waiting.lines.len() + line.len() > ROOM {
            waiting.lost += 1;
            return;
        }
        let first = waiting.lines.is_empty();
        waiting.lines.extend_from_slice(line);
        drop(waiting);
        if first {
            self.some.notify_one();
        }
    }

    /// Writes what waits, now.
    pub(super) fn flush(&self) {
        let mut out = locked(&self.out);
        let (out, lines) = &mut *out;
        let lost = {
            let mut waiting = locked(&self.waiting);
            std::mem::swap(lines, &mut waiting.lines);
            std::mem::take(&mut waiting.lost)
        };
        // There is nobody to tell that the log cannot be written.
        let _ = out.write_all(lines);
        if lost > 0 {
            let _ = writeln!(out, r#"{{"level":"WARN","message":"lines of the log are lost","lines":{lost}}}"#);
        }
        lines.clear();
    }
}

/// One event's way in.
pub(super) struct Line<'a, W: Write + Send + 'static> {
    spool: &'a Spool<W>,
    serious: bool,
}

impl<W: Write + Send + 'static> Write for Line<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.spool.leave(line);
        if self.serious {
            self.spool.flush();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A spool as the log writes to it.
pub(super) struct Way<W: 'static>(pub(super) Arc<Spool<W>>);

impl<'a, W: Write + Send + 'static> MakeWriter<'a> for Way<W> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Line<'a, W> {
        Line { spool: &self.0, serious: true }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Line<'a, W> {
        Line { spool: &self.0, serious: *event.level() <= Level::WARN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Kept {
        fn text(&self) -> String {
            String::from_utf8(locked(&self.0).clone()).unwrap()
        }
    }

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            locked(&self.0).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_soon_and_in_order() {
        let kept = Kept::default();
        let spool = Spool::start(kept.clone()).unwrap();
        let expected: String = (0..1_000).map(|n| format!("{n}\n")).collect();
        expected.split_inclusive('\n').for_each(|line| spool.leave(line.as_bytes()));
        let begun = std::time::Instant::now();
        while kept.text().len() < expected.len() && begun.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(GATHER);
        }
        assert_eq!(kept.text(), expected);
    }

    #[test]
    fn what_is_serious_is_written_at_once_after_what_came_before() {
        let kept = Kept::default();
        let spool = Spool::to(kept.clone());
        Line { spool: &spool, serious: false }.write_all(b"first\n").unwrap();
        assert_eq!(kept.text(), "");
        Line { spool: &spool, serious: true }.write_all(b"second\n").unwrap();
        assert_eq!(kept.text(), "first\nsecond\n");
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let kept = Kept::default();
        let spool = Spool::to(kept.clone());
        let line = [b'x'; 1_000];
        (0..2_000).for_each(|_| spool.leave(&line));
        assert!(locked(&spool.waiting).lines.len() <= ROOM);
        spool.flush();
        let lost = 2_000 - ROOM / line.len();
        assert!(kept.text().ends_with(&format!("\"lines\":{lost}}}\n")), "{lost}");
        spool.leave(b"again\n");
        spool.flush();
        assert!(kept.text().ends_with("}\nagain\n"));
    }
}
