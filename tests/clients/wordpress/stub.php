<?php
// The few functions of WordPress that the Akismet plugin and ours call while a comment comes in. Options, comments and hooks live
// in this process; HTTP is real.

define( 'ABSPATH', '/' );
$wp_version = '6.1.9';
$hooks      = $options = $meta = $statuses = array();

class WP_Error {
	public function __construct( public string $code = '', public string $message = '' ) {}
}
class Database {
	public $comments = 'comments', $commentmeta = 'commentmeta';
	public function __call( $name, $arguments ) {
		return null;
	}
}
$wpdb = new Database();

function add_filter( $hook, $call, $priority = 10, $arguments = 1 ) {
	$GLOBALS['hooks'][ $hook ][] = array( $call, $arguments );
}
function add_action( $hook, $call, $priority = 10, $arguments = 1 ) {
	add_filter( $hook, $call, $priority, $arguments );
}
function apply_filters( $hook, $value, ...$more ) {
	foreach ( $GLOBALS['hooks'][ $hook ] ?? array() as list( $call, $arguments ) ) {
		$value = $call( ...array_slice( array( $value, ...$more ), 0, $arguments ) );
	}
	return $value;
}
function do_action( $hook, ...$more ) {
	apply_filters( $hook, null, ...$more );
}
function get_option( $name, $else = false ) {
	return $GLOBALS['options'][ $name ] ?? $else;
}
function update_option( $name, $value ) {
	$GLOBALS['options'][ $name ] = $value;
}
function add_option( $name, $value ) {
	update_option( $name, $value );
}
function delete_option( $name ) {
	unset( $GLOBALS['options'][ $name ] );
}
function get_comment_meta( $id, $name, $single = false ) {
	return $GLOBALS['meta'][ $id ][ $name ] ?? '';
}
function update_comment_meta( $id, $name, $value ) {
	$GLOBALS['meta'][ $id ][ $name ] = $value;
}
function add_comment_meta( $id, $name, $value ) {
	$GLOBALS['meta'][ $id ][ $name ] = $value;
}
function add_query_arg( $name, $value, $query ) {
	return "$query&$name=" . rawurlencode( $value );
}
function is_wp_error( $thing ) {
	return $thing instanceof WP_Error;
}
function set_url_scheme( $url, $scheme ) {
	return preg_replace( '/^https?/', $scheme, $url );
}
function wp_remote_post( $url, $args ) {
	return wp_remote_request( $url, array( 'method' => 'POST' ) + $args );
}
function wp_remote_request( $url, $args ) {
	$answer = apply_filters( 'pre_http_request', false, $args, $url );
	if ( false !== $answer ) {
		return $answer;
	}
	if ( str_contains( $url, 'akismet.com' ) ) {
		throw new Exception( "nothing may leave for $url" );
	}
	$sent = curl_init( $url );
	$told = array();
	curl_setopt_array( $sent, array(
		CURLOPT_POST           => true,
		CURLOPT_POSTFIELDS     => $args['body'],
		CURLOPT_HTTP_VERSION   => CURL_HTTP_VERSION_1_0,
		CURLOPT_RETURNTRANSFER => true,
		CURLOPT_TIMEOUT        => $args['timeout'],
		CURLOPT_HTTPHEADER     => array_map( fn( $name, $value ) => "$name: $value", array_keys( $args['headers'] ), $args['headers'] ),
		CURLOPT_HEADERFUNCTION => function ( $sent, $line ) use ( &$told ) {
			if ( str_contains( $line, ':' ) ) {
				list( $name, $value )               = explode( ':', $line, 2 );
				$told[ strtolower( trim( $name ) ) ] = trim( $value );
			}
			return strlen( $line );
		},
	) );
	$body = curl_exec( $sent );
	if ( false === $body ) {
		return new WP_Error( 'http_request_failed', curl_error( $sent ) );
	}
	return array( 'headers' => $told, 'body' => $body, 'response' => array( 'code' => curl_getinfo( $sent, CURLINFO_RESPONSE_CODE ) ) );
}
function wp_remote_retrieve_response_code( $answer ) {
	return $answer['response']['code'];
}
function get_post( $id ) {
	return (object) array( 'ID' => $id, 'post_modified_gmt' => '2026-11-01 09:00:00' );
}
function get_permalink( $post ) {
	return 'https://wordpress.example/?p=7';
}
function wp_next_scheduled( $event ) {
	return in_array( $event, $GLOBALS['options']['scheduled'] ?? array(), true );
}
function wp_schedule_single_event( $at, $event ) {
	$GLOBALS['options']['scheduled'][] = $event;
}
function wp_schedule_event( $at, $often, $event ) {
	wp_schedule_single_event( $at, $event );
}
function get_comment( $id ) {
	return $GLOBALS['comments'][ $id ] ?? null;
}
// What is asked of WordPress and says nothing here.
foreach ( array( 'current_user_can', 'is_multisite', 'is_user_logged_in', 'is_admin', 'is_super_admin', 'wp_verify_nonce', 'register_activation_hook', 'register_deactivation_hook', 'wp_cache_delete', 'clean_comment_cache', 'load_plugin_textdomain', 'wp_check_comment_disallowed_list' ) as $name ) {
	eval( "function $name() { return false; }" );
}
function wp_http_supports() {
	return true;
}
function get_locale() {
	return 'en_US';
}
function current_filter() {
	return '';
}
function __( $text ) {
	return $text;
}
function _http_build_query( $fields ) {
	$sent = array();
	foreach ( $fields as $name => $value ) {
		$sent[] = '' === (string) $value ? urlencode( $name ) : urlencode( $name ) . '=' . urlencode( $value );
	}
	return implode( '&', $sent );
}
function wp_filter_comment( $comment ) {
	return $comment;
}
