<?php
// The Akismet plugin with our must-use plugin: what becomes of comments.
//
//   usage: php run.php PLUGIN-FOLDER MODERATO-URL KEY [down]
//
// With `down` nobody listens there.

list( , $plugin, $url, $key ) = $argv;
require __DIR__ . '/stub.php';
update_option( 'home', 'https://wordpress.example' );
update_option( 'blog_charset', 'UTF-8' );
$_SERVER += array( 'REMOTE_ADDR' => '203.0.113.12', 'HTTP_USER_AGENT' => 'Mozilla/5.0', 'HTTP_REFERER' => 'https://wordpress.example/?p=7' );
define( 'AKISMET_VERSION', '5.0.2' );
define( 'MODERATO_URL', $url );
require dirname( __DIR__, 3 ) . '/integrations/wordpress/moderato.php';
require "$plugin/class.akismet.php";

function expect( $what, $wanted, $found ) {
	if ( $wanted !== $found ) {
		fwrite( STDERR, "$what: " . var_export( $found, true ) . ' in place of ' . var_export( $wanted, true ) . "\n" );
		exit( 1 );
	}
	echo "  $what: " . ( is_string( $found ) ? $found : json_encode( $found ) ) . "\n";
}
// The state that the plugin gives a comment that WordPress itself would publish.
function state_of( $text, $author = 'Zoë 李' ) {
	$comment = array( 'comment_post_ID' => 7, 'comment_author' => $author, 'comment_author_email' => 'zoe@example.org', 'comment_author_url' => '', 'comment_content' => $text, 'comment_type' => 'comment', 'comment_parent' => 0 );
	$GLOBALS['asked'] = Akismet::auto_check_comment( $comment );
	return (string) Akismet::last_comment_status( '1', $GLOBALS['asked'] );
}
$spam = 'Buy cheap viagra online casino bonus http://pills.example.top/buy click here http://casino.example.top/win';

if ( isset( $argv[4] ) ) {
	echo "WordPress, and Moderato is down\n";
	update_option( 'wordpress_api_key', $key );
	$GLOBALS['options']['scheduled'] = array();
	expect( 'a genuine comment is held', '0', state_of( 'A genuine comment.' ) );
	expect( 'and asked again later', true, in_array( 'akismet_schedule_cron_recheck', get_option( 'scheduled' ), true ) );
	expect( 'newer plugins hold it by a mark of so many digits', 32, strlen( Moderato\unreachable()['headers']['x-akismet-guid'] ) );
	exit;
}

echo "WordPress, Akismet plugin " . AKISMET_VERSION . ", integrations/wordpress/moderato.php\n";
expect( 'the key', 'valid', Akismet::verify_key( $key ) );
expect( 'a wrong key', 'invalid', Akismet::verify_key( '0123456789ab' ) );
update_option( 'wordpress_api_key', $key );
expect( 'the key of old plugins, in the host', 'valid', wp_remote_post( "https://$key.rest.akismet.com/1.1/verify-key", array( 'body' => 'blog=https%3A%2F%2Fwordpress.example', 'headers' => array( 'Host' => "$key.rest.akismet.com" ), 'timeout' => 5 ) )['body'] );
expect( 'a genuine comment', '1', state_of( 'Дякую! Merci pour cet article — très intéressant.' ) );
expect( 'spam', 'spam', state_of( $spam ) );
expect( 'guaranteed spam', 'spam', state_of( 'Hello', 'akismet-guaranteed-spam' ) );

$GLOBALS['options']['scheduled'] = array();
update_option( 'wordpress_api_key', '0123456789ab' );
expect( 'with a wrong key', '0', state_of( 'A genuine comment.' ) );
expect( 'and asked again later', true, in_array( 'akismet_schedule_cron_recheck', get_option( 'scheduled' ), true ) );
