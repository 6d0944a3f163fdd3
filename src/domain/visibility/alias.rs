//! Aliases: names that are friendly to everybody, easy to say, and say nothing of who bears them.
//!
//! The words are English in every language, like names. A word stands here if it is kind by itself and beside each of the
//! others: no animals that people are called by, nothing of looks, age, sex or origin.

const ADJECTIVES: [&str; 64] = [
    "Agile", "Airy", "Alert", "Blithe", "Bold", "Brave", "Breezy", "Bright", "Brisk", "Bubbly", "Calm", "Careful",
    "Cheerful", "Clever", "Cosmic", "Curious", "Dapper", "Daring", "Deft", "Eager", "Earnest", "Festive", "Friendly",
    "Gallant", "Gentle", "Glad", "Gleaming", "Golden", "Graceful", "Happy", "Hearty", "Helpful", "Honest", "Jolly",
    "Jovial", "Joyful", "Keen", "Kind", "Lively", "Loyal", "Lucky", "Lunar", "Mellow", "Merry", "Mindful", "Nimble",
    "Noble", "Patient", "Peaceful", "Playful", "Polite", "Quick", "Radiant", "Serene", "Sincere", "Snappy", "Steady",
    "Sunny", "Swift", "Tranquil", "Trusty", "Upbeat", "Vivid", "Zesty",
];

const ANIMALS: [&str; 64] = [
    "Alpaca",
    "Antelope",
    "Avocet",
    "Bison",
    "Bobcat",
    "Bumblebee",
    "Butterfly",
    "Caribou",
    "Chamois",
    "Chipmunk",
    "Corgi",
    "Crane",
    "Cricket",
    "Curlew",
    "Dolphin",
    "Dragonfly",
    "Eagle",
    "Egret",
    "Eider",
    "Falcon",
    "Finch",
    "Firefly",
    "Flamingo",
    "Gazelle",
    "Gecko",
    "Goldfinch",
    "Heron",
    "Hummingbird",
    "Ibex",
    "Ibis",
    "Impala",
    "Jaguar",
    "Kestrel",
    "Kingfisher",
    "Koala",
    "Ladybird",
    "Lark",
    "Lemur",
    "Leopard",
    "Linnet",
    "Llama",
    "Lynx",
    "Marmot",
    "Marten",
    "Meerkat",
    "Narwhal",
    "Nightingale",
    "Ocelot",
    "Okapi",
    "Oriole",
    "Osprey",
    "Otter",
    "Panda",
    "Pelican",
    "Penguin",
    "Plover",
    "Puffin",
    "Quokka",
    "Seahorse",
    "Starling",
    "Swan",
    "Toucan",
    "Wallaby",
    "Wombat",
];

/// Numbers of four digits.
const NUMBERS: std::ops::RangeInclusive<u64> = 1_000..=9_999;

/// The alias that a digest stands for, such as "Brisk Otter 4821": one of 36,864,000.
///
/// Two people of a large board may bear the same. Whose it is cannot be told from it if the digest is a keyed one.
pub fn alias_of(digest: u64) -> String {
    let word = |words: &[&'static str; 64], at: u64| words.get((at % 64) as usize).copied().unwrap_or_default();
    let (adjective, animal) = (word(&ADJECTIVES, digest), word(&ANIMALS, digest >> 6));
    let number = NUMBERS.start() + (digest >> 12) % (NUMBERS.end() - NUMBERS.start() + 1);
    format!("{adjective} {animal} {number}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_plain_and_different() {
        for words in [ADJECTIVES, ANIMALS] {
            assert!(words.is_sorted());
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
            for word in words {
                let (first, rest) = word.split_at(1);
                assert!(first.bytes().all(|byte| byte.is_ascii_uppercase()), "{word}");
                assert!(rest.len() > 2 && rest.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
            }
        }
        assert!(ADJECTIVES.iter().all(|word| !ANIMALS.contains(word)));
    }

    #[test]
    fn an_alias_stays_what_it_is() {
        assert_eq!(alias_of(0), "Agile Alpaca 1000");
        assert_eq!(alias_of(8 + (51 << 6) + (3_821 << 12)), "Brisk Otter 4821");
        assert_eq!(alias_of(u64::MAX), "Zesty Wombat 7495");
    }

    #[test]
    fn every_word_and_number_is_used() {
        let aliases: BTreeSet<String> = (0..64 * 64 * 9_000_u64).step_by(4_097).map(alias_of).collect();
        assert_eq!(aliases.len(), 9_000 * 64 * 64 / 4_097 + 1);
        let parts = |at: usize| {
            aliases.iter().map(|alias| alias.split(' ').nth(at).unwrap().to_owned()).collect::<BTreeSet<_>>()
        };
        assert_eq!([0, 1].map(|at| parts(at).len()), [64, 64]);
        let numbers = parts(2);
        assert_eq!((numbers.first().unwrap().as_str(), numbers.last().unwrap().as_str()), ("1000", "9999"));
    }

    proptest! {
        #[test]
        fn an_alias_is_two_words_and_four_digits(digest: u64) {
            let alias = alias_of(digest);
            let parts: Vec<&str> = alias.split(' ').collect();
            prop_assert!(ADJECTIVES.contains(&parts[0]) && ANIMALS.contains(&parts[1]));
            prop_assert!(parts.len() == 3 && NUMBERS.contains(&parts[2].parse().unwrap()));
        }
    }
}
