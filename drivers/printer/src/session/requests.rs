//! Requests that wait for their answer: how each is sent, sent again, ended.
//! A motion is only ever repeated under its own id, which moves nothing twice.

use std::time::Duration;

use wire::message::{Hello, HostMessage};
use wire::scan::Collector;
use wire::{
    Condition, Motion, MotionAnswer, MotionId, MotionResult, PROTOCOL_NEWEST, PROTOCOL_OLDEST,
    Panel, Survey,
};

use super::service::Asking;
use super::stream::Stream;
use super::{Ask, Reply, Session, Ticket};
use crate::error::{Asked, Error};
use crate::patience::{ABANDON, REMIND, REPLY, RESEND, SCAN, STREAM, patience};

/// The ticket of a request whose outcome nobody waits for.
const NOBODY: Ticket = 0;

/// One request until its outcome.
pub(super) struct Request {
    pub(super) ticket: Ticket,
    pub(super) asked: Asked,
    pub(super) stage: Stage,
    pub(super) message: Option<HostMessage>,
    pub(super) resend_at: Duration,
    deadline: Duration,
    patience: Duration,
    damaged_before: u32,
}

/// What a request waits for.
pub(super) enum Stage {
    Hello(u32),
    Survey(u32),
    /// Held back until the pass's panel has arrived.
    Streaming(Panel),
    Motion(MotionId),
    Moving(MotionId),
    Load(u32),
    Erase(u32),
    Scan(u32),
    Reading {
        tag: u32,
        scan: u32,
        collector: Collector,
    },
    Service(Asking),
}

impl Request {
    pub(super) fn wake_at(&self) -> Duration {
        match self.message {
            Some(_) => self.resend_at.min(self.deadline),
            None => self.deadline,
        }
    }

    pub(super) fn silent(&self, patience: Duration) -> Error {
        Error::Silent {
            asked: self.asked,
            patience,
        }
    }

    pub(super) fn moving(&self) -> Option<MotionId> {
        match self.stage {
            Stage::Motion(id) | Stage::Moving(id) => Some(id),
            Stage::Hello(_) | Stage::Survey(_) | Stage::Streaming(_) | Stage::Load(_) => None,
            Stage::Erase(_) | Stage::Scan(_) | Stage::Reading { .. } => None,
            Stage::Service(_) => None,
        }
    }

    /// Whether the machine may be moving for it.
    fn moves(&self) -> bool {
        self.moving().is_some() || matches!(&self.stage, Stage::Service(asking) if asking.moves())
    }

    /// Waits anew: as long as this, asking again as often as that.
    pub(super) fn wait_on(&mut self, patience: Duration, again: Duration, now: Duration) {
        self.patience = patience;
        self.deadline = now + patience;
        self.resend_at = now + again;
    }
}

impl Session {
    /// Begins a request; its outcome comes under the ticket.
    pub fn ask(&mut self, ask: Ask, now: Duration) -> Ticket {
        self.ticket += 1;
        match ask {
            Ask::Hello => {
                let tag = self.next_tag();
                let message = HostMessage::Hello {
                    tag,
                    lowest: PROTOCOL_OLDEST,
                    highest: PROTOCOL_NEWEST,
                };
                self.send(Asked::Hello, Stage::Hello(tag), message, REPLY, now);
            }
            Ask::Survey { sequence } => {
                let tag = self.next_tag();
                let message = HostMessage::Survey { tag, sequence };
                self.send(Asked::Survey, Stage::Survey(tag), message, REPLY, now);
            }
            Ask::Motion {
                id,
                motion,
                sequence,
            } => self.ask_motion(id, motion, sequence, now),
            Ask::Load { card, panels } => {
                let Some(boot) = self.known_boot() else {
                    return self.ticket;
                };
                self.drop_stream(None);
                let first_tag = self.next_tag();
                let stream = Stream::new(card, panels, first_tag, now);
                let message = HostMessage::Manifest(stream.manifest(boot));
                self.stream = Some(stream);
                self.bytes_sent = 0;
                self.first_raster = None;
                self.send(
                    Asked::Load,
                    Stage::Load(card),
                    message,
                    self.load_patience,
                    now,
                );
            }
            Ask::Patience { load, motions } => {
                (self.load_patience, self.patience) = (load, motions);
                self.outcomes.push_back((self.ticket, Ok(Reply::Noted)));
            }
            Ask::Erase { card } => {
                let tag = self.next_tag();
                self.drop_stream(Some(card));
                let message = HostMessage::Erase { tag, card };
                self.send(Asked::Erase, Stage::Erase(tag), message, REPLY, now);
            }
            Ask::Scan { photo } => {
                let tag = self.next_tag();
                let message = HostMessage::Scan { tag, photo };
                self.send(Asked::Scan, Stage::Scan(tag), message, SCAN, now);
            }
            Ask::Order(order) => self.ask_order(order, now),
            Ask::Log { from } => self.ask_log(from, now),
            Ask::Identify => self.ask_identity(now),
            Ask::Probe { probes, bytes } => self.ask_probing(probes, bytes, now),
        }
        self.ticket
    }

