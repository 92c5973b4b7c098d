//! Each endpoint: what it answers, with which headers, to GET and to HEAD.

use super::{Served, Shelf};
use crate::bed::digest::sha256;
use crate::bed::images::{Format, Image, artifact, one_platform};
use crate::bed::wire::{Ask, Ended, Reply};

const MANIFESTS: &str = "/v2/docker.io/library/nginx/manifests";

fn error(reply: &Reply) -> (u16, String) {
    let code = reply.json()["errors"][0]["code"].as_str().unwrap_or_default().to_owned();
    (reply.status, code)
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn a_manifest_comes_by_tag_and_by_digest_as_it_was_made() {
    let (shelf, index, image) = Shelf::of_three();
    let served = Served::of(&shelf);
    for reference in ["1.27", "latest", &index.digest()] {
        let reply = served.get(&format!("{MANIFESTS}/{reference}"));
        assert_eq!(
            (reply.status, reply.ended, &reply.body[..]),
            (200, Ended::Whole, &index.root().bytes[..])
        );
        assert_eq!(reply.header("content-type"), Some("application/vnd.oci.image.index.v1+json"));
        assert_eq!(reply.header("docker-content-digest"), Some(index.digest().as_str()));
        assert_eq!(reply.header("etag"), Some(format!("\"{}\"", index.digest()).as_str()));
        assert_eq!(reply.header("docker-distribution-api-version"), Some("registry/2.0"));
    }
    // Children are reached by their digests, and what is of Docker's types stays so.
    for child in index.children() {
        let reply = served.get(&format!("{MANIFESTS}/{}", child.digest));
        assert_eq!((reply.status, &reply.body[..]), (200, &child.bytes[..]));
    }
    let docker = served.get("/v2/quay.io/team/app/manifests/v1");
    assert_eq!(docker.header("content-type"), Some(Format::Docker.manifest_type()));
    assert_eq!(docker.body, image.root().bytes);
}

#[test]
fn head_tells_what_get_does_and_sends_nothing() {
    let (shelf, index, image) = Shelf::of_three();
    let served = Served::of(&shelf);
    let blob = image.blobs.keys().next().expect("a blob");
    let missing = sha256(b"not there");
    for target in [
        "/v2/".to_owned(),
        "/v2/_catalog".to_owned(),
        "/v2/quay.io/team/app/tags/list".to_owned(),
        format!("{MANIFESTS}/1.27"),
        format!("{MANIFESTS}/{}", index.digest()),
        format!("{MANIFESTS}/none"),
        format!("/v2/quay.io/team/app/blobs/{blob}"),
        format!("/v2/quay.io/team/app/blobs/{missing}"),
        format!("/v2/quay.io/team/app/referrers/{missing}"),
        "/v2/nobody/tags/list".to_owned(),
        "/v2/../x".to_owned(),
        "/".to_owned(),
    ] {
        let (get, head) = (served.get(&target), served.ask("HEAD", &target));
        assert_eq!((head.status, head.body.len(), head.ended), (get.status, 0, Ended::Whole), "{target}");
        let told = |reply: &Reply| {
            let mut headers = reply.headers.clone();
            headers.retain(|(name, _)| name != "date");
            headers.sort();
            headers
        };
        assert_eq!(told(&head), told(&get), "{target}");
        let length = get.body.len().to_string();
        assert_eq!(head.header("content-length"), Some(length.as_str()), "{target}");
    }
}

#[test]
fn who_does_not_take_the_type_of_a_manifest_is_told_and_who_has_it_gets_nothing() {
    let (shelf, index, _) = Shelf::of_three();
    let served = Served::of(&shelf);
    let ask = |method: &str| Ask::new(method, &format!("{MANIFESTS}/1.27"));
    let wrong = served.asking(ask("GET").header("accept", Format::Docker.manifest_type()));
    assert_eq!(error(&wrong), code(404, "MANIFEST_UNKNOWN"));
    assert!(wrong.text().contains("vnd.oci.image.index"), "{}", wrong.text());
    for accept in ["*/*", "text/html, application/vnd.oci.image.index.v1+json"] {
        assert_eq!(served.asking(ask("GET").header("accept", accept)).status, 200, "{accept}");
    }
    let own = format!("\"{}\"", index.digest());
    for method in ["GET", "HEAD"] {
        let same = served.asking(ask(method).header("if-none-match", &format!("\"x\", {own}")));
        assert_eq!((same.status, same.body.len()), (304, 0));
        assert_eq!(same.header("etag"), Some(own.as_str()));
        assert_eq!(served.asking(ask(method).header("if-none-match", "\"x\"")).status, 200);
    }
    let blob = index.blobs.keys().next().expect("a blob");
    let ask = Ask::new("GET", &format!("/v2/library/nginx/blobs/{blob}"));
    assert_eq!(served.asking(ask.header("if-none-match", &format!("\"{blob}\""))).status, 304);
}

#[test]
fn a_blob_comes_whole_or_in_the_parts_that_are_asked_for() {
    let (shelf, _, image) = Shelf::of_three();
    let served = Served::of(&shelf);
    let blob = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob");
    let bytes = blob.piece(0, blob.size_bytes).expect("bytes");
    let (target, size) = (format!("/v2/team/app/blobs/{}", blob.digest), blob.size_bytes);
    let whole = served.get(&target);
    assert_eq!((whole.status, &whole.body[..]), (200, &bytes[..]));
    assert_eq!(whole.header("docker-content-digest"), Some(blob.digest.as_str()));
    assert_eq!(whole.header("content-type"), Some("application/octet-stream"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let part = |range: &str| served.asking(Ask::new("GET", &target).header("range", range));
    let last = size - 1;
    for (range, from, to) in [
        ("bytes=0-0".to_owned(), 0, 1),
        ("bytes=100-199".to_owned(), 100, 200),
        (format!("bytes={last}-"), last, size),
        (format!("bytes=5-{}", size + 100), 5, size),
        ("bytes=-7".to_owned(), size - 7, size),
    ] {
        let reply = part(&range);
        let wanted = &bytes[usize::try_from(from).expect("small")..usize::try_from(to).expect("small")];
        assert_eq!((reply.status, &reply.body[..]), (206, wanted), "{range}");
        let told = format!("bytes {from}-{}/{size}", to - 1);
        assert_eq!(reply.header("content-range"), Some(told.as_str()), "{range}");
    }
    let beyond = part(&format!("bytes={size}-"));
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (416, Some(format!("bytes */{size}").as_str()))
    );
    for range in ["bytes=0-1,4-5", "bytes=9-3", "nonsense"] {
        let reply = part(range);
        assert_eq!((reply.status, reply.body.len()), (200, bytes.len()), "{range}");
    }
    let conditional = |tag: &str| {
        served.asking(Ask::new("GET", &target).header("range", "bytes=1-2").header("if-range", tag)).status
    };
    assert_eq!(conditional(&format!("\"{}\"", blob.digest)), 206);
    assert_eq!(conditional("\"another\""), 200);
    let head = served.asking(Ask::new("HEAD", &target).header("range", "bytes=1-2"));
    assert_eq!((head.status, head.header("content-length")), (200, Some(size.to_string().as_str())));
}

#[test]
fn lists_are_sorted_and_come_in_pages() {
    let image = one_platform(1, Format::Oci);
    let names: Vec<String> = (0..5).map(|number| format!("r.test/b:v{number}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.extend(["r.test/a:x", "c:x", "bare"]);
    let shelf = Shelf::new("site").with(&image, &names);
    let served = Served::of(&shelf);
    let mut next = Some("/v2/b/tags/list?n=2".to_owned());
    let mut pages = Vec::new();
    while let Some(target) = next {
        let reply = served.get(&target);
        let tags = reply.json()["tags"].as_array().expect("a list").clone();
        pages.push(tags.iter().filter_map(|tag| tag.as_str()).collect::<Vec<_>>().join(" "));
        next = reply.header("link").map(|link| {
            let (target, relation) = link.trim_start_matches('<').split_once('>').expect("a link");
            assert_eq!(relation, "; rel=\"next\"");
            target.to_owned()
        });
    }
    assert_eq!(pages, ["v0 v1", "v2 v3", "v4"]);
    let list = |target: &str, key: &str| served.get(target).json()[key].to_string();
    assert_eq!(list("/v2/b/tags/list?last=v2", "tags"), r#"["v3","v4"]"#);
    assert_eq!(list("/v2/b/tags/list?n=0", "tags"), "[]");
    assert_eq!(list("/v2/_catalog", "repositories"), r#"["c","r.test/a","r.test/b","site"]"#);
    assert_eq!(list("/v2/_catalog?n=2&last=c", "repositories"), r#"["r.test/a","r.test/b"]"#);
    assert_eq!(error(&served.get("/v2/_catalog?n=many")), code(400, "PAGINATION_NUMBER_INVALID"));
    assert_eq!(list("/v2/site/tags/list", "tags"), r#"["bare"]"#);
}

#[test]
fn who_speaks_about_an_image_is_listed_by_what_it_is() {
    let image = one_platform(1, Format::Oci);
    let (signature, sbom) = (artifact(&image, "a/signature", 1), artifact(&image, "a/sbom", 2));
    let deeper = artifact(&signature, "a/signature", 3);
    let shelf = Shelf::new("site").with(&image, &["r.test/a:1"]).with(&signature, &[]).with(&sbom, &[]);
    let shelf = shelf.with(&deeper, &["r.test/a:seen"]);
    let served = Served::of(&shelf);
    let list = |subject: &Image, query: &str| {
        let reply = served.get(&format!("/v2/r.test/a/referrers/{}{query}", subject.digest()));
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), Some("application/vnd.oci.image.index.v1+json"));
        let manifests = reply.json()["manifests"].as_array().expect("a list").clone();
        let mut told: Vec<(String, String)> = manifests
            .iter()
            .map(|one| {
                (one["artifactType"].as_str().unwrap_or_default(), one["digest"].as_str().unwrap_or_default())
            })
            .map(|(kind, digest)| (kind.to_owned(), digest.to_owned()))
            .collect();
        told.sort();
        (told, reply.header("oci-filters-applied").map(str::to_owned))
    };
    let entry = |kind: &str, image: &Image| (kind.to_owned(), image.digest());
    let all = vec![entry("a/sbom", &sbom), entry("a/signature", &signature)];
    assert_eq!(list(&image, ""), (all, None));
    let filtered = Some("artifactType".to_owned());
    assert_eq!(list(&image, "?artifactType=a%2Fsbom"), (vec![entry("a/sbom", &sbom)], filtered.clone()));
    assert_eq!(list(&image, "?artifactType=a/other"), (Vec::new(), filtered));
    assert_eq!(list(&signature, "").0, [entry("a/signature", &deeper)]);
    assert_eq!(list(&sbom, ""), (Vec::new(), None));
    assert_eq!(
        served.get(&format!("/v2/r.test/a/manifests/{}", signature.digest())).body,
        signature.root().bytes
    );
    assert_eq!(error(&served.get("/v2/r.test/a/referrers/sha256:x")), code(400, "DIGEST_INVALID"));
}

#[test]
fn a_repository_is_found_by_its_whole_name_its_short_one_and_as_a_mirror() {
    let (shelf, index, _) = Shelf::of_three();
    let served = Served::of(&shelf);
    for target in [
        "/v2/docker.io/library/nginx/manifests/1.27",
        "/v2/library/nginx/manifests/1.27",
        "/v2/library/nginx/manifests/1.27?ns=docker.io",
    ] {
        let reply = served.get(target);
        assert_eq!((reply.status, &reply.body[..]), (200, &index.root().bytes[..]), "{target}");
    }
    // Another registry's image of that name is not this one.
    let other = served.get("/v2/library/nginx/manifests/1.27?ns=quay.io");
    assert_eq!(error(&other), code(404, "NAME_UNKNOWN"));
    assert_eq!(served.get("/v2/site/manifests/nightly?ns=quay.io").status, 200);
}

#[test]
fn what_is_not_there_is_told_in_the_codes_of_the_specification() {
    let (shelf, ..) = Shelf::of_three();
    let served = Served::of(&shelf);
    let missing = sha256(b"not there");
    for (target, expected) in [
        ("/v2/nobody/tags/list".to_owned(), code(404, "NAME_UNKNOWN")),
        (format!("/v2/nobody/blobs/{missing}"), code(404, "NAME_UNKNOWN")),
        (format!("{MANIFESTS}/none"), code(404, "MANIFEST_UNKNOWN")),
        (format!("{MANIFESTS}/{missing}"), code(404, "MANIFEST_UNKNOWN")),
        (format!("{MANIFESTS}/.not-a-tag"), code(404, "MANIFEST_UNKNOWN")),
        (format!("/v2/library/nginx/blobs/{missing}"), code(404, "BLOB_UNKNOWN")),
        ("/v2/library/nginx/blobs/sha256:0".to_owned(), code(400, "DIGEST_INVALID")),
        ("/v2/Library/nginx/tags/list".to_owned(), code(400, "NAME_INVALID")),
        ("/v1/search".to_owned(), code(404, "UNSUPPORTED")),
    ] {
        assert_eq!(error(&served.get(&target)), expected, "{target}");
    }
}

#[test]
fn nothing_is_written_and_it_is_said_what_this_is() {
    let (shelf, index, _) = Shelf::of_three();
    let served = Served::of(&shelf);
    for (method, target) in [
        ("POST", "/v2/library/nginx/blobs/uploads/".to_owned()),
        ("PATCH", "/v2/library/nginx/blobs/uploads/x".to_owned()),
        ("PUT", format!("{MANIFESTS}/new")),
        ("DELETE", format!("{MANIFESTS}/{}", index.digest())),
        ("OPTIONS", "/v2/".to_owned()),
        ("BREW", "/v2/".to_owned()),
    ] {
        let reply = served.asking(Ask::new(method, &target).body("bytes"));
        assert_eq!(error(&reply), code(405, "UNSUPPORTED"), "{method}");
        assert_eq!(reply.header("allow"), Some("GET, HEAD"), "{method}");
        assert!(reply.text().contains("crossdock serve"), "{}", reply.text());
    }
}
