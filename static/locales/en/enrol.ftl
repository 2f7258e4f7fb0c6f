# Setting up the code app, and the recovery codes that follow.
enrol-title = Set up your second step
enrol-lead-required = { $portal } asks for a code as a second step. An app on your phone gives you that code; setting it up takes two minutes.
enrol-lead-chosen = With a code as a second step, the first one alone lets nobody sign in as you.
enrol-ends = Please finish before { $time }.
enrol-minutes-left = { $minutes ->
    [0] Less than a minute left.
    [one] One minute left.
   *[other] { $minutes } minutes left.
}
enrol-error-expired = The time for setting up has run out, so the key shown before no longer works. Start again with a new key.
enrol-step-app = Open an authenticator app
enrol-step-app-text = Any app that shows six-digit codes will do, such as the password app that came with your phone. None yet? Install one from your app store.
enrol-step-scan = Scan this picture with the app
enrol-qr = QR code with the key for your app
enrol-open-app = Open in the app on this device
enrol-key-text = Cannot scan? Type this key into the app, “time based”:
enrol-copy-key = Copy key
enrol-issuer = Shown in the app as
enrol-account = Account
enrol-step-code = Enter the code the app shows now
enrol-label = Name for this app (optional)
enrol-label-hint = Helps you recognise it later, such as “My phone”.
enrol-submit = Finish setting up
enrol-restart = Start again with a new key
passkey-instead = Or use a passkey instead
passkey-instead-text = Your phone, your computer or a security key then answers for you, with nothing to type. A passkey from here works only at { $host }.
passkey-add = Set up a passkey
recovery-title = Keep your recovery codes
recovery-lead = If you lose your phone, each of these codes lets you in once, instead of the code from the app.
recovery-once = You see them now and never again.
recovery-where = Keep them where you keep other important papers, or in a password manager. Not on the phone itself.
recovery-unsaved = You have not copied, downloaded or printed the codes yet. Written them down? Then press the button once more.
recovery-continue = I have kept them, continue
enrol-step-proof = Show that it is you
enrol-step-proof-text = So that nobody else can set up an app in your name, enter a code we send you as well.
enrol-send-email = Send the code to { $to }
enrol-send-sms = Send the code by text message to { $to }
offer-title = Set up an app for your codes?
offer-lead = You are signed in. Next time, an app on your phone can show the code at once.
offer-why = Text messages can be late or lost. The app needs no network, and setting it up takes two minutes.
offer-now = Set up the app now
offer-later = Later
enrol-page-instead = Or use our authenticator page
enrol-page-title = Open our authenticator page
enrol-page-text = On your phone, open this address. The page there shows a pairing number and a code.
enrol-page-number = Pairing number
enrol-page-hint = Nine digits.
enrol-page-code = Enter the code the page shows now
enrol-error-pairing = No authenticator page shows this pairing number now. Check it for typing errors, or have a new one shown.
