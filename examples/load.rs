//! Load for `scripts/bench-accept` and `scripts/crash-test`: readers that send comments through the HTML form, each
//! over a connection of its own, the next comment when the last one is answered.
//!
//! A comment that is not acknowledged is sent again, as a person would do, until it is; so a sender that stops in
//! order leaves exactly one row a comment. Every try is written down.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

/// What people wrote below music videos, ham and spam: the words that comments are made of.
const COMMENTS: &str = include_str!("../models/data/youtube-eminem.csv");
/// A comment is at least so long, in bytes.
const LENGTH: usize = 300;
/// As many comments are by the same author.
const COMMENTS_BY_AUTHOR: u64 = 3;
/// Pause before a comment is sent again.
const PAUSE: Duration = Duration::from_millis(10);
/// No answer takes longer.
const LONGEST: Duration = Duration::from_secs(30);
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Send unique comments to a Moderato that serves the demo
///
/// Prints one line: acknowledged comments, other answers, seconds, p50 and p99 of the acknowledged in milliseconds.
#[derive(Debug, Parser)]
struct Args {
    /// Address and port of the server
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    server: String,
    /// Connections
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Stop after so many comments
    #[arg(long, default_value_t = u64::MAX)]
    comments: u64,
    /// Stop after so many seconds; a SIGTERM stops too
    #[arg(long, default_value_t = 3600.0)]
    seconds: f64,
    /// Tells the comments of different runs apart
    #[arg(long, default_value = "run")]
    name: String,
    /// Write every try down: when sent and answered (Unix time in seconds), connection, outcome (a status, `refused`
    /// or `cut`), id, seconds of `Retry-After`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Only print the texts of so many comments
    #[arg(long, value_name = "COUNT")]
    print: Option<u64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let texts = Texts::new(args.name)?;
    if let Some(count) = args.print {
        let mut out = std::io::stdout().lock();
        for number in 0..count {
            writeln!(out, "{}", texts.text(number))?;
        }
        return Ok(());
    }
    let run = Arc::new(Run {
        server: args.server,
        texts,
        most: args.comments,
        next: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        record: args.record.as_deref().map(create).transpose()?.map(Mutex::new),
    });
    let started = Instant::now();
    let senders: Vec<_> = (0..args.connections)
        .map(|number| tokio::spawn(Sender::new(Arc::clone(&run), number).work()))
        .collect();
    let ender = Arc::clone(&run);
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            () = sleep(Duration::from_secs_f64(args.seconds)) => {}
            _ = terminate.recv() => {}
        }
        ender.stop.store(true, Ordering::Relaxed);
    });
    let mut milliseconds = Vec::new();
    let mut others = 0;
    for sender in senders {
        let sender = sender.await??;
        milliseconds.extend(sender.milliseconds);
        others += sender.others;
    }
    let seconds = started.elapsed().as_secs_f64();
    milliseconds.sort_by(f64::total_cmp);
    let quantile =
        |share: usize| milliseconds.get(milliseconds.len() * share / 100).copied().unwrap_or_default();
    writeln!(
        std::io::stdout(),
        "{} {others} {seconds:.3} {:.3} {:.3}",
        milliseconds.len(),
        quantile(50),
        quantile(99)
    )?;
    Ok(())
}

