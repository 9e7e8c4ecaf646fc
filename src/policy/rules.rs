//! Rules that people make: whom or what to trust, to hold, to turn away. They have the last word, and say so.
//!
//! A rule matches one thing of a comment, has one effect, and may end by itself. Where several match, the strictest wins:
//! a ban before holding before trust. Trust by an e-mail address counts only where the comment comes from a network that
//! people know this address from, because an address can be typed by anybody.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::classifier::{Document, Phrases, Spellings, folded, host_key, hosts, is_public_ending};

/// The most phrases of a word list.
pub const MOST_PHRASES: usize = 2_000;
/// The longest thing to match, in bytes.
const LONGEST: usize = 300;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The author's e-mail address, by its keyed hash.
    Email,
    /// The domain of it, subdomains included.
    Domain,
    /// The author's name.
    Name,
    /// The network it was sent from, by its keyed hash.
    Network,
    /// The host of any link, subdomains included.
    Host,
    /// Phrases.
    Words,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Email, Self::Domain, Self::Name, Self::Network, Self::Host, Self::Words];

    /// The name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Domain => "domain",
            Self::Name => "name",
            Self::Network => "network",
            Self::Host => "host",
            Self::Words => "words",
        }
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether anybody can look like this without being it. Such things are banned or held, and not trusted.
    fn is_forgeable(self) -> bool {
        !matches!(self, Self::Email | Self::Network)
    }
}

/// What a rule does; the stricter one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// What would wait is published. What would be turned away, or is held for abuse, stays that.
    Trust,
    /// What would be published waits.
    Hold,
    /// It is turned away: rejected, which teaches nothing.
    Ban,
}

impl Effect {
    /// Every effect.
    pub const ALL: [Self; 3] = [Self::Ban, Self::Hold, Self::Trust];

    /// The name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Hold => "hold",
            Self::Ban => "ban",
        }
    }

    /// The effect with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.as_str() == name)
    }
}

/// Where a word list is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The comment's text.
    Text,
    /// The author's name.
    Name,
    /// The author's website.
    Site,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 3] = [Self::Text, Self::Name, Self::Site];

    /// The name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Name => "name",
            Self::Site => "site",
        }
    }

    /// The place with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.as_str() == name)
    }

    fn of<'a>(self, document: &Document<'a>) -> &'a str {
        match self {
            Self::Text => document.content,
            Self::Name => document.author,
            Self::Site => document.url,
        }
    }
}

/// What is typed is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// Nothing is.
    #[error("say what it is to match")]
    Empty,
    /// It is longer than anything that could match.
    #[error("«{0}…» is too long")]
    TooLong(String),
    /// More phrases than fit.
    #[error("a list has at most {MOST_PHRASES} phrases; make two of it")]
    TooMany,
    /// No e-mail address.
    #[error("«{0}» is no e-mail address")]
    Email(String),
    /// No host.
    #[error("«{0}» is no name of a host: write example.org")]
    Host(String),
    /// Everybody's ending.
    #[error("everything under «{0}» would match; name one host")]
    PublicEnding(String),
    /// No network.
    #[error("«{0}» is no network address: write 192.0.2.1 or 2001:db8::1")]
    Network(String),
    /// Nothing but spaces and punctuation.
    #[error("«{0}» has no letter, digit or emoji to look for")]
    Phrase(String),
    /// Words are looked for nowhere.
    #[error("say where the words are looked for: in the text, the name or the website")]
    NoPlace,
    /// What anybody can type.
    #[error(
        "only an e-mail address or a network can be trusted: names, domains, links and words are anybody's"
    )]
    Untrustworthy,
}

