# E-mails en sms-berichten: codes, en berichten over wat er met een account gebeurde.
mail-code-subject = { $code } is uw code voor { $portal }
mail-code-sign-in = U meldt zich aan bij { $portal }. Uw code:
mail-code-add-factor = U stelt een manier van aanmelden in voor { $portal }. Uw code:
mail-code-confirm = U bevestigt dit adres of nummer voor uw account bij { $portal }. Uw code:
mail-code-works = { $minutes ->
    [one] De code werkt één keer, één minuut lang, en alleen in de browser die erom vroeg.
   *[other] De code werkt één keer, { $minutes } minuten lang, en alleen in de browser die erom vroeg.
}
mail-code-secret = Geef deze code aan niemand. Wij vragen er nooit om, niet per telefoon en niet per e-mail.
mail-code-not-you = Geef deze code dan niet door. Iemand kent misschien uw wachtwoord: wijzig het, en kies ‘Overal afmelden’ op uw accountpagina op { $host }.
mail-text-message = { $minutes ->
    [one] { $code } is uw code voor { $portal }. De code werkt één minuut. Geef hem aan niemand.
   *[other] { $code } is uw code voor { $portal }. De code werkt { $minutes } minuten. Geef hem aan niemand.
}
mail-asked = Deze code is aangevraagd
mail-happened = Dit is er gebeurd
mail-when = Tijd
mail-address = Netwerkadres
mail-agent = Webbrowser
mail-site = Website
mail-not-you = Was u dit niet?
mail-not-me = Dit was ik niet
mail-not-me-text = Met deze link beëindigt u na nog één druk op de knop elke sessie en elk vertrouwen van uw account:
mail-not-me-after = Wijzig daarna uw wachtwoord.
mail-not-you-notice = Kies dan ‘Overal afmelden’ op uw accountpagina op { $host }, en wijzig uw wachtwoord.
mail-was-you = Was u het wel, dan hoeft u niets te doen.
mail-help-contact = Hulp nodig?
mail-help-admin = Hulp nodig? Vraag uw beheerder.
mail-automatic = Deze e-mail is automatisch verzonden; antwoorden worden niet gelezen.
mail-new-device-subject = Nieuw apparaat bij { $portal }
mail-new-device = Iemand heeft zich met uw account aangemeld bij { $portal }, op een apparaat dat wij nog niet kenden.
mail-new-address-subject = Aanmelding vanaf een nieuwe plek bij { $portal }
mail-new-address = Iemand heeft zich met uw account aangemeld bij { $portal }, vanuit een netwerk dat wij nog niet kenden.
mail-other-network-subject = Uw aanmelding bij { $portal } gaat verder op een ander netwerk
mail-other-network = Een aanmelding met uw account bij { $portal } gaat verder vanuit een ander netwerk dan waar zij begon.
mail-factor-added-subject = Nieuwe manier van aanmelden bij { $portal }
mail-factor-added = Aan uw account bij { $portal } is een manier van aanmelden toegevoegd: { $factor }.
mail-factor-removed-subject = Een manier van aanmelden bij { $portal } is verwijderd
mail-factor-removed = Van uw account bij { $portal } is een manier van aanmelden verwijderd: { $factor }.
mail-recovery-used-subject = Er is een herstelcode gebruikt bij { $portal }
mail-recovery-used = Iemand heeft zich met uw account bij { $portal } aangemeld met een herstelcode.
mail-few-codes = Maak nieuwe herstelcodes op uw accountpagina op { $host }, voordat u ze nodig hebt.
mail-codes-left = { $left ->
    [0] Er is geen herstelcode meer over.
    [one] Er is nog één herstelcode over.
   *[other] Er zijn nog { $left } herstelcodes over.
}
mail-codes-made-subject = Nieuwe herstelcodes voor { $portal }
mail-codes-made = Voor uw account bij { $portal } zijn nieuwe herstelcodes gemaakt. Eerdere werken niet meer.
mail-second-on-subject = Tweede stap ingeschakeld bij { $portal }
mail-second-on = Bij het aanmelden met uw account bij { $portal } wordt vanaf nu om een tweede stap gevraagd.
mail-second-off-subject = Tweede stap uitgeschakeld bij { $portal }
mail-second-off = Bij het aanmelden met uw account bij { $portal } wordt niet meer om een tweede stap gevraagd.
mail-second-reset-subject = Tweede stap gewist voor { $portal }
mail-second-reset = Een beheerder heeft de apps, toegangssleutels en herstelcodes van uw account bij { $portal } verwijderd, met daar bevestigde adressen of nummers en koppelingen met accounts elders, en de sessies beëindigd. Bij de volgende aanmelding stelt u uw tweede stap opnieuw in.
mail-second-reset-unasked = Hebt u daar niet om gevraagd, meld dat dan meteen, en wijzig uw wachtwoord.
mail-renamed-subject = Nieuwe naam om mee aan te melden bij { $portal }
mail-renamed = Een beheerder heeft de naam gewijzigd waarmee u zich aanmeldt bij { $portal }. Die is nu: { $name }. Uw wachtwoord, apps en passkeys blijven zoals ze zijn. U bent afgemeld; onthouden apparaten en netwerken, pincodes en herstelcodes zijn vervallen: maak na het aanmelden nieuwe herstelcodes op uw accountpagina.
mail-glass-made-subject = Noodcode voor { $portal }
mail-glass-made = De beheerder van de server heeft een noodcode gemaakt voor het account { $name } bij { $portal }. Tien minuten lang vervangt die, na het wachtwoord, de tweede stap, die daarna opnieuw wordt ingesteld.
mail-glass-used-subject = Noodcode gebruikt bij { $portal }
mail-glass-used = De noodcode voor het account { $name } bij { $portal } is gebruikt in plaats van de tweede stap.
mail-glass-unasked = Weet u hier niets van, meld dat dan meteen aan de beheerder van de server.
mail-address-changed-subject = Ander e-mailadres bij { $portal }
mail-address-changed = Een beheerder heeft het e-mailadres van uw account bij { $portal } gewijzigd. E-mails over uw account gaan voortaan naar het nieuwe adres; deze gaat als laatste naar het oude.
mail-device-trusted-subject = Er is een apparaat onthouden bij { $portal }
mail-device-trusted = Voor uw account bij { $portal } is een apparaat onthouden: een tijdlang wordt daar niet om een tweede stap gevraagd.
mail-network-trusted-subject = Er is een netwerk onthouden bij { $portal }
mail-network-trusted = Voor uw account bij { $portal } is een netwerk onthouden: { $network }. Een tijdlang wordt daar niet om uw tweede stap gevraagd.
mail-device-copied-subject = Een onthouden apparaat bij { $portal } is misschien gekopieerd
mail-device-copied = Iemand toonde een verouderde kopie van wat een onthouden apparaat bewaart voor uw account bij { $portal }. Dat apparaat wordt niet meer onthouden.
mail-pin-set-subject = Er is een pincode ingesteld bij { $portal }
mail-pin-set = Er is een pincode ingesteld voor uw account bij { $portal }, op een apparaat dat is onthouden: die ontgrendelt dat apparaat in plaats van opnieuw inloggen.
mail-pins-wrong-subject = Foute pincodes bij { $portal }
mail-pins-wrong = Iemand heeft vijf foute pincodes getypt op een apparaat dat voor uw account bij { $portal } was onthouden. Dat apparaat is niet langer onthouden.
mail-factor-app = authenticator-app
mail-factor-passkey = toegangssleutel (passkey) op een apparaat
mail-factor-email = codes per e-mail
mail-factor-sms = codes per sms
mail-factor-recovery = herstelcodes
mail-factor-provider = account bij een andere aanbieder
mail-factor-named = { $factor } ‘{ $name }’
