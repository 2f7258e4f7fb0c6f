# The visitor's own page.
account-title = Your account
account-error-last-method = This is your last app or passkey, and a second step is required here. Add another first, then remove this one.
account-error-last-contact = Codes reach you only there, and a second step is required here. Add an app first, then remove this.
account-error-required = A code is required here, so it cannot be switched off.
account-error-gone = This was already removed.
row-added = Added
row-used = last used
row-seen = last seen
row-since = Since
row-ends = Ends
row-ends-password = Ends when your password changes
row-opened = opened
row-this-device = This device
row-here-now = You are here now
row-this-session = This browser
list-more = { $more ->
    [one] … and one more
   *[other] … and { $more } more
}
methods-title = Second step
methods-text = The apps and passkeys that confirm it is you.
methods-none = You have not set up an app or a passkey yet.
methods-passkey = Passkey for { $host }
methods-add-either = Add an app or a passkey
methods-add = Add an authenticator app
contacts-email = Codes by mail
contacts-sms = Codes by text message
contacts-to = Sent to { $to }
codes-title = Recovery codes
codes-left = { $codes ->
    [0] No codes left. Make new ones.
    [one] One code left. Make new ones soon.
   *[other] { $codes } codes left
}
codes-new = Make new codes
codes-new-hint = New codes replace the old ones at once.
switch-title = Ask for a code when I sign in
switch-is-on = Switched on
switch-is-off = Switched off: you are not asked for a code.
switch-turn-on = Switch on
switch-turn-off = Switch off
devices-title = Remembered devices
devices-text = On these devices you sign in without a code for as long as shown. Remove any you do not recognise.
devices-none = No device is remembered.
devices-remove-all = Remove all devices
addresses-title = Trusted networks
addresses-text = From these networks you sign in without a code until the date shown.
addresses-none = No network is trusted.
addresses-remove-all = Remove all networks
sessions-title = Where you are signed in
sessions-text = Signing out ends a session at once.
sessions-end = Sign out
sign-ins-title = Recent sign-ins
sign-ins-text = Something here that was not you? Sign out everywhere, then change your password.
sign-ins-none = Nothing yet.
outcome-password = Signed in with password
outcome-link = Signed in with a link by mail
outcome-code = Signed in with a code
outcome-passkey = Signed in with a passkey
outcome-approval = Signed in with an approval on your authenticator page
outcome-provider = Signed in with an account elsewhere
outcome-recovery-code = Signed in with a recovery code
outcome-trusted-device = Signed in on a remembered device
outcome-trusted-address = Signed in from a trusted network
outcome-wrong-password = Wrong password
outcome-wrong-code = Wrong code
outcome-too-many-tries = Refused: too many tries
outcome-refused = Refused
language-save = Save
notice-method-added = The authenticator app was added.
notice-passkey-added = The passkey was added.
notice-passkey-removed = The passkey was removed.
notice-method-removed = The authenticator app was removed.
notice-contact-removed = No codes are sent there any more.
notice-device-removed = The device was removed. It will be asked for a code next time.
notice-devices-removed = All devices were removed. They will be asked for a code next time.
notice-address-removed = The network was removed. You will be asked for a code there next time.
notice-addresses-removed = All networks were removed. You will be asked for a code there next time.
notice-session-ended = The session has ended.
notice-second-factor-on = From now on you will be asked for a code when you sign in.
notice-second-factor-off = You will no longer be asked for a code when you sign in.
notice-language-changed = The language was changed.
