//! What was done and where the time went.

use super::engine_report::StageRow;
use super::table::{Align, table};
use std::time::Duration;

/// Times of all frames together, over all threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct StageTimes {
    /// Input pictures: reading, decoding, converting, scaling.
    pub(super) read: Duration,
    /// The effect.
    pub(super) render: Duration,
    /// The host's own questions and checks.
    pub(super) host: Duration,
    /// Encoding and writing.
    pub(super) write: Duration,
}

impl StageTimes {
    pub(super) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.render += other.render;
        self.host += other.host;
        self.write += other.write;
    }
}

/// Everything that the summary tells.
pub(super) struct Summary {
    pub(super) done: usize,
    pub(super) skipped: usize,
    pub(super) effect: String,
    pub(super) output: String,
    pub(super) threads: usize,
    pub(super) elapsed: Duration,
    pub(super) times: StageTimes,
    pub(super) plugin_stages: Vec<StageRow>,
    pub(super) counters: Vec<(String, u64)>,
}

impl Summary {
    /// The summary as text; ends with a line break.
    pub(super) fn text(&self) -> String {
        let rate = self.done as f64 / self.elapsed.as_secs_f64().max(1e-9);
        let mut out = format!(
            "{} of {} in {} ({rate:.1} per second) to {}\n",
            frame_words(self.done),
            self.effect,
            seconds(self.elapsed),
            self.output
        );
        if self.skipped > 0 {
            out.push_str(&format!("{} left out, as their files exist\n", frame_words(self.skipped)));
        }
        if self.done == 0 {
            return out;
        }
        out.push('\n');
        out.push_str(&self.table());
        if self.threads > 1 {
            out.push_str(&format!("  (times of {} threads together)\n", self.threads));
        }
        if !self.counters.is_empty() {
            let counters: Vec<String> = self.counters.iter().map(|(name, count)| format!("{name} {count}")).collect();
            out.push_str(&format!("  {}\n", counters.join(", ")));
        }
        out
    }

    fn table(&self) -> String {
        let total = (self.times.read + self.times.render + self.times.host + self.times.write).as_secs_f64().max(1e-9);
        let row = |name: String, runs: u64, time: Duration| {
            let share = format!("{:.0} %", time.as_secs_f64() / total * 100.0);
            vec![name, runs.to_string(), seconds(time), milliseconds(time, runs), share]
        };
        let mut rows = vec![["stage", "runs", "total", "each", "share"].map(str::to_owned).to_vec()];
        let frames = self.done as u64;
        rows.push(row("read".to_owned(), frames, self.times.read));
        rows.push(row("render".to_owned(), frames, self.times.render));
        for stage in &self.plugin_stages {
            let time = Duration::try_from_secs_f64(stage.total_ms / 1000.0).unwrap_or_default();
            rows.push(row(format!("  {}", stage.name), stage.count, time));
        }
        rows.push(row("host".to_owned(), frames, self.times.host));
        rows.push(row("write".to_owned(), frames, self.times.write));
        table(&[Align::Left, Align::Right, Align::Right, Align::Right, Align::Right], &rows)
    }
}

/// "1 frame", "12 frames".
fn frame_words(count: usize) -> String {
    format!("{count} frame{}", if count == 1 { "" } else { "s" })
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn milliseconds(time: Duration, runs: u64) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0 / runs.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_reads_well() {
        let ms = Duration::from_millis;
        let summary = Summary {
            done: 10,
            skipped: 2,
            effect: "org.sam3roto.Roto".to_owned(),
            output: "matte.%04d.exr".to_owned(),
            threads: 2,
            elapsed: ms(2500),
            times: StageTimes { read: ms(500), render: ms(4000), host: ms(100), write: ms(400) },
            plugin_stages: vec![StageRow { name: "encode".to_owned(), count: 5, total_ms: 3000.0 }],
            counters: vec![("encoder runs".to_owned(), 5)],
        };
        let expected = "\
10 frames of org.sam3roto.Roto in 2.50 s (4.0 per second) to matte.%04d.exr
2 frames left out, as their files exist

  stage     runs   total      each  share
  read        10  0.50 s   50.0 ms   10 %
  render      10  4.00 s  400.0 ms   80 %
    encode     5  3.00 s  600.0 ms   60 %
  host        10  0.10 s   10.0 ms    2 %
  write       10  0.40 s   40.0 ms    8 %
  (times of 2 threads together)
  encoder runs 5
";
        assert_eq!(summary.text(), expected);
    }
}
