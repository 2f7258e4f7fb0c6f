# Die eigene Seite der Besucherin, des Besuchers.
account-title = Ihr Konto
account-error-last-method = Das ist Ihre letzte App oder Ihr letzter Passkey, und ein zweiter Schritt ist hier Pflicht. Fügen Sie zuerst etwas anderes hinzu und entfernen Sie dann dies.
account-error-last-contact = Codes erreichen Sie nur dort, und ein zweiter Schritt ist hier Pflicht. Fügen Sie zuerst eine App hinzu und entfernen Sie dann dies.
account-error-required = Ein Code ist hier Pflicht und lässt sich daher nicht ausschalten.
account-error-gone = Das war bereits entfernt.
row-added = Hinzugefügt
row-used = zuletzt verwendet
row-seen = zuletzt gesehen
row-since = Seit
row-ends = Endet
row-ends-password = Endet, wenn sich Ihr Passwort ändert
row-opened = begonnen
row-this-device = Dieses Gerät
row-here-now = Hier sind Sie gerade
row-this-session = Dieser Browser
list-more = { $more ->
    [one] … und noch ein Eintrag
   *[other] … und noch { $more } Einträge
}
methods-title = Zweiter Schritt
methods-text = Die Apps und Passkeys, mit denen Sie bestätigen, dass Sie es sind.
methods-none = Sie haben noch keine App und keinen Passkey eingerichtet.
methods-passkey = Passkey für { $host }
methods-add-either = App oder Passkey hinzufügen
methods-add = Authenticator-App hinzufügen
contacts-email = Codes per E-Mail
contacts-sms = Codes per SMS
contacts-to = Geschickt an { $to }
codes-title = Wiederherstellungscodes
codes-left = { $codes ->
    [0] Keine Codes mehr. Erstellen Sie neue.
    [one] Noch ein Code. Erstellen Sie bald neue.
   *[other] Noch { $codes } Codes
}
codes-new = Neue Codes erstellen
codes-new-hint = Neue Codes ersetzen die alten sofort.
switch-title = Beim Anmelden nach einem Code fragen
switch-is-on = Eingeschaltet
switch-is-off = Ausgeschaltet: Sie werden nicht nach einem Code gefragt.
switch-turn-on = Einschalten
switch-turn-off = Ausschalten
devices-title = Gemerkte Geräte
devices-text = Auf diesen Geräten melden Sie sich, so lange wie angezeigt, ohne Code an. Entfernen Sie, was Sie nicht kennen.
devices-none = Kein Gerät ist gemerkt.
devices-remove-all = Alle Geräte entfernen
addresses-title = Vertrauenswürdige Netzwerke
addresses-text = Aus diesen Netzwerken melden Sie sich bis zum angezeigten Datum ohne Code an.
addresses-none = Keinem Netzwerk wird vertraut.
addresses-remove-all = Alle Netzwerke entfernen
sessions-title = Wo Sie angemeldet sind
sessions-text = Abmelden beendet eine Sitzung sofort.
sessions-end = Abmelden
sign-ins-title = Letzte Anmeldungen
sign-ins-text = Steht hier etwas, das nicht Sie waren? Melden Sie sich überall ab und ändern Sie dann Ihr Passwort.
sign-ins-none = Noch nichts.
outcome-password = Angemeldet mit Passwort
outcome-link = Angemeldet mit einem Link per E-Mail
outcome-code = Angemeldet mit einem Code
outcome-passkey = Angemeldet mit einem Passkey
outcome-approval = Angemeldet mit Bestätigung auf Ihrer Codeseite
outcome-provider = Angemeldet mit einem externen Konto
outcome-recovery-code = Angemeldet mit einem Wiederherstellungscode
outcome-trusted-device = Angemeldet auf einem gemerkten Gerät
outcome-trusted-address = Angemeldet aus einem vertrauenswürdigen Netzwerk
outcome-wrong-password = Falsches Passwort
outcome-wrong-code = Falscher Code
outcome-too-many-tries = Abgelehnt: zu viele Versuche
outcome-refused = Abgelehnt
language-save = Speichern
notice-method-added = Die Authenticator-App wurde hinzugefügt.
notice-passkey-added = Der Passkey wurde hinzugefügt.
notice-passkey-removed = Der Passkey wurde entfernt.
notice-method-removed = Die Authenticator-App wurde entfernt.
notice-contact-removed = Dorthin werden keine Codes mehr geschickt.
notice-device-removed = Das Gerät wurde entfernt. Dort wird beim nächsten Mal nach einem Code gefragt.
notice-devices-removed = Alle Geräte wurden entfernt. Dort wird beim nächsten Mal nach einem Code gefragt.
notice-address-removed = Das Netzwerk wurde entfernt. Dort wird beim nächsten Mal nach einem Code gefragt.
notice-addresses-removed = Alle Netzwerke wurden entfernt. Dort wird beim nächsten Mal nach einem Code gefragt.
notice-session-ended = Die Sitzung wurde beendet.
notice-second-factor-on = Ab jetzt werden Sie beim Anmelden nach einem Code gefragt.
notice-second-factor-off = Sie werden beim Anmelden nicht mehr nach einem Code gefragt.
notice-language-changed = Die Sprache wurde geändert.
