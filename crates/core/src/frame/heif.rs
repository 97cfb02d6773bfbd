//! HEIC and AVIF, decoded by libheif where it is installed. Nothing of it is needed to build, or to run without such files.

#![allow(unsafe_code, reason = "the dynamic loader and libheif are C interfaces")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

use libloading::os::unix::{Library, RTLD_LAZY, RTLD_LOCAL};

use super::Image;
use super::fault::unsupported;
use crate::error::{Error, ErrorKind, Result};

/// The name under which the dynamic loader knows libheif.
const SONAME: &str = "libheif.so.1";

/// `heif_colorspace_RGB`, `heif_chroma_interleaved_RGB` and `heif_channel_interleaved` of libheif's header.
const RGB: c_int = 1;
const INTERLEAVED_RGB: c_int = 10;
const INTERLEAVED: c_int = 10;

/// `heif_error`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Status {
    code: c_int,
    subcode: c_int,
    message: *const c_char,
}

/// `heif_context`, `heif_image_handle` and `heif_image`, of which nothing is known.
enum Context {}
enum Handle {}
enum Pixels {}

/// What libheif exports, with the types of its header.
struct Heif {
    context_alloc: unsafe extern "C" fn() -> *mut Context,
    context_free: unsafe extern "C" fn(*mut Context),
    read: unsafe extern "C" fn(*mut Context, *const c_void, usize, *const c_void) -> Status,
    primary: unsafe extern "C" fn(*mut Context, *mut *mut Handle) -> Status,
    handle_release: unsafe extern "C" fn(*const Handle),
    width: unsafe extern "C" fn(*const Handle) -> c_int,
    height: unsafe extern "C" fn(*const Handle) -> c_int,
    decode: unsafe extern "C" fn(*const Handle, *mut *mut Pixels, c_int, c_int, *const c_void) -> Status,
    pixels_release: unsafe extern "C" fn(*const Pixels),
    pixels_width: unsafe extern "C" fn(*const Pixels, c_int) -> c_int,
    pixels_height: unsafe extern "C" fn(*const Pixels, c_int) -> c_int,
    plane: unsafe extern "C" fn(*const Pixels, c_int, *mut c_int) -> *const u8,
    /// Keeps the functions where they are.
    _library: Library,
}

/// Whether libheif is installed.
pub(super) fn is_installed() -> bool {
    installed().is_some()
}

fn installed() -> Option<&'static Heif> {
    static HEIF: OnceLock<Option<Heif>> = OnceLock::new();
    HEIF.get_or_init(|| Heif::load().ok()).as_ref()
}

/// Decodes the first picture of a file called `name`, which libheif turns upright as the file says.
///
/// `check` is given width and height before anything is decoded.
pub(super) fn decode(name: &str, bytes: &[u8], check: impl FnOnce(u32, u32) -> Result<()>) -> Result<Image> {
    let heif = installed().ok_or_else(|| unsupported(name))?;
    let context = heif.open(bytes).map_err(|reason| failed(name, &reason))?;
    let (width, height) = context.size();
    check(width, height)?;
    let (width, height, pixels) = context.decode().map_err(|reason| failed(name, &reason))?;
    Image::from_rgb(width, height, pixels)
}

fn failed(name: &str, reason: &str) -> Error {
    let message = format!("{name} that libheif does not read ({reason}): convert it to JPEG, or install its codecs");
    Error::new(ErrorKind::ImageDecode, message)
}

impl Heif {
    fn load() -> std::result::Result<Self, libloading::Error> {
        // SAFETY: initialisers of the library run. It is what the dynamic loader has installed under the name of libheif.
        let library = unsafe { Library::open(Some(SONAME), RTLD_LAZY | RTLD_LOCAL) }?;
        macro_rules! function {
            ($name:literal) => {
                // SAFETY: the field that it is put into has the type that libheif's header declares for the symbol.
                *unsafe { library.get(concat!($name, "\0").as_bytes()) }?
            };
        }
        Ok(Self {
            context_alloc: function!("heif_context_alloc"),
            context_free: function!("heif_context_free"),
            read: function!("heif_context_read_from_memory_without_copy"),
            primary: function!("heif_context_get_primary_image_handle"),
            handle_release: function!("heif_image_handle_release"),
            width: function!("heif_image_handle_get_width"),
            height: function!("heif_image_handle_get_height"),
            decode: function!("heif_decode_image"),
            pixels_release: function!("heif_image_release"),
            pixels_width: function!("heif_image_get_width"),
            pixels_height: function!("heif_image_get_height"),
            plane: function!("heif_image_get_plane_readonly"),
            _library: library,
        })
    }