/// What a rule of this kind matches, brought into the form that is compared and stored. An e-mail address or network
/// comes as a keyed hash in hexadecimal already.
pub fn tidy(kind: Kind, typed: &str) -> Result<Vec<String>, InvalidRule> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = if kind == Kind::Words { lines.collect() } else { lines.take(1).collect() };
    if lines.is_empty() {
        return Err(InvalidRule::Empty);
    }
    if lines.len() > MOST_PHRASES {
        return Err(InvalidRule::TooMany);
    }
    let mut tidied = Vec::new();
    for line in lines {
        if line.len() > LONGEST {
            return Err(InvalidRule::TooLong(line.chars().take(40).collect()));
        }
        let one = match kind {
            Kind::Domain => host(line.trim_start_matches('@'))?,
            Kind::Host => host(line)?,
            Kind::Name | Kind::Words if folded(line).is_empty() => {
                return Err(InvalidRule::Phrase(line.to_owned()));
            }
            Kind::Name => folded(line),
            Kind::Words | Kind::Email | Kind::Network => line.to_owned(),
        };
        if !tidied.contains(&one) {
            tidied.push(one);
        }
    }
    Ok(tidied)
}

/// A host as it is typed, or copied from the browser's address line.
fn host(typed: &str) -> Result<String, InvalidRule> {
    let bare = typed.split_once("://").map_or(typed, |(_, rest)| rest);
    let bare = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let ending = bare.trim_matches('.').to_lowercase();
    if is_public_ending(&ending) {
        return Err(InvalidRule::PublicEnding(ending));
    }
    host_key(bare).ok_or_else(|| InvalidRule::Host(typed.chars().take(60).collect()))
}

/// A rule as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSpec {
    /// Its number.
    pub id: i64,
    /// What it looks at.
    pub kind: Kind,
    /// What it matches, see [`tidy`].
    pub patterns: Vec<String>,
    /// Where words are looked for.
    pub places: Vec<Place>,
    /// What it does.
    pub effect: Effect,
    /// What people are shown of what it matches.
    pub shown: String,
    /// From this moment on it does nothing.
    pub until: Option<OffsetDateTime>,
}

/// A rule, ready to be asked.
#[derive(Debug)]
pub struct Rule {
    spec: RuleSpec,
    phrases: Option<Phrases>,
}

impl Rule {
    /// Prepares a rule.
    pub fn new(spec: RuleSpec) -> Result<Self, InvalidRule> {
        if spec.effect == Effect::Trust && spec.kind.is_forgeable() {
            return Err(InvalidRule::Untrustworthy);
        }
        if spec.patterns.is_empty() {
            return Err(InvalidRule::Empty);
        }
        if spec.kind != Kind::Words {
            return Ok(Self { spec, phrases: None });
        }
        if spec.places.is_empty() {
            return Err(InvalidRule::NoPlace);
        }
        let shown = || InvalidRule::Phrase(spec.patterns.join(", ").chars().take(60).collect());
        let phrases = Phrases::new(&spec.patterns).map_err(|_error| shown())?;
        Ok(Self { phrases: Some(phrases), spec })
    }

    /// Its number.
    pub fn id(&self) -> i64 {
        self.spec.id
    }

    /// What it does.
    pub fn effect(&self) -> Effect {
        self.spec.effect
    }

    fn is_over(&self, now: OffsetDateTime) -> bool {
        self.spec.until.is_some_and(|until| until <= now)
    }
}

/// A comment, as rules look at it.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// What it says, and who says it.
    pub document: &'a Document<'a>,
    /// Keyed hashes of the e-mail address: at its site, and at all sites; in hexadecimal.
    pub email_keys: &'a [String],
    /// Keyed hash of the network it was sent from, in hexadecimal.
    pub network: Option<&'a str>,
    /// Whether people have approved a comment of this e-mail address from this network before.
    pub familiar: bool,
}

/// A rule that matches a comment.
#[derive(Debug, Clone)]
pub struct Fired<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// What of the comment it matches.
    found: String,
    /// Whether it counts: trust by an address that may only be typed does not.
    pub counts: bool,
}

/// The rules of a site and of all sites, ready to be asked.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
    /// Rules by what they match, words aside.
    by_pattern: HashMap<(Kind, String), Vec<usize>>,
    lists: Vec<usize>,
}

