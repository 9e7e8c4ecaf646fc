//! How each program is given a key, ready to be copied.

use url::Url;

use crate::service::keys::Kind;
use crate::web::views::KeyWay;

/// What has to be copied where.
pub(super) fn ways(kind: Kind, url: &str, home: &str, site: &str, key: &str) -> Vec<KeyWay> {
    let (host, scheme) = url.split_once("://").map_or((url, "https"), |(scheme, host)| (host, scheme));
    let address = Url::parse(url).ok();
    let name = address.as_ref().and_then(Url::host_str).unwrap_or(host);
    let port =
        address.as_ref().and_then(Url::port).map_or_else(|| "None".to_owned(), |port| port.to_string());
    match kind {
        Kind::Akismet => vec![
            KeyWay {
                text: "WordPress",
                how: "Copy integrations/wordpress/moderato.php to wp-content/mu-plugins/, and these lines into wp-config.php.",
                code: format!("define( 'MODERATO_URL', '{url}' );\ndefine( 'WPCOM_API_KEY', '{key}' );"),
            },
            KeyWay {
                text: "A shell",
                how: "Prints valid, then false for a genuine comment and true for spam.",
                code: format!(
                    "curl -d key={key} -d blog={home} {url}/1.1/verify-key\ncurl -d api_key={key} -d blog={home} -d user_ip=203.0.113.7 \\\n     -d comment_content=Hello {url}/1.1/comment-check"
                ),
            },
            KeyWay {
                text: "Node (@cedx/akismet)",
                how: "The key and the address are the first and the last argument.",
                code: format!(
                    "new Client(\"{key}\", new Blog({{ url: \"{home}\" }}), {{ baseUrl: \"{url}\" }})"
                ),
            },
            KeyWay {
                text: "Node (akismet-api), Coral",
                how: "The host has to resolve with the key in front of it as well.",
                code: format!(
                    "new AkismetClient({{ key: \"{key}\", blog: \"{home}\", host: \"{host}\", protocol: \"{scheme}\" }})"
                ),
            },
            KeyWay {
                text: "Django and other Python (akismet)",
                how: "Its client takes another HTTP client, which asks here.",
                code: format!(
                    "class Moderato(httpx.HTTPTransport):\n    def handle_request(self, request):\n        \
                     request.url = request.url.copy_with(scheme=\"{scheme}\", host=\"{name}\", port={port})\n        \
                     request.headers[\"host\"] = \"{host}\"\n        return super().handle_request(request)\n\n\
                     config = akismet.Config(key=\"{key}\", url=\"{home}\")\nclient = akismet.SyncClient.validated_client(\n    \
                     config=config, http_client=httpx.Client(transport=Moderato()))"
                ),
            },
            KeyWay {
                text: "Rails (rakismet)",
                how: "In config/application.rb. The host has to resolve with the key in front of it as well.",
                code: format!(
                    "config.rakismet.key = '{key}'\nconfig.rakismet.url = '{home}'\nconfig.rakismet.host = '{host}'"
                ),
            },
            KeyWay {
                text: "PHP (the vendor's SDK)",
                how: "The address is an argument.",
                code: format!("new Configuration('{key}', '{home}', baseUrl: '{url}')"),
            },
            KeyWay {
                text: "Rust (instant-akismet)",
                how: "The host has to resolve with the key in front of it as well.",
                code: format!(
                    "AkismetOptions {{ host: \"{host}\".into(), protocol: \"{scheme}\".into(), ..Default::default() }}"
                ),
            },
            KeyWay {
                text: "Discourse, GitLab, Flarum, Drupal, Staticman",
                how: "Their host is fixed. Enter the key in their settings, and let these names resolve to Moderato inside your \
                      network, with a certificate that the program trusts; docs/integrating.md says it for each.",
                code: format!("{key}\nrest.akismet.com\n*.rest.akismet.com"),
            },
        ],
        Kind::Coral => vec![KeyWay {
            text: "Coral",
            how: "The callback address of the moderation phase, under Configure → Moderation Phases.",
            code: format!("{url}/coral/{site}"),
        }],
        Kind::Api => vec![
            KeyWay {
                text: "Every request",
                how: "Carries the key in this header.",
                code: format!("Authorization: Bearer {key}"),
            },
            KeyWay {
                text: "A shell",
                how: "Prints what the filter makes of a comment, and why.",
                code: format!(
                    "curl -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\\n     -d '{{\"comment\": \"Hello\", \"explain\": true}}' {url}/api/v1/check"
                ),
            },
        ],
    }
}
