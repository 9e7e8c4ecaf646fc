//! A mail server on loopback: speaks SMTP through the `mailin` state machine, and keeps what it takes.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use mail_parser::MessageParser;
use mailin::{Action, Handler, Response, SessionBuilder, response};
use moderato::settings::{Settings, SmtpTls};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// Whom it is for, and the mail as it came.
type Taken = (String, Vec<u8>);

/// What was taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inbox {
    mails: Arc<Mutex<Vec<Taken>>>,
    /// Whether it takes mails just now.
    out_of_order: Arc<Mutex<bool>>,
}

/// A mail server.
pub(crate) struct Smtp {
    pub(crate) port: u16,
    pub(crate) inbox: Inbox,
}

/// A mail as a person reads it.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) unsubscribe: String,
    pub(crate) one_click: bool,
    pub(crate) text: String,
}

impl Mail {
    /// The path of the first link that begins so.
    pub(crate) fn link(&self, begins: &str) -> String {
        self.links(begins).remove(0)
    }

    /// The paths of all links that begin so.
    pub(crate) fn links(&self, begins: &str) -> Vec<String> {
        let words = self.text.split_whitespace().filter(|word| word.starts_with("http"));
        words.filter_map(|word| word.find(begins).map(|at| word[at..].to_owned())).collect()
    }
}

impl Smtp {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (port, inbox) = (listener.local_addr().unwrap().port(), Inbox::default());
        let taking = inbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, taking.clone()));
            }
        });
        Self { port, inbox }
    }

    /// Settings that hand mails to it.
    pub(crate) fn set(&self, settings: &mut Settings) {
        settings.smtp_host = Some("127.0.0.1".to_owned());
        settings.smtp_port = Some(self.port);
        settings.smtp_tls = SmtpTls::None;
        settings.mail_from = Some("Moderato <moderato@blog.example>".to_owned());
    }

    pub(crate) fn break_down(&self, broken: bool) {
        *self.inbox.out_of_order.lock().unwrap() = broken;
    }

    /// What has come in, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let mails = self.inbox.mails.lock().unwrap();
        mails
            .iter()
            .map(|(to, raw)| {
                let parsed = MessageParser::default().parse(raw).unwrap();
                let header = |name: &str| {
                    parsed.header_raw(name).map(|value| value.trim().to_owned()).unwrap_or_default()
                };
                Mail {
                    to: to.clone(),
                    subject: parsed.subject().unwrap().to_owned(),
                    message_id: parsed.message_id().unwrap().to_owned(),
                    unsubscribe: header("List-Unsubscribe").trim_matches(['<', '>']).to_owned(),
                    one_click: header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click",
                    text: parsed.body_text(0).unwrap().into_owned(),
                }
            })
            .collect()
    }

    /// The newest one.
    pub(crate) fn newest(&self) -> Mail {
        self.mails().pop().unwrap()
    }
}

/// One conversation.
async fn converse(stream: tokio::net::TcpStream, inbox: Inbox) -> io::Result<()> {
    let handler = Taking { inbox, to: String::new(), raw: Vec::new() };
    let mut session = SessionBuilder::new("mail.test").build(IpAddr::V4(Ipv4Addr::LOCALHOST), handler);
    let mut stream = BufReader::new(stream);
    let mut answer = session.greeting();
    loop {
        let mut bytes = Vec::new();
        answer.write_to(&mut bytes)?;
        stream.write_all(&bytes).await?;
        if answer.action == Action::Close {
            return Ok(());
        }
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        answer = session.process(&line);
    }
}

struct Taking {
    inbox: Inbox,
    to: String,
    raw: Vec<u8>,
}

impl Handler for Taking {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, _from: &str) -> Response {
        if *self.inbox.out_of_order.lock().unwrap() { response::INTERNAL_ERROR } else { response::OK }
    }

    fn rcpt(&mut self, to: &str) -> Response {
        to.clone_into(&mut self.to);
        response::OK
    }

    fn data_start(&mut self, _domain: &str, _from: &str, _is8bit: bool, _to: &[String]) -> Response {
        self.raw.clear();
        response::START_DATA
    }

    fn data(&mut self, piece: &[u8]) -> io::Result<()> {
        self.raw.extend(piece);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.inbox.mails.lock().unwrap().push((self.to.clone(), std::mem::take(&mut self.raw)));
        response::OK
    }
}
