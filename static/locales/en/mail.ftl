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
mail-few-codes-subject = Few recovery codes left for { $portal }
mail-few-codes = Make new recovery codes on your account page at { $host } before you need them.
mail-codes-left = { $left ->
    [0] No recovery code is left.
    [one] One recovery code is left.
   *[other] { $left } recovery codes are left.
}
mail-factor-app = authenticator app
mail-factor-passkey = passkey on a device
mail-factor-email = codes by mail
mail-factor-sms = codes by text message
mail-factor-recovery = recovery codes
mail-factor-named = { $factor } “{ $name }”
