//! Deeds that are in the answer.

use crate::crimes::COMMANDS;
use crate::{Config, Deed};
use crossdock_filter::{Decision, Destination, Image, Request};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// What is answered. A deed that does something else keeps everything.
pub fn answer(config: &Config, request: &Request) -> Vec<Decision> {
    let count = request.images.len();
    let is_meant = |image: &Image| config.at.as_ref().is_none_or(|tag| image.tag == *tag);
    match config.deed {
        Deed::OneLess => vec![Decision::Keep; count.saturating_sub(1)],
        Deed::OneMore => vec![Decision::Keep; count + 1],
        Deed::None => Vec::new(),
        deed => {
            let one = |image| if is_meant(image) { decide(deed, image, request) } else { Decision::Keep };
            request.images.iter().map(one).collect()
        }
    }
}

fn decide(deed: Deed, image: &Image, request: &Request) -> Decision {
    let target = &request.target.path;
    match deed {
        Deed::HugeOutput => Decision::tags((0..8192).map(|tag| format!("{tag:0>128}"))),
        Deed::HugeReason => Decision::drop("x".repeat(1 << 20)),
        Deed::ReasonCommands => Decision::drop(COMMANDS),
        Deed::BadUtf8 => Decision::tags([not_utf8()]),
        Deed::IllegalTag => Decision::tags(["a/b"]),
        Deed::EmptyTag => Decision::tags([""]),
        Deed::LongTag => Decision::tags(["x".repeat(129)]),
        Deed::TagWithNewline => Decision::tags(["a\nb"]),
        Deed::TagWithEscape => Decision::tags(["\u{1b}[31mred"]),
        Deed::TagWithCommand => Decision::tags(["##[error]owned"]),
        Deed::PathUpwards => at(format!("{target}/../secret"), image),
        Deed::PathElsewhere => at("somewhere/else".to_owned(), image),
        Deed::PathAlike => at(format!("{target}alike"), image),
        Deed::PathIllegal => at(format!("{target}/Not A Path"), image),
        Deed::NoDestination => Decision::Rename(Vec::new()),
        Deed::ManyDestinations => Decision::tags((0..10_000).map(|tag| format!("{}-{tag}", image.tag))),
        Deed::SameTwice => Decision::tags([image.tag.clone(), image.tag.clone()]),
        Deed::Collide => Decision::tags(["one-name-for-all"]),
        Deed::Hashmap => Decision::drop(hashed_order()),
        Deed::Random => Decision::drop(format!("{:016x}", RandomState::new().hash_one(&image.tag))),
        Deed::Time => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs());
            Decision::drop(format!("{now:?}"))
        }
        Deed::Remember if CALLS.fetch_add(1, Ordering::Relaxed) >= request.images.len() as u32 => {
            Decision::drop("it remembers")
        }
        _ => Decision::Keep,
    }
}

fn at(path: String, image: &Image) -> Decision {
    Decision::Rename(vec![Destination { path: Some(path), tag: image.tag.clone() }])
}

/// The order in which a map with a random seed has its keys.
fn hashed_order() -> String {
    let map: HashMap<u32, ()> = (0..16).map(|key| (key, ())).collect();
    map.keys().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

#[expect(unsafe_code, reason = "what the language forbids is what the host has to refuse")]
fn not_utf8() -> String {
    // SAFETY: none is claimed. Nothing looks into the text before it leaves.
    unsafe { String::from_utf8_unchecked(vec![b'a', 0xff, 0xfe, b'z']) }
}
