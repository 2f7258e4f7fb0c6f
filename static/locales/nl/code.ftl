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
trust-device-help = Alleen op een apparaat dat van u is. Uw wachtwoord blijft nodig. Als u cookies wist of een privévenster gebruikt, wordt het vergeten.
trust-address = Kantoornetwerk { $address } { $span } vertrouwen
trust-address-warn-user = Niet doen thuis, onderweg of op openbare wifi: wie daar uw wachtwoord kent, kan zich dan zonder code als u aanmelden.
trust-address-warn-portal = Niet doen thuis, onderweg of op openbare wifi: iedereen op dit netwerk slaat dan de code voor { $portal } over.
trust-address-warn-everyone = Niet doen thuis, onderweg of op openbare wifi: iedereen op dit netwerk slaat dan de code over, bij elk portaal hier.
