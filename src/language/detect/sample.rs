//! Draws the part of a text that its language is told from, so that the cost does not grow with the text.

/// A longer text is read in so many windows of so many bytes. They must be many, for two languages that alternate
/// to come out about even, and long enough for a few function words each.
const WINDOWS: usize = 16;
const WINDOW_BYTES: usize = 150;
/// A segment is cut no shorter than this, in bytes: a few words tell little by themselves.
const SEGMENT_BYTES: usize = 20;

/// The text whole, or windows of it, each cut into about its sentences.
pub fn segments(text: &str) -> Vec<&str> {
    windows(text).into_iter().flat_map(sentences).collect()
}

/// The first window is the text's beginning. The others lie at multiples of the golden ratio, modulo 1: as even as
/// a grid, but never in step with paragraphs that alternate.
fn windows(text: &str) -> Vec<&str> {
    if text.len() <= WINDOWS * WINDOW_BYTES {
        return vec![text];
    }
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let room = text.len() - WINDOW_BYTES;
    let starts = (0..WINDOWS).map(|index| ((index as f64 * GOLDEN).fract() * room as f64) as usize);
    starts.map(|start| window(text, start)).collect()
}

/// About [`WINDOW_BYTES`] from `start`, without the word that each end would cut in two.
fn window(text: &str, start: usize) -> &str {
    let start = boundary(text, start);
    let cut = &text[start..boundary(text, start + WINDOW_BYTES)];
    let from = match cut.find(char::is_whitespace) {
        Some(space) if start > 0 => space,
        _ => 0,
    };
    let to = cut.rfind(char::is_whitespace).filter(|space| *space > from).unwrap_or(cut.len());
    &cut[from..to]
}

/// The first boundary of a character at `position` or after.
fn boundary(text: &str, position: usize) -> usize {
    (position..text.len()).find(|position| text.is_char_boundary(*position)).unwrap_or(text.len())
}

/// Cuts at line ends and at sentence marks before a space.
fn sentences(window: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = window;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(sentence_end(rest));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn sentence_end(text: &str) -> usize {
    let mut previous = ' ';
    for (position, character) in text.char_indices() {
        let full_stop =
            matches!(previous, '.' | '!' | '?' | '…' | '"' | '»' | '”') && character.is_whitespace();
        let ends = full_stop || matches!(previous, '\n' | '。' | '！' | '？' | '।' | '۔');
        if ends && position >= SEGMENT_BYTES {
            return position;
        }
        previous = character;
    }
    text.len()
}