fn create(path: &Path) -> anyhow::Result<std::fs::File> {
    std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

/// Comments that nobody sent before.
struct Texts {
    name: String,
    words: Vec<&'static str>,
}

impl Texts {
    fn new(name: String) -> anyhow::Result<Self> {
        let words: Vec<_> = COMMENTS.lines().skip(1).flat_map(content).collect();
        ensure!(words.len() > 1000, "the file of comments has hardly any words");
        Ok(Self { name, words })
    }

    fn text(&self, number: u64) -> String {
        let mut text = format!("{} {number}:", self.name);
        // A step that shares no factor with most lengths visits every word as a beginning.
        let begin = usize::try_from(number).unwrap_or_default().wrapping_mul(7919) % self.words.len();
        for word in self.words.iter().cycle().skip(begin) {
            if text.len() >= LENGTH {
                break;
            }
            text.push(' ');
            text.push_str(word);
        }
        text
    }

    fn request(&self, server: &str, number: u64) -> Vec<u8> {
        let author = number / COMMENTS_BY_AUTHOR;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("article", &format!("http://{server}/demo/election-servers-get-a-shield"))
            .append_pair("comment", &self.text(number))
            .append_pair("author", &format!("Reader {author}"))
            .append_pair("email", &format!("{}-{author}@example.org", self.name))
            .finish();
        format!(
            "POST /sites/demo/comments HTTP/1.1\r\nHost: {server}\r\nAccept: text/html\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

/// The words of one row's text, which is the last column but one and may hold commas.
fn content(row: &'static str) -> impl Iterator<Item = &'static str> {
    let text = row.splitn(4, ',').nth(3).and_then(|rest| rest.rsplit_once(',')).map_or("", |(text, _)| text);
    text.split_whitespace().map(|word| word.trim_matches(['"', '\u{feff}']))
}

/// What the senders share.
struct Run {
    server: String,
    texts: Texts,
    most: u64,
    next: AtomicU64,
    stop: AtomicBool,
    record: Option<Mutex<std::fs::File>>,
}

impl Run {
    fn next(&self) -> Option<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.most && !self.is_over()).then_some(number)
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What became of one try.
enum Outcome {
    /// No connection.
    Refused,
    /// The connection broke before the whole answer was there.
    Cut,
    Answer(Answer),
}

struct Answer {
    status: u16,
    /// The comment's, where it was acknowledged.
    id: Option<String>,
    retry_after: Option<String>,
}

/// One reader after the other, over one connection.
struct Sender {
    run: Arc<Run>,
    number: usize,
    stream: Option<TcpStream>,
    milliseconds: Vec<f64>,
    others: u64,
}

impl Sender {
    fn new(run: Arc<Run>, number: usize) -> Self {
        Self { run, number, stream: None, milliseconds: Vec::new(), others: 0 }
    }

    async fn work(mut self) -> anyhow::Result<Self> {
        while let Some(comment) = self.run.next() {
            let request = self.run.texts.request(&self.run.server, comment);
            while !self.attempt(&request).await? && !self.run.is_over() {
                sleep(PAUSE).await;
            }
        }
        Ok(self)
    }

    /// Whether the comment was acknowledged.
    async fn attempt(&mut self, request: &[u8]) -> anyhow::Result<bool> {
        let (sent, started) = (unix_time(), Instant::now());
        let outcome = self.exchange(request).await;
        let elapsed = started.elapsed();
        let (what, id, retry_after) = match &outcome {
            Outcome::Refused => ("refused".to_owned(), None, None),
            Outcome::Cut => ("cut".to_owned(), None, None),
            Outcome::Answer(answer) => {
                (answer.status.to_string(), answer.id.as_deref(), answer.retry_after.as_deref())
            }
        };
        if let Some(record) = &self.run.record {
            let line = format!(
                "{sent:.6} {:.6} {} {what} {} {}\n",
                sent + elapsed.as_secs_f64(),
                self.number,
                id.unwrap_or("-"),
                retry_after.unwrap_or("-")
            );
            record.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes())?;
        }
        if id.is_some() {
            self.milliseconds.push(elapsed.as_secs_f64() * 1000.0);
        } else {
            self.others += 1;
        }
        Ok(id.is_some())
    }

    async fn exchange(&mut self, request: &[u8]) -> Outcome {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => match connect(&self.run.server).await {
                Ok(stream) => stream,
                Err(_) => return Outcome::Refused,
            },
        };
        match timeout(LONGEST, converse(&mut stream, request)).await {
            Ok(Ok((answer, keep))) => {
                self.stream = keep.then_some(stream);
                Outcome::Answer(answer)
            }
            _ => Outcome::Cut,
        }
    }
}

async fn connect(server: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn unix_time() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Sends a request and reads the whole answer, and whether the connection can be used again.
async fn converse(stream: &mut TcpStream, request: &[u8]) -> anyhow::Result<(Answer, bool)> {
    stream.write_all(request).await?;
    let mut read = Vec::with_capacity(2048);
    let end = loop {
        more(stream, &mut read).await?;
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = std::str::from_utf8(&read[..end])?.to_owned();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    // The server sends a length with every answer to a form.
    let length: usize = header("content-length").context("an answer without a length")?.parse()?;
    while read.len() < end + length {
        more(stream, &mut read).await?;
    }
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let answer = Answer {
        status,
        id: header("location").filter(|_| status == 303).and_then(comment_id),
        retry_after: header("retry-after").map(str::to_owned),
    };
    Ok((answer, !header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))))
}

async fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> anyhow::Result<()> {
    ensure!(read.len() < LARGEST_ANSWER && stream.read_buf(read).await? > 0, "the connection broke");
    Ok(())
}

/// The id in `…#comment-ID` of a published comment, or in `/comments/ID/status?…` of any other.
fn comment_id(location: &str) -> Option<String> {
    let rest = location
        .split_once("#comment-")
        .or_else(|| location.split_once("/comments/"))
        .map(|(_, rest)| rest)?;
    rest.get(..36).map(str::to_owned)
}
