# Der zweite Schritt: ein Code, und daneben die Wahl, wem vertraut wird.
code-title = Geben Sie Ihren Code ein
code-title-recovery = Geben Sie einen Wieder­herstellungs­code ein
code-who = Anmeldung als { $name }
code-not-you = Sind Sie das nicht?
code-label = Code aus Ihrer Authenticator-App
code-hint = Sechs Ziffern. Alle 30 Sekunden erscheint ein neuer Code.
code-label-recovery = Wiederherstellungscode
code-hint-recovery = Einer der Codes, die Sie beim Einrichten der App aufbewahrt haben. Jeder gilt einmal.
code-no-app = Kein Zugriff auf die App?
code-no-codes = Kein Wiederherstellungscode zur Hand?
code-use-totp = Den Code aus Ihrer App verwenden
code-use-recovery = Einen Wiederherstellungscode verwenden
code-help-contact = Wenn nichts davon hilft, helfen wir Ihnen:
code-help-admin = Wenn nichts davon hilft, bitten Sie Ihre Administration, Ihren zweiten Schritt zurückzusetzen.
code-error-wrong = Dieser Code stimmt nicht. Warten Sie auf den nächsten Code in Ihrer App und geben Sie diesen ein.
code-error-wrong-recovery = Dieser Wiederherstellungscode stimmt nicht. Prüfen Sie ihn auf Tippfehler oder verwenden Sie einen anderen.
code-error-used = Dieser Code wurde schon verwendet. Warten Sie auf den nächsten.
code-error-malformed = Ein Code hat sechs Ziffern. Geben Sie die sechs Ziffern ein, die Ihre App zeigt.
code-error-malformed-recovery = Das ist kein vollständiger Wiederherstellungscode. Geben Sie alle Buchstaben und Ziffern ein.
passkey-use = Passkey verwenden
passkey-title = Verwenden Sie Ihren Passkey
passkey-text = Entsperren Sie dieses Gerät oder Ihren Sicherheitsschlüssel wie immer: mit Finger, Gesicht oder PIN.
passkey-noscript = Passkeys brauchen JavaScript, das in diesem Browser ausgeschaltet ist.
passkey-none = Kein Passkey auf diesem Gerät?
passkey-failed = Der Passkey hat nicht geantwortet. Versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.
passkey-elsewhere = Ihr Passkey gilt nur bei { $hosts }. Melden Sie sich dort an und fügen Sie eine App hinzu, oder verwenden Sie hier einen Wiederherstellungscode.
passkey-error-wrong = Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.
code-error-clock = { $minutes ->
    [one] Die Uhr Ihres Telefons geht vermutlich um eine Minute falsch. Schalten Sie die automatische Uhrzeit ein und geben Sie dann einen neuen Code ein.
   *[other] Die Uhr Ihres Telefons geht vermutlich um { $minutes } Minuten falsch. Schalten Sie die automatische Uhrzeit ein und geben Sie dann einen neuen Code ein.
}
trust-legend = Seltener nach einem Code fragen? (freiwillig)
trust-span-days = { $days ->
    [one] einen Tag
   *[other] { $days } Tage
}
trust-span-hours = { $hours ->
    [one] eine Stunde
   *[other] { $hours } Stunden
}
trust-span-minutes = { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
}
trust-device = Dieses Gerät { $span } lang merken
trust-device-until = Dieses Gerät merken, bis sich Ihr Passwort ändert
trust-device-help = Nur auf einem Gerät, das Ihnen gehört. Sie melden sich weiterhin an, aber ohne Code. Wenn Sie Cookies löschen oder ein privates Fenster nutzen, wird es vergessen.
trust-address = Büronetzwerk { $address } { $span } lang vertrauen
trust-address-warn-user = Nicht zu Hause, unterwegs oder im öffentlichen WLAN: Wer dort Ihr Passwort kennt oder Ihre E-Mails liest, könnte sich ohne Code als Sie anmelden.
trust-address-warn-portal = Nicht zu Hause, unterwegs oder im öffentlichen WLAN: Alle in diesem Netzwerk brauchen dann keinen Code für { $portal }.
trust-address-warn-everyone = Nicht zu Hause, unterwegs oder im öffentlichen WLAN: Alle in diesem Netzwerk brauchen dann keinen Code, bei keinem Portal hier.
code-title-email = Code aus Ihrer E-Mail eingeben
code-title-sms = Code aus Ihrer SMS eingeben
code-label-sent = Code, den wir Ihnen geschickt haben
code-sent-to = Geschickt an { $to }.
code-sent-until = Er gilt bis { $time }.
code-send-to = Wir schicken einen Code mit sechs Ziffern an { $to }.
code-send = Code schicken
code-send-again = Noch einen Code schicken
code-again-mail = Noch nichts da? Sehen Sie auch im Spam-Ordner nach.
code-again-in = { $seconds ->
    [one] In einer Sekunde können Sie noch einen Code schicken lassen.
   *[other] In { $seconds } Sekunden können Sie noch einen Code schicken lassen.
}
code-again-never = In dieser Anmeldung können keine Codes mehr geschickt werden. Nehmen Sie einen anderen Weg, oder beginnen Sie neu.
code-no-sent = Kein Code kommt an?
code-use-email = Code per E-Mail schicken lassen
code-use-sms = Code per SMS schicken lassen
code-error-wrong-sent = Dieser Code stimmt nicht. Geben Sie den Code aus der neuesten Nachricht ein.
code-error-malformed-sent = Ein Code hat sechs Ziffern. Geben Sie die sechs Ziffern aus der Nachricht ein.
code-error-lapsed = Dieser Code gilt nicht mehr. Lassen Sie einen neuen schicken.
code-error-not-sent = Der Code konnte gerade nicht geschickt werden. Versuchen Sie es in einer Minute wieder, oder nehmen Sie einen anderen Weg.
code-error-too-soon = { $seconds ->
    [one] Ein Code ist unterwegs. In einer Sekunde können Sie noch einen schicken lassen.
   *[other] Ein Code ist unterwegs. In { $seconds } Sekunden können Sie noch einen schicken lassen.
}
code-error-no-more = In dieser Anmeldung können keine Codes mehr geschickt werden. Nehmen Sie einen anderen Weg, oder beginnen Sie neu.
code-error-paused = Es wurden zu viele Codes geschickt. Ab { $time } können Sie wieder einen schicken lassen. Nehmen Sie bis dahin einen anderen Weg.
code-error-address = Das ist keine E-Mail-Adresse. Prüfen Sie sie auf Tippfehler.
code-error-number = Das ist keine Mobilnummer mit Landesvorwahl, wie +31 6 12345678.
contact-title = Wie erreichen wir Sie?
contact-lead = { $portal } fragt als zweiten Schritt nach einem Code. Sagen Sie uns, wohin wir ihn schicken sollen; von da an gehen Ihre Codes dorthin.
contact-label-email = E-Mail-Adresse
contact-label-sms = Mobilnummer
contact-hint-sms = Mit Landesvorwahl, wie +31 6 12345678.
contact-again = Andere Adresse oder Nummer nehmen
approval-title = Bestätigen Sie auf Ihrem Telefon
approval-text = Öffnen Sie die Codeseite auf Ihrem Telefon. Sie fragt dann nach einer Zahl, die Ihnen diese Seite zeigt.
approval-ask = Um Bestätigung bitten
approval-ask-again = Noch einmal bitten
approval-type = Geben Sie diese Zahl auf der Codeseite ein:
approval-until = Sie gilt bis { $time }. Diese Seite sieht von selbst nach, ob Sie es getan haben.
approval-look = Jetzt nachsehen
approval-given = Auf Ihrer Codeseite bestätigt.
approval-refused = Ihre Codeseite hat diese Anmeldung abgelehnt, oder dort wurde eine andere Zahl eingegeben.
approval-over = Es kam nicht rechtzeitig eine Antwort.
approval-none = Keine Codeseite zur Hand?
approval-use = Auf Ihrer Codeseite bestätigen
approval-error-wrong = Diese Anmeldung wurde auf Ihrer Codeseite abgelehnt, oder dort wurde eine andere Zahl eingegeben.
approval-error-paused = Es wurde zu oft um Bestätigung gebeten. Ab { $time } können Sie es wieder tun. Nehmen Sie bis dahin einen anderen Weg.
