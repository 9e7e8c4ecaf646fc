//! Every view rendered: for people to look at (`target/tmp/preview`), and under attack.

mod samples;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use moderato::web::assets;
use scraper::{Html, Selector};

use samples::samples;

fn select(selector: &str) -> Selector {
    Selector::parse(selector).expect("the selectors here are constants")
}

fn documents(pages: Vec<(&'static str, String)>) -> impl Iterator<Item = (&'static str, Html)> {
    let pages = pages.into_iter().filter(|(name, _)| *name != "feed.xml");
    pages.map(|(name, html)| (name, Html::parse_document(&html)))
}

/// Writes each page beside its assets, so that a browser opens it from the disk.
#[test]
fn previews_are_written() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("preview");
    fs::create_dir_all(&folder).unwrap();
    for asset in assets::all() {
        fs::write(folder.join(asset.name), asset.bytes).unwrap();
    }
    for (name, mut page) in samples(str::to_owned) {
        for asset in assets::all() {
            page = page.replace(&asset.url, asset.name);
        }
        fs::write(folder.join(name), page).unwrap();
    }
}

/// What attackers try, in every field a stranger or a file can fill.
const ATTACKS: [fn(&str) -> String; 3] = [
    |text| format!("{text}<script>alert(1)</script><img src=x onerror=alert(1)>"),
    |text| format!("{text}\" onmouseover=\"alert(1)\" x='\"><svg onload=alert(1)>"),
    |text| format!("javascript:alert(1)//{text}</textarea></title></style><b onclick=alert(1)>"),
];

#[test]
fn nothing_a_stranger_types_becomes_code() {
    for attack in ATTACKS {
        for (name, page) in documents(samples(attack)) {
            for script in page.select(&select("script")) {
                assert!(
                    script.attr("src").is_some() && script.text().next().is_none(),
                    "{name}: inline script"
                );
            }
            for element in page.select(&select("*")) {
                for (attribute, value) in element.value().attrs() {
                    assert!(
                        !attribute.starts_with("on"),
                        "{name}: {attribute} on <{}>",
                        element.value().name()
                    );
                    let address = matches!(attribute, "href" | "src" | "action" | "formaction");
                    assert!(!(address && value.starts_with("javascript:")), "{name}: {attribute}={value}");
                }
            }
            assert_eq!(
                page.select(&select("img, b[onclick], svg[onload]")).count(),
                0,
                "{name}: foreign elements"
            );
        }
    }
}

#[test]
fn what_was_typed_is_kept_to_the_letter() {
    let pages = samples(ATTACKS[1]);
    let (_, page) = documents(pages).find(|(name, _)| *name == "form-errors.html").unwrap();
    let typed = ATTACKS[1]("I was there that night.\n\nThe page was down, the count was not.");
    assert_eq!(page.select(&select("textarea")).next().unwrap().text().collect::<String>(), typed);
    let email = page.select(&select("input[name=email]")).next().unwrap();
    assert_eq!(email.attr("value"), Some(ATTACKS[1]("dana@example").as_str()));
}

/// The policy of the pages allows nothing inline and nothing from elsewhere.
#[test]
fn pages_keep_to_the_content_policy() {
    for (name, page) in documents(samples(str::to_owned)) {
        assert_eq!(page.select(&select("[style], style, iframe, object, embed, base")).count(), 0, "{name}");
        for element in page.select(&select("script, link[rel=stylesheet], link[rel=icon], img")) {
            let url = element.attr("src").or(element.attr("href")).unwrap();
            assert!(assets::find(url).is_some(), "{name}: {url} is not one of our files");
        }
    }
}

#[test]
fn pages_are_whole_and_names_lead_somewhere() {
    for (name, page) in documents(samples(str::to_owned)) {
        let ids: Vec<_> = page.select(&select("[id]")).filter_map(|element| element.attr("id")).collect();
        let unique: HashSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: an id twice in {ids:?}");
        for (selector, attribute) in [
            ("label[for]", "for"),
            ("[aria-labelledby]", "aria-labelledby"),
            ("[aria-describedby]", "aria-describedby"),
        ] {
            for element in page.select(&select(selector)) {
                for id in element.attr(attribute).unwrap().split(' ') {
                    assert!(unique.contains(&id), "{name}: {attribute} names {id}");
                }
            }
        }
        for link in page.select(&select("a[href^='#']")) {
            let id = link.attr("href").unwrap().trim_start_matches('#');
            assert!(unique.contains(&id), "{name}: a link to #{id}");
        }
        if name != "thread-fragment.html" {
            assert_eq!(page.select(&select("h1")).count(), 1, "{name}: one main heading");
            assert_eq!(page.select(&select("html[lang], main")).count(), 2, "{name}: language and main part");
        }
    }
}

#[test]
fn the_feed_is_plain_xml() {
    let feed = samples(ATTACKS[0]).into_iter().find(|(name, _)| *name == "feed.xml").unwrap().1;
    assert!(feed.starts_with("<?xml"));
    assert!(!feed.contains("<script"));
    assert!(!feed.contains('\u{8}'));
    assert!(feed.contains("&#60;p&#62;Does it flood &#38;amp; freeze there?"));
}

/// Escaping is switched off by types ([`moderato::web::views::SafeHtml`]), never by a template.
#[test]
fn no_template_switches_escaping_off() {
    fn visit(folder: &Path, seen: &mut usize) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, seen);
            } else if let Ok(text) = fs::read_to_string(&path) {
                assert!(!text.contains("|safe") && !text.contains("| safe"), "{}", path.display());
                *seen += 1;
            }
        }
    }
    let mut seen = 0;
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/templates"), &mut seen);
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/demo"), &mut seen);
    assert!(seen > 20);
}