    /// The first picture of a file.
    fn open<'a>(&'a self, bytes: &'a [u8]) -> std::result::Result<Picture<'a>, String> {
        // SAFETY: the function takes nothing.
        let context = NonNull::new(unsafe { (self.context_alloc)() }).ok_or("no memory")?;
        let mut picture = Picture { heif: self, context, handle: None, _bytes: bytes };
        // SAFETY: the context is alive, and the bytes live as long as it does; no options are given.
        text(unsafe { (self.read)(context.as_ptr(), bytes.as_ptr().cast(), bytes.len(), ptr::null()) })?;
        let mut handle = ptr::null_mut();
        // SAFETY: the context is alive, and the place for the handle is this function's.
        text(unsafe { (self.primary)(context.as_ptr(), &raw mut handle) })?;
        picture.handle = NonNull::new(handle);
        Ok(picture)
    }
}

/// What the status says, if it is an error.
fn text(status: Status) -> std::result::Result<(), String> {
    if status.code == 0 {
        return Ok(());
    }
    if status.message.is_null() {
        return Err(format!("error {}.{}", status.code, status.subcode));
    }
    // SAFETY: the header promises a text that ends in NUL and lives as long as the context, which is alive.
    Err(unsafe { CStr::from_ptr(status.message) }.to_string_lossy().into_owned())
}

/// A file that was opened.
struct Picture<'a> {
    heif: &'a Heif,
    context: NonNull<Context>,
    handle: Option<NonNull<Handle>>,
    /// What the context reads from.
    _bytes: &'a [u8],
}

impl Picture<'_> {
    fn handle(&self) -> *const Handle {
        self.handle.map_or(ptr::null(), |handle| handle.as_ptr().cast_const())
    }

    /// Width and height of the upright picture; zeros if there is none.
    fn size(&self) -> (u32, u32) {
        if self.handle.is_none() {
            return (0, 0);
        }
        // SAFETY: the handle is alive.
        let width = unsafe { (self.heif.width)(self.handle()) };
        // SAFETY: the same.
        let height = unsafe { (self.heif.height)(self.handle()) };
        (width.try_into().unwrap_or_default(), height.try_into().unwrap_or_default())
    }

    /// Width, height and packed RGB pixels.
    fn decode(&self) -> std::result::Result<(u32, u32, Vec<u8>), String> {
        let mut pixels = ptr::null_mut();
        // SAFETY: the handle is alive, the place for the pixels is this function's, and no options are given.
        text(unsafe { (self.heif.decode)(self.handle(), &raw mut pixels, RGB, INTERLEAVED_RGB, ptr::null()) })?;
        let pixels = Decoded { heif: self.heif, pixels: NonNull::new(pixels).ok_or("no pixels")? };
        pixels.packed().ok_or_else(|| "no pixels of RGB".into())
    }
}

impl Drop for Picture<'_> {
    fn drop(&mut self) {
        if self.handle.is_some() {
            // SAFETY: the handle is alive, and not used afterwards.
            unsafe { (self.heif.handle_release)(self.handle()) };
        }
        // SAFETY: the context is alive, and not used afterwards.
        unsafe { (self.heif.context_free)(self.context.as_ptr()) };
    }
}

struct Decoded<'a> {
    heif: &'a Heif,
    pixels: NonNull<Pixels>,
}

impl Decoded<'_> {
    fn packed(&self) -> Option<(u32, u32, Vec<u8>)> {
        let pixels = self.pixels.as_ptr().cast_const();
        // SAFETY: the pixels are alive.
        let width = unsafe { (self.heif.pixels_width)(pixels, INTERLEAVED) };
        // SAFETY: the same.
        let height = unsafe { (self.heif.pixels_height)(pixels, INTERLEAVED) };
        let mut stride = 0;
        // SAFETY: the pixels are alive, and the place for the stride is this function's.
        let plane = unsafe { (self.heif.plane)(pixels, INTERLEAVED, &raw mut stride) };
        let (columns, rows) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let (row, stride) = (columns.checked_mul(3)?, usize::try_from(stride).ok()?);
        if plane.is_null() || stride < row || row == 0 {
            return None;
        }
        let mut packed = Vec::with_capacity(row.checked_mul(rows)?);
        for y in 0..rows {
            // SAFETY: the row begins in the plane, which has so many of `stride` bytes, the last of them maybe without what fills
            // it up.
            let start = unsafe { plane.add(y * stride) };
            // SAFETY: a row has three bytes a pixel, and lives as long as the pixels.
            packed.extend_from_slice(unsafe { std::slice::from_raw_parts(start, row) });
        }
        Some((width.try_into().ok()?, height.try_into().ok()?, packed))
    }
}

impl Drop for Decoded<'_> {
    fn drop(&mut self) {
        // SAFETY: the pixels are alive, and not used afterwards.
        unsafe { (self.heif.pixels_release)(self.pixels.as_ptr()) };
    }
}
