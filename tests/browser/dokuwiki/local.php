<?php
$conf['title'] = 'Behind the vestibule';
$conf['lang'] = 'en';
$conf['license'] = '';
$conf['useacl'] = 1;
$conf['authtype'] = 'authvestibule';
$conf['superuser'] = '@admin';
$conf['disableactions'] = 'login,logout,register,resendpwd,profile';
$conf['updatecheck'] = 0;
// Debian's default is a folder shared by all; this wiki keeps its pages beside itself.
$conf['savedir'] = './data';
