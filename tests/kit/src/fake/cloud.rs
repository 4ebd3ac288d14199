//! The outside: things with ids, tags and names, and calls that make, change, find and remove them.
//!
//! It is as unhelpful as clouds are. It makes a second thing with the same tag when asked to (and counts that as a
//! duplicate, which no test forgives), shows new things late and gone ones for a while, and refuses to remove what is in
//! use. It knows nothing about plans or operations.

use super::kinds::{Habits, Identity, habits, kind};
use super::rollout::{Rollout, Stage};
use super::thing::{New, Removed, Seen, Thing, mentions, unique_name};
use super::weather::{Fate, Fates, Weather, broken};
use crate::clock::ManualClock;
use crate::life::Edge;
use gantry_engine::address::{Addr, Kind, Mark};
use gantry_engine::ports::Clock;
use gantry_engine::provider::{ProviderError, Token};
use gantry_engine::resource::PhysicalId;
use gantry_engine::value::{Output, Spec, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Result<T> = std::result::Result<T, ProviderError>;

/// So many calls or seconds pass until a new role can be used.
const ROLE_DELAY: u64 = 12;

/// So many asks in fair weather until a service has let go of its last request.
const DRAIN: u32 = 2;

/// The outside. Clones are the same one.
#[derive(Debug, Clone)]
pub struct FakeCloud(Arc<Mutex<World>>);

/// Everything that the outside holds.
#[derive(Debug)]
pub(super) struct World {
    pub(super) fates: Fates,
    /// How many calls there were.
    turn: u64,
    /// How many seconds went by beside the calls, where nobody's clock tells.
    passed: u64,
    clock: Option<Arc<ManualClock>>,
    things: BTreeMap<PhysicalId, Thing>,
    tokens: BTreeMap<Token, PhysicalId>,
    tally: Tally,
    /// The range that new networks should have.
    pub(super) range: String,
    /// Whether surveys panic.
    pub(super) breaks: bool,
}

/// What happened in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Things made, by kind.
    pub created: BTreeMap<Kind, u32>,
    /// Things removed, by kind.
    pub destroyed: BTreeMap<Kind, u32>,
    /// Marks that more than one thing carried at a time. Must stay empty.
    pub duplicates: Vec<String>,
}

impl FakeCloud {
    /// An empty outside.
    #[must_use]
    pub fn new(weather: Weather) -> Self {
        Self(Arc::new(Mutex::new(World {
            fates: Fates::new(weather),
            turn: 0,
            passed: 0,
            clock: None,
            things: BTreeMap::new(),
            tokens: BTreeMap::new(),
            tally: Tally::default(),
            range: "10.0.0.0/16".to_owned(),
            breaks: false,
        })))
    }

    /// The same with a clock: its seconds count beside the calls.
    #[must_use]
    pub fn timed(self, clock: &Arc<ManualClock>) -> Self {
        self.lock().clock = Some(clock.clone());
        self
    }

    /// Time goes by.
    pub fn pass(&self, time: Duration) {
        self.lock().passed += time.as_secs();
    }

    /// The weather from now on.
    pub fn set_weather(&self, weather: Weather) {
        self.lock().fates = Fates::new(weather);
    }

    /// The weather.
    #[must_use]
    pub fn weather(&self) -> Weather {
        self.lock().fates.weather
    }

    /// The range that a survey says networks should have from now on: another one replaces them.
    pub fn set_range(&self, range: &str) {
        range.clone_into(&mut self.lock().range);
    }

    /// Whether surveys panic from now on, with [`super::Wanted`].
    pub fn break_surveys(&self, breaks: bool) {
        self.lock().breaks = breaks;
    }

    /// Makes the effect after `skip` more ones fail: before it happened, or after, its reply lost.
    pub fn fail_effect(&self, skip: u64, edge: Edge) {
        self.lock().fates.fail_effect(skip, edge);
    }