    /// The boot id for a motion or manifest; refuses the request when the
    /// caller has not seen it.
    pub(super) fn known_boot(&mut self) -> Option<u32> {
        let known = self.boot.filter(|_| !self.boot_unseen);
        if known.is_none() {
            self.outcomes
                .push_back((self.ticket, Err(Error::StaleBoot)));
        }
        known
    }

    fn ask_motion(&mut self, id: MotionId, motion: Motion, sequence: u64, now: Duration) {
        let Some(boot) = self.known_boot() else {
            return;
        };
        let message = HostMessage::Motion {
            id,
            motion,
            sequence,
            boot,
        };
        let on_its_way = match motion {
            Motion::Pass(panel) => self.stream.as_ref().and_then(|stream| {
                (stream.card() == id.card && stream.verified(panel) == Some(false)).then_some(panel)
            }),
            Motion::Feed | Motion::SeekRibbon(_) | Motion::Flip | Motion::Hologram => None,
            Motion::Check | Motion::Eject | Motion::Release | Motion::Reject => None,
        };
        let asked = Asked::Motion(motion);
        match on_its_way {
            None => self.send(asked, Stage::Motion(id), message, REPLY, now),
            Some(panel) => {
                self.remember(
                    self.ticket,
                    asked,
                    Stage::Streaming(panel),
                    message,
                    STREAM,
                    now,
                );
            }
        }
    }

    pub(super) fn send(
        &mut self,
        asked: Asked,
        stage: Stage,
        message: HostMessage,
        patience: Duration,
        now: Duration,
    ) {
        self.say(&message);
        self.remember(self.ticket, asked, stage, message, patience, now);
    }

    fn remember(
        &mut self,
        ticket: Ticket,
        asked: Asked,
        stage: Stage,
        message: HostMessage,
        patience: Duration,
        now: Duration,
    ) {
        self.requests.push(Request {
            ticket,
            asked,
            stage,
            message: Some(message),
            resend_at: now + RESEND,
            deadline: now + patience,
            patience,
            damaged_before: self.damaged,
        });
    }

    /// Stops streaming this card, or any; passes that waited for it will not get their panel.
    fn drop_stream(&mut self, card: Option<u32>) {
        let chosen = |stream: &mut Stream| card.is_none_or(|card| stream.card() == card);
        if self.stream.take_if(chosen).is_some() {
            self.settle(
                |stage| matches!(stage, Stage::Streaming(_)),
                || Err(Error::Refused(Condition::PanelMissing)),
            );
        }
    }

    /// Sends a pass whose panel has arrived meanwhile.
    pub(super) fn release_passes(&mut self, now: Duration) {
        let Some(stream) = &self.stream else { return };
        let mut due = Vec::new();
        for request in &mut self.requests {
            let Stage::Streaming(panel) = request.stage else {
                continue;
            };
            let Some(HostMessage::Motion { id, .. }) = request.message else {
                continue;
            };
            if stream.verified(panel) == Some(true) {
                request.stage = Stage::Motion(id);
                request.patience = REPLY;
                request.deadline = now + REPLY;
                request.resend_at = now + RESEND;
                due.extend(request.message.clone());
            }
        }
        for message in due {
            self.say(&message);
        }
    }

