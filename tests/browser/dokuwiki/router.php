<?php
// What a web server's configuration does for DokuWiki: its data, settings and code are not pages.
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
if (preg_match('#^/(data|conf|bin|inc|vendor)(/|$)#', $path)) {
    http_response_code(403);
    return true;
}
return false;
