//! Phrases with stars, as a trie over their characters: every phrase that a text begins with is found in one walk, and
//! thousands of them are ready at once, which a regular expression of as many alternatives is not.

/// A phrase's place in its list.
pub(super) type Rank = usize;

/// Node 0 is the root.
#[derive(Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// By character.
    next: Vec<(char, usize)>,
    /// Where a star leads; such a node keeps any letters.
    star: Option<usize>,
    is_star: bool,
    /// The first phrase that ends here.
    end: Option<Rank>,
}

impl Trie {
    /// Of phrases in the order in which they are preferred, each as its characters; `*` stands for letters or none.
    pub fn new<C: Iterator<Item = char>>(phrases: impl Iterator<Item = C>) -> Trie {
        let mut trie = Trie { nodes: vec![Node::default()] };
        for (rank, phrase) in phrases.enumerate() {
            let mut node = 0;
            for character in phrase {
                node = trie.child(node, character);
            }
            trie.nodes[node].end.get_or_insert(rank);
        }
        trie
    }

    fn child(&mut self, node: usize, character: char) -> usize {
        let fresh = self.nodes.len();
        if character == '*' {
            let star = *self.nodes[node].star.get_or_insert(fresh);
            if star == fresh {
                self.nodes.push(Node { is_star: true, ..Node::default() });
            }
            return star;
        }
        let character = alike(character);
        let next = &mut self.nodes[node].next;
        match next.binary_search_by_key(&character, |(other, _)| *other) {
            Ok(at) => next[at].1,
            Err(at) => {
                next.insert(at, (character, fresh));
                self.nodes.push(Node::default());
                fresh
            }
        }
    }

    /// Calls `found` with every phrase that the characters begin with, and how many bytes it takes of them.
    pub fn walk(&self, characters: impl Iterator<Item = char>, mut found: impl FnMut(Rank, usize)) {
        let (mut at, mut next) = (Vec::new(), Vec::new());
        self.reach(0, &mut at);
        let mut taken = 0;
        for character in characters {
            taken += character.len_utf8();
            next.clear();
            for &node in &at {
                let Node { next: children, is_star, .. } = &self.nodes[node];
                if *is_star && is_letter(character) {
                    self.reach(node, &mut next);
                }
                if let Ok(place) = children.binary_search_by_key(&alike(character), |(other, _)| *other) {
                    self.reach(children[place].1, &mut next);
                }
            }
            if next.is_empty() {
                return;
            }
            next.iter().filter_map(|&node| self.nodes[node].end).for_each(|rank| found(rank, taken));
            std::mem::swap(&mut at, &mut next);
        }
    }

    /// Adds a node, and where a star that may stand for nothing leads.
    fn reach(&self, node: usize, nodes: &mut Vec<usize>) {
        if !nodes.contains(&node) {
            nodes.push(node);
            if let Some(star) = self.nodes[node].star {
                self.reach(star, nodes);
            }
        }
    }
}

/// Spaces are alike, and apostrophes.
fn alike(character: char) -> char {
    match character {
        '\n' | '\u{A0}' | '\u{202F}' => ' ',
        '’' => '\'',
        _ => character,
    }
}

/// What a star stands for: letters, and what is beyond ASCII.
fn is_letter(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '\u{C0}'..='\u{1FFF}' | '\u{3040}'..='\u{D7FF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phrase, and the bytes that it takes.
    type Found = (Rank, usize);

    #[test]
    fn every_phrase_that_a_text_begins_with() {
        let phrases = ["the group*", "the", "the * gang", "l'a", "*ware"];
        let trie = Trie::new(phrases.iter().map(|phrase| phrase.chars()));
        let cases: [(&str, &str, &[Found]); 7] = [
            ("nothing", "a group", &[]),
            ("all of them, and as far as a star goes", "the groups", &[(1, 3), (0, 9), (0, 10)]),
            ("a star within", "the dark gang is", &[(1, 3), (2, 13)]),
            ("a star is no space", "the very dark gang", &[(1, 3)]),
            ("any space", "the\u{A0}group", &[(1, 3), (0, 10)]),
            ("any apostrophe", "l’a", &[(3, 5)]),
            ("a star first", "malware", &[(4, 7)]),
        ];
        for (case, text, expected) in cases {
            let mut found = Vec::new();
            trie.walk(text.chars(), |rank, taken| found.push((rank, taken)));
            assert_eq!(found, expected, "{case}");
        }
    }
}
