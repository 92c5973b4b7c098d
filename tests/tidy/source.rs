//! The files of the repository, and Rust code without its comments and texts. Knows no rules.

use std::fs;
use std::path::Path;

/// One file of the repository.
pub struct File {
    /// From the root of the repository, with `/` between its parts.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl File {
    /// A file that does not exist, to show that a check can fail.
    pub fn made_up(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// The text with comments, texts and characters blanked, and every line where it was.
    pub fn code(&self) -> String {
        Blanking { rest: self.text.chars().collect(), at: 0, out: String::new() }.run()
    }
}

/// Every file that is text, in order of its path. What is built or not ours is left out.
pub fn all() -> Vec<File> {
    let mut files = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// The Rust files below one of `directories`.
pub fn rust(directories: &[&str]) -> Vec<File> {
    let below = |file: &File| directories.iter().any(|directory| file.path.starts_with(directory));
    all().into_iter().filter(|file| file.path.ends_with(".rs") && below(file)).collect()
}

/// One file that has to be there.
pub fn one(path: &str) -> File {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    File::made_up(path, &text.unwrap_or_else(|why| panic!("{path}: {why}")))
}

fn collect(directory: &Path, prefix: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(directory).expect("the repository can be read") {
        let entry = entry.expect("the repository can be read");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        let kind = entry.file_type().expect("the repository can be read");
        if kind.is_dir() {
            if ![".git", "target", ".crossdock"].contains(&name.as_str()) {
                collect(&entry.path(), &format!("{prefix}{name}/"), files);
            }
        } else if kind.is_file()
            && name != ".git"
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            files.push(File { path: format!("{prefix}{name}"), text });
        }
    }
}

/// Replaces by blanks what is not code.
struct Blanking {
    rest: Vec<char>,
    at: usize,
    out: String,
}

impl Blanking {
    fn run(mut self) -> String {
        while let Some(&next) = self.rest.get(self.at) {
            match next {
                '/' if self.follows("//") => self.blank_until("\n"),
                '/' if self.follows("/*") => self.blank_until("*/"),
                '"' => self.blank_text(),
                'r' if self.starts_raw() => self.blank_raw(),
                '\'' if self.is_character() => self.blank_character(),
                _ => self.keep(),
            }
        }
        self.out
    }

    fn follows(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, wanted)| self.rest.get(self.at + index) == Some(&wanted))
    }

    fn keep(&mut self) {
        self.out.push(self.rest[self.at]);
        self.at += 1;
    }

    fn blank(&mut self) {
        self.out.push(if self.rest[self.at] == '\n' { '\n' } else { ' ' });
        self.at += 1;
    }

    fn blank_until(&mut self, end: &str) {
        while self.at < self.rest.len() && !self.follows(end) {
            self.blank();
        }
        for _ in end.chars().filter(|_| self.at < self.rest.len()).collect::<Vec<_>>() {
            self.blank();
        }
    }

    fn blank_text(&mut self) {
        self.blank();
        while self.at < self.rest.len() && self.rest[self.at] != '"' {
            if self.rest[self.at] == '\\' {
                self.blank();
            }
            self.blank();
        }
        if self.at < self.rest.len() {
            self.blank();
        }
    }

    /// Whether `r"` or `r#"` starts here, and not a word that ends in `r`.
    fn starts_raw(&self) -> bool {
        let in_word = self.at > 0 && {
            let before = self.rest[self.at - 1];
            (before.is_alphanumeric() && before != 'b') || before == '_'
        };
        let quote = self.rest[self.at + 1..].iter().find(|next| **next != '#');
        !in_word && quote == Some(&'"')
    }

    fn blank_raw(&mut self) {
        self.blank();
        let mut end = String::from("\"");
        while self.rest[self.at] == '#' {
            end.push('#');
            self.blank();
        }
        self.blank();
        self.blank_until(&end);
    }

    /// Whether a character stands here, and not a lifetime.
    fn is_character(&self) -> bool {
        self.rest.get(self.at + 1) == Some(&'\\') || self.rest.get(self.at + 2) == Some(&'\'')
    }

    fn blank_character(&mut self) {
        self.blank();
        while self.at < self.rest.len() && self.rest[self.at] != '\'' {
            if self.rest[self.at] == '\\' {
                self.blank();
            }
            self.blank();
        }
        self.blank();
    }
}

#[test]
fn code_is_left_where_it_was_without_comments_and_texts() {
    let text =
        "let a = \"{\\\"\"; // }\nlet b = r#\"{\"}\"#;\nfn c<'a>(d: &'a str) { '{'; '\\''; } /* {\n{ */ e";
    let code = File::made_up("src/a.rs", text).code();
    assert_eq!(code.lines().count(), text.lines().count());
    assert_eq!(code.matches('{').count(), 1, "{code}");
    assert_eq!(code.matches('}').count(), 1, "{code}");
    assert!(code.contains("fn c<'a>(d: &'a str)") && code.ends_with(" e"), "{code}");
}
