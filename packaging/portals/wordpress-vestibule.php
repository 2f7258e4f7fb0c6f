<?php
/**
 * Plugin Name: Signed in by Vestibule
 * Description: Whoever the gateway names in Remote-User is signed in, under the WordPress account of that name.
 * License: MIT OR Apache-2.0
 *
 * A must-use plugin: copy it to wp-content/mu-plugins/. It replaces the check of WordPress's own cookie, so that a session
 * here ends with the gateway's at once. WordPress must not be reachable but through the gateway: whoever gets to it some other
 * way can claim to be anybody.
 */

/** The person that the gateway names, if WordPress has somebody of that name. */
function vestibule_person() {
    $name = $_SERVER['HTTP_REMOTE_USER'] ?? '';
    return $name === '' ? false : get_user_by('login', $name);
}

if (!function_exists('wp_validate_auth_cookie')) {
    function wp_validate_auth_cookie($cookie = '', $scheme = '') {
        $person = vestibule_person();
        if (!$person) {
            do_action('auth_cookie_malformed', $cookie, $scheme);
            return false;
        }
        // The REST API asks for its nonce only of whoever came by cookie; without this any other site could write there.
        do_action('auth_cookie_valid', ['username' => $person->user_login], $person);
        return $person->ID;
    }
}

// The gateway removes X-HTTP-Method-Override. The editor's scripts say "_method" instead, which counts for a POST only: what the
// gateway let through as a GET stays one.
if (isset($_GET['_method']) && ($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST') {
    unset($_GET['_method']);
}
add_action('wp_default_scripts', function ($scripts) {
    $scripts->add_inline_script('wp-api-fetch', <<<'SCRIPT'
        wp.apiFetch.use((options, next) => {
            const method = (options.method || 'GET').toUpperCase();
            if (!['PUT', 'PATCH', 'DELETE'].includes(method)) return next(options);
            const named = (where) => where && where + (where.includes('?') ? '&' : '?') + '_method=' + method;
            return next({ ...options, path: named(options.path), url: named(options.url) });
        });
        SCRIPT);
}, PHP_INT_MAX);

// Passwords are the gateway's, application passwords included.
add_filter('wp_is_application_passwords_available', '__return_false');
add_filter('authenticate', '__return_null', PHP_INT_MAX);

add_filter('login_url', function ($url, $back) {
    return $back ?: admin_url();
}, 10, 2);

add_filter('logout_url', function () {
    return '/.vestibule/logout';
});
