# Die App einrichten, und die Wiederherstellungscodes danach.
enrol-title = Richten Sie Ihren zweiten Schritt ein
enrol-lead-required = { $portal } fragt als zweiten Schritt nach einem Code. Eine App auf Ihrem Telefon gibt Ihnen diesen Code; das Einrichten dauert zwei Minuten.
enrol-lead-chosen = Mit einem Code als zweitem Schritt kann sich niemand allein mit dem ersten als Sie anmelden.
enrol-ends = Bitte schließen Sie vor { $time } ab.
enrol-minutes-left = { $minutes ->
    [0] Noch weniger als eine Minute.
    [one] Noch eine Minute.
   *[other] Noch { $minutes } Minuten.
}
enrol-error-expired = Die Zeit zum Einrichten ist abgelaufen; der zuvor gezeigte Schlüssel gilt nicht mehr. Beginnen Sie mit einem neuen Schlüssel von vorn.
enrol-step-app = Öffnen Sie eine Authenticator-App
enrol-step-app-text = Jede App, die sechsstellige Codes zeigt, ist geeignet, zum Beispiel die Passwort-App Ihres Telefons. Sie haben noch keine? Installieren Sie eine aus Ihrem App-Store.
enrol-step-scan = Scannen Sie dieses Bild mit der App
enrol-qr = QR-Code mit dem Schlüssel für Ihre App
enrol-open-app = In der App auf diesem Gerät öffnen
enrol-key-text = Scannen klappt nicht? Tippen Sie diesen Schlüssel in die App ein, Art „zeitbasiert“:
enrol-copy-key = Schlüssel kopieren
enrol-issuer = Name in der App
enrol-account = Konto
enrol-step-code = Geben Sie den Code ein, den die App jetzt zeigt
enrol-label = Name für diese App (freiwillig)
enrol-label-hint = Daran erkennen Sie die App später, zum Beispiel „Mein Telefon“.
enrol-submit = Einrichtung abschließen
enrol-restart = Mit einem neuen Schlüssel von vorn beginnen
passkey-instead = Oder stattdessen einen Passkey verwenden
passkey-instead-text = Ihr Telefon, Ihr Computer oder ein Sicherheitsschlüssel antwortet dann für Sie, ohne dass Sie etwas eintippen. Ein Passkey von hier gilt nur bei { $host }.
passkey-add = Passkey einrichten
recovery-title = Bewahren Sie Ihre Wieder­herstellungs­codes auf
recovery-lead = Wenn Sie Ihr Telefon verlieren, können Sie sich mit jedem dieser Codes einmal anmelden, anstelle des Codes aus der App.
recovery-once = Sie sehen sie nur jetzt und danach nie wieder.
recovery-where = Bewahren Sie sie bei anderen wichtigen Unterlagen oder in einem Passwortmanager auf. Nicht auf dem Telefon selbst.
recovery-unsaved = Sie haben die Codes noch nicht kopiert, heruntergeladen oder gedruckt. Haben Sie sie abgeschrieben? Dann drücken Sie noch einmal auf die Schaltfläche.
recovery-continue = Ich habe sie aufbewahrt, weiter
enrol-step-proof = Zeigen Sie, dass Sie es sind
enrol-step-proof-text = Damit niemand sonst eine App in Ihrem Namen einrichten kann, geben Sie auch einen Code ein, den wir Ihnen schicken.
enrol-send-email = Code an { $to } schicken
enrol-send-sms = Code per SMS an { $to } schicken
offer-title = Eine App für Ihre Codes einrichten?
offer-lead = Sie sind angemeldet. Beim nächsten Mal kann eine App auf Ihrem Telefon den Code sofort zeigen.
offer-why = SMS können sich verspäten oder verloren gehen. Die App braucht kein Netz, und sie einzurichten dauert zwei Minuten.
offer-now = App jetzt einrichten
offer-later = Später
enrol-page-instead = Oder unsere Codeseite verwenden
enrol-page-title = Öffnen Sie unsere Codeseite
enrol-page-text = Öffnen Sie diese Adresse auf Ihrem Telefon. Die Seite dort zeigt eine Kopplungsnummer und einen Code.
enrol-page-number = Kopplungsnummer
enrol-page-hint = Neun Ziffern.
enrol-page-code = Geben Sie den Code ein, den die Seite jetzt zeigt
enrol-error-pairing = Keine Codeseite zeigt jetzt diese Kopplungsnummer. Prüfen Sie sie auf Tippfehler oder lassen Sie sich eine neue zeigen.
