//! A text to the tokens of CLIP's vocabulary.

use instant_clip_tokenizer::{Token, Tokenizer};
use unicode_normalization::UnicodeNormalization;

/// Bytes of the longest token of the vocabulary (eight times the same emoji).
const LONGEST_TOKEN: usize = 32;

/// What the text encoder is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tokens {
    /// Start, the text, end: at most as many as the context has.
    pub ids: Vec<i64>,
    /// Whether the text had more.
    pub cut: bool,
}

/// The text as the tokenizer is meant to see it: composed (Unicode's form NFC), lower case, single spaces, no control
/// characters, straight quotes. Texts that differ in nothing else are one text. (`CLIPTokenizer` of `transformers`:
/// NFC, single spaces, lower case, in this order. `basic_clean` of CLIP's own: `ftfy.fix_text`, which makes NFC too and
/// of whose repairs the other two are those that a person at a keyboard can need.)
pub(super) fn clean(text: &str) -> String {
    let straight = |c| match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        other => other,
    };
    let unseen = |c: char| (c.is_control() && !c.is_whitespace()) || c == '\u{feff}';
    let seen: String = text.chars().filter(|&c| !unseen(c)).nfc().map(straight).collect();
    seen.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The tokens of a [clean](clean) text for a context of `context` tokens, the end always among them.
///
/// The tokenizer is made for the occasion: it holds some 10 MB, and a text is encoded once.
pub(super) fn tokens(text: &str, context: usize) -> Tokens {
    let tokenizer = Tokenizer::new();
    let room = context.saturating_sub(2);
    let mut found = Vec::new();
    // Tokens do not reach across spaces. So what lies behind the context is never looked at, nor is the rest of a word
    // that fills the context on its own: merging takes the square of its length.
    for word in text.split(' ') {
        encode(&tokenizer, start_of(word, 2 * LONGEST_TOKEN * context), &mut found);
        if found.len() > room {
            break;
        }
    }
    let cut = found.len() > room;
    found.truncate(room);
    let all = [&[tokenizer.start_of_text()], found.as_slice(), &[tokenizer.end_of_text()]].concat();
    Tokens { ids: all.into_iter().map(|token| i64::from(token.to_u16())).collect(), cut }
}

/// Appends the tokens of a word. The names of the two marks are text like any other, for which the tokenizer would put
/// the marks themselves: a space after the bracket, where a token ends in any case, prevents it.
fn encode(tokenizer: &Tokenizer, word: &str, found: &mut Vec<Token>) {
    let plain = word.replace("<start_of_text>", "< start_of_text>").replace("<end_of_text>", "< end_of_text>");
    tokenizer.encode(&plain, found);
}

