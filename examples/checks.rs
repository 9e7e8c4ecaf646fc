//! Load for `scripts/bench-check`: comment-check requests of Akismet's protocol over connections that stay open, the next one
//! when the last one is answered; and the server that it is measured against, which parses the same form and answers `false`.

use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use axum::Router;
use axum::extract::Form;
use axum::routing::post;
use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What people wrote below music videos: the words that comments are made of.
const COMMENTS: &str = include_str!("../models/data/youtube-eminem.csv");
/// A comment is at least so long, in bytes.
const LENGTH: usize = 300;

/// Send comment-check requests
///
/// Prints one line: answers a second, p50 and p99 in milliseconds, and the share of answers that were provisional.
#[derive(Debug, Parser)]
struct Args {
    /// Address and port of the server
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    server: SocketAddr,
    /// The key
    #[arg(long, default_value = "0123456789ab")]
    key: String,
    /// Connections
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// For so many seconds
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Serve on this address instead: parse the form and answer `false`
    #[arg(long)]
    bare: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.bare {
        let app = Router::new().route("/1.1/comment-check", post(bare));
        return Ok(axum::serve(TcpListener::bind(args.server).await?, app).await?);
    }
    let words: Vec<&str> = COMMENTS.split_whitespace().collect();
    let until = Instant::now() + Duration::from_secs_f64(args.seconds);
    let started = Instant::now();
    let mut senders = tokio::task::JoinSet::new();
    for number in 0..args.connections {
        let requests = requests(&words, &args.key, number);
        senders.spawn(send(args.server, requests, until));
    }
    let (mut times, mut provisional) = (Vec::new(), 0_usize);
    while let Some(done) = senders.join_next().await {
        let (own, later) = done??;
        times.extend(own);
        provisional += later;
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    ensure!(!times.is_empty(), "nothing was answered");
    let quantile = |share: usize| 1000.0 * times[(times.len() - 1) * share / 100];
    #[expect(clippy::cast_precision_loss, reason = "counts of answers")]
    let (rate, later) = (times.len() as f64 / seconds, 100.0 * provisional as f64 / times.len() as f64);
    writeln!(std::io::stdout(), "{rate:.0} {:.3} {:.3} {later:.1}", quantile(50), quantile(99))?;
    Ok(())
}

async fn bare(Form(fields): Form<Vec<(String, String)>>) -> &'static str {
    if fields.iter().any(|(name, _)| name == "user_ip") { "false" } else { "invalid" }
}

/// Different comments, so that no two connections send the same; the number in front makes each its own.
fn requests(words: &[&str], key: &str, number: usize) -> Vec<(String, String)> {
    (0..64)
        .map(|place| {
            let mut text = String::new();
            let from = (number * 64 + place) * 37 % words.len();
            for word in words.iter().cycle().skip(from) {
                text.push_str(word);
                text.push(' ');
                if text.len() >= LENGTH {
                    break;
                }
            }
            let fields: String = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("api_key", key)
                .append_pair("blog", "https://blog.example/")
                .append_pair("user_ip", "203.0.113.7")
                .append_pair("user_agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
                .append_pair("permalink", "https://blog.example/a-walk-by-the-river")
                .append_pair("comment_type", "comment")
                .append_pair("comment_author_email", "reader@example.org")
                .append_pair("comment_author_url", "")
                .append_pair("comment_content", &text)
                .append_pair("comment_author", &format!("Reader {}.{number}-", std::process::id()))
                .finish();
            let head = "POST /1.1/comment-check HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                        Content-Length: ";
            (head.to_owned(), fields)
        })
        .collect()
}

async fn send(
    server: SocketAddr,
    requests: Vec<(String, String)>,
    until: Instant,
) -> anyhow::Result<(Vec<f64>, usize)> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (mut times, mut provisional) = (Vec::new(), 0);
    let mut buffer = vec![0; 8 * 1024];
    for (round, (head, fields)) in (0_u64..).zip(requests.iter().cycle()) {
        let mark = format!("{round:08}");
        let request = format!("{head}{}\r\n\r\n{fields}{mark}", fields.len() + mark.len());
        let started = Instant::now();
        if started >= until {
            break;
        }
        stream.write_all(request.as_bytes()).await?;
        let mut filled = 0;
        loop {
            let read = stream.read(&mut buffer[filled..]).await?;
            ensure!(read > 0, "the server closed the connection");
            filled += read;
            let answer = &buffer[..filled];
            if answer.ends_with(b"\r\n\r\nfalse") || answer.ends_with(b"\r\n\r\ntrue") {
                break;
            }
            ensure!(filled < buffer.len() && !answer.ends_with(b"invalid"), "an answer that is none");
        }
        times.push(started.elapsed().as_secs_f64());
        let later = b"x-akismet-recheck-after";
        provisional += usize::from(buffer[..filled].windows(later.len()).any(|part| part == later));
    }
    Ok((times, provisional))
}
