//! Archives that are wrong, by accident or on purpose.

use super::*;

async fn refused(folder: &Path, bytes: &[u8]) -> String {
    let path = saved(folder, "a.tar", bytes);
    match open(&path).await {
        Ok(_) => "opened".to_owned(),
        Err(failure) => {
            let text = format!(
                "{}: {failure}\n  {}",
                failure.code.as_str(),
                failure.hint.as_deref().unwrap_or_default()
            );
            text.replace(&folder.display().to_string(), "DIR")
        }
    }
}

fn good() -> Made {
    let index = index(&[]);
    Made::new().file("oci-layout", VERSION.as_bytes()).file("index.json", index.as_bytes())
}

#[tokio::test]
async fn what_is_no_archive_of_a_layout_says_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut report = Vec::new();
    let docker = Made::new().file("manifest.json", b"[]").file("repositories", b"{}").bytes();
    let version = Made::new().file("oci-layout", br#"{"imageLayoutVersion":"2.0.0"}"#).bytes();
    let broken = Made::new().file("oci-layout", VERSION.as_bytes()).file("index.json", b"[]").bytes();
    let long = Made::new().file("oci-layout", &[b' '; 5000]).bytes();
    for bytes in [
        &b""[..],
        b"hello",
        &[b'x'; 2000],
        b"\x1f\x8b\x08\x00",
        &[0x28, 0xb5, 0x2f, 0xfd, 0, 0],
        &[0; 1024],
        &docker,
        &version,
        &broken,
        &long,
    ] {
        report.push(refused(folder.path(), bytes).await);
    }
    let nowhere = open(&folder.path().join("b.tar")).await.err().expect("nothing there");
    report.push(nowhere.message.replace(&folder.path().display().to_string(), "DIR"));
    let directory = open(folder.path()).await.err().expect("a directory");
    report.push(directory.message.replace(&folder.path().display().to_string(), "DIR"));
    insta::assert_snapshot!(report.join("\n"));
}

#[tokio::test]
async fn what_two_readers_could_read_differently_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let x = EntryType::XHeader;
    let blob = member_of(b"x");
    let rows: Vec<(&str, Made)> = vec![
        ("a member twice", good().file("index.json", b"{}")),
        ("twice by another spelling", good().file("./index.json", b"{}")),
        ("out of it", good().member("../evil", EntryType::Regular, 1, b"x")),
        ("to the root", good().member("/etc/evil", EntryType::Regular, 1, b"x")),
        ("a link with content", good().member("link", EntryType::Symlink, 4, b"/etc")),
        ("a directory with content", good().member("blobs", EntryType::Directory, 4, b"/etc")),
        ("a sparse file", good().member("sparse", EntryType::GNUSparse, 4, b"/etc")),
        ("a sparse file of pax", good().member("pax", x, 22, b"22 GNU.sparse.major=1\n").file(&blob, b"x")),
        ("two sizes", good().member("pax", x, 18, b"9 size=1\n9 size=2\n").file(&blob, b"x")),
        (
            "a size for all",
            good().member("pax", EntryType::XGlobalHeader, 9, b"9 size=1\n").file(&blob, b"x"),
        ),
        (
            "two names",
            good().member("L", EntryType::GNULongName, 2, b"a\0").member("pax", x, 9, b"9 path=b\n"),
        ),
        ("a block of another kind", good().member("volume", EntryType::new(b'V'), 0, b"")),
        ("beyond the end", good().member(&blob, EntryType::Regular, 1 << 40, b"x")),
        ("beyond all ends", good().member("pax", x, 29, b"29 size=18446744073709551615\n").file(&blob, b"x")),
    ];
    let mut report = Vec::new();
    for (what, made) in rows {
        report.push(format!("{what}: {}", refused(folder.path(), &made.bytes()).await));
    }
    insta::assert_snapshot!(report.join("\n"));
    let comment = good().member("pax", EntryType::XGlobalHeader, 15, b"15 comment=abc\n").bytes();
    assert_eq!(refused(folder.path(), &comment).await, "opened", "a comment on all is one");
    let link = good().member("latest", EntryType::Symlink, 0, b"").bytes();
    assert_eq!(refused(folder.path(), &link).await, "opened", "a link that nobody asks for");
}

#[tokio::test]
async fn a_file_that_was_cut_anywhere_is_no_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bytes, ..) = one_image(b"layer");
    // The end mark has two blocks, and one is enough.
    for length in (0..bytes.len() - 1023).step_by(131).chain([bytes.len() - 1024, bytes.len() - 513]) {
        assert_ne!(refused(folder.path(), &bytes[..length]).await, "opened", "{length}");
    }
    assert_eq!(refused(folder.path(), &bytes[..bytes.len() - 512]).await, "opened");
}

#[tokio::test]
async fn a_blob_that_is_a_link_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = image(b"layer", None);
    let index = index(&[entry(&manifest, Some("1"))]);
    let made = Made::new().file("oci-layout", VERSION.as_bytes()).file("index.json", index.as_bytes());
    let made = made.member(&member_of(&manifest.bytes), EntryType::Symlink, 0, b"");
    let archive = open(&saved(folder.path(), "a.tar", &made.bytes())).await.expect("it opens");
    let at = crate::oci::At::Tag("1".parse().expect("a tag"));
    let reader = crate::store::ReadPlace::reader(&archive, None);
    let failure = reader.manifest(&at).await.expect_err("a link");
    assert!(failure.message.contains("is no plain file"), "{failure}");
}
