# De app instellen, en de herstelcodes die daarop volgen.
enrol-title = Stel uw tweede stap in
enrol-lead-required = { $portal } vraagt als tweede stap om een code. Een app op uw telefoon geeft u die code; het instellen duurt twee minuten.
enrol-lead-chosen = Met een code als tweede stap kan niemand zich met alleen de eerste als u aanmelden.
enrol-ends = Rond dit af vóór { $time }.
enrol-minutes-left = { $minutes ->
    [0] Nog minder dan een minuut.
    [one] Nog één minuut.
   *[other] Nog { $minutes } minuten.
}
enrol-error-expired = De tijd om in te stellen is voorbij; de eerder getoonde sleutel werkt niet meer. Begin opnieuw met een nieuwe sleutel.
enrol-step-app = Open een authenticator-app
enrol-step-app-text = Elke app die codes van zes cijfers toont is goed, bijvoorbeeld de wachtwoordenapp van uw telefoon. Hebt u er nog geen? Installeer er dan een uit uw appwinkel.
enrol-step-scan = Scan deze afbeelding met de app
enrol-qr = QR-code met de sleutel voor uw app
enrol-open-app = Openen in de app op dit apparaat
enrol-key-text = Lukt scannen niet? Typ deze sleutel in de app over, soort ‘tijdgebaseerd’:
enrol-copy-key = Sleutel kopiëren
enrol-issuer = Naam in de app
enrol-account = Account
enrol-step-code = Voer de code in die de app nu toont
enrol-label = Naam voor deze app (niet verplicht)
enrol-label-hint = Daaraan herkent u de app later, bijvoorbeeld ‘Mijn telefoon’.
enrol-submit = Instellen afronden
enrol-restart = Opnieuw beginnen met een nieuwe sleutel
passkey-instead = Of gebruik in plaats daarvan een passkey
passkey-instead-text = Uw telefoon, uw computer of een beveiligingssleutel antwoordt dan voor u, zonder dat u iets typt. Een passkey van hier werkt alleen op { $host }.
passkey-add = Passkey instellen
recovery-title = Bewaar uw herstelcodes
recovery-lead = Raakt u uw telefoon kwijt, dan kunt u zich met elk van deze codes één keer aanmelden, in plaats van met de code uit de app.
recovery-once = U ziet ze alleen nu en daarna nooit meer.
recovery-where = Bewaar ze bij uw andere belangrijke papieren of in een wachtwoordmanager. Niet op de telefoon zelf.
recovery-unsaved = U hebt de codes nog niet gekopieerd, gedownload of afgedrukt. Hebt u ze overgeschreven? Druk dan nog een keer op de knop.
recovery-continue = Ik heb ze bewaard, verder
enrol-step-proof = Laat zien dat u het bent
enrol-step-proof-text = Zodat niemand anders een app op uw naam kan instellen, voert u ook een code in die wij u sturen.
enrol-send-email = Code sturen naar { $to }
enrol-send-sms = Code per sms sturen naar { $to }
offer-title = Een app voor uw codes instellen?
offer-lead = U bent aangemeld. De volgende keer kan een app op uw telefoon de code meteen tonen.
offer-why = Sms’jes kunnen te laat komen of zoekraken. De app heeft geen netwerk nodig, en instellen duurt twee minuten.
offer-now = App nu instellen
offer-later = Niet nu
enrol-page-instead = Of gebruik onze codepagina
enrol-page-title = Open onze codepagina
enrol-page-text = Open dit adres op uw telefoon. De pagina daar toont een koppelnummer en een code.
enrol-page-number = Koppelnummer
enrol-page-hint = Negen cijfers.
enrol-page-code = Voer de code in die de pagina nu toont
enrol-error-pairing = Geen codepagina toont dit koppelnummer nu. Controleer het op typefouten of laat een nieuw nummer tonen.
