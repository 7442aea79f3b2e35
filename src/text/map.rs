//! From positions in the view to positions in the source.

use std::ops::Range;

/// Runs of the view and where they come from. Positions are bytes, counted from the start of the part.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    /// By position in the view; disjoint. What lies between two runs (a line break that stands for a tag) comes
    /// from no byte of the source.
    runs: Vec<Run>,
}

#[derive(Clone, Debug)]
struct Run {
    view: Range<usize>,
    source: Range<usize>,
}

impl SourceMap {
    /// Of a part whose view is its source.
    pub fn identity(len: usize) -> SourceMap {
        SourceMap { runs: vec![Run { view: 0..len, source: 0..len }] }
    }

    /// Adds a run: either copied (both ranges of one length) or decoded (`&eacute;` for `é`). Runs come in order.
    pub fn push(&mut self, view: Range<usize>, source: Range<usize>) {
        if let Some(last) = self.runs.last_mut() {
            let copied = |run: &Run| run.view.len() == run.source.len();
            let adjacent = last.view.end == view.start && last.source.end == source.start;
            if adjacent && copied(last) && view.len() == source.len() {
                last.view.end = view.end;
                last.source.end = source.end;
                return;
            }
        }
        self.runs.push(Run { view, source });
    }

    /// The bytes of the source that `view` comes from, markup in between included.
    pub fn source(&self, view: Range<usize>) -> Range<usize> {
        let start = match self.runs.get(self.runs.partition_point(|run| run.view.end <= view.start)) {
            Some(run) => run.source.start + offset(run, view.start.saturating_sub(run.view.start)),
            None => self.runs.last().map_or(0, |run| run.source.end),
        };
        let end = match self.runs[..self.runs.partition_point(|run| run.view.start < view.end)].last() {
            Some(run) if view.end < run.view.end => run.source.start + offset(run, view.end - run.view.start),
            Some(run) => run.source.end,
            None => start,
        };
        start..end.max(start)
    }
}

/// A position within a decoded run has no counterpart: the run's start stands for it.
fn offset(run: &Run, within: usize) -> usize {
    if run.view.len() == run.source.len() { within } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_view_to_source() {
        // Source: `<p>caf&eacute; a</p><p>b`; view: `café a`, two line breaks from no byte, `b`.
        let mut map = SourceMap::default();
        map.push(0..3, 3..6);
        map.push(3..5, 6..14);
        map.push(5..7, 14..16);
        map.push(9..10, 23..24);
        let cases = [
            ("copied", 0..3, 3..6),
            ("within a copied run", 1..2, 4..5),
            ("decoded", 3..5, 6..14),
            ("across runs", 0..7, 3..16),
            ("ends within decoded", 0..4, 3..6),
            ("across the line breaks", 6..10, 15..24),
            ("the line breaks", 7..9, 23..23),
            ("behind the end", 10..10, 24..24),
        ];
        for (name, view, expected) in cases {
            assert_eq!(map.source(view), expected, "{name}");
        }
        assert_eq!(SourceMap::identity(5).source(1..4), 1..4);
        assert_eq!(SourceMap::default().source(0..0), 0..0);
    }
}
