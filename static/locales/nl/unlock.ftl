# Een onthouden apparaat ontgrendelen, en de pincode daarvoor.
unlock-title = Welkom terug
unlock-welcome = Welkom terug, { $name }
unlock-lead = Dit apparaat is onthouden. Ontgrendel het om verder te gaan naar { $portal }.
unlock-pin = Pincode
unlock-pin-hint = De pincode die u voor dit apparaat koos. Het is niet uw wachtwoord.
unlock-submit = Ontgrendelen
unlock-passkey = Ontgrendelen met vingerafdruk, gezicht of schermvergrendeling
unlock-not-you = Niet { $name }?
unlock-other = Inloggen met een ander account
unlock-forgotten = Pincode vergeten? Kies ook dat en log zoals gewoonlijk in met uw eigen account.
unlock-left = { $left ->
    [one] Nog één poging; daarna wordt dit apparaat vergeten.
   *[other] Nog { $left } pogingen; daarna wordt dit apparaat vergeten.
}
unlock-error-wrong = Deze pincode klopt niet.
unlock-error-malformed = De pincode van dit apparaat heeft 6 tot 12 cijfers en niets anders.
unlock-error-passkey = Deze passkey telde niet. Probeer het opnieuw of log zoals gewoonlijk in.
login-error-forgotten-device = Dit apparaat kan niet meer worden ontgrendeld: na vijf foute pincodes wordt het vergeten. Log zoals gewoonlijk in en bevestig het met uw tweede stap.
pin-title = Een pincode voor dit apparaat
pin-lead = De volgende keer kunt u dit apparaat met een pincode ontgrendelen in plaats van opnieuw in te loggen.
pin-why = De pincode geldt alleen op dit apparaat, zolang het apparaat is onthouden.
pin-is-set = Dit apparaat heeft een pincode. Een nieuwe vervangt die meteen.
pin-new = Nieuwe pincode
pin-hint = 6 tot 12 cijfers. Niets wat anderen het eerst zouden proberen, zoals 123456, 111111 of 121212.
pin-again = Nieuwe pincode nog een keer
pin-save = Pincode opslaan
pin-later = Niet nu
pin-error-malformed = Een pincode heeft 6 tot 12 cijfers en niets anders.
pin-error-weak = Deze pincode is te makkelijk te raden. Kies cijfers zonder patroon.
pin-error-mismatch = De twee pincodes zijn niet gelijk. Typ ze allebei opnieuw.
pin-row-title = Pincode voor dit apparaat
pin-row-set = Ontgrendelt dit apparaat in plaats van opnieuw inloggen.
pin-row-unset = Geen. Met een pincode kunt u dit apparaat ontgrendelen in plaats van opnieuw in te loggen.
pin-row-choose = Een pincode kiezen
pin-row-change = De pincode wijzigen
pin-row-remove = De pincode verwijderen
notice-pin-set = De pincode is opgeslagen. Er wordt om gevraagd als u de volgende keer op dit apparaat inlogt.
notice-pin-removed = De pincode is verwijderd. De volgende keer logt u op dit apparaat zoals gewoonlijk in.
outcome-pin = Ontgrendeld met de pincode van het apparaat
outcome-wrong-pin = Foute pincode
