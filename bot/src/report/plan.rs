//! A plan for people: numbers, then a line for each component and kind of change. Long plans are folded, so a plan of
//! any size is short.

use super::outcome;
use super::voice::{few, natural, words};
use gantry_engine::address;
use gantry_engine::cost::Rate;
use gantry_engine::names::{Component, Part};
use gantry_engine::plan::{Action, FieldChange, Plan, Step};
use gantry_engine::value::Value;
use gantry_templates::{Said, sentences as s};
use std::collections::{BTreeMap, BTreeSet};

/// How many lines a plan has at the most.
const LINES: usize = 12;

/// How many resources a line names.
const NAMED: usize = 6;

/// How many fields of a resource are shown with their change, and how much of each.
const FIELDS: usize = 3;
const VALUE: usize = 24;

/// A plan in numbers. A replacement counts once, though it is two steps.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    create: usize,
    change: usize,
    replace: usize,
    destroy: usize,
}

/// What a step is to people; none for the second half of a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Create,
    Change,
    Replace,
    Destroy,
}

impl Kind {
    fn of(step: &Step) -> Option<Self> {
        match &step.action {
            Action::Create { replaces: None, .. } => Some(Self::Create),
            Action::Create { replaces: Some(_), .. } => Some(Self::Replace),
            Action::Update { .. } => Some(Self::Change),
            Action::Delete { replaced_by: None } => Some(Self::Destroy),
            Action::Delete { replaced_by: Some(_) } => None,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Change => "~",
            Self::Replace => "±",
            Self::Destroy => "-",
        }
    }
}

impl Counts {
    fn of(plan: &Plan) -> Self {
        let mut counts = Self::default();
        for kind in plan.steps.iter().filter_map(Kind::of) {
            match kind {
                Kind::Create => counts.create += 1,
                Kind::Change => counts.change += 1,
                Kind::Replace => counts.replace += 1,
                Kind::Destroy => counts.destroy += 1,
            }
        }
        counts
    }
}

/// The plan in a line.
pub(super) fn sum(plan: &Plan, env: &str) -> Said {
    if plan.is_nothing() {
        return words().say(&s::PlanOfNothing { env: env.to_owned() });
    }
    if plan.is_empty() {
        return words().say(&s::PlanOfRecord { env: env.to_owned() });
    }
    words().say(&s::PlanSum { numbers: numbers(plan) })
}

/// A plan in numbers, for within a sentence; what there is nothing of isn't named.
pub(super) fn numbers(plan: &Plan) -> Said {
    let words = words();
    let Counts { create, change, replace, destroy } = Counts::of(plan);
    let all = [
        (create, words.say(&s::ToCreate { n: create })),
        (change, words.say(&s::ToChange { n: change })),
        (replace, words.say(&s::ToReplace { n: replace })),
        (destroy, words.say(&s::ToDestroy { n: destroy })),
    ];
    let some: Vec<Said> = all.into_iter().filter(|(n, _)| *n > 0).map(|(_, said)| said).collect();
    match some.is_empty() {
        true if plan.is_nothing() => words.say(&s::NothingToChange {}),
        true => words.say(&s::NothingToBuild {}),
        false => Said::join(&some, ", "),
    }
}

/// The components of a plan in the order in which they are complete: what others need comes before them.
pub(super) fn order(plan: &Plan) -> BTreeMap<&Component, usize> {
    plan.steps.iter().enumerate().map(|(place, step)| (&step.addr.component, place)).collect()
}

/// The plan in some lines.
pub(super) fn lines(plan: &Plan, holds_data: &dyn Fn(&address::Kind) -> bool) -> Vec<Said> {
    let mut groups: BTreeMap<(&Component, Kind, Option<&Part>), Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        if let Some(kind) = Kind::of(step) {
            // What is replaced is gone for a moment, or is there twice: each on a line of its own.
            let alone = (kind == Kind::Replace).then_some(&step.addr.part);
            groups.entry((&step.addr.component, kind, alone)).or_default().push(step);
        }
    }
    let (mut groups, order) = (Vec::from_iter(groups), order(plan));
    groups.sort_by_key(|((component, kind, part), _)| {
        (order.get(component).copied(), *kind, part.map(|part| natural(part.as_str())))
    });
    let mut said: Vec<Said> = deleted(plan, holds_data);
    let mut rates = plan.cost.iter().flat_map(|cost| &cost.components).collect::<BTreeMap<_, _>>();
    let mut all = groups.into_iter();
    said.extend(all.by_ref().take(LINES).map(|((component, kind, _), steps)| {
        // What a component costs when all is done stands once, where it isn't about what goes.
        let rate = if kind == Kind::Destroy { None } else { rates.remove(component) };
        line(component, kind, steps, rate)
    }));
    let rest: Vec<_> = all.collect();
    if !rest.is_empty() {
        let components = rest.iter().map(|((component, ..), _)| component).collect::<BTreeSet<_>>().len();
        let steps = rest.iter().map(|(_, steps)| steps.len()).sum();
        said.push(words().say(&s::PlanMore { components, steps }));
    }
    said
}

/// Data that goes for good: each on a line of its own, however long the plan is.
fn deleted(plan: &Plan, holds_data: &dyn Fn(&address::Kind) -> bool) -> Vec<Said> {
    let gone = plan.steps.iter().filter(|step| matches!(step.action, Action::Delete { .. }) && holds_data(&step.kind));
    let lines = gone.map(|step| words().say(&s::PlanData { addr: step.addr.to_string() }));
    outcome::folded(lines.collect(), "volume")
}

fn line(component: &Component, kind: Kind, mut steps: Vec<&Step>, rate: Option<&Rate>) -> Said {
    steps.sort_by_key(|step| natural(step.addr.part.as_str()));
    let (parts, more) = few(steps.iter().map(|step| part(step)), NAMED);
    words().say(&s::PlanLine {
        sign: kind.sign().to_owned(),
        component: component.to_string(),
        // Short lists are counted at a glance.
        count: if more > 0 { steps.len() } else { 0 },
        parts,
        more,
        price: rate.map(ToString::to_string),
    })
}

fn part(step: &Step) -> String {
    let Action::Update { changes, .. } = &step.action else { return step.addr.part.to_string() };
    let shown: Vec<String> = changes.iter().take(FIELDS).map(field).collect();
    let more = if changes.len() > FIELDS { format!(", {} more", changes.len() - FIELDS) } else { String::new() };
    if shown.is_empty() {
        step.addr.part.to_string()
    } else {
        format!("{} ({}{more})", step.addr.part, shown.join(", "))
    }
}

fn field(change: &FieldChange) -> String {
    let value =
        |value: &Option<Value>| value.as_ref().map_or_else(|| "none".to_owned(), |value| short(&value.to_string()));
    format!("{} {} → {}", short(&change.field), value(&change.from), value(&change.to))
}

fn short(text: &str) -> String {
    if text.chars().count() > VALUE { text.chars().take(VALUE).chain(['…']).collect() } else { text.to_owned() }
}
