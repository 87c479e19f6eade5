//! What is done to camera, microphone and screen.

use std::pin::Pin;
use std::rc::Rc;

use visavis_call::{Device, Input, MediaError, MediaEvent, MediaOp, MediaWish};
use wasm_bindgen_futures::spawn_local;
use web_sys::MediaStreamTrackState;

use super::Effects;
use crate::browser::media::{self, LocalStream, Opened, Request};
use crate::browser::preferences::Chosen;
use crate::driver::{Event, Inbox, StreamNews};

impl Effects {
    pub(super) fn media(&mut self, op: MediaOp, news: &mut Vec<StreamNews>) {
        match op {
            MediaOp::Open(wish) => {
                self.close_media(news);
                let (inbox, request) = (self.inbox.clone(), self.request(wish));
                spawn_local(async move {
                    inbox.put(Event::Opened(media::open(request).await));
                });
            }
            MediaOp::EnableMicrophone(on) => {
                if let Some(local) = &mut self.local {
                    local.enable_microphone(on);
                    // The system may keep it silent, which did not matter while it was off.
                    local.watch(&tell_media(&self.inbox));
                }
            }
            MediaOp::Add(Device::Screen) => self.add(Device::Screen, Box::pin(media::open_screen())),
            MediaOp::Add(device) => {
                let mut request = self.request(MediaWish::only(device));
                request.instead_of = self.local.as_ref().and_then(|local| local.track_of(device));
                self.add(
                    device,
                    Box::pin(async { media::open(request).await.into_stream() }),
                );
            }
            MediaOp::Remove(device) => {
                if let Some(local) = &mut self.local {
                    local.close(device);
                }
                self.device_changed(device, news);
            }
            MediaOp::Close => self.close_media(news),
        }
    }

    fn request(&self, wish: MediaWish) -> Request {
        Request {
            wish,
            site: self.media.clone(),
            person: self.chosen.clone(),
            instead_of: None,
        }
    }

    /// From now on, devices are opened as the person has chosen.
    pub(in crate::driver) fn choose(&mut self, chosen: Chosen) {
        self.chosen = chosen;
    }

    fn add(&self, device: Device, opening: Opening) {
        let inbox = self.inbox.clone();
        let present = self.local.as_ref().and_then(|local| local.track_of(device));
        spawn_local(async move {
            match opening.await {
                Ok(stream) => inbox.put(Event::Added(stream, device)),
                Err(error) => {
                    inbox.input(Input::Media(MediaEvent::NotAdded(device, error)));
                    if present.is_some_and(|present| present.ready_state() == MediaStreamTrackState::Ended) {
                        inbox.input(Input::Media(MediaEvent::Lost(device)));
                    }
                }
            }
        });
    }

    pub(super) fn close_media(&mut self, news: &mut Vec<StreamNews>) {
        if self.local.take().is_some() {
            news.push(StreamNews::Local(None));
        }
    }

    /// Keeps what was opened. The state machine asks for one thing at a time, hears of each, and closes what
    /// comes too late.
    pub(in crate::driver) fn opened(&mut self, opened: Opened, news: &mut Vec<StreamNews>) -> Input {
        self.local = opened.stream;
        self.tell_local(news);
        Input::Media(opened.event)
    }

    /// The same for one device more, or in the place of the present one.
    pub(in crate::driver) fn added(
        &mut self,
        mut stream: LocalStream,
        device: Device,
        news: &mut Vec<StreamNews>,
    ) -> Input {
        match &mut self.local {
            Some(local) => local.take(device, &mut stream),
            None => self.local = Some(stream),
        }
        self.device_changed(device, news);
        Input::Media(MediaEvent::Added(device))
    }

    /// Takes the change of one device to all who see or hear it.
    fn device_changed(&mut self, device: Device, news: &mut Vec<StreamNews>) {
        if let Some(local) = &self.local {
            for (_, _, connection) in &self.peers {
                connection.send(device, local);
            }
        }
        self.tell_local(news);
    }

    /// Shows our own stream, unless nothing is left of it, and watches what is in it.
    fn tell_local(&mut self, news: &mut Vec<StreamNews>) {
        self.local = self.local.take().filter(|local| local.tracks().next().is_some());
        if let Some(local) = &mut self.local {
            local.watch(&tell_media(&self.inbox));
        }
        // A `clone()` of the stream would be the DOM's: a second stream, which nobody stops.
        let stream = self.local.as_ref().map(|local| Clone::clone(local.stream()));
        news.push(StreamNews::Local(stream));
    }
}

/// The answer to a request for one device.
type Opening = Pin<Box<dyn Future<Output = Result<LocalStream, MediaError>>>>;

/// Puts news of devices into the queue.
fn tell_media(inbox: &Inbox) -> Rc<dyn Fn(MediaEvent)> {
    let inbox = inbox.clone();
    Rc::new(move |event| inbox.input(Input::Media(event)))
}
