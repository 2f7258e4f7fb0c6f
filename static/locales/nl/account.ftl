# De eigen pagina van de bezoeker.
account-title = Uw account
account-error-last-method = Dit is uw laatste app of passkey en een tweede stap is hier verplicht. Voeg eerst iets anders toe en verwijder daarna deze.
account-error-last-contact = Codes bereiken u alleen daar en een tweede stap is hier verplicht. Voeg eerst een app toe en verwijder daarna dit.
account-error-required = Een code is hier verplicht en kan dus niet worden uitgezet.
account-error-gone = Dit was al verwijderd.
row-added = Toegevoegd
row-used = laatst gebruikt
row-seen = laatst gezien
row-since = Sinds
row-ends = Eindigt
row-ends-password = Eindigt als uw wachtwoord verandert
row-opened = begonnen
row-this-device = Dit apparaat
row-here-now = Hier bent u nu
row-this-session = Deze browser
list-more = { $more ->
    [one] … en nog één
   *[other] … en nog { $more }
}
methods-title = Tweede stap
methods-text = De apps en passkeys waarmee u bevestigt dat u het bent.
methods-none = U hebt nog geen app of passkey ingesteld.
methods-passkey = Passkey voor { $host }
methods-add-either = App of passkey toevoegen
methods-add = Authenticator-app toevoegen
contacts-email = Codes per mail
contacts-sms = Codes per sms
contacts-to = Gestuurd naar { $to }
codes-title = Herstelcodes
codes-left = { $codes ->
    [0] Geen codes meer. Maak nieuwe codes.
    [one] Nog één code. Maak binnenkort nieuwe codes.
   *[other] Nog { $codes } codes
}
codes-new = Nieuwe codes maken
codes-new-hint = Nieuwe codes vervangen de oude meteen.
switch-title = Om een code vragen als ik me aanmeld
switch-is-on = Ingeschakeld
switch-is-off = Uitgeschakeld: u wordt niet om een code gevraagd.
switch-turn-on = Inschakelen
switch-turn-off = Uitschakelen
devices-title = Onthouden apparaten
devices-text = Op deze apparaten meldt u zich zolang als getoond zonder code aan. Verwijder wat u niet herkent.
devices-none = Er is geen apparaat onthouden.
devices-remove-all = Alle apparaten verwijderen
addresses-title = Vertrouwde netwerken
addresses-text = Vanaf deze netwerken meldt u zich tot de getoonde datum zonder code aan.
addresses-none = Er is geen netwerk vertrouwd.
addresses-remove-all = Alle netwerken verwijderen
sessions-title = Waar u bent aangemeld
sessions-text = Afmelden beëindigt een sessie meteen.
sessions-end = Afmelden
sign-ins-title = Recente aanmeldingen
sign-ins-text = Staat hier iets dat u niet was? Meld u overal af en wijzig daarna uw wachtwoord.
sign-ins-none = Nog niets.
outcome-password = Aangemeld met wachtwoord
outcome-link = Aangemeld met een link per e-mail
outcome-code = Aangemeld met een code
outcome-passkey = Aangemeld met een passkey
outcome-approval = Aangemeld met goedkeuring op uw codepagina
outcome-provider = Aangemeld met een account elders
outcome-recovery-code = Aangemeld met een herstelcode
outcome-trusted-device = Aangemeld op een onthouden apparaat
outcome-trusted-address = Aangemeld vanaf een vertrouwd netwerk
outcome-wrong-password = Verkeerd wachtwoord
outcome-wrong-code = Verkeerde code
outcome-too-many-tries = Geweigerd: te veel pogingen
outcome-refused = Geweigerd
language-save = Opslaan
notice-method-added = De authenticator-app is toegevoegd.
notice-passkey-added = De passkey is toegevoegd.
notice-passkey-removed = De passkey is verwijderd.
notice-method-removed = De authenticator-app is verwijderd.
notice-contact-removed = Er worden daar geen codes meer naartoe gestuurd.
notice-device-removed = Het apparaat is verwijderd. De volgende keer wordt daar om een code gevraagd.
notice-devices-removed = Alle apparaten zijn verwijderd. De volgende keer wordt daar om een code gevraagd.
notice-address-removed = Het netwerk is verwijderd. De volgende keer wordt daar om een code gevraagd.
notice-addresses-removed = Alle netwerken zijn verwijderd. De volgende keer wordt daar om een code gevraagd.
notice-session-ended = De sessie is beëindigd.
notice-second-factor-on = Vanaf nu wordt bij het aanmelden om een code gevraagd.
notice-second-factor-off = Bij het aanmelden wordt niet meer om een code gevraagd.
notice-language-changed = De taal is gewijzigd.
