//! Forms in words.

use super::answer::Reply;
use super::voice::{label, plain, words};
use crate::form::{Asked, Kind, field};
use crate::handle::FormView;
use crate::message::{Field, Form, Input};
use gantry_templates::{Sentence, sentences as s};

/// A form as it is shown.
#[must_use]
pub fn form(view: &FormView) -> Form {
    let about = view.about.clone().unwrap_or_default();
    let title = match view.kind {
        Kind::Deploy => label(&s::FormDeploy {}),
        Kind::Provision => label(&s::FormProvision {}),
        Kind::Extend => label(&s::FormExtend {}),
        Kind::Reject => label(&s::FormReject { op: about }),
        Kind::Lock => label(&s::FormLock {}),
    };
    let submit = match view.kind {
        Kind::Deploy => label(&s::LabelDeploy {}),
        Kind::Provision => label(&s::LabelProvision {}),
        Kind::Extend => label(&s::LabelLater {}),
        Kind::Reject => label(&s::LabelReject {}),
        Kind::Lock => label(&s::LabelLockIt {}),
    };
    Form {
        title,
        intro: None,
        fields: fields(view),
        submit,
        close: label(&s::LabelClose {}),
        callback: view.kind.callback(),
        metadata: view.memo.to_json(),
    }
}

fn fields(view: &FormView) -> Vec<Field> {
    let mut fields = Vec::new();
    if view.kind == Kind::Reject {
        return vec![Field { optional: false, ..reason(&s::FieldAgainst {}) }];
    }
    if view.kind == Kind::Deploy {
        let first = if let [only] = view.services.as_slice() { Some(only.clone()) } else { None };
        let input = Input::Choice { options: view.services.clone(), first };
        fields.push(Field { optional: false, ..asked(field::SERVICE, &s::FieldService {}, input) });
        let input = Input::Line { example: "1.4.2".to_owned() };
        let version = asked(field::VERSION, &s::FieldVersion {}, input);
        fields.push(Field { hint: Some(label(&s::HintVersion {})), ..version });
    }
    let input = Input::Choice { options: view.environments.clone(), first: view.about.clone() };
    let new = !view.patterns.is_empty();
    fields.push(Field { optional: new, ..asked(field::ENVIRONMENT, &s::FieldEnvironment {}, input) });
    if new {
        let input = Input::Line { example: view.patterns[0].replace('*', "12") };
        let hint = Some(label(&s::HintNew { patterns: view.patterns.clone() }));
        fields.push(Field { hint, ..asked(field::NEW, &s::FieldNew {}, input) });
    }
    fields.push(match view.kind {
        Kind::Extend => {
            let input = Input::Line { example: "4h".to_owned() };
            let end = asked(field::END, &s::FieldLater {}, input);
            Field { optional: false, hint: Some(label(&s::HintLater {})), ..end }
        }
        Kind::Lock => {
            let end = asked(field::END, &s::FieldEnd {}, Input::Line { example: "2h".to_owned() });
            Field { hint: Some(label(&s::HintLock {})), ..end }
        }
        _ => {
            let end = asked(field::END, &s::FieldEnd {}, Input::Line { example: "8h".to_owned() });
            Field { hint: Some(label(&s::HintEnd {})), ..end }
        }
    });
    fields.push(Field { optional: view.kind != Kind::Lock, ..reason(&s::FieldReason {}) });
    fields
}

fn asked(id: &'static str, reads: &impl Sentence, input: Input) -> Field {
    Field { id, label: label(reads), hint: None, optional: true, input }
}

fn reason(reads: &impl Sentence) -> Field {
    asked(field::REASON, reads, Input::Text)
}

/// What stands at a field that lacks something, or holds more than one word where one belongs.
#[must_use]
pub fn lacking(field: &'static str) -> String {
    let one_word = matches!(field, field::SERVICE | field::VERSION | field::ENVIRONMENT | field::NEW);
    let said = if one_word { words().say(&s::OneWord {}) } else { words().say(&s::Lacking {}) };
    plain(&said)
}

/// How to say in words what a form would have asked.
pub(super) fn in_words(asked: &Asked) -> Reply {
    let about = |example: &str| asked.about.clone().unwrap_or_else(|| example.to_owned());
    let example = match asked.kind {
        Kind::Deploy => format!("deploy web to {} for 8h", about("dev")),
        Kind::Provision => format!("provision {} for 8h", about("dev")),
        Kind::Extend => format!("extend {} by 4h", about("dev")),
        Kind::Reject => format!("reject {} because ..", about("op-17")),
        Kind::Lock => format!("lock {} for 2h because ..", about("dev")),
    };
    Reply::default().say(words().say(&s::InWords { example }))
}
