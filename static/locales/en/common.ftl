# What every page shares.
title-error = Error:
skip = Skip to the content
nav-label = Your account
nav-account = Account
nav-sign-out = Sign out
signed-in-as = Signed in as { $name }
badge-switch = Switch account
badge-close = Hide this until the next sign-in
language-label = Language
help-label = Need help?
help-admin = Need help? Ask your administrator.
continue = Continue
copy = Copy
copied = Copied
download = Download
downloaded = Downloaded
print = Print
remove = Remove
time-days-left = { $days ->
    [0] less than a day left
    [one] one day left
   *[other] { $days } days left
}
error-summary = That did not work
error-too-many = There were too many tries. Please wait a while before you try again.
error-too-many-until = There were too many tries. You can try again from { $time }.
error-tries-left = { $tries ->
    [one] You have one try left.
   *[other] You have { $tries } tries left.
}
error-busy = We cannot check this right now. Please try again in a few seconds.
error-form = This form was open for too long, or your browser does not accept cookies. Allow cookies for this site and try again.
