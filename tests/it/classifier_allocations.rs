//! Scoring plain text allocates nothing, and text that has to be rewritten a handful of times, so that a busy server's threads do not wait for each other's memory.

use std::hint::black_box;

use moderato::classifier::{Counts, Document, Extractor, Label, Model, ModelCard, features};

const PLAIN: &str = "Thanks for the article! See https://Example.org/Audit?x=1 and www.a.top, or write to me@b.com. \
                     I paid £500.";
const REWRITTEN: &str = "<p>Thanks &amp; see <a href=\"http://a.top\">this</a></p> [url=b.top]c[/url] \
                         vi\u{430}gra ｆｕｎ\u{200b}";

#[test]
fn scoring_allocates_a_handful_of_times_at_most() {
    let mut extractor = Extractor::default();
    let mut counts = Counts::default();
    for (content, label) in [(PLAIN, Label::Ham), (REWRITTEN, Label::Spam)] {
        counts.add(extractor.read(&Document { content, ..Document::default() }), label);
    }
    let model = Model::new(counts, ModelCard::default());
    for (content, most) in [(PLAIN, 0), (REWRITTEN, 8)] {
        let document = Document { content, author: "Ann Lee", email: "Ann@b.com", url: "http://c.top/X" };
        // The first reading makes the buffers as long as they have to be.
        black_box((extractor.read(&document), features(&document)));
        let reused = allocation_counter::measure(|| {
            black_box(model.score(extractor.read(&document)));
        });
        assert!(reused.count_total <= most, "{} allocations for {content:?}", reused.count_total);
        let handed_out = allocation_counter::measure(|| {
            black_box(model.score(&features(&document)));
        });
        assert_eq!(handed_out.count_total, reused.count_total + 1);
        assert_eq!(handed_out.count_current, 0);
    }
}
