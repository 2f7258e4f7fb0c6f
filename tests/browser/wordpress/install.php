<?php
// What a person presses on the first day: a site, and one person with a role. Nobody knows the password.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('BLOG_ORIGIN'), PHP_URL_HOST);
$_SERVER['REQUEST_METHOD'] = 'GET';
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Office news', 'zoe', 'zoe@example.com', true, '', wp_generate_password(32));
update_option('permalink_structure', '/news/%postname%/');
switch_theme('plain');
// The guide of the editor would stand before it at the first visit.
update_user_meta(1, 'wp_persisted_preferences', ['core/edit-post' => ['welcomeGuide' => false], '_modified' => gmdate('c')]);