impl RuleSet {
    /// Puts rules together.
    pub fn new(rules: Vec<Arc<Rule>>) -> Self {
        let mut by_pattern: HashMap<_, Vec<usize>> = HashMap::new();
        let mut lists = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            if rule.phrases.is_some() {
                lists.push(place);
                continue;
            }
            for pattern in &rule.spec.patterns {
                by_pattern.entry((rule.spec.kind, pattern.clone())).or_default().push(place);
            }
        }
        Self { rules, by_pattern, lists }
    }

    /// The rules that match a comment, the strictest first. Linear in the comment's length for each word list.
    pub fn fired(&self, incoming: &Incoming<'_>, now: OffsetDateTime) -> Vec<Fired<'_>> {
        let mut found: BTreeMap<usize, String> = BTreeMap::new();
        self.look_up(incoming, &mut |place, what| {
            found.entry(place).or_insert_with(|| what.to_owned());
        });
        self.search(incoming.document, &mut found);
        let mut fired: Vec<Fired<'_>> = found
            .into_iter()
            .map(|(place, found)| (&*self.rules[place], found))
            .filter(|(rule, _)| !rule.is_over(now))
            .map(|(rule, found)| {
                let typed = rule.spec.kind == Kind::Email && rule.effect() == Effect::Trust;
                Fired { rule, found, counts: !typed || incoming.familiar }
            })
            .collect();
        fired.sort_by_key(|fired| (Reverse((fired.counts, fired.rule.effect())), fired.rule.id()));
        fired
    }

    fn look_up(&self, incoming: &Incoming<'_>, hit: &mut impl FnMut(usize, &str)) {
        if self.by_pattern.is_empty() {
            return;
        }
        let mut look = |kind, pattern: &str, what: &str| {
            for place in self.by_pattern.get(&(kind, pattern.to_owned())).into_iter().flatten() {
                hit(*place, what);
            }
        };
        for key in incoming.email_keys {
            look(Kind::Email, key, "");
        }
        if let Some(network) = incoming.network {
            look(Kind::Network, network, "");
        }
        look(Kind::Name, &folded(incoming.document.author), "");
        if let Some((_, domain)) = incoming.document.email.rsplit_once('@')
            && let Some(domain) = host_key(domain)
        {
            for part in with_parents(&domain) {
                look(Kind::Domain, part, &domain);
            }
        }
        for host in hosts(incoming.document) {
            for part in with_parents(&host) {
                look(Kind::Host, part, &host);
            }
        }
    }

    fn search(&self, document: &Document<'_>, found: &mut BTreeMap<usize, String>) {
        let mut spellings: BTreeMap<Place, Spellings> = BTreeMap::new();
        for &place in &self.lists {
            let rule = &self.rules[place];
            let hit = rule.spec.places.iter().find_map(|field| {
                let text = spellings.entry(*field).or_insert_with(|| Spellings::of(field.of(document)));
                Some((rule.phrases.as_ref()?.find(text)?, *field))
            });
            if let Some((phrase, field)) = hit {
                let phrase = rule.spec.patterns.get(phrase).map_or("", String::as_str);
                found.insert(place, format!("“{phrase}” in the {}", field.words()));
            }
        }
    }
}

impl Place {
    fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Name => "name",
            Self::Site => "website",
        }
    }
}

/// A host, and everything it is a part of: `a.example.org`, `example.org`, `org`.
fn with_parents(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |part| part.split_once('.').map(|(_, rest)| rest))
}

