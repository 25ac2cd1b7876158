//! `station layout`: a job's faces as they would be printed, and the design of the blank.

use std::path::{Path, PathBuf};

use clap::Args;
use image::{ImageFormat, RgbImage};
use serde_json::json;
use zeroize::Zeroizing;

use super::context::Context;
use super::outcome::{Exit, Failure, Outcome};
use super::record::{paper, unwritten, write};
use crate::config::Config;
use crate::record::{self, Picture as Page};
use crate::station::kit;
use crate::station::request::{Picture, Reply, Request};

/// Draw a job's faces as they would be printed.
#[derive(Debug, Args)]
pub(super) struct LayoutArgs {
    /// The job that is open at this station
    #[arg(
        value_name = "JOB",
        required_unless_present = "blank_art",
        conflicts_with = "blank_art"
    )]
    job: Option<String>,
    /// Folder for front.png, back.png and proof.pdf
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Write the blank's own design instead: front.png and back.png
    #[arg(long)]
    blank_art: bool,
}

/// Draws faces.
///
/// # Errors
/// Where the station stopped, or which file cannot be written.
pub(super) fn run(args: &LayoutArgs, context: &mut Context) -> Outcome {
    let config = context.config()?;
    let mut files = Vec::new();
    if args.blank_art {
        files.extend(blank_art(&args.out, &config)?);
    }
    if let Some(job) = &args.job {
        files.extend(proof(job, &args.out, &config, context)?);
        context.output.remark(
            "本人の情報を含みます。用が済んだら消してください。",
            "These files show the holder. Delete them when they are no longer needed.",
        );
    }
    for file in &files {
        context.output.line(&file.display().to_string());
    }
    Ok(json!({ "files": files }))
}

/// The blank's design, for the simulated printer's `--preprint`.
fn blank_art(out: &Path, config: &Config) -> Result<Vec<PathBuf>, Failure> {
    let dpi = u32::from(config.layout.resolution_dpi);
    std::fs::create_dir_all(out).map_err(|cause| unwritten(out, &cause))?;
    let exported =
        kit::load(&config.layout.font_folders, dpi).and_then(|kit| kit::export_preprint(&kit, out));
    exported.map_err(|cause| undrawn(&cause))?;
    Ok(["front.png", "back.png"]
        .map(|name| out.join(name))
        .to_vec())
}

/// The layout or its fonts cannot be used.
fn undrawn(cause: &kit::Error) -> Failure {
    let told = super::stop::causes(cause);
    Failure::refused(
        Exit::Usage,
        "layout",
        (
            format!("図柄を描けません（{told}）。"),
            format!("It cannot be drawn: {told}."),
        ),
        (
            "フォントを入れ、layout.font_folders を確かめる。",
            "Install the fonts and check layout.font_folders.",
        ),
    )
}

fn proof(
    job: &str,
    out: &Path,
    config: &Config,
    context: &Context,
) -> Result<Vec<PathBuf>, Failure> {
    let mut person = context.person(None);
    let request = Request::Proof {
        job: job.to_owned(),
    };
    let Reply::Proof { front, back, .. } = context.ask_station(config, request, &mut person)?
    else {
        return Err(not_open(job));
    };
    let face = record::face_from(&config.layout.font_folders).map_err(|e| paper(&e))?;
    let pdf = record::proof_pdf(&page(&front), &page(&back), &face).map_err(|e| paper(&e))?;
    let files = ["front.png", "back.png", "proof.pdf"].map(|name| out.join(name));
    write(&files[0], &png(&front)?)?;
    write(&files[1], &png(&back)?)?;
    write(&files[2], &pdf)?;
    Ok(files.to_vec())
}

fn page(picture: &Picture) -> Page<'_> {
    Page {
        width: picture.width,
        height: picture.height,
        rgb: &picture.rgb,
    }
}

/// A picture as a PNG file.
///
/// # Errors
/// A refusal when its bytes do not match its size.
fn png(picture: &Picture) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let dots = RgbImage::from_raw(picture.width, picture.height, picture.rgb.to_vec());
    dots.and_then(|dots| encode(&dots)).ok_or_else(|| {
        let size = record::Error::Picture {
            width: picture.width,
            height: picture.height,
        };
        paper(&size)
    })
}

/// Dots as a PNG file; `None` only for pictures without any.
pub(super) fn encode(dots: &RgbImage) -> Option<Zeroizing<Vec<u8>>> {
    let mut file = std::io::Cursor::new(Vec::new());
    dots.write_to(&mut file, ImageFormat::Png).ok()?;
    Some(Zeroizing::new(file.into_inner()))
}

fn not_open(job: &str) -> Failure {
    Failure::refused(
        Exit::Person,
        "not-open",
        (
            format!("{job} はこの発行機で開いていません。"),
            format!("{job} is not open at this station."),
        ),
        (
            "「station recover」で案件を確かめる。",
            "Look for the open job with \"station recover\".",
        ),
    )
}
