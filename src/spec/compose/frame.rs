//! A list or mapping that is still being read. Finds duplicate keys and applies merge keys.

use crate::spec::node::{Key, Kind, Node, Pair, Style};
use crate::spec::source::Source;
use crate::spec::{Code, Problem, Span};
use std::collections::HashMap;
use std::rc::Rc;

pub(super) struct Frame {
    span: Span,
    anchor: usize,
    cost: usize,
    height: usize,
    content: Content,
}

enum Content {
    List(Vec<Rc<Node>>),
    Mapping(Mapping),
}

#[derive(Default)]
struct Mapping {
    pairs: Vec<Pair>,
    /// Where each key first was.
    seen: HashMap<String, Span>,
    merges: Vec<(Span, Rc<Node>)>,
    next: Next,
}

/// What the next node is for.
#[derive(Default)]
enum Next {
    #[default]
    Key,
    ValueOf(Key),
    Merge(Span),
    /// The value of a key that cannot be kept.
    Nothing,
}

impl Frame {
    pub fn list(span: Span, anchor: usize) -> Self {
        Self { span, anchor, cost: super::NODE_COST_BYTES, height: 1, content: Content::List(Vec::new()) }
    }

    pub fn mapping(span: Span, anchor: usize) -> Self {
        let content = Content::Mapping(Mapping::default());
        Self { span, anchor, cost: super::NODE_COST_BYTES, height: 1, content }
    }

    pub fn span(&self) -> Span {
        self.span
    }

    pub fn anchor(&self) -> usize {
        self.anchor
    }

    /// Takes the next node, which is written, or aliased, at `span`.
    pub fn attach(&mut self, node: Rc<Node>, span: Span, source: &Source<'_>) -> Option<Problem> {
        self.cost = self.cost.saturating_add(node.cost);
        self.height = self.height.max(node.height + 1);
        match &mut self.content {
            Content::List(items) => {
                items.push(node);
                None
            }
            Content::Mapping(mapping) => mapping.attach(node, span, source),
        }
    }

    /// The finished node. A block ends where its last part ends, not where the next thing starts.
    pub fn close(self, end: usize, source: &Source<'_>, problems: &mut Vec<Problem>) -> Node {
        let Self { span, anchor: _, cost, height, content } = self;
        let kind = match content {
            Content::List(items) => Kind::List(items),
            Content::Mapping(mapping) => Kind::Mapping(mapping.close(source, problems)),
        };
        let trimmed = source.slice(Span { start: span.start, end }).trim_end().len();
        Node { span: Span { start: span.start, end: span.start + trimmed }, kind, cost, height }
    }
}

impl Mapping {
    fn attach(&mut self, node: Rc<Node>, span: Span, source: &Source<'_>) -> Option<Problem> {
        match std::mem::take(&mut self.next) {
            Next::Key => {
                let (next, problem) = self.key(&node, span, source);
                self.next = next;
                return problem;
            }
            Next::ValueOf(key) => self.pairs.push(Pair { key, value: node }),
            Next::Merge(span) => self.merges.push((span, node)),
            Next::Nothing => {}
        }
        None
    }

    fn key(&mut self, node: &Node, span: Span, source: &Source<'_>) -> (Next, Option<Problem>) {
        let Kind::Scalar(scalar) = &node.kind else {
            if let Kind::Broken = node.kind {
                return (Next::Nothing, None);
            }
            let message = format!("a key is a text, and this is {}", node.what());
            let problem = Problem::new(Code::WrongType, source.place(span), message);
            let help = "quote a text that starts with `[` or `{`, and `\"${NAME}\"` too";
            return (Next::Nothing, Some(problem.help(help)));
        };
        if scalar.style == Style::Plain && scalar.text == "<<" {
            return (Next::Merge(span), None);
        }
        if let Some(first) = self.seen.get(&scalar.text) {
            let message = format!("the key `{}` stands twice in this mapping", scalar.text);
            let problem = Problem::new(Code::DuplicateKey, source.place(span), message)
                .label("second time")
                .help("keep one of the two")
                .related(source.place(*first), "first time");
            return (Next::Nothing, Some(problem));
        }
        self.seen.insert(scalar.text.clone(), span);
        (Next::ValueOf(Key { text: scalar.text.clone(), span }), None)
    }

    /// Adds what merge keys bring: keys of the mapping itself win, then earlier ones.
    fn close(mut self, source: &Source<'_>, problems: &mut Vec<Problem>) -> Vec<Pair> {
        for (span, node) in std::mem::take(&mut self.merges) {
            match &node.kind {
                Kind::List(items) => {
                    for item in items {
                        self.merge(span, item, source, problems);
                    }
                }
                _ => self.merge(span, &node, source, problems),
            }
        }
        self.pairs
    }

    fn merge(&mut self, span: Span, node: &Node, source: &Source<'_>, problems: &mut Vec<Problem>) {
        let Kind::Mapping(pairs) = &node.kind else {
            if let Kind::Broken = node.kind {
                return;
            }
            let message = format!("`<<` merges mappings, and this is {}", node.what());
            let problem = Problem::new(Code::BadMerge, source.place(span), message);
            problems.push(problem.help("name an anchored mapping: `<<: *name`, or a list of them"));
            return;
        };
        for pair in pairs {
            if !self.seen.contains_key(&pair.key.text) {
                self.seen.insert(pair.key.text.clone(), pair.key.span);
                self.pairs.push(pair.clone());
            }
        }
    }
}