    /// What happened in all.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.lock().tally.clone()
    }

    /// The marks of everything that is there, whoever's it is, with its kind; one for each thing.
    #[must_use]
    pub fn marks(&self) -> Vec<(Mark, Kind)> {
        let world = self.lock();
        let mut all: Vec<_> = world.alive().map(|(_, thing)| (thing.mark.clone(), thing.kind.clone())).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The spec that something at an address serves with now.
    #[must_use]
    pub fn spec(&self, addr: &Addr) -> Option<Spec> {
        let world = self.lock();
        let found = world.alive().filter(|(_, thing)| &thing.mark.addr == addr && thing.part.is_empty());
        found.max_by_key(|(_, thing)| thing.mark.generation).map(|(_, thing)| thing.spec.clone())
    }

    /// Somebody else makes a thing of that name, in their own way.
    pub fn plant(&self, kind: &Kind, name: &str, mark: &Mark) {
        let mut world = self.lock();
        let token = Token(format!("planted {name}"));
        let spec = Spec::new().with("name", name);
        world.add(&New { kind, mark, part: "", token: &token, spec: &spec }, Some(name.to_owned()));
    }

    /// Somebody changes a field of what is at an address, past us.
    pub fn tamper(&self, addr: &Addr, field: &str, value: impl Into<Value>) {
        let mut world = self.lock();
        let value = value.into();
        for thing in world.things.values_mut().filter(|thing| &thing.mark.addr == addr && thing.gone.is_none()) {
            thing.spec.0.insert(field.to_owned(), value.clone());
        }
    }

    /// Somebody takes away what is at an address, past us.
    pub fn vanish(&self, addr: &Addr) {
        let mut world = self.lock();
        let now = world.now();
        for thing in world.things.values_mut().filter(|thing| &thing.mark.addr == addr) {
            thing.gone.get_or_insert(now);
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call, as the weather lets it.
    pub(super) fn call<T>(&self, effect: bool, call: impl FnOnce(&mut World) -> Result<T>) -> Result<T> {
        let mut world = self.lock();
        world.turn += 1;
        world.autoscale();
        match world.fates.next(effect) {
            Fate::FailsBefore(error) => Err(error),
            Fate::LosesReply => call(&mut world).and_then(|_| Err(broken())),
            Fate::Works => call(&mut world),
        }
    }
}

impl World {
    /// Its time: calls and seconds, whichever pass.
    fn now(&self) -> u64 {
        let seconds = self.clock.as_ref().map_or(0, |clock| u64::try_from(clock.now().as_second()).unwrap_or(0));
        self.turn + self.passed + seconds
    }

    /// What somebody made of a thing outside: it is gone, or its spec is another one.
    pub(super) fn outside(&self, id: &PhysicalId) -> Option<&Thing> {
        self.things.get(id)
    }

    pub(super) fn alive(&self) -> impl Iterator<Item = (&PhysicalId, &Thing)> {
        self.things.iter().filter(|(_, thing)| thing.gone.is_none())
    }

    /// Makes a thing; by its token or its name it may be there already.
    pub(super) fn create(&mut self, new: &New<'_>) -> Result<PhysicalId> {
        let habits = known(new.kind)?;
        let name = unique_name(habits, new);
        if habits.identity == Identity::Token
            && let Some(id) = self.tokens.get(new.token).filter(|id| self.things[*id].gone.is_none())
        {
            return Ok(id.clone());
        }
        if let Some(name) = &name
            && self.alive().any(|(_, thing)| &thing.kind == new.kind && thing.name.as_ref() == Some(name))
        {
            return Err(ProviderError::Conflict(format!("there is a {} called {name} already", new.kind)));
        }
        self.check_mentions(new.spec)?;
        Ok(self.add(new, name))
    }

    fn add(&mut self, new: &New<'_>, name: Option<String>) -> PhysicalId {
        let same = |thing: &Thing| &thing.mark == new.mark && &thing.kind == new.kind && thing.part == new.part;
        if self.alive().any(|(_, thing)| same(thing)) {
            self.tally.duplicates.push(format!("{} {}", new.kind, new.mark));
        }
        // A fixed width, so that no id is a part of another.
        let short = new.kind.as_str().trim_start_matches("fake.");
        let id = PhysicalId(format!("{short}-{:06}", self.things.len()));
        let rollout = (new.kind == &kind::SERVICE).then(|| Rollout::new(new.token.clone(), None));
        let thing = Thing {
            kind: new.kind.clone(),
            mark: new.mark.clone(),
            part: new.part,
            name,
            spec: new.spec.clone(),
            born: self.now(),
            gone: None,
            looks: 0,
            rollout,
            draining: None,
            nodes: 0,
        };
        self.things.insert(id.clone(), thing);
        self.tokens.insert(new.token.clone(), id.clone());
        *self.tally.created.entry(new.kind.clone()).or_default() += 1;
        id
    }

    /// What a spec mentions has to be there, to be visible and to be usable.
    fn check_mentions(&self, spec: &Spec) -> Result<()> {
        for (id, thing) in self.things.iter().filter(|(id, _)| mentions(spec, &id.0)) {
            if thing.gone.is_some() {
                return Err(ProviderError::Invalid(format!("it refers to {id}, which is gone")));
            }
            let delay = if thing.kind == kind::ROLE { ROLE_DELAY } else { self.fates.weather.lag / 2 };
            if thing.born + delay > self.now() {
                return Err(ProviderError::NotYet(format!("it refers to {id}, which isn't visible yet")));
            }
        }
        Ok(())
    }

    /// Looks by mark: late for what is new and for what is gone.
    pub(super) fn find(&self, wanted: impl Fn(&Mark, &Kind) -> bool) -> Vec<(PhysicalId, Mark, Kind)> {
        let (lag, now) = (self.fates.weather.lag, self.now());
        let shown = |thing: &Thing| {
            // What clings to others is listed longest.
            let shown = if thing.kind == kind::BALANCER { lag + lag / 2 } else { lag };
            thing.born + lag <= now && thing.gone.is_none_or(|gone| gone + shown > now)
        };
        let all = self.things.iter().filter(|(_, thing)| shown(thing) && wanted(&thing.mark, &thing.kind));
        all.map(|(id, thing)| (id.clone(), thing.mark.clone(), thing.kind.clone())).collect()
    }

    /// Looks by name: never late.
    pub(super) fn named(&self, kind: &Kind, name: &str) -> Option<(PhysicalId, Mark)> {
        let same = |thing: &Thing| &thing.kind == kind && thing.name.as_deref() == Some(name);
        self.alive().find(|(_, thing)| same(thing)).map(|(id, thing)| (id.clone(), thing.mark.clone()))
    }

    /// Looks by id: a little late for what is new. Things get on while somebody looks.
    pub(super) fn look(&mut self, id: &PhysicalId) -> Option<Seen> {
        let Weather { slowness, lag, .. } = self.fates.weather;
        let now = self.now();
        let thing = self.things.get_mut(id).filter(|thing| thing.gone.is_none() && thing.born + lag / 2 <= now)?;
        thing.looks += 1;
        if let Some(rollout) = &mut thing.rollout {
            rollout.look(&thing.spec, slowness);
        }
        thing.take_back();
        let habits = habits(&thing.kind)?;
        let ready = thing.looks >= habits.looks * slowness;
        let outputs = habits.outputs.iter().filter(|(_, early)| *early || ready);
        let outputs = outputs.map(|(name, _)| (Output::new(name), thing.output(id, name))).collect();
        let is_part = !thing.part.is_empty();
        Some(Seen { mark: thing.mark.clone(), spec: thing.spec.clone(), outputs, ready, is_part })
    }

    pub(super) fn stage(&self, id: &PhysicalId) -> Option<Stage> {
        let thing = self.things.get(id)?;
        thing.rollout.as_ref().map(|rollout| rollout.stage(&thing.spec))
    }

    /// Changes a thing; a rollout that is asked for again goes on.
    pub(super) fn change(&mut self, id: &PhysicalId, token: &Token, spec: &Spec) -> Result<()> {
        self.check_mentions(spec)?;
        let thing = self.things.get_mut(id).filter(|thing| thing.gone.is_none());
        let thing = thing.ok_or_else(|| ProviderError::NotYet(format!("there is no {id}")))?;
        if let Some(rollout) = &mut thing.rollout {
            if &rollout.token == token {
                return Ok(());
            }
            let before = rollout.back_to().map_or(Some(thing.spec.clone()), Option::<&Spec>::cloned);
            *rollout = Rollout::new(token.clone(), before);
        }
        thing.spec = spec.clone();
        Ok(())
    }

    pub(super) fn abort(&mut self, id: &PhysicalId, token: &Token) {
        if let Some(thing) = self.things.get_mut(id)
            && let Some(rollout) = thing.rollout.as_mut().filter(|rollout| &rollout.token == token)
        {
            rollout.abort(&thing.spec);
            thing.take_back();
        }
    }

    /// Removes a thing, unless it is in use.
    pub(super) fn delete(&mut self, id: &PhysicalId) -> Result<Removed> {
        let (now, Weather { clinging, slowness, .. }) = (self.now(), self.fates.weather);
        let clings = self.things.get(id).is_some_and(|thing| habits(&thing.kind).is_some_and(|habits| habits.clings));
        let holds = |thing: &Thing| thing.gone.is_none_or(|gone| gone + clinging > now);
        let user = self.things.iter().find(|(other, thing)| {
            *other != id && holds(thing) && thing.in_use().iter().any(|spec| mentions(spec, &id.0))
        });
        if let Some((user, _)) = user.filter(|_| clings) {
            return Err(ProviderError::Conflict(format!("{id} can't go while {user} uses it")));
        }
        let Some(thing) = self.things.get_mut(id).filter(|thing| thing.gone.is_none()) else {
            return Ok(Removed::Gone);
        };
        if thing.kind == kind::SERVICE {
            let left = thing.draining.get_or_insert(DRAIN * slowness);
            if *left > 0 {
                *left -= 1;
                return Ok(Removed::Draining(*left + 1));
            }
        }
        thing.gone = Some(now);
        *self.tally.destroyed.entry(thing.kind.clone()).or_default() += 1;
        Ok(Removed::Gone)
    }

    /// Ends a task or a node; another takes its place.
    pub(super) fn touch(&mut self, id: &PhysicalId, touch: impl FnOnce(&mut Thing)) {
        if let Some(thing) = self.things.get_mut(id) {
            touch(thing);
        }
    }

    /// Groups change their size as they please.
    fn autoscale(&mut self) {
        let turn = self.turn;
        let number = |thing: &Thing, field: &str| {
            thing.spec.get(field).and_then(Value::as_int).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
        };
        for thing in self.things.values_mut().filter(|thing| thing.kind == kind::GROUP) {
            let (min, max) = (number(thing, "min"), number(thing, "max"));
            let nodes = min + (turn / 5) % (max.saturating_sub(min) + 1);
            thing.nodes = u32::try_from(nodes).unwrap_or(u32::MAX);
        }
    }
}

fn known(kind: &Kind) -> Result<&'static Habits> {
    habits(kind).ok_or_else(|| ProviderError::Invalid(format!("there are no things of the kind {kind}")))
}
