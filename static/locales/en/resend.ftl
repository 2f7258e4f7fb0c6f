# A form that met a sign-in.
resend-title = Send your form now?
resend-lead = Before { $portal } could take your form, you had to show who you are. It was kept for you and has not been sent yet.
resend-as = It will be sent as { $name }.
resend-to = It goes to
resend-kept = Kept since
resend-fields = This will be sent
resend-empty = The form has no fields.
resend-cut = shortened here, sent whole
resend-hidden = not shown here
resend-file = File { $name }
resend-more = { $count ->
    [one] One more field is sent and not shown here.
   *[other] { $count } more fields are sent and not shown here.
}
resend-unreadable = { $size } that cannot be shown here. They are sent just as they were.
resend-send = Send now
resend-discard = Discard
resend-until = It is sent once. If you do nothing, it is deleted at { $time }.
resend-nothing-title = Nothing waits to be sent
resend-nothing-what = What was kept in this browser has been sent or discarded, belongs to another account, or waited longer than ten minutes.
resend-nothing-next = Before you fill in the form again, look in { $portal } whether it has arrived.
not-received-title = Your form was not received
not-received-lead = You are not signed in any more, so nothing reached { $portal }.
not-received-confirm-lead = { $portal } asks you to confirm who you are first, so nothing reached it.
not-received-large = The form is too large to be kept in the meantime. It was not saved anywhere.
not-received-now = The form could not be kept in the meantime. It was not saved anywhere.
not-received-next = Continue here, return to your form and send it again. Your browser may still have what you filled in if you go back.
not-received-sign-in = Sign in and return to the form
not-received-confirm = Confirm and return to the form