/// What matched, in words: `link to casino.example`.
impl fmt::Display for Fired<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.rule.spec.shown;
        match self.rule.spec.kind {
            Kind::Email => write!(out, "e-mail address {shown}"),
            Kind::Domain => write!(out, "e-mail address at {}", self.found),
            Kind::Name => write!(out, "name “{shown}”"),
            Kind::Network => write!(out, "network {shown}"),
            Kind::Host => write!(out, "link to {}", self.found),
            Kind::Words => out.write_str(&self.found),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::super::{Abuse, Decision, Thresholds, decide, mind_abuse, mind_rules, state_of};
    use super::*;
    use crate::comment::State;

    const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    fn spec(id: i64, kind: Kind, effect: Effect, pattern: &str) -> RuleSpec {
        let patterns = tidy(kind, pattern).unwrap();
        let shown = patterns[0].clone();
        RuleSpec { id, kind, patterns, places: Place::ALL.to_vec(), effect, shown, until: None }
    }

    fn set(specs: Vec<RuleSpec>) -> RuleSet {
        RuleSet::new(specs.into_iter().map(|spec| Arc::new(Rule::new(spec).unwrap())).collect())
    }

    fn incoming<'a>(document: &'a Document<'a>, keys: &'a [String], familiar: bool) -> Incoming<'a> {
        Incoming { document, email_keys: keys, network: Some("77"), familiar }
    }

    const DOCUMENT: Document<'_> = Document {
        content: "Visit http://best.casino.example/now, it is great",
        author: "Best  SEO-77",
        email: "Mia@Mail.Example.org",
        url: "https://mia.example.net/",
    };

    fn ids(set: &RuleSet) -> Vec<i64> {
        let fired = set.fired(&incoming(&DOCUMENT, &["aa".to_owned()], true), NOW);
        fired.iter().map(|fired| fired.rule.id()).collect()
    }

    #[test]
    fn each_kind_matches_what_it_says() {
        for (kind, hit, miss) in [
            (Kind::Email, "aa", "ab"),
            (Kind::Domain, "@example.org", "ample.org"),
            (Kind::Domain, "mail.example.org", "a.mail.example.org"),
            (Kind::Name, "best seo 77", "best seo"),
            (Kind::Network, "77", "7"),
            (Kind::Host, "https://Casino.example/any", "sino.example"),
            (Kind::Host, "www.best.casino.example", "worst.casino.example"),
            (Kind::Host, "example.net", "example.com"),
            (Kind::Words, "nothing\ngreat", "gre"),
        ] {
            assert_eq!(ids(&set(vec![spec(1, kind, Effect::Ban, hit)])), [1], "{kind:?} {hit}");
            assert_eq!(ids(&set(vec![spec(1, kind, Effect::Ban, miss)])), [0; 0], "{kind:?} {miss}");
        }
        let in_name = RuleSpec { places: vec![Place::Name], ..spec(1, Kind::Words, Effect::Hold, "great") };
        assert_eq!(ids(&set(vec![in_name])), [0; 0], "words are looked for where they are wanted");
    }

    #[test]
    fn the_strictest_comes_first_and_what_is_over_does_nothing() {
        let rules = set(vec![
            spec(1, Kind::Email, Effect::Trust, "aa"),
            spec(2, Kind::Words, Effect::Hold, "great"),
            spec(3, Kind::Host, Effect::Ban, "casino.example"),
            spec(4, Kind::Network, Effect::Ban, "77"),
            RuleSpec { until: Some(NOW), ..spec(5, Kind::Network, Effect::Ban, "77") },
        ]);
        assert_eq!(ids(&rules), [3, 4, 2, 1]);
        let keys = ["aa".to_owned()];
        let fired = rules.fired(&incoming(&DOCUMENT, &keys, true), NOW);
        let ruling = mind_rules(decide(-9.0, Vec::new(), Vec::new(), Thresholds::DEFAULT), &fired);
        assert_eq!((ruling.state, ruling.ruled), (State::Rejected, true));
        assert_eq!(ruling.judgement.reasons[0].what, "banned by rule 3: link to best.casino.example");
        assert_eq!(ruling.judgement.reasons[2].what, "to be held by rule 2: “great” in the text");
    }

    #[test]
    fn an_address_that_is_only_typed_is_not_trusted() {
        let rules = set(vec![spec(1, Kind::Email, Effect::Trust, "aa")]);
        let keys = ["aa".to_owned()];
        let doubtful = || decide(0.0, Vec::new(), Vec::new(), Thresholds::DEFAULT);
        let typed = mind_rules(doubtful(), &rules.fired(&incoming(&DOCUMENT, &keys, false), NOW));
        assert_eq!((typed.state, typed.ruled), (State::Held, false));
        assert!(typed.judgement.reasons[0].what.contains("nobody has seen"));
        let known = rules.fired(&incoming(&DOCUMENT, &keys, true), NOW);
        assert_eq!(mind_rules(doubtful(), &known).state, State::Approved);
        let spam = decide(9.0, Vec::new(), Vec::new(), Thresholds::DEFAULT);
        assert_eq!(mind_rules(spam, &known).state, State::Spam, "grave evidence goes before trust");
        let abuse = mind_abuse(
            decide(-9.0, Vec::new(), Vec::new(), Thresholds::DEFAULT),
            Abuse { probability: 0.9, hold_from: 0.8 },
        );
        assert_eq!(mind_rules(abuse, &known).state, State::Held);
        for kind in [Kind::Name, Kind::Domain, Kind::Host, Kind::Words] {
            let spec = spec(1, kind, Effect::Trust, "example.org");
            assert_eq!(Rule::new(spec).unwrap_err(), InvalidRule::Untrustworthy);
        }
    }

    #[test]
    fn what_is_no_rule_is_refused_with_the_reason() {
        assert_eq!(tidy(Kind::Host, " "), Err(InvalidRule::Empty));
        assert_eq!(tidy(Kind::Host, "co.uk"), Err(InvalidRule::PublicEnding("co.uk".into())));
        assert_eq!(tidy(Kind::Host, "https://COM/"), Err(InvalidRule::PublicEnding("com".into())));
        assert_eq!(tidy(Kind::Domain, "not a host"), Err(InvalidRule::Host("not a host".into())));
        assert_eq!(tidy(Kind::Words, "fine\n…"), Err(InvalidRule::Phrase("…".into())));
        assert_eq!(tidy(Kind::Words, &"x\n".repeat(9)).unwrap(), ["x"], "once is enough");
        let many: Vec<String> = (0..=MOST_PHRASES).map(|n| format!("word{n}")).collect();
        assert_eq!(tidy(Kind::Words, &many.join("\n")), Err(InvalidRule::TooMany));
        assert!(matches!(tidy(Kind::Name, &"x".repeat(301)), Err(InvalidRule::TooLong(_))));
    }

    proptest! {
        #[test]
        fn rules_only_do_what_they_say(log_odds in -9.0..9.0_f64, effects in prop::collection::vec(0..3_usize, 0..5)) {
            let judgement = decide(log_odds, Vec::new(), Vec::new(), Thresholds::DEFAULT);
            let effects: Vec<Effect> = effects.into_iter().map(|n| Effect::ALL[n]).collect();
            let specs = effects.iter().zip(1..).map(|(&effect, id)| spec(id, Kind::Network, effect, "77"));
            let rules = set(specs.collect());
            let ruling = mind_rules(judgement.clone(), &rules.fired(&incoming(&DOCUMENT, &[], false), NOW));
            let expected = match (effects.iter().max(), judgement.decision) {
                (Some(Effect::Ban), _) => State::Rejected,
                (Some(Effect::Hold), Decision::Approve) => State::Held,
                (Some(Effect::Trust), Decision::Hold) => State::Approved,
                (_, decision) => state_of(decision),
            };
            prop_assert_eq!(ruling.state, expected);
            prop_assert_eq!(ruling.ruled, !effects.is_empty());
            prop_assert_eq!(ruling.judgement.spam_probability.to_bits(), judgement.spam_probability.to_bits());
            let sum: f64 = ruling.judgement.reasons.iter().map(|reason| reason.log_odds).sum();
            prop_assert!((sum - judgement.log_odds).abs() < 1e-9);
        }

        #[test]
        fn no_text_and_no_rule_panics(typed in ".{0,60}", content in ".{0,200}", author in ".{0,20}", url in ".{0,40}") {
            let document = Document { content: &content, author: &author, email: &url, url: &url };
            let specs = Kind::ALL.into_iter().zip(1..).filter_map(|(kind, id)| {
                Some(RuleSpec {
                    id, kind, patterns: tidy(kind, &typed).ok()?, places: Place::ALL.to_vec(), effect: Effect::Hold,
                    shown: String::new(), until: None,
                })
            });
            let rules: Vec<Arc<Rule>> = specs.filter_map(|spec| Rule::new(spec).ok()).map(Arc::new).collect();
            RuleSet::new(rules).fired(&incoming(&document, std::slice::from_ref(&typed), false), NOW);
        }
    }
}
