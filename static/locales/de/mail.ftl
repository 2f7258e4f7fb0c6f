# E-Mails und SMS: Codes, und Mitteilungen darüber, was mit einem Konto geschah.
mail-code-subject = { $code } ist Ihr Code für { $portal }
mail-code-sign-in = Sie melden sich bei { $portal } an. Ihr Code:
mail-code-add-factor = Sie richten einen Anmeldeweg für { $portal } ein. Ihr Code:
mail-code-confirm = Sie bestätigen diese Adresse oder Nummer für Ihr Konto bei { $portal }. Ihr Code:
mail-code-works = { $minutes ->
    [one] Er gilt einmal, eine Minute lang, und nur in dem Browser, der ihn angefordert hat.
   *[other] Er gilt einmal, { $minutes } Minuten lang, und nur in dem Browser, der ihn angefordert hat.
}
mail-code-secret = Geben Sie diesen Code niemandem. Wir fragen nie danach, weder am Telefon noch per E-Mail.
mail-code-not-you = Dann geben Sie diesen Code nicht weiter. Jemand kennt vielleicht Ihr Passwort: Ändern Sie es, und wählen Sie „Überall abmelden“ auf Ihrer Kontoseite unter { $host }.
mail-text-message = { $minutes ->
    [one] { $code } ist Ihr Code für { $portal }. Er gilt eine Minute. Geben Sie ihn niemandem.
   *[other] { $code } ist Ihr Code für { $portal }. Er gilt { $minutes } Minuten. Geben Sie ihn niemandem.
}
mail-asked = Dieser Code wurde angefordert
mail-happened = Das ist geschehen
mail-when = Zeit
mail-address = Netzwerkadresse
mail-agent = Webbrowser
mail-site = Website
mail-not-you = Waren Sie das nicht?
mail-not-me = Das war ich nicht
mail-not-me-text = Dieser Link beendet nach einem weiteren Knopfdruck jede Sitzung und jedes Vertrauen Ihres Kontos:
mail-not-me-after = Ändern Sie danach Ihr Passwort.
mail-not-you-notice = Dann wählen Sie „Überall abmelden“ auf Ihrer Kontoseite unter { $host }, und ändern Sie Ihr Passwort.
mail-was-you = Waren Sie es selbst, müssen Sie nichts tun.
mail-help-contact = Brauchen Sie Hilfe?
mail-help-admin = Brauchen Sie Hilfe? Fragen Sie Ihre Administration.
mail-automatic = Diese E-Mail wurde automatisch versandt; Antworten liest niemand.
mail-new-device-subject = Neues Gerät bei { $portal }
mail-new-device = Jemand hat sich mit Ihrem Konto bei { $portal } angemeldet, auf einem Gerät, das wir noch nicht kannten.
mail-new-address-subject = Anmeldung von einem neuen Ort bei { $portal }
mail-new-address = Jemand hat sich mit Ihrem Konto bei { $portal } angemeldet, aus einem Netzwerk, das wir noch nicht kannten.
mail-other-network-subject = Ihre Anmeldung bei { $portal } läuft in einem anderen Netzwerk weiter
mail-other-network = Eine Anmeldung mit Ihrem Konto bei { $portal } läuft in einem anderen Netzwerk weiter als dem, in dem sie begann.
mail-factor-added-subject = Neuer Anmeldeweg bei { $portal }
mail-factor-added = Zu Ihrem Konto bei { $portal } kam ein Anmeldeweg hinzu: { $factor }.
mail-factor-removed-subject = Ein Anmeldeweg bei { $portal } wurde entfernt
mail-factor-removed = Von Ihrem Konto bei { $portal } wurde ein Anmeldeweg entfernt: { $factor }.
mail-recovery-used-subject = Ein Wiederherstellungscode wurde bei { $portal } benutzt
mail-recovery-used = Jemand hat sich mit Ihrem Konto bei { $portal } mit einem Wiederherstellungscode angemeldet.
mail-few-codes = Erstellen Sie neue Wiederherstellungscodes auf Ihrer Kontoseite unter { $host }, bevor Sie sie brauchen.
mail-codes-left = { $left ->
    [0] Es ist kein Wiederherstellungscode mehr übrig.
    [one] Es ist noch ein Wiederherstellungscode übrig.
   *[other] Es sind noch { $left } Wiederherstellungscodes übrig.
}
mail-codes-made-subject = Neue Wiederherstellungscodes für { $portal }
mail-codes-made = Für Ihr Konto bei { $portal } wurden neue Wiederherstellungscodes erstellt. Frühere gelten nicht mehr.
mail-second-on-subject = Zweiter Schritt bei { $portal } eingeschaltet
mail-second-on = Die Anmeldung mit Ihrem Konto bei { $portal } verlangt ab jetzt einen zweiten Schritt.
mail-second-off-subject = Zweiter Schritt bei { $portal } ausgeschaltet
mail-second-off = Die Anmeldung mit Ihrem Konto bei { $portal } verlangt keinen zweiten Schritt mehr.
mail-second-reset-subject = Zweiter Schritt für { $portal } zurückgesetzt
mail-second-reset = Die Administration hat Apps, Passkeys und Wiederherstellungscodes Ihres Kontos bei { $portal } entfernt, dazu dort bestätigte Adressen oder Nummern und Verknüpfungen mit anderen Konten, und die Sitzungen beendet. Bei der nächsten Anmeldung richten Sie Ihren zweiten Schritt neu ein.
mail-second-reset-unasked = Haben Sie nicht darum gebeten, melden Sie das sofort, und ändern Sie Ihr Passwort.
mail-renamed-subject = Neuer Name für die Anmeldung bei { $portal }
mail-renamed = Die Administration hat den Namen geändert, mit dem Sie sich bei { $portal } anmelden. Er lautet jetzt: { $name }. Passwort, Apps und Passkeys bleiben, wie sie sind. Sie wurden abgemeldet; gemerkte Geräte und Netzwerke, PINs und Wiederherstellungscodes gelten nicht mehr: Erstellen Sie nach der Anmeldung auf Ihrer Kontoseite neue Wiederherstellungscodes.
mail-glass-made-subject = Notfallcode für { $portal }
mail-glass-made = Wer den Server betreibt, hat einen Notfallcode für das Konto { $name } bei { $portal } erstellt. Zehn Minuten lang ersetzt er nach dem Passwort den zweiten Schritt, der danach neu eingerichtet wird.
mail-glass-used-subject = Notfallcode verwendet bei { $portal }
mail-glass-used = Der Notfallcode für das Konto { $name } bei { $portal } wurde anstelle des zweiten Schritts verwendet.
mail-glass-unasked = Wenn Sie nichts davon wissen, melden Sie es sofort dem Betreiber des Servers.
mail-address-changed-subject = Andere E-Mail-Adresse bei { $portal }
mail-address-changed = Die Administration hat die E-Mail-Adresse Ihres Kontos bei { $portal } geändert. E-Mails zu Ihrem Konto gehen ab jetzt an die neue Adresse; diese geht als letzte an die alte.
mail-device-trusted-subject = Ein Gerät ist bei { $portal } gemerkt
mail-device-trusted = Für Ihr Konto bei { $portal } ist ein Gerät gemerkt: Eine Zeit lang wird dort kein zweiter Schritt verlangt.
mail-network-trusted-subject = Ein Netzwerk ist bei { $portal } gemerkt
mail-network-trusted = Für Ihr Konto bei { $portal } ist ein Netzwerk gemerkt: { $network }. Eine Zeit lang wird dort Ihr zweiter Schritt nicht verlangt.
mail-device-copied-subject = Ein gemerktes Gerät bei { $portal } wurde vielleicht kopiert
mail-device-copied = Jemand hat eine veraltete Kopie dessen gezeigt, was ein gemerktes Gerät für Ihr Konto bei { $portal } aufbewahrt. Dieses Gerät ist nicht mehr gemerkt.
mail-pin-set-subject = Eine PIN wurde festgelegt bei { $portal }
mail-pin-set = Für Ihr Konto bei { $portal } wurde auf einem gemerkten Gerät eine PIN festgelegt: Sie entsperrt dieses Gerät statt einer neuen Anmeldung.
mail-pins-wrong-subject = Falsche PINs bei { $portal }
mail-pins-wrong = Jemand hat auf einem Gerät, das für Ihr Konto bei { $portal } gemerkt war, fünf falsche PINs eingegeben. Dieses Gerät ist nicht mehr gemerkt.
mail-factor-app = Authenticator-App
mail-factor-passkey = Passkey auf einem Gerät
mail-factor-email = Codes per E-Mail
mail-factor-sms = Codes per SMS
mail-factor-recovery = Wiederherstellungscodes
mail-factor-provider = Konto bei einem anderen Anbieter
mail-factor-named = { $factor } „{ $name }“
