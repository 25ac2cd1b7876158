//! The only unsafe code of the workspace: OpenJPEG's encoder, from memory to memory.
//!
//! Why it is here: no Rust crate encodes JPEG 2000 to memory with a chosen size, and the chip has
//! room for 3,000 bytes. What was reviewed: each pointer that OpenJPEG hands out is checked for
//! null and freed once by its guard; the callbacks get the address of a `Memory` that outlives the
//! stream, touch nothing else and cannot unwind (they only index after a check of the bounds);
//! the sample buffers are `width × height` long, as OpenJPEG allocates them.
#![allow(unsafe_code)]

use openjpeg_sys as opj;
use std::ffi::c_void;
use std::mem::MaybeUninit;

const COLOURS: usize = 3;
const RESOLUTIONS: i32 = 5;

/// Encodes `rgb` (checked by the caller: `width × height × 3` bytes, sides of at most 2,048) so
/// that packets take one `rate`th of the raw size. `None` where OpenJPEG fails.
pub(super) fn encode(width: u32, height: u32, rgb: &[u8], rate: f32) -> Option<Vec<u8>> {
    assert_eq!(
        rgb.len(),
        width as usize * height as usize * COLOURS,
        "the caller checks the shape"
    );
    let mut memory = Memory::default();
    let image = Picture::of(width, height, rgb)?;
    let codec = Codec::new()?;
    let stream = Stream::over(&mut memory)?;
    let mut parameters = parameters(rate);
    // SAFETY: all three objects are alive; `parameters` is fully initialised and only read here.
    let done = unsafe {
        opj::opj_setup_encoder(codec.0, &mut parameters, image.0) == 1
            && opj::opj_start_compress(codec.0, image.0, stream.0) == 1
            && opj::opj_encode(codec.0, stream.0) == 1
            && opj::opj_end_compress(codec.0, stream.0) == 1
    };
    drop((stream, codec, image));
    done.then_some(memory.bytes)
}

fn parameters(rate: f32) -> opj::opj_cparameters_t {
    let mut parameters = MaybeUninit::zeroed();
    // SAFETY: the struct is plain C data; the call sets each field to its default.
    let mut parameters: opj::opj_cparameters_t = unsafe {
        opj::opj_set_default_encoder_parameters(parameters.as_mut_ptr());
        parameters.assume_init()
    };
    parameters.tcp_numlayers = 1;
    parameters.cp_disto_alloc = 1;
    parameters.tcp_rates[0] = rate;
    parameters.irreversible = 1;
    parameters.tcp_mct = 1;
    parameters.numresolution = RESOLUTIONS;
    // An empty comment: the default one spends bytes on the encoder's name. It is copied by setup.
    parameters.cp_comment = c"".as_ptr().cast_mut();
    parameters
}

/// What the encoder writes: it goes back to set the lengths of boxes.
#[derive(Default)]
struct Memory {
    bytes: Vec<u8>,
    at: usize,
}

struct Picture(*mut opj::opj_image_t);

impl Picture {
    fn of(width: u32, height: u32, rgb: &[u8]) -> Option<Picture> {
        let component = opj::opj_image_cmptparm_t {
            dx: 1,
            dy: 1,
            w: width,
            h: height,
            x0: 0,
            y0: 0,
            prec: 8,
            bpp: 8,
            sgnd: 0,
        };
        let mut components = [component; COLOURS];
        // SAFETY: `components` holds as many entries as are named; it is only read.
        let image = unsafe {
            opj::opj_image_create(
                COLOURS as u32,
                components.as_mut_ptr(),
                opj::OPJ_COLOR_SPACE::OPJ_CLRSPC_SRGB,
            )
        };
        if image.is_null() {
            return None;
        }
        let picture = Picture(image);
        // SAFETY: OpenJPEG allocated `COLOURS` components of `width × height` samples each.
        unsafe {
            ((*image).x1, (*image).y1) = (width, height);
            for colour in 0..COLOURS {
                let samples = (*(*image).comps.add(colour)).data;
                if samples.is_null() {
                    return None;
                }
                for (i, pixel) in rgb.chunks_exact(COLOURS).enumerate() {
                    samples.add(i).write(i32::from(pixel[colour]));
                }
            }
        }
        Some(picture)
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: made by `opj_image_create`, freed once.
        unsafe { opj::opj_image_destroy(self.0) }
    }
}

struct Codec(*mut opj::opj_codec_t);

impl Codec {
    fn new() -> Option<Codec> {
        // SAFETY: no argument can be wrong; null is checked.
        let codec = unsafe { opj::opj_create_compress(opj::OPJ_CODEC_FORMAT::OPJ_CODEC_JP2) };
        (!codec.is_null()).then_some(Codec(codec))
    }
}

impl Drop for Codec {
    fn drop(&mut self) {
        // SAFETY: made by `opj_create_compress`, freed once.
        unsafe { opj::opj_destroy_codec(self.0) }
    }
}

struct Stream(*mut opj::opj_stream_t);

impl Stream {
    /// The caller keeps `memory` alive, and untouched, for as long as the stream.
    fn over(memory: &mut Memory) -> Option<Stream> {
        // SAFETY: the callbacks have the types that OpenJPEG asks for; no free function is set.
        unsafe {
            let stream = opj::opj_stream_default_create(0);
            if stream.is_null() {
                return None;
            }
            opj::opj_stream_set_write_function(stream, Some(write));
            opj::opj_stream_set_skip_function(stream, Some(skip));
            opj::opj_stream_set_seek_function(stream, Some(seek));
            opj::opj_stream_set_user_data(stream, (memory as *mut Memory).cast(), None);
            Some(Stream(stream))
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: made by `opj_stream_default_create`, freed once.
        unsafe { opj::opj_stream_destroy(self.0) }
    }
}

/// Far above any photograph; keeps a wrong length from asking for memory that is not there.
const MEMORY_LIMIT: usize = 64 << 20;
const FAILED: usize = usize::MAX;

unsafe extern "C" fn write(from: *mut c_void, bytes: usize, user: *mut c_void) -> usize {
    // SAFETY: OpenJPEG hands over its own buffer of `bytes` and the `Memory` of `Stream::over`.
    let (memory, new) = unsafe {
        (
            &mut *user.cast::<Memory>(),
            std::slice::from_raw_parts(from.cast::<u8>(), bytes),
        )
    };
    let Some(end) = memory
        .at
        .checked_add(bytes)
        .filter(|&end| end <= MEMORY_LIMIT)
    else {
        return FAILED;
    };
    if memory.bytes.len() < end {
        memory.bytes.resize(end, 0);
    }
    memory.bytes[memory.at..end].copy_from_slice(new);
    memory.at = end;
    bytes
}

unsafe extern "C" fn skip(bytes: i64, user: *mut c_void) -> i64 {
    // SAFETY: the `Memory` of `Stream::over`.
    let memory = unsafe { &mut *user.cast::<Memory>() };
    match usize::try_from(bytes)
        .ok()
        .and_then(|bytes| memory.at.checked_add(bytes))
    {
        Some(at) if at <= MEMORY_LIMIT => {
            memory.at = at;
            bytes
        }
        _ => -1,
    }
}

unsafe extern "C" fn seek(to: i64, user: *mut c_void) -> i32 {
    // SAFETY: the `Memory` of `Stream::over`.
    let memory = unsafe { &mut *user.cast::<Memory>() };
    match usize::try_from(to) {
        Ok(to) if to <= MEMORY_LIMIT => {
            memory.at = to;
            1
        }
        _ => 0,
    }
}
