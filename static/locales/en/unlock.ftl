# Unlocking a remembered device, and the PIN that does.
unlock-title = Welcome back
unlock-welcome = Welcome back, { $name }
unlock-lead = This device is remembered. Unlock it to continue to { $portal }.
unlock-pin = PIN
unlock-pin-hint = The PIN you chose for this device. It is not your password.
unlock-submit = Unlock
unlock-passkey = Unlock with fingerprint, face or screen lock
unlock-not-you = Not { $name }?
unlock-other = Sign in with another account
unlock-forgotten = PIN forgotten? Choose that too, and sign in with your own account as usual.
unlock-left = { $left ->
    [one] One try left; then this device is forgotten.
   *[other] { $left } tries left; then this device is forgotten.
}
unlock-error-wrong = This PIN is not right.
unlock-error-malformed = The PIN of this device has 6 to 12 digits and nothing else.
unlock-error-passkey = This passkey did not count. Try again, or sign in as usual.
login-error-forgotten-device = This device can no longer be unlocked: after five wrong PINs it is forgotten. Sign in as usual, and confirm it with your second step.
pin-title = A PIN for this device
pin-lead = Next time you can unlock this device with a PIN instead of signing in anew.
pin-why = The PIN is good on this device only, for as long as the device is remembered.
pin-is-set = This device has a PIN. A new one replaces it at once.
pin-new = New PIN
pin-hint = 6 to 12 digits. Nothing that others would try first, such as 123456, 111111 or 121212.
pin-again = New PIN once more
pin-save = Save PIN
pin-later = Not now
pin-error-malformed = A PIN has 6 to 12 digits and nothing else.
pin-error-weak = This PIN is too easy to guess. Choose digits without a pattern.
pin-error-mismatch = The two PINs are not the same. Type both again.
pin-row-title = PIN for this device
pin-row-set = Unlocks this device instead of a new sign-in.
pin-row-unset = None. With one you can unlock this device instead of signing in anew.
pin-row-choose = Choose a PIN
pin-row-change = Change the PIN
pin-row-remove = Remove the PIN
notice-pin-set = The PIN was saved. It is asked for the next time you sign in on this device.
notice-pin-removed = The PIN was removed. Next time you sign in on this device as usual.
outcome-pin = Unlocked with the PIN of the device
outcome-wrong-pin = Wrong PIN
