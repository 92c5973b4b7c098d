//! `binary/bootstrap.sh` in the shells that runners have: what it downloads, what it believes, and how it
//! ends when something is missing.

mod releases;
mod runner;

use releases::Releases;
use runner::{PROGRAM, Runner, SHELLS, asset, pins};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// The releases with this program.
fn releases(program: &str) -> Releases {
    Releases::of(&[(&asset(), program.as_bytes())])
}

#[test]
fn a_new_runner_downloads_the_program_once_and_becomes_it() {
    for shell in SHELLS {
        let (releases, runner) = (releases(PROGRAM), Runner::new(shell, &pins(PROGRAM)));
        let runner = runner.variable("CROSSDOCK_DOWNLOAD_URL", &releases.url());
        for _ in 0..2 {
            let (finished, pid) = runner.run();
            // The program ends with 2, and that is what the runner sees.
            assert_eq!(finished.code, Some(2), "{shell:?}: {finished:?}");
            assert_eq!(finished.stdout, format!("{pid} ci\n"), "{shell:?}: no process stands between");
            assert_eq!(finished.stderr, "", "{shell:?}");
        }
        assert_eq!(releases.paths(), [asset()], "{shell:?}");
        assert_eq!(runner.files("tool cache"), [runner.cached()], "{shell:?}");
    }
}

#[test]
fn bytes_that_changed_on_the_runner_are_fetched_again() {
    for shell in SHELLS {
        let (releases, runner) = (releases(PROGRAM), Runner::new(shell, &pins(PROGRAM)));
        let runner = runner.variable("CROSSDOCK_DOWNLOAD_URL", &releases.url());
        runner.run();
        let place = runner.path(&format!("tool cache/{}", runner.cached()));
        fs::write(&place, "#!/bin/sh\necho stolen\n").expect("the file is ours");
        assert_eq!(runner.run().0.code, Some(2), "{shell:?}");
        assert_eq!(fs::read_to_string(&place).expect("there"), PROGRAM);
        assert_eq!(releases.paths().len(), 2);
    }
}

#[test]
fn bytes_that_are_not_of_the_release_are_never_run() {
    for shell in SHELLS {
        let (releases, runner) = (releases("#!/bin/sh\necho stolen\n"), Runner::new(shell, &pins(PROGRAM)));
        let runner = runner.variable("CROSSDOCK_DOWNLOAD_URL", &releases.url());
        let (finished, _) = runner.run();
        assert_eq!(finished.code, Some(1), "{shell:?}");
        assert!(finished.stdout.starts_with("::error title=crossdock::"), "{}", finished.stdout);
        assert!(finished.stdout.contains("is not of this release: its SHA-256 is "), "{}", finished.stdout);
        assert!(!finished.stdout.contains("stolen\n"), "{}", finished.stdout);
        assert_eq!(runner.outputs(), "result=failed\nexit-code=1\n");
        assert_eq!(runner.files("tool cache"), [""; 0], "nothing of it stays");
    }
}

#[test]
fn a_release_that_is_not_there_is_told_with_its_address() {
    for shell in SHELLS {
        let (releases, runner) = (Releases::of(&[]), Runner::new(shell, &pins(PROGRAM)));
        let runner = runner.variable("CROSSDOCK_DOWNLOAD_URL", &releases.url());
        let (finished, _) = runner.run();
        assert_eq!(finished.code, Some(1), "{shell:?}");
        let expected = format!("{}/v1.2.3/crossdock-", releases.url());
        assert!(finished.stdout.contains(&expected), "{}", finished.stdout);
        assert!(finished.stdout.contains("cannot be downloaded"), "{}", finished.stdout);
        assert_eq!(runner.outputs(), "result=failed\nexit-code=1\n");
        assert_eq!(runner.files("tool cache"), [""; 0]);
    }
}

