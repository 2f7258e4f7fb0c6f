# The second step: a code, and the choices of trust beside it.
code-title = Enter your code
code-title-recovery = Enter a recovery code
code-who = Signing in as { $name }
code-not-you = Not you?
code-label = Code from your authenticator app
code-hint = Six digits. A new code appears every 30 seconds.
code-label-recovery = Recovery code
code-hint-recovery = One of the codes you kept when you set up the app. Each works once.
code-no-app = No access to the app?
code-no-codes = No recovery code at hand?
code-use-totp = Use the code from your app
code-use-recovery = Use a recovery code
code-help-contact = If nothing here works, we can help you:
code-help-admin = If nothing here works, ask your administrator to reset your second step.
code-error-wrong = This code is not right. Wait for the next code in your app and enter that one.
code-error-wrong-recovery = This recovery code is not right. Check it for typing errors, or use another one.
code-error-used = This code was already used. Wait for the next one.
code-error-malformed = A code has six digits. Enter the six digits your app shows.
code-error-malformed-recovery = This is not a complete recovery code. Enter all of its letters and digits.
passkey-use = Use your passkey
passkey-title = Use your passkey
passkey-text = Unlock this device or your security key as you always do: with a finger, your face or its PIN.
passkey-noscript = Passkeys need JavaScript, which is switched off in this browser.
passkey-none = No passkey on this device?
passkey-failed = The passkey did not answer. Try again, or choose another way.
passkey-elsewhere = Your passkey works only at { $hosts }. Sign in there and add an app, or use a recovery code here.
passkey-error-wrong = This passkey did not count. Try again, or choose another way.
code-error-clock = { $minutes ->
    [one] Your phone’s clock seems to be one minute off. Turn on automatic time, then enter a new code.
   *[other] Your phone’s clock seems to be { $minutes } minutes off. Turn on automatic time, then enter a new code.
}
trust-legend = Ask for a code less often? (optional)
trust-span-days = { $days ->
    [one] one day
   *[other] { $days } days
}
trust-span-hours = { $hours ->
    [one] one hour
   *[other] { $hours } hours
}
trust-span-minutes = { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
}
trust-device = Remember this device for { $span }
trust-device-until = Remember this device until your password changes
trust-device-help = Only on a device that is yours. You still sign in, but without a code. Clearing cookies or using a private window makes it forget.
trust-address = Trust the office network { $address } for { $span }
trust-address-warn-user = Not at home, on the move or on public Wi-Fi: anyone there who knows your password or reads your mail could sign in as you without a code.
trust-address-warn-portal = Not at home, on the move or on public Wi-Fi: everyone on this network would skip the code for { $portal }.
trust-address-warn-everyone = Not at home, on the move or on public Wi-Fi: everyone on this network would skip the code on every portal here.
code-title-email = Enter the code from your mail
code-title-sms = Enter the code from your text message
code-label-sent = Code we sent you
code-sent-to = Sent to { $to }.
code-sent-until = It works until { $time }.
code-send-to = We send a code of six digits to { $to }.
code-send = Send the code
code-send-again = Send another code
code-again-mail = Nothing there yet? Look into the folder for unwanted mail too.
code-again-in = { $seconds ->
    [one] You can have another code sent in one second.
   *[other] You can have another code sent in { $seconds } seconds.
}
code-again-never = No more codes can be sent in this sign-in. Use another way, or start again.
code-no-sent = No code arrives?
code-use-email = Have a code sent by mail
code-use-sms = Have a code sent by text message
code-error-wrong-sent = This code is not right. Enter the code of the latest message.
code-error-malformed-sent = A code has six digits. Enter the six digits of the message.
code-error-lapsed = This code no longer works. Have a new one sent.
code-error-not-sent = The code could not be sent just now. Try again in a minute, or use another way.
code-error-too-soon = { $seconds ->
    [one] A code is on its way. You can have another one sent in one second.
   *[other] A code is on its way. You can have another one sent in { $seconds } seconds.
}
code-error-no-more = No more codes can be sent in this sign-in. Use another way, or start again.
code-error-paused = Too many codes were sent. You can have another one sent from { $time }. Until then, use another way.
code-error-address = This is not a mail address. Check it for typing errors.
code-error-number = This is not a mobile number with its country code, such as +31 6 12345678.
contact-title = Where can we reach you?
contact-lead = { $portal } asks for a code as a second step. Tell us where to send it; from then on your codes go there.
contact-label-email = Mail address
contact-label-sms = Mobile number
contact-hint-sms = With the country code, such as +31 6 12345678.
contact-again = Use another address or number
approval-title = Approve on your phone
approval-text = Open the authenticator page on your phone. It then asks for a number that this page shows you.
approval-ask = Ask for approval
approval-ask-again = Ask again
approval-type = Type this number on the authenticator page:
approval-until = It is good until { $time }. This page looks by itself whether you did.
approval-look = Look now
approval-given = Approved on your authenticator page.
approval-refused = Your authenticator page refused this sign-in, or another number was typed there.
approval-over = No answer came in time.
approval-none = No authenticator page at hand?
approval-use = Approve on your authenticator page
approval-error-wrong = This sign-in was refused on your authenticator page, or another number was typed there.
approval-error-paused = Approval was asked for too often. You can ask again from { $time }. Until then, use another way.