/// At most `bytes` bytes of a word, in whole characters.
fn start_of(word: &str, bytes: usize) -> &str {
    &word[..word.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: usize = 32;

    fn ids(text: &str) -> Vec<i64> {
        let tokens = tokens(&clean(text), CONTEXT);
        assert!(!tokens.cut, "{text}");
        tokens.ids[1..tokens.ids.len() - 1].to_vec()
    }

    /// Tokens of `CLIPTokenizer` of `transformers` 5.23 with CLIP's vocabulary, between start and end.
    #[test]
    fn texts_become_the_tokens_that_transformers_makes() {
        let expected: &[(&str, &[i64])] = &[
            ("cat", &[2368]),
            ("a photo of a cat", &[320, 1125, 539, 320, 2368]),
            ("  Two\tRED   balls \n", &[1237, 736, 6927]),
            ("the man's hat", &[518, 786, 568, 3801]),
            ("I've 3 dogs, 12 cats!", &[328, 1200, 274, 3255, 267, 272, 273, 3989, 256]),
            ("snake_case-word/1.5", &[8798, 318, 2068, 268, 2653, 270, 272, 269, 276]),
            ("!!!", &[995]),
            ("visual", &[7195]),
            ("\u{3000}cat\u{a0}dog\u{200b}bird", &[2368, 1929, 9844, 3329]),
            (
                "<start_of_text>hi<end_of_text>",
                &[283, 1572, 318, 539, 318, 4160, 285, 1883, 283, 806, 318, 539, 318, 4160, 285],
            ),
        ];
        for (text, tokens) in expected {
            assert_eq!(ids(text), *tokens, "{text}");
        }
    }

    #[test]
    fn emoji_and_other_scripts_have_tokens_too() {
        let expected: &[(&str, &[i64])] = &[
            ("\u{1f431}", &[22979]),
            ("\u{1f469}\u{200d}\u{1f680} astronaut", &[26304, 13542, 18376]),
            ("crème brûlée", &[1075, 12138, 614, 711, 127, 119, 75, 13489]),
            ("собака", &[23669, 20978, 109, 16912, 27152, 27080]),
            ("猫と犬", &[163, 234, 104, 34671, 163, 232, 361]),
            ("כלב", &[147, 249, 147, 250, 147, 495]),
            ("कुत्ता", &[22067, 39653, 27263, 19389, 27263, 13343]),
        ];
        for (text, tokens) in expected {
            assert_eq!(ids(text), *tokens, "{text}");
        }
    }

    /// Macs and some keyboards write letters and their marks apart.
    #[test]
    fn letters_and_their_marks_are_one_however_they_are_written() {
        for (apart, together) in [
            ("cre\u{300}me bru\u{302}le\u{301}e", "cr\u{e8}me br\u{fb}l\u{e9}e"),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}", "\u{d55c}\u{ad6d}"),
            ("\u{212b}ngstr\u{f6}m", "\u{c5}ngstr\u{f6}m"),
            ("A\u{301}RBOL", "\u{e1}rbol"),
        ] {
            assert_eq!(clean(apart), clean(together));
            assert_eq!(ids(apart), ids(together), "{together}");
        }
        // A mark that nothing can be composed with stays.
        assert_eq!(clean("q\u{301}"), "q\u{301}");
        assert_eq!(ids("cre\u{300}me bru\u{302}le\u{301}e"), [1075, 12138, 614, 711, 127, 119, 75, 13489]);
    }

    #[test]
    fn control_characters_and_curly_quotes_change_nothing() {
        assert_eq!(clean("\u{feff}c\0a\u{7f}t\u{1b}"), "cat");
        assert_eq!(ids("the man\u{2019}s hat"), ids("the man's hat"));
        assert_eq!(clean("\u{201c}Red\u{201d}\r\n\u{85}ball"), "\"red\" ball");
        for nothing in ["", "  \t\n", "\0\u{1}\u{7f}", "\u{feff}\u{3000}"] {
            assert_eq!(clean(nothing), "");
        }
    }

    #[test]
    fn a_text_that_just_fits_is_not_cut_and_one_more_word_is() {
        let fits = ["word"; CONTEXT - 2].join(" ");
        assert!(!tokens(&fits, CONTEXT).cut);
        let cut = tokens(&format!("{fits} more"), CONTEXT);
        assert_eq!(cut, Tokens { cut: true, ..tokens(&fits, CONTEXT) });
        assert_eq!((cut.ids.len(), cut.ids.last()), (CONTEXT, Some(&49407)));
    }

    #[test]
    fn ten_thousand_characters_are_cut_to_the_same_tokens_as_by_the_whole() {
        let scrambled: String = (0..10_000u32).map(|i| char::from(b'a' + (i * i % 97 * i % 26) as u8)).collect();
        let texts =
            ["word ".repeat(2000), "猫".repeat(10_000), "\u{1f602}".repeat(10_000), "-".repeat(10_000), scrambled];
        let tokenizer = Tokenizer::new();
        for text in texts {
            let found = tokens(&clean(&text), CONTEXT);
            // Far more than the context has, and few enough to be merged in a test's time.
            let mut whole = Vec::new();
            tokenizer.encode(start_of(&text, 9000), &mut whole);
            let whole: Vec<_> = whole[..CONTEXT - 2].iter().map(|token| i64::from(token.to_u16())).collect();
            assert!(found.cut);
            assert_eq!(found.ids[1..CONTEXT - 1], whole, "{}", start_of(&text, 20));
        }
    }
}
