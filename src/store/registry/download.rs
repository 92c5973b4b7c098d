//! Files that are in no registry, over HTTPS: without credentials, without a way out of TLS, and
//! with no more bytes than are asked for.

use super::account::Account;
use super::answer::Asked;
use super::exchange::{Answer, Call, read_document};
use super::pool::Registries;
use super::throttle::Lane;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::Registry;
use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue};
use reqwest::{Method, Url};

impl Registries {
    /// The file that `url` names: at most `bytes_max` bytes. The `tls` and `limits` of the settings
    /// for its host apply; credentials do not, wherever they are.
    pub async fn download(&self, url: &Url, bytes_max: u64) -> Fallible<Bytes> {
        let host = host(url)?;
        let (scope, settings) = self.settings_for(&host, url.path().trim_start_matches('/'));
        self.account(scope, &settings, None)?.download(url, bytes_max).await
    }
}

impl Account {
    async fn download(&self, url: &Url, bytes_max: u64) -> Fallible<Bytes> {
        let mut call = Call::new(Operation::Download, Method::GET, url.clone());
        // The bytes that have the digest, and no others.
        call.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let read = || async {
            let turn = self.host.throttle.turn(Lane::Body).await;
            let answer = self.judge(&call, self.follow(&call, None, turn).await?).await?;
            check_announced(&answer, bytes_max)?;
            let most = usize::try_from(bytes_max).unwrap_or(usize::MAX);
            read_document(answer, most).await
        };
        Ok(self.until_done(read).await?.body)
    }
}

/// Where the file is; the keys under `registries` are compared with it.
fn host(url: &Url) -> Fallible<Registry> {
    let refuse = |why: &str| {
        let asked = Asked {
            operation: Operation::Download,
            repository: url.host_str().unwrap_or_default().to_owned(),
            method: Method::GET,
            url: url.clone(),
            credential: None,
        };
        Err(asked.failure(Code::Protocol, why))
    };
    if url.scheme() != "https" {
        return refuse("files are fetched over https only");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("files are fetched without credentials, and this URL has some");
    }
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    match format!("{}{port}", url.host_str().unwrap_or_default()).parse() {
        Ok(host) => Ok(host),
        Err(_) => refuse("the URL names no host"),
    }
}

/// What the head of an answer already tells of its body.
fn check_announced(Answer { response, asked, .. }: &Answer, bytes_max: u64) -> Fallible<()> {
    if let Some(length) = response.content_length().filter(|length| *length > bytes_max) {
        let message = format!("the file has {length} bytes, of at most {bytes_max}");
        return Err(asked.failure(Code::LimitExceeded, message));
    }
    let encoding = response.headers().get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    match encoding {
        None | Some(b"" | b"identity") => Ok(()),
        Some(_) => {
            let message = "the server compressed the file, although it was asked not to";
            Err(compressed(asked, message))
        }
    }
}

fn compressed(asked: &Asked, message: &str) -> Box<Failure> {
    asked.failure(Code::Protocol, message).hint("let it be served as it is, with its own digest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_https_url_without_a_user_is_fetched_and_its_port_is_part_of_its_host() {
        let told = |text: &str| match host(&Url::parse(text).expect("a URL")) {
            Ok(host) => host.to_string(),
            Err(failure) => failure.to_string(),
        };
        assert_eq!(told("https://files.test/a/f.wasm?sig=canary"), "files.test");
        assert_eq!(told("https://files.test:443/f.wasm"), "files.test");
        assert_eq!(told("https://[::1]:8443/f.wasm"), "[::1]:8443");
        for refused in ["http://files.test/f.wasm", "https://u:canary@files.test/", "file:///canary"] {
            let told = told(refused);
            assert!(told.contains("files are fetched") && !told.contains("u:canary"), "{told}");
        }
    }
}
