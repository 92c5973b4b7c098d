//! Which image is named when a filter fails, and how often it is asked.

use super::guest::{Guest, request};
use crate::filter::blame::{Failed, blame};
use crate::filter::error::Wrong;
use crate::filter::ready::Attempt;
use crate::filter::{Blamed, Decided, Fault, FilterError, Image, Measured};
use std::cell::Cell;

fn tags(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("t{number:04}")).collect()
}

/// What is blamed when exactly those lists fail of which `fails` is true, and how often it was asked.
fn blamed(count: usize, fails: impl Fn(&[&str]) -> bool) -> (Box<FilterError>, usize) {
    let tags = tags(count);
    let request = request(&tags.iter().map(String::as_str).collect::<Vec<_>>());
    let asked = Cell::new(0);
    let attempt = |images: &[Image]| {
        asked.set(asked.get() + 1);
        let tags: Vec<&str> = images.iter().map(|image| image.tag.as_str()).collect();
        if fails(&tags) {
            let wrong = Wrong::new(Fault::Crash, format!("of {}", tags.len()));
            Attempt::Failed(wrong, None, Vec::new())
        } else {
            Attempt::Decided(Decided { decisions: Vec::new(), log: Vec::new(), used: Measured::default() })
        }
    };
    let Attempt::Failed(wrong, index, log) = attempt(&request.images) else { panic!("it passes") };
    asked.set(0);
    let error = blame("f", &request, Failed { wrong, index, log }, attempt);
    (error, asked.get())
}

#[test]
fn the_image_that_fails_is_found_wherever_it_is() {
    for count in [1, 2, 3, 7, 64, 65] {
        for bad in 0..count {
            let name = format!("t{bad:04}");
            let (error, asked) = blamed(count, |tags| tags.contains(&name.as_str()));
            let Blamed { tag, position, of, .. } = error.blamed.as_ref().expect("somebody is to blame");
            assert_eq!((tag.as_str(), *position, *of), (name.as_str(), bad + 1, count));
            assert_eq!(error.message, "of 1", "the error of the image alone is told");
            let most = usize::try_from(count.next_power_of_two().ilog2()).expect("small") + 2;
            assert!(asked <= most, "{asked} calls for {count} images, of at most {most}");
        }
    }
}

#[test]
fn an_image_that_fails_only_in_company_is_named_with_it() {
    let (error, _) = blamed(10, |tags| tags.contains(&"t0002") && tags.contains(&"t0006"));
    assert_eq!(
        error.to_string(),
        "the filter `f`: docker.io/library/nginx:t0006 (image 7 of 10): of 7 (together with those before it; alone it passes)"
    );
}

#[test]
fn no_image_is_named_where_the_filter_fails_without_any() {
    let (error, asked) = blamed(10, |_| true);
    assert_eq!((error.blamed, error.message.as_str(), asked), (None, "of 10", 1));
}

#[test]
fn a_filter_that_fails_at_one_of_a_thousand_images_is_told_with_it() {
    let mut tags = tags(1000);
    tags[687] = "x1.13.37".to_owned();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let error = Guest { on_x: "unreachable", ..Guest::default() }.fails(&tags);
    assert_eq!(
        error.to_string(),
        "the filter `guest`: docker.io/library/nginx:x1.13.37 (image 688 of 1000): it panicked or aborted"
    );
}
