//! Drops images that are older than so many days, and keeps the newest few whatever their age.

use crossdock_filter::{Decision, Facts, Filter, Image, Request};
use serde::Deserialize;
use std::cmp::Reverse;

/// Seconds in a day.
const DAY: i64 = 24 * 60 * 60;
/// Most days that can be asked for: a hundred years.
const DAYS_MAX: u32 = 36_500;
/// 2013-01-01, before which there were no images. Builds that want the same bytes every time write
/// 1970 or 1980, which tells no age.
const FIRST_IMAGE: i64 = 1_356_998_400;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// How old an image may be.
    days: u32,
    /// How many of the newest are kept whatever their age.
    #[serde(default)]
    keep: u32,
    /// What becomes of images that do not tell when they were made.
    #[serde(default)]
    undated: Undated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Undated {
    #[default]
    Keep,
    Drop,
}

struct AgeWindow;

impl Filter for AgeWindow {
    type Config = Config;

    fn prepare(config: &Config) -> Result<Facts, String> {
        match config.days {
            1..=DAYS_MAX => Ok(Facts::CONFIG | Facts::NOW),
            other => Err(format!("config.days: {other} is not between 1 and {DAYS_MAX}")),
        }
    }

    fn decide(config: &Config, request: &Request) -> Result<Vec<Decision>, String> {
        let now = request.now.ok_or("the time of the run is not known")?;
        Ok(decide(config, &request.images, now))
    }
}

crossdock_filter::filter!(AgeWindow);

/// When an image was made, as far as it tells.
fn made(image: &Image) -> Option<i64> {
    image.created.filter(|created| *created >= FIRST_IMAGE)
}

fn decide(config: &Config, images: &[Image], now: i64) -> Vec<Decision> {
    let mut dated: Vec<(i64, &str)> =
        images.iter().filter_map(|image| Some((made(image)?, image.tag.as_str()))).collect();
    dated.sort_by_key(|(made, tag)| (Reverse(*made), *tag));
    dated.truncate(config.keep as usize);
    let one = |image: &Image| {
        let Some(made) = made(image) else {
            return match config.undated {
                Undated::Keep => Decision::Keep,
                Undated::Drop => Decision::drop("it does not tell when it was made"),
            };
        };
        let age = now.saturating_sub(made) / DAY;
        if age <= i64::from(config.days) || dated.contains(&(made, image.tag.as_str())) {
            Decision::Keep
        } else {
            Decision::drop(format!("{age} days old, of at most {}", config.days))
        }
    };
    images.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2023-11-14.
    const NOW: i64 = 1_700_000_000;

    fn aged(tag: &str, days: i64) -> Image {
        Image { created: Some(NOW - days * DAY), ..Image::plain(tag) }
    }

    fn config(text: &str) -> Config {
        serde_json::from_str(text).expect("a configuration")
    }

    #[test]
    fn old_images_go_and_the_newest_stay() {
        let images = [aged("a", 31), aged("b", 29), aged("c", 400), aged("d", -2)];
        assert_eq!(
            decide(&config(r#"{"days": 30}"#), &images, NOW),
            [
                Decision::drop("31 days old, of at most 30"),
                Decision::Keep,
                Decision::drop("400 days old, of at most 30"),
                Decision::Keep
            ]
        );
        let at_least_three = decide(&config(r#"{"days": 30, "keep": 3}"#), &images, NOW);
        assert_eq!(at_least_three[0], Decision::Keep);
        assert_eq!(at_least_three[2], Decision::drop("400 days old, of at most 30"));
    }

    #[test]
    fn of_images_of_one_age_the_first_tags_stay() {
        let images = [aged("a", 99), aged("b", 99)];
        let decided = decide(&config(r#"{"days": 1, "keep": 1}"#), &images, NOW);
        assert_eq!(decided, [Decision::Keep, Decision::drop("99 days old, of at most 1")]);
    }

    #[test]
    fn an_image_from_before_there_were_images_has_no_age() {
        let images = [Image { created: Some(315_532_801), ..Image::plain("a") }, Image::plain("b")];
        assert_eq!(decide(&config(r#"{"days": 1}"#), &images, NOW), [Decision::Keep, Decision::Keep]);
        let dropped = Decision::drop("it does not tell when it was made");
        let decided = decide(&config(r#"{"days": 1, "undated": "drop", "keep": 9}"#), &images, NOW);
        assert_eq!(decided, [dropped.clone(), dropped]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let told = AgeWindow::prepare(&config(r#"{"days": 0}"#)).expect_err("refused");
        assert_eq!(told, "config.days: 0 is not between 1 and 36500");
        let told = AgeWindow::decide(&config(r#"{"days": 1}"#), &Request::about([])).expect_err("refused");
        assert_eq!(told, "the time of the run is not known");
    }
}
