//! Platforms in a spec: whether such a thing can exist, and what was meant if not.

use crate::oci::Platform;
use crate::spec::shape::{Many, Reading, Text};
use crate::spec::substitute::Origin;
use crate::spec::{Code, Platforms, suggest};

/// Operating systems with the architectures that they run on, by the names of Go.
const KNOWN: [(&str, &[&str]); 14] = [
    ("aix", &["ppc64"]),
    ("android", &["386", "amd64", "arm", "arm64"]),
    ("darwin", &["amd64", "arm64"]),
    ("dragonfly", &["amd64"]),
    ("freebsd", &["386", "amd64", "arm", "arm64", "riscv64"]),
    ("illumos", &["amd64"]),
    ("js", &["wasm"]),
    ("linux", LINUX),
    ("netbsd", &["386", "amd64", "arm", "arm64"]),
    ("openbsd", &["386", "amd64", "arm", "arm64", "ppc64", "riscv64"]),
    ("plan9", &["386", "amd64", "arm"]),
    ("solaris", &["amd64"]),
    ("wasip1", &["wasm"]),
    ("windows", &["386", "amd64", "arm", "arm64"]),
];
const LINUX: &[&str] = &[
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
    "riscv64", "s390x",
];
/// `wasi/wasm` is what docker calls it.
const ALSO_KNOWN: [(&str, &str); 1] = [("wasi", "wasm")];

/// What others call architectures and operating systems.
const OTHER_WORDS: [(&str, &str); 13] = [
    ("aarch64", "arm64"),
    ("armhf", "arm"),
    ("armv6", "arm/v6"),
    ("armv7", "arm/v7"),
    ("armv7l", "arm/v7"),
    ("i386", "386"),
    ("i686", "386"),
    ("macos", "darwin"),
    ("powerpc64le", "ppc64le"),
    ("win", "windows"),
    ("x64", "amd64"),
    ("x86", "386"),
    ("x86_64", "amd64"),
];

/// The platforms of a list, or all.
pub(super) fn check(list: &Many<Text>, reading: &mut Reading<'_>) -> Option<Platforms> {
    if let [only] = &list.items[..]
        && only.value == "all"
    {
        return Some(Platforms::All);
    }
    let platforms: Vec<Option<Platform>> = list.items.iter().map(|text| platform(text, reading)).collect();
    let mut platforms = platforms.into_iter().collect::<Option<Vec<Platform>>>()?;
    platforms.sort();
    platforms.dedup();
    Some(Platforms::Only(platforms))
}

fn platform(text: &Text, reading: &mut Reading<'_>) -> Option<Platform> {
    let parsed = text.value.parse::<Platform>();
    let why = match &parsed {
        Err(_) if text.value == "all" => "it means every platform, so it stands alone".to_owned(),
        Err(why) => why.clone(),
        Ok(platform) => match impossible(platform) {
            None => return parsed.ok(),
            Some(why) => why,
        },
    };
    let meant = meant(&text.value).filter(|_| text.origin == Origin::Literal);
    let help = match meant {
        _ if text.value == "all" => "write `platforms: all`, or leave it out of the list".to_owned(),
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write `all`, or platforms such as `linux/amd64` and `linux/arm/v7`".to_owned(),
    };
    let message = format!("{} is not a platform{}", text.shown(), text.because(why));
    reading.problem(Code::BadPlatform, text.span, message, Some(help));
    None
}

fn impossible(platform: &Platform) -> Option<String> {
    let Platform { os, architecture, variant, os_version: _ } = platform;
    if ALSO_KNOWN.contains(&(os.as_str(), architecture.as_str())) {
        return None;
    }
    let Some((_, architectures)) = KNOWN.iter().find(|(known, _)| known == os) else {
        return Some(format!("there is no operating system `{os}`"));
    };
    if !architectures.contains(&architecture.as_str()) {
        let anywhere = KNOWN.iter().any(|(_, known)| known.contains(&architecture.as_str()));
        return Some(match anywhere {
            true => format!("`{os}` does not run on `{architecture}`"),
            false => format!("there is no architecture `{architecture}`"),
        });
    }
    let variant = variant.as_deref()?;
    let known = match architecture.as_str() {
        "arm" => matches!(variant, "v5" | "v6" | "v7" | "v8"),
        "arm64" => variant.starts_with("v8") || variant.starts_with("v9"),
        "amd64" => matches!(variant, "v1" | "v2" | "v3" | "v4"),
        "riscv64" => variant.starts_with("rva"),
        "ppc64le" => variant.starts_with("power"),
        _ => false,
    };
    (!known).then(|| format!("`{architecture}` has no variant `{variant}`"))
}

/// The platform that a text is probably meant to be.
fn meant(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let translated = |part: &str| match OTHER_WORDS.iter().find(|(other, _)| *other == part) {
        Some((_, word)) => (*word).to_owned(),
        None => part.to_owned(),
    };
    let parts: Vec<String> = lower.split(['/', '-', ':']).map(translated).collect();
    let mut candidates = vec![parts.join("/")];
    match &parts[..] {
        [one] => candidates.push(format!("linux/{one}")),
        [one, two] => candidates.push(format!("{two}/{one}")),
        [one, two, _] => candidates.push(format!("{one}/{two}")),
        _ => {}
    }
    let exists = |text: &String| text.parse().is_ok_and(|platform| impossible(&platform).is_none());
    let either_known =
        |part: &String| KNOWN.iter().any(|(os, known)| os == part || known.contains(&part.as_str()));
    let near = || {
        if parts.len() > 1 && parts.iter().take(2).all(either_known) {
            return None;
        }
        let all = KNOWN.iter().flat_map(|(os, known)| known.iter().map(move |arch| format!("{os}/{arch}")));
        let all: Vec<String> = all.collect();
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        let usual = ["linux/amd64", "linux/arm64", "all"];
        suggest::nearest(&lower, &usual).or_else(|| suggest::nearest(&lower, &words)).map(str::to_owned)
    };
    candidates.into_iter().find(exists).or_else(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        for (written, expected) in [
            ("linux/x86_64", "linux/amd64"),
            ("amd64/linux", "linux/amd64"),
            ("arm64", "linux/arm64"),
            ("linux/armv7", "linux/arm/v7"),
            ("macos/aarch64", "darwin/arm64"),
            ("Linux/AMD64", "linux/amd64"),
            ("linux/amd46", "linux/amd64"),
            ("linux-arm64", "linux/arm64"),
            ("al", "all"),
        ] {
            assert_eq!(meant(written).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn platforms_of_real_images_are_possible() {
        for text in
            ["linux/arm/v7", "linux/arm64/v8", "windows/amd64", "linux/s390x", "wasi/wasm", "linux/386"]
        {
            let platform = text.parse().expect("well-formed");
            assert_eq!(impossible(&platform), None, "{text}");
        }
        for text in ["windows/s390x", "linux/arm64/v7", "beos/386", "linux/vax"] {
            assert!(impossible(&text.parse().expect("well-formed")).is_some(), "{text}");
        }
    }
}
