//! Uploads: where a target sends the bytes, and who sees a credential for it.

use super::evil::reply;
use super::redirects::victim_of;
use super::{CANARY, Evil, RequestKind, Rule, assert_silent, set, withstood};
use std::io::Write as _;

#[test]
fn s08_a_location_elsewhere_gets_neither_bytes_nor_credentials() {
    let forms = [
        "http://EVIL/v2/copy/blobs/uploads/1",
        "//EVIL/v2/copy/blobs/uploads/1",
        r"\\EVIL\v2\copy\blobs\uploads\1",
        "http:\\\\EVIL/v2/copy/blobs/uploads/1",
        "http://bob:canary5ecret@HOME/v2/copy/blobs/uploads/1",
        "http://HOME@EVIL/v2/copy/blobs/uploads/1",
        "http://NEIGHBOUR/v2/copy/blobs/uploads/1",
        "ftp://HOME/v2/copy/blobs/uploads/1",
        "file:///etc/passwd",
        "http://[",
    ];
    let kinds = [RequestKind::Mount, RequestKind::UploadStart, RequestKind::UploadPatch];
    let rows = forms.iter().flat_map(|form| kinds.iter().map(move |kind| (*form, *kind)));
    withstood(rows, |(form, kind)| {
        let (victim, evil) = (victim_of(kind), Evil::start());
        let neighbour = Evil::at("127.0.0.1", |_, stream| stream.write_all(&reply(404, &[], "")));
        let location = form
            .replace("EVIL", &evil.host())
            .replace("HOME", &victim.target.host())
            .replace("NEIGHBOUR", &neighbour.host());
        let tally = victim.target.rule(Rule::on(kind).then(set("location", &location)));
        let run = victim.sync().code(1);
        assert!(tally.acted() > 0, "{kind:?} {form}");
        assert_eq!(run.outcome(), "protocol", "{kind:?} {form}");
        evil.assert_unasked();
        neighbour.assert_unasked();
        assert_silent(&run);
        // A layer in chunks is beside a config that was taken before.
        let puts = victim.target.requests().of(RequestKind::UploadPut);
        let taken = puts.iter().filter(|put| put.status == Some(201)).count();
        assert!(taken <= usize::from(kind == RequestKind::UploadPatch), "{form}: {puts}");
        victim.assert_nothing_tagged();
        assert!(!run.finished.stderr.contains(CANARY));
    });
}
