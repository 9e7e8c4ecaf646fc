//! Settings: defaults < `moderato.toml` < `MODERATO_*` environment < flags. Unknown keys are refused and
//! secrets are not printed. `moderato.example.toml` documents each.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

/// Everything an operator can set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address and port of the web server.
    pub listen: SocketAddr,
    /// Where the embedded Postgres keeps its cluster.
    pub data_dir: PathBuf,
    /// A Postgres of your own; without it Moderato runs one below `data_dir`. Also read from `DATABASE_URL`.
    pub database_url: Option<Secret>,
    /// Folder of the Postgres server programs, if they are not found by themselves.
    pub pg_bin: Option<PathBuf>,
    /// Connections to Postgres at most.
    pub database_connections: u32,
    /// How people reach this server, e.g. `https://comments.example.org`; default `http://LISTEN`.
    pub public_url: Option<String>,
    /// Believe the `X-Forwarded-For` header: only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
    /// Comments that one address may send a minute (a burst of the same size is allowed); 0 is no limit.
    /// Requests from this machine itself are not counted.
    pub comments_per_minute: u32,
    /// Requests to the JSON API that one key may send a minute (a burst of the same size is allowed); 0 is no limit.
    pub api_requests_per_minute: u32,
    /// For so long after a decision it has no effects but on the page and in the log: the model learns, and mails and
    /// webhooks go out, after it.
    pub undo_seconds: u32,
    /// The server that mails are handed to; without it there are none.
    pub smtp_host: Option<String>,
    /// Its port; default: what `smtp_tls` usually has (465, 587 or 25).
    pub smtp_port: Option<u16>,
    /// How the connection to it is kept private.
    pub smtp_tls: SmtpTls,
    /// Name to sign in there with, if it asks for one.
    pub smtp_user: Option<String>,
    /// Password to it.
    pub smtp_password: Option<Secret>,
    /// Sender of mails: `Moderato <moderato@example.org>`.
    pub mail_from: Option<String>,
    /// Whoever is told of held comments immediately gets at most one mail in so many minutes; what comes in between is
    /// in the next one.
    pub mail_minutes: u32,
    /// Hosts in private networks that webhooks may post to all the same, as they stand in the address.
    pub webhook_private_hosts: Vec<String>,
    /// What programs had checked is forgotten after so many days, unless a person has said what it is; 0: it is kept.
    pub checks_days: u32,
    /// The shipped model's file; default: `models/starter.model` in the working directory, beside the
    /// program, or in `/usr/share/moderato`.
    pub starter_model: Option<PathBuf>,
    /// Largest labelled CSV that can be uploaded on the models page, in MiB.
    pub upload_limit_mib: u32,
    /// What is logged, e.g. `info` or `info,moderato=debug`.
    pub log: String,
    /// Log lines for people or for machines.
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How a connection to a mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Encrypted from the first byte.
    Tls,
    /// Begins in the clear and must then be encrypted.
    Starttls,
    /// Not at all: for a mail server on this machine.
    None,
}

/// A value that is never printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("«not shown»")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            data_dir: PathBuf::from("data"),
            database_url: None,
            pg_bin: None,
            database_connections: 32,
            public_url: None,
            trust_forwarded_for: false,
            comments_per_minute: 20,
            api_requests_per_minute: 600,
            undo_seconds: 15,
            smtp_host: None,
            smtp_port: None,
            smtp_tls: SmtpTls::Starttls,
            smtp_user: None,
            smtp_password: None,
            mail_from: None,
            mail_minutes: 10,
            webhook_private_hosts: Vec::new(),
            checks_days: 90,
            starter_model: None,
            upload_limit_mib: 64,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

/// A setting is unknown, has the wrong type, or a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be used: {0}. moderato.example.toml lists every setting.")]
pub struct SettingsError(String);

/// The settings that are text.
const TEXTS: [&str; 7] =
    ["database_url", "public_url", "smtp_host", "smtp_user", "smtp_password", "mail_from", "log"];

impl Settings {
    /// Reads the settings: `file` (or `MODERATO_CONFIG`, or `moderato.toml` where there is one), then the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let named =
            file.map(Path::to_owned).or_else(|| std::env::var_os("MODERATO_CONFIG").map(PathBuf::from));
        if let Some(path) = &named
            && !path.is_file()
        {
            return Err(SettingsError(format!("there is no file {}", path.display())));
        }
        let path = named.unwrap_or_else(|| PathBuf::from("moderato.toml"));
        let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if path.is_file() {
            figment = figment.merge(Toml::file_exact(path));
        }
        if set("DATABASE_URL") {
            let value = std::env::var("DATABASE_URL").unwrap_or_default();
            figment = figment.merge(Serialized::default("database_url", value));
        }
        // Text is taken as it stands: a password of digits is no number, and is quoted in no error.
        for name in TEXTS.into_iter().filter(|name| set(&format!("MODERATO_{}", name.to_ascii_uppercase()))) {
            let value = std::env::var(format!("MODERATO_{}", name.to_ascii_uppercase())).unwrap_or_default();
            figment = figment.merge(Serialized::default(name, value));
        }
        figment
            .merge(
                Env::prefixed("MODERATO_")
                    .ignore(&["config"])
                    .ignore(&TEXTS)
                    .filter(move |key| set(&format!("MODERATO_{}", key.as_str().to_ascii_uppercase()))),
            )
            .extract()
            .map_err(|error| SettingsError(error.to_string()))
    }

    /// See [`Self::undo_seconds`].
    pub fn undo_time(&self) -> time::Duration {
        time::Duration::seconds(self.undo_seconds.into())
    }

    /// The address people use, without a trailing slash.
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }
}