    pub(super) fn tick_requests(&mut self, now: Duration) {
        let mut due = Vec::new();
        for request in &mut self.requests {
            let interval = match &request.stage {
                Stage::Streaming(_) => continue,
                Stage::Moving(_) => REMIND,
                Stage::Hello(_) | Stage::Survey(_) | Stage::Motion(_) | Stage::Load(_) => RESEND,
                Stage::Erase(_) | Stage::Scan(_) | Stage::Reading { .. } => RESEND,
                Stage::Service(asking) => asking.interval(),
            };
            if now >= request.resend_at && now < request.deadline {
                request.resend_at = now + interval;
                // A motion under way is reminded of, and so is a scan that is being made.
                let waits = matches!(request.stage, Stage::Moving(_) | Stage::Scan(_));
                self.resent += u32::from(!waits);
                due.extend(request.message.clone());
            }
        }
        for message in due {
            self.say(&message);
        }
        self.expire(now);
    }

    fn expire(&mut self, now: Duration) {
        for request in self
            .requests
            .extract_if(.., |request| now >= request.deadline)
        {
            let damaged = self.damaged.saturating_sub(request.damaged_before);
            let heard = now.saturating_sub(self.heard_at) < request.patience;
            let error = if matches!(request.stage, Stage::Streaming(_)) {
                Error::Refused(Condition::PanelMissing)
            } else if let Some(cause) = self.detached {
                Error::Gone(cause.into())
            } else if damaged > 0 && !heard {
                Error::Garbled {
                    asked: request.asked,
                    damaged,
                }
            } else if !self.link_lost && not_understood(&request.stage) {
                Error::NotUnderstood {
                    asked: request.asked,
                    patience: request.patience,
                }
            } else {
                request.silent(request.patience)
            };
            self.outcomes.push_back((request.ticket, Err(error)));
        }
    }

    /// Ends with this outcome each request that the choice names.
    pub(super) fn settle(
        &mut self,
        chosen: impl Fn(&Stage) -> bool,
        mut outcome: impl FnMut() -> Result<Reply, Error>,
    ) {
        for request in self
            .requests
            .extract_if(.., |request| chosen(&request.stage))
        {
            self.outcomes.push_back((request.ticket, outcome()));
        }
    }

    /// Ends every motion and order that was sent and has no result.
    pub(super) fn fail_moving(&mut self, error: impl Fn(&Request) -> Error) {
        for request in self.requests.extract_if(.., |request| request.moves()) {
            let outcome = Err(error(&request));
            self.outcomes.push_back((request.ticket, outcome));
        }
    }

    /// Ends the motions that have waited through all of a long silence; one that was asked
    /// just now has not been tried yet.
    pub(super) fn abandon(&mut self, now: Duration) {
        let waited = |request: &mut Request| {
            let since = request.deadline.saturating_sub(request.patience);
            request.moving().is_some() && now.saturating_sub(since) >= ABANDON
        };
        for request in self.requests.extract_if(.., waited) {
            let outcome = Err(request.silent(ABANDON));
            self.outcomes.push_back((request.ticket, outcome));
        }
    }

    /// Ends every request: the line is gone.
    pub fn hang_up(&mut self, error: impl Fn() -> Error) {
        self.settle(|_| true, || Err(error()));
        self.fail_probing(&error);
        self.stream = None;
        self.control.clear();
    }

    pub(super) fn hello(&mut self, hello: Hello) {
        let tag = hello.tag;
        if !self
            .requests
            .iter()
            .any(|request| matches!(request.stage, Stage::Hello(t) if t == tag))
        {
            return;
        }
        self.see_boot(hello.boot);
        self.log.begin_at(hello.newest_event);
        let fits = (PROTOCOL_OLDEST..=PROTOCOL_NEWEST).contains(&hello.version);
        let (lowest, highest) = (hello.lowest, hello.highest);
        self.settle(
            |stage| matches!(stage, Stage::Hello(t) if *t == tag),
            || match fits {
                true => Ok(Reply::Hello(hello.clone())),
                false => Err(Error::WrongVersion { lowest, highest }),
            },
        );
    }

