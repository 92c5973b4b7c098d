//! Keys that stand in the file of Amazon's programs. Reads what is plain in it, and runs nothing.

use super::super::bureau::Bureau;
use super::Keys;
use crate::failure::Fallible;
use std::io::ErrorKind;

/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// The keys of the profile that `AWS_PROFILE` names, or of `default`; none where there is none and
/// nobody named it.
pub(super) async fn keys(bureau: &Bureau) -> Fallible<Option<(String, Keys)>> {
    let environment = &bureau.environment;
    let named = environment.text("AWS_PROFILE");
    let path = environment
        .path("AWS_SHARED_CREDENTIALS_FILE")
        .or_else(|| environment.home().map(|home| home.join(".aws/credentials")));
    let Some(path) = path else { return Ok(None) };
    let place = environment.short(&path);
    let text = match tokio::fs::read_to_string(&path).await {
        Ok(text) if text.len() > FILE_BYTES_MAX => {
            return Err(bureau.failure(format!("{place} is larger than {FILE_BYTES_MAX} bytes")));
        }
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => String::new(),
        Err(error) => return Err(bureau.failure(format!("{place} cannot be read: {}", error.kind()))),
    };
    let profile = named.unwrap_or("default");
    let value = |key: &str| value(&text, profile, key).map(str::to_owned);
    match (value("aws_access_key_id"), value("aws_secret_access_key"), named) {
        (Some(id), Some(secret), _) => {
            let session = value("aws_session_token").map(Into::into);
            Ok(Some((profile.to_owned(), Keys { id, secret: secret.into(), session })))
        }
        (_, _, Some(_)) => Err(bureau
            .failure(format!("the profile {profile:?}, named by AWS_PROFILE, has no keys in {place}"))
            .hint("for other kinds of profiles use `helper: ecr-login` in the spec")),
        _ => Ok(None),
    }
}

/// The value of a key in a section.
fn value<'a>(text: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let mut here = false;
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            here = name.trim() == section;
        } else if here
            && let Some((name, value)) = line.split_once('=')
            && name.trim() == key
        {
            found = Some(value.trim()).filter(|value| !value.is_empty());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn a_value_stands_in_its_section() {
        let text = "aws_access_key_id = none\n[default]\n# a = b\naws_access_key_id=one\n[ other ]\n\
                    aws_access_key_id = two \naws_secret_access_key = a=b\nempty =\n";
        assert_eq!(value(text, "default", "aws_access_key_id"), Some("one"));
        assert_eq!(value(text, "other", "aws_access_key_id"), Some("two"));
        assert_eq!(value(text, "other", "aws_secret_access_key"), Some("a=b"));
        assert_eq!(value(text, "default", "aws_secret_access_key"), None);
        assert_eq!(value(text, "other", "empty"), None);
    }
}
