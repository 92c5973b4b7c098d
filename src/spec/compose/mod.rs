//! Makes the tree of a YAML text, within limits, and reports what is wrong with it as YAML.
//!
//! Aliases share nodes instead of copying them, and each node knows what it would cost when written
//! out, so a bomb is refused by arithmetic.

mod frame;
mod syntax;

use super::node::{Kind, Node, Scalar, Style};
use super::source::Source;
use super::{Code, Problem, Span};
use frame::Frame;
use serde_yaml::granit_parser::{Event, Options, Parser, ScalarStyle, Span as ParserSpan, Tag};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

/// Largest spec, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Deepest nesting of lists and mappings, aliases written out.
pub(super) const DEPTH_MAX: usize = 64;
/// Most that a document may cost with all aliases written out: its text, and [`NODE_COST_BYTES`] for
/// each node.
pub(super) const EXPANDED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What a node costs beside its text.
const NODE_COST_BYTES: usize = 16;

/// Composes one document. None when there is nothing that could be checked any further.
pub(super) fn compose(source: &Source<'_>, problems: &mut Vec<Problem>) -> Option<Rc<Node>> {
    if source.text.len() > TEXT_BYTES_MAX {
        let message = format!("the file has more than {} MiB", TEXT_BYTES_MAX >> 20);
        problems.push(Problem::new(Code::TooLarge, source.place(Span::default()), message));
        return None;
    }
    let mut composer = Composer {
        source,
        problems,
        stack: Vec::new(),
        anchors: HashMap::new(),
        open_anchors: Vec::new(),
        cost: 0,
        root: None,
        documents: 0,
    };
    match composer.run() {
        Ok(()) => composer.root,
        Err(problem) => {
            problems.push(*problem);
            None
        }
    }
}

/// What ends the reading of a document.
type Fatal = Box<Problem>;

struct Composer<'a, 't> {
    source: &'a Source<'t>,
    problems: &'a mut Vec<Problem>,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Rc<Node>>,
    /// Anchors of the lists and mappings on the stack.
    open_anchors: Vec<usize>,
    cost: usize,
    root: Option<Rc<Node>>,
    documents: usize,
}

impl Composer<'_, '_> {
    fn run(&mut self) -> Result<(), Fatal> {
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        options.flow_nesting_limit = DEPTH_MAX;
        options.block_nesting_limit = DEPTH_MAX;
        options.set_emit_comments(false);
        for next in Parser::new_from_str_with_options(self.source.text, options) {
            let (event, span) = next.map_err(|error| Box::new(syntax::problem(self.source, &error)))?;
            self.take(event, span)?;
        }
        if self.root.is_none() {
            let problem = Problem::new(Code::EmptyDocument, self.place(Span::default()), "the spec is empty");
            return Err(Box::new(
                problem.help("the smallest spec has `version: 1` and one rule under `mirrors`"),
            ));
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, parser_span: ParserSpan) -> Result<(), Fatal> {
        let span = span_of(&parser_span);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "the file has more than one YAML document";
                    let problem = Problem::new(Code::SeveralDocuments, self.place(span), message);
                    return Err(Box::new(
                        problem.help("a spec is one document: put all rules under one `mirrors`"),
                    ));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let style = self.style(style, tag, &parser_span);
                let cost = NODE_COST_BYTES + text.len();
                let kind = Kind::Scalar(Scalar { text: text.into_owned(), style });
                self.spend(cost, span)?;
                self.finish(Rc::new(Node { span, kind, cost, height: 0 }), anchor)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag, "seq", &parser_span);
                self.open(Frame::list(span, anchor))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag, "map", &parser_span);
                self.open(Frame::mapping(span, anchor))?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(frame) = self.stack.pop() {
                    let anchor = frame.anchor();
                    self.open_anchors.retain(|open| *open != anchor);
                    let node = frame.close(span.end, self.source, self.problems);
                    self.finish(Rc::new(node), anchor)?;
                }
            }
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::UnresolvedAlias(name) => {
                self.problems.push(syntax::unknown_anchor(self.source, span, &name));
                self.attach(Rc::new(Node { span, kind: Kind::Broken, cost: 0, height: 0 }), span)?;
            }
            // Stream and document ends; anchors and comments are not asked for.
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, frame: Frame) -> Result<(), Fatal> {
        self.spend(NODE_COST_BYTES, frame.span())?;
        if self.stack.len() >= DEPTH_MAX {
            return Err(self.too_deep(frame.span()));
        }
        if frame.anchor() != 0 {
            self.open_anchors.push(frame.anchor());
        }
        self.stack.push(frame);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Fatal> {
        if self.open_anchors.contains(&anchor) {
            let problem =
                Problem::new(Code::AliasCycle, self.place(span), "the alias stands inside what it names");
            return Err(Box::new(problem.label("this would contain itself without end")));
        }
        // The parser gives no alias to an anchor that it has not seen.
        let Some(node) = self.anchors.get(&anchor).cloned() else { return Ok(()) };
        self.spend(node.cost, span)?;
        if self.stack.len() + node.height > DEPTH_MAX {
            return Err(self.too_deep(span));
        }
        self.attach(node, span)
    }

    fn finish(&mut self, node: Rc<Node>, anchor: usize) -> Result<(), Fatal> {
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        let span = node.span;
        self.attach(node, span)
    }

    /// Hands a node to what contains it. `span` is where it is written, or its alias.
    fn attach(&mut self, node: Rc<Node>, span: Span) -> Result<(), Fatal> {
        match self.stack.last_mut() {
            Some(frame) => {
                if let Some(problem) = frame.attach(node, span, self.source) {
                    self.problems.push(problem);
                }
            }
            None => self.root = Some(node),
        }
        match self.problems.len() > super::problems::PROBLEMS_MAX {
            true => Err(Box::new(self.problems.remove(0))),
            false => Ok(()),
        }
    }

    fn spend(&mut self, cost: usize, span: Span) -> Result<(), Fatal> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost <= EXPANDED_BYTES_MAX {
            return Ok(());
        }
        let limit = EXPANDED_BYTES_MAX >> 20;
        let message = format!("with its aliases written out, the document has more than {limit} MiB");
        let problem = Problem::new(Code::TooMuchExpansion, self.place(span), message);
        Err(Box::new(problem.label("the limit is reached here").help("use fewer aliases, or several specs")))
    }

    fn too_deep(&self, span: Span) -> Fatal {
        Box::new(syntax::too_deep(self.place(span)))
    }

    fn style(&mut self, style: ScalarStyle, tag: Option<Cow<'_, Tag>>, span: &ParserSpan) -> Style {
        let is_text = tag.as_ref().is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
        if !is_text {
            self.check_tag(tag, "", span);
        }
        match style {
            ScalarStyle::Plain if !is_text => Style::Plain,
            _ => Style::Text,
        }
    }

    fn check_tag(&mut self, tag: Option<Cow<'_, Tag>>, allowed: &str, span: &ParserSpan) {
        let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema_tag(allowed)) else { return };
        let at = span.tag_span().map_or_else(|| span_of(span), |tag| span_of(&tag));
        let message = format!("the YAML tag `{}` has no meaning here", tag.original());
        let problem = Problem::new(Code::YamlTag, self.place(at), message);
        self.problems.push(problem.help("leave the tag out; quote a text that starts with `!`"));
    }

    fn place(&self, span: Span) -> super::Place {
        self.source.place(span)
    }
}

fn span_of(span: &ParserSpan) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span { start: range.start, end: range.end }
}