    pub(super) fn surveyed(&mut self, tag: u32, survey: Survey, now: Duration) {
        let ours = |stage: &Stage| matches!(stage, Stage::Survey(t) if *t == tag);
        if self.requests.iter().any(|request| ours(&request.stage)) {
            self.see_boot(survey.boot);
            let unseen = self.boot != Some(survey.boot);
            if std::mem::replace(&mut self.boot_unseen, unseen) && !unseen {
                self.load_again(survey.boot, now);
            }
            self.settle(ours, || Ok(Reply::Survey(survey)));
        }
    }

    /// After a power loss that the caller has seen, the card's panels go again,
    /// without anybody waiting for the answer.
    fn load_again(&mut self, boot: u32, now: Duration) {
        let Some(stream) = &self.stream else { return };
        let (card, manifest) = (stream.card(), stream.manifest(boot));
        let message = HostMessage::Manifest(manifest);
        self.say(&message);
        self.remember(NOBODY, Asked::Load, Stage::Load(card), message, REPLY, now);
    }

    pub(super) fn motion_answered(&mut self, id: MotionId, answer: MotionAnswer, now: Duration) {
        if let MotionAnswer::Refused(condition) = answer {
            self.settle(
                |stage| matches!(stage, Stage::Motion(asked) | Stage::Moving(asked) if *asked == id),
                || Err(refusal(condition)),
            );
            return;
        }
        for request in &mut self.requests {
            if !matches!(request.stage, Stage::Motion(asked) if asked == id) {
                continue;
            }
            request.stage = Stage::Moving(id);
            request.resend_at = now + REMIND;
            if let Asked::Motion(motion) = request.asked {
                let set = self.patience.iter().find(|(known, _)| *known == motion);
                request.patience = set.map_or_else(|| patience(motion), |(_, set)| *set);
                request.deadline = now + request.patience;
            }
            self.outcomes
                .push_back((request.ticket, Ok(Reply::Accepted)));
        }
    }

    pub(super) fn motion_ended(&mut self, id: MotionId, result: MotionResult) {
        let ended = |request: &mut Request| request.moving() == Some(id);
        for request in self.requests.extract_if(.., ended) {
            if matches!(request.stage, Stage::Motion(_)) {
                self.outcomes
                    .push_back((request.ticket, Ok(Reply::Accepted)));
            }
            self.outcomes
                .push_back((request.ticket, Ok(Reply::Ended(result))));
        }
    }

    pub(super) fn loaded(&mut self, card: u32, refused: Option<Condition>) {
        let ours = |stage: &Stage| matches!(stage, Stage::Load(c) if *c == card);
        if !self.requests.iter().any(|request| ours(&request.stage)) {
            return;
        }
        match &mut self.stream {
            Some(stream) if refused.is_none() => stream.accept(),
            Some(_) => self.drop_stream(None),
            None => {}
        }
        self.settle(ours, || {
            refused.map_or(Ok(Reply::Loaded), |why| Err(refusal(why)))
        });
    }

    pub(super) fn erased(&mut self, tag: u32, refused: Option<Condition>) {
        self.settle(
            |stage| matches!(stage, Stage::Erase(t) if *t == tag),
            || {
                refused.map_or(Ok(Reply::Erased), |condition| {
                    Err(Error::Refused(condition))
                })
            },
        );
    }
}

/// A link that is heard and yet no answer: the firmware knows no such message and drops it.
fn not_understood(stage: &Stage) -> bool {
    matches!(stage, Stage::Service(asking) if !asking.understood())
}

pub(super) fn refusal(condition: Condition) -> Error {
    if condition == Condition::StaleBoot {
        Error::StaleBoot
    } else {
        Error::Refused(condition)
    }
}
