//! What left the machine: pictures of both faces, the chip, and the truth, one folder a card.

use super::state::{self, State};
use firmware_sim::machine::{Card, Departed, Ground, Truth, look_of};
use firmware_sim::{Error, chip};
use image::{ImageFormat, RgbImage};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use wire::Face;

/// Pre-print of the blanks.
#[derive(Clone, Default)]
struct Preprint {
    front: Option<Ground>,
    back: Option<Ground>,
}

/// Writes cards down; the pictures take a while and are made beside.
pub(crate) struct Out {
    root: PathBuf,
    preprint: Preprint,
    painting: Vec<JoinHandle<Result<(), Error>>>,
}

impl Out {
    /// Cards go to `root`; `preprint` holds front.png and back.png.
    pub(crate) fn new(root: PathBuf, preprint: Option<&Path>) -> Result<Out, Error> {
        state::make(&root)?;
        let preprint = match preprint {
            None => Preprint::default(),
            Some(folder) => Preprint {
                front: Some(ground(&folder.join("front.png"))?),
                back: Some(ground(&folder.join("back.png"))?),
            },
        };
        Ok(Out {
            root,
            preprint,
            painting: Vec::new(),
        })
    }

    /// A card left: its folder is moved out at once; `truth.json` comes last.
    pub(crate) fn left(&mut self, departed: Departed, state: &mut State) -> Result<(), Error> {
        let Departed { card, truth } = departed;
        if card.dead {
            chip::Card::load(&state.inside())?.kill()?;
        }
        let folder = self.folder(&card);
        state.left(&folder)?;
        tracing::info!(folder = %folder.display(), fate = ?truth.fate, "a card left the machine");
        let preprint = self.preprint.clone();
        self.painting.retain(|thread| !thread.is_finished());
        self.painting.push(std::thread::spawn(move || {
            paint(&card, &truth, &preprint, &folder)
        }));
        Ok(())
    }

    /// The blank beneath a card left with it.
    pub(crate) fn left_beneath(
        &mut self,
        departed: Departed,
        state: &mut State,
    ) -> Result<(), Error> {
        let Departed { card, truth } = departed;
        let folder = self.folder(&card);
        state.left_beneath(&folder)?;
        paint(&card, &truth, &self.preprint, &folder)
    }

    fn folder(&self, card: &Card) -> PathBuf {
        let name = format!("{:04}-{}", card.blank.place, card.blank.serial);
        self.root.join(name)
    }

    /// Waits until everything is written.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.painting
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or(Ok(())))
    }
}

fn paint(card: &Card, truth: &Truth, preprint: &Preprint, folder: &Path) -> Result<(), Error> {
    let faces = [
        ("front.png", Face::Front, &preprint.front),
        ("back.png", Face::Back, &preprint.back),
    ];
    for (name, face, ground) in faces {
        let look = look_of(card, face, ground.as_ref());
        let path = folder.join(name);
        let picture = RgbImage::from_raw(look.width as u32, look.height as u32, look.rgb);
        if let Some(picture) = picture {
            picture
                .save_with_format(&path, ImageFormat::Png)
                .map_err(|error| Error::File {
                    path,
                    source: std::io::Error::other(error),
                })?;
        }
    }
    state::replace(&folder.join("truth.json"), &state::to_json(truth))?;
    tracing::info!(folder = %folder.display(), "a card is written down");
    Ok(())
}

fn ground(path: &Path) -> Result<Ground, Error> {
    let picture = image::open(path).map_err(|error| Error::File {
        path: path.to_owned(),
        source: std::io::Error::other(error),
    })?;
    let picture = picture.to_rgb8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    Ok(Ground {
        width,
        height,
        rgb: picture.into_raw(),
    })
}
