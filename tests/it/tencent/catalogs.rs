//! What the API says there is, page by page, becomes rules.

use super::{Bench, CCR, KEYS, TCR};

fn spec(bench: &Bench, host: &str, keys: &str, source: &str) {
    let text = format!(
        "version: 1\nregistries:\n  {host}: {{ plain_http: true{keys} }}\nmirrors:\n- source: {source}\n  target: \
         r.corp/{{repository}}\n  tags: [\"1.0\"]\n"
    );
    bench.program.write("crossdock.yaml", &text);
}

fn rules(bench: &Bench) -> Vec<String> {
    let stdout = bench.run(&["explain"]).expect_code(0).stdout;
    let lines = stdout.lines().filter(|line| !line.starts_with(' '));
    lines.filter_map(|line| line.split_once(": ")).map(|(_, rule)| rule.to_owned()).collect()
}

#[test]
fn s1_11_repositories_of_ccr_are_listed_in_pages_of_a_hundred() {
    let bench = Bench::new().keyed(KEYS.secret);
    bench.change(|state| {
        let names = (0..230).map(|number| format!("ns{}/app{number:03}", number % 2));
        state.tags = names.map(|name| (name, Vec::new())).collect();
    });
    let user = ", credentials: { username: u, password: \"${PW}\" }";
    let bench = Bench { program: bench.program.variable("PW", "canary-pw"), ..bench };
    spec(&bench, CCR, user, &format!("{CCR}/ns1/**"));
    let rules = rules(&bench);
    assert_eq!(rules.len(), 115);
    assert_eq!(rules[0], format!("{CCR}/ns1/app001 -> r.corp/app001"));
    let offsets: Vec<_> =
        bench.calls().into_iter().map(|(method, body)| (method, body["Offset"].clone())).collect();
    let asked = |offset: u64| ("DescribeRepositoryOwnerPersonal".to_owned(), offset.into());
    assert_eq!(offsets, [asked(0), asked(100), asked(200)]);
    // The password of the registry is nothing to the API, and the keys are nothing to the registry.
    assert!(bench.ccr.requests().is_empty());
    assert!(bench.cloud.seen().iter().all(|seen| !format!("{seen:?}").contains("canary")));
    assert!(bench.cloud.seen().iter().all(|seen| seen.header("x-tc-region") == "ap-guangzhou"));
}

#[test]
fn repositories_of_tcr_are_listed_where_the_instance_is() {
    let bench = Bench::new();
    bench.change(|state| {
        let names = (0..101).map(|number| format!("team/app{number}"));
        state.repositories = names.chain(["other/x".to_owned(), "team/sub/y".to_owned()]).collect();
    });
    let keys = format!(
        ", credentials: {{ anonymous: true }}, cloud_keys: {{ id: {}, secret: \"${{KEY}}\" }}",
        KEYS.id
    );
    let bench = Bench { program: bench.program.variable("KEY", KEYS.secret), ..bench };
    spec(&bench, TCR, &keys, &format!("{TCR}/team/**"));
    let rules = rules(&bench);
    assert_eq!(rules.len(), 102, "{rules:?}");
    assert!(rules.contains(&format!("{TCR}/team/sub/y -> r.corp/sub/y")), "{rules:?}");
    let calls: Vec<_> = bench.calls();
    let methods: Vec<&str> = calls.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(methods, ["DescribeInstances", "DescribeRepositories", "DescribeRepositories"]);
    assert_eq!(
        (&calls[0].1["AllRegion"], &calls[0].1["Filters"][0]["Values"][0]),
        (&true.into(), &"tcr-test".into())
    );
    // Pages are counted from 1 there.
    assert_eq!((&calls[1].1["Offset"], &calls[2].1["Offset"]), (&1.into(), &2.into()));
    // With a region, only that is asked.
    let bench = Bench::new().keyed(KEYS.secret);
    bench.change(|state| state.repositories = vec!["team/app".to_owned()]);
    let bench = Bench { program: bench.program.variable("KEY", KEYS.secret), ..bench };
    let keys = keys.replace("\" }", "\", region: ap-guangzhou }");
    spec(&bench, TCR, &keys, &format!("{TCR}/team/**"));
    let finished = bench.run(&["explain"]);
    assert!(finished.code != Some(0));
    let error = bench.report()["items"][0]["error"].clone();
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| message.contains("no instance `tcr-test` in ap-guangzhou")),
        "{error:#}"
    );
}