#[test]
fn one_program_that_downloads_and_one_that_hashes_are_enough() {
    for shell in SHELLS {
        for tools in [["curl", "sha256sum"], ["wget", "sha256sum"], ["curl", "shasum"], ["wget", "openssl"]] {
            let (releases, runner) = (releases(PROGRAM), Runner::new(shell, &pins(PROGRAM)));
            let runner = runner.only(&tools).variable("CROSSDOCK_DOWNLOAD_URL", &releases.url());
            for _ in 0..2 {
                let (finished, _) = runner.run();
                assert_eq!(finished.code, Some(2), "{shell:?} {tools:?}: {finished:?}");
            }
            assert_eq!(releases.paths(), [asset()], "{shell:?} {tools:?}");
        }
    }
}

#[test]
fn what_is_missing_is_named() {
    // Busybox has both built in.
    for shell in &SHELLS[..2] {
        for (tools, words) in [
            (["curl", "true"], "install sha256sum, shasum or openssl"),
            (["true", "openssl"], "install curl or wget"),
        ] {
            let runner = Runner::new(shell, &pins(PROGRAM)).only(&tools);
            let (finished, _) = runner.run();
            assert_eq!(finished.code, Some(1));
            assert!(finished.stdout.contains(words), "{shell:?} {tools:?}: {}", finished.stdout);
        }
    }
}

#[test]
fn where_the_cache_cannot_be_written_to_the_program_goes_elsewhere() {
    for shell in SHELLS {
        let (releases, runner) = (releases(PROGRAM), Runner::new(shell, &pins(PROGRAM)));
        // Root writes wherever it likes, but not below a file.
        fs::write(runner.path("file"), "").expect("the folder is ours");
        let blocked = runner.path("file/below").display().to_string();
        let runner = runner.variable("RUNNER_TOOL_CACHE", &blocked);
        let runner = runner.variable("CROSSDOCK_DOWNLOAD_URL", &releases.url());
        assert_eq!(runner.run().0.code, Some(2), "{shell:?}");
        assert_eq!(runner.files("temp"), [runner.cached()], "{shell:?}");
        let runner = runner.variable("RUNNER_TEMP", &blocked);
        assert_eq!(runner.run().0.code, Some(2), "{shell:?}");
        assert_eq!(releases.paths().len(), 2, "{shell:?}: in a directory that nobody knew");
    }
}

#[test]
fn a_program_that_was_put_there_beforehand_is_run_without_a_download() {
    for shell in SHELLS {
        let runner = Runner::new(shell, &pins(PROGRAM));
        let program = runner.path("my crossdock");
        fs::write(&program, PROGRAM).expect("the folder is ours");
        let runner = runner.variable("CROSSDOCK_BINARY_PATH", &program.display().to_string());
        let (finished, _) = runner.run();
        assert_eq!(finished.code, Some(1), "{shell:?}");
        assert!(finished.stdout.contains("my crossdock cannot be run"), "{}", finished.stdout);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        let (finished, pid) = runner.run();
        assert_eq!((finished.code, finished.stdout), (Some(2), format!("{pid} ci\n")), "{shell:?}");
        assert_eq!(runner.files("tool cache"), [""; 0]);
    }
}

#[test]
fn a_commit_that_is_of_no_release_says_so() {
    for shell in SHELLS {
        let (finished, _) = Runner::new(shell, "# Pins.\nversion none\n").run();
        assert_eq!(finished.code, Some(1));
        assert!(finished.stdout.contains("this commit is not of a release"), "{}", finished.stdout);
    }
}

#[test]
fn inputs_reach_the_program_as_they_are() {
    let program = "#!/bin/sh\nprintf '%s' \"$CROSSDOCK_INPUTS\"\n";
    let inputs = "{\n  \"tags\": \"a\\nb $(id) `id` 'c' \\\"d\\\" %41 \\\\\",\n  \"spec\": \"\"\n}";
    for shell in SHELLS {
        let (releases, runner) = (releases(program), Runner::new(shell, &pins(program)));
        let runner = runner.variable("CROSSDOCK_DOWNLOAD_URL", &releases.url());
        let (finished, _) = runner.variable("CROSSDOCK_INPUTS", inputs).run();
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(0), inputs), "{shell:?}");
    }
}
