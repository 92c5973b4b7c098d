//! Foreign text of bounded length.

/// What stands where text was cut off.
const MARK: &str = " [cut]";

/// `text` as it is, or its beginning of at most `bytes_max` bytes, marked.
pub(super) fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        text.push_str(MARK);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_between_characters_and_marked() {
        assert_eq!(cut("äbc".to_owned(), 4), "äbc");
        assert_eq!(cut("äbc".to_owned(), 3), "äb [cut]");
        assert_eq!(cut("äbc".to_owned(), 1), " [cut]");
        assert_eq!(cut(String::new(), 0), "");
    }
}
