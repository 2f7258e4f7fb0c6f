<?php
/**
 * Tells phpMyAdmin under which database account the person works whom Vestibule names in Remote-User: its SignonScript.
 *
 * The accounts are in a file that the web server alone may read, one person a line: `anna = "account:password"`.
 * phpMyAdmin must not be reachable but through the gateway: whoever gets to it some other way can claim to be anybody.
 */

function get_login_credentials($ignored)
{
    $accounts = parse_ini_file(getenv('VESTIBULE_ACCOUNTS') ?: '/etc/phpmyadmin/vestibule-accounts.ini', false, INI_SCANNER_RAW);
    $person = $_SERVER['HTTP_REMOTE_USER'] ?? '';
    if ($person === '' || !isset($accounts[$person])) {
        return ['', ''];
    }
    return explode(':', $accounts[$person], 2);
}
