//! Pages for a browser, whole in one file.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fast_image_resize::{FilterType, Resizer};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use facenet_core::error::Result;
use facenet_core::frame::Image;

const STYLE: &str = "
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.sheet { display: flex; flex-wrap: wrap; gap: .25rem; }
figure { margin: 0; } figcaption { font-size: .75rem; max-width: 10rem; overflow-wrap: anywhere; }
img { border-radius: 3px; vertical-align: bottom; }
svg { max-width: 100%; height: auto; background: white; }
.note { color: GrayText; }
";

/// A whole page.
pub(crate) fn document(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                (body)
            }
        }
    }
    .into_string()
}

/// Pictures for a page: reduced, and written into it.
#[derive(Default)]
pub(crate) struct Pictures {
    resizer: Resizer,
    reduced: Image,
}

impl Pictures {
    /// The address of `image`, reduced to a square of `side` pixels, as a JPEG inside the page.
    pub(crate) fn address(&mut self, image: &Image, side: u32) -> Result<String> {
        image.resize_into(side, side, FilterType::Bilinear, &mut self.resizer, &mut self.reduced)?;
        Ok(format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(self.reduced.encode_jpeg(THUMBNAIL_QUALITY)?)))
    }
}

const THUMBNAIL_QUALITY: u8 = 80;
