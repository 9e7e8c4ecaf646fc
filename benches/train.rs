//! `moderato train` beside others that learn word counts from the same CSV: scripts/bench-train.
//!
//! The file is made of the labelled data in models/data: each row has as many words as one of its rows, drawn from all
//! rows of its class, and one row in four a word that was never there. The contenders run in turns, and the medians
//! are printed with their ratios.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "figures are printed")]
#![expect(clippy::cast_precision_loss, reason = "bytes and times of one run")]

use std::collections::HashMap;
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use moderato::classifier::Label;
use moderato::training::rows::{Columns, LabelledRows};

/// MB of CSV, and how often each contender trains on them.
const SIZE: u64 = 200;
const TURNS: usize = 3;
const FLOOR: &str = "two maps";

fn main() {
    // cargo says --bench.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [floor, file] = &arguments[..]
        && floor == FLOOR
    {
        println!("{} words", word_counts(Path::new(file)));
        return;
    }
    let number = |place: usize, usual: u64| {
        arguments.get(place).map_or(usual, |text| text.parse().expect("usage: [MEGABYTES [TURNS]]"))
    };
    let (size, turns) =
        (number(0, SIZE) * 1_000_000, usize::try_from(number(1, TURNS as u64)).expect("a few"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("labelled.csv");
    make(&file, size);
    let size = fs::metadata(&file).expect("it was made").len();

    let mut contenders = vec![
        ("moderato train", moderato(&file, folder.path(), None)),
        ("moderato train, one thread", moderato(&file, folder.path(), Some("1"))),
        (
            "Rust: csv, words in two std maps",
            command(&env::current_exe().expect("this program"), &[FLOOR], &file),
        ),
    ];
    match env::var("SKLEARN_PYTHON") {
        Ok(python) => {
            let script = repository("scripts/lib/sklearn-train.py");
            let arguments = [script.to_str().expect("a path in UTF-8")];
            contenders
                .push(("scikit-learn: hashing, partial_fit", command(Path::new(&python), &arguments, &file)));
        }
        Err(_) => eprintln!("scikit-learn is left out: scripts/bench-train installs it"),
    }
    let mut runs: Vec<Vec<Run>> = contenders.iter().map(|_| Vec::new()).collect();
    for turn in 1..=turns {
        for ((name, command), runs) in contenders.iter_mut().zip(&mut runs) {
            let run = run(command);
            let peak = run.used.peak as f64 / 1e6;
            eprintln!(
                "turn {turn}: {name}: {:.2} s, {:.2} s of CPU, {peak:.0} MB",
                run.seconds, run.used.cpu
            );
            runs.push(run);
        }
    }

    let rate = |runs: &[Run], seconds: fn(&Run) -> f64| {
        size as f64 / 1e6 / median(runs.iter().map(seconds).collect())
    };
    let wall = |runs: &[Run]| rate(runs, |run| run.seconds);
    let cpu = |runs: &[Run]| rate(runs, |run| run.used.cpu);
    let own = (wall(&runs[0]), cpu(&runs[0]));
    println!(
        "{} MB of CSV, {turns} turns, {} cores",
        size / 1_000_000,
        thread::available_parallelism().map_or(1, usize::from)
    );
    println!(
        "| trainer | MB/s | moderato is | MB a CPU second | moderato is | peak memory |\n|---|---:|---:|---:|---:|---:|"
    );
    for ((name, _), runs) in contenders.iter().zip(&runs) {
        let peak = median(runs.iter().map(|run| run.used.peak as f64 / 1e6).collect());
        let (wall, cpu) = (wall(runs), cpu(runs));
        println!(
            "| {name} | {wall:.1} | {:.2} × | {cpu:.1} | {:.2} × | {peak:.0} MB |",
            own.0 / wall,
            own.1 / cpu
        );
    }
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn command(program: &Path, arguments: &[&str], file: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg(file).stdout(Stdio::null()).stdin(Stdio::null());
    command
}

fn moderato(file: &Path, folder: &Path, threads: Option<&str>) -> Command {
    let mut command = command(Path::new(env!("CARGO_BIN_EXE_moderato")), &["train", "--csv"], file);
    command.arg("--out").arg(folder.join("bench.model"));
    if let Some(threads) = threads {
        command.args(["--threads", threads]);
    }
    command
}

/// One run of a contender.
struct Run {
    seconds: f64,
    used: Used,
}

/// What a process used up to now.
#[derive(Default)]
struct Used {
    /// Seconds on all cores.
    cpu: f64,
    /// Most memory held at once, in bytes.
    peak: u64,
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is used is looked at while the process runs, which no event tells"
)]
fn run(command: &mut Command) -> Run {
    let start = Instant::now();
    let mut child = command.spawn().expect("the contender starts");
    let mut used = Used::default();
    let status = loop {
        used = usage(&child).unwrap_or(used);
        match child.try_wait().expect("it can be waited for") {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    assert!(status.success(), "{command:?} failed");
    Run { seconds: start.elapsed().as_secs_f64(), used }
}

/// Linux only, and nothing once the process has ended.
fn usage(child: &Child) -> Option<Used> {
    let read = |file| fs::read_to_string(format!("/proc/{}/{file}", child.id())).ok();
    let status = read("status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let peak = line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024;
    // Behind the name, which may hold anything: in the program and in the kernel, in hundredths of a second.
    let stat = read("stat")?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some(Used { cpu: (ticks(11)? + ticks(12)?) / 100.0, peak })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The plain loop: rows from the `csv` crate, words between blanks, a map for each class.
fn word_counts(file: &Path) -> usize {
    let mut reader = csv::Reader::from_path(file).expect("a CSV file");
    let mut record = csv::StringRecord::new();
    let mut counts: [HashMap<String, u64>; 2] = [HashMap::new(), HashMap::new()];
    while reader.read_record(&mut record).expect("a whole file") {
        let words = &mut counts[usize::from(&record[2] == "1")];
        for word in record[1].split_whitespace() {
            match words.get_mut(word) {
                Some(count) => *count += 1,
                None => {
                    words.insert(word.to_owned(), 1);
                }
            }
        }
    }
    counts.iter().map(HashMap::len).sum()
}

/// Numbers that look random and are the same every time: xorshift64 (Marsaglia, "Xorshift RNGs", 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 32).expect("32 bits") % limit
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

fn make(path: &Path, size: u64) {
    let mut words: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    let mut kinds: Vec<(Label, usize, String)> = Vec::new();
    for name in
        ["youtube-psy", "youtube-katyperry", "youtube-eminem", "sms-spam-collection", "chatspam-telegram-ru"]
    {
        let file = File::open(repository(&format!("models/data/{name}.csv")))
            .expect("the data are in the repository");
        for row in LabelledRows::open(file, &Columns::default()).expect("a table") {
            let row = row.expect("a whole row");
            let own: Vec<String> = row.content.split_whitespace().map(str::to_owned).collect();
            kinds.push((row.label, own.len(), row.author));
            words[usize::from(row.label == Label::Spam)].extend(own);
        }
    }
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut writer = csv::Writer::from_path(path).expect("the folder can be written to");
    writer.write_record(["AUTHOR", "CONTENT", "CLASS"]).expect("there is room");
    let (mut written, mut text) = (0, String::new());
    while written < size {
        let (label, length, author) = numbers.one_of(&kinds);
        let class = usize::from(*label == Label::Spam);
        text.clear();
        for _ in 0..*length {
            text.push_str(numbers.one_of::<String>(&words[class]));
            text.push(' ');
        }
        if numbers.below(4) == 0 {
            text.extend(
                (0..5 + numbers.below(5))
                    .map(|_| *numbers.one_of(&['a', 'e', 'i', 'k', 'l', 'n', 'r', 's', 't'])),
            );
        }
        writer.write_record([author.as_str(), text.trim_end(), ["0", "1"][class]]).expect("there is room");
        written += (author.len() + text.len() + 5) as u64;
    }
    writer.flush().expect("there is room");
}
