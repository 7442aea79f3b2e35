//! Lists by pages: how many entries, and where the next page begins.

use super::refusal::Refusal;
use crate::config::ServerConfig;
use crate::extraction::Provenance;

/// One page of a list, and the token of the next; empty on the last.
#[derive(Debug, PartialEq)]
pub(super) struct Page<'a, T> {
    pub entries: &'a [T],
    pub next_page_token: String,
}

/// Cuts the page that is asked for out of `list`. A token is good for the list and the build that gave it, which
/// `name` stands for: elsewhere its position would skip or repeat entries.
pub(super) fn page<'a, T>(list: &'a [T], name: &str, size: i32, token: &str) -> Result<Page<'a, T>, Refusal> {
    let size = match usize::try_from(size) {
        Err(_) => return Err(Refusal::of_field("page_size", format!("{size} is negative"))),
        Ok(0) => ServerConfig::DEFAULT_PAGE_SIZE,
        Ok(size) => size.min(ServerConfig::MAX_PAGE_SIZE),
    };
    let start = match token {
        "" => 0,
        token => position(token, name)
            .filter(|&start| start < list.len())
            .ok_or_else(|| Refusal::of_field("page_token", "is not a token of this list from this build"))?,
    };
    let end = list.len().min(start + size);
    let next_page_token = if end < list.len() { encode(end, name) } else { String::new() };
    Ok(Page { entries: &list[start..end], next_page_token })
}

/// Hexadecimal, so that nobody takes the inside for a promise.
fn encode(position: usize, name: &str) -> String {
    plain(position, name).bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn plain(position: usize, name: &str) -> String {
    let digest = Provenance::CURRENT.data_digest;
    format!("{position} {} {name}", &digest[..16])
}

fn position(token: &str, name: &str) -> Option<usize> {
    // Longer than any token of this list, and not worth decoding.
    if token.len() > encode(usize::MAX, name).len() {
        return None;
    }
    let pairs = token.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let text = String::from_utf8(bytes.collect::<Option<_>>()?).ok()?;
    let position = text.split(' ').next()?.parse().ok()?;
    (encode(position, name) == token).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_the_list_once() {
        let list: Vec<_> = (0..25).collect();
        for (size, pages) in [(1, 25), (7, 4), (25, 1), (26, 1), (0, 1), (i32::MAX, 1)] {
            let (mut seen, mut token, mut count) = (Vec::new(), String::new(), 0);
            loop {
                let page = page(&list, "numbers", size, &token).unwrap();
                seen.extend_from_slice(page.entries);
                count += 1;
                token = page.next_page_token;
                if token.is_empty() {
                    break;
                }
            }
            assert_eq!((seen, count), (list.clone(), pages), "size {size}");
        }
    }

    #[test]
    fn sizes_have_a_default_and_a_maximum() {
        let list = vec![(); 2 * ServerConfig::MAX_PAGE_SIZE];
        let lengths = [0, 1, i32::MAX].map(|size| page(&list, "", size, "").unwrap().entries.len());
        assert_eq!(lengths, [ServerConfig::DEFAULT_PAGE_SIZE, 1, ServerConfig::MAX_PAGE_SIZE]);
    }

    #[test]
    fn a_token_holds_for_any_page_size_of_its_build() {
        let list = [1, 2, 3, 4];
        let token = page(&list, "été", 1, "").unwrap().next_page_token;
        for (size, entries) in [(1, &list[1..2]), (2, &list[1..3]), (0, &list[1..])] {
            assert_eq!(page(&list, "été", size, &token).unwrap().entries, entries, "size {size}");
        }
        let digest = &Provenance::CURRENT.data_digest[..16];
        let other_build = plain(1, "été").replace(digest, "0123456789abcdef");
        let token: String = other_build.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(page(&list, "été", 1, &token).is_err());
    }

    #[test]
    fn an_empty_list_has_one_empty_page() {
        let empty = Page { entries: &[] as &[u8], next_page_token: String::new() };
        assert_eq!(page(&[], "", 5, ""), Ok(empty));
    }

    #[test]
    fn bad_requests_name_the_field() {
        let list = [1, 2, 3];
        let good = page(&list, "a", 1, "").unwrap().next_page_token;
        let cases = [
            ("page_size", "a", -1, ""),
            ("page_size", "a", i32::MIN, ""),
            ("page_token", "b", 1, good.as_str()),
            ("page_token", "a", 1, "1"),
            ("page_token", "a", 1, "zz"),
            ("page_token", "a", 1, "+1+1"),
            ("page_token", "a", 1, "é"),
            ("page_token", "a", 1, &format!("{good}0")),
            ("page_token", "a", 1, &good[2..]),
            ("page_token", "a", 1, &"0".repeat(10_000)),
            ("page_token", "a", 1, &encode(3, "a")),
            ("page_token", "a", 1, &encode(usize::MAX, "a")),
        ];
        for (field, name, size, token) in cases {
            let refusal = page(&list, name, size, token).unwrap_err();
            assert_eq!(refusal.violations[0].field, field, "{name} {size} {token}");
        }
    }
}
