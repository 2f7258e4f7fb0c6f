<?php
// A WordPress of a test's own; what the shipped file asks for stands first.
$_SERVER['HTTPS'] = 'on';
define('DISABLE_WP_CRON', true);

define('WP_HOME', getenv('BLOG_ORIGIN'));
define('WP_SITEURL', getenv('BLOG_ORIGIN'));
define('DB_HOST', getenv('BLOG_DATABASE'));
define('DB_NAME', 'blog');
define('DB_USER', 'blog');
define('DB_PASSWORD', 'blog');
define('DB_CHARSET', 'utf8mb4');
define('WP_CONTENT_DIR', __DIR__ . '/wp-content');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', $name . ' key of a test');
    define($name . '_SALT', $name . ' salt of a test');
}
$table_prefix = 'wp_';
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
