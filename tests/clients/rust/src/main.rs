//! The Rust client, key in the host's name, against a running Moderato.
//!
//! usage: moderato-akismet-client ADDRESS KEY

use std::error::Error;
use std::net::SocketAddr;

use instant_akismet::{AkismetClient, AkismetOptions, CheckResult, Comment};

const BLOG: &str = "https://blog.example/";
const SPAM: &str =
    "Buy cheap viagra online casino bonus http://pills.example.top/buy click here http://casino.example.top/win";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address: SocketAddr = arguments.next().ok_or("no address")?.parse()?;
    let key = arguments.next().ok_or("no key")?;
    let client = |key: &str| -> Result<AkismetClient, Box<dyn Error>> {
        // As a wildcard record in the DNS does it.
        let names = [format!("{key}.rest.moderato.test"), "rest.moderato.test".to_owned()];
        let http = names.iter().fold(reqwest::Client::builder(), |http, name| http.resolve(name, address));
        let options = AkismetOptions {
            host: format!("rest.moderato.test:{}", address.port()),
            protocol: "http".into(),
            ..AkismetOptions::default()
        };
        Ok(AkismetClient::new(BLOG.into(), key.into(), http.build()?, options))
    };
    let comment = |text| {
        Comment::new(BLOG, "203.0.113.11")
            .comment_author("Zoë Дмитро 李")
            .comment_content(text)
            .honeypot_field_name("hidden_honeypot_field")
    };
    let mine = client(&key)?;
    mine.verify_key().await?;
    assert_eq!(mine.check_comment(comment("Merci pour cet article, こんにちは.")).await?, CheckResult::Ham);
    assert_eq!(mine.check_comment(comment(SPAM)).await?, CheckResult::Spam);
    let test = comment("x").comment_author("viagra-test-123").is_test(true);
    assert_eq!(mine.check_comment(test).await?, CheckResult::Spam);
    mine.submit_ham(comment(SPAM)).await?;
    mine.submit_spam(comment(SPAM)).await?;

    let wrong = client("0123456789ab")?;
    assert!(wrong.verify_key().await.is_err());
    assert!(wrong.check_comment(comment("x")).await.is_err());
    assert!(mine.check_comment(Comment::new(BLOG, "")).await.is_err());
    println!(
        "instant-akismet: verify_key (right, wrong), check_comment (ham, spam, guaranteed, wrong key, no address), \
         submit_ham, submit_spam"
    );
    Ok(())
}
