//! Somebody on loopback whom something is posted to.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// What a receiver got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A receiver: an HTTP server that answers what it is told to.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    answer: Arc<Mutex<String>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (got, answer) = (Arc::default(), Arc::new(Mutex::new("200 OK".to_owned())));
        let receiver = Self { port, got: Arc::clone(&got), answer: Arc::clone(&answer) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (got, answer) = (Arc::clone(&got), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let mut headers = Vec::new();
                    loop {
                        let mut line = String::new();
                        stream.read_line(&mut line).await.unwrap();
                        match line.trim_end().split_once(": ") {
                            Some((name, value)) => headers.push((name.to_lowercase(), value.to_owned())),
                            None if line.trim().is_empty() => break,
                            None => {}
                        }
                    }
                    let mut one = Got { headers, body: String::new() };
                    let mut body = vec![0; one.header("content-length").parse().unwrap()];
                    stream.read_exact(&mut body).await.unwrap();
                    one.body = String::from_utf8(body).unwrap();
                    got.lock().unwrap().push(one);
                    let head = format!("HTTP/1.1 {}\r\ncontent-length: 0\r\n\r\n", answer.lock().unwrap());
                    stream.write_all(head.as_bytes()).await.unwrap();
                });
            }
        });
        receiver
    }

    pub(crate) fn answers(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap());
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?token=sesame", self.port)
    }
}
