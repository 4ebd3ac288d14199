//! What comes after an operation that ended in the middle: it is taken back, or gone on with. Both are operations of their
//! own, asked for like any other.

use super::answer::{Answer, No};
use super::scene::Meant;
use super::write::read;
use super::{Handler, Said};
use gantry_commands::{Change, Command, Context, Control, Reason, Verb, parse};
use gantry_engine::apply::{NoPlan, untouched_since};
use gantry_engine::change::{self as engine, Actor, Request};
use gantry_engine::names::OpId;
use gantry_engine::ports::StoreError;
use gantry_engine::propose::Refused;
use gantry_engine::undo::ended_in_the_middle;

impl Handler {
    pub(super) async fn undo(
        &self,
        said: &Said<'_>,
        named: Option<OpId>,
        because: Option<&Reason>,
    ) -> Result<Option<Answer>, StoreError> {
        let op = match said.scene.operation(named) {
            Ok(op) => op,
            Err(answer) => return Ok(Some(answer)),
        };
        let Some(record) = self.engine.store.operation(op).await? else {
            return Ok(Some(Answer::No(No::NoOperation(Some(op)))));
        };
        if let Err(answer) = self.allowed(&said.scene, Verb::Undo.name(), &record.key).await {
            return Ok(Some(answer));
        }
        let request = Request {
            change: engine::Change::Undo { op },
            by: Actor::User(said.incoming.user.clone()),
            schedule: said.incoming.scheduled.as_ref().map(|run| run.id),
            resumes: None,
            because: because.map(|reason| reason.as_str().to_owned()),
            bypass: false,
            words: Command::Control(Control::Undo { op: Some(op), because: None }).to_string(),
            delivery: said.id.clone(),
            place: self.place(said, &record.key).await,
            key: record.key,
            at: self.engine.clock.now(),
            waits: false,
        };
        self.ask_for(said, request).await
    }

    pub(super) async fn resume(
        &self,
        said: &Said<'_>,
        named: Option<OpId>,
        because: Option<&Reason>,
    ) -> Result<Option<Answer>, StoreError> {
        let id = match said.scene.operation(named) {
            Ok(id) => id,
            Err(answer) => return Ok(Some(answer)),
        };
        let op = match read(&self.engine, id).await {
            Ok(op) => op,
            Err(StoreError::NoSuchOperation(_)) => return Ok(Some(Answer::No(No::NoOperation(Some(id))))),
            Err(error) => return Err(error),
        };
        let command = match self.words(said, &op.request) {
            Ok(command) => command,
            Err(answer) => return Ok(Some(answer)),
        };
        let request = match &command {
            Command::Control(Control::Undo { op, .. }) => return self.undo(said, *op, because).await,
            Command::Change(change) => {
                let change = Change { because: because.cloned(), ..change.clone() };
                self.request(said, &change, change.verb().name()).await
            }
            _ => Err(refused(Refused::NothingStands(id))),
        };
        let request = match request {
            Ok(request) => request,
            Err(answer) => return Ok(Some(answer)),
        };
        // Only whoever may say the words is told more.
        if let Err(why) = ended_in_the_middle(&op) {
            return Ok(Some(refused(why)));
        }
        if let Err(why) = untouched_since(self.engine.store.as_ref(), &op, None).await? {
            return Ok(Some(refused(why)));
        }
        self.ask_for(said, Request { resumes: Some(id), ..request }).await
    }

    /// What an operation's words mean now.
    fn words(&self, said: &Said<'_>, request: &Request) -> Meant<Command> {
        let vocabulary = said.scene.vocabulary(&self.projects);
        let (now, zone) = (self.engine.clock.now(), said.scene.zone());
        match parse(&request.words, &Context { now, zone, vocabulary: &vocabulary, me: None }) {
            Ok(Some(command)) => Ok(command),
            Ok(None) => Err(Answer::No(No::NoOperation(None))),
            Err(error) => Err(Answer::Invalid { error: Box::new(error), text: request.words.clone() }),
        }
    }
}

fn refused(why: Refused) -> Answer {
    Answer::No(No::Plan(NoPlan::Refused(why)))
}
