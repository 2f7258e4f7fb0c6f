<?php
/**
 * Takes the visitor from the identity headers of the gateway in front, and asks for no password of its own.
 *
 * Only for a wiki that nobody can reach but through the gateway: whoever sends these headers is believed.
 */
class auth_plugin_authvestibule extends DokuWiki_Auth_Plugin
{
    public function __construct()
    {
        parent::__construct();
        $this->cando['external'] = true;
        $this->cando['logout'] = false;
        $this->success = true;
    }

    public function trustExternal($user, $pass, $sticky = false)
    {
        global $USERINFO;

        $visitor = $this->cleanUser($_SERVER['HTTP_REMOTE_USER'] ?? '');
        if ($visitor === '') {
            return false;
        }
        $USERINFO = [
            'name' => $_SERVER['HTTP_REMOTE_NAME'] ?? $visitor,
            'mail' => $_SERVER['HTTP_REMOTE_EMAIL'] ?? '',
            'grps' => array_values(array_filter(array_map('trim', explode(',', $_SERVER['HTTP_REMOTE_GROUPS'] ?? '')))),
        ];
        $_SERVER['REMOTE_USER'] = $visitor;
        $_SESSION[DOKU_COOKIE]['auth']['user'] = $visitor;
        $_SESSION[DOKU_COOKIE]['auth']['info'] = $USERINFO;
        return true;
    }

    public function getUserData($user, $requireGroups = true)
    {
        global $USERINFO;
        return $user === ($_SERVER['REMOTE_USER'] ?? null) ? $USERINFO : false;
    }
}
