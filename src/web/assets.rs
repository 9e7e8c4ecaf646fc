//! The files pages load: compiled in, and named by their content, so that they may be cached for ever.

use std::sync::LazyLock;

/// One file to serve.
#[derive(Debug)]
pub struct Asset {
    /// Name in the source: `moderato.css`.
    pub name: &'static str,
    /// Path to serve it under: `/assets/moderato.3f9a0c51d2e47b68.css`.
    pub url: String,
    /// Value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The file.
    pub bytes: &'static [u8],
}

/// The stylesheet is written in layers, one idea a file, and served as one.
const STYLESHEET: &str = concat!(
    include_str!("static/css/tokens.css"),
    include_str!("static/css/base.css"),
    include_str!("static/css/controls.css"),
    include_str!("static/css/reader.css"),
    include_str!("static/css/desk.css"),
    include_str!("static/css/columns.css"),
    include_str!("static/css/writing.css"),
    include_str!("static/css/models.css"),
    include_str!("static/css/people.css"),
    include_str!("static/css/rules.css"),
    include_str!("static/css/thresholds.css"),
    include_str!("../drawing/drawing.css"),
    include_str!("static/css/figures.css"),
    include_str!("static/css/api.css"),
);

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

static ASSETS: LazyLock<[Asset; 6]> = LazyLock::new(|| {
    [
        asset("moderato.css", CSS, STYLESHEET),
        asset("harbour.css", CSS, include_str!("demo/harbour.css")),
        asset("reader.js", JAVASCRIPT, include_str!("static/reader.js")),
        asset("desk.js", JAVASCRIPT, include_str!("static/desk.js")),
        asset("thresholds.js", JAVASCRIPT, include_str!("static/thresholds.js")),
        asset("icon.svg", SVG, include_str!("static/icon.svg")),
    ]
});

fn asset(name: &'static str, content_type: &'static str, text: &'static str) -> Asset {
    let hash = blake3::hash(text.as_bytes()).to_hex();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset {
        name,
        url: format!("/assets/{stem}.{}.{extension}", &hash[..16]),
        content_type,
        bytes: text.as_bytes(),
    }
}

/// Every file there is.
pub fn all() -> &'static [Asset] {
    &*ASSETS
}

/// The file served under this path, `/assets/…` and all.
pub fn find(url_path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.url == url_path)
}

/// The path to load the file called `name` from. A name nobody embedded gives a path that answers 404; a test
/// holds the templates to names that exist.
pub fn asset_url(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/assets/", |asset| asset.url.as_str())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn every_file_is_found_under_its_own_address_and_no_other() {
        for asset in all() {
            assert_eq!(find(&asset.url).map(|found| found.name), Some(asset.name));
            assert_eq!(asset_url(asset.name), asset.url);
        }
        assert!(find("/assets/moderato.css").is_none());
        assert!(find("/assets/../Cargo.toml").is_none());
    }

    /// Whoever moderates on a phone loads the desk on a phone.
    #[test]
    fn the_scripts_of_the_desk_stay_small() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        for asset in all().iter().filter(|asset| asset.content_type == JAVASCRIPT) {
            packed.write_all(asset.bytes).unwrap();
        }
        let size = packed.finish().unwrap().len();
        assert!(size < 30_000, "all scripts are {size} bytes compressed");
    }

    #[test]
    fn the_address_follows_the_content() {
        assert_ne!(asset("a.css", CSS, "one").url, asset("a.css", CSS, "two").url);
    }
}
