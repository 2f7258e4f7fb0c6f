# Ein gemerktes Gerät entsperren, und die PIN dafür.
unlock-title = Willkommen zurück
unlock-welcome = Willkommen zurück, { $name }
unlock-lead = Dieses Gerät ist gemerkt. Entsperren Sie es, um zu { $portal } zu gelangen.
unlock-pin = PIN
unlock-pin-hint = Die PIN, die Sie für dieses Gerät gewählt haben. Sie ist nicht Ihr Passwort.
unlock-submit = Entsperren
unlock-passkey = Mit Fingerabdruck, Gesicht oder Bildschirmsperre entsperren
unlock-not-you = Nicht { $name }?
unlock-other = Mit einem anderen Konto anmelden
unlock-forgotten = PIN vergessen? Wählen Sie auch das, und melden Sie sich wie gewohnt mit Ihrem eigenen Konto an.
unlock-left = { $left ->
    [one] Noch ein Versuch; danach wird dieses Gerät vergessen.
   *[other] Noch { $left } Versuche; danach wird dieses Gerät vergessen.
}
unlock-error-wrong = Diese PIN stimmt nicht.
unlock-error-malformed = Die PIN dieses Geräts hat 6 bis 12 Ziffern und sonst nichts.
unlock-error-passkey = Dieser Passkey zählte nicht. Versuchen Sie es erneut, oder melden Sie sich wie gewohnt an.
login-error-forgotten-device = Dieses Gerät kann nicht mehr entsperrt werden: Nach fünf falschen PINs wird es vergessen. Melden Sie sich wie gewohnt an, und bestätigen Sie es mit Ihrem zweiten Schritt.
pin-title = Eine PIN für dieses Gerät
pin-lead = Nächstes Mal können Sie dieses Gerät mit einer PIN entsperren, statt sich neu anzumelden.
pin-why = Die PIN gilt nur auf diesem Gerät, solange es gemerkt ist.
pin-is-set = Dieses Gerät hat eine PIN. Eine neue ersetzt sie sofort.
pin-new = Neue PIN
pin-hint = 6 bis 12 Ziffern. Nichts, was andere zuerst versuchen würden, wie 123456, 111111 oder 121212.
pin-again = Neue PIN noch einmal
pin-save = PIN speichern
pin-later = Nicht jetzt
pin-error-malformed = Eine PIN hat 6 bis 12 Ziffern und sonst nichts.
pin-error-weak = Diese PIN ist zu leicht zu erraten. Wählen Sie Ziffern ohne Muster.
pin-error-mismatch = Die beiden PINs sind nicht gleich. Geben Sie beide neu ein.
pin-row-title = PIN für dieses Gerät
pin-row-set = Entsperrt dieses Gerät statt einer neuen Anmeldung.
pin-row-unset = Keine. Mit einer PIN können Sie dieses Gerät entsperren, statt sich neu anzumelden.
pin-row-choose = Eine PIN wählen
pin-row-change = Die PIN ändern
pin-row-remove = Die PIN entfernen
notice-pin-set = Die PIN wurde gespeichert. Nach ihr wird gefragt, wenn Sie sich das nächste Mal auf diesem Gerät anmelden.
notice-pin-removed = Die PIN wurde entfernt. Nächstes Mal melden Sie sich auf diesem Gerät wie gewohnt an.
outcome-pin = Mit der PIN des Geräts entsperrt
outcome-wrong-pin = Falsche PIN
