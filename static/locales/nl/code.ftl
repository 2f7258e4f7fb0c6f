# De tweede stap: een code, en daarnaast de keuzes om te vertrouwen.
code-title = Voer uw code in
code-title-recovery = Voer een herstelcode in
code-who = U meldt zich aan als { $name }
code-not-you = Bent u dit niet?
code-label = Code uit uw authenticator-app
code-hint = Zes cijfers. Elke 30 seconden verschijnt er een nieuwe code.
code-label-recovery = Herstelcode
code-hint-recovery = Een van de codes die u hebt bewaard toen u de app instelde. Elke code werkt één keer.
code-no-app = Geen toegang tot de app?
code-no-codes = Geen herstelcode bij de hand?
code-use-totp = De code uit uw app gebruiken
code-use-recovery = Een herstelcode gebruiken
code-help-contact = Lukt het zo niet? Wij helpen u:
code-help-admin = Lukt het zo niet? Vraag uw beheerder om uw tweede stap opnieuw in te stellen.
code-error-wrong = Deze code klopt niet. Wacht op de volgende code in uw app en voer die in.
code-error-wrong-recovery = Deze herstelcode klopt niet. Controleer op typefouten of gebruik een andere.
code-error-used = Deze code is al gebruikt. Wacht op de volgende.
code-error-malformed = Een code heeft zes cijfers. Voer de zes cijfers in die uw app toont.
code-error-malformed-recovery = Dit is geen volledige herstelcode. Voer alle letters en cijfers in.
passkey-use = Uw passkey gebruiken
passkey-title = Gebruik uw passkey
passkey-text = Ontgrendel dit apparaat of uw beveiligingssleutel zoals altijd: met vinger, gezicht of pincode.
passkey-noscript = Passkeys hebben JavaScript nodig, en dat staat in deze browser uit.
passkey-none = Geen passkey op dit apparaat?
passkey-failed = De passkey heeft niet geantwoord. Probeer het opnieuw of kies een andere manier.
passkey-elsewhere = Uw passkey werkt alleen op { $hosts }. Meld u daar aan en voeg een app toe, of gebruik hier een herstelcode.
passkey-error-wrong = Deze passkey is niet aanvaard. Probeer het opnieuw of kies een andere manier.
code-error-clock = { $minutes ->
    [one] De klok van uw telefoon loopt waarschijnlijk één minuut verkeerd. Zet ‘automatische tijd’ aan en voer dan een nieuwe code in.
   *[other] De klok van uw telefoon loopt waarschijnlijk { $minutes } minuten verkeerd. Zet ‘automatische tijd’ aan en voer dan een nieuwe code in.
}
trust-legend = Minder vaak om een code vragen? (niet verplicht)
trust-span-days = { $days ->
    [one] één dag
   *[other] { $days } dagen
}
trust-span-hours = { $hours ->
    [one] één uur
   *[other] { $hours } uur
}
trust-span-minutes = { $minutes ->
    [one] één minuut
   *[other] { $minutes } minuten
}
trust-device = Dit apparaat { $span } onthouden
trust-device-until = Dit apparaat onthouden tot uw wachtwoord verandert
trust-device-help = Alleen op een apparaat dat van u is. U meldt zich nog steeds aan, maar zonder code. Als u cookies wist of een privévenster gebruikt, wordt het vergeten.
trust-address = Kantoornetwerk { $address } { $span } vertrouwen
trust-address-warn-user = Niet doen thuis, onderweg of op openbare wifi: wie daar uw wachtwoord kent of uw mail leest, kan zich dan zonder code als u aanmelden.
trust-address-warn-portal = Niet doen thuis, onderweg of op openbare wifi: iedereen op dit netwerk slaat dan de code voor { $portal } over.
trust-address-warn-everyone = Niet doen thuis, onderweg of op openbare wifi: iedereen op dit netwerk slaat dan de code over, bij elk portaal hier.
code-title-email = Voer de code uit uw mail in
code-title-sms = Voer de code uit uw sms in
code-label-sent = Code die wij u hebben gestuurd
code-sent-to = Gestuurd naar { $to }.
code-sent-until = De code werkt tot { $time }.
code-send-to = We sturen een code van zes cijfers naar { $to }.
code-send = Code sturen
code-send-again = Nog een code sturen
code-again-mail = Nog niets? Kijk ook in de map met ongewenste mail.
code-again-in = { $seconds ->
    [one] Over één seconde kunt u nog een code laten sturen.
   *[other] Over { $seconds } seconden kunt u nog een code laten sturen.
}
code-again-never = In deze aanmelding kunnen geen codes meer worden gestuurd. Gebruik een andere manier of begin opnieuw.
code-no-sent = Komt er geen code aan?
code-use-email = Een code per mail laten sturen
code-use-sms = Een code per sms laten sturen
code-error-wrong-sent = Deze code klopt niet. Voer de code uit het nieuwste bericht in.
code-error-malformed-sent = Een code heeft zes cijfers. Voer de zes cijfers uit het bericht in.
code-error-lapsed = Deze code werkt niet meer. Laat een nieuwe sturen.
code-error-not-sent = De code kon nu niet worden gestuurd. Probeer het over een minuut opnieuw of gebruik een andere manier.
code-error-too-soon = { $seconds ->
    [one] Er is een code onderweg. Over één seconde kunt u er nog een laten sturen.
   *[other] Er is een code onderweg. Over { $seconds } seconden kunt u er nog een laten sturen.
}
code-error-no-more = In deze aanmelding kunnen geen codes meer worden gestuurd. Gebruik een andere manier of begin opnieuw.
code-error-paused = Er zijn te veel codes gestuurd. Vanaf { $time } kunt u er weer een laten sturen. Gebruik tot dan een andere manier.
code-error-address = Dit is geen e-mailadres. Controleer het op typefouten.
code-error-number = Dit is geen mobiel nummer met landcode, zoals +31 6 12345678.
contact-title = Waar kunnen wij u bereiken?
contact-lead = { $portal } vraagt als tweede stap om een code. Vertel ons waar wij die naartoe kunnen sturen; vanaf dan gaan uw codes daarheen.
contact-label-email = Mailadres
contact-label-sms = Mobiel nummer
contact-hint-sms = Met de landcode, zoals +31 6 12345678.
contact-again = Een ander adres of nummer gebruiken
approval-title = Keur goed op uw telefoon
approval-text = Open de codepagina op uw telefoon. Ze vraagt dan naar een getal dat deze pagina u toont.
approval-ask = Goedkeuring vragen
approval-ask-again = Opnieuw vragen
approval-type = Typ dit getal op de codepagina:
approval-until = Het geldt tot { $time }. Deze pagina kijkt vanzelf of u het deed.
approval-look = Nu kijken
approval-given = Goedgekeurd op uw codepagina.
approval-refused = Uw codepagina weigerde deze aanmelding, of er is daar een ander getal getypt.
approval-over = Er kwam niet op tijd een antwoord.
approval-none = Geen codepagina bij de hand?
approval-use = Goedkeuren op uw codepagina
approval-error-wrong = Deze aanmelding is op uw codepagina geweigerd, of er is daar een ander getal getypt.
approval-error-paused = Er is te vaak om goedkeuring gevraagd. U kunt het opnieuw vragen vanaf { $time }. Gebruik tot dan een andere manier.
