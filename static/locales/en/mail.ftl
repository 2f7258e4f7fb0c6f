# Mails and text messages: codes, and notices of what happened to an account.
mail-code-subject = { $code } is your code for { $portal }
mail-code-sign-in = You are signing in to { $portal }. Your code:
mail-code-add-factor = You are setting up a way to sign in to { $portal }. Your code:
mail-code-confirm = You are confirming this address or number for your account at { $portal }. Your code:
mail-code-works = { $minutes ->
    [one] It works once, for one minute, and only in the browser that asked for it.
   *[other] It works once, for { $minutes } minutes, and only in the browser that asked for it.
}
mail-code-secret = Give this code to nobody. We never ask for it, not by phone and not by mail.
mail-code-not-you = Then do not pass this code on. Somebody may know your password: change it, and choose “Sign out everywhere” on your account page at { $host }.
mail-text-message = { $minutes ->
    [one] { $code } is your code for { $portal }. It works for one minute. Give it to nobody.
   *[other] { $code } is your code for { $portal }. It works for { $minutes } minutes. Give it to nobody.
}
mail-asked = This code was asked for
mail-happened = This happened
mail-when = Time
mail-address = Network address
mail-agent = Browser
mail-site = Site
mail-not-you = Was this not you?
mail-not-me = This was not me
mail-not-me-text = This link ends every session and every trust of your account, after one more press of a button:
mail-not-me-after = Then change your password.
mail-not-you-notice = Then choose “Sign out everywhere” on your account page at { $host }, and change your password.
mail-was-you = If it was you, there is nothing to do.
mail-help-contact = Need help?
mail-help-admin = Need help? Ask your administrator.
mail-automatic = This mail was sent automatically; nobody reads answers to it.
mail-new-device-subject = New device at { $portal }
mail-new-device = Somebody signed in to your account at { $portal } on a device we had not seen before.
mail-new-address-subject = Sign-in from a new place at { $portal }
mail-new-address = Somebody signed in to your account at { $portal } from a network we had not seen before.
mail-other-network-subject = Your sign-in moved to another network at { $portal }
mail-other-network = A sign-in to your account at { $portal } goes on from another network than it began on.
mail-factor-added-subject = New way to sign in to { $portal }
mail-factor-added = A way to sign in was added to your account at { $portal }: { $factor }.
mail-factor-removed-subject = A way to sign in to { $portal } was removed
mail-factor-removed = A way to sign in was removed from your account at { $portal }: { $factor }.
mail-recovery-used-subject = A recovery code was used at { $portal }
mail-recovery-used = Somebody signed in to your account at { $portal } with a recovery code.
mail-few-codes = Make new recovery codes on your account page at { $host } before you need them.
mail-codes-left = { $left ->
    [0] No recovery code is left.
    [one] One recovery code is left.
   *[other] { $left } recovery codes are left.
}
mail-codes-made-subject = New recovery codes for { $portal }
mail-codes-made = New recovery codes were made for your account at { $portal }. Earlier ones no longer work.
mail-second-on-subject = Second step switched on at { $portal }
mail-second-on = Signing in to your account at { $portal } asks for a second step from now on.
mail-second-off-subject = Second step switched off at { $portal }
mail-second-off = Signing in to your account at { $portal } no longer asks for a second step.
mail-second-reset-subject = Second step reset for { $portal }
mail-second-reset = An administrator removed the apps, passkeys and recovery codes of your account at { $portal }, addresses or numbers confirmed there and links to accounts elsewhere, and ended its sessions. At your next sign-in you set up your second step anew.
mail-second-reset-unasked = If you did not ask for that, say so at once, and change your password.
mail-renamed-subject = New name to sign in with at { $portal }
mail-renamed = An administrator changed the name you sign in with at { $portal }. It is now: { $name }. Your password, apps and passkeys stay as they are. You were signed out; remembered devices and networks, PINs and recovery codes have ended: after signing in, make new recovery codes on your account page.
mail-glass-made-subject = Emergency code for { $portal }
mail-glass-made = Whoever runs the server made an emergency code for the account { $name } at { $portal }. For ten minutes it stands in, after the password, for the second step, and leads to setting that up anew.
mail-glass-used-subject = Emergency code used at { $portal }
mail-glass-used = The emergency code for the account { $name } at { $portal } was used in place of the second step.
mail-glass-unasked = If you know nothing of it, say so at once to whoever runs the server.
mail-address-changed-subject = Another e-mail address at { $portal }
mail-address-changed = An administrator changed the e-mail address of your account at { $portal }. E-mails about your account go to the new address from now on; this is the last one to the old.
mail-device-trusted-subject = A device is remembered at { $portal }
mail-device-trusted = A device is remembered for your account at { $portal }: for some time, it is not asked for a second step.
mail-network-trusted-subject = A network is remembered at { $portal }
mail-network-trusted = A network is remembered for your account at { $portal }: { $network }. For some time, nobody who signs in from there is asked for your second step.
mail-device-copied-subject = A remembered device may have been copied at { $portal }
mail-device-copied = Somebody showed an outdated copy of what a remembered device keeps for your account at { $portal }. That device is no longer remembered.
mail-pin-set-subject = A PIN was set at { $portal }
mail-pin-set = A PIN was set for your account at { $portal }, on a device that is remembered: it unlocks that device instead of a new sign-in.
mail-pins-wrong-subject = Wrong PINs at { $portal }
mail-pins-wrong = Somebody typed five wrong PINs on a device that was remembered for your account at { $portal }. That device is no longer remembered.
mail-factor-app = authenticator app
mail-factor-passkey = passkey on a device
mail-factor-email = codes by mail
mail-factor-sms = codes by text message
mail-factor-recovery = recovery codes
mail-factor-provider = account at another provider
mail-factor-named = { $factor } “{ $name }”
